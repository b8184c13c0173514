"""The timers of RFC 3261 section 17 and the clock they run by.

Whoever uses a clock is handed one, so that a test can let half a minute pass at once. The event
loop is such a clock.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

#: Round-trip estimate, longest pause between copies, longest life of a message in the network;
#: seconds (RFC 3261 table 4).
T1: Final = 0.5
T2: Final = 4.0
T4: Final = 5.0
#: A client transaction without a final answer ends after this (timer F), and a server transaction
#: keeps its answer for as long on UDP (timer J); seconds.
TIMER_F: Final = 64 * T1
TIMER_J: Final = 64 * T1
#: Late copies of an answer are absorbed for so long on UDP (timer K); seconds.
TIMER_K: Final = T4


class Timer(Protocol):
    """Something that will be called; it can be called off."""

    def cancel(self) -> None:
        """Call it off. Safe when it has been called already."""


class Clock(Protocol):
    """Seconds that only run forward, and calls at their time."""

    def time(self) -> float:
        """Return the present, in seconds since some fixed beginning."""

    def call_later(self, delay: float, callback: Callable[..., object], /, *args: Any) -> Timer:
        """Call `callback` after `delay` seconds."""
