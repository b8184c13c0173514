"""What a device needs of the home, and no more."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from ..alarm.alarm import Source
from ..alarm.kinds import Location
from ..supervision.sensing import Pose, Reading

#: A source's key in the journal, and what it last said.
type Mark = tuple[str, str]


def _nobody_watches(_number: int, _reading: Reading) -> None:
    """Take what a sensor says in a home in which nothing watches."""


def _nobody_looks(_number: int, _pose: Pose | None) -> None:
    """Take how a toilet lift stands in a home in which nothing watches."""


def _nobody_asks() -> None:
    """Take that sensors have changed in a home in which nothing watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where presses and readings go, and where the *mark* of a source is kept over a restart.

    `mark` returns what stands under a key (at most 200 characters), None for a source that is new
    in the home; `keep` keeps it, or with None no longer, without waiting
    for the disk. `press` takes a press by source,
    place and resident, and keeps a mark in the same commit as what comes of it. `changed` is told
    when a source has come or gone.

    `sense` takes what a sensor says by its short number, in the turn of the event loop in which it
    is heard; a sensor begins as unknown, and only what differs or is news is said. No press of a help
    button comes this way (A7). `stand` takes how a toilet lift stands, None for not known.
    `sensors_changed` is told when `Devices.sensors()` has others than
    before, and before any of the new ones says something.
    """

    mark: Callable[[str], str | None]
    keep: Callable[[str, str | None], None]
    press: Callable[[Source, Location | None, int, Mark | None], Coroutine[Any, Any, object]]
    changed: Callable[[], None]
    sense: Callable[[int, Reading], None] = _nobody_watches
    stand: Callable[[int, Pose | None], None] = _nobody_looks
    sensors_changed: Callable[[], None] = _nobody_asks
