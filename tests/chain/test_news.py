"""What follows an alarm: updates, all-clears and cancels, after the alarm's own receipt."""

import asyncio

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState, MessageKind, Note
from custom_components.kvarbo.alarm.answer import ResidentAnswer
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.chain import BadRequestError, What
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, time_passes
from tests.support.samples import SCENARIO

# -- A11: cancel -----------------------------------------------------------------------------------


def test_a11_a_cancel_follows_a_delivered_personal_alarm() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(10)
        alarm = await home.chain.cancel(raised.alarm.id, "admin")
        assert alarm.state is AlarmState.CANCELLED
        await time_passes(1)
        assert [h.kind for h in far.taken] == [MessageKind.ALARM, MessageKind.CANCEL]
        assert home.answers.now().answer is ResidentAnswer.IDLE
        assert home.whats(alarm.id)[-1] is What.CANCELLED
        (entry,) = home.memory.entries("alarm_cancelled")
        assert entry.actor == "admin"
        asked = len(far.asked)
        await time_passes(600)
        assert len(far.asked) <= asked + 1  # nobody asks what became of it
        await home.stop()

    live(day())


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        # Surely not heard: the alarm itself goes, saying that it was cancelled.
        (Mode.DOWN, [MessageKind.ALARM]),
        (Mode.BUSY, [MessageKind.ALARM]),
        # Perhaps heard: the alarm, and then the cancel.
        (Mode.SILENT, [MessageKind.ALARM, MessageKind.CANCEL]),
        (Mode.ANSWER_LOST, [MessageKind.ALARM, MessageKind.CANCEL]),
        (Mode.HOLD, [MessageKind.ALARM, MessageKind.CANCEL]),
    ],
)
def test_a11_nothing_unsends_an_undelivered_personal_alarm(
    mode: Mode, kinds: list[MessageKind]
) -> None:
    async def day() -> None:
        far, home = FarEnd(mode=mode), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(60)
        await home.chain.cancel(raised.alarm.id, "admin")
        assert raised.alarm.id in {a.id for a in home.ledger.undelivered()}
        await time_passes(60)
        far.mode = Mode.UP
        await time_passes(600)
        heard = far.taken_of(raised.alarm.id)
        assert [h.kind for h in heard] == kinds
        assert heard[-1].dispatch.alarm.state is AlarmState.CANCELLED
        assert heard[-1].dispatch.alarm.ended_at is not None
        assert home.ledger.undelivered() == []
        await home.stop()

    live(day())


def test_a11_a_cancelled_alarm_still_fails_over() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.SILENT, patience=60), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(5)
        await home.chain.cancel(raised.alarm.id, "admin")
        await time_passes(20)
        assert raised.alarm.id in second.alarms()
        await home.stop()

    live(day())


def test_a11_a_cancel_while_the_raise_is_being_written() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        home.memory.latency = 0.5
        pressing = asyncio.create_task(home.press())
        await time_passes(0.1)
        (alarm,) = home.ledger.open_alarms()
        cancelling = asyncio.create_task(home.chain.cancel(alarm.id, "admin"))
        pressed = await pressing
        await cancelling
        # What the press is told is what was on disk for it; the rest is news of its own (A1).
        assert pressed.alarm.state is AlarmState.RAISED
        assert home.ledger.alarms[alarm.id].state is AlarmState.CANCELLED
        await time_passes(5)
        assert far.taken[0].dispatch.alarm.state is AlarmState.CANCELLED
        await home.stop()

    live(day())


def test_what_cannot_be_cancelled_is_refused_by_name() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        with pytest.raises(BadRequestError) as caught:
            await home.chain.cancel("01UNKNOWN", "admin")
        assert (caught.value.field, caught.value.problem) == ("alarm", "unknown_alarm")
        raised = await home.press()
        outcomes = await asyncio.gather(
            *(home.chain.cancel(raised.alarm.id, "admin") for _ in range(3)),
            return_exceptions=True,
        )
        refused = [o for o in outcomes if isinstance(o, BadRequestError)]
        assert [r.problem for r in refused] == ["alarm_ended"] * 2
        await home.stop()

    live(day())


