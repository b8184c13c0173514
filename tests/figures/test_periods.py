"""Spans of a home's life by its wall clock, also where clocks change; when somebody is to ask how it goes (R33)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.figures.periods import (
    SETTLES_AFTER,
    Period,
    UnknownPeriodError,
    baseline_of,
    day_of,
    due,
    follow_ups,
    midnight,
    month_of,
    named,
    periods,
)
from custom_components.kvarbo.supervision.wall import WallTime
from custom_components.kvarbo.transmission.aggregate import FollowUp, Stands

ZONES = ("Europe/Stockholm", "UTC", "America/Asuncion", "Asia/Beirut", "Pacific/Apia")
days = st.dates(date(2000, 1, 1), date(2060, 1, 1))
walls = st.sampled_from(ZONES).map(lambda name: WallTime(ZoneInfo(name)))
FIRST = date(2026, 11, 10)


@given(days, st.integers(0, 900))
def test_months_follow_one_another_without_a_gap(since: date, life: int) -> None:
    months = list(periods(since, None, since + timedelta(days=life)))
    assert months[0].holds(since)
    assert months[-1].holds(since + timedelta(days=life))
    assert all(before.end == after.first for before, after in pairwise(months))
    assert [month.name for month in months] == [
        f"{m.first.year}-{m.first.month:02}" for m in months
    ]


@given(walls, days)
def test_a_days_first_instant_is_of_it_and_the_one_before_is_not(wall: WallTime, day: date) -> None:
    """Where a midnight is skipped as well: Asunción and Beirut change clocks there."""
    begin = midnight(day, wall)
    if wall.zone == ZoneInfo("Pacific/Apia") and day == date(2011, 12, 30):
        return  # Samoa had no such day.
    assert day_of(begin, wall) == day
    assert day_of(begin - timedelta(seconds=1), wall) < day


@given(walls, days, st.integers(0, 86_399))
def test_every_instant_is_of_one_month(wall: WallTime, day: date, second: int) -> None:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
    month = month_of(day_of(at, wall))
    assert month.begins(wall) <= at < month.ends(wall)


def test_a_month_settles_thirty_days_after_its_end() -> None:
    wall = WallTime(ZoneInfo("Europe/Stockholm"))
    month = month_of(date(2026, 11, 10))
    end = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert month == Period("2026-11", date(2026, 11, 1), date(2026, 12, 1))
    assert month.ends(wall) == end
    assert month.stands(end - timedelta(seconds=1), wall) is Stands.RUNNING
    assert month.stands(end, wall) is Stands.OPEN
    assert month.stands(end + SETTLES_AFTER - timedelta(seconds=1), wall) is Stands.OPEN
    assert month.stands(end + SETTLES_AFTER, wall) is Stands.SETTLED


def test_the_first_four_weeks_are_the_baseline() -> None:
    baseline = baseline_of(FIRST)
    assert (baseline.end - baseline.first).days == 28
    assert baseline.holds(FIRST)
    assert not baseline.holds(FIRST + timedelta(days=28))
    assert baseline in periods(date(2026, 9, 1), FIRST, FIRST)
    assert baseline not in periods(date(2026, 9, 1), FIRST, FIRST - timedelta(days=1))


@pytest.mark.parametrize(
    "name", ["2026-08", "2027-01", "2026-13", "0000-01", "2026-1", "baseline ", "", "../2026-11"]
)
def test_a_span_that_the_home_has_not_lived_is_refused(name: str) -> None:
    with pytest.raises(UnknownPeriodError):
        named(name, date(2026, 9, 15), FIRST, date(2026, 12, 2))


def test_spans_by_their_names() -> None:
    for name in ("2026-09", "2026-10", "2026-11", "2026-12", "baseline"):
        assert named(name, date(2026, 9, 15), FIRST, date(2026, 12, 2)).name == name
    with pytest.raises(UnknownPeriodError):
        named("baseline", date(2026, 9, 15), None, date(2026, 12, 2))


def test_when_to_ask_how_it_goes() -> None:
    """R33."""
    assert follow_ups(FIRST) == {
        FollowUp.DAY_7: date(2026, 11, 17),
        FollowUp.DAY_30: date(2026, 12, 10),
        FollowUp.DAY_90: date(2027, 2, 8),
    }


@pytest.mark.parametrize(
    ("passed", "done", "wanted"),
    [
        (6, set(), None),
        (7, set(), FollowUp.DAY_7),
        (29, set(), FollowUp.DAY_7),
        (29, {FollowUp.DAY_7}, None),
        (30, {FollowUp.DAY_7}, FollowUp.DAY_30),
        # One talk does for both that were missed.
        (40, set(), FollowUp.DAY_30),
        (40, {FollowUp.DAY_30}, None),
        (90, {FollowUp.DAY_30}, FollowUp.DAY_90),
        (900, {FollowUp.DAY_90}, None),
    ],
)
def test_one_follow_up_is_due_at_a_time(
    passed: int, done: set[FollowUp], wanted: FollowUp | None
) -> None:
    assert due(FIRST, FIRST + timedelta(days=passed), frozenset(done)) is wanted


def test_nothing_is_due_before_the_first_day_is_known() -> None:
    assert due(None, FIRST, frozenset()) is None
