"""The stages that every watcher passes through, and what it tells of them (S2).

Delay, warning, alarm, then recovered. The state is one slotted dataclass, changed in place; what is
kept on disk is a copy (S1, S3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
import math
from typing import Any, Self

from ..alarm.kinds import Location
from .sensing import Pose
from .settings import Json


class Stage(StrEnum):
    """Where a watcher stands."""

    #: Nothing to count.
    CALM = "calm"
    #: A cause has begun; its time runs.
    COUNTING = "counting"
    WARNED = "warned"
    ALARMED = "alarmed"


class Told(StrEnum):
    """What a watcher tells of a stage."""

    WARNED = "warned"
    ALARMED = "alarmed"
    RECOVERED = "recovered"
    #: The cause went away by itself, late enough to be worth a look.
    NEAR_MISS = "near_miss"
    #: What the watcher leans on does not fit together; `Verdict.fault` says what.
    FAULT = "fault"
    #: The fault is gone.
    MENDED = "mended"


class FaultKind(StrEnum):
    """Why a rule cannot be leaned on, or what a technical watcher has found (S4, S9)."""

    BLIND = "blind"
    MISFIT = "misfit"
    UNPLUGGED = "unplugged"
    SILENT = "silent"
    SEES_NOTHING = "sees_nothing"
    NOT_ANSWERED = "not_answered"
    NOT_ATTACHED = "not_attached"
    SETTINGS_DIFFER = "settings_differ"
    LACKS_SENSORS = "lacks_sensors"
    REFUSED = "refused"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One thing that a watcher tells.

    Times are home time, seconds. `since` is the instant of the cause, `at` when it was told,
    `seen_at` and `seen_in` the last sign of life as the watcher knows it. `limit` is how long the
    cause had to last (near misses: how long it did). `sensor` is the device it is about, 0 for
    none. `fault` only with `FAULT` and `MENDED`. `quiet`: a warning that must neither sound nor
    shine (R17). `count` says the how manieth time it is: of a reminder for one cause, of a fault
    within 30 days (F2); 0 where nobody counts. `pose`: how the lift stood that it is about.
    """

    told: Told
    at: float
    since: float
    episode: str = ""
    seen_at: float | None = None
    seen_in: Location | None = None
    limit: float = 0.0
    sensor: int = 0
    fault: FaultKind | None = None
    quiet: bool = False
    count: int = 0
    pose: Pose | None = None


@dataclass(slots=True)
class WatcherState:
    """What every watcher keeps. Watchers add fields that are JSON values with defaults.

    `since` is the instant of the cause, `warn_at` and `alarm_at` absolute deadlines (S3), `begun`
    when counting began. `fired_at` is when the alarm stage fired; it stays open until `answered`
    (S8). `unanswered` are the episodes that wait: a cause may come again meanwhile. `ran` says that
    an automation has run for the stage reached. `extra_due` is any other instant at which the
    watcher wants to be called.
    """

    stage: Stage = Stage.CALM
    since: float = 0.0
    begun: float = 0.0
    warn_at: float | None = None
    alarm_at: float | None = None
    extra_due: float | None = None
    seen_at: float | None = None
    seen_in: str | None = None
    sensor: int = 0
    fired_at: float | None = None
    answered: bool = True
    unanswered: list[str] = field(default_factory=list)
    ran: bool = False
    fault: str | None = None
    fault_since: float = 0.0

    def to_json(self) -> dict[str, Json]:
        """Return a copy that can be kept: scalars, lists and mappings alone."""
        return {f.name: _copy(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; unknown fields are a later release's and passed over.

        Raises:
            ValueError: it is no state, or a field has another kind of value than it should.
        """
        if not isinstance(raw, Mapping):
            raise ValueError("a watcher's state is a mapping")
        state = cls()
        for f in fields(cls):
            if f.name not in raw:
                continue
            value, now = raw[f.name], getattr(state, f.name)
            if not _fits(value, now, f.type):
                raise ValueError(f.name)
            setattr(state, f.name, Stage(value) if f.name == "stage" else _copy(value))
        if state.seen_in is not None:
            Location(state.seen_in)
        state.unanswered = [episode for episode in state.unanswered if isinstance(episode, str)]
        return state


def _fits(value: object, default: Any, kind: object) -> bool:
    match default:
        case None if value is None or kind not in (str | None, float | None, int | None):
            return True
        case None if kind == (str | None):
            return isinstance(value, str)
        case None:
            return _is_number(value)
        case bool():
            return isinstance(value, bool)
        case int() | float():
            return _is_number(value)
        case str():
            return isinstance(value, str)
        case list():
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def _is_number(value: object) -> bool:
    # Not one that is compared with nothing: a deadline of that kind would never come.
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _copy(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _copy(item) for key, item in value.items()}
        case list() | tuple():
            return [_copy(item) for item in value]
        case _:
            return value
