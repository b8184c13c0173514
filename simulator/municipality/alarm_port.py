"""The alarm port: what a home speaks to.

Every request goes through one place, so that the raw record misses none.
"""

import asyncio
from contextlib import suppress
import hmac
import socket
import ssl
from typing import Final

from aiohttp import web

from . import answers
from .bulletin import Bulletin
from .connection import Connection, Listener
from .contract import CONTENT_TYPE, MAX_BODY, Event, MissingError, parse
from .faults import TAKES, Desk, Fault, Mode
from .fields import FieldError
from .ledger import Accepted, FullError, Ledger
from .raw import Exchange, RawRecord

HOST: Final = "127.0.0.1"
_EVENTS: Final = "/v1/events"
_RECEIPTS: Final = "/v1/receipts/"
#: How long a body may take to come in, in seconds.
_BODY_WITHIN: Final = 30.0


class AlarmPort:
    """Listens for homes and answers them.

    `token` None means that the client's certificate alone is asked for.
    """

    def __init__(
        self,
        ledger: Ledger,
        desk: Desk,
        record: RawRecord,
        bulletin: Bulletin,
        token: str | None,
    ) -> None:
        self._ledger = ledger
        self._desk = desk
        self._record = record
        self._bulletin = bulletin
        self._token = token
        self._listener: Listener | None = None
        self._runner: web.ServerRunner | None = None
        self._site: web.SockSite | None = None
        self._tls: ssl.SSLContext | None = None
        #: Holds the port without listening while the receiver is down.
        self._held: socket.socket | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"{'http' if self._tls is None else 'https'}://{HOST}:{self.port}"

    async def open(self, port: int, tls: ssl.SSLContext | None) -> None:
        """Listen.

        Raises:
            OSError: the port cannot be had.
        """
        self._tls = tls
        self._held = _bind(port)
        self.port = self._held.getsockname()[1]
        self._listener = Listener(self._handle, self._record)
        self._runner = web.ServerRunner(self._listener, shutdown_timeout=0.2)
        await self._runner.setup()
        await self.up()

    async def up(self) -> None:
        """Listen again; nothing happens when it does already."""
        if self._runner is not None and self._held is not None:
            held, self._held = self._held, None
            self._site = web.SockSite(self._runner, held, ssl_context=self._tls)
            await self._site.start()

    async def down(self) -> None:
        """Stop listening and cut what is open; the port is kept, but refuses connections."""
        if self._site is not None:
            site, self._site = self._site, None
            await site.stop()
            self._held = _bind(self.port)
        self._cut_all()

    async def close(self) -> None:
        """End for good."""
        self._site = None
        self._cut_all()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._held is not None:
            self._held.close()
            self._held = None

    def _cut_all(self) -> None:
        for connection in self._listener.connections if self._listener is not None else ():
            if connection.transport is not None:
                _cut(connection.transport)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        exchange = self._record.begin(request.method, request.raw_path, request.headers.items())
        answered = False
        try:
            response = await self._reply(request, exchange)
            if response is None:
                exchange.answer = f"{exchange.answer} cut".strip()
                _cut(request.transport)
                return web.Response()
            with suppress(ConnectionError):
                await response.prepare(request)
                await response.write_eof()
                answered = True
            return response
        finally:
            self._record.end(exchange, answered=answered)

    async def _reply(
        self, request: web.BaseRequest, exchange: Exchange
    ) -> web.StreamResponse | None:
        body, cut = await self._body(request, exchange)
        if self._site is None or body is None:
            return None
        response: web.StreamResponse | None
        if not self._token_is_right(request):
            response = answers.not_known()
        elif request.path == _EVENTS:
            return await self._event(request, exchange, body, cut=cut)
        elif request.path.startswith(_RECEIPTS):
            response = self._receipt(request)
        else:
            response = answers.answer(404, words="Nothing is here")
        exchange.answer = str(response.status)
        return response

    async def _body(
        self, request: web.BaseRequest, exchange: Exchange
    ) -> tuple[bytes | None, bool]:
        """As much of the body as is taken (None: not in time), and whether more came."""
        body, late = bytearray(), False
        if isinstance(request.protocol, Connection):
            request.protocol.hand_over()
        try:
            if request.headers.get("Expect", "").lower() == "100-continue":
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                request.writer.output_size = 0
            async with asyncio.timeout(_BODY_WITHIN):
                while len(body) <= MAX_BODY and (chunk := await request.content.readany()):
                    body += chunk
        except TimeoutError:
            late = True
        finally:
            cut = len(body) > MAX_BODY
            self._record.read(exchange, bytes(body[:MAX_BODY]), cut=cut)
            if isinstance(request.protocol, Connection):
                request.protocol.take_back()
        return None if late else bytes(body), cut

    def _token_is_right(self, request: web.BaseRequest) -> bool:
        if self._token is None:
            return True
        said = request.headers.get("Authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {self._token}".encode())

    def _receipt(self, request: web.BaseRequest) -> web.Response:
        if request.method != "GET":
            return _not_allowed("GET")
        fate = self._ledger.receipt(request.path.removeprefix(_RECEIPTS))
        if fate is None:
            return answers.answer(404, words="No such receipt")
        return answers.answer(200, **fate)

    async def _event(
        self, request: web.BaseRequest, exchange: Exchange, body: bytes, *, cut: bool
    ) -> web.StreamResponse | None:
        wrong, event = _checked(request, body, cut=cut)
        if event is None:
            exchange.answer = "" if wrong is None else str(wrong.status)
            return wrong
        tries = self._ledger.attempt(event)
        fault = self._desk.next_for(event)
        exchange.answer = tries.answer = fault.mode.value
        word: Accepted | None = None
        if fault.mode is Mode.NONE or fault.mode in TAKES:
            try:
                word = self._ledger.accept(event, tries)
            except FullError:
                exchange.answer = tries.answer = "busy"
                return answers.verdict("busy")
            tries.answer = "accepted"
            exchange.answer = "accepted" if fault.mode is Mode.NONE else f"accepted {fault.mode}"
        self._bulletin.post()
        return await self._by_fault(request, fault, word)

    async def _by_fault(
        self, request: web.BaseRequest, fault: Fault, word: Accepted | None
    ) -> web.StreamResponse | None:
        response = answers.by_fault(fault, word, self.url)
        match fault.mode:
            case Mode.SLOW:
                await asyncio.sleep(fault.seconds)
            case Mode.SILENT:
                # Ends with the connection: whoever closes it cancels this.
                await asyncio.Event().wait()
            case Mode.TRICKLE if response is not None:
                return await answers.trickle(request, response)
            case _:
                pass
        return response


def _checked(
    request: web.BaseRequest, body: bytes, *, cut: bool
) -> tuple[web.Response | None, Event | None]:
    """The event, or the answer to what is none."""
    if request.method != "POST":
        return _not_allowed("POST"), None
    if request.content_type != CONTENT_TYPE:
        return answers.answer(415, words=f"Content-Type: {CONTENT_TYPE} was expected"), None
    if cut:
        return answers.answer(413, words=f"body: at most {MAX_BODY} octets are taken"), None
    try:
        return None, parse(body)
    except MissingError as error:
        return answers.form_refused(error, 400), None
    except FieldError as error:
        return answers.form_refused(error), None


def _not_allowed(method: str) -> web.Response:
    response = answers.answer(405, words=f"{method} was expected")
    response.headers["Allow"] = method
    return response


def _cut(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _bind(port: int) -> socket.socket:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, port))
        held.setblocking(False)  # noqa: FBT003 - the socket's own signature
    except OSError:
        held.close()
        raise
    return held
