"""What every alarm is in the numbers of SS 91100: device type, component, status, place (docs/scaip.md).

One table, as data. The standard has no number for many of our kinds; then the device type says what
kind of device watches for it, the status what it has seen, and the texts say the rest.
"""

from dataclasses import dataclass
from typing import Final

from ...alarm.alarm import MessageKind, Note
from ...alarm.kinds import AlarmKind, Location, ReasonCode, Role
from ..catalogue import Field
from ..gate import Passed

# Device types.
CONTROLLER: Final = 2
_PERSONAL_TRIGGER: Final = 3
_FIXED_TRIGGER: Final = 4
_FALL_DETECTOR: Final = 5
_ACTIVITY: Final = 10
_PILL_DISPENSER: Final = 11
_BED: Final = 12
_DOOR: Final = 14
_WANDERING: Final = 15
_OCCUPANCY: Final = 18
_GAS: Final = 21
_SMOKE: Final = 23
_HEATING: Final = 24
_CARBON_MONOXIDE: Final = 26
_SYSTEM_MONITOR: Final = 31
_LINK_MONITOR: Final = 32
_FLOOD: Final = 33
_BATH: Final = 34
_TAMPER: Final = 38
_POWER: Final = 41
_ELECTRIC_LOCK: Final = 42
_LOCAL_UNIT: Final = 48
_TRACKING: Final = 51
_CHAIR: Final = 44

# Components.
_BUTTON_1: Final = 2
_NETWORK: Final = 22

# Statuses.
_ABORT: Final = 2
_AWAY: Final = 3
_ACTIVATED: Final = 6
ALARM_AUTOMATIC: Final = 9
_ALARM_MANUAL: Final = 10
_BATTERY_FULL: Final = 15
_BATTERY_LOW: Final = 16
_CANCEL: Final = 19
_CLOSED: Final = 21
_IP_LOST: Final = 23
_FAILURE: Final = 42
_RECTIFIED: Final = 48
_INACTIVE: Final = 49
_MALFUNCTION: Final = 67
NORMAL: Final = 70
_OFFLINE: Final = 73
_ONLINE: Final = 75
_OPEN_TOO_LONG: Final = 77
_PILL_NOT_TAKEN: Final = 81
_PILL_TAKEN: Final = 83
_MAINS_LOST: Final = 85
_MAINS_RESTORED: Final = 86
_RESTORAL: Final = 94
_RADIO_INTERFERENCE: Final = 95
TEST: Final = 102
_TIME_OUT: Final = 104
_TROUBLE: Final = 105
_UNAUTHORISED: Final = 107
_IP_RESTORED: Final = 112
_LYING_IN_BED: Final = 117
_MOVEMENT: Final = 119
_AT_HOME: Final = 121
_RADIO_RESTORED: Final = 124
_TAMPERED: Final = 125


@dataclass(frozen=True, slots=True)
class KindCodes:
    """What an alarm of a kind is. `cleared` is the status of its all-clear.

    `device` None means that the source's own role tells it.
    """

    device: int | None
    status: int
    cleared: int
    why: str


