"""What the home makes of a dispenser's words: each once, and nothing that was not said."""

from hypothesis import given, strategies as st

from custom_components.kvarbo.dispensing.doses import POWER_GRACE, Condition, Doses, Heard, News
from custom_components.kvarbo.dispensing.profile import Dose, Event, Told, Trouble
from custom_components.kvarbo.supervision.sensing import Reading


def told(dose: Dose = Dose.IDLE, counter: int = 0, *troubles: Trouble) -> Told:
    return Told(dose, frozenset(troubles), 90, 14, counter)


def dose(what: Dose, counter: int, ago: int = 0) -> Event:
    return Event(what, is_over=False, counter=counter, ago=ago)


def test_dispensed_is_not_taken() -> None:
    it = Doses(None)
    it.linked(told())
    assert (it.dose, it.reading, it.condition) == (Dose.IDLE, Reading.IDLE, Condition.OK)
    for counter, (what, reading) in enumerate(
        (
            (Dose.DUE, Reading.ACTIVE),
            (Dose.DISPENSED, Reading.ACTIVE),
            (Dose.MISSED, Reading.ACTIVE),
            (Dose.TAKEN, Reading.IDLE),
            (Dose.DUE, Reading.ACTIVE),
            (Dose.SKIPPED, Reading.IDLE),
        ),
        1,
    ):
        assert it.happened(dose(what, counter)) == Heard(News(what))
        assert (it.dose, it.reading) == (what, reading)


def test_an_event_is_taken_once_also_by_the_next_start() -> None:
    it = Doses(None)
    it.linked(told(Dose.DUE, 7))
    assert it.counter == 7
    assert it.happened(dose(Dose.DUE, 7)) is None
    assert it.happened(dose(Dose.TAKEN, 8)) is not None
    assert it.happened(dose(Dose.TAKEN, 8)) is None
    again = Doses(it.counter)
    again.linked(told(Dose.TAKEN, 8))
    assert again.happened(dose(Dose.TAKEN, 8)) is None
    assert again.missing == 0


def test_how_it_stands_is_not_known_before_what_was_missed_has_come() -> None:
    it = Doses(3)
    it.linked(told(Dose.TAKEN, 5))
    assert (it.is_behind, it.reading) == (True, Reading.UNKNOWN)
    assert it.happened(dose(Dose.DUE, 4, 900)) == Heard(News.DUE, 900)
    assert (it.is_behind, it.reading) == (True, Reading.ACTIVE)
    assert it.happened(dose(Dose.TAKEN, 5, 600)) == Heard(News.TAKEN, 600)
    assert (it.is_behind, it.reading, it.missing) == (False, Reading.IDLE, 0)


def test_what_a_dispenser_has_forgotten_is_counted_and_not_made_up() -> None:
    it = Doses(3)
    it.linked(told(Dose.TAKEN, 9))
    assert it.happened(dose(Dose.DUE, 8)) is not None
    assert it.missing == 4
    it.give_up()
    assert (it.counter, it.missing, it.dose) == (9, 5, Dose.TAKEN)
    it.give_up()
    assert it.missing == 5


def test_one_that_counts_anew_is_followed_anew() -> None:
    it = Doses(100)
    it.linked(told(Dose.IDLE, 2))
    assert (it.counter, it.is_behind, it.dose) == (2, False, Dose.IDLE)
    assert it.happened(dose(Dose.DUE, 3)) is not None


def test_one_that_is_lost_says_nothing_and_that_once() -> None:
    it = Doses(None)
    assert (it.condition, it.reading) == (Condition.OFFLINE, Reading.UNKNOWN)
    assert it.lost() is None
    it.linked(told(Dose.DUE, 1))
    assert it.lost() == Heard(News.OFFLINE)
    assert it.lost() is None
    assert (it.condition, it.reading) == (Condition.OFFLINE, Reading.UNKNOWN)
    it.changed(told(Dose.TAKEN, 1))
    assert it.reading is Reading.UNKNOWN


def test_troubles_come_and_go_the_worst_is_shown_and_a_plug_has_its_grace() -> None:
    it = Doses(None)
    it.linked(told())
    assert not it.trouble(0)
    steps = (
        (Trouble.LOW, Condition.LOW, False),
        (Trouble.NO_POWER, Condition.NO_POWER, False),
        (Trouble.JAMMED, Condition.NO_POWER, True),
    )
    for counter, (what, shown, is_told) in enumerate(steps, 1):
        it.happened(Event(what, is_over=False, counter=counter, ago=0))
        assert (it.condition, it.trouble(10)) == (shown, is_told)
    over = it.happened(Event(Trouble.JAMMED, is_over=True, counter=4, ago=0))
    assert over == Heard(News.WELL, 0, Trouble.JAMMED)
    assert not it.trouble(9 + POWER_GRACE)
    assert it.trouble(10 + POWER_GRACE)
    it.changed(told(Dose.IDLE, 4))
    assert not it.trouble(11 + POWER_GRACE)
    assert it.condition is Condition.OK
    it.changed(told(Dose.IDLE, 4, Trouble.EMPTY))
    assert it.trouble(11 + POWER_GRACE)


@given(
    st.lists(st.tuples(st.integers(1, 12), st.sampled_from([Dose.DUE, Dose.DISPENSED]))),
    st.sets(st.integers(0, 40)),
)
def test_nothing_is_ever_read_as_taken_that_was_not_said_to_be(
    events: list[tuple[int, Dose]], breaks: set[int]
) -> None:
    it = Doses(None)
    it.linked(told(Dose.DUE, 0))
    for step, (counter, what) in enumerate(events):
        if step in breaks:
            it.lost()
            assert it.reading is Reading.UNKNOWN
            it.linked(told(what, max(counter, it.counter or 0)))
            it.give_up()
        it.happened(dose(what, counter))
        assert it.reading is Reading.ACTIVE
