"""A4: when the next receiver is tried, and that nobody acts on one alarm twice."""

import pytest

from custom_components.kvarbo.alarm.alarm import DeliveryState, MessageKind, Note
from custom_components.kvarbo.alarm.answer import ResidentAnswer
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.chain import What
from custom_components.kvarbo.transmission.outlet import Takes
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, now, outlet, time_passes, until_moment


def three(*modes: Mode) -> list[FarEnd]:
    """Receivers in order; signs of life are taken whatever messages meet."""
    return [
        FarEnd(name=f"r{number}", mode=mode, signs_mode=Mode.UP, patience=60)
        for number, mode in enumerate(modes, start=1)
    ]


def first_try(far: FarEnd) -> float:
    return far.tried[0][0]


def test_a4_the_next_receiver_is_tried_after_20_s_of_silence() -> None:
    async def day() -> None:
        first, second, third = three(Mode.SILENT, Mode.SILENT, Mode.UP)
        home = PureHome()
        await home.start(first, second, third)
        await time_passes(1)
        raised = await home.press()
        pressed = home.when(raised.alarm.id, What.RAISED)
        await time_passes(19)
        assert second.tried == []
        assert What.NOT_GETTING_THROUGH not in home.whats(raised.alarm.id)
        await time_passes(2)
        assert first_try(second) == pytest.approx(pressed + 20, abs=0.02)
        assert home.when(raised.alarm.id, What.NOT_GETTING_THROUGH) == pytest.approx(
            pressed + 20, abs=0.02
        )
        await time_passes(25)
        assert first_try(third) == pytest.approx(pressed + 40, abs=0.02)
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        await home.stop()

    live(day())


def test_a4_a_receiver_s_own_limit_counts() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.SILENT, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(outlet(first, answer_limit=7.5), outlet(second))
        raised = await home.press()
        await time_passes(10)
        assert first_try(second) == pytest.approx(7.5, abs=0.02)
        assert second.alarms() == [raised.alarm.id]
        await home.stop()

    live(day())


@pytest.mark.parametrize(
    "mode", [Mode.BUSY, Mode.NOT_TREATED, Mode.CREDENTIALS_REFUSED, Mode.FORM_REFUSED]
)
def test_a4_a_no_is_no_reason_to_wait(mode: Mode) -> None:
    async def day() -> None:
        first, second, third = three(mode, mode, Mode.UP)
        home = PureHome()
        await home.start(first, second, third)
        raised = await home.press()
        await time_passes(0.5)
        assert raised.alarm.id in third.alarms()
        assert What.NOT_GETTING_THROUGH not in home.whats(raised.alarm.id)
        await home.stop()

    live(day())


def test_a4_a_no_from_all_is_told_at_once() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(*three(Mode.BUSY, Mode.BUSY, Mode.NOT_TREATED))
        raised = await home.press()
        await time_passes(0.5)
        assert home.answers.now().answer is ResidentAnswer.NOT_GETTING_THROUGH
        assert home.whats(raised.alarm.id).count(What.NOT_GETTING_THROUGH) == 1
        await home.stop()

    live(day())


def test_a4_a_hold_stops_the_clock_until_its_own_limit() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.HOLD, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(1790)
        assert second.tried == []
        assert home.delivery(raised.alarm.id).state is DeliveryState.HELD
        pauses = [b.at - a.at for a, b in zip(first.heard, first.heard[1:], strict=False)]
        assert all(10 <= pause <= 10.1 for pause in pauses)
        await time_passes(20)
        assert first_try(second) == pytest.approx(1800, abs=0.1)
        # The one that held has heard of it: it is told that another has taken it.
        first.mode = Mode.UP
        await time_passes(10)
        assert [h.note for h in first.taken] == [Note.TAKEN_ELSEWHERE]
        await home.stop()

    live(day())


def test_a4_a_hold_that_breaks_off_is_a_silence() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.HOLD, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(first, second)
        await home.press()
        await time_passes(605)
        first.mode = Mode.DOWN
        broken = now()
        await time_passes(40)
        assert broken < first_try(second) <= broken + 10 + 20 + 0.1
        await home.stop()

    live(day())


