"""SIP in datagrams: a socket with one far end (RFC 3261 section 18.1.1)."""

import asyncio
from typing import override

from .parse import parse_message
from .values import BadMessageError
from .wire import Fault, FlowHearer, Target, UnansweredError


class Datagrams(asyncio.DatagramProtocol):
    """One UDP socket that is connected: strangers are not heard, refusals are."""

    def __init__(self, target: Target, hearer: FlowHearer) -> None:
        """Belongs to a socket that is connected to the target."""
        self._target = target
        self._hearer = hearer
        self._transport: asyncio.DatagramTransport | None = None
        self._local = ("", 0)

    @property
    def target(self) -> Target:
        """Where it leads."""
        return self._target

    @property
    def local(self) -> tuple[str, int]:
        """Our own address and port."""
        return self._local

    @property
    def is_open(self) -> bool:
        """Whether anything can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, octets: bytes) -> None:
        """Send one datagram.

        Raises:
            UnansweredError: the socket is gone.
        """
        if self._transport is None or self._transport.is_closing():
            raise UnansweredError(Fault.CLOSED)
        self._transport.sendto(octets)

    async def close(self) -> None:
        """Let go."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.DatagramTransport):  # pragma: no cover - asyncio's own
            raise TypeError
        self._transport = transport
        name = transport.get_extra_info("sockname")
        self._local = (str(name[0]), int(name[1]))

    @override
    def datagram_received(self, data: bytes, addr: object) -> None:
        if self._transport is None or not data.strip(b"\r\n\0 "):
            # Empty ones keep a router's memory of us fresh (RFC 5626 section 3.5.1).
            return
        try:
            message = parse_message(data)
        except BadMessageError as err:
            self._hearer.malformed(self, err)
            return
        self._hearer.received(self, message)

    @override
    def error_received(self, exc: Exception) -> None:
        refused = isinstance(exc, ConnectionRefusedError)
        words = "" if refused else str(getattr(exc, "strerror", "") or type(exc).__name__)
        self._lose(UnansweredError(Fault.REFUSED if refused else Fault.NO_ROUTE, words))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(UnansweredError(Fault.CUT_OFF))

    def _lose(self, error: UnansweredError) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            self._hearer.lost(self, error)
