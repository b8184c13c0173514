"""A simulated Zigbee end device: an address, endpoints, and what it puts on the air.

A kind of device (see ``simulator.zigbee.kinds``) is data plus a few handlers: it builds its
endpoints and says what it does with the commands that reach it.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import probatio
import zigpy.types as t
from zigpy.zcl import foundation
from zigpy.zdo import types as zdo

from simulator.zigbee import zcl
from simulator.zigbee.zcl import CommandResult, SimEndpoint
from simulator.zigbee.zdo import PROFILE, answer as answer_zdo, frame

if TYPE_CHECKING:
    from simulator.zigbee.coordinator import SimCoordinator

MANUFACTURER: Final = "Kvarbo Simulated"
NO_ADDRESS: Final = t.NWK(0xFFFE)
"""Network address of a device that has joined no network."""

_COORDINATOR: Final = 0x0000
_ALL_AWAKE: Final = 0xFFFD
"""Broadcast address: every device whose receiver is on."""

type Actions = Mapping[str, probatio.Schema]
"""What a hand can do to a kind of device: method name to the schema of its arguments."""


class NotJoinedError(RuntimeError):
    """The device is on no network: it cannot send."""


class SimDevice:
    """A device on the simulated network, or waiting to join it."""

    actions: ClassVar[Actions] = {}
    """Methods that the control API may call, and nothing else."""

    manufacturer = MANUFACTURER
    model = "Device"
    mains = False
    sleepy = True

    def __init__(
        self,
        ieee: str,
        *,
        model: str | None = None,
        latency: float = 0.0,
        link_key: t.KeyData | None = None,
    ) -> None:
        """Make a device as it comes out of its box.

        Args:
            ieee: Eight bytes in hex with colons.
            model: Model name in place of the kind's own.
            latency: Seconds each frame to it takes: how slow a battery device polls.
            link_key: Set for a device that joins only by install code.

        """
        self.ieee = t.EUI64.convert(ieee)
        self.model = model or self.model
        self.latency = latency
        self.link_key = link_key
        self.nwk = NO_ADDRESS
        self.network: SimCoordinator | None = None
        self.home: str | None = None
        """Extended PAN id of the network it has joined."""
        self.reachable = True
        """False: out of range or without power. Frames either way are lost."""
        self.lqi = 180
        """How well the coordinator hears it, 0 to 255."""
        self.rssi = -55
        """The same in dBm."""
        self.endpoints: dict[int, SimEndpoint] = {}
        self.bindings: set[tuple[int, int]] = set()
        """(endpoint, cluster id) that the host has bound."""
        self.reporting: dict[tuple[int, int, int], foundation.AttributeReportingConfig] = {}
        """What the host has configured, by (endpoint, cluster id, attribute id)."""
        self.received: deque[tuple[int, str, dict[str, Any]]] = deque(maxlen=200)
        """(cluster id, command, fields) that reached the device, newest last."""
        self._tsn = 0x7F
        self.build()

    # -- what a kind of device says about itself

    def build(self) -> None:
        """Create the endpoints."""

    def command(
        self,
        endpoint: SimEndpoint,  # noqa: ARG002
        cluster_id: int,  # noqa: ARG002
        name: str,  # noqa: ARG002
        args: Mapping[str, Any],  # noqa: ARG002
    ) -> CommandResult:
        """Act on a cluster command from the host; a device without ears accepts all."""
        return None

    def attribute_written(self, endpoint: SimEndpoint, cluster_id: int, name: str) -> None:
        """Act on an attribute that the host has written."""

    @property
    def settled(self) -> bool:
        """Whether the device, once joined, has had all that it waits for from the host."""
        return True

    def memory(self) -> dict[str, int]:
        """State that a real device keeps without power or host, for ``recall``."""
        return {}

    def recall(self, memory: Mapping[str, int]) -> None:
        """Take back what ``memory`` gave; absent names keep their first value."""

    def changed(self) -> None:
        """Say that ``memory`` has changed."""
        if self.network is not None:
            self.network.changed()

    def show(self) -> dict[str, Any]:
        """State to show to a person, in JSON types."""
        return {}

    def add_endpoint(self, number: int, device_type: int) -> SimEndpoint:
        """Create an endpoint; the first one says who the device is."""
        endpoint = SimEndpoint(number, device_type)
        if not self.endpoints:
            endpoint.serve(
                zcl.BASIC,
                zcl_version=3,
                manufacturer=self.manufacturer,
                model=self.model,
                power_source=1 if self.mains else 3,
                sw_build_id="1.0.0-sim",
            )
            endpoint.serve(zcl.IDENTIFY)
        self.endpoints[number] = endpoint
        return endpoint

    # -- from the device

    def next_tsn(self) -> int:
        """Sequence number of a frame that the device sends by itself, 0x80 to 0xFF.

        The host counts its requests from 1; a command of ours with the number of a pending
        request would be taken for its answer.
        """
        self._tsn = 0x80 | ((self._tsn + 1) & 0x7F)
        return self._tsn

    def send(
        self,
        cluster_id: int,
        endpoint: int,
        data: bytes,
        *,
        profile: int = zcl.HOME_AUTOMATION,
        destination: int = _COORDINATOR,
    ) -> None:
        """Put a frame on the air.

        Raises:
            NotJoinedError: The device is on no network.

        """
        if self.network is None:
            raise NotJoinedError(f"{self.model} {self.ieee} has not joined a network")
        self.network.receive(
            self,
            profile=profile,
            cluster_id=cluster_id,
            endpoint=endpoint,
            data=data,
            destination=destination,
        )

    def send_zdo(
        self,
        command: zdo.ZDOCmd,
        *values: object,
        tsn: int | None = None,
        destination: int = _COORDINATOR,
    ) -> None:
        """Send a ZDO command."""
        data = frame(command, values, tsn=self.next_tsn() if tsn is None else tsn)
        self.send(command, 0, data, profile=PROFILE, destination=destination)

    def send_command(
        self,
        endpoint: int,
        cluster_id: int,
        name: str,
        *,
        from_client: bool = False,
        tsn: int | None = None,
        **fields: object,
    ) -> None:
        """Send a cluster command, from our server cluster or from our client cluster."""
        data = zcl.command_frame(
            cluster_id,
            name,
            fields,
            tsn=self.next_tsn() if tsn is None else tsn,
            from_client=from_client,
        )
        self.send(cluster_id, endpoint, data)

    def send_general(
        self,
        endpoint: int,
        cluster_id: int,
        command: foundation.GeneralCommand,
        fields: Mapping[str, object],
        *,
        tsn: int | None = None,
        direction: foundation.Direction = zcl.TO_CLIENT,
        manufacturer: int | None = None,
    ) -> None:
        """Send a general ZCL command."""
        data = zcl.general_frame(
            command,
            fields,
            tsn=self.next_tsn() if tsn is None else tsn,
            direction=direction,
            manufacturer=manufacturer,
        )
        self.send(cluster_id, endpoint, data)

    def report(self, endpoint: int, cluster_id: int, **values: object) -> None:
        """Give attributes new values and report them, if on a network."""
        application = self.endpoints[endpoint].serve(cluster_id, **values)
        if self.network is None:
            return
        by_name = zcl.cluster_definition(cluster_id).attributes_by_name
        records = t.List[foundation.Attribute](
            foundation.Attribute(by_name[name].id, application.typed(cluster_id, by_name[name].id))
            for name in values
        )
        self.send_general(
            endpoint,
            cluster_id,
            foundation.GeneralCommand.Report_Attributes,
            {"attribute_reports": records},
        )

    def announce(self) -> None:
        """Tell the network that the device is here."""
        capabilities = 0x80 | (0x04 if self.mains else 0) | (0 if self.sleepy else 0x08)
        self.send_zdo(
            zdo.ZDOCmd.Device_annce,
            self.nwk,
            self.ieee,
            capabilities,
            destination=_ALL_AWAKE,
        )

    def leave(self) -> None:
        """Leave the network, saying so (factory reset)."""
        if self.network is not None:
            self.network.leave(self)

    def later(self, delay: float, action: Callable[..., object], *args: object) -> None:
        """Do something after some seconds, unless the device is on no network then."""

        def act() -> None:
            if self.network is not None:
                action(*args)

        if self.network is not None:
            self.network.later(delay, act)

    # -- to the device

    def deliver(self, cluster_id: int, endpoint: int, data: bytes) -> None:
        """Take a frame from the host."""
        if self.network is None or not self.reachable:
            return
        if endpoint == 0:
            answer_zdo(self, cluster_id, data)
        elif (application := self.endpoints.get(endpoint)) is not None:
            zcl.answer(self, application, cluster_id, data)
