"""Wall time: windows, weekdays, and the two nights on which a clock is not what it seems (S11)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime, Window

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = [UTC, STOCKHOLM, ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]
instants = st.floats(min_value=1e8, max_value=4e9)
seconds = st.integers(min_value=0, max_value=int(DAY) - 1)


def at(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM, fold=fold).timestamp()


@given(instants, st.sampled_from(ZONES))
def test_local_time_is_what_the_zone_shows(when: float, zone: ZoneInfo) -> None:
    wall = WallTime(zone)
    shown = datetime.fromtimestamp(when, zone)
    midnight = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    assert wall.weekday(when) == shown.weekday()
    assert wall.day(when) == (shown.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    of_day = (shown.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds()
    assert wall.second_of_day(when) == pytest.approx(of_day, abs=1e-3)


@given(instants, seconds, st.sampled_from(ZONES))
def test_an_instant_shows_its_second_or_is_the_first_after_the_gap(
    when: float, second: int, zone: ZoneInfo
) -> None:
    wall = WallTime(zone)
    day = wall.day(when)
    found = wall.instant(day, second)
    shown = datetime.fromtimestamp(found, zone).replace(tzinfo=None)
    wanted = datetime(1970, 1, 1) + timedelta(days=day, seconds=second)  # noqa: DTZ001
    if shown != wanted:
        before = datetime.fromtimestamp(found - 1, zone).replace(tzinfo=None)
        assert before < wanted < shown
    assert wall.instant(day, second) == found


@given(instants, seconds, st.sampled_from(ZONES))
def test_the_next_time_is_ahead_and_within_a_day_and_its_gap(
    when: float, second: int, zone: ZoneInfo
) -> None:
    found = WallTime(zone).next(when, second)
    assert 0 < found - when <= DAY + 2 * HOUR


def test_a_spring_night_lacks_an_hour() -> None:
    wall = WallTime(STOCKHOLM)
    day = wall.day(at("2026-03-29T12:00"))
    assert wall.instant(day, 2.5 * HOUR) == at("2026-03-29T03:00")
    assert wall.instant(day, 3 * HOUR) - wall.instant(day, HOUR) == HOUR


def test_an_autumn_night_has_its_hour_twice_and_the_first_counts() -> None:
    wall = WallTime(STOCKHOLM)
    day = wall.day(at("2026-10-25T12:00"))
    assert wall.instant(day, 2.5 * HOUR) == at("2026-10-25T02:30", fold=0)
    assert wall.instant(day, 3 * HOUR) - wall.instant(day, HOUR) == 3 * HOUR


@pytest.mark.parametrize(
    ("window", "hours"), [("2026-03-28T23:00", 7), ("2026-10-24T23:00", 9), ("2026-06-01T23:00", 8)]
)
def test_a_window_is_wall_time_however_long_the_night(window: str, hours: float) -> None:
    wall = WallTime(STOCKHOLM)
    span = Window(23 * HOUR, 7 * HOUR).span(at(window) + MINUTE, wall)
    assert span == (at(window), at(window) + hours * HOUR)


def test_a_window_on_weekdays_goes_by_the_day_it_begins() -> None:
    wall = WallTime(STOCKHOLM)
    friday_night = Window(22 * HOUR, 6 * HOUR, (4,))
    assert friday_night.contains(at("2026-01-23T23:00"), wall)
    assert friday_night.contains(at("2026-01-24T05:59"), wall)
    assert not friday_night.contains(at("2026-01-24T06:00"), wall)
    assert not friday_night.contains(at("2026-01-24T23:00"), wall)
    assert friday_night.next_begin(at("2026-01-23T22:00"), wall) == at("2026-01-30T22:00")
    assert friday_night.next_begin(at("2026-01-23T21:59"), wall) == at("2026-01-23T22:00")


def test_a_window_that_begins_when_it_ends_is_the_whole_day() -> None:
    wall = WallTime(STOCKHOLM)
    span = Window(7 * HOUR, 7 * HOUR).span(at("2026-01-24T05:00"), wall)
    assert span == (at("2026-01-23T07:00"), at("2026-01-24T07:00"))


@given(instants, seconds, seconds, st.sampled_from(ZONES))
def test_a_window_contains_what_its_span_says(
    when: float, begin: int, end: int, zone: ZoneInfo
) -> None:
    wall, window = WallTime(zone), Window(begin, end)
    span = window.span(when, wall)
    assert (span is not None) == window.contains(when, wall)
    if span is not None:
        assert span[0] <= when < span[1]
    assert window.next_begin(when, wall) > when


def test_another_zone_counts_from_then_on() -> None:
    wall = WallTime(UTC)
    noon = at("2026-06-01T12:00")
    assert wall.second_of_day(noon) == 10 * HOUR
    day = wall.day(noon)
    before = wall.instant(day, 8 * HOUR)
    wall.set_zone(STOCKHOLM)
    assert wall.second_of_day(noon) == 12 * HOUR
    assert wall.instant(day, 8 * HOUR) == before - 2 * HOUR


def test_many_edges_are_not_kept_for_ever() -> None:
    wall = WallTime(STOCKHOLM)
    for second in range(2000):
        wall.instant(20_000, second)
    assert len(wall._instants) <= 256
