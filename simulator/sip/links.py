"""Sockets of a SIP server: datagrams, connections, sealed ones; pings are answered here."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
import re
import ssl
from typing import Final, override

_LENGTH: Final = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r$")
_LONGEST: Final = 64 * 1024


@dataclass(eq=False, slots=True)
class Link:
    """One unit's way in and out. `own` and `far` are addresses and ports."""

    transport: str
    own: tuple[str, int]
    far: tuple[str, int]
    write: Callable[[bytes], None]
    is_open: Callable[[], bool]

    def send(self, octets: bytes) -> bool:
        """Hand octets to the network; tell whether there still is a way."""
        if not self.is_open():
            return False
        self.write(octets)
        return True


type Came = Callable[[Link, bytes], None]
type Unreadable = Callable[[Link, str], None]


class Links:
    """All sockets of one server."""

    def __init__(self, came: Came, unreadable: Unreadable) -> None:
        self._came = came
        self._unreadable = unreadable
        self._host = ""
        self._asked: dict[str, int] = {}
        self._tls: ssl.SSLContext | None = None
        self._udp: asyncio.DatagramTransport | None = None
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def ports(self) -> Mapping[str, int]:
        """The port of each transport."""
        return self._asked

    async def open(
        self,
        host: str,
        *,
        udp: int | None,
        tcp: int | None,
        tls: tuple[int, ssl.SSLContext] | None,
    ) -> None:
        """Listen."""
        self._host = host
        for name, port in (("udp", udp), ("tcp", tcp), ("tls", None if tls is None else tls[0])):
            if port is not None:
                self._asked[name] = port
        self._tls = None if tls is None else tls[1]
        try:
            await self.up()
        except OSError:
            await self.close()
            raise

    async def up(self) -> None:
        """Listen, on the ports that were had before."""
        if self._udp is not None or self._servers:
            return
        loop = asyncio.get_running_loop()
        for name, port in self._asked.items():
            if name == "udp":
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self._came), local_addr=(self._host, port)
                )
                self._asked[name] = self._udp.get_extra_info("sockname")[1]
                continue
            server = await asyncio.start_server(
                lambda r, w, name=name: self._serve(name, r, w),  # type: ignore[misc]
                self._host,
                port,
                ssl=self._tls if name == "tls" else None,
            )
            self._servers.append(server)
            self._asked[name] = server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Cut all."""
        udp, self._udp = self._udp, None
        if udp is not None:
            udp.abort()
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        # The sockets are let go in the next turn of the loop.
        await asyncio.sleep(0)

    async def close(self) -> None:
        """End."""
        await self.down()

    async def _serve(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        own, far = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
        link = Link(name, own[:2], far[:2], writer.write, lambda: not writer.transport.is_closing())
        self._writers.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await self._read(link, reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _read(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            line = await reader.readuntil(b"\r\n")
            if line == b"\r\n":
                # The second half of a ping comes with the first.
                if await reader.readexactly(2) == b"\r\n":
                    writer.write(b"\r\n")
                continue
            head = line + await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if length is None or int(length[1]) > _LONGEST:
                self._unreadable(link, "a stream without a Content-Length that can be read")
                return
            self._came(link, head + await reader.readexactly(int(length[1])))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, came: Came) -> None:
        self._came = came
        self._transport: asyncio.DatagramTransport | None = None
        self._links: dict[tuple[str, int], Link] = {}

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)  # noqa: S101 - for mypy
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.strip() or self._transport is None:
            return
        transport = self._transport
        link = self._links.get(addr)
        if link is None:
            own = transport.get_extra_info("sockname")
            link = self._links[addr] = Link(
                "udp",
                own[:2],
                addr,
                lambda octets: transport.sendto(octets, addr),
                lambda: not transport.is_closing(),
            )
        self._came(link, data)
