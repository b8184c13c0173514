"""The broker: sessions that outlive connections, QoS 0 and 1, wills, retained messages, refusals on command.

What a client does against the standard is complained of, and cut off.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import socket
import ssl
from typing import Final, override

from .packets import (
    Kind,
    MalformedError,
    Reader,
    matches,
    packet,
    properties,
    split,
    text,
)

HOST: Final = "127.0.0.1"
#: Reason codes (2.4).
NOBODY, NOT_AUTHORIZED, BAD_USER, TAKEN_OVER, QUOTA = 0x10, 0x87, 0x86, 0x8E, 0x97
_WITH_WILL: Final = 0x04
_MOST_QUEUED: Final = 1000
_PUBLISHES: Final = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A message as it was published. `by` is the client's id, empty for the broker's own side."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    by: str = ""
    response_topic: str = ""
    correlation: bytes = b""
    content_type: str = ""
    expiry: int | None = None


@dataclass(slots=True)
class Session:
    """What is kept of a client over its connections."""

    client_id: str
    filters: dict[str, int] = field(default_factory=dict)
    #: What the client calls its subscriptions, by filter, where it calls them anything.
    identifiers: dict[str, int] = field(default_factory=dict)
    queued: deque[Published] = field(default_factory=deque)
    unacked: dict[int, Published] = field(default_factory=dict)
    connection: Connection | None = None
    keeps: bool = False
    next_id: int = 0


class Broker:
    """Listens on loopback. `users` are names and passwords; empty: anybody.

    `allowed(user, topic, publishes)` is the access list. `heard` is called with every message that a client publishes.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        allowed: Callable[[str, str, bool], bool] = lambda _user, _topic, _publishes: True,
        heard: Callable[[Published], None] = lambda _published: None,
    ) -> None:
        self.users = dict(users or {})
        self.allowed = allowed
        self.heard = heard
        self.sessions: dict[str, Session] = {}
        self.retained: dict[str, Published] = {}
        self.published: list[Published] = []
        self.complaints: list[str] = []
        #: What a client's publish is answered with, in place of 0; None: it is not answered.
        self.word: int | None = 0
        #: Filters of the broker's own side: whatever matches has somebody who listens.
        self.listening: list[str] = []
        self.connects = 0
        self.port = 0
        self._tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self.connections: set[Connection] = set()

    async def open(self, port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Listen; return the port."""
        self._tls = tls
        self.port = port
        await self.up()
        return self.port

    async def up(self) -> None:
        """Listen again on the same port."""
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, self.port))
        self.port = held.getsockname()[1]
        self._server = await loop.create_server(lambda: Connection(self), sock=held, ssl=self._tls)

    async def down(self) -> None:
        """Cut all connections and refuse new ones; sessions are kept."""
        if self._server is not None:
            server, self._server = self._server, None
            server.close()
        for connection in list(self.connections):
            connection.cut()
        await asyncio.sleep(0)

    async def close(self) -> None:
        """End for good."""
        await self.down()

    def forget(self) -> None:
        """Lose all sessions and what was kept, as a broker without a disk that is started anew."""
        self.sessions.clear()
        self.retained.clear()

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        correlation: bytes = b"",
        retain: bool = False,
        qos: int = 1,
    ) -> int:
        """Publish from the broker's own side; return how many sessions get it."""
        return self.route(
            Published(topic=topic, payload=payload, qos=qos, retain=retain, correlation=correlation)
        )

    def route(self, message: Published) -> int:
        """Bring a message to whoever listens; return how many do."""
        if message.retain:
            if message.payload:
                self.retained[message.topic] = message
            else:
                self.retained.pop(message.topic, None)
        count = 0
        for session in self.sessions.values():
            if any(matches(wanted, message.topic) for wanted in session.filters):
                count += 1
                if len(session.queued) < _MOST_QUEUED:
                    session.queued.append(message)
                self.drain(session)
        return count + sum(matches(wanted, message.topic) for wanted in self.listening)

    def drain(self, session: Session) -> None:
        """Send what waits for a client that is there."""
        while session.queued and session.connection is not None:
            message = session.queued.popleft()
            session.next_id = session.next_id % 65_535 + 1
            session.unacked[session.next_id] = message
            session.connection.bring(message, session.next_id)

    def complain(self, words: str) -> None:
        """Note what a client did against the standard."""
        self.complaints.append(words)


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._session: Session | None = None
        self._user = ""
        self._will: Published | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio gives a stream
        self._transport = transport
        self._broker.connections.add(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone; the will is made known."""
        self._broker.connections.discard(self)
        session, self._session = self._session, None
        if session is not None and session.connection is self:
            session.connection = None
            # What was not acknowledged goes again (4.4).
            session.queued.extendleft(reversed(session.unacked.values()))
            session.unacked.clear()
            if not session.keeps:
                self._broker.sessions.pop(session.client_id, None)
        self._tell_will()

    @override
    def data_received(self, data: bytes) -> None:
        """Take octets."""
        self._buffer += data
        try:
            for first, body in split(self._buffer):
                self._take(first, Reader(body))
        except MalformedError as error:
            self._broker.complain(f"malformed: {error}")
            self.cut()

    def cut(self) -> None:
        """End it without a word."""
        if self._transport is not None:
            self._transport.abort()

    def bring(self, message: Published, packet_id: int) -> None:
        """Send a message to the client."""
        body = (
            text(message.topic)
            + packet_id.to_bytes(2)
            + properties(
                correlation=message.correlation or None, subscription=self._called(message.topic)
            )
        )
        self._send(packet(Kind.PUBLISH, body + message.payload, 0b0010 | message.retain))

    def _called(self, topic: str) -> int | None:
        """What the client calls the subscription by which it gets a topic (3.3.2.3.8)."""
        known = self._session.identifiers if self._session is not None else {}
        return next((name for wanted, name in known.items() if matches(wanted, topic)), None)

    def _send(self, octets: bytes) -> None:
        if self._transport is not None:
            self._transport.write(octets)

    def _tell_will(self) -> None:
        will, self._will = self._will, None
        if will is not None:
            self._broker.published.append(will)
            self._broker.route(will)
            self._broker.heard(will)

    # -- what comes ----------------------------------------------------------------------------

    def _take(self, first: int, reader: Reader) -> None:
        kind, flags = Kind(first >> 4) if first >> 4 in Kind else None, first & 0x0F
        if (self._session is None) != (kind is Kind.CONNECT):
            raise MalformedError(f"{kind} before or after CONNECT")
        match kind:
            case Kind.CONNECT:
                self._connect(reader)
            case Kind.PUBLISH:
                self._publish(flags, reader)
            case Kind.PUBACK:
                assert self._session is not None  # noqa: S101 - checked above
                self._session.unacked.pop(reader.two(), None)
            case Kind.SUBSCRIBE:
                self._subscribe(reader)
            case Kind.UNSUBSCRIBE:
                self._unsubscribe(reader)
            case Kind.PINGREQ:
                self._send(packet(Kind.PINGRESP, b""))
            case Kind.DISCONNECT:
                reason = reader.byte() if reader.rest else 0
                if reason != _WITH_WILL:
                    self._will = None
                if self._transport is not None:
                    self._transport.close()
            case _:
                raise MalformedError(f"packet {first >> 4}")

    def _connect(self, reader: Reader) -> None:
        if (reader.text(), reader.byte()) != ("MQTT", 5):
            raise MalformedError("not MQTT 5")
        flags = reader.byte()
        reader.two()
        asked = reader.properties()
        client_id = reader.text()
        will: Published | None = None
        if flags & 0x04:
            reader.properties()
            will = Published(
                topic=reader.text(),
                payload=reader.octets(),
                qos=flags >> 3 & 0b11,
                retain=bool(flags & 0x20),
                by=client_id,
            )
        user = reader.text() if flags & 0x80 else ""
        password = reader.text() if flags & 0x40 else ""
        self._broker.connects += 1
        assigned = None if client_id else f"assigned-{self._broker.connects}"
        client_id = client_id or str(assigned)
        if self._broker.users and self._broker.users.get(user) != password:
            self._send(packet(Kind.CONNACK, bytes([0, BAD_USER]) + properties()))
            if self._transport is not None:
                self._transport.close()
            return
        sessions = self._broker.sessions
        if flags & 0x02:
            sessions.pop(client_id, None)
        present = client_id in sessions
        session = sessions.setdefault(client_id, Session(client_id))
        if session.connection is not None:
            session.connection.taken_over()
        session.keeps = bool(asked.get("session_expiry"))
        session.connection = self
        self._session, self._user, self._will = session, user, will
        told = properties(assigned_id=assigned)
        self._send(packet(Kind.CONNACK, bytes([present, 0]) + told))
        self._broker.drain(session)

    def taken_over(self) -> None:
        """Another connection has the session now (3.14.2.1)."""
        self._session = None
        self._send(packet(Kind.DISCONNECT, bytes([TAKEN_OVER]) + properties()))
        if self._transport is not None:
            self._transport.close()

    def _publish(self, flags: int, reader: Reader) -> None:
        qos = flags >> 1 & 0b11
        topic = reader.text()
        if not topic or set(topic) & set("+#"):
            raise MalformedError("topic")
        packet_id = reader.two() if qos else 0
        told = reader.properties()
        assert self._session is not None  # noqa: S101 - checked by _take
        message = Published(
            topic=topic,
            payload=reader.rest,
            qos=qos,
            retain=bool(flags & 1),
            by=self._session.client_id,
            response_topic=told.get("response_topic", ""),
            correlation=told.get("correlation", b""),
            content_type=told.get("content_type", ""),
            expiry=told.get("message_expiry"),
        )
        self._broker.published.append(message)
        word = self._broker.word
        if not self._broker.allowed(self._user, topic, _PUBLISHES):
            word = NOT_AUTHORIZED
        if word == 0:
            listeners = self._broker.route(message)
            word = 0 if listeners else NOBODY
        if qos and word is not None:
            body = packet_id.to_bytes(2) + (bytes([word]) + properties() if word else b"")
            self._send(packet(Kind.PUBACK, body))
        if word in (0, NOBODY, None):
            self._broker.heard(message)

    def _subscribe(self, reader: Reader) -> None:
        packet_id = reader.two()
        identifier = reader.properties().get("subscription")
        reasons, new = [], []
        assert self._session is not None  # noqa: S101 - checked by _take
        while reader.rest:
            wanted, options = reader.text(), reader.byte()
            if self._broker.allowed(self._user, wanted, not _PUBLISHES):
                self._session.filters[wanted] = options & 0b11
                self._session.identifiers.pop(wanted, None)
                if identifier is not None:
                    self._session.identifiers[wanted] = identifier
                reasons.append(options & 0b11)
                new.append(wanted)
            else:
                reasons.append(NOT_AUTHORIZED)
        self._send(packet(Kind.SUBACK, packet_id.to_bytes(2) + properties() + bytes(reasons)))
        for message in list(self._broker.retained.values()):
            if any(matches(wanted, message.topic) for wanted in new):
                self._session.queued.append(message)
        self._broker.drain(self._session)

    def _unsubscribe(self, reader: Reader) -> None:
        packet_id = reader.two()
        reader.properties()
        reasons = []
        assert self._session is not None  # noqa: S101 - checked by _take
        while reader.rest:
            unwanted = reader.text()
            known = self._session.filters.pop(unwanted, None)
            self._session.identifiers.pop(unwanted, None)
            # 0x11: there was none such (3.11.3).
            reasons.append(0x11 if known is None else 0)
        self._send(packet(Kind.UNSUBACK, packet_id.to_bytes(2) + properties() + bytes(reasons)))
