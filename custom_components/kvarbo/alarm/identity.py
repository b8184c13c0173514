"""Names: ULIDs that sort by age, and references that are the same whenever they are made (A5).

What is sent first, which press is the newest and which answer stands are all told by these names,
so they must keep their order also while the wall clock stands in the past after a power cut, and
within one millisecond.
"""

import hashlib
from typing import Final

from ulid_transform import bytes_to_ulid, ulid_at_time_bytes, ulid_to_bytes

from .clock import Clock

_OCTETS: Final = 16
#: So many octets of a ULID are its time.
_TIME: Final = 6


def reference_of(message_id: str, receiver: str) -> str:
    """Return the name of one message's session at one receiver: a ULID with the message's time.

    Made of the two alone, so that it is the same after a power cut also where the disk had not yet
    taken the delivery (A5).
    """
    made = hashlib.sha256(f"{message_id} {receiver}".encode()).digest()
    return bytes_to_ulid(ulid_to_bytes(message_id)[:_TIME] + made[: _OCTETS - _TIME])


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
