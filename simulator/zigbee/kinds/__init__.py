"""The kinds of device a simulated home can have, all built from standard clusters."""

from collections.abc import Mapping
from typing import Final

from simulator.zigbee.device import SimDevice
from simulator.zigbee.kinds.actuators import Lock, Siren
from simulator.zigbee.kinds.appliances import DimmableLamp, PowerPlug, Switched
from simulator.zigbee.kinds.base import BatteryDevice, IasSensor
from simulator.zigbee.kinds.call_points import (
    PanicRemote,
    Press,
    SosButton,
    SosPullCord,
    WallButton,
)
from simulator.zigbee.kinds.sensors import (
    BedMat,
    BlinkingSmokeDetector,
    ChairMat,
    DoorContact,
    MedicineDispenser,
    MotionSensor,
    SmokeDetector,
    ToiletLift,
    WaterSensor,
)

KINDS: Final[Mapping[str, type[SimDevice]]] = {
    kind.__name__: kind
    for kind in (
        WallButton,
        SosButton,
        SosPullCord,
        PanicRemote,
        MotionSensor,
        DoorContact,
        BedMat,
        ChairMat,
        WaterSensor,
        SmokeDetector,
        BlinkingSmokeDetector,
        ToiletLift,
        MedicineDispenser,
        PowerPlug,
        DimmableLamp,
        Lock,
        Siren,
    )
}
"""Every kind by its name, as the control API and the state file call it."""

__all__ = [
    "KINDS",
    "BatteryDevice",
    "BedMat",
    "BlinkingSmokeDetector",
    "ChairMat",
    "DimmableLamp",
    "DoorContact",
    "IasSensor",
    "Lock",
    "MedicineDispenser",
    "MotionSensor",
    "PanicRemote",
    "PowerPlug",
    "Press",
    "Siren",
    "SmokeDetector",
    "SosButton",
    "SosPullCord",
    "Switched",
    "ToiletLift",
    "WallButton",
    "WaterSensor",
]
