"""R60: the same cause again is one alarm with a count; and a rule's own faults end by themselves."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, MessageKind, Note, Source
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Owner, ReasonCode, Role
from custom_components.kvarbo.chain import BadRequestError
from custom_components.kvarbo.transmission.outlet import Takes
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import RULE, PureHome, alarm_kinds, live, outlet, time_passes
from tests.support.samples import NOON

SAID: Final[dict[str, Any]] = {
    "reason": ReasonCode.WATCHED,
    "sensed_at": NOON,
    "owner": Owner.NIGHT_PATROL,
    "seen_at": NOON + timedelta(minutes=4),
    "seen_in": Location.HALLWAY,
}


def test_s5_what_a_rule_says_reaches_the_receiver_and_a_restart() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        raised = await home.alarm(episode="n1", **SAID)
        assert {name: getattr(raised.alarm, name) for name in SAID} == SAID
        await home.stop()
        far.mode = Mode.UP
        again = PureHome()
        await again.start(far, recovered=home.memory.recover())
        await time_passes(30)
        (heard,) = far.taken
        assert {name: getattr(heard.dispatch.alarm, name) for name in SAID} == SAID
        await again.stop()

    live(day())


def test_r60_a_repeat_is_an_update_of_the_same_alarm() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="n1", **SAID)
        await time_passes(600)
        again = await home.chain.repeat(first.alarm.id, RULE)
        assert (again.alarm.id, again.alarm.repeats) == (first.alarm.id, 2)
        assert (again.durable, again.merged) == (True, True)
        await time_passes(5)
        assert far.alarms() == [first.alarm.id]
        heard = far.taken[-1]
        assert (heard.kind, heard.note) == (MessageKind.UPDATE, Note.REPEATED)
        assert heard.dispatch.alarm.repeats == 2
        assert heard.dispatch.alarm.sensed_at == NOON
        assert heard.dispatch.alarm.seen_at == SAID["seen_at"]
        (entry,) = home.memory.entries("alarm_repeated")
        assert (entry.actor, entry.alarm_id, entry.detail) == (RULE, first.alarm.id, {"repeats": 2})
        await home.stop()

    live(day())


def test_r60_the_newest_sign_of_life_goes_with_a_repeat() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="n1", **SAID)
        later = NOON + timedelta(hours=2)
        await home.chain.repeat(first.alarm.id, RULE, seen_at=later, seen_in=Location.KITCHEN)
        await time_passes(5)
        told = far.taken[-1].dispatch.alarm
        assert (told.seen_at, told.seen_in) == (later, Location.KITCHEN)
        await home.stop()

    live(day())


def test_r60_repeats_at_the_same_time_are_all_counted() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.memory.latency = 0.3
        await home.start(far)
        first = await home.alarm(episode="n1")
        again = await asyncio.gather(*(home.chain.repeat(first.alarm.id, RULE) for _ in range(4)))
        assert [r.alarm.repeats for r in again] == [2, 3, 4, 5]
        await time_passes(30)
        assert max(h.dispatch.alarm.repeats for h in far.taken) == 5
        assert far.alarms() == [first.alarm.id]
        await home.stop()

    live(day())


def test_r60_a_repeat_that_nobody_had_heard_the_first_of_goes_with_the_alarm() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        first = await home.alarm(episode="n1")
        await time_passes(60)
        await home.chain.repeat(first.alarm.id, RULE)
        await home.stop()
        far.mode = Mode.UP
        again = PureHome()
        await again.start(far, recovered=home.memory.recover())
        await time_passes(60)
        assert far.alarms().count(first.alarm.id) == 1
        assert far.taken_of(first.alarm.id)[0].dispatch.alarm.repeats == 2
        await again.stop()

    live(day())


def test_r60_a_repeat_after_the_all_clear_says_that_the_cause_is_back() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="n1")
        await time_passes(5)
        assert await home.chain.clear("n1", RULE) is not None
        await time_passes(5)
        (_, clear) = far.taken
        assert clear.dispatch.alarm.cleared_at is not None
        await home.chain.repeat(first.alarm.id, RULE)
        await time_passes(5)
        (*_, again) = far.taken
        assert again.note is Note.REPEATED
        assert again.dispatch.alarm.cleared_at is None
        assert await home.chain.clear("n1", RULE) is not None
        kinds = [
            MessageKind.ALARM,
            MessageKind.ALL_CLEAR,
            MessageKind.UPDATE,
            MessageKind.ALL_CLEAR,
        ]
        assert alarm_kinds(home.messages(first.alarm.id)) == kinds
        await home.stop()

    live(day())


def test_a1_a_repeat_goes_without_the_disk_too() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="n1")
        home.memory.refuses = True
        again = await home.chain.repeat(first.alarm.id, RULE)
        assert not again.durable
        await time_passes(5)
        assert far.taken[-1].dispatch.alarm.repeats == 2
        await home.stop()

    live(day())


@pytest.mark.parametrize("ended", [AlarmState.CLOSED, AlarmState.CANCELLED, AlarmState.LAPSED])
def test_an_alarm_that_has_ended_is_not_repeated(ended: AlarmState) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="n1")
        await time_passes(5)
        match ended:
            case AlarmState.CLOSED:
                far.close_alarm(first.alarm.id)
            case AlarmState.CANCELLED:
                await home.chain.cancel(first.alarm.id, "admin")
            case _:
                home.chain.lapsed(first.alarm.id)
        await time_passes(5)
        assert home.ledger.alarms[first.alarm.id].state is ended
        with pytest.raises(BadRequestError, match="alarm_ended"):
            await home.chain.repeat(first.alarm.id, RULE)
        assert home.ledger.alarms[first.alarm.id].repeats == 1
        await home.stop()

    live(day())


def test_a_repeat_of_nothing_and_a_time_without_a_zone_are_refused() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd())
        with pytest.raises(BadRequestError, match="unknown_alarm"):
            await home.chain.repeat("01NONE", RULE)
        first = await home.alarm(episode="n1")
        naive = datetime(2027, 3, 1, 12)  # noqa: DTZ001
        with pytest.raises(BadRequestError, match="seen_at: no_time_zone"):
            await home.chain.repeat(first.alarm.id, RULE, seen_at=naive)
        assert home.ledger.alarms[first.alarm.id].repeats == 1
        await home.stop()

    live(day())


def test_s9_a_fault_of_a_rule_is_raised_and_ends_by_its_episode() -> None:
    """A desk for rules needs nothing of its own: raise and clear do it."""

    async def day() -> None:
        alarms, operations, home = FarEnd(), FarEnd("ops"), PureHome()
        await home.start(outlet(alarms), outlet(operations, Takes.OPERATIONS))
        contact = Source(5, Role.EXIT_DOOR)
        raised = await home.alarm(
            AlarmKind.DEVICE_FAULT,
            "fmisfit5@1",
            reason=ReasonCode.MISFIT,
            source=contact,
            location=Location.FRONT_DOOR,
            owner=Owner.OPERATIONS,
            until=NOON,
            **{name: SAID[name] for name in ("seen_at", "seen_in")},
        )
        await time_passes(5)
        (heard,) = operations.taken
        told = heard.dispatch.alarm
        assert (told.source, told.reason, told.until) == (contact, ReasonCode.MISFIT, NOON)
        assert (told.seen_at, told.seen_in) == (None, None)
        cleared = await home.chain.clear("fmisfit5@1", RULE)
        assert cleared is not None
        assert cleared.state is AlarmState.CLOSED
        await time_passes(5)
        assert operations.taken[-1].kind is MessageKind.ALL_CLEAR
        assert alarms.taken == []
        # What comes back is a fault of its own, under an episode of its own.
        assert (await home.alarm(AlarmKind.DEVICE_FAULT, "fmisfit5@1")).alarm.id == raised.alarm.id
        other = await home.alarm(AlarmKind.DEVICE_FAULT, "fmisfit5@2")
        assert other.alarm.id != raised.alarm.id
        await home.stop()

    live(day())
