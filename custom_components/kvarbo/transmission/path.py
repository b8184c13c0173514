"""Whether a way out of the home leads anywhere: down, degraded or up (A8, F1). Pure.

The state orders nothing away: an alarm is tried at once in each of them.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

#: So many touches in a row without an answer are a loss.
MISSES: Final = 2


class PathState(StrEnum):
    """How a way out stands."""

    UP = "up"
    #: Something was missed, or not every receiver is reached by it.
    DEGRADED = "degraded"
    #: Its interface is not there, or nobody is reached by it.
    DOWN = "down"


class PathWatch:
    """Follows one way out by what its link says and by touches of the receivers."""

    def __init__(self) -> None:
        """Start knowing nothing."""
        #: Whether the interface is there and up; None: the way has none of its own here.
        self.link: bool | None = None
        self._misses: dict[str, int | None] = {}

    def set_receivers(self, keys: Collection[str]) -> None:
        """These are the receivers that it leads to."""
        self._misses = {key: self._misses.get(key) for key in keys}

    def touched(self, key: str, *, reached: bool) -> None:
        """Take what a touch of a receiver has said. Refused is reached: somebody was there to refuse."""
        if key in self._misses:
            self._misses[key] = 0 if reached else (self._misses[key] or 0) + 1

    @property
    def state(self) -> PathState | None:
        """How it stands; None while that cannot be said."""
        if self.link is False:
            return PathState.DOWN
        known = [misses for misses in self._misses.values() if misses is not None]
        if not known:
            return None
        if all(misses >= MISSES for misses in known):
            return PathState.DOWN
        return PathState.DEGRADED if any(known) else PathState.UP
