"""The simulated radio and the air around it.

``SimCoordinator`` is what Home Assistant's ZHA connects to, and every joined device hangs off
it. Not simulated: routers and mesh, the polling queues of sleeping devices (latency only),
groups, key exchange, firmware updates, fragmentation, signal quality.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import web
import zigpy.types as t
from zigpy_ziggurat.zigbee import protocol, wire

from simulator.control import LOOPBACK, listen
from simulator.zigbee import ziggurat
from simulator.zigbee.device import NO_ADDRESS, SimDevice

_FIRST_ADDRESS: Final = 0x1001
_LAST_ADDRESS: Final = 0xFFF7


class JoinRefusedError(PermissionError):
    """The network does not let the device in."""


class Way(StrEnum):
    """Where a frame on the air went."""

    TO_DEVICE = "to_device"
    TO_HOST = "to_host"
    LOST = "lost"
    """Sent by a device while it was out of reach or no host was listening."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that was on the air."""

    way: Way
    nwk: int
    cluster_id: int
    data: bytes


class SimCoordinator:
    """A Zigbee network with its radio, served to one host at a time."""

    def __init__(self, ieee: str = "02:00:00:00:00:00:c0:01", latency: float = 0.0) -> None:
        """Make a radio that no host has configured.

        Args:
            ieee: Address of the radio itself.
            latency: Seconds that every frame to a device takes.

        """
        self.ieee = t.EUI64.convert(ieee)
        self.latency = latency
        self.devices: dict[int, SimDevice] = {}
        """Joined devices by network address."""
        self.state: wire.NetworkState | None = None
        self.started = False
        self.provisional_keys: dict[t.EUI64, t.KeyData] = {}
        """Install codes that the host has announced."""
        self.frames: deque[Frame] = deque(maxlen=10_000)
        """What was on the air, newest last."""
        self.on_change: Callable[[], None] | None = None
        """Called when a device has joined, left, or changed what it keeps without power."""
        self.port = 0
        """TCP port, once started."""
        self.lost = 0
        """Frames from devices that no host heard."""
        self._frames_ever = 0
        self._host: ziggurat.HostConnection | None = None
        self._down_until = 0.0
        self._open_until = 0.0
        self._last_nwk = _FIRST_ADDRESS - 1
        self._opened = asyncio.Event()
        self._timers: set[asyncio.TimerHandle] = set()
        self._runner: web.AppRunner | None = None

    # -- the radio

    @property
    def path(self) -> str:
        """Device path to give to ZHA."""
        return f"ws://{LOOPBACK}:{self.port}/"

    @property
    def host_connected(self) -> bool:
        """Whether a host holds the radio at this moment."""
        return self._host is not None

    def preform(self) -> None:
        """Begin with a network already formed, which spares the host scanning and forming."""
        self.configure(ziggurat.network_state(self.ieee))

    async def start(self, port: int = 0) -> str:
        """Listen on loopback.

        Args:
            port: TCP port; 0 for any free one.

        Returns:
            Device path to give to ZHA.

        Raises:
            OSError: The port is taken or not ours to take.

        """
        app = web.Application()
        app.router.add_get("/", self._serve)
        self._runner, self.port = await listen(app, port)
        return self.path

    async def stop(self) -> None:
        """Take the radio away; devices stay as they are and can be served again."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        await self.drop_connection()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        if asyncio.get_running_loop().time() < self._down_until:
            raise web.HTTPServiceUnavailable(text="the radio is down")
        connection = ziggurat.HostConnection(self)
        self._host = connection  # a radio has one user: the newest
        try:
            return await connection.serve(request)
        finally:
            if self._host is connection:
                self._host = None

    def configure(self, state: wire.NetworkState | None) -> None:
        """Take the network that the host wants, or none.

        A device of another network hears nothing of this one: it is on its own again.
        """
        self.state, self.started, self._open_until = state, False, 0.0
        if state is None:
            return
        for device in list(self.devices.values()):
            if device.home != str(state.extended_pan_id):
                self._forget(device)

    # -- faults

    async def drop_connection(self, seconds: float = 0.0) -> None:
        """Fault: the host loses its radio, as when a stick is pulled.

        Args:
            seconds: How long the radio refuses to be connected to again.

        """
        self._down_until = asyncio.get_running_loop().time() + seconds
        if self._host is not None:
            await self._host.close()

    async def idle(self, quiet: float = 0.1, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait for silence on the air; call it before tearing a host down.

        Commands that ZHA still has under way would otherwise be cut off and logged as errors.

        Args:
            quiet: Seconds without a frame that count as silence.
            timeout: Seconds to wait for them.

        Raises:
            TimeoutError: It never became quiet.

        """
        async with asyncio.timeout(timeout):
            seen = -1
            while seen != self._frames_ever or self._timers:
                seen = self._frames_ever
                await asyncio.sleep(quiet)

    # -- joining and leaving

    @property
    def joining_allowed(self) -> bool:
        """Whether the host has opened the network to new devices."""
        return self.started and asyncio.get_running_loop().time() < self._open_until

    def permit_joins(self, seconds: int) -> None:
        """Open the network to new devices; 0 closes it."""
        self._open_until = asyncio.get_running_loop().time() + seconds
        self._opened.set()
        self._opened = asyncio.Event()

    def join(self, device: SimDevice) -> None:
        """Let a device join, or announce itself anew.

        Only the announcement is sent, which starts the host's interview. The stack's own
        notice of a join would make the radio library arm a timer of 5 s that nothing cancels.

        Raises:
            JoinRefusedError: The network is closed, or the device's install code is not known.

        """
        if not self.joining_allowed and device.network is not self:
            raise JoinRefusedError("the network is closed to joining")
        if device.link_key and self.provisional_keys.get(device.ieee) != device.link_key:
            raise JoinRefusedError("the trust centre does not know this device's install code")
        if device.network is not self:
            if self.state is None:  # joining is not allowed before a network is started
                raise JoinRefusedError("there is no network")
            self.adopt(device, self._free_address(), str(self.state.extended_pan_id))
        device.announce()

    def adopt(self, device: SimDevice, nwk: int, home: str) -> None:
        """Take in a device that has joined before, under the address it had.

        Args:
            device: A device on no network.
            nwk: Its network address.
            home: Extended PAN id of the network it joined.

        Raises:
            ValueError: The address is taken or none for a device.

        """
        if nwk in self.devices or not 0 < nwk <= _LAST_ADDRESS:
            raise ValueError(f"network address 0x{nwk:04X} is taken or reserved")
        device.nwk, device.network, device.home = t.NWK(nwk), self, home
        self.devices[nwk] = device
        self._last_nwk = nwk
        self.changed()

    async def join_when_open(self, device: SimDevice) -> None:
        """Wait until the network is open, then join: what pressing a pairing button does.

        Raises:
            JoinRefusedError: The device's install code is not known.

        """
        while not self.joining_allowed:
            await self._opened.wait()
            # The host permits joining before or after it starts the network; look again.
        self.join(device)

    def leave(self, device: SimDevice) -> None:
        """Take a device off the network and tell the host."""
        nwk = device.nwk
        self._forget(device)
        if self._host is None:
            return
        self._host.notify(
            protocol.DeviceLeft(
                nwk=nwk,
                has_ieee=t.uint1_t(1),
                rejoin=t.uint1_t(0),
                has_router_ieee=t.uint1_t(0),
                reserved=t.uint5_t(0),
                ieee=device.ieee,
                reason=protocol.LeaveReason.ANNOUNCED,
                router=t.NWK(0xFFFF),
                router_ieee=t.EUI64([0] * 8),
            )
        )

    def _forget(self, device: SimDevice) -> None:
        self.devices.pop(int(device.nwk), None)
        device.nwk, device.network, device.home = NO_ADDRESS, None, None
        device.bindings.clear()
        device.reporting.clear()
        self.changed()

    def changed(self) -> None:
        """Say that something worth keeping has changed."""
        if self.on_change is not None:
            self.on_change()

    def _free_address(self) -> int:
        # Onwards from the last one: a host may still know who had a lower one.
        count = _LAST_ADDRESS - _FIRST_ADDRESS + 1
        for step in range(1, count + 1):
            nwk = _FIRST_ADDRESS + (self._last_nwk - _FIRST_ADDRESS + step) % count
            if nwk not in self.devices:
                return nwk
        raise JoinRefusedError("the network has no address left")

    # -- the air

    def later(self, delay: float, action: Callable[..., object], *args: object) -> None:
        """Do something after some seconds, unless the radio is stopped by then."""

        def run() -> None:
            self._timers.discard(handle)
            action(*args)

        handle = asyncio.get_running_loop().call_later(delay, run)
        self._timers.add(handle)

    def transmit(
        self, nwk: int, ieee: t.EUI64 | None, cluster_id: int, endpoint: int, data: bytes
    ) -> protocol.SendStatus:
        """Send a frame to one device, by network address or, failing that, by its own."""
        device = self.devices.get(nwk)
        if device is None:
            device = next((d for d in self.devices.values() if d.ieee == ieee), None)
        if device is None:
            return protocol.SendStatus.ROUTE_DISCOVERY_TIMEOUT
        if not device.reachable:
            return protocol.SendStatus.NWK_NO_ACK
        self._to_device(device, cluster_id, endpoint, data)
        return protocol.SendStatus.SUCCESS

    def broadcast(self, cluster_id: int, endpoint: int, data: bytes) -> None:
        """Send a frame to every device in reach."""
        for device in self.devices.values():
            if device.reachable:
                self._to_device(device, cluster_id, endpoint, data)

    def _to_device(self, device: SimDevice, cluster_id: int, endpoint: int, data: bytes) -> None:
        self._log(Frame(Way.TO_DEVICE, int(device.nwk), cluster_id, data))
        delay = self.latency + device.latency
        self.later(delay, device.deliver, cluster_id, endpoint, data)

    def receive(
        self,
        device: SimDevice,
        *,
        profile: int,
        cluster_id: int,
        endpoint: int,
        data: bytes,
        destination: int,
    ) -> None:
        """Take a frame from a device and hand it to the host, if both are there."""
        if not device.reachable or self._host is None or not self.started:
            self._log(Frame(Way.LOST, int(device.nwk), cluster_id, data))
            self.lost += 1
            return
        self._log(Frame(Way.TO_HOST, int(device.nwk), cluster_id, data))
        self._host.notify(
            protocol.ReceivedAps(
                source=device.nwk,
                destination=t.NWK(destination),
                has_group=t.Bool(False),  # noqa: FBT003
                group=t.uint16_t(0),
                profile_id=t.uint16_t(profile),
                cluster_id=t.uint16_t(cluster_id),
                src_ep=t.uint8_t(endpoint),
                # The host's application endpoint is 1.
                dst_ep=t.uint8_t(1 if endpoint else 0),
                lqi=t.uint8_t(device.lqi),
                rssi=t.int8s(device.rssi),
                data=t.LongOctetString(data),
            )
        )

    def _log(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._frames_ever += 1
