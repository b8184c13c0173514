"""R13: what the resident is told, and only when it is true."""

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, Source
from custom_components.kvarbo.alarm.answer import ResidentAnswer
from custom_components.kvarbo.alarm.kinds import AlarmKind, Role
from custom_components.kvarbo.answers import WHOLE_HOME, AnswerNow, Answers
from custom_components.kvarbo.chain import Happening, What
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, time_passes
from tests.support.samples import sample_alarm


def test_r13_heard_arrived_and_help_is_coming() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(60)
        far.acknowledge(raised.alarm.id)
        await time_passes(5)
        far.close_alarm(raised.alarm.id)
        await time_passes(5)
        of_button = [(word, news) for _, number, word, news in home.answered if number == 3]
        assert of_button == [
            ("heard", True),
            ("arrived", True),
            ("help_coming", True),
            ("idle", False),
        ]
        assert [(w, n) for _, number, w, n in home.answered if number == WHOLE_HOME] == of_button
        assert home.ledger.alarms[raised.alarm.id].acknowledged_at is not None
        await home.stop()

    live(day())


def test_r13_help_is_coming_is_never_said_for_a_machine() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        far.acknowledge(raised.alarm.id, by_person=False)
        await time_passes(600)
        assert home.ledger.alarms[raised.alarm.id].state is AlarmState.ACKNOWLEDGED
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        await home.stop()

    live(day())


def test_r13_a_person_after_a_machine_is_still_a_person() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        far.acknowledge(raised.alarm.id, by_person=False)
        await time_passes(60)
        far.acknowledge(raised.alarm.id)
        await time_passes(60)
        assert home.answers.now().answer is ResidentAnswer.HELP_COMING
        told = [
            h.happening.by_person for h in home.happened if h.happening.what is What.ACKNOWLEDGED
        ]
        assert told == [False, True]
        assert [e.detail for e in home.memory.entries("alarm_acknowledged")] == [
            {"by_person": False},
            {"by_person": True},
        ]
        await home.stop()

    live(day())


@pytest.mark.parametrize(
    ("by_person", "answer"),
    [(None, "arrived"), (True, "help_coming"), (False, "arrived")],
)
def test_r13_the_answer_stands_after_a_restart(by_person: bool | None, answer: str) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        if by_person is not None:
            far.acknowledge(raised.alarm.id, by_person=by_person)
        await time_passes(60)
        await home.stop()
        again = PureHome()
        await again.start(far, recovered=home.memory.recover())
        await time_passes(5)
        assert again.answers.now(3).answer == answer
        assert again.answers.now().alarm_id == raised.alarm.id
        await again.stop()

    live(day())


def test_r13_not_getting_through_and_then_it_does() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        await home.press()
        await time_passes(1)
        assert home.answers.now().answer is ResidentAnswer.NOT_GETTING_THROUGH
        await time_passes(20)
        await home.press()
        # Each press is answered, and then the truth is said again.
        assert [word for _, number, word, _ in home.answered if number == 3] == [
            "heard",
            "not_getting_through",
            "heard",
            "not_getting_through",
        ]
        far.mode = Mode.UP
        await time_passes(10)
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        await home.stop()

    live(day())


def test_r13_a_press_on_what_has_arrived_says_that_once_more() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(10)
        await home.press()
        await time_passes(1)
        words = [word for _, number, word, _ in home.answered if number == 3]
        assert words == ["heard", "arrived", "arrived"]
        assert raised.alarm.id == home.answers.now().alarm_id
        await home.stop()

    live(day())


def happening(alarm_id: str, number: int, what: What, **fields: bool) -> Happening:
    return Happening(
        what, sample_alarm(alarm_id, source=Source(number, Role.HELP_BUTTON)), **fields
    )


def test_the_newest_call_speaks_for_the_home_and_each_button_for_itself() -> None:
    answers = Answers()
    answers.take(happening("A1", 3, What.RAISED))
    answers.take(happening("A2", 4, What.RAISED))
    answers.take(happening("A1", 3, What.RECEIVED))
    assert answers.now(3).answer is ResidentAnswer.ARRIVED
    # What is said of one button is news to the home only where it is the newest call.
    assert answers.now() == AnswerNow(ResidentAnswer.HEARD, "A2", times=2)
    answers.take(happening("A1", 3, What.CLOSED))
    assert answers.now(3) == AnswerNow(times=2)
    assert answers.now().alarm_id == "A2"
    answers.take(happening("A2", 4, What.LAPSED))
    assert answers.now() == AnswerNow(times=2)
    assert answers.now(99) == AnswerNow()


def test_what_says_nothing_to_the_resident_changes_nothing() -> None:
    answers = Answers()
    heard: list[tuple[int, AnswerNow, bool]] = []
    stop = answers.hear(lambda *news: heard.append(news))
    answers.take(happening("A1", 3, What.CLEARED))
    answers.take(happening("A1", 3, What.ACKNOWLEDGED, by_person=False))
    answers.take(Happening(What.RAISED, sample_alarm("A9", kind=AlarmKind.NOT_UP)))
    assert heard == []
    answers.take(happening("A1", 3, What.PRESSED_AGAIN, durable=False))
    assert {(n, a.answer, a.durable) for n, a, _ in heard} == {
        (0, ResidentAnswer.HEARD, False),
        (3, ResidentAnswer.HEARD, False),
    }
    stop()
    answers.take(happening("A1", 3, What.RECEIVED))
    assert len(heard) == 2


def test_a_hearer_can_leave() -> None:
    async def day() -> None:
        home = PureHome()
        heard: list[object] = []
        leave = home.chain.hear(heard.append)
        leave_faults = home.chain.faults.hear(lambda *news: heard.append(news))
        leave()
        leave_faults()
        await home.start(FarEnd(mode=Mode.CREDENTIALS_REFUSED))
        await home.press()
        await time_passes(10)
        assert heard == []
        await home.stop()

    live(day())