# -- all-clear -------------------------------------------------------------------------------------


def test_an_all_clear_ends_a_technical_alarm_and_not_a_personal_one() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        personal = await home.alarm(AlarmKind.DOOR_OPEN, "d1")
        technical = await home.alarm(AlarmKind.MAINS_LOST, "m1")
        await time_passes(10)
        cleared = await home.chain.clear("d1", "rule")
        assert cleared is not None
        assert cleared.is_open
        assert cleared.cleared_at is not None
        ended = await home.chain.clear("m1", "rule")
        assert ended is not None
        assert ended.state is AlarmState.CLOSED
        assert await home.chain.clear("d1", "rule") is None  # said once
        assert await home.chain.clear("never", "rule") is None
        await time_passes(5)
        for alarm_id in (personal.alarm.id, technical.alarm.id):
            assert [h.kind for h in far.taken_of(alarm_id)] == [
                MessageKind.ALARM,
                MessageKind.ALL_CLEAR,
            ]
            assert What.CLEARED in home.whats(alarm_id)
        far.close_alarm(personal.alarm.id)
        await time_passes(5)
        assert home.ledger.alarms[personal.alarm.id].state is AlarmState.CLOSED
        await home.stop()

    live(day())


def test_a5_after_a_restart_nobody_knows_what_was_heard_so_news_goes_by_itself() -> None:
    """Else the all-clear would ride on a message that the receiver takes for a repeat."""

    async def day() -> None:
        far, home = FarEnd(mode=Mode.ANSWER_LOST), PureHome()
        await home.start(far)
        raised = await home.alarm(AlarmKind.DOOR_OPEN, "d1")
        await time_passes(0.05)
        recovered = home.memory.recover()  # the power goes before the answer could come
        await home.stop()
        assert far.alarms() == [raised.alarm.id]
        far.mode = Mode.DOWN
        again = PureHome()
        await again.start(far, recovered=recovered)
        await time_passes(10)
        await again.chain.clear("d1", "rule")
        far.mode = Mode.UP
        await time_passes(30)
        assert [h.kind for h in far.taken_of(raised.alarm.id)] == [
            MessageKind.ALARM,
            MessageKind.ALL_CLEAR,
        ]
        await again.stop()

    live(day())


# -- order -----------------------------------------------------------------------------------------


@SCENARIO
@given(
    news=st.lists(st.sampled_from(["press", "clear", "cancel"]), min_size=1, max_size=6).filter(
        lambda news: news.count("cancel") <= 1
    ),
    modes=st.lists(
        st.sampled_from([Mode.UP, Mode.DOWN, Mode.SILENT, Mode.ANSWER_LOST, Mode.HOLD, Mode.BUSY]),
        min_size=1,
        max_size=6,
    ),
)
def test_news_never_arrives_before_the_alarm_and_is_never_lost(
    news: list[str], modes: list[Mode]
) -> None:
    async def day() -> None:
        far, home = FarEnd(mode=modes[0], signs_mode=Mode.UP), PureHome()
        await home.start(far)
        raised = await home.press()
        for step, word in enumerate(news):
            await time_passes(5.5)
            far.mode = modes[step % len(modes)]
            if word == "press":
                await home.press()
            elif word == "clear":
                await home.chain.clear(raised.alarm.episode, "rule")
            elif home.ledger.alarms[raised.alarm.id].is_open:
                await home.chain.cancel(raised.alarm.id, "admin")
        far.mode = Mode.UP
        home.transmitter.release_all()
        await time_passes(700)
        for alarm_id in {h.alarm_id for h in far.taken}:
            heard = far.taken_of(alarm_id)
            assert heard[0].kind is MessageKind.ALARM
            assert [h.kind for h in heard].count(MessageKind.ALARM) == 1
            # The operator knows in the end what the home knows.
            known = home.ledger.alarms[alarm_id]
            told = max(heard, key=lambda h: h.dispatch.sent_at).dispatch.alarm
            assert (told.state is AlarmState.CANCELLED) == (known.state is AlarmState.CANCELLED)
            assert (told.cleared_at is None) == (known.cleared_at is None)
            assert max(h.dispatch.alarm.presses for h in heard) == known.presses
        assert all(not d.is_waiting for d in home.ledger.deliveries.values())
        await home.stop()

    live(day())


