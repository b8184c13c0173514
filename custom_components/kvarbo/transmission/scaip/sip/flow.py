"""Opening a flow: whose socket, how long, and what stood in the way (RFC 5626, RFC 3261 section 18)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
import logging
import socket
import ssl
from typing import Final

from ...rest.settings import SettingError
from ...tunnel import OPEN, Tunnel
from .faults import fault_of
from .stream import Stream
from .timing import Clock
from .udp import Datagrams
from .wire import Fault, Flow, FlowHearer, Target, Transport, UnansweredError

_LOGGER: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOptions:
    """How flows are opened. Times in seconds.

    `tls` makes the context; it takes some 30 ms and is called in a thread, once. `local_port` is
    the fixed port of our own on UDP, 0 for any.
    """

    tls: Callable[[], ssl.SSLContext]
    clock: Clock
    local_port: int = 0
    tunnel: Tunnel = OPEN
    connect_limit: float = 5.0
    ping_every: float = 25.0
    pong_within: float = 5.0


class Flows:
    """Opens flows; the TLS context is made once."""

    def __init__(self, options: FlowOptions) -> None:
        """Open nothing yet."""
        self._options = options
        self._tls: ssl.SSLContext | None = None

    async def open(self, target: Target, hearer: FlowHearer) -> Flow:
        """Open a flow to a target within the limit of the options.

        Raises:
            UnansweredError: it cannot be opened; nothing was sent.
        """
        limit = self._options.connect_limit
        try:
            async with asyncio.timeout(limit):
                if target.transport is Transport.UDP:
                    return await self._open_datagrams(target, hearer)
                return await self._open_stream(target, hearer)
        except TimeoutError as err:
            if err.errno is None:
                raise UnansweredError(Fault.SILENT, f"{limit:g}") from None
            raise fault_of(err) from None
        except SettingError as err:
            fault = Fault.AUTHORITIES if err.field == "ca_certificate" else Fault.OWN_CERTIFICATE
            raise UnansweredError(fault, err.problem) from None
        except OSError as err:
            raise fault_of(err) from None

    async def _open_datagrams(self, target: Target, hearer: FlowHearer) -> Flow:
        loop = asyncio.get_running_loop()
        own = self._socket(target, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
        try:
            self._bind(own)
            # Connected, so that a refusal is seen and nobody else is heard.
            own.connect((target.host, target.port))
            _, flow = await loop.create_datagram_endpoint(
                lambda: Datagrams(target, hearer), sock=own
            )
        except BaseException:
            own.close()
            raise
        return flow

    def _bind(self, own: socket.socket) -> None:
        port = self._options.local_port
        if not port:
            return
        anywhere = "::" if own.family == socket.AF_INET6 else "0.0.0.0"  # noqa: S104 - connected next
        try:
            own.bind((anywhere, port))
        except OSError as err:
            # A proof beside the running receiver, or another program: any port is better than none.
            _LOGGER.warning("The local port %d cannot be had: %s", port, err.strerror)

    async def _open_stream(self, target: Target, hearer: FlowHearer) -> Flow:
        options, loop = self._options, asyncio.get_running_loop()
        tls: ssl.SSLContext | None = None
        if target.transport is Transport.TLS:
            tls = self._tls = self._tls or await asyncio.to_thread(options.tls)
        own = self._socket(target, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            await loop.sock_connect(own, (target.host, target.port))
            _, flow = await loop.create_connection(
                lambda: Stream(
                    target,
                    hearer,
                    clock=options.clock,
                    ping_every=options.ping_every,
                    pong_within=options.pong_within,
                ),
                sock=own,
                ssl=tls,
                server_hostname=target.name if tls is not None else None,
            )
        except BaseException:
            own.close()
            raise
        return flow

    def _socket(self, target: Target, kind: int, proto: int) -> socket.socket:
        is_six = ip_address(target.host).version == 6  # noqa: PLR2004 - IPv6
        family = socket.AF_INET6 if is_six else socket.AF_INET
        return self._options.tunnel.open_socket(family, kind, proto, target.host)
