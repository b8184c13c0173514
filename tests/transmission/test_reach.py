"""A8: the loss of a receiver is noticed, told by any open path, and its return too."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, MessageKind
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.transmission.outlet import Outlet, Takes
from custom_components.kvarbo.transmission.receiver import Answer
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import (
    BUTTON,
    PureHome,
    live,
    now,
    outlet,
    time_passes,
    until_moment,
)
from tests.support.samples import SCENARIO


def test_a8_the_loss_of_a_receiver_is_told_by_the_other_path_and_its_return_too() -> None:
    async def day() -> None:
        first, second = FarEnd("r1"), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        await time_passes(100)
        first.mode = Mode.DOWN
        await time_passes(70)
        (lost,) = home.of_kind(AlarmKind.RECEIVER_LOST)
        assert [h.kind for h in second.taken_of(lost.id)] == [MessageKind.ALARM]
        assert home.transmitter.reach("r1").reached is False
        assert home.transmitter.reach("r1").words == "connection refused"
        assert (AlarmKind.RECEIVER_LOST, "r1") in home.chain.faults.open
        first.mode = Mode.UP
        await time_passes(10)
        assert [h.kind for h in second.taken_of(lost.id)] == [
            MessageKind.ALARM,
            MessageKind.ALL_CLEAR,
        ]
        assert home.ledger.alarms[lost.id].state is AlarmState.CLOSED
        assert home.chain.faults.open == {}
        assert home.transmitter.reach("r1").reached is True
        assert [e.what for e in home.memory.entries() if "receiver_" in e.what] == [
            "receiver_reached",
            "receiver_reached",
            "receiver_lost",
            "receiver_reached",
        ]
        await home.stop()

    live(day())


def test_a8_with_one_receiver_loss_and_return_go_as_one_message_with_both_times() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        await time_passes(100)
        far.mode = Mode.DOWN
        await time_passes(600)
        (lost,) = home.of_kind(AlarmKind.RECEIVER_LOST)
        far.mode = Mode.UP
        await time_passes(10)
        (heard,) = far.taken_of(lost.id)
        assert heard.kind is MessageKind.ALARM
        assert heard.dispatch.alarm.raised_at == lost.raised_at
        assert heard.dispatch.alarm.cleared_at is not None
        assert home.ledger.alarms[lost.id].state is AlarmState.CLOSED
        await home.stop()

    live(day())


def test_a8_where_the_loss_may_have_been_heard_its_end_goes_as_an_all_clear() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.ANSWER_LOST, signs_mode=Mode.SILENT), PureHome()
        await home.start(far)
        await time_passes(600)
        (lost,) = home.of_kind(AlarmKind.RECEIVER_LOST)
        far.mode, far.signs_mode = Mode.UP, Mode.UP
        await time_passes(30)
        assert [h.kind for h in far.taken_of(lost.id)] == [
            MessageKind.ALARM,
            MessageKind.ALL_CLEAR,
        ]
        assert len({h.reference for h in far.heard if h.kind is MessageKind.ALARM}) == 1
        await home.stop()

    live(day())


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.SILENT, Mode.BROKEN, Mode.STUCK])
def test_a8_a_receiver_is_lost_within_two_minutes_whatever_way_it_is_gone(mode: Mode) -> None:
    async def day() -> None:
        far, home = FarEnd(patience=15), PureHome()
        await home.start(far)
        await time_passes(10)
        far.mode = mode
        await time_passes(45 + 2 * 90 + 5 if mode is Mode.STUCK else 120)
        assert home.transmitter.reach("r1").reached is False
        assert len(home.of_kind(AlarmKind.RECEIVER_LOST)) == 1
        far.mode = Mode.UP
        await time_passes(100)
        assert home.transmitter.reach("r1").reached is True
        await home.stop()

    live(day())


@pytest.mark.parametrize("takes", Takes)
@pytest.mark.parametrize("patience", [1.0, 14.0])
def test_a8_every_receiver_standby_too_is_probed_at_least_each_minute(
    takes: Takes, patience: float
) -> None:
    async def day() -> None:
        first, standby = FarEnd("r1"), FarEnd("r2", work=patience)
        home = PureHome()
        await home.start(outlet(first), outlet(standby, takes, heartbeat=86400))
        await time_passes(1800)
        probes = [sign.at for sign in standby.signs if sign.is_probe]
        assert len(probes) >= 30
        assert all(after - before <= 60 for before, after in pairwise([0.0, *probes, now()]))
        await home.stop()

    live(day())


def test_a8_while_lost_it_is_asked_every_few_seconds_and_no_more() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        for _ in range(5):
            await home.alarm()
        await time_passes(600)
        probes = [sign.at for sign in far.signs if sign.is_probe]
        assert 100 <= len(probes) <= 122
        await home.stop()

    live(day())


def test_heartbeats_go_at_their_own_pace_and_tell_nothing_of_the_resident() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.transmitter.signs.audit_head = "head"
        await home.start(outlet(far, heartbeat=300))
        await home.press()
        await time_passes(3650)
        beats = [sign.beat for sign in far.signs if not sign.is_probe]
        assert len(beats) == 13
        assert {beat.interval for beat in beats} == {300}
        assert {beat.hub for beat in beats} == {"incarnation"}
        assert [beat.audit_head for beat in beats] == ["head"] + [None] * 12
        await until_moment(86400 + 300)
        heads = [s.beat.audit_head for s in far.signs if not s.is_probe and s.beat.audit_head]
        assert len(heads) == 2  # once a day (A10)
        await home.stop()

    live(day())


def test_a10_the_head_of_the_audit_chain_goes_again_until_it_was_taken() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        home.transmitter.signs.audit_head = "head"
        await home.start(far)
        await time_passes(650)
        far.mode = Mode.UP
        await time_passes(700)
        heads = [s.beat.audit_head for s in far.signs if not s.is_probe]
        assert heads == ["head"] * 4 + [None]
        await home.stop()

    live(day())


def test_a_heartbeat_says_how_many_alarms_wait() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.BUSY, signs_mode=Mode.UP), PureHome()
        await home.start(far)
        await home.press()
        await home.press(4)
        verdict = await home.transmitter.beat("r1")
        assert verdict.answer is Answer.ACCEPTED
        assert far.signs[-1].beat.undelivered == 2
        await home.stop()

    live(day())


def test_a_silence_that_began_before_the_last_answer_tells_nothing() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.SILENT, signs_mode=Mode.UP, patience=40), PureHome()
        await home.start(far)
        for _ in range(3):
            await home.alarm()
        await time_passes(20)
        far.mode = Mode.UP
        await time_passes(60)
        assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
        await home.stop()

    live(day())


def test_a8_a_receiver_that_answers_when_asked_and_chokes_on_messages_is_not_lost_and_found() -> (
    None
):
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN, signs_mode=Mode.UP), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(3600)
        assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
        assert home.transmitter.reach("r1").reached is True
        assert raised.alarm in home.ledger.undelivered()
        await home.stop()

    live(day())


def test_a8_a_receiver_that_was_lost_before_a_restart_is_found_again() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.DOWN), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        await time_passes(60)
        await home.stop()
        again = PureHome()
        await again.start(first, second, recovered=home.memory.recover())
        await time_passes(60)
        assert len(again.of_kind(AlarmKind.RECEIVER_LOST)) == 1  # and not a second one
        first.mode = Mode.UP
        await time_passes(10)
        (lost,) = again.of_kind(AlarmKind.RECEIVER_LOST)
        assert lost.state is AlarmState.CLOSED
        assert [h.kind for h in second.taken_of(lost.id)][-1] is MessageKind.ALL_CLEAR
        await again.stop()

    live(day())


def test_a_loss_that_lasts_no_longer_than_a_blink_is_not_told() -> None:
    """Opened and closed before the alarm could even be made: neither it nor its end is sent."""

    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        faults = home.chain.faults
        faults.set(AlarmKind.RECEIVER_LOST, "r9", is_open=True)
        faults.set(AlarmKind.RECEIVER_LOST, "r9", is_open=False)
        await time_passes(10)
        assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
        assert faults.open == {}
        await home.stop()

    live(day())


@SCENARIO
@given(st.lists(st.floats(0, 3), min_size=1, max_size=12))
def test_a8_whatever_comes_and_goes_the_alarm_says_in_the_end_what_is(
    moments: list[float],
) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.memory.latency = 0.7
        await home.start(far)
        lost = False
        for moment in moments:
            await time_passes(moment)
            lost = not lost
            home.chain.faults.set(AlarmKind.RECEIVER_LOST, "r9", is_open=lost)
        await time_passes(30)
        still_open = [a for a in home.of_kind(AlarmKind.RECEIVER_LOST) if a.is_open]
        assert len(still_open) == lost
        assert ((AlarmKind.RECEIVER_LOST, "r9") in home.chain.faults.open) == lost
        await home.stop()

    live(day())


# -- credentials and two hubs ----------------------------------------------------------------------


def test_refused_credentials_are_a_fault_until_they_are_taken() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.CREDENTIALS_REFUSED), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(1000)
        (fault,) = home.of_kind(AlarmKind.CREDENTIALS_REFUSED)
        assert home.transmitter.reach("r1").reached is True
        assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
        far.mode = Mode.UP
        await time_passes(50)
        assert raised.alarm.id in far.alarms()  # at once, not by the schedule
        assert home.ledger.alarms[fault.id].state is AlarmState.CLOSED
        assert home.chain.faults.open == {}
        await home.stop()

    live(day())


@pytest.mark.parametrize("way", ["restart", "settings"])
def test_renewed_credentials_clear_the_fault_that_was_there_before(way: str) -> None:
    """The usual way to mend them: the receiver gets new settings, or the home is started anew."""

    async def day() -> None:
        far, home = FarEnd(mode=Mode.CREDENTIALS_REFUSED), PureHome()
        await home.start(far)
        await time_passes(100)
        (fault,) = home.of_kind(AlarmKind.CREDENTIALS_REFUSED)
        renewed = FarEnd()
        if way == "restart":
            await home.stop()
            recovered = home.memory.recover()
            home = PureHome()
            await home.start(renewed, recovered=recovered)
        else:
            await home.set_outlets(renewed)
        await time_passes(10)
        assert home.ledger.alarms[fault.id].state is AlarmState.CLOSED
        assert home.chain.faults.open == {}
        await home.stop()

    live(day())


def test_a_receiver_that_is_busy_has_not_looked_at_the_credentials() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.CREDENTIALS_REFUSED), PureHome()
        await home.start(far)
        await time_passes(100)
        far.mode = far.signs_mode = Mode.BUSY
        await time_passes(1000)
        (fault,) = home.of_kind(AlarmKind.CREDENTIALS_REFUSED)
        assert fault.state is AlarmState.RAISED
        await home.stop()

    live(day())


@pytest.mark.parametrize("restarted", [False, True])
def test_a12_two_hubs_under_one_number_are_a_fault_until_there_is_one(restarted: bool) -> None:
    async def day() -> None:
        far, home = FarEnd(conflict=True), PureHome()
        await home.start(far)
        await time_passes(100)
        (fault,) = home.of_kind(AlarmKind.TWO_HUBS)
        if restarted:
            await home.stop()
            recovered = home.memory.recover()
            home = PureHome()
            await home.start(far, recovered=recovered)
        await time_passes(1000)
        assert len(home.of_kind(AlarmKind.TWO_HUBS)) == 1
        far.conflict = False
        await time_passes(100)
        assert home.ledger.alarms[fault.id].state is AlarmState.CLOSED
        await home.stop()

    live(day())


def test_what_is_wrong_with_a_receiver_is_over_when_it_is_removed() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.DOWN), FarEnd("r2", Mode.CREDENTIALS_REFUSED)
        third = FarEnd("r3")
        home = PureHome()
        await home.start(first, second, third)
        await time_passes(100)
        assert {key for _, key in home.chain.faults.open} == {"r1", "r2"}
        await home.set_outlets(outlet(third))
        await time_passes(10)
        assert home.chain.faults.open == {}
        technical = [a for a in home.ledger.alarms.values() if a.source != BUTTON]
        assert {a.state for a in technical} == {AlarmState.CLOSED}
        await home.stop()

    live(day())


def test_an_outlet_has_the_limits_of_the_rules() -> None:
    made = Outlet(key="r1", receiver=FarEnd())
    assert (made.answer_limit, made.hold_limit, made.heartbeat) == (20, 1800, 300)
