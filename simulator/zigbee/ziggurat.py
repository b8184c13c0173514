"""The radio's side of the Ziggurat control protocol, version 2, over one WebSocket.

Ziggurat is a Zigbee stack that runs beside the host; ZHA reaches it by radio type ``ziggurat``
and device path ``ws://host:port/``. A frame is one command byte, then a little-endian 16-bit
word of request id and frame type, then a struct. zigpy-ziggurat, the host's own library,
exports the structs, so a change of protocol shows as a failing import or handshake test.

The radio keeps nothing: zigpy's database is its memory, and the host configures it anew after
each restart.
"""

import asyncio
from collections.abc import Callable, Mapping
import contextlib
from dataclasses import dataclass
import logging
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web
import zigpy.types as t
from zigpy_ziggurat.zigbee import protocol, wire

if TYPE_CHECKING:
    from simulator.zigbee.coordinator import SimCoordinator

_LOGGER = logging.getLogger(__name__)

_VERSION: Final = "kvarbo-simulator"
_CLOSE_TIMEOUT: Final = 1.0
"""Seconds that a host gets to say goodbye."""
_QUIET, _NOISY = -80, -60
"""dBm. One channel is quiet, so that a host always chooses the same."""
CHANNEL: Final = 15


@dataclass(frozen=True, slots=True)
class Answer:
    """What the radio says to one request."""

    status: protocol.Status = protocol.Status.OK
    body: bytes = b""
    events: tuple[protocol.Response, ...] = ()
    """Sent before the answer."""
    confirmations: tuple[protocol.Notification, ...] = ()
    """Sent after it, under the request's id."""


_NOTIFICATION_OF: Final = {kind: command for command, kind in protocol.NOTIFICATIONS.items()}


