"""What battery devices and alarm-zone sensors have in common."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

import probatio
import zigpy.types as t
from zigpy.zcl.clusters.security import ZoneState, ZoneStatus, ZoneType

from simulator.control import Number
from simulator.zigbee.device import Actions, SimDevice
from simulator.zigbee.zcl import IAS_ZONE, POWER, CommandResult, SimEndpoint
from simulator.zigbee.zdo import MANUFACTURER_CODE

NOTHING: Final = probatio.Schema({})
"""Schema of an action without arguments."""
SWITCH: Final = probatio.Schema({probatio.Optional("on", default=True): bool})
"""Schema of an action that is done or undone."""


class BatteryDevice(SimDevice):
    """A device that reports its battery."""

    actions: ClassVar[Actions] = {
        "battery": probatio.Schema({probatio.Required("percent"): Number(0, 100)}),
    }
    first_percent = 100.0
    """Battery level out of the box."""

    def add_battery(self, endpoint: SimEndpoint) -> None:
        """Give an endpoint the power cluster."""
        endpoint.serve(
            POWER, battery_voltage=30, battery_percentage_remaining=int(self.first_percent * 2)
        )

    @property
    def battery_percent(self) -> float:
        """Charge left, 0 to 100 in halves."""
        return float(self.endpoints[1].value(POWER, "battery_percentage_remaining")) / 2

    def battery(self, percent: float) -> None:
        """Report the battery's charge."""
        self.report(1, POWER, battery_percentage_remaining=round(percent * 2))
        self.changed()

    @override
    def memory(self) -> dict[str, int]:
        return {"battery_half_percent": int(self.battery_percent * 2)}

    @override
    def recall(self, memory: Mapping[str, int]) -> None:
        if (value := memory.get("battery_half_percent")) is not None:
            self.endpoints[1].serve(POWER, battery_percentage_remaining=value)

    @override
    def show(self) -> dict[str, Any]:
        return {"battery": self.battery_percent}


class IasSensor(BatteryDevice):
    """A sensor with an intruder alarm system zone: alarm, tamper and low-battery bits.

    Source: Zigbee Cluster Library specification, revision 8, chapter 8.2 (IAS zone).
    """

    actions: ClassVar[Actions] = {
        **BatteryDevice.actions,
        "tamper": SWITCH,
        "low_battery": SWITCH,
        "check_in": NOTHING,
        "lie": SWITCH,
    }
    zone_type = ZoneType.Standard_CIE

    @override
    def build(self) -> None:
        self.lies = False
        """What it says of its alarm is the opposite of what is so."""
        endpoint = self.add_endpoint(1, 0x0402)
        self.add_battery(endpoint)
        endpoint.serve(
            IAS_ZONE,
            zone_state=ZoneState.Not_enrolled,
            zone_type=self.zone_type,
            zone_status=0,
            zone_id=0,
            cie_addr=t.EUI64([0] * 8),
        )

    @override
    def attribute_written(self, endpoint: SimEndpoint, cluster_id: int, name: str) -> None:
        if (cluster_id, name) == (IAS_ZONE, "cie_addr"):
            # The "auto-enroll-request" method: told who is in charge, it asks to be enrolled.
            self.send_command(
                1,
                IAS_ZONE,
                "enroll",
                zone_type=self.zone_type,
                manufacturer_code=MANUFACTURER_CODE,
            )

    @override
    def command(
        self, endpoint: SimEndpoint, cluster_id: int, name: str, args: Mapping[str, Any]
    ) -> CommandResult:
        if (cluster_id, name) == (IAS_ZONE, "enroll_response"):
            endpoint.serve(IAS_ZONE, zone_state=ZoneState.Enrolled, zone_id=args["zone_id"])
            self.changed()
        return None

    @property
    def enrolled(self) -> bool:
        """Whether the host has taken charge of the zone."""
        state = self.endpoints[1].value(IAS_ZONE, "zone_state")
        return bool(state == ZoneState.Enrolled)

    @property
    def zone_status(self) -> ZoneStatus:
        """The bits last sent."""
        return ZoneStatus(self.endpoints[1].value(IAS_ZONE, "zone_status"))

    @property
    def alarm(self) -> bool:
        """Whether the zone's alarm bit is set."""
        return bool(self.zone_status & ZoneStatus.Alarm_1)

    @property
    @override
    def settled(self) -> bool:
        return self.enrolled

    def status(
        self,
        *,
        alarm: bool | None = None,
        tamper: bool | None = None,
        low_battery: bool | None = None,
    ) -> None:
        """Send the zone's status, with the given bits changed."""
        value = int(self.zone_status)
        for bit, wanted in (
            (ZoneStatus.Alarm_1, alarm),
            (ZoneStatus.Tamper, tamper),
            (ZoneStatus.Battery, low_battery),
        ):
            if wanted is not None:
                value = value | bit if wanted else value & ~bit
        self.endpoints[1].serve(IAS_ZONE, zone_status=value)
        self.send_command(
            1,
            IAS_ZONE,
            "status_change_notification",
            zone_status=ZoneStatus(value ^ ZoneStatus.Alarm_1 if self.lies else value),
            extended_status=0,
            zone_id=self.endpoints[1].value(IAS_ZONE, "zone_id"),
            delay=0,
        )
        self.changed()

    def lie(self, *, on: bool) -> None:
        """Say the opposite from here on: wired or mounted the wrong way round."""
        self.lies = on
        self.status()

    def tamper(self, *, on: bool) -> None:
        """Open the housing, or close it again."""
        self.status(tamper=on)

    def low_battery(self, *, on: bool) -> None:
        """Raise the zone's own low-battery bit, or clear it."""
        self.status(low_battery=on)

    def check_in(self) -> None:
        """Send the unchanged status, as devices do each hour or so to show they live."""
        self.status()

    @override
    def memory(self) -> dict[str, int]:
        return {
            **super().memory(),
            "zone_status": int(self.zone_status),
            "enrolled": int(self.enrolled),
        }

    @override
    def recall(self, memory: Mapping[str, int]) -> None:
        super().recall(memory)
        if (status := memory.get("zone_status")) is not None:
            self.endpoints[1].serve(IAS_ZONE, zone_status=status)
        if (enrolled := memory.get("enrolled")) is not None:
            self.endpoints[1].serve(IAS_ZONE, zone_state=1 if enrolled else 0)

    @override
    def show(self) -> dict[str, Any]:
        status = self.zone_status
        return {
            **super().show(),
            "alarm": self.alarm,
            "tamper": bool(status & ZoneStatus.Tamper),
            "low_battery": bool(status & ZoneStatus.Battery),
            "enrolled": self.enrolled,
        }
