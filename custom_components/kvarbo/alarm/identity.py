"""Names that sort by age: ULIDs stamped with home time, each later than the one before.

What is sent first, which press is the newest and which answer stands are all told by these names,
so they must keep their order also while the wall clock stands in the past after a power cut, and
within one millisecond.
"""

from typing import Final

from ulid_transform import bytes_to_ulid, ulid_at_time_bytes

from .clock import Clock

_OCTETS: Final = 16


class Ulids:
    """Makes ULIDs from home time. No two are alike, in this home or any other."""

    def __init__(self, clock: Clock) -> None:
        """Stamp by this clock."""
        self._clock = clock
        self._last = 0

    def new(self) -> str:
        """Return a ULID that sorts after all that were made here before."""
        made = int.from_bytes(ulid_at_time_bytes(self._clock.now().timestamp()))
        self._last = made if made > self._last else self._last + 1
        return bytes_to_ulid(self._last.to_bytes(_OCTETS))
