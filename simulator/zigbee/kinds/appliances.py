"""What is plugged in: a plug that measures what its appliance draws, and a lamp."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

import probatio
from zigpy.zcl import foundation

from simulator.control import Number
from simulator.zigbee.device import Actions, SimDevice
from simulator.zigbee.kinds.base import SWITCH
from simulator.zigbee.zcl import LEVEL, ON_OFF, CommandResult, SimEndpoint

_ELECTRICAL: Final = 0x0B04
"""Electrical measurement cluster."""
_PER_WATT: Final = 10
"""The plug counts in tenths of a watt."""
_MAX_WATTS: Final = 3000
_ACTIVE_POWER_MEASUREMENT: Final = 0x08
_BRIGHTEST: Final = 254


class Switched(SimDevice):
    """A mains device that the host turns on and off."""

    actions: ClassVar[Actions] = {"turn": SWITCH}
    mains = True
    sleepy = False

    @property
    def is_on(self) -> bool:
        """Whether it is turned on."""
        return bool(self.endpoints[1].value(ON_OFF, "on_off"))

    @override
    def command(
        self, endpoint: SimEndpoint, cluster_id: int, name: str, args: Mapping[str, Any]
    ) -> CommandResult:
        if cluster_id != ON_OFF:
            return None
        match name:
            case "on":
                self.turn(on=True)
            case "off" | "off_with_effect":
                self.turn(on=False)
            case "toggle":
                self.turn(on=not self.is_on)
            case _:
                return foundation.Status.UNSUP_CLUSTER_COMMAND
        return None

    def turn(self, *, on: bool) -> None:
        """Turn it on or off, as by its own button."""
        self.report(1, ON_OFF, on_off=int(on))
        self.changed()

    @override
    def memory(self) -> dict[str, int]:
        return {"on": int(self.is_on)}

    @override
    def recall(self, memory: Mapping[str, int]) -> None:
        if (on := memory.get("on")) is not None:
            self.endpoints[1].serve(ON_OFF, on_off=on)

    @override
    def show(self) -> dict[str, Any]:
        return {"on": self.is_on}


class PowerPlug(Switched):
    """A plug that measures what its appliance draws: a kettle, a television, a dispenser.

    Turned off, nothing flows, whatever hangs on it.
    """

    actions: ClassVar[Actions] = {
        **Switched.actions,
        "draw": probatio.Schema({probatio.Required("watts"): Number(0, _MAX_WATTS)}),
    }
    model = "Power plug PP-1"

    @override
    def build(self) -> None:
        self.wanted = 0.0
        """Watts that the appliance would draw."""
        endpoint = self.add_endpoint(1, 0x0051)
        endpoint.serve(ON_OFF, on_off=1)
        endpoint.serve(
            _ELECTRICAL,
            measurement_type=_ACTIVE_POWER_MEASUREMENT,
            active_power=0,
            ac_power_multiplier=1,
            ac_power_divisor=_PER_WATT,
        )

    @property
    def watts(self) -> float:
        """Power that flows."""
        return float(self.endpoints[1].value(_ELECTRICAL, "active_power")) / _PER_WATT

    def draw(self, watts: float) -> None:
        """Let the appliance draw so much from here on."""
        self.wanted = watts
        self._measure()
        self.changed()

    @override
    def turn(self, *, on: bool) -> None:
        super().turn(on=on)
        self._measure()

    def _measure(self) -> None:
        flows = self.wanted if self.is_on else 0.0
        if flows != self.watts:
            self.report(1, _ELECTRICAL, active_power=round(flows * _PER_WATT))

    @override
    def memory(self) -> dict[str, int]:
        return {**super().memory(), "deciwatts": round(self.wanted * _PER_WATT)}

    @override
    def recall(self, memory: Mapping[str, int]) -> None:
        super().recall(memory)
        self.wanted = memory.get("deciwatts", 0) / _PER_WATT
        flows = self.wanted if self.is_on else 0.0
        self.endpoints[1].serve(_ELECTRICAL, active_power=round(flows * _PER_WATT))

    @override
    def show(self) -> dict[str, Any]:
        return {**super().show(), "watts": self.watts}


class DimmableLamp(Switched):
    """A lamp that the host dims, such as the one on the way to the bathroom.

    It takes no time to change: transitions are ignored.
    """

    model = "Dimmable lamp DL-2"

    @override
    def build(self) -> None:
        endpoint = self.add_endpoint(1, 0x0101)
        endpoint.serve(ON_OFF, on_off=0)
        endpoint.serve(LEVEL, current_level=_BRIGHTEST)

    @property
    def level(self) -> int:
        """Brightness that it has, or would have if on: 1 to 254."""
        return int(self.endpoints[1].value(LEVEL, "current_level"))

    @override
    def command(
        self, endpoint: SimEndpoint, cluster_id: int, name: str, args: Mapping[str, Any]
    ) -> CommandResult:
        if cluster_id != LEVEL:
            return super().command(endpoint, cluster_id, name, args)
        if name not in {"move_to_level", "move_to_level_with_on_off"}:
            return foundation.Status.UNSUP_CLUSTER_COMMAND
        level = min(_BRIGHTEST, int(args["level"]))
        if level:
            self.report(1, LEVEL, current_level=level)
        if name == "move_to_level_with_on_off":
            self.turn(on=level > 0)
        self.changed()
        return None

    @override
    def memory(self) -> dict[str, int]:
        return {**super().memory(), "level": self.level}

    @override
    def recall(self, memory: Mapping[str, int]) -> None:
        super().recall(memory)
        if (level := memory.get("level")) is not None:
            self.endpoints[1].serve(LEVEL, current_level=level)

    @override
    def show(self) -> dict[str, Any]:
        return {**super().show(), "level": self.level}
