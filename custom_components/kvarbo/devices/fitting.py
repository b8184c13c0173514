"""Which kinds of source can tell what a role needs to be told (R50: the role before the make)."""

from typing import Final

from ..alarm.kinds import Role
from ..dispensing.fields import STEPS, Field
from .states import EVENT, NUMBER, STANDING, TRACKER

_ON_OFF: Final = frozenset({"binary_sensor", "input_boolean"})
_PRESSED: Final = frozenset({"binary_sensor", EVENT})
_DOOR: Final = _ON_OFF | {"lock", "cover"}
#: What is on or away without anybody's using it.
_NOT_USED: Final = frozenset({"vacuum", "siren", "media_player", TRACKER})
_POWERED: Final = _ON_OFF | {"switch", NUMBER}

#: For each role of a sensor the kinds of entity that fit it.
SENSOR_ROLES: Final[dict[Role, frozenset[str]]] = {
    Role.MOTION: _ON_OFF | {EVENT},
    Role.BED: _ON_OFF | {NUMBER},
    Role.CHAIR: _ON_OFF | {NUMBER},
    Role.EXIT_DOOR: _DOOR,
    Role.INNER_DOOR: _DOOR,
    Role.ITEM: STANDING - _NOT_USED | {EVENT},
    Role.CHECK_IN: _ON_OFF | {EVENT},
    Role.FALL_SENSOR: _ON_OFF | {EVENT},
    Role.ROOM_SENSOR: _ON_OFF | {EVENT},
    Role.DISPENSER: _POWERED | {EVENT},
    Role.PLUG: _POWERED,
    Role.LIFT: _POWERED | {"cover"},
    Role.SMOKE: _ON_OFF,
    Role.WATER: _ON_OFF | {"valve", NUMBER},
    Role.HEAT: _POWERED,
    Role.MOVER: _POWERED | {"vacuum"},
    Role.MAINS: _POWERED,
    Role.ENTRY_LOCK: frozenset({"lock"}),
    Role.ANSWER: frozenset({"light", "switch", "siren", "media_player"}),
    Role.WORN: _ON_OFF | {TRACKER},
    Role.WORN_CHARGER: _POWERED,
    Role.SCREEN_PLUG: _POWERED,
}

#: For each role of a device the kinds of entity that fit it. A help button is no sensor (A7).
FITTING: Final = {Role.HELP_BUTTON: _PRESSED, **SENSOR_ROLES}

#: For each thing that other entities may tell of a dispenser the kinds of entity that can.
FIELDS: Final = {field: _ON_OFF | ({EVENT} if field in STEPS else {"switch"}) for field in Field}

#: Roles that a Zigbee remote can have whose presses are reported as commands alone.
REMOTE_ROLES: Final = frozenset({Role.HELP_BUTTON, Role.CHECK_IN, Role.ITEM})
