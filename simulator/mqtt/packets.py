"""Packets of MQTT 5 as octets (OASIS standard, sections 1.5, 2 and 3). What the broker needs, and no more.

By hand: this end must not share the library of the end that it tests.
"""

from collections.abc import Iterator
from enum import IntEnum
import struct
from typing import Any, Final

LONGEST: Final = 256 * 1024


class Kind(IntEnum):
    """The types of packets."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class MalformedError(ValueError):
    """The octets are no packet that may stand here."""


#: Properties (2.2.2.2): the code, its name, and how it is written.
_PROPERTIES: Final = {
    0x01: ("payload_format", "byte"),
    0x02: ("message_expiry", "four"),
    0x03: ("content_type", "text"),
    0x08: ("response_topic", "text"),
    0x09: ("correlation", "octets"),
    0x0B: ("subscription", "length"),
    0x11: ("session_expiry", "four"),
    0x12: ("assigned_id", "text"),
    0x1F: ("reason", "text"),
    0x21: ("receive_maximum", "two"),
    0x22: ("topic_alias_maximum", "two"),
    0x23: ("topic_alias", "two"),
    0x26: ("user", "pair"),
    0x27: ("maximum_packet", "four"),
    0x18: ("will_delay", "four"),
    0x17: ("request_problem", "byte"),
    0x19: ("request_response", "byte"),
}
_CODES: Final = {name: (code, form) for code, (name, form) in _PROPERTIES.items()}


class Reader:
    """Reads a packet's octets from their beginning."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    @property
    def rest(self) -> bytes:
        """What has not been read."""
        return self._octets[self._at :]

    def take(self, count: int) -> bytes:
        """So many octets."""
        if self._at + count > len(self._octets):
            raise MalformedError("too short")
        taken = self._octets[self._at : self._at + count]
        self._at += count
        return taken

    def byte(self) -> int:
        """A byte."""
        return self.take(1)[0]

    def two(self) -> int:
        """Two bytes, a number."""
        return int(struct.unpack("!H", self.take(2))[0])

    def four(self) -> int:
        """Four bytes, a number."""
        return int(struct.unpack("!I", self.take(4))[0])

    def octets(self) -> bytes:
        """Octets with their length before them."""
        return self.take(self.two())

    def text(self) -> str:
        """Text, UTF-8."""
        try:
            text = self.octets().decode()
        except UnicodeDecodeError as error:
            raise MalformedError("not UTF-8") from error
        if "\0" in text:
            raise MalformedError("a null character")
        return text

    def pair(self) -> tuple[str, str]:
        """Two texts."""
        return self.text(), self.text()

    def length(self) -> int:
        """A number of one to four bytes."""
        value, shift = 0, 0
        while True:
            octet = self.byte()
            value |= (octet & 0x7F) << shift
            if not octet & 0x80:
                return value
            shift += 7
            if shift > 21:  # noqa: PLR2004 - four bytes at most (1.5.5)
                raise MalformedError("length")

    def properties(self) -> dict[str, Any]:
        """The properties of a packet."""
        inner = Reader(self.take(self.length()))
        found: dict[str, Any] = {}
        while inner.rest:
            code = inner.length()
            if code not in _PROPERTIES:
                raise MalformedError(f"property {code:#x}")
            name, form = _PROPERTIES[code]
            value = getattr(inner, form)()
            if name == "user":
                found.setdefault(name, []).append(value)
            elif name in found:
                raise MalformedError(f"property {name} twice")
            else:
                found[name] = value
        return found


def length(value: int) -> bytes:
    """A number of one to four bytes."""
    octets = bytearray()
    while True:
        value, low = divmod(value, 128)
        octets.append(low | (0x80 if value else 0))
        if not value:
            return bytes(octets)


def text(value: str | bytes) -> bytes:
    """A text or octets with their length before them."""
    octets = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(octets)) + octets


def properties(**values: Any) -> bytes:
    """Properties, with their length before them; None is left out."""
    octets = b""
    for name, value in values.items():
        if value is None:
            continue
        code, form = _CODES[name]
        match form:
            case "byte":
                written = bytes([value])
            case "two":
                written = struct.pack("!H", value)
            case "four":
                written = struct.pack("!I", value)
            case "length":
                written = length(value)
            case _:
                written = text(value)
        octets += bytes([code]) + written
    return length(len(octets)) + octets


def packet(kind: Kind, body: bytes, flags: int = 0) -> bytes:
    """A whole packet."""
    return bytes([kind << 4 | flags]) + length(len(body)) + body


def split(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take whole packets off a buffer: first byte and body. Raises MalformedError."""
    while True:
        reader = Reader(bytes(buffer[:5]))
        try:
            first, size = reader.byte(), reader.length()
        except MalformedError:
            if len(buffer) >= 5:  # noqa: PLR2004 - as long as any head can be
                raise
            return
        if size > LONGEST:
            raise MalformedError("packet too large")
        head = 5 - len(reader.rest) if len(buffer) >= 5 else len(buffer) - len(reader.rest)  # noqa: PLR2004
        if len(buffer) < head + size:
            return
        body = bytes(buffer[head : head + size])
        del buffer[: head + size]
        yield first, body


def matches(wanted: str, topic: str) -> bool:
    """Whether a topic is of a filter with wildcards (4.7)."""
    levels, of = topic.split("/"), wanted.split("/")
    for place, level in enumerate(of):
        if level == "#":
            return True
        if place >= len(levels) or level not in ("+", levels[place]):
            return False
    return len(levels) == len(of)
