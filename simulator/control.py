"""JSON control of a simulator process on loopback: bounded, with errors that name the field."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import json
from typing import Any, Final, cast, override

from aiohttp import web
import probatio

LOOPBACK: Final = "127.0.0.1"
MAX_BODY: Final = 4096
"""Bytes."""
_BODY_TIMEOUT: Final = 5.0
"""Seconds that a client gets to send its body."""
_STOP_TIMEOUT: Final = 1.0
"""Seconds that open requests get to end."""

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlError(Exception):
    """A request that cannot be carried out; sent as ``{"error": {"field", "message"}}``."""

    def __init__(self, field: str, message: str, status: int = 400) -> None:
        """Name the fault.

        Args:
            field: The field at fault, dotted if nested; ``body`` or ``path`` for the whole.
            message: One English sentence without the field's name.
            status: HTTP status.

        """
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.status = status

    @override
    def __str__(self) -> str:
        return f"{self.field}: {self.message}"

    def response(self) -> web.Response:
        """The error as the client sees it."""
        error = {"field": self.field, "message": self.message}
        return web.json_response({"error": error}, status=self.status)


@dataclass(frozen=True, slots=True)
class Number:
    """Validator of a JSON number within bounds; true and false are no numbers here."""

    low: float
    high: float

    def __call__(self, value: object) -> float:
        """Give the value back.

        Raises:
            probatio.Invalid: It is no such number.

        """
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.low <= cast("float", value) <= self.high:
            raise probatio.Invalid(f"must be a number from {self.low:g} to {self.high:g}")
        return cast("float", value)


def describe(schema: probatio.Schema) -> dict[str, Any]:
    """A schema as JSON Schema, for whoever draws a form."""

    def serialize(node: object) -> Any:
        if isinstance(node, Number):
            return {"type": "number", "minimum": node.low, "maximum": node.high}
        return probatio.UNSUPPORTED

    return probatio.to_json_schema(schema, custom_serializer=serialize)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


async def read_object(request: web.Request) -> dict[str, Any]:
    """Body of a request as a JSON object; an empty body is an empty object.

    Raises:
        ControlError: The body is too large, too slow, or not a JSON object.

    """
    try:
        async with asyncio.timeout(_BODY_TIMEOUT):
            raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ControlError("body", f"is larger than {MAX_BODY} bytes", 413) from None
    except TimeoutError:
        message = f"did not arrive within {_BODY_TIMEOUT:.0f} s"
        raise ControlError("body", message, 408) from None
    if not raw:
        return {}
    try:
        value = json.loads(raw, parse_constant=_refuse_constant)
    except ValueError, RecursionError:
        raise ControlError("body", "is not valid JSON") from None
    if not isinstance(value, dict):
        raise ControlError("body", "must be a JSON object")
    return value


def validate(schema: probatio.Schema, value: dict[str, Any]) -> dict[str, Any]:
    """Value as the schema wants it.

    Raises:
        ControlError: Names the first field that does not fit.

    """
    try:
        return cast("dict[str, Any]", schema(value))
    except probatio.MultipleInvalid as error:
        first = error.errors[0]
        known = not isinstance(first, probatio.ExtraKeysInvalid)
        message = first.msg if known else "is not a field of this request"
        raise ControlError(".".join(str(part) for part in first.path), message) from None


@web.middleware
async def json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure in JSON, also the web framework's own.

    Only this machine's programs and the API's own pages may ask: another site's page in a
    browser here, or a name bent to this address, is refused.
    """
    origin = request.headers.get("Origin")
    try:
        if request.url.host not in {LOOPBACK, "localhost"}:
            raise ControlError("Host", "must be 127.0.0.1 or localhost", 403)
        if origin is not None and origin != f"http://{request.host}":
            raise ControlError("Origin", "must be this address", 403)
        return await handler(request)
    except ControlError as error:
        return error.response()
    except web.HTTPException as error:
        message = f"{request.method} {request.path}: {error.reason}"
        return ControlError("path", message, error.status).response()


def application() -> web.Application:
    """A web application with JSON errors and bounded bodies."""
    return web.Application(middlewares=[json_errors], client_max_size=MAX_BODY)


async def listen(app: web.Application, port: int) -> tuple[web.AppRunner, int]:
    """Serve an application on loopback.

    Args:
        app: The application.
        port: TCP port; 0 for any free one.

    Returns:
        The runner, to be cleaned up, and the port.

    Raises:
        OSError: The port is taken or not ours to take.

    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_TIMEOUT)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, runner.addresses[0][1]
