"""aiohttp's connections, made to tell of what is turned away before any handler sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, override

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .raw import RawRecord

_MAX_UNREAD: Final = 64 * 1024


class Connection(web.RequestHandler):
    """One connection. What comes while no handler reads is held, up to 64 KiB, for the record."""

    __slots__ = ("_handler_reads", "_record", "_unread")

    def __init__(self, listener: Listener, record: RawRecord) -> None:
        super().__init__(listener, loop=listener.loop, access_log=None)  # type: ignore[arg-type]
        self._record = record
        self._unread = bytearray()
        self._handler_reads = False

    def hand_over(self) -> None:
        """A handler has the head of a request and reads its body from here on."""
        self._unread.clear()
        self._handler_reads = True

    def take_back(self) -> None:
        """The handler has read the body, or as much of it as there is."""
        self._handler_reads = False

    @override
    def data_received(self, data: bytes) -> None:
        if not self._handler_reads:
            self._unread += data[: _MAX_UNREAD - len(self._unread)]
        super().data_received(data)

    @override
    def connection_lost(self, exc: BaseException | None) -> None:
        if self._unread:
            self._record.unreadable(bytes(self._unread))
            self._unread.clear()
        super().connection_lost(exc)

    @override
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        self._record.unreadable(bytes(self._unread))
        self._unread.clear()
        response = web.Response(status=status, text="No HTTP that can be read")
        response.force_close()
        return response


class Listener(web.Server):
    """Makes such connections."""

    def __init__(
        self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], record: RawRecord
    ) -> None:
        # A handler ends with its connection: a silent one would wait for ever.
        super().__init__(handler, handler_cancellation=True)
        self.loop = asyncio.get_running_loop()
        self._record = record

    @override
    def __call__(self) -> web.RequestHandler:
        return Connection(self, self._record)
