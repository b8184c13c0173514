"""A8: a clock that cannot be believed is told once, and a hub that has just woken up is not."""

from datetime import UTC, datetime, timedelta
from typing import override

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.clock import EARLIEST_PLAUSIBLE, JUMP, Clock, Face, HomeClock
from custom_components.kvarbo.alarm.clock_watch import PATIENCE, QUIET, ClockWatch

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
WOKEN = datetime(2026, 1, 1, tzinfo=UTC)


class HandClock(Clock):
    """Clocks that are set by hand."""

    def __init__(self, wall: datetime = NOON) -> None:
        self.wall, self.mono = wall, 0.0

    @override
    def now(self) -> datetime:
        return self.wall

    @override
    def monotonic(self) -> float:
        return self.mono

    @override
    def in_trouble(self) -> bool:
        return False

    def pass_by(self, seconds: float, drift: float = 0.0) -> None:
        self.mono += seconds
        self.wall += timedelta(seconds=seconds + drift)


def minutes(watch: ClockWatch, clock: HandClock, home: HomeClock, count: int) -> list[bool]:
    """Look each minute; return what was found."""
    found = []
    for _ in range(count):
        clock.pass_by(60)
        found.append(watch.look(home.face()))
    return found


@given(st.lists(st.tuples(st.floats(1, 90), st.floats(-0.5, 0.5)), max_size=80))
def test_a_clock_that_is_only_adjusted_is_never_at_fault(steps: list[tuple[float, float]]) -> None:
    clock, watch = HandClock(), ClockWatch()
    home = HomeClock(clock)
    for seconds, drift in steps:
        clock.pass_by(seconds, drift)
        assert not watch.look(home.face())


@given(st.integers(0, int(PATIENCE // 60) - 1))
def test_a_hub_that_wakes_in_the_past_and_finds_a_time_server_is_not_at_fault(wait: int) -> None:
    clock, watch = HandClock(WOKEN), ClockWatch()
    home = HomeClock(clock)
    watch.look(home.face())
    assert not any(minutes(watch, clock, home, wait))
    clock.wall = NOON
    assert not any(minutes(watch, clock, home, 30))


def test_one_that_finds_none_is_at_fault_until_it_has_been_right_for_ten_minutes() -> None:
    clock, watch = HandClock(WOKEN), ClockWatch()
    home = HomeClock(clock)
    watch.look(home.face())
    assert minutes(watch, clock, home, 6) == [False] * 4 + [True] * 2
    clock.wall = NOON
    found = minutes(watch, clock, home, 12)
    assert found.index(False) == QUIET / 60
    assert not any(found[10:])


@pytest.mark.parametrize("by", [timedelta(hours=1), JUMP * 1.1])
def test_a_leap_forward_is_told_at_once_and_ends(by: timedelta) -> None:
    clock, watch = HandClock(), ClockWatch()
    home = HomeClock(clock)
    assert not any(minutes(watch, clock, home, 3))
    clock.wall += by
    found = minutes(watch, clock, home, 12)
    assert found == [True] * 10 + [False] * 2


def test_one_that_was_set_back_stays_at_fault_until_it_is_where_home_time_is() -> None:
    clock, watch = HandClock(), ClockWatch()
    home = HomeClock(clock)
    assert not any(minutes(watch, clock, home, 3))
    clock.wall -= timedelta(hours=2)
    assert all(minutes(watch, clock, home, 60))
    clock.wall += timedelta(hours=2)
    assert not any(minutes(watch, clock, home, 30)[10:])


def test_leaping_each_few_minutes_it_is_one_fault() -> None:
    clock, watch = HandClock(), ClockWatch()
    home = HomeClock(clock)
    minutes(watch, clock, home, 3)
    for _ in range(4):
        clock.wall += timedelta(minutes=5)
        assert all(minutes(watch, clock, home, 5))


def test_what_a_demo_leaps_is_no_fault() -> None:
    clock, watch = HandClock(), ClockWatch()
    home = HomeClock(clock)
    home.run_at(600)
    assert not any(minutes(watch, clock, home, 20))
    home.skip(timedelta(hours=8))
    home.run_at(1)
    assert not any(minutes(watch, clock, home, 20))


def test_the_limit_of_what_can_be() -> None:
    clock, watch = HandClock(EARLIEST_PLAUSIBLE + timedelta(seconds=1)), ClockWatch()
    home = HomeClock(clock)
    assert not any(minutes(watch, clock, home, 20))
    assert home.face() == Face(wall=clock.wall, mono=clock.mono, behind=timedelta(0))