def test_a4_a_hold_said_again_after_a_silence_is_not_longer() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.HOLD, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(first, second)
        await home.press()
        await time_passes(900)
        first.mode = Mode.DOWN
        await time_passes(5)
        first.mode = Mode.HOLD
        await time_passes(860)
        assert second.tried == []
        await time_passes(60)
        assert first_try(second) == pytest.approx(1800, abs=0.1)
        await home.stop()

    live(day())


def test_a4_a_hold_of_an_earlier_receiver_does_not_stop_the_clock_of_a_later_one() -> None:
    async def day() -> None:
        first, second, third = three(Mode.SILENT, Mode.SILENT, Mode.UP)
        home = PureHome()
        await home.start(first, second, third)
        raised = await home.press()
        await time_passes(21)
        first.mode = Mode.HOLD  # every ten seconds, while the second says nothing
        await time_passes(21)
        assert third.alarms() == [raised.alarm.id]
        await home.stop()

    live(day())


def test_a4_a_no_of_an_earlier_receiver_does_not_overrule_a_later_one_s_hold() -> None:
    async def day() -> None:
        first, second, third = three(Mode.BUSY, Mode.HOLD, Mode.UP)
        home = PureHome()
        await home.start(first, second, third)
        await home.press()
        await time_passes(600)
        assert len(first.heard) > 10
        assert third.tried == []
        await home.stop()

    live(day())


def test_a4_with_the_first_receiver_lost_the_second_gets_it_at_the_same_time() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.DOWN, Mode.UP, Mode.UP)
        first.signs_mode = None
        home = PureHome()
        await home.start(first, second)
        await time_passes(60)
        raised = await home.press()
        pressed = home.when(raised.alarm.id, What.RAISED)
        await time_passes(1)
        references = {
            d.reference for d in home.ledger.deliveries.values() if d.alarm_id == raised.alarm.id
        }
        begun = [at for far in (first, second) for at, ref in far.tried if ref in references]
        assert begun == pytest.approx([pressed, pressed], abs=0.3)
        assert raised.alarm.id in second.alarms()
        assert home.delivery(raised.alarm.id, "r1").state is DeliveryState.WITHDRAWN
        await home.stop()

    live(day())


def test_a4_with_all_lost_the_first_is_tried_and_then_the_next() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.DOWN, Mode.DOWN, Mode.UP)
        first.signs_mode = second.signs_mode = None
        home = PureHome()
        await home.start(first, second)
        await time_passes(60)
        raised = await home.press()
        await time_passes(1)
        assert [
            d.receiver for d in home.ledger.deliveries.values() if d.alarm_id == raised.alarm.id
        ] == ["r1"]
        await time_passes(20)
        second.mode = Mode.UP
        await time_passes(6)
        assert raised.alarm.id in second.alarms()
        await home.stop()

    live(day())


