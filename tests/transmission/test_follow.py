"""The way back: what became of an alarm is asked for until it is known, for a day."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, MessageKind
from custom_components.kvarbo.alarm.answer import ResidentAnswer
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.chain import What
from custom_components.kvarbo.transmission.follow import pace
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, outlet, time_passes, until_moment

DAY = 86400.0


@given(st.floats(-DAY, 3 * DAY))
def test_it_is_asked_often_first_and_never_after_a_day(since: float) -> None:
    pause = pace(timedelta(seconds=since))
    if since >= DAY:
        assert pause is None
    else:
        assert pause == (2 if since < 120 else 10 if since < 1800 else 60)


def test_it_is_asked_on_that_schedule_and_lapses_after_a_day() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await until_moment(DAY - 60)
        assert home.ledger.alarms[raised.alarm.id].is_open
        await until_moment(DAY + 120)
        asked = [at for at, _ in far.asked]
        pauses = [round(after - before) for before, after in pairwise(asked)]
        assert pauses == sorted(pauses)
        assert set(pauses) == {2, 10, 60}
        assert 59 <= pauses.count(2) <= 60
        assert 165 <= pauses.count(10) <= 168
        assert asked[-1] <= DAY + 1
        alarm = home.ledger.alarms[raised.alarm.id]
        assert alarm.state is AlarmState.LAPSED
        assert home.whats(alarm.id)[-1] is What.LAPSED
        assert home.answers.now().answer is ResidentAnswer.IDLE
        assert home.delivery(alarm.id).followed
        await time_passes(3600)
        assert far.asked[-1][0] == asked[-1]
        await home.stop()

    live(day())


def test_the_day_is_that_of_the_receipt_also_over_a_restart() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await until_moment(DAY / 2)
        await home.stop()
        again = PureHome()
        await again.start(far, recovered=home.memory.recover())
        await until_moment(DAY - 60)
        assert again.ledger.alarms[raised.alarm.id].is_open
        await until_moment(DAY + 120)
        assert again.ledger.alarms[raised.alarm.id].state is AlarmState.LAPSED
        await again.stop()

    live(day())


@pytest.mark.parametrize("jump", [timedelta(days=3), -timedelta(days=3)])
def test_s11_a_wall_clock_that_is_set_neither_ends_nor_renews_the_asking(jump: timedelta) -> None:
    """A Raspberry Pi learns the time some minutes after a power cut."""

    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(30)
        home.host.ahead += jump  # type: ignore[attr-defined]
        await time_passes(30)
        assert home.ledger.alarms[raised.alarm.id].is_open
        far.acknowledge(raised.alarm.id)
        await time_passes(5)
        assert home.answers.now().answer is ResidentAnswer.HELP_COMING
        await until_moment(DAY + 120)
        assert home.ledger.alarms[raised.alarm.id].state is AlarmState.LAPSED
        await home.stop()

    live(day())


def test_where_nobody_can_be_asked_nothing_is_guessed() -> None:
    async def day() -> None:
        far, home = FarEnd(has_way_back=False), PureHome()
        await home.start(far)
        raised = await home.press()
        far.acknowledge(raised.alarm.id)
        await time_passes(3600)
        assert far.asked == []
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        await until_moment(DAY + 120)
        assert home.ledger.alarms[raised.alarm.id].state is AlarmState.LAPSED
        await home.stop()

    live(day())


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.BROKEN])
def test_a_receiver_that_cannot_be_asked_now_is_asked_again(mode: Mode) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(10)
        far.mode = mode
        far.acknowledge(raised.alarm.id)
        await time_passes(60)
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        far.mode = Mode.UP
        await time_passes(5)
        assert home.answers.now().answer is ResidentAnswer.HELP_COMING
        await home.stop()

    live(day())


def test_a_closed_alarm_is_asked_for_no_more() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(10)
        far.close_alarm(raised.alarm.id)
        await time_passes(5)
        assert home.ledger.alarms[raised.alarm.id].state is AlarmState.CLOSED
        asked = len(far.asked)
        await time_passes(3600)
        assert len(far.asked) == asked
        home.ledger.forget_settled()
        assert not home.ledger.alarms
        assert not home.ledger.messages
        assert not home.ledger.deliveries
        await home.stop()

    live(day())


def test_many_are_asked_for_a_few_at_a_time() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        raised = [await home.alarm() for _ in range(40)]
        await time_passes(60)
        far.mode = Mode.UP
        far.way = 0.5
        at_once = most = 0
        ask = far.follow

        async def counted(delivery: object) -> object:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            try:
                return await ask(delivery)  # type: ignore[arg-type]
            finally:
                at_once -= 1

        far.follow = counted  # type: ignore[method-assign,assignment]
        for one in raised:
            far.close_alarm(one.alarm.id)
        await time_passes(30)
        assert most == 8
        assert {home.ledger.alarms[r.alarm.id].state for r in raised} == {AlarmState.CLOSED}
        await home.stop()

    live(day())


def test_an_alarm_whose_receiver_is_gone_lapses_in_its_time() -> None:
    async def day() -> None:
        far, other = FarEnd("r1"), FarEnd("r2")
        home = PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(3600)
        await home.set_outlets(other)
        await time_passes(3600)
        assert home.ledger.alarms[raised.alarm.id].is_open
        assert other.asked == []
        await until_moment(DAY + 120)
        assert home.ledger.alarms[raised.alarm.id].state is AlarmState.LAPSED
        await home.stop()

    live(day())


def test_an_alarm_whose_receiver_comes_back_is_asked_for_again() -> None:
    """A receiver may be unusable for a while, such as with settings that cannot be read."""

    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(60)
        await home.set_outlets()
        far.acknowledge(raised.alarm.id)
        await time_passes(60)
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        await home.set_outlets(outlet(far))
        await time_passes(5)
        assert home.answers.now().answer is ResidentAnswer.HELP_COMING
        await home.stop()

    live(day())


def test_technical_alarm_whose_cause_stands_for_days_ends_with_its_all_clear() -> None:
    """A8: nobody is asked about it after a day, but only the home can say that it is over."""

    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        home.chain.faults.set(AlarmKind.CLOCK_FAULT, "hub", is_open=True)
        await time_passes(3 * DAY)
        [alarm] = home.of_kind(AlarmKind.CLOCK_FAULT)
        assert alarm.is_open
        assert far.asked[-1][0] <= DAY + 60
        home.chain.faults.set(AlarmKind.CLOCK_FAULT, "hub", is_open=False)
        await time_passes(10)
        told = [h.kind for h in far.taken if h.dispatch.alarm.kind is AlarmKind.CLOCK_FAULT]
        assert told == [MessageKind.ALARM, MessageKind.ALL_CLEAR]
        [alarm] = home.of_kind(AlarmKind.CLOCK_FAULT)
        assert alarm.state is AlarmState.CLOSED
        await home.stop()

    live(day())
