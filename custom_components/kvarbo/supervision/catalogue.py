"""Every kind of watcher there is, and the rules that a new home starts with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .bathroom import BathroomStay
from .bed import BedEmpty, NoBedExit
from .bed_exit import BedExit
from .check_in import CheckIn
from .door import DoorOpen
from .identity import Identity, WatcherKind
from .inactivity import Inactivity
from .leaving import LeftHome, NotReturned
from .lift import Lift
from .medicine import Medicine
from .night import NightAbsence
from .not_up import NotUp
from .roaming import Roaming
from .signals import FallSignal, Heat, LeftRoom, Smoke, Water
from .silence import SensorBlind, SensorSilent
from .watcher import AnyWatcher, WatcherSettings

_WATCHERS: Final[tuple[type[AnyWatcher], ...]] = (
    NightAbsence,
    BedExit,
    BedEmpty,
    NoBedExit,
    Inactivity,
    NotUp,
    LeftHome,
    NotReturned,
    DoorOpen,
    BathroomStay,
    Roaming,
    Medicine,
    CheckIn,
    Lift,
    FallSignal,
    LeftRoom,
    Water,
    Smoke,
    Heat,
    SensorSilent,
    SensorBlind,
)

#: The watcher of each need.
KINDS: Final[Mapping[WatcherKind, type[AnyWatcher]]] = {
    watcher.kind: watcher for watcher in _WATCHERS
}

#: Rules about the home, whoever lives in it; all others are about a resident.
_OF_THE_HOME: Final = frozenset(
    {
        WatcherKind.DOOR_OPEN,
        WatcherKind.WATER,
        WatcherKind.SMOKE,
        WatcherKind.HEAT,
        WatcherKind.SENSOR_SILENT,
        WatcherKind.SENSOR_BLIND,
    }
)
#: What needs no word about the resident's own hours, medicine or aids.
_NEW_HOME: Final = (
    WatcherKind.INACTIVITY,
    WatcherKind.NIGHT_ABSENCE,
    WatcherKind.BATHROOM_STAY,
    WatcherKind.ROAMING,
    WatcherKind.LEFT_HOME,
    WatcherKind.NOT_RETURNED,
    WatcherKind.DOOR_OPEN,
    WatcherKind.FALL_SIGNAL,
    WatcherKind.WATER,
    WatcherKind.SMOKE,
    WatcherKind.HEAT,
    WatcherKind.SENSOR_SILENT,
    WatcherKind.SENSOR_BLIND,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: who its watcher is, and what it is told."""

    identity: Identity
    settings: WatcherSettings


def rule_of(kind: WatcherKind, settings: WatcherSettings | None = None) -> Rule:
    """Return a rule of a kind for the only resident, or for the home; by default as it comes."""
    resident = 0 if kind in _OF_THE_HOME else 1
    return Rule(Identity(kind, resident), settings or KINDS[kind].settings_type())


#: The rules of a new home, with the settings that they come with.
NEW_HOME: Final[tuple[Rule, ...]] = tuple(rule_of(kind) for kind in _NEW_HOME)
