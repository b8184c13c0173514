"""Kvarbo's Bluetooth profile of a medicine dispenser, octet by octet (docs/ble-profile.md).

It can tell of doses and can be told what was heard. Nothing in it can set, hand out, delay or change a dose, and
no drug has a name in it (needs.md 1b).
"""

from dataclasses import dataclass
from enum import StrEnum
import struct
from typing import Final

_UUID: Final = "6b766172-626f-4d44-8001-{:012x}"
SERVICE: Final = _UUID.format(0x10)
STATE: Final = _UUID.format(0x11)
EVENT: Final = _UUID.format(0x12)
ACKNOWLEDGE: Final = _UUID.format(0x13)

_VERSION: Final = 1
#: Version, dose, condition bits, battery, doses left, counter of the newest event.
_STATE_FORM: Final = struct.Struct("<BBBBHI")
#: Version, what, counter, how long ago.
_EVENT_FORM: Final = struct.Struct("<BBII")
_ACK_FORM: Final = struct.Struct("<I")
_NO_BATTERY: Final = 255
_FULL: Final = 100
_NOT_COUNTED: Final = 0xFFFF
_WELL: Final = 0x80


class Dose(StrEnum):
    """How it stands with the newest dose. Dispensed is not taken: only the dispenser itself says that."""

    IDLE = "idle"
    DUE = "due"
    DISPENSED = "dispensed"
    TAKEN = "taken"
    MISSED = "missed"
    SKIPPED = "skipped"


class Trouble(StrEnum):
    """What is wrong with a dispenser, the least first."""

    LOW = "low"
    EMPTY = "empty"
    JAMMED = "jammed"
    NO_POWER = "no_power"


_DOSES: Final = tuple(Dose)
_TROUBLES: Final = tuple(Trouble)
_FIRST_TROUBLE: Final = 0x10


class BadOctetsError(ValueError):
    """What a dispenser sent is not of this profile; the words name the field."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the State characteristic holds. `battery` in percent and `left` in doses, None where it cannot tell.

    `counter` is that of the newest event, 0 before the first.
    """

    dose: Dose
    troubles: frozenset[Trouble]
    battery: int | None
    left: int | None
    counter: int


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: a dose's step, or a trouble that began (`is_over`: ended). `ago` in seconds, by its own clock."""

    what: Dose | Trouble
    is_over: bool
    counter: int
    ago: int


def read_state(octets: bytes) -> Told:
    """Return what State holds; longer ones of later versions are read as far as they are known.

    Raises:
        BadOctetsError: it is too short, or a field has no such value.
    """
    version, dose, bits, battery, left, counter = _unpack(_STATE_FORM, octets)
    _check_version(version)
    if dose >= len(_DOSES):
        raise BadOctetsError(f"dose: {dose}")
    if bits >> len(_TROUBLES):
        raise BadOctetsError(f"condition: {bits:#04x}")
    if battery > _FULL and battery != _NO_BATTERY:
        raise BadOctetsError(f"battery: {battery}")
    return Told(
        dose=_DOSES[dose],
        troubles=frozenset(t for bit, t in enumerate(_TROUBLES) if bits & 1 << bit),
        battery=None if battery == _NO_BATTERY else battery,
        left=None if left == _NOT_COUNTED else left,
        counter=counter,
    )


def write_state(told: Told) -> bytes:
    """Return the octets of a state; see `read_state`."""
    bits = sum(1 << bit for bit, trouble in enumerate(_TROUBLES) if trouble in told.troubles)
    battery = _NO_BATTERY if told.battery is None else told.battery
    left = _NOT_COUNTED if told.left is None else told.left
    return _STATE_FORM.pack(_VERSION, _DOSES.index(told.dose), bits, battery, left, told.counter)


def read_event(octets: bytes) -> Event:
    """Return what happened.

    Raises:
        BadOctetsError: it is too short, or a field has no such value.
    """
    version, what, counter, ago = _unpack(_EVENT_FORM, octets)
    _check_version(version)
    if not counter:
        raise BadOctetsError("counter: 0")
    is_over = bool(what & _WELL)
    number = what & ~_WELL
    place = number - _FIRST_TROUBLE
    if 0 <= place < len(_TROUBLES):
        return Event(_TROUBLES[place], is_over, counter, ago)
    if is_over or not 0 < number < len(_DOSES):
        raise BadOctetsError(f"what: {what:#04x}")
    return Event(_DOSES[number], is_over=False, counter=counter, ago=ago)


def write_event(event: Event) -> bytes:
    """Return the octets of an event; see `read_event`."""
    if isinstance(event.what, Dose):
        number = _DOSES.index(event.what)
    else:
        number = _FIRST_TROUBLE + _TROUBLES.index(event.what) + (_WELL if event.is_over else 0)
    return _EVENT_FORM.pack(_VERSION, number, event.counter, event.ago)


def read_acknowledge(octets: bytes) -> int:
    """Return up to which counter events may be forgotten; raises as `read_event` does."""
    return int(_unpack(_ACK_FORM, octets)[0])


def write_acknowledge(counter: int) -> bytes:
    """Return the octets that let go of all events up to this one."""
    return _ACK_FORM.pack(counter)


def _unpack(form: struct.Struct, octets: bytes) -> tuple[int, ...]:
    if len(octets) < form.size:
        raise BadOctetsError(f"length: {len(octets)} of {form.size}")
    return form.unpack_from(octets)


def _check_version(version: int) -> None:
    # A later one may add at the end, and then keeps this number.
    if version != _VERSION:
        raise BadOctetsError(f"version: {version}")
