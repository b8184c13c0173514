"""A2: one cause is one alarm, and a press is a call, a repeat of one, or news about one."""

import asyncio

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind, Note
from custom_components.kvarbo.alarm.answer import ResidentAnswer
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.chain import BadRequestError, What
from custom_components.kvarbo.journal.changes import PutAlarm, PutMarker
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, time_passes
from tests.support.samples import SCENARIO


def test_a2_an_episode_raised_twice_is_one_alarm() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="night1")
        again = await home.alarm(episode="night1")
        assert again.alarm.id == first.alarm.id
        assert (first.merged, again.merged) == (False, True)
        assert first.durable
        assert again.durable
        other = await home.alarm(episode="night2")
        assert other.alarm.id != first.alarm.id
        await time_passes(1)
        assert far.alarms() == [first.alarm.id, other.alarm.id]
        assert len(home.memory.entries("alarm_raised_again")) == 1
        await home.stop()

    live(day())


def test_a2_also_when_both_come_at_the_same_time() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.memory.latency = 0.3
        await home.start(far)
        raised = await asyncio.gather(*(home.alarm(episode="night1") for _ in range(5)))
        assert len({r.alarm.id for r in raised}) == 1
        assert [r.merged for r in raised] == [False, True, True, True, True]
        assert all(r.durable for r in raised)
        await time_passes(5)
        assert len(far.alarms()) == 1
        await home.stop()

    live(day())


@pytest.mark.parametrize("forgotten", [False, True])
def test_a2_also_when_the_alarm_has_ended(forgotten: bool) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="night1")
        await time_passes(5)
        far.close_alarm(first.alarm.id)
        await time_passes(5)
        if forgotten:
            home.ledger.forget_settled()
            assert first.alarm.id not in home.ledger.alarms
        again = await home.alarm(episode="night1")
        assert again.merged
        assert again.alarm.id == first.alarm.id
        assert not again.alarm.is_open
        assert await home.chain.clear("night1", "rule") is None
        await home.stop()

    live(day())


def test_a2_also_over_a_restart() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        first = await home.alarm(episode="night1")
        await home.stop()
        again = PureHome()
        await again.start(far, recovered=home.memory.recover())
        assert (await again.alarm(episode="night1")).alarm.id == first.alarm.id
        await again.stop()

    live(day())


def test_a2_also_over_a_restart_when_the_alarm_has_ended() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.alarm(episode="night1")
        await time_passes(5)
        far.close_alarm(first.alarm.id)
        await time_passes(5)
        await home.stop()
        again = PureHome()
        await again.start(far, recovered=home.memory.recover())
        assert (await again.alarm(episode="night1")).alarm.id == first.alarm.id

    live(day())


def test_a2_a_merged_raise_is_as_durable_as_the_first() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd())
        home.memory.refuses = True
        await home.alarm(episode="night1")
        assert not (await home.alarm(episode="night1")).durable
        home.memory.mend()
        assert (await home.alarm(episode="night1")).durable
        await home.stop()

    live(day())


def test_without_an_episode_each_raise_is_its_own() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        await home.alarm()
        await home.alarm()
        await time_passes(1)
        assert len(set(far.alarms())) == 2
        await home.stop()

    live(day())


def test_a_request_that_cannot_be_leaves_no_trace() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd())
        rows = len(home.memory.rows)
        with pytest.raises(BadRequestError, match="priority"):
            await home.alarm(priority=17)
        assert (home.ledger.alarms, len(home.memory.rows)) == ({}, rows)
        await home.stop()

    live(day())


# -- presses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "presses", "alarms", "updates"),
    [
        (0.0, 2, 1, 0),
        (4.9, 2, 1, 0),  # a shaking hand
        (5.1, 2, 1, 1),  # news: pressed 2 times
        (59.0, 2, 1, 1),
        (60.0, 2, 1, 1),  # the receipt came 0.03 s after the press
        (61.0, 1, 2, 0),  # whoever presses now calls anew
        (3600.0, 1, 2, 0),
    ],
)
def test_a2_a_second_press(after: float, presses: int, alarms: int, updates: int) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.press()
        await time_passes(after - 0.002)
        second = await home.press()
        assert second.merged == (alarms == 1)
        await time_passes(5)
        assert len(far.alarms()) == alarms
        notes = [h for h in far.taken if h.note is Note.PRESSED_AGAIN]
        assert len(notes) == updates
        assert home.ledger.alarms[first.alarm.id].presses == presses
        if updates:
            assert notes[0].dispatch.alarm.presses == 2
        await home.stop()

    live(day())


