"""What senses life in a home."""

from typing import ClassVar

from zigpy.zcl.clusters.security import ZoneType

from simulator.zigbee.device import Actions
from simulator.zigbee.kinds.base import NOTHING, IasSensor


class MotionSensor(IasSensor):
    """A passive infrared motion sensor."""

    actions: ClassVar[Actions] = {**IasSensor.actions, "motion": NOTHING, "clear": NOTHING}
    model = "Motion sensor MS-1"
    zone_type = ZoneType.Motion_Sensor

    def motion(self) -> None:
        """Somebody moves."""
        self.status(alarm=True)

    def clear(self) -> None:
        """Nobody has moved for the sensor's own hold time."""
        self.status(alarm=False)


class DoorContact(IasSensor):
    """A magnet contact on a door."""

    actions: ClassVar[Actions] = {**IasSensor.actions, "open": NOTHING, "close": NOTHING}
    model = "Door contact DC-1"
    zone_type = ZoneType.Contact_Switch

    def open(self) -> None:
        """Open the door."""
        self.status(alarm=True)

    def close(self) -> None:
        """Close the door."""
        self.status(alarm=False)


class BedMat(IasSensor):
    """A pressure mat in the bed: on while somebody lies on it.

    Most are a wired contact to a radio, so it calls itself a contact switch too.
    """

    actions: ClassVar[Actions] = {**IasSensor.actions, "lie_down": NOTHING, "get_up": NOTHING}
    model = "Bed mat BM-1"
    zone_type = ZoneType.Contact_Switch

    def lie_down(self) -> None:
        """Somebody lies down."""
        self.status(alarm=True)

    def get_up(self) -> None:
        """The bed is empty."""
        self.status(alarm=False)
