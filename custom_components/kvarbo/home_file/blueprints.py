"""Which blueprint makes the automation of which rule, and what it can be told (its inputs)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..supervision.catalogue import KINDS
from ..supervision.identity import WatcherKind
from ..supervision.settings import setting_fields

#: Watched by the home itself: they have no blueprint, and no file sets them.
OWN: Final = frozenset({WatcherKind.SENSOR_SILENT, WatcherKind.SENSOR_BLIND})
#: About the home, whoever lives in it: their blueprints ask for no resident.
OF_HOME: Final = frozenset(
    {WatcherKind.DOOR_OPEN, WatcherKind.HEAT, WatcherKind.SMOKE, WatcherKind.WATER}
)
#: They alarm at once, so that nobody can be warned before.
_AT_ONCE: Final = frozenset({WatcherKind.SMOKE, WatcherKind.WATER})
_OF_A_WARNING: Final = ("warning", "warn_at_night")

_LAMPS: Final = ("warning_lights", "warning_brightness")
_SOUND: Final = ("warning_players", "warning_voice", "warning_message", "warning_sound")
_AGAIN: Final = ("warning_repeats", "warning_pause")
_LIGHT_FOR: Final = ("warning_light_for",)
_PATH: Final = ("path_lights", "path_brightness", "path_rise", "path_fall")
#: Steps that a person has added to an automation. They can do anything in Home Assistant, so that no
#: file carries them; an automation that has them keeps them.
STEPS: Final = ("on_warning", "after_alarm", "on_recovered")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The blueprint of a rule.

    `inputs` are those beside the watcher's settings and the options of every rule; `leaves_out` the
    settings and options that it does not ask for.
    """

    file: str
    inputs: frozenset[str]
    leaves_out: frozenset[str] = frozenset()


def _blueprint(kind: WatcherKind) -> Blueprint:
    if kind is WatcherKind.BED_EXIT:
        left_out = frozenset({*_OF_A_WARNING, "priority", "shadow"})
        return Blueprint("path_light", frozenset(_PATH), left_out)
    if kind in _AT_ONCE:
        return Blueprint(str(kind), frozenset(), frozenset(_OF_A_WARNING))
    reminds = "repeats" in setting_fields(KINDS[kind].settings_type)
    more = _LIGHT_FOR if reminds else _AGAIN
    return Blueprint(str(kind), frozenset({*_LAMPS, *_SOUND, *more}))


#: The blueprint of each kind of rule that has one.
BLUEPRINTS: Final[Mapping[WatcherKind, Blueprint]] = {
    kind: _blueprint(kind) for kind in WatcherKind if kind not in OWN
}
