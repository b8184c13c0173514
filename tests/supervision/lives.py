"""Simulated lives as the watchers see them: sensors by number, what they say, a rule of every kind."""

from collections.abc import Mapping
from typing import Any, Final

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.catalogue import KINDS, Rule, rule_of
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.settings import read_settings
from simulator.living import Life, Value
from simulator.living.home import Area, Device

PLACES: Final[Mapping[Area, Location]] = {
    Area.BEDROOM: Location.BEDROOM,
    Area.BATHROOM: Location.BATHROOM,
    Area.KITCHEN: Location.KITCHEN,
    Area.LIVING_ROOM: Location.LIVING_ROOM,
    Area.ENTRY: Location.HALLWAY,
}
SAYS: Final[Mapping[Value, Reading]] = {
    Value.ON: Reading.ACTIVE,
    Value.OPEN: Reading.ACTIVE,
    Value.OFF: Reading.IDLE,
    Value.CLOSED: Reading.IDLE,
}
#: What a coordinator has to say of this resident: when the medicine is due. All else is as it comes.
SPOKEN: Final[Mapping[WatcherKind, Mapping[str, Any]]] = {
    WatcherKind.MEDICINE: {"times": ["08:00", "20:00"]},
}


def sensor_of(number: int, device: Device) -> Sensor:
    return Sensor(number, Role(device.role), PLACES[device.area])


def sensors_of(life: Life) -> tuple[Sensor, ...]:
    return tuple(sensor_of(number, device) for number, device in enumerate(life.devices, 1))


def number_of(life: Life, key: str) -> int:
    """Return the number of a device by its key in the simulation."""
    return next(number for number, device in enumerate(life.devices, 1) if device.key == key)


def events_of(life: Life) -> list[Event]:
    """Return what the home hears, in order; that a device is out of reach is no message."""
    numbers = {device.key: number for number, device in enumerate(life.devices, 1)}
    return [
        (event.at, numbers[event.device], SAYS[event.value])
        for event in life.events()
        if event.value in SAYS
    ]


def every_rule() -> tuple[Rule, ...]:
    """Return a rule of every kind."""
    return tuple(
        rule_of(kind, read_settings(KINDS[kind].settings_type, SPOKEN.get(kind, {})))
        for kind in KINDS
    )
