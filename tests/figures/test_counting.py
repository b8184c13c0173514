"""A month from the journal's rows: parts add up, nothing counts twice, and what is not real stands apart (R40, R41)."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.alarm.functions import EndReason, Outcome, WatcherKind
from custom_components.kvarbo.alarm.kinds import AlarmClass, AlarmKind
from custom_components.kvarbo.figures.counting import (
    CONSENT_GIVEN,
    CONSENT_WITHDRAWN,
    DECLINED,
    FOLLOWED_UP,
    RATED,
    RULE_ENDED,
    WOULD_HAVE,
    Bounds,
    category_of,
    count,
    percentile,
)
from custom_components.kvarbo.journal.span import Span
from custom_components.kvarbo.transmission.aggregate import (
    Apart,
    Category,
    Figure,
    FollowUp,
    Merged,
    Part,
    Step,
)
from tests.support.samples import sample_alarm

from .sample import (
    BEGIN,
    END,
    STOCKHOLM,
    at,
    is_night,
    kept,
    moments,
    noted,
    november,
    off,
    spans,
    total,
    value,
)


@given(spans, st.booleans())
def test_the_parts_add_up_to_the_whole(span: Span, demo: bool) -> None:
    counts = count(span, november(demo=demo))
    mine = [k for k in span.alarms if BEGIN <= k.alarm.raised_at < END]
    alarms = value(counts, Figure.ALARMS)
    assert alarms == total(counts, Figure.ALARMS_BY_CATEGORY)
    assert alarms == total(counts, Figure.ALARMS_BY_KIND)
    apart = total(counts, Figure.APART) - (value(counts, Figure.APART, Apart.SHADOW) or 0)
    assert (alarms or 0) + apart == len(mine)
    personal = sum(
        value(counts, Figure.ALARMS_BY_CATEGORY, category, part) or 0
        for category in (Category.ACTIVE, Category.PASSIVE)
        for part in Part
    )
    assert personal == total(counts, Figure.ENDS)
    rated = total(counts, Figure.OUTCOMES)
    assert personal == rated + (value(counts, Figure.NOT_RATED) or 0)
    assert total(counts, Figure.FALSE_BY_KIND) == value(counts, Figure.OUTCOMES, Outcome.FALSE)
    assert total(counts, Figure.MISTAKES_BY_KIND) == value(counts, Figure.OUTCOMES, Outcome.MISTAKE)
    for step in Step:
        known = value(counts, Figure.RESPONSES, step) or 0
        assert personal == known + (value(counts, Figure.RESPONSES_NOT_KNOWN, step) or 0)
        median = value(counts, Figure.RESPONSE_MEDIAN, step)
        ninety = value(counts, Figure.RESPONSE_P90, step)
        assert (median is None) is (ninety is None) is (known == 0)
        assert median is None or ninety is None or 0 <= median <= ninety
    assert total(counts, Figure.ENDED_BY_REASON) <= sum(
        n.what == CONSENT_WITHDRAWN for n in span.noted
    )
    counted = value(counts, Figure.SECONDS_COUNTED) or 0
    assert counted == (END - BEGIN).total_seconds()
    assert 0 <= (value(counts, Figure.LONGEST_GAP) or 0) <= counted
    assert 0 <= (value(counts, Figure.SECONDS_UNWATCHED) or 0) <= counted
    if demo:
        assert alarms == 0


@given(spans, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(span: Span, random: Random) -> None:
    """What is said of an alarm alone has an order: the last word counts."""
    alarms = list(span.alarms)
    random.shuffle(alarms)
    others = [n for n in span.noted if n.what != RATED]
    random.shuffle(others)
    said = [n for n in span.noted if n.what == RATED]
    shuffled = Span(tuple(alarms), (*others, *said))
    assert count(shuffled, november()) == count(span, november())


@given(spans, moments)
def test_an_alarm_is_of_one_month_alone(span: Span, cut: datetime) -> None:
    """Whatever span is cut in two, each alarm and each gap is counted once."""
    begin, end = BEGIN - timedelta(days=90), END + timedelta(days=90)
    cut = min(max(cut, begin), end)
    whole = count(span, Bounds(begin, end, is_night))
    parts = [count(span, Bounds(begin, cut, is_night)), count(span, Bounds(cut, end, is_night))]
    for figure in (
        Figure.ALARMS,
        Figure.ALARMS_BY_KIND,
        Figure.ALARMS_BY_CATEGORY,
        Figure.GAPS,
        Figure.OUTCOMES,
        Figure.ENDED_BY_FUNCTION,
        Figure.SECONDS_COUNTED,
    ):
        assert total(whole, figure) == sum(total(part, figure) for part in parts), figure


def test_an_alarm_over_midnight_of_the_month_counts_where_it_was_raised() -> None:
    late = kept(
        "A1",
        at(30, 23, 59, 59),
        state=AlarmState.CLOSED,
        ended_at=END + timedelta(minutes=20),
        sensed_at=at(30, 23),
    )
    early = kept("A2", END)
    before = kept("A3", BEGIN, sensed_at=BEGIN - timedelta(hours=2))
    counts = count(Span((late, early, before)), november())
    assert value(counts, Figure.ALARMS) == 2
    assert value(counts, Figure.ENDS, AlarmState.CLOSED) == 1
    assert value(counts, Figure.RESPONSE_MEDIAN, Step.CLOSED) == 1201


@pytest.mark.parametrize("kind", AlarmKind)
def test_only_a_call_is_active_and_every_rule_passive(kind: AlarmKind) -> None:
    """R41: a rule of sensors is a passive alarm, whatever it watches."""
    alarm = sample_alarm(kind=kind)
    expected = {AlarmClass.TECHNICAL: Category.TECHNICAL}.get(alarm.alarm_class, Category.PASSIVE)
    if kind is AlarmKind.HELP_CALL:
        expected = Category.ACTIVE
    assert category_of(alarm) is expected
    assert expected is not Category.PASSIVE or alarm.alarm_class is AlarmClass.PERSONAL


def test_day_and_night_are_the_dwellings() -> None:
    rows = [
        kept("A1", at(3, 6, 59, 59), kind=AlarmKind.NIGHT_ABSENCE),
        kept("A2", at(3, 7), kind=AlarmKind.NIGHT_ABSENCE),
        kept("A3", at(3, 21, 59), kind=AlarmKind.FALL),
        kept("A4", at(3, 22)),
        kept("A5", at(3, 22), kind=AlarmKind.RADIO_LOST),
    ]
    counts = count(Span(tuple(rows)), november())
    kinds = Figure.ALARMS_BY_KIND
    assert value(counts, kinds, AlarmKind.NIGHT_ABSENCE, Part.NIGHT) == 1
    assert value(counts, kinds, AlarmKind.NIGHT_ABSENCE, Part.DAY) == 1
    assert value(counts, kinds, AlarmKind.HELP_CALL, Part.DAY) == 0
    of = Figure.ALARMS_BY_CATEGORY
    assert value(counts, of, Category.PASSIVE, Part.DAY) == 2
    assert value(counts, of, Category.PASSIVE, Part.NIGHT) == 1
    assert value(counts, of, Category.ACTIVE, Part.NIGHT) == 1
    assert value(counts, of, Category.TECHNICAL, Part.NIGHT) == 1


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ((2026, 3, 1), (2026, 4, 1), 31 * 24 - 1),
        ((2026, 10, 1), (2026, 11, 1), 31 * 24 + 1),
    ],
)
def test_a_month_in_which_clocks_change_is_as_long_as_it_is(
    begin: tuple[int, int, int], end: tuple[int, int, int], hours: int
) -> None:
    bounds = Bounds(
        datetime(*begin, tzinfo=STOCKHOLM).astimezone(UTC),
        datetime(*end, tzinfo=STOCKHOLM).astimezone(UTC),
        is_night,
    )
    rows = [kept("A1", bounds.end - timedelta(seconds=1)), kept("A2", bounds.end)]
    counts = count(Span(tuple(rows)), bounds)
    assert value(counts, Figure.SECONDS_COUNTED) == hours * 3600
    assert value(counts, Figure.ALARMS) == 1


def test_both_hours_of_the_fold_are_night() -> None:
    """The clock shows 02:30 twice."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    october = Bounds(first - timedelta(days=20), first + timedelta(days=5), is_night)
    rows = (kept("A1", first), kept("A2", first + timedelta(hours=1)))
    counts = count(Span(rows), october)
    assert value(counts, Figure.ALARMS_BY_CATEGORY, Category.ACTIVE, Part.NIGHT) == 2


