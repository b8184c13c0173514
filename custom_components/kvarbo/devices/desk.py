"""What a source of presses needs of the alarm desk, and no more."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from ..alarm.alarm import Source
from ..alarm.kinds import Location

#: A source's key in the journal, and what it last said.
type Mark = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where presses go, and where the *mark* of a source is kept over a restart.

    `mark` returns what stands under a key (at most 200 characters), None for a source that is new
    in the home; `keep` keeps it without waiting for the disk. `press` takes a press by source,
    place and resident, and keeps a mark in the same commit as what comes of it. `changed` is told
    when a source has come or gone.
    """

    mark: Callable[[str], str | None]
    keep: Callable[[str, str], None]
    press: Callable[[Source, Location | None, int, Mark | None], Coroutine[Any, Any, object]]
    changed: Callable[[], None]