#: Every kind. `why` stands in docs/scaip.md beside it.
KIND_CODES: Final[dict[AlarmKind, KindCodes]] = {
    AlarmKind.HELP_CALL: KindCodes(None, _ALARM_MANUAL, _RESTORAL, "a person has called"),
    AlarmKind.FALL: KindCodes(
        _FALL_DETECTOR, ALARM_AUTOMATIC, _RESTORAL, "a device has seen a fall"
    ),
    AlarmKind.SMOKE: KindCodes(_SMOKE, ALARM_AUTOMATIC, _RESTORAL, "has a device type of its own"),
    AlarmKind.CARBON_MONOXIDE: KindCodes(
        _CARBON_MONOXIDE, ALARM_AUTOMATIC, _RESTORAL, "has a device type of its own"
    ),
    AlarmKind.GAS: KindCodes(_GAS, ALARM_AUTOMATIC, _RESTORAL, "has a device type of its own"),
    AlarmKind.INACTIVITY: KindCodes(
        _ACTIVITY, _INACTIVE, _MOVEMENT, "too long without a sign of life"
    ),
    AlarmKind.NIGHT_ABSENCE: KindCodes(
        _BED, _TIME_OUT, _LYING_IN_BED, "out of bed beyond the time set"
    ),
    AlarmKind.NOT_UP: KindCodes(
        _ACTIVITY, _INACTIVE, _MOVEMENT, "no sign of life by the morning hour"
    ),
    AlarmKind.LEFT_HOME: KindCodes(
        _WANDERING, _AWAY, _AT_HOME, "has gone out when it was not expected"
    ),
    AlarmKind.NOT_RETURNED: KindCodes(_WANDERING, _TIME_OUT, _AT_HOME, "out beyond the time set"),
    AlarmKind.DOOR_OPEN: KindCodes(_DOOR, _OPEN_TOO_LONG, _CLOSED, "a door open too long"),
    AlarmKind.BATHROOM_STAY: KindCodes(
        _OCCUPANCY, _TIME_OUT, _MOVEMENT, "in one room beyond the time set"
    ),
    AlarmKind.ROAMING: KindCodes(_WANDERING, _MOVEMENT, _RESTORAL, "moves about at night"),
    AlarmKind.BED_EMPTY: KindCodes(_BED, ALARM_AUTOMATIC, _LYING_IN_BED, "has left the bed"),
    AlarmKind.NO_BED_EXIT: KindCodes(_BED, _INACTIVE, _MOVEMENT, "still in bed"),
    AlarmKind.LEFT_ROOM: KindCodes(_WANDERING, ALARM_AUTOMATIC, _RESTORAL, "has left the room"),
    AlarmKind.MEDICINE_MISSED: KindCodes(
        _PILL_DISPENSER, _PILL_NOT_TAKEN, _PILL_TAKEN, "has a status of its own"
    ),
    AlarmKind.CHECK_IN_MISSED: KindCodes(
        _ACTIVITY, _TIME_OUT, _ACTIVATED, "has not checked in in time"
    ),
    AlarmKind.LIFT_STOPPED: KindCodes(
        _BATH, _MALFUNCTION, _RECTIFIED, "aid in the bathroom stopped in use"
    ),
    AlarmKind.FLOOD: KindCodes(_FLOOD, ALARM_AUTOMATIC, _RESTORAL, "has a device type of its own"),
    AlarmKind.HEAT_LEFT_ON: KindCodes(
        _HEATING, _TIME_OUT, _RESTORAL, "left on beyond the time set"
    ),
    AlarmKind.RECEIVER_LOST: KindCodes(
        _LINK_MONITOR, _IP_LOST, _IP_RESTORED, "the way to a receiver"
    ),
    AlarmKind.PATH_LOST: KindCodes(
        _LINK_MONITOR, _IP_LOST, _IP_RESTORED, "the way out of the home"
    ),
    AlarmKind.FORM_REFUSED: KindCodes(
        _SYSTEM_MONITOR, _TROUBLE, _RECTIFIED, "a fault between two systems"
    ),
    AlarmKind.CREDENTIALS_REFUSED: KindCodes(
        _SYSTEM_MONITOR, _TROUBLE, _RECTIFIED, "a fault between two systems"
    ),
    AlarmKind.TWO_HUBS: KindCodes(
        _SYSTEM_MONITOR, _TROUBLE, _RECTIFIED, "a fault between two systems"
    ),
    AlarmKind.JOURNAL_RESTORED: KindCodes(
        _SYSTEM_MONITOR, _TROUBLE, _RECTIFIED, "a fault of the hub"
    ),
    AlarmKind.JOURNAL_FAULT: KindCodes(_SYSTEM_MONITOR, _FAILURE, _RECTIFIED, "a fault of the hub"),
    AlarmKind.CLOCK_FAULT: KindCodes(_SYSTEM_MONITOR, _FAILURE, _RECTIFIED, "a fault of the hub"),
    AlarmKind.RULE_FAULT: KindCodes(
        _SYSTEM_MONITOR, _FAILURE, _RECTIFIED, "a rule could not alarm"
    ),
    AlarmKind.RADIO_LOST: KindCodes(
        _SYSTEM_MONITOR, _RADIO_INTERFERENCE, _RADIO_RESTORED, "no sensor can be heard"
    ),
    AlarmKind.DEVICE_SILENT: KindCodes(None, _OFFLINE, _ONLINE, "a device is not heard any more"),
    AlarmKind.DEVICE_BLIND: KindCodes(
        None, _MALFUNCTION, _RECTIFIED, "a device sees nothing any more"
    ),
    AlarmKind.DEVICE_TAMPER: KindCodes(
        _TAMPER, _TAMPERED, _RESTORAL, "has a device type of its own"
    ),
    AlarmKind.DEVICE_BATTERY: KindCodes(
        None, _BATTERY_LOW, _BATTERY_FULL, "has a status of its own"
    ),
    AlarmKind.DEVICE_FAULT: KindCodes(
        None, _MALFUNCTION, _RECTIFIED, "a device says that it is broken"
    ),
    AlarmKind.LOCK_FAULT: KindCodes(
        _ELECTRIC_LOCK, _MALFUNCTION, _RECTIFIED, "has a device type of its own"
    ),
    AlarmKind.ENTRY_UNGRANTED: KindCodes(
        _ELECTRIC_LOCK, _UNAUTHORISED, _RECTIFIED, "has a status of its own"
    ),
    AlarmKind.MAINS_LOST: KindCodes(
        _POWER, _MAINS_LOST, _MAINS_RESTORED, "has a status of its own"
    ),
}

