"""Who a watcher is (S1): its kind, whose it is, and a name where a home has two of a kind."""

from dataclasses import dataclass
import re
from typing import Final, Self, override

from ..alarm.functions import WatcherKind

__all__ = ["Identity", "WatcherKind", "watcher_of"]

_NAME: Final = re.compile(r"^[a-z0-9_]{0,32}\Z")
_RESIDENT_MOST: Final = 9


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """A watcher's identity: never a hash of thresholds and never an automation (S1).

    `resident` is 0 for the home, 1..9 for a person; `name` is of small letters, digits and `_`.
    """

    kind: WatcherKind
    resident: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a resident or a name that cannot be."""
        if not 0 <= self.resident <= _RESIDENT_MOST:
            raise ValueError("resident")
        if not _NAME.match(self.name):
            raise ValueError("name")

    @override
    def __str__(self) -> str:
        return f"{self.kind}/{self.resident}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the identity that `str` has written; raises ValueError for another text."""
        kind, resident, name = text.split("/")
        return cls(WatcherKind(kind), int(resident), name)

    def episode(self, since: float) -> str:
        """Return the name of a cause: the identity and the instant, with a letter in front."""
        return f"w{self}@{int(since)}"


def watcher_of(episode: str) -> Identity | None:
    """Return whose episode it is, None when it is no watcher's."""
    head, _, instant = episode.rpartition("@")
    if not head.startswith("w") or not instant.isdigit():
        return None
    try:
        return Identity.parse(head[1:])
    except ValueError:
        return None