def test_tests_and_shadow_stand_apart() -> None:
    rows = [kept("A1", at(2)), kept("A2", at(2), test=True)]
    entries = [noted(WOULD_HAVE, at(2), rule="night_absence/1/"), noted(WOULD_HAVE, at(2))]
    before = noted(WOULD_HAVE, BEGIN - timedelta(seconds=1))
    counts = count(Span(tuple(rows), (*entries, before)), november())
    assert value(counts, Figure.ALARMS) == 1
    assert value(counts, Figure.APART, Apart.TEST) == 1
    assert value(counts, Figure.APART, Apart.SHADOW) == 2
    assert value(counts, Figure.APART, Apart.DEMO) == 0


def test_nothing_is_real_in_a_demo() -> None:
    rows = (kept("A1", at(2)), kept("A2", at(2), test=True), kept("A3", at(2)))
    counts = count(Span(rows), november(demo=True))
    assert value(counts, Figure.ALARMS) == 0
    assert value(counts, Figure.APART, Apart.TEST) == 1
    assert value(counts, Figure.APART, Apart.DEMO) == 2


def test_response_times_as_far_as_they_are_known() -> None:
    """R30. A technical alarm is answered by nobody, and a clock set back gives no time."""
    raised = at(5)
    rows = [
        kept(f"A{n}", raised, received=n, acknowledged_at=raised + timedelta(seconds=60 * n))
        for n in range(1, 11)
    ]
    rows.append(kept("B1", raised, received=-5))
    rows.append(kept("B2", raised))
    rows.append(kept("B3", raised, received=9999, kind=AlarmKind.RADIO_LOST))
    counts = count(Span(tuple(rows)), november())
    assert value(counts, Figure.RESPONSES, Step.RECEIVED) == 10
    assert value(counts, Figure.RESPONSES_NOT_KNOWN, Step.RECEIVED) == 2
    assert value(counts, Figure.RESPONSE_MEDIAN, Step.RECEIVED) == 5
    assert value(counts, Figure.RESPONSE_P90, Step.RECEIVED) == 9
    assert value(counts, Figure.RESPONSE_P90, Step.ACKNOWLEDGED) == 540
    assert value(counts, Figure.RESPONSE_MEDIAN, Step.CLOSED) is None


