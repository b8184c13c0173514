"""What senses life in a home."""

from typing import Any, ClassVar, override

from zigpy.zcl.clusters.security import ZoneType

from simulator.zigbee.device import Actions
from simulator.zigbee.kinds.base import NOTHING, IasSensor
from simulator.zigbee.zcl import HeimanSmoke


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


class ChairMat(IasSensor):
    """A pressure mat in a chair: on while somebody sits on it; wired as the bed's."""

    actions: ClassVar[Actions] = {**IasSensor.actions, "sit_down": NOTHING, "stand_up": NOTHING}
    model = "Chair mat CM-1"
    zone_type = ZoneType.Contact_Switch

    def sit_down(self) -> None:
        """Somebody sits down."""
        self.status(alarm=True)

    def stand_up(self) -> None:
        """The chair is empty."""
        self.status(alarm=False)


class WaterSensor(IasSensor):
    """A water sensor on the floor."""

    actions: ClassVar[Actions] = {**IasSensor.actions, "wet": NOTHING, "dry": NOTHING}
    model = "Water sensor WS-1"
    zone_type = ZoneType.Water_Sensor

    def wet(self) -> None:
        """Water reaches it."""
        self.status(alarm=True)

    def dry(self) -> None:
        """It has been wiped dry."""
        self.status(alarm=False)


class SmokeDetector(IasSensor):
    """A smoke detector; its own siren sounds whatever the network does."""

    actions: ClassVar[Actions] = {**IasSensor.actions, "smoke": NOTHING, "clear": NOTHING}
    model = "Smoke detector SD-1"
    zone_type = ZoneType.Fire_Sensor

    def smoke(self) -> None:
        """It smells smoke."""
        self.status(alarm=True)

    def clear(self) -> None:
        """The smoke has gone."""
        self.status(alarm=False)


class BlinkingSmokeDetector(SmokeDetector):
    """One of a real maker's, whose lamp blinks now and then, and can be told not to (R16)."""

    manufacturer = "HEIMAN"
    model = "HS1SA-E-PLUS"

    @override
    def build(self) -> None:
        super().build()
        self.endpoints[1].serve(HeimanSmoke.cluster_id, heartbeat_indicator=1)

    @property
    def blinks(self) -> bool:
        """Whether its lamp is seen now and then."""
        return bool(self.endpoints[1].value(HeimanSmoke.cluster_id, "heartbeat_indicator"))

    @override
    def show(self) -> dict[str, Any]:
        return {**super().show(), "blinks": self.blinks}


class ToiletLift(IasSensor):
    """A contact on a toilet lift: on while the seat is raised."""

    actions: ClassVar[Actions] = {
        **IasSensor.actions,
        "raise_seat": NOTHING,
        "lower_seat": NOTHING,
    }
    model = "Toilet lift contact TL-1"
    zone_type = ZoneType.Contact_Switch

    def raise_seat(self) -> None:
        """The seat leaves its lowest position."""
        self.status(alarm=True)

    def lower_seat(self) -> None:
        """The seat is back in its lowest position."""
        self.status(alarm=False)


class MedicineDispenser(IasSensor):
    """A contact in a medicine dispenser: on while a dose is being taken out."""

    actions: ClassVar[Actions] = {**IasSensor.actions, "open": NOTHING, "close": NOTHING}
    model = "Medicine dispenser MD-1"
    zone_type = ZoneType.Contact_Switch

    def open(self) -> None:
        """Somebody opens it for a dose."""
        self.status(alarm=True)

    def close(self) -> None:
        """It is closed again."""
        self.status(alarm=False)
