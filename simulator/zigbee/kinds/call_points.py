"""What a resident calls for help with."""

from enum import StrEnum
from typing import Any, ClassVar, Final, override

import probatio
from zigpy.zcl.clusters.general import LevelControl
from zigpy.zcl.clusters.security import ZoneType

from simulator.zigbee.device import Actions
from simulator.zigbee.kinds.base import NOTHING, BatteryDevice, IasSensor
from simulator.zigbee.zcl import IAS_ACE, LEVEL, ON_OFF, SCENES

_HOLD: Final = 0.4
"""Seconds that a long press lasts after the button has recognised it."""


class Press(StrEnum):
    """How a finger presses a wall button."""

    SINGLE = "single"
    DOUBLE = "double"
    LONG = "long"


class WallButton(BatteryDevice):
    """A wall button that sends the commands of a light remote, as most shop-bought ones do.

    Single is On, double is Off, long is Move (with on/off) and Stop when let go. ZHA gives
    each command as a ``zha_event``; nothing tells that they mean a call for help (R12).
    """

    actions: ClassVar[Actions] = {
        **BatteryDevice.actions,
        "press": probatio.Schema(
            {probatio.Optional("pattern", default=Press.SINGLE.value): probatio.Coerce(Press)}
        ),
    }
    model = "Wall button WB-1"

    @override
    def build(self) -> None:
        endpoint = self.add_endpoint(1, 0x0006)
        self.add_battery(endpoint)
        endpoint.clients |= {ON_OFF, LEVEL, SCENES}

    def press(self, pattern: Press = Press.SINGLE) -> None:
        """Press the button."""
        match pattern:
            case Press.SINGLE:
                self.send_command(1, ON_OFF, "on", from_client=True)
            case Press.DOUBLE:
                self.send_command(1, ON_OFF, "off", from_client=True)
            case Press.LONG:
                self.send_command(
                    1,
                    LEVEL,
                    "move_with_on_off",
                    from_client=True,
                    move_mode=LevelControl.MoveMode.Up,
                    rate=83,
                )
                self.later(_HOLD, self._let_go)

    def _let_go(self) -> None:
        self.send_command(1, LEVEL, "stop_with_on_off", from_client=True)


class SosButton(IasSensor):
    """A pendant or wall button that only ever says "on".

    Many are so: nothing is sent when the button comes up. Home Assistant sees no change of
    state at the second press, so resetting is the gateway's business.
    """

    actions: ClassVar[Actions] = {**IasSensor.actions, "press": NOTHING}
    model = "SOS button SB-1"
    zone_type = ZoneType.Personal_Emergency_Device

    def press(self) -> None:
        """Press the button."""
        self.status(alarm=True)


class SosPullCord(IasSensor):
    """A pull cord that latches: on from the pull until somebody resets it by hand."""

    actions: ClassVar[Actions] = {**IasSensor.actions, "pull": NOTHING, "release": NOTHING}
    model = "Pull cord PC-1"
    zone_type = ZoneType.Personal_Emergency_Device

    @property
    def pulled(self) -> bool:
        """Whether the cord is latched."""
        return self.alarm

    def pull(self) -> None:
        """Pull the cord; pulling a latched cord sends nothing more."""
        if not self.pulled:
            self.status(alarm=True)

    def release(self) -> None:
        """Reset the cord."""
        self.status(alarm=False)


class PanicRemote(BatteryDevice):
    """A key fob with the commands of an alarm panel's remote control (IAS ACE).

    ZHA fires no event for them: they show as the state of an alarm panel.
    """

    actions: ClassVar[Actions] = {**BatteryDevice.actions, "emergency": NOTHING, "panic": NOTHING}
    model = "Key fob KF-1"

    @override
    def build(self) -> None:
        endpoint = self.add_endpoint(1, 0x0401)
        self.add_battery(endpoint)
        endpoint.clients |= {IAS_ACE}

    def emergency(self) -> None:
        """Press the emergency key."""
        self.send_command(1, IAS_ACE, "emergency", from_client=True)

    def panic(self) -> None:
        """Press the panic key."""
        self.send_command(1, IAS_ACE, "panic", from_client=True)

    @override
    def show(self) -> dict[str, Any]:
        return {**super().show(), "received": [name for _, name, _ in self.received][-5:]}