def test_news_waits_while_the_alarm_itself_is_held() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.HOLD), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(6)
        await home.press()
        await time_passes(60)
        assert {h.kind for h in far.heard} == {MessageKind.ALARM}
        far.mode = Mode.UP
        await time_passes(11)
        assert [(h.kind, h.note) for h in far.taken_of(raised.alarm.id)] == [
            (MessageKind.ALARM, None),
            (MessageKind.UPDATE, Note.PRESSED_AGAIN),
        ]
        await home.stop()

    live(day())


def test_news_goes_to_every_receiver_that_has_the_alarm() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", work=25), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(30)
        assert raised.alarm.id in first.alarms()
        assert raised.alarm.id in second.alarms()
        await home.chain.cancel(raised.alarm.id, "admin")
        await time_passes(60)
        for far in (first, second):
            assert far.taken_of(raised.alarm.id)[-1].kind is MessageKind.CANCEL
        await home.stop()

    live(day())


def test_an_update_that_is_held_or_refused_for_now_is_tried_again() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(6)
        far.mode = Mode.HOLD
        await home.press()
        await time_passes(30)
        far.mode = Mode.BUSY
        await time_passes(30)
        far.mode = Mode.UP
        await time_passes(60)
        assert [h.note for h in far.taken_of(raised.alarm.id)] == [None, Note.PRESSED_AGAIN]
        assert What.NOT_GETTING_THROUGH not in home.whats(raised.alarm.id)
        states = {d.state for d in home.ledger.deliveries.values()}
        assert states == {DeliveryState.RECEIVED}
        await home.stop()

    live(day())


# -- what the alarm's own message cannot carry -----------------------------------------------------


@pytest.mark.parametrize("when", ["before the refusal", "after the refusal"])
def test_a6_a_minimal_alarm_is_followed_by_what_it_has_no_room_for(when: str) -> None:
    """A full form that says "and was cancelled" is refused: the minimal one says nothing of it."""

    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        raised = await home.alarm(AlarmKind.NIGHT_ABSENCE, "e1")
        if when == "before the refusal":
            await time_passes(1)
            await home.chain.clear("e1", "rule")
            await home.chain.cancel(raised.alarm.id, "admin")
            far.mode = Mode.FULL_REFUSED
        else:
            # The full form is refused, and the minimal one finds nobody there.
            far.script = lambda d: Mode.DOWN if d.delivery.minimal else Mode.FULL_REFUSED
            await time_passes(60)
            await home.chain.clear("e1", "rule")
            await home.chain.cancel(raised.alarm.id, "admin")
            far.script = lambda _: None
            far.mode = Mode.UP
        await time_passes(120)
        kinds = [h.kind for h in far.taken_of(raised.alarm.id)]
        assert kinds == [MessageKind.ALARM, MessageKind.ALL_CLEAR, MessageKind.CANCEL]
        await home.stop()

    live(day())


def test_a5_what_ends_while_the_home_stops_is_told_by_the_next_start() -> None:
    """The receivers are let go before the journal; what comes in between has its deliveries."""
    far = FarEnd()

    async def last_moments() -> PureHome:
        home = PureHome()
        await home.start(far)
        known = await home.alarm(AlarmKind.NIGHT_ABSENCE, "known")
        await time_passes(10)
        await home.stop()
        late = await home.alarm(AlarmKind.NIGHT_ABSENCE, "late")
        await home.chain.cancel(late.alarm.id, "admin")
        await home.chain.cancel(known.alarm.id, "admin")
        return home

    async def next_start(before: PureHome) -> None:
        home = PureHome()
        await home.start(far, recovered=before.memory.recover())
        await time_passes(60)
        told = {h.dispatch.alarm.episode: h.dispatch.alarm.state for h in far.taken}
        assert told == {"known": AlarmState.CANCELLED, "late": AlarmState.CANCELLED}
        await home.stop()

    live(next_start(live(last_moments())))
