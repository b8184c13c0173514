"""The answers of the alarm port, right and wrong."""

import asyncio
import json
from typing import Any, Final

from aiohttp import web

from .faults import Fault, Mode
from .fields import FieldError
from .ledger import Accepted

HUGE: Final = 5 * 1024 * 1024
#: Seconds between the octets of a trickling answer.
TRICKLE_PACE: Final = 1.0
#: Where a redirect leads: to the same server, so that the raw record shows who follows it.
ELSEWHERE: Final = "/elsewhere"

_WORDS: Final = {
    "hold": "Ärendet behandlas, fråga igen",
    "busy": "Upptaget, försök senare",
    "not_treated": "Behandlas inte här",
    "form_refused": "data.reason: refused by a fault on command",
}


def answer(http: int, /, **fields: Any) -> web.Response:
    """A JSON answer."""
    return web.Response(
        status=http,
        body=json.dumps(fields, ensure_ascii=False).encode(),
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )


def accepted(word: Accepted, *, padding: int = 0) -> web.Response:
    """The verdict `accepted` with its receipt.

    A sign of life hears of a conflict, an alarm where its status is.
    """
    fields: dict[str, Any] = {"verdict": "accepted", "receipt": word.receipt}
    if word.conflict is None:
        fields["status"] = f"/v1/receipts/{word.receipt}"
    else:
        fields["conflict"] = word.conflict
    return answer(200, **fields, words="Mottaget" + "!" * padding)


def verdict(name: str, **fields: Any) -> web.Response:
    """A verdict other than accepted."""
    return answer(200, verdict=name, **fields, words=_WORDS[name])


def form_refused(error: FieldError, status: int = 200) -> web.Response:
    """The verdict `form_refused`, naming the field."""
    return answer(
        status, verdict="form_refused", field=error.field, words=f"{error.field}: {error.words}"
    )


def not_known() -> web.Response:
    """HTTP 401."""
    response = answer(401, words="The bearer token is missing or wrong")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def by_fault(  # noqa: PLR0911 - a table, one row for each mode
    fault: Fault, word: Accepted | None, base_url: str
) -> web.Response | None:
    """The answer that a fault gives; None where it gives none.

    `word` is given in the modes that take the message.
    """
    match fault.mode:
        case Mode.ERROR:
            return web.Response(status=fault.status, text="Fault on command")
        case Mode.REFUSE | Mode.REFUSE_FULL:
            return verdict("form_refused", field="data.reason")
        case Mode.HOLD:
            return verdict(
                "hold", retry_after=10 if fault.retry_after is None else fault.retry_after
            )
        case Mode.BUSY if fault.retry_after is not None:
            return verdict("busy", retry_after=fault.retry_after)
        case Mode.BUSY | Mode.NOT_TREATED:
            return verdict(fault.mode.value)
        case Mode.CREDENTIALS:
            return not_known()
        case Mode.REDIRECT:
            return web.Response(status=307, headers={"Location": base_url + ELSEWHERE})
        case Mode.EMPTY200:
            return web.Response(status=200)
        case Mode.GARBAGE:
            return web.Response(
                text="<html><body>Välkommen!</body></html>", content_type="text/html"
            )
        case Mode.NONE | Mode.SLOW | Mode.TRICKLE | Mode.HUGE if word is not None:
            return accepted(word, padding=HUGE if fault.mode is Mode.HUGE else 0)
        case _:
            return None


async def trickle(request: web.BaseRequest, whole: web.Response) -> web.StreamResponse:
    """Send an answer one octet a second."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type})
    response.content_length = len(body)
    await response.prepare(request)
    for position in range(len(body)):
        await response.write(body[position : position + 1])
        await asyncio.sleep(TRICKLE_PACE)
    return response
