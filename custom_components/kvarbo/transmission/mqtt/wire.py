"""A connection as the MQTT library sees it: octets in and out of an asyncio transport, without a wait.

The library would connect by itself, with blocking sockets that cannot be tied to the tunnel in time. So it is
given this in place of a socket, and the connection is made by us (`link.py`).
"""

import asyncio
from collections.abc import Callable
from typing import Final, override

#: Longest packet that is read, in octets; brokers are told so with the first packet.
LONGEST: Final = 64 * 1024
#: A packet's length is written in four octets at most (MQTT 5, 1.5.5).
_LENGTH_OCTETS: Final = 4
#: The first octet of a DISCONNECT.
_GOODBYE: Final = 0xE0


class TooLongError(ValueError):
    """The far end has begun a packet that is longer than it may be, or none at all."""


class Framing:
    """Looks at the lengths of packets as they come, so that nobody makes us keep a huge one.

    And at why a broker says good-bye: the library overlooks that where nothing follows the reason.
    """

    def __init__(self) -> None:
        """Begin before the first packet."""
        #: The reason of the last DISCONNECT (3.14.2.1); None: there was none.
        self.goodbye: int | None = None
        self._left = 0
        self._head = bytearray()
        self._says_goodbye = False

    def feed(self, octets: bytes) -> None:
        """Look at what has come; raises TooLongError."""
        place = 0
        while place < len(octets):
            if self._left:
                if self._says_goodbye:
                    self.goodbye, self._says_goodbye = octets[place], False
                taken = min(self._left, len(octets) - place)
                self._left -= taken
                place += taken
                continue
            self._head.append(octets[place])
            place += 1
            if len(self._head) > 1:
                self._length()

    def _length(self) -> None:
        if self._head[-1] & 0x80:
            if len(self._head) > _LENGTH_OCTETS:
                raise TooLongError
            return
        self._left = sum((octet & 0x7F) << (7 * n) for n, octet in enumerate(self._head[1:]))
        self._says_goodbye = self._head[0] == _GOODBYE and self._left > 0
        self._head.clear()
        if self._left > LONGEST:
            raise TooLongError


class Wire(asyncio.Protocol):
    """Both ends: the transport's protocol, and what the library takes for a socket."""

    def __init__(self, heard: Callable[[], None], lost: Callable[[Exception | None], None]) -> None:
        """`heard` is called when there is something to read, `lost` once, when the connection is gone."""
        self._heard = heard
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._framing = Framing()
        self._in = bytearray()
        self._ended = False

    # -- the transport's side ------------------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio gives a stream
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._framing.feed(data)
        except TooLongError as err:
            self._end(err)
            return
        self._in += data
        self._heard()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._transport is not None and not self._ended

    @property
    def goodbye(self) -> int | None:
        """Why the broker has said good-bye; None: it has not, or not why."""
        return self._framing.goodbye

    @property
    def has_more(self) -> bool:
        """Whether there is something that has not been read."""
        return bool(self._in)

    def _end(self, err: Exception | None) -> None:
        if self._ended:
            return
        self._ended = True
        if self._transport is not None:
            self._transport.abort()
        self._lost(err)

    # -- the library's side --------------------------------------------------------------------

    def recv(self, buffer_size: int) -> bytes:
        """Return what has come; raises BlockingIOError where nothing has, empty at the end."""
        if not self._in:
            if self._ended:
                return b""
            raise BlockingIOError
        taken = bytes(self._in[:buffer_size])
        del self._in[:buffer_size]
        return taken

    def send(self, buffer: bytes) -> int:
        """Hand octets to the network; raises ConnectionError where there is none any more."""
        if self._transport is None or self._ended:
            raise ConnectionResetError
        self._transport.write(bytes(buffer))
        return len(buffer)

    def close(self) -> None:
        """Let go of the connection, after what is written has gone."""
        if self._transport is not None:
            self._transport.close()

    def fileno(self) -> int:
        """Return no number: nobody waits on it."""
        return -1

    def setblocking(self, _flag: bool) -> None:  # noqa: FBT001 - the library's own form
        """Never block."""
