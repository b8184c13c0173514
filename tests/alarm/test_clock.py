"""Home time never runs backwards, and a minute stays a minute (S11)."""

from datetime import UTC, datetime, timedelta
import time
from typing import override

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.clock import EARLIEST_PLAUSIBLE, Clock, HomeClock, SystemClock
from custom_components.kvarbo.alarm.identity import Ulids, reference_of
from tests.support.samples import NOON


class HandClock(Clock):
    """Both clocks of a host, turned by hand."""

    def __init__(self, wall: datetime = NOON) -> None:
        self.wall = wall
        self.mono = 100.0

    def turn(self, seconds: float, jump: float = 0.0) -> None:
        """Let time pass, and set the wall clock by `jump` besides."""
        self.mono += seconds
        self.wall += timedelta(seconds=seconds + jump)

    @override
    def now(self) -> datetime:
        return self.wall

    @override
    def monotonic(self) -> float:
        return self.mono

    @override
    def in_trouble(self) -> bool:
        return self.wall < EARLIEST_PLAUSIBLE


TURNS = st.lists(
    st.tuples(
        st.floats(0, 7200, allow_nan=False),
        st.floats(-1e7, 1e7, allow_nan=False) | st.floats(-2, 2) | st.just(0.0),
    ),
    min_size=1,
    max_size=30,
)


@given(TURNS)
def test_s11_home_time_never_runs_backwards(turns: list[tuple[float, float]]) -> None:
    host = HandClock()
    clock = HomeClock(host)
    last = clock.now()
    for seconds, jump in turns:
        host.turn(seconds, jump)
        now = clock.now()
        assert now >= last
        # However the wall clock was set: what passed is seen to pass, at half speed at worst.
        assert now - last >= timedelta(seconds=seconds / 2) - timedelta(milliseconds=1)
        last = now


@given(st.floats(0, 3600), st.floats(1, 1e8))
def test_s11_home_time_is_never_earlier_than_the_newest_row(past: float, ahead: float) -> None:
    host = HandClock()
    clock = HomeClock(host)
    newest = NOON + timedelta(seconds=ahead)
    clock.raise_floor(newest)
    first = clock.now()
    assert first >= newest
    host.turn(past)
    assert clock.now() >= first + timedelta(seconds=past / 2) - timedelta(milliseconds=1)


def test_s11_an_older_row_changes_nothing() -> None:
    clock = HomeClock(HandClock())
    clock.now()
    clock.raise_floor(NOON - timedelta(days=1))
    assert clock.now() == NOON


def test_s11_a_host_that_wakes_in_the_past_still_knows_a_minute() -> None:
    host = HandClock(NOON - timedelta(days=3))
    clock = HomeClock(host)
    clock.raise_floor(NOON)
    host.turn(60)
    first = clock.now()
    assert clock.in_trouble()
    host.turn(61)
    assert clock.now() - first == timedelta(seconds=61)
    host.turn(1, jump=3 * 86400)
    assert clock.now() == host.wall


def test_s11_two_stamps_in_one_moment_of_trouble_keep_their_order() -> None:
    clock = HomeClock(HandClock(NOON - timedelta(days=3)))
    clock.raise_floor(NOON)
    assert clock.now() < clock.now()


def test_s11_a_small_step_back_is_waited_for() -> None:
    host = HandClock()
    clock = HomeClock(host)
    before = clock.now()
    host.turn(0, jump=-10)
    host.turn(4)
    assert clock.now() == before + timedelta(seconds=2)
    host.turn(20)
    assert clock.now() == host.wall
    assert not HomeClock(host).in_trouble()


def test_s11_a_wall_clock_that_was_set_or_stands_behind_is_trouble() -> None:
    host = HandClock()
    clock = HomeClock(host)
    assert not clock.in_trouble()
    host.turn(10, jump=61)
    assert clock.in_trouble()
    assert not clock.in_trouble()
    clock.now()
    host.turn(10, jump=-20)
    assert clock.in_trouble()


@given(st.lists(st.floats(0, 2e-6), max_size=20))
def test_s11_reading_the_clocks_often_is_no_trouble(pauses: list[float]) -> None:
    host = HandClock()
    clock = HomeClock(host)
    for pause in pauses:
        host.turn(pause)
        assert clock.now() - host.wall <= timedelta(milliseconds=1)
        assert not clock.in_trouble()


def test_s11_no_host_lives_before_its_own_release() -> None:
    assert HomeClock(HandClock(EARLIEST_PLAUSIBLE - timedelta(days=1))).in_trouble()
    assert not HomeClock(HandClock(EARLIEST_PLAUSIBLE)).in_trouble()


def test_the_host_s_clocks_are_the_host_s() -> None:
    host = SystemClock()
    assert abs(host.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert abs(host.monotonic() - time.monotonic()) < 5
    assert host.in_trouble() == (host.now() < EARLIEST_PLAUSIBLE)
    assert HomeClock(host).monotonic() == pytest.approx(time.monotonic(), abs=5)


@given(TURNS)
def test_names_sort_by_age_however_the_wall_clock_was_set(
    turns: list[tuple[float, float]],
) -> None:
    host = HandClock()
    ulids = Ulids(HomeClock(host))
    names = [ulids.new()]
    for seconds, jump in turns:
        host.turn(seconds, jump)
        names += [ulids.new(), ulids.new()]
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert all(len(name) == 26 for name in names)


@given(st.lists(st.sampled_from(["r1", "r2", "01J0000000000000000000000R"]), min_size=1))
def test_a5_a_reference_is_the_same_whenever_it_is_made(receivers: list[str]) -> None:
    messages = Ulids(HandClock())
    first, second = messages.new(), messages.new()
    made = {(m, r): reference_of(m, r) for m in (first, second) for r in receivers}
    assert len(set(made.values())) == len(made)
    for (message, receiver), reference in made.items():
        assert reference_of(message, receiver) == reference
        assert len(reference) == 26
        assert reference[:10] == message[:10]


def test_names_of_two_homes_differ() -> None:
    host = HandClock()
    assert Ulids(host).new() != Ulids(host).new()


@given(
    st.lists(st.tuples(st.floats(0.01, 600), st.floats(0.5, 3600)), min_size=1, max_size=10),
)
def test_s11_a_demo_s_time_runs_as_told_and_never_back(steps: list[tuple[float, float]]) -> None:
    host = HandClock()
    clock = HomeClock(host)
    expected = clock.now()
    for seconds, speed in steps:
        clock.run_at(speed)
        assert clock.speed == speed
        host.turn(seconds)
        expected += timedelta(seconds=seconds * speed)
        # Whole microseconds of wire time, each some thousand of the home's.
        assert abs(clock.now() - expected) < timedelta(milliseconds=50)
        assert not clock.in_trouble()


def test_s11_time_that_slows_down_again_keeps_what_it_is_ahead() -> None:
    host = HandClock()
    clock = HomeClock(host)
    clock.run_at(60)
    host.turn(60)
    ahead = clock.now()
    clock.run_at(1)
    host.turn(10)
    assert clock.now() - ahead == timedelta(seconds=10)
    clock.skip(timedelta(hours=8))
    assert clock.now() - ahead == timedelta(hours=8, seconds=10)
    clock.skip(timedelta(hours=-1))
    assert clock.now() - ahead == timedelta(hours=8, seconds=10)
    assert clock.monotonic() == host.monotonic()


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_s11_no_speed_stops_time_or_turns_it(speed: float) -> None:
    clock = HomeClock(HandClock())
    with pytest.raises(ValueError, match="speed"):
        clock.run_at(speed)
    assert clock.speed == 1
