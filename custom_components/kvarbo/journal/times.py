"""The two clocks that the journal stamps with (S11, A10)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import time


@dataclass(frozen=True, slots=True)
class Times:
    """Home time (aware, UTC) and the host's monotonic clock (seconds); called from any thread."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
