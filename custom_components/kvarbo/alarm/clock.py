"""Time as an argument (S11).

*Home time* stamps what happened in the home; it is wall time in UTC that never runs backwards past
what the journal already holds. *Wire time* measures time-outs, retries and probes; it is the
running event loop's own clock, so code that waits uses `asyncio` and a test that wants another
speed runs another loop.
"""

from datetime import UTC, datetime, timedelta
import time
from typing import Final, Protocol, override

#: No hub can honestly believe that it is earlier than the release it runs.
EARLIEST_PLAUSIBLE: Final = datetime(2026, 11, 1, tzinfo=UTC)

#: A wall clock that moved this far against the monotonic clock was set, not adjusted.
JUMP: Final = timedelta(seconds=60)


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
    the network answers. What is stamped meanwhile keeps its order and is marked as clock trouble.
    """

    def __init__(self, host: Clock) -> None:
        """Start from the host's clock; `floor` may be raised when the journal is open."""
        self._host = host
        self._floor = datetime.min.replace(tzinfo=UTC)
        self._wall = host.now()
        self._mono = host.monotonic()

    def raise_floor(self, newest: datetime) -> None:
        """Never again stamp earlier than `newest` (aware, UTC)."""
        self._floor = max(self._floor, newest)

    @override
    def now(self) -> datetime:
        wall = self._host.now()
        if wall >= self._floor:
            self._floor = wall
            return wall
        # Behind the newest row: keep the order by microseconds, not by guessing how much time has
        # passed.
        self._floor += timedelta(microseconds=1)
        return self._floor

    @override
    def monotonic(self) -> float:
        return self._host.monotonic()

    @override
    def in_trouble(self) -> bool:
        wall = self._host.now()
        expected = self._wall + timedelta(seconds=self._host.monotonic() - self._mono)
        jumped = abs(wall - expected) > JUMP
        behind = wall < self._floor
        self._wall, self._mono = wall, self._host.monotonic()
        return jumped or behind or self._host.in_trouble()
