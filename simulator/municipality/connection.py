"""aiohttp's connections, made to tell of what is turned away before any handler sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, override

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .raw import RawRecord

_MAX_UNREAD: Final = 64 * 1024


class Connection(web.RequestHandler):
    """One connection.

    `unread` holds what has come since the last request was read, at most 64 KiB of it.
    """

    __slots__ = ("_record", "unread")

    def __init__(self, listener: Listener, record: RawRecord) -> None:
        super().__init__(listener, loop=listener.loop, access_log=None)  # type: ignore[arg-type]
        self._record = record
        self.unread = bytearray()

    @override
    def data_received(self, data: bytes) -> None:
        self.unread += data[: _MAX_UNREAD - len(self.unread)]
        super().data_received(data)

    @override
    def connection_lost(self, exc: BaseException | None) -> None:
        if self.unread:
            self._record.unreadable(bytes(self.unread))
            self.unread.clear()
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
        self._record.unreadable(bytes(self.unread))
        self.unread.clear()
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