class HostConnection:
    """One host's WebSocket: frames out in order, requests in."""

    def __init__(self, coordinator: SimCoordinator) -> None:
        self._coordinator = coordinator
        self._socket = web.WebSocketResponse(timeout=_CLOSE_TIMEOUT)
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk to the host until it goes or ``close`` is called."""
        await self._socket.prepare(request)
        writer = asyncio.create_task(self._write())
        self.notify(
            protocol.Hello(
                protocol_version=protocol.PROTOCOL_VERSION,
                configured=t.Bool(self._coordinator.state is not None),
            )
        )
        try:
            async for message in self._socket:
                if message.type == WSMsgType.BINARY:
                    self._request(message.data)
        finally:
            writer.cancel()
        return self._socket

    async def close(self) -> None:
        """Hang up on the host."""
        await self._socket.close()

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):  # the reader sees the same and ends
            while True:
                await self._socket.send_bytes(await self._outgoing.get())

    def notify(self, notification: protocol.Notification, request_id: int = 0) -> None:
        """Tell the host something it did not ask for, or the fate of what it sent."""
        self._put(
            protocol.FrameType.NOTIFICATION,
            _NOTIFICATION_OF[type(notification)],
            request_id,
            notification.serialize(),
        )

    def _put(
        self,
        kind: protocol.FrameType,
        command: protocol.RequestCommand | protocol.NotificationCommand,
        request_id: int,
        body: bytes,
    ) -> None:
        self._outgoing.put_nowait(protocol.encode_reply(kind, command, request_id, body))

    def _request(self, frame: bytes) -> None:
        try:
            header, body = protocol.Header.deserialize(frame)
        except ValueError:
            _LOGGER.warning("The host sent a frame without a header: %r", frame[:16])
            return
        command = protocol.RequestCommand(header.command)
        handler = _REQUESTS.get(command)
        if handler is None:
            answer = Answer(protocol.Status.UNKNOWN_COMMAND)
        else:
            try:
                request = protocol.REQUESTS[command].deserialize(body)[0]
            except ValueError:
                answer = Answer(protocol.Status.MALFORMED_PAYLOAD)
            else:
                answer = handler(self._coordinator, request)
        for event in answer.events:
            self._put(protocol.FrameType.EVENT, command, header.request_id, event.serialize())
        status = answer.status.serialize()
        self._put(protocol.FrameType.RESPONSE, command, header.request_id, status + answer.body)
        for confirmation in answer.confirmations:
            self.notify(confirmation, header.request_id)


def network_state(ieee: t.EUI64) -> wire.NetworkState:
    """A network as after forming, for tests that want none of the forming itself."""
    key = t.KeyData(bytes(range(16)))
    return wire.NetworkState(
        channel=t.uint8_t(CHANNEL),
        nwk_update_id=t.uint8_t(0),
        pan_id=t.PanId(0x1A62),
        extended_pan_id=t.ExtendedPanId.convert("dd:dd:dd:dd:dd:dd:dd:dd"),
        nwk_address=t.NWK(0),
        ieee_address=ieee,
        network_key=key,
        network_key_seq=t.uint8_t(0),
        network_key_tx_counter=t.uint32_t(1000),
        # Published: every Zigbee trust centre uses it until a device has its own.
        tc_link_key=t.KeyData(b"ZigBeeAlliance09"),
        has_tclk_seed=t.Bool(False),  # noqa: FBT003
        tclk_seed=key,
        tclk_flavor=protocol.TclkFlavorId.EZSP,
        tx_power=t.int8s(8),
        aps_frame_counter=t.uint32_t(0),
    )


# -- requests


def _done(_coordinator: SimCoordinator, _request: Any) -> Answer:
    return Answer()


def _none_stored(_coordinator: SimCoordinator, _request: Any) -> Answer:
    return Answer(body=protocol.ScanCount(count=0).serialize())


def _firmware(_coordinator: SimCoordinator, _request: Any) -> Answer:
    info = protocol.FirmwareInfo(protocol_version=protocol.PROTOCOL_VERSION, version=_VERSION)
    return Answer(body=info.serialize())


def _address(coordinator: SimCoordinator, _request: Any) -> Answer:
    return Answer(body=protocol.HwAddress(ieee=coordinator.ieee).serialize())


def _shutdown(coordinator: SimCoordinator, _request: Any) -> Answer:
    coordinator.configure(None)
    return Answer()


def _configure(coordinator: SimCoordinator, request: Any) -> Answer:
    coordinator.configure(request.state)
    return Answer()


def _start(coordinator: SimCoordinator, _request: Any) -> Answer:
    if coordinator.state is None:
        return Answer(protocol.Status.NOT_CONFIGURED)
    coordinator.started = True
    return Answer()


def _network(coordinator: SimCoordinator, _request: Any) -> Answer:
    if coordinator.state is None:
        return Answer(protocol.Status.NOT_CONFIGURED)
    info = protocol.NetworkInfo(
        state=coordinator.state, key_count=0, started=t.Bool(coordinator.started)
    )
    return Answer(body=info.serialize())


def _energy(_coordinator: SimCoordinator, request: Any) -> Answer:
    return Answer(
        events=tuple(
            protocol.EnergyResult(channel=channel, rssi=_QUIET if channel == CHANNEL else _NOISY)
            for channel in request.channels
        )
    )


def _permit(coordinator: SimCoordinator, request: Any) -> Answer:
    coordinator.permit_joins(int(request.duration))
    return Answer()


def _install_code(coordinator: SimCoordinator, request: Any) -> Answer:
    coordinator.provisional_keys[request.ieee] = request.key
    return Answer()


def _channel(coordinator: SimCoordinator, request: Any) -> Answer:
    if coordinator.state is None:
        return Answer(protocol.Status.NOT_CONFIGURED)
    coordinator.state.channel = request.channel
    return Answer()


def _update_id(coordinator: SimCoordinator, request: Any) -> Answer:
    if coordinator.state is None:
        return Answer(protocol.Status.NOT_CONFIGURED)
    coordinator.state.nwk_update_id = request.nwk_update_id
    return Answer()


def _cancel(_coordinator: SimCoordinator, _request: Any) -> Answer:
    # What we were given to send is on the air at once: never anything left to cancel.
    result = protocol.CancelResult(cancelled=t.Bool(False))  # noqa: FBT003
    return Answer(body=result.serialize())


def _unicast(coordinator: SimCoordinator, request: Any) -> Answer:
    if not coordinator.started:
        return Answer(protocol.Status.NOT_STARTED)
    status = coordinator.transmit(
        int(request.destination),
        request.destination_eui64 if request.has_eui64 else None,
        int(request.cluster_id),
        int(request.dst_ep),
        bytes(request.asdu),
    )
    sent = protocol.SendConfirm(status=status)
    if status != protocol.SendStatus.SUCCESS or not request.aps_ack:
        return Answer(confirmations=(sent,))
    return Answer(confirmations=(sent, protocol.ApsAckConfirm(status=status)))


def _broadcast(coordinator: SimCoordinator, request: Any) -> Answer:
    if not coordinator.started:
        return Answer(protocol.Status.NOT_STARTED)
    coordinator.broadcast(int(request.cluster_id), int(request.dst_ep), bytes(request.asdu))
    return _confirm_broadcast(coordinator, request)


def _confirm_broadcast(_coordinator: SimCoordinator, _request: Any) -> Answer:
    confirmation = protocol.BroadcastConfirm(status=protocol.SendStatus.SUCCESS)
    return Answer(confirmations=(confirmation,))


_Command = protocol.RequestCommand
_REQUESTS: Final[Mapping[protocol.RequestCommand, Callable[[SimCoordinator, Any], Answer]]] = {
    _Command.RESET: _done,
    _Command.GET_FIRMWARE_INFO: _firmware,
    _Command.GET_HW_ADDRESS: _address,
    _Command.SHUTDOWN: _shutdown,
    _Command.CONFIGURE: _configure,
    _Command.LOAD_KEY_TABLE: _done,
    _Command.LOAD_CHILDREN: _done,
    _Command.LOAD_ADDRESS_CACHE: _done,
    _Command.LOAD_ROUTE_TABLE: _done,
    _Command.LOAD_SOURCE_ROUTES: _done,
    _Command.START_NETWORK: _start,
    _Command.GET_NETWORK_INFO: _network,
    _Command.SCAN_KEY_TABLE: _none_stored,
    _Command.SCAN_CHILDREN: _none_stored,
    _Command.SCAN_ADDRESS_CACHE: _none_stored,
    _Command.SCAN_ROUTE_TABLE: _none_stored,
    _Command.SEND_UNICAST: _unicast,
    _Command.SEND_BROADCAST: _broadcast,
    # Our devices are members of no group.
    _Command.SEND_GROUPCAST: _confirm_broadcast,
    _Command.CANCEL_REQUEST: _cancel,
    _Command.PERMIT_JOINS: _permit,
    _Command.SET_CHANNEL: _channel,
    _Command.SET_NWK_UPDATE_ID: _update_id,
    _Command.SET_PROVISIONAL_KEY: _install_code,
    _Command.SET_TUNABLE: _done,
    _Command.ENERGY_SCAN: _energy,
    # No other network is in reach.
    _Command.NETWORK_SCAN: _done,
}
