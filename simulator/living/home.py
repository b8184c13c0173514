"""What hangs on the walls of a simulated home, and how one walks in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from simulator.living.sensed import Value


class Area(StrEnum):
    """Rooms, by the names that the recorded homes use."""

    BEDROOM = "Bedroom"
    BATHROOM = "Bathroom"
    KITCHEN = "Kitchen"
    LIVING_ROOM = "LivingRoom"
    ENTRY = "Entry"


class Kind(StrEnum):
    """What a sensor senses, by the names that the recorded homes use."""

    MOTION = "motion"
    CONTACT = "contact"
    BED = "bed"
    ITEM = "item"


class Role(StrEnum):
    """What a device is there for."""

    MOTION = "motion"
    BED = "bed"
    CHAIR = "chair"
    EXIT_DOOR = "exit_door"
    ITEM = "item"
    """Its use shows that somebody is up."""
    CHECK_IN = "check_in"
    DISPENSER = "dispenser"
    PLUG = "plug"
    """Mains of the dispenser: off is unplugged."""
    LIFT = "lift"
    WATER = "water"
    SMOKE = "smoke"
    HEAT = "heat"
    MOVER = "mover"
    """Moves by itself."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the home."""

    key: str
    kind: Kind
    area: Area
    role: Role
    zigbee: str
    """Name of the kind of simulated Zigbee device that plays it."""

    def says(self, *, active: bool) -> Value:
        """What it says when it is active (movement, open, somebody on it), and when not."""
        if self.kind is Kind.CONTACT:
            return Value.OPEN if active else Value.CLOSED
        return Value.ON if active else Value.OFF


DOOR: Final = "door_front"
FRIDGE: Final = "fridge"
CUPBOARD: Final = "cupboard"
KETTLE: Final = "kettle"
STOVE: Final = "stove"
TV: Final = "tv"
CHAIR: Final = "chair"
LIFT: Final = "toilet_lift"
MEDICINE: Final = "medicine"
MAINS: Final = "medicine_mains"
"""The plug that the dispenser hangs on: on while it draws power."""
BUTTON: Final = "fine_button"
VACUUM: Final = "vacuum"
BEDS: Final = ("bed", "bed_2")
"""Mats of the first and the second resident."""
SMOKE: Final = "smoke_kitchen"
LEAKS: Final[Mapping[Area, str]] = {Area.BATHROOM: "water_bathroom", Area.KITCHEN: "water_kitchen"}

MOTION: Final[Mapping[Area, str]] = {
    Area.BEDROOM: "motion_bedroom",
    Area.BATHROOM: "motion_bathroom",
    Area.KITCHEN: "motion_kitchen",
    Area.LIVING_ROOM: "motion_living_room",
    Area.ENTRY: "motion_hall",
}

_ALWAYS: Final = (
    *(Device(key, Kind.MOTION, area, Role.MOTION, "MotionSensor") for area, key in MOTION.items()),
    Device(DOOR, Kind.CONTACT, Area.ENTRY, Role.EXIT_DOOR, "DoorContact"),
    Device(FRIDGE, Kind.CONTACT, Area.KITCHEN, Role.ITEM, "DoorContact"),
    Device(CUPBOARD, Kind.CONTACT, Area.KITCHEN, Role.ITEM, "DoorContact"),
    Device(KETTLE, Kind.ITEM, Area.KITCHEN, Role.ITEM, "PowerPlug"),
    Device(STOVE, Kind.ITEM, Area.KITCHEN, Role.HEAT, "PowerPlug"),
    Device(TV, Kind.ITEM, Area.LIVING_ROOM, Role.ITEM, "PowerPlug"),
    Device(CHAIR, Kind.ITEM, Area.LIVING_ROOM, Role.CHAIR, "ChairMat"),
    Device(LIFT, Kind.ITEM, Area.BATHROOM, Role.LIFT, "ToiletLift"),
    Device(MEDICINE, Kind.ITEM, Area.KITCHEN, Role.DISPENSER, "MedicineDispenser"),
    Device(MAINS, Kind.ITEM, Area.KITCHEN, Role.PLUG, "PowerPlug"),
    Device(BUTTON, Kind.ITEM, Area.KITCHEN, Role.CHECK_IN, "WallButton"),
    *(Device(key, Kind.ITEM, area, Role.WATER, "WaterSensor") for area, key in LEAKS.items()),
    Device(SMOKE, Kind.ITEM, Area.KITCHEN, Role.SMOKE, "SmokeDetector"),
    Device(BEDS[0], Kind.BED, Area.BEDROOM, Role.BED, "BedMat"),
)
_SECOND_BED: Final = Device(BEDS[1], Kind.BED, Area.BEDROOM, Role.BED, "BedMat")
_VACUUM: Final = Device(VACUUM, Kind.ITEM, Area.LIVING_ROOM, Role.MOVER, "PowerPlug")


def devices(*, residents: int, robot_vacuum: bool) -> tuple[Device, ...]:
    """Every device of a home, in a fixed order."""
    return (
        *_ALWAYS,
        *((_SECOND_BED,) if residents > 1 else ()),
        *((_VACUUM,) if robot_vacuum else ()),
    )


def way(start: Area, end: Area) -> tuple[Area, ...]:
    """Rooms that one walks through from a room to another, both included.

    Kitchen and living room are one open space; all else opens on the hall.
    """
    if start is end:
        return (start,)
    open_space = {Area.KITCHEN, Area.LIVING_ROOM}
    if Area.ENTRY in {start, end} or {start, end} == open_space:
        return (start, end)
    return (start, Area.ENTRY, end)