@pytest.mark.parametrize(
    ("known", "part", "rank"),
    [([], 0.5, None), ([7], 0.5, 7), ([1, 2], 0.5, 1), ([1, 2, 3], 0.5, 2), ([1, 2, 3], 0.9, 3)],
)
def test_a_percentile_is_a_time_that_was_needed(
    known: list[int], part: float, rank: int | None
) -> None:
    assert percentile(known, part) == rank


def test_only_an_end_that_was_told_is_a_closing() -> None:
    ended = at(5) + timedelta(seconds=30)
    rows = [
        kept("A1", at(5), state=AlarmState.CLOSED, ended_at=ended),
        kept("A2", at(5), state=AlarmState.CANCELLED, ended_at=ended),
        kept("A3", at(5), state=AlarmState.LAPSED, ended_at=ended),
        kept("A4", at(5)),
    ]
    counts = count(Span(tuple(rows)), november())
    assert value(counts, Figure.RESPONSES, Step.CLOSED) == 1
    for state in (AlarmState.CANCELLED, AlarmState.LAPSED, AlarmState.RAISED):
        assert value(counts, Figure.ENDS, state) == 1


def test_the_last_word_on_an_alarm_counts() -> None:
    """R29: also when it is said after the month."""
    rows = (
        kept("A1", at(5), kind=AlarmKind.NIGHT_ABSENCE),
        kept("A2", at(5)),
        kept("A3", at(5)),
        kept("A4", at(5), kind=AlarmKind.RADIO_LOST),
    )
    later = END + timedelta(days=9)
    said = (
        noted(RATED, at(6), "A1", outcome="real"),
        noted(RATED, later, "A1", outcome="false"),
        noted(RATED, later, "A2", outcome="mistake"),
        noted(RATED, later, "A4", outcome="false"),
        noted(RATED, later, "A3", outcome="something of a later release"),
    )
    counts = count(Span(rows, said), november())
    assert value(counts, Figure.OUTCOMES, Outcome.FALSE) == 1
    assert value(counts, Figure.OUTCOMES, Outcome.REAL) == 0
    assert value(counts, Figure.NOT_RATED) == 1
    assert value(counts, Figure.FALSE_BY_KIND, AlarmKind.NIGHT_ABSENCE) == 1
    assert value(counts, Figure.MISTAKES_BY_KIND, AlarmKind.HELP_CALL) == 1
    assert value(counts, Figure.FALSE_BY_KIND, AlarmKind.RADIO_LOST) == 0