def test_a1_a_repeat_is_no_safer_than_the_call_that_it_repeats() -> None:
    """The second press may come while the first still waits for the disk."""

    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd())
        home.memory.latency = 0.9
        first = asyncio.create_task(home.press())
        await time_passes(0.5)
        second = await home.press()
        assert first.done()
        assert second.durable
        assert sum(isinstance(row, PutAlarm) for row in home.memory.rows) == 2
        home.memory.refuses = True
        assert not (await home.press(4)).durable
        assert not (await home.press(4)).durable
        await home.stop()

    live(day())


def test_a2_presses_at_the_same_time_are_one_call() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.memory.latency = 0.4
        await home.start(far)
        pressed = await asyncio.gather(*(home.press() for _ in range(4)))
        assert len({p.alarm.id for p in pressed}) == 1
        assert [p.merged for p in pressed] == [False, True, True, True]
        await time_passes(5)
        (heard,) = far.taken
        assert heard.dispatch.alarm.presses == 4
        await home.stop()

    live(day())


def test_a2_before_the_receipt_every_press_is_news_however_late() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        first = await home.press()
        for _ in range(3):
            await time_passes(600)
            assert (await home.press()).merged
        far.mode = Mode.UP
        await time_passes(10)
        # Nobody had heard of it: the alarm itself brings all four.
        (heard,) = far.taken_of(first.alarm.id)
        assert heard.dispatch.alarm.presses == 4
        assert home.whats(first.alarm.id).count(What.PRESSED_AGAIN) == 3
        await home.stop()

    live(day())


def test_a2_a_press_after_the_operator_closed_is_a_new_call() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        first = await home.press()
        await time_passes(10)
        far.close_alarm(first.alarm.id)
        await time_passes(3)
        second = await home.press()
        assert second.alarm.id != first.alarm.id
        assert not second.merged
        await home.stop()

    live(day())


def test_a2_whoever_goes_on_pressing_is_heard_again() -> None:
    """Every four seconds for five minutes: not one of those calls may be swallowed for ever."""

    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        for _ in range(75):
            await home.press()
            await time_passes(4)
        assert 4 <= len(far.alarms()) <= 6
        assert sum(h.note is Note.PRESSED_AGAIN for h in far.taken) > 20
        total = sum(home.ledger.alarms[i].presses for i in far.alarms())
        assert total == 75
        await home.stop()

    live(day())


def test_a2_two_buttons_are_two_calls() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        assert (await home.press(3)).alarm.id != (await home.press(4)).alarm.id
        await home.stop()

    live(day())


def test_s11_a_second_press_while_the_clock_stands_in_the_past() -> None:
    """After a power cut, before the network has told the time: an hour is still an hour."""

    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        home.clock.raise_floor(home.host.now().replace(year=2028))
        first = await home.press()
        await time_passes(3600)
        second = await home.press()
        assert second.alarm.id > first.alarm.id
        assert second.alarm.clock_trouble
        assert home.answers.now(3).alarm_id == second.alarm.id
        assert far.alarms() == [first.alarm.id]
        await time_passes(1)
        assert far.alarms() == [first.alarm.id, second.alarm.id]
        await home.stop()

    live(day())


def test_a2_the_mark_of_the_source_is_in_the_same_commit_as_the_press() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd())
        for seconds in (0, 1, 6):  # a new call, the same, news about it
            await time_passes(seconds)
            mark = PutMarker("source:3", str(seconds))
            await home.press(marker=mark)
            (batch,) = [batch for batch in home.memory.batches if mark in batch]
            assert any(isinstance(change, PutAlarm) for change in batch)
        assert home.ledger.markers["source:3"] == "6"
        await home.stop()

    live(day())


@SCENARIO
@given(
    pauses=st.lists(
        st.sampled_from([0.1, 4.9, 5.1, 30.0, 59.0, 61.0, 200.0]), min_size=1, max_size=12
    ),
    mode=st.sampled_from([Mode.UP, Mode.DOWN, Mode.ANSWER_LOST, Mode.HOLD]),
)
def test_r12_no_press_is_ever_lost(pauses: list[float], mode: Mode) -> None:
    async def day() -> None:
        far, home = FarEnd(mode=mode), PureHome()
        await home.start(far)
        for pause in pauses:
            assert (await home.press()).durable
            await time_passes(pause)
        far.mode = Mode.UP
        await time_passes(700)
        calls = [a for a in home.ledger.alarms.values() if a.kind is AlarmKind.HELP_CALL]
        assert sum(call.presses for call in calls) == len(pauses)
        for call in calls:
            assert [h.kind for h in far.taken_of(call.id)].count(MessageKind.ALARM) == 1
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        await home.stop()

    live(day())
