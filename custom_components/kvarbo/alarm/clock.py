"""Time as an argument (S11).

*Home time* stamps what happened in the home; it is wall time in UTC that never runs backwards past
what the journal already holds. *Wire time* measures time-outs, retries and probes; it is the
running event loop's own clock, so code that waits uses `asyncio` and a test that wants another
speed runs another loop.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
import time
from typing import Final, Protocol, override

#: No hub can honestly believe that it is earlier than the release it runs.
EARLIEST_PLAUSIBLE: Final = datetime(2026, 11, 1, tzinfo=UTC)

#: A wall clock that moved this far against the monotonic clock was set, not adjusted.
JUMP: Final = timedelta(seconds=60)

#: A wall clock that is behind home time by no more than this is right enough.
SLACK: Final = timedelta(seconds=1)

#: Two stamps made while the wall clock stands in the past differ at least by this.
TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What the host's clock shows at a moment of the monotonic clock (seconds).

    `wall` is aware, in UTC. `behind` is how far home time is ahead of it, but for what a demo has
    leapt; about nothing, or less, where the clock is right.
    """

    wall: datetime
    mono: float
    behind: timedelta


class Clock(Protocol):
    """What the alarm chain asks of time."""

    def now(self) -> datetime:
        """Return home time, an aware datetime in UTC."""

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; never runs backwards."""

    def in_trouble(self) -> bool:
        """Tell whether the wall clock cannot be believed at this moment."""


class SystemClock(Clock):
    """The host's clocks."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)

    @override
    def monotonic(self) -> float:
        return time.monotonic()

    @override
    def in_trouble(self) -> bool:
        return self.now() < EARLIEST_PLAUSIBLE


class HomeClock(Clock):
    """Home time: the host's clock, never earlier than the journal's newest row (S11).

    A Raspberry Pi has no battery behind its clock: after a power cut it may wake in the past until
    the network answers. Meanwhile home time runs on from the newest row by the monotonic clock, so
    that a minute stays a minute for whatever measures it; stamps are marked as clock trouble. A
    wall clock that was set back a little is waited for at half speed instead, until it has caught
    up. `now` may be called from any thread.
    """

    def __init__(self, host: Clock) -> None:
        """Start from the host's clock; `raise_floor` when the journal is open."""
        self._host = host
        self._lock = Lock()
        self._speed = 1.0
        self._ahead = timedelta(0)
        self._floor = datetime.min.replace(tzinfo=UTC)
        self._floor_mono = host.monotonic()
        self._wall = host.now()
        self._mono = host.monotonic()

    def raise_floor(self, newest: datetime) -> None:
        """Never again stamp earlier than `newest` (aware, UTC)."""
        with self._lock:
            if newest > self._floor:
                self._floor = newest
                self._floor_mono = self._host.monotonic()

    @property
    def speed(self) -> float:
        """How many seconds of home time pass in a second of wire time: 1, but in a demo (S11)."""
        return self._speed

    def run_at(self, speed: float) -> None:
        """Let home time pass `speed` times as fast from now on. Only for a home created as demo.

        Raises ValueError for a speed that is not above 0.
        """
        if not speed > 0:
            raise ValueError("speed")
        self.now()
        with self._lock:
            self._speed = speed

    def skip(self, by: timedelta) -> None:
        """Let home time go forward at once. Only for a home created as demo."""
        if by > timedelta(0):
            with self._lock:
                self._floor += by
                self._ahead += by

    @override
    def now(self) -> datetime:
        with self._lock:
            wall, mono = self._host.now() + self._ahead, self._host.monotonic()
            passed = timedelta(seconds=max(0.0, mono - self._floor_mono))
            if self._speed != 1:
                # What home time runs ahead of the host's clock is kept when it slows down again.
                ahead = passed * (self._speed - 1)
                wall += ahead
                self._ahead += ahead
                passed *= self._speed
            self._floor_mono = mono
            expected = self._floor + passed
            if wall >= expected:
                self._floor = wall
            elif expected - wall > JUMP:
                self._floor = max(expected, self._floor + TICK)
            else:
                self._floor = max(wall, self._floor + max(passed / 2, TICK))
            return self._floor

    def face(self) -> Face:
        """Return what the host's clock shows, for a `ClockWatch`."""
        self.now()
        with self._lock:
            wall, mono = self._host.now(), self._host.monotonic()
            return Face(wall=wall, mono=mono, behind=self._floor - wall - self._ahead)

    @override
    def monotonic(self) -> float:
        return self._host.monotonic()

    @override
    def in_trouble(self) -> bool:
        wall = self._host.now()
        expected = self._wall + timedelta(seconds=self._host.monotonic() - self._mono)
        jumped = abs(wall - expected) > JUMP
        behind = self._floor - wall - self._ahead > SLACK
        self._wall, self._mono = wall, self._host.monotonic()
        return jumped or behind or self._host.in_trouble()
