"""The line between home and municipality, which can be cut in four ways."""

import asyncio
from contextlib import suppress
import socket

from .plan import Trouble

_CHUNK = 65536


class Link:
    """Passes TCP connections on. `port` is the home's end and stays the same all its life."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.trouble: Trouble | None = None
        #: Until when the longest cut goes on, in seconds of the event loop.
        self._until = 0.0
        self._held: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._free = asyncio.Event()
        self._work: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._held = _bind(0)
        self.port = self._held.getsockname()[1]
        await self.mend()

    async def cut(self, how: Trouble, seconds: float) -> None:
        """Cut it until the seconds have passed; a later cut takes the place of this one."""
        await self.mend()
        self.trouble = how
        self._free.clear()
        if how is Trouble.REFUSED:
            await self._shut()
            self._held = _bind(self.port)
            self._cut_connections()
        until = self._until = asyncio.get_running_loop().time() + seconds
        await asyncio.sleep(seconds)
        if self._until == until:
            await self.mend()

    async def mend(self) -> None:
        """Let everything pass again."""
        former, self.trouble = self.trouble, None
        self._until = 0.0
        if former in (Trouble.HOLE, Trouble.DEAF):
            self._cut_connections()
        self._free.set()
        if self._held is not None:
            held, self._held = self._held, None
            self._server = await asyncio.start_server(self._pass, sock=held)

    async def close(self) -> None:
        await self._shut()
        if self._held is not None:
            self._held.close()
            self._held = None
        self._cut_connections()
        for task in list(self._work):
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _shut(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            server.close()

    def _cut_connections(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(back)
        for one, other, answers in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._carry(one, other, answers=answers))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while octets := await reader.read(_CHUNK):
                if self.trouble is Trouble.DELAYED:
                    await self._free.wait()
                if self.trouble is Trouble.HOLE or (self.trouble is Trouble.DEAF and answers):
                    continue
                writer.write(octets)
                await writer.drain()
        self._writers.discard(writer)
        writer.close()


def _bind(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.setblocking(False)
    return made
