"""Whether the hub's clock can be believed, as a fault that is told once and ends (A8). Pure.

A hub wakes in the past after a power cut, and is right as soon as it hears a time server: that is no
fault. One that stays wrong is, and one that leaps.
"""

from datetime import timedelta
from typing import Final

from .clock import EARLIEST_PLAUSIBLE, JUMP, Face

#: A clock that is wrong for so long has found no time server, seconds.
PATIENCE: Final = 300.0
#: A clock that was right for so long again is believed, seconds.
QUIET: Final = 600.0


class ClockWatch:
    """Watches the host's clock; `look` each minute or so."""

    def __init__(self) -> None:
        """Believe the clock."""
        self.is_fault = False
        self._last: Face | None = None
        self._last_was_good = False
        self._wrong_since: float | None = None
        self._right_since: float | None = None

    def look(self, face: Face) -> bool:
        """Take what the clock shows now; return whether it is at fault."""
        wrong = face.wall < EARLIEST_PLAUSIBLE or face.behind > JUMP
        leapt = self._has_leapt(face) and self._last_was_good
        if wrong:
            self._right_since = None
            if self._wrong_since is None:
                self._wrong_since = face.mono
        else:
            self._wrong_since = None
            if leapt or self._right_since is None:
                self._right_since = face.mono
        if leapt or (self._wrong_since is not None and face.mono - self._wrong_since >= PATIENCE):
            self.is_fault = True
        elif self._right_since is not None and face.mono - self._right_since >= QUIET:
            self.is_fault = False
        self._last, self._last_was_good = face, not wrong
        return self.is_fault

    def _has_leapt(self, face: Face) -> bool:
        if self._last is None:
            return False
        passed = timedelta(seconds=face.mono - self._last.mono)
        return abs(face.wall - self._last.wall - passed) > JUMP
