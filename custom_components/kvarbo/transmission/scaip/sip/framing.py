"""Messages out of a stream (RFC 3261 section 18.3), and the signs of life between them (RFC 5626)."""

from collections.abc import Iterator
from enum import Enum, auto
import re
from typing import Final

from .message import Message
from .parse import LONGEST, content_length, read_head, with_body
from .values import BadMessageError

_END: Final = b"\r\n\r\n"
_BLANK: Final = re.compile(rb"\r?\n\r?\n")


class Sign(Enum):
    """What stands between messages (RFC 5626 section 4.4.1)."""

    #: Two line ends: whoever reads them answers with one.
    PING = auto()
    #: One line end: the answer.
    PONG = auto()


class Framer:
    """Cuts a stream into messages. One a stream; of no further use after an error."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._buffer = bytearray()
        #: So many octets have been looked through for the end of the headers already.
        self._searched = 0
        self._head: tuple[Message, int] | None = None

    def feed(self, octets: bytes) -> Iterator[Message | Sign]:
        """Take what has come, and yield what is whole by now.

        Raises:
            BadMessageError: the stream cannot be read any further.
        """
        self._buffer += octets
        while (found := self._next()) is not None:
            yield found

    def _next(self) -> Message | Sign | None:
        if self._head is None:
            sign = self._sign()
            if sign is not None:
                return sign
            if not self._buffer or self._buffer[0] in b"\r\n":
                return None
            self._head = self._read_head()
        if self._head is None:
            return None
        message, length = self._head
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._head = None
        return with_body(message, body)

    def _sign(self) -> Sign | None:
        """Take line ends away. A ping that comes in halves is read as two answers, and costs nothing."""
        if self._buffer.startswith(_END):
            del self._buffer[:4]
            return Sign.PING
        if self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
            return Sign.PONG
        if self._buffer[:1] == b"\n":
            del self._buffer[:1]
            return Sign.PONG
        return None

    def _read_head(self) -> tuple[Message, int] | None:
        end = _BLANK.search(self._buffer, max(0, self._searched - 3))
        if end is None:
            self._searched = len(self._buffer)
            if self._searched > LONGEST:
                raise BadMessageError("the headers are too long")
            return None
        head = bytes(self._buffer[: end.start()])
        after = end.end()
        message = read_head(head)
        length = content_length(message.headers)
        if length is None:
            raise BadMessageError("a message in a stream states no length")
        if after + length > LONGEST:
            raise BadMessageError("the message is too long")
        del self._buffer[:after]
        self._searched = 0
        return message, length