#: What a source is, by its role.
ROLE_CODES: Final[dict[Role, int]] = {
    Role.HUB: CONTROLLER,
    Role.RULE: CONTROLLER,
    Role.HELP_BUTTON: _FIXED_TRIGGER,
    Role.MOTION: _ACTIVITY,
    Role.BED: _BED,
    Role.CHAIR: _CHAIR,
    Role.EXIT_DOOR: _DOOR,
    Role.INNER_DOOR: _DOOR,
    Role.ITEM: _ACTIVITY,
    Role.CHECK_IN: _PERSONAL_TRIGGER,
    Role.FALL_SENSOR: _FALL_DETECTOR,
    Role.ROOM_SENSOR: _OCCUPANCY,
    Role.DISPENSER: _PILL_DISPENSER,
    Role.PLUG: _POWER,
    Role.LIFT: _BATH,
    Role.WATER: _FLOOD,
    Role.SMOKE: _SMOKE,
    Role.HEAT: _HEATING,
    Role.MOVER: _ACTIVITY,
    Role.MAINS: _POWER,
    Role.ENTRY_LOCK: _ELECTRIC_LOCK,
    Role.ANSWER: _LOCAL_UNIT,
    Role.WORN: _TRACKING,
    Role.WORN_CHARGER: _TRACKING,
    Role.SCREEN_PLUG: _POWER,
}

#: Where, by the standard's own list.
LOCATION_CODES: Final[dict[Location, int]] = {
    Location.HOME: 2,
    Location.BATHROOM: 11,
    Location.BEDROOM: 12,
    Location.LIVING_ROOM: 43,
    Location.KITCHEN: 21,
    Location.HALLWAY: 42,
    Location.DINING_ROOM: 13,
    Location.STUDY: 26,
    Location.LAUNDRY: 22,
    Location.SAUNA: 24,
    Location.STAIRS: 25,
    Location.BASEMENT: 10,
    Location.LOFT: 28,
    Location.GARAGE: 15,
    Location.GARDEN: 16,
    Location.FRONT_DOOR: 39,
    Location.BACK_DOOR: 40,
}

_LINK_KINDS: Final = frozenset({AlarmKind.RECEIVER_LOST, AlarmKind.PATH_LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The numbers of one message; None is left out."""

    device: int
    component: int | None
    status: int
    location: int | None


def codes_of(passed: Passed) -> Codes:
    """Return the numbers of one message about an alarm."""
    kind = AlarmKind(passed.text(Field.KIND))
    message = MessageKind(passed.text(Field.MESSAGE))
    numbers = KIND_CODES[kind]
    device = numbers.device
    if device is None:
        role = passed.code(Field.ROLE, Role)
        device = _PERSONAL_TRIGGER if role is None else ROLE_CODES[role]
    place = passed.code(Field.LOCATION, Location)
    note = passed.code(Field.NOTE, Note)
    return Codes(
        device=device,
        component=_component(kind, passed.code(Field.REASON_CODE, ReasonCode)),
        status=TEST if passed.flag(Field.TEST) else _status(message, note, numbers),
        location=None if place is None else LOCATION_CODES[place],
    )


def _component(kind: AlarmKind, reason: ReasonCode | None) -> int | None:
    if reason is ReasonCode.PRESSED:
        return _BUTTON_1
    return _NETWORK if kind in _LINK_KINDS else None


def _status(message: MessageKind, note: Note | None, kind: KindCodes) -> int:
    match message:
        case MessageKind.ALARM:
            return kind.status
        case MessageKind.ALL_CLEAR:
            return kind.cleared
        case MessageKind.CANCEL:
            return _CANCEL
        case MessageKind.UPDATE:
            # Where another receiver has it, nothing is asked of this one any more.
            return _ABORT if note is Note.TAKEN_ELSEWHERE else kind.status
