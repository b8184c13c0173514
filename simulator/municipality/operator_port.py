"""The operator's port: the page, and what its buttons call.

On loopback, without a token, and for its own page and programs of this machine only. Errors are
`{"field", "words"}`::

    GET  /                                         the page
    GET  /operator/state[?last=N]                  alarms (or the newest N), homes, the fault in force
    GET  /operator/raw[?after=ORDER][&last=N]      everything received, in order
    GET  /operator/events                          server-sent: `changed`, with a counter
    POST /operator/alarms/<ULID>/acknowledge       {"by": "person" | "system"}, person by default
    POST /operator/alarms/<ULID>/close             the same
    POST /operator/alarms/<ULID>/door              ask the home to unlock its entry
    POST /operator/faults                          see `faults.Fault`
    GET  /operator/buttons                         the simulated home's devices; null without one
    POST /operator/buttons/<ieee>/<method>         operate one; the body goes through
"""

import asyncio
from collections.abc import Awaitable, Callable
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from .buttons import NoHomeError
from .faults import Fault
from .fields import FieldError, one_of
from .ledger import ClosedAlarmError, UnknownAlarmError

if TYPE_CHECKING:
    from .municipality import Municipality

HOST: Final = "127.0.0.1"
_PAGE: Final = Path(__file__).parent / "page"
_FILES: Final = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_MAX_BODY: Final = 4 * 1024
_MAX_DIGITS: Final = 9
#: Streams at once; each browser tab holds one.
_MAX_STREAMS: Final = 32
#: An idle stream says something this often, in seconds, so that a dead one is noticed.
_STREAM_PULSE: Final = 15.0
#: Changes closer together than this, in seconds, are told as one.
_STREAM_PACE: Final = 0.1

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OperatorPort:
    """Serves the page and the operator's actions for one municipality."""

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality
        self._runner: web.AppRunner | None = None
        self._streams = 0
        self._files: dict[str, tuple[bytes, str]] = {}
        self.port = 0

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://{HOST}:{self.port}"

    async def open(self, port: int) -> None:
        """Listen.

        Raises:
            OSError: the port cannot be had.
        """
        self._files = await asyncio.to_thread(_read_files)
        app = web.Application(middlewares=[self._guard], client_max_size=_MAX_BODY)
        app.router.add_routes(
            [
                *(web.get(path, self._file) for path in _FILES),
                web.get("/operator/state", self._state),
                web.get("/operator/raw", self._raw),
                web.get("/operator/events", self._events),
                web.post("/operator/faults", self._fault),
                web.post("/operator/alarms/{alarm}/acknowledge", self._acknowledge),
                web.post("/operator/alarms/{alarm}/close", self._close),
                web.post("/operator/alarms/{alarm}/door", self._door),
                web.get("/operator/buttons", self._buttons),
                web.post("/operator/buttons/{ieee}/{method}", self._operate),
            ]
        )
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        self.port = site.port

    async def close(self) -> None:
        """End for good."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Keep pages of other origins, and names that were bent to this address, from operating."""
        origin = request.headers.get("Origin")
        if request.url.host not in _LOOPBACK:
            return _refused(403, "Host", "localhost or 127.0.0.1 was expected")
        if origin is not None and origin != f"http://{request.host}":
            return _refused(403, "Origin", "this page's own origin was expected")
        try:
            response = await handler(request)
        except FieldError as error:
            response = _refused(400, error.field, error.words)
        except UnknownAlarmError:
            response = _refused(404, "alarm", "no such alarm")
        except ClosedAlarmError:
            response = _refused(409, "alarm", "it is closed")
        except NoHomeError as error:
            response = _refused(502, "buttons", str(error))
        except web.HTTPRequestEntityTooLarge:
            response = _refused(413, "body", f"at most {_MAX_BODY} octets are taken")
        except web.HTTPException as error:
            response = _refused(error.status, "path", error.reason)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _file(self, request: web.Request) -> web.Response:
        body, kind = self._files[request.path]
        return web.Response(body=body, content_type=kind, charset="utf-8")

    async def _state(self, request: web.Request) -> web.Response:
        return _json(self._municipality.state(_whole(request, "last")))

    async def _raw(self, request: web.Request) -> web.Response:
        after, last = _whole(request, "after"), _whole(request, "last")
        return _json(self._municipality.record.shown(after or 0, last))

    async def _fault(self, request: web.Request) -> web.Response:
        await self._municipality.set_fault(Fault.read(await _body(request)))
        return _json(self._municipality.desk.fault.shown())

    async def _acknowledge(self, request: web.Request) -> web.Response:
        alarm = request.match_info["alarm"]
        self._municipality.acknowledge(alarm, await _by(request))
        return _json(self._municipality.ledger.alarms[alarm].shown())

    async def _close(self, request: web.Request) -> web.Response:
        alarm = request.match_info["alarm"]
        self._municipality.close_alarm(alarm, await _by(request))
        return _json(self._municipality.ledger.alarms[alarm].shown())

    async def _door(self, request: web.Request) -> web.Response:
        alarm = request.match_info["alarm"]
        self._municipality.open_door(alarm)
        return _json(self._municipality.ledger.alarms[alarm].shown())

    async def _buttons(self, _request: web.Request) -> web.Response:
        if self._municipality.buttons is None:
            return _json(None)
        return _json(await self._municipality.buttons.listed())

    async def _operate(self, request: web.Request) -> web.Response:
        if self._municipality.buttons is None:
            return _refused(404, "buttons", "no simulated home was named")
        arguments = await _body(request)
        if not isinstance(arguments, dict):
            raise FieldError("body", "a JSON object was expected")
        place = request.match_info
        return _json(
            await self._municipality.buttons.operate(place["ieee"], place["method"], arguments)
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: `changed` with a counter, when state or raw record have changed."""
        if self._streams >= _MAX_STREAMS:
            return _refused(503, "events", f"at most {_MAX_STREAMS} streams are served")
        self._streams += 1
        try:
            return await self._stream(request)
        finally:
            self._streams -= 1

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **HEADERS})
        await response.prepare(request)
        bulletin = self._municipality.bulletin
        told = bulletin.version
        await response.write(f"event: changed\ndata: {told}\n\n".encode())
        while True:
            try:
                async with asyncio.timeout(_STREAM_PULSE):
                    told = await bulletin.newer_than(told)
            except TimeoutError:
                await response.write(b": still here\n\n")
            else:
                await response.write(f"event: changed\ndata: {told}\n\n".encode())
                await asyncio.sleep(_STREAM_PACE)


def _read_files() -> dict[str, tuple[bytes, str]]:
    return {path: ((_PAGE / name).read_bytes(), kind) for path, (name, kind) in _FILES.items()}


def _json(value: Any) -> web.Response:
    return web.json_response(value)


def _refused(status: int, field: str, words: str) -> web.Response:
    return web.json_response({"field": field, "words": words}, status=status, headers=HEADERS)


async def _body(request: web.Request) -> Any:
    """The parsed JSON body; an empty one is an empty object."""
    octets = await request.read()
    if not octets:
        return {}
    if request.content_type != "application/json":
        raise FieldError("Content-Type", "application/json was expected")
    try:
        return json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise FieldError("body", "JSON was expected") from error


async def _by(request: web.Request) -> str:
    """Who acts: `by` in the body, a person unless said otherwise."""
    body = await _body(request)
    if not isinstance(body, dict):
        raise FieldError("body", "a JSON object was expected")
    by = body.get("by", "person")
    if (words := one_of("person", "system")(by)) is not None:
        raise FieldError("by", words)
    return str(by)


def _whole(request: web.Request, name: str) -> int | None:
    said = request.query.get(name)
    if said is None:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > _MAX_DIGITS:
        raise FieldError(name, "a whole number was expected")
    return int(said)