def test_a4_a_personal_alarm_never_goes_to_operations() -> None:
    async def day() -> None:
        alarms, operations, _ = three(Mode.DOWN, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(outlet(operations, Takes.OPERATIONS), outlet(alarms))
        raised = await home.press()
        fall = await home.alarm(AlarmKind.FALL)
        technical = await home.alarm(AlarmKind.DEVICE_BATTERY)
        await time_passes(7200)
        assert set(operations.alarms()).isdisjoint({raised.alarm.id, fall.alarm.id})
        assert technical.alarm.id in operations.alarms()
        await home.stop()

    live(day())


def test_a_technical_alarm_goes_to_alarm_receivers_where_operations_do_not_answer() -> None:
    async def day() -> None:
        operations, alarms, _ = three(Mode.SILENT, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(outlet(operations, Takes.OPERATIONS), outlet(alarms))
        raised = await home.alarm(AlarmKind.DEVICE_BATTERY)
        await time_passes(22)
        assert alarms.alarms() == [raised.alarm.id]
        await home.stop()

    live(day())


# -- what two receivers know of one alarm ----------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (Mode.SILENT, True),
        (Mode.ANSWER_LOST, True),
        (Mode.HOLD, True),
        (Mode.DOWN, False),
        (Mode.BUSY, False),
        (Mode.NOT_TREATED, False),
        (Mode.CREDENTIALS_REFUSED, False),
    ],
)
def test_taken_elsewhere_is_said_only_where_it_may_have_been_heard(mode: Mode, told: bool) -> None:
    async def day() -> None:
        first, second, _ = three(mode, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(outlet(first, hold_limit=30), outlet(second))
        raised = await home.press()
        await time_passes(60)
        assert raised.alarm.id in second.alarms()
        first.mode = Mode.UP
        await time_passes(700)
        notes = [h.note for h in first.taken_of(raised.alarm.id)]
        assert (Note.TAKEN_ELSEWHERE in notes) == told
        assert home.delivery(raised.alarm.id).state is DeliveryState.WITHDRAWN
        assert [h.note for h in second.taken_of(raised.alarm.id)] == [None]
        assert home.whats(raised.alarm.id).count(What.RECEIVED) == 1
        await home.stop()

    live(day())


@pytest.mark.parametrize("mode", [Mode.HOLD, Mode.FULL_REFUSED, Mode.BUSY, Mode.DOWN])
def test_an_answer_that_comes_after_another_has_taken_it_starts_nothing_new(mode: Mode) -> None:
    async def day() -> None:
        first, second, _ = three(mode, Mode.UP, Mode.UP)
        first.work = first.way = 30  # its answer is under way while the second takes it
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(25)
        assert second.alarms() == [raised.alarm.id]
        await time_passes(4000)
        assert len([h for h in first.heard if h.kind is MessageKind.ALARM]) <= 1
        assert home.delivery(raised.alarm.id).state is DeliveryState.WITHDRAWN
        await home.stop()

    live(day())


def test_whoever_takes_it_second_hears_that_another_was_first() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.UP, Mode.UP, Mode.UP)
        first.work = 30
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(40)
        assert first.alarms() == second.alarms() == [raised.alarm.id]
        await time_passes(40)
        assert [h.note for h in first.taken] == [None, Note.TAKEN_ELSEWHERE]
        assert home.whats(raised.alarm.id).count(What.RECEIVED) == 1
        assert home.when(raised.alarm.id, What.RECEIVED) < 21
        await home.stop()

    live(day())


def test_news_of_an_alarm_that_was_surely_not_heard_is_withdrawn_with_it() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.DOWN, Mode.UP, Mode.UP)
        first.way = 2  # long enough for the next press to come while it is being sent
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(1)
        await home.chain.cancel(raised.alarm.id, "admin")
        await time_passes(25)
        assert second.alarms() == [raised.alarm.id]
        first.mode = Mode.UP
        await time_passes(700)
        assert first.heard == []
        assert all(not d.is_waiting for d in home.ledger.deliveries.values())
        await home.stop()

    live(day())


def test_a4_the_clock_runs_anew_after_a_restart() -> None:
    async def day() -> None:
        first, second, _ = three(Mode.HOLD, Mode.UP, Mode.UP)
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(1000)
        await home.stop()
        again = PureHome()
        await again.start(first, second, recovered=home.memory.recover())
        await until_moment(1700)
        assert second.tried == []
        await until_moment(1801)
        assert second.alarms() == [raised.alarm.id]
        await again.stop()

    live(day())


def test_a4_who_is_tried_next_hears_who_was_tried_before() -> None:
    async def day() -> None:
        first, second, third = three(Mode.ANSWER_LOST, Mode.ANSWER_LOST, Mode.UP)
        home = PureHome()
        await home.start(first, second, third)
        raised = await home.press()
        await time_passes(90)
        (heard,) = third.taken_of(raised.alarm.id)
        assert heard.dispatch.also_sent_to == (1, 2)
        assert first.heard[0].dispatch.also_sent_to == ()
        assert second.heard[0].dispatch.also_sent_to == (1,)
        await home.stop()

    live(day())
