"""INTERIM (imports what is there): every kind of watcher, and what a new home starts with."""

from collections.abc import Mapping
from dataclasses import dataclass
import importlib
import inspect
from pathlib import Path
import sys
from typing import Final

from .identity import Identity, WatcherKind
from .watcher import AnyWatcher, Watcher, WatcherSettings

_MODULES = (
    "inactivity night bed bathroom roaming leaving door medicine check_in lift signals silence"
)


_NONE = {"catalogue", "replay", "rerun", "recording", "supervisor", "recovery", "slot", "keeping"}


def _find() -> dict[WatcherKind, type[AnyWatcher]]:
    found: dict[WatcherKind, type[AnyWatcher]] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in _NONE or path.stem == "__init__":
            continue
        try:
            module = importlib.import_module(f".{path.stem}", __package__)
        except Exception as err:  # noqa: BLE001 - interim
            sys.stderr.write(f"catalogue (interim): {path.stem} does not import: {err!r}\n")
            continue
        for thing in vars(module).values():
            if (
                inspect.isclass(thing)
                and issubclass(thing, Watcher)
                and not inspect.isabstract(thing)
                and hasattr(thing, "kind")
                and thing.__module__ == module.__name__
            ):
                found[thing.kind] = thing
    return found


KINDS: Final[Mapping[WatcherKind, type[AnyWatcher]]] = _find()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: who its watcher is, and what it is told."""

    identity: Identity
    settings: WatcherSettings


_OF_THE_HOME: Final = frozenset(
    {
        WatcherKind.DOOR_OPEN,
        WatcherKind.WATER,
        WatcherKind.HEAT,
        WatcherKind.SENSOR_SILENT,
        WatcherKind.SENSOR_BLIND,
    }
)
#: What a new home starts with: what needs no word of the resident's own hours.
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
    WatcherKind.HEAT,
    WatcherKind.SENSOR_SILENT,
    WatcherKind.SENSOR_BLIND,
)


def rule_of(kind: WatcherKind, settings: WatcherSettings | None = None) -> Rule:
    """Return a rule of a kind for the only resident, or for the home, by default as it comes."""
    resident = 0 if kind in _OF_THE_HOME else 1
    return Rule(Identity(kind, resident), settings or KINDS[kind].settings_type())


NEW_HOME: Final = tuple(rule_of(kind) for kind in _NEW_HOME if kind in KINDS)
