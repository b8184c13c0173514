"""SIP over a connection, sealed or not, with its signs of life (RFC 3261 section 18, RFC 5626)."""

import asyncio
import contextlib
from typing import Final, override

from .faults import fault_of
from .framing import Framer, Sign
from .timing import Clock, Timer
from .values import BadMessageError
from .wire import Fault, FlowHearer, Target, UnansweredError

_PING: Final = b"\r\n\r\n"
_PONG: Final = b"\r\n"
#: More than this waits for no far end: one that does not read is gone. Octets.
MOST_UNSENT: Final = 64 * 1024


class Stream(asyncio.Protocol):
    """One connection. Every `ping_every` seconds it asks whether the far end is there."""

    def __init__(
        self,
        target: Target,
        hearer: FlowHearer,
        *,
        clock: Clock,
        ping_every: float,
        pong_within: float,
    ) -> None:
        """Belongs to a connection to the target. Times in seconds."""
        self._target = target
        self._hearer = hearer
        self._clock = clock
        self._ping_every = ping_every
        self._pong_within = pong_within
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._local = ("", 0)
        self._timer: Timer | None = None

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
        """Hand octets to the connection.

        Raises:
            UnansweredError: it is gone, or its far end takes nothing any more.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise UnansweredError(Fault.CLOSED)
        if transport.get_write_buffer_size() + len(octets) > MOST_UNSENT:
            error = UnansweredError(Fault.CUT_OFF, "not reading")
            self._lose(error)
            raise error
        transport.write(octets)

    async def close(self) -> None:
        """Let go; what was handed over is still sent."""
        transport, self._transport = self._transport, None
        self._rest()
        if transport is not None:
            transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(
            transport, asyncio.Transport
        ):  # pragma: no cover - what asyncio hands over
            raise TypeError
        self._transport = transport
        name = transport.get_extra_info("sockname")
        self._local = (str(name[0]), int(name[1]))
        self._wait()

    @override
    def data_received(self, data: bytes) -> None:
        # Anything at all that comes shows that the far end is there.
        self._wait()
        try:
            for found in self._framer.feed(data):
                if self._transport is None:
                    return
                match found:
                    case Sign.PING:
                        with contextlib.suppress(UnansweredError):
                            self.send(_PONG)
                    case Sign.PONG:
                        pass
                    case message:
                        self._hearer.received(self, message)
        except BadMessageError as err:
            self._hearer.malformed(self, err)
            self._lose(UnansweredError(Fault.NOT_SIP, err.words))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(fault_of(exc) if isinstance(exc, OSError) else UnansweredError(Fault.CUT_OFF))

    def _wait(self) -> None:
        self._rest()
        self._timer = self._clock.call_later(self._ping_every, self._ping)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ping(self) -> None:
        with contextlib.suppress(UnansweredError):
            self.send(_PING)
        if self._transport is not None:
            self._timer = self._clock.call_later(self._pong_within, self._silent)

    def _silent(self) -> None:
        self._lose(UnansweredError(Fault.CUT_OFF, f"no answer within {self._pong_within:g} s"))

    def _lose(self, error: UnansweredError) -> None:
        transport, self._transport = self._transport, None
        self._rest()
        if transport is not None:
            transport.abort()
            self._hearer.lost(self, error)