def test_what_came_again_is_counted_on_its_alarm() -> None:
    rows = (kept("A1", at(5), presses=4), kept("A2", at(5), repeats=3), kept("A3", at(5)))
    counts = count(Span(rows), november())
    assert value(counts, Figure.ALARMS) == 3
    assert value(counts, Figure.MERGED, Merged.PRESSES) == 3
    assert value(counts, Figure.MERGED, Merged.CAUSES) == 2


def test_the_hours_in_which_the_hub_was_off() -> None:
    rows = (
        off(at(3, 10), at(3, 12), "G1"),
        off(BEGIN - timedelta(hours=5), BEGIN + timedelta(hours=1), "G2"),
        off(END - timedelta(minutes=30), END + timedelta(days=3), "G3"),
    )
    counts = count(Span(rows), november())
    assert value(counts, Figure.SECONDS_UNWATCHED) == 3.5 * 3600
    assert value(counts, Figure.LONGEST_GAP) == 2 * 3600
    # The second began in October.
    assert value(counts, Figure.GAPS) == 2


def test_functions_begun_and_ended() -> None:
    """R19: ended, with the reason."""
    entries = (
        noted(CONSENT_GIVEN, at(1), function="inactivity", resident=1),
        noted(CONSENT_GIVEN, at(1), function="night_absence", resident=1),
        noted(CONSENT_WITHDRAWN, at(9), function="inactivity", reason="irritating"),
        noted(RULE_ENDED, at(9), rule="night_absence/1/"),
        noted(RULE_ENDED, at(9), rule="no identity"),
        noted(DECLINED, at(9), of="w", reason="staff_present"),
        noted(FOLLOWED_UP, at(9), after="day_7"),
        noted(FOLLOWED_UP, END, after="day_30"),
    )
    counts = count(Span((), entries), november())
    assert total(counts, Figure.STARTED) == 2
    assert value(counts, Figure.ENDED_BY_REASON, EndReason.IRRITATING) == 1
    assert total(counts, Figure.ENDED_BY_REASON) == 1
    assert value(counts, Figure.ENDED_BY_FUNCTION, WatcherKind.NIGHT_ABSENCE) == 1
    assert value(counts, Figure.ENDED_BY_FUNCTION, WatcherKind.INACTIVITY) == 1
    assert value(counts, Figure.DECLINED) == 1
    assert value(counts, Figure.FOLLOW_UPS_MADE, FollowUp.DAY_7) == 1
    assert value(counts, Figure.FOLLOW_UPS_MADE, FollowUp.DAY_30) == 0


def test_a_count_has_the_shape_of_its_figure() -> None:
    rows = (kept("A1", at(2)), off(at(3, 1), at(3, 2)))
    assert all(each.fits() for each in count(Span(rows), november()))
    assert count(Span(unread=3), november())[-1].value == 3
