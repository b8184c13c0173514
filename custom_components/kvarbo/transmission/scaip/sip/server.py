"""The answering side: what was answered once is answered the same again (RFC 3261 section 17.2.2)."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from .client import Key, key_of
from .message import Headers, Request, Response
from .timing import TIMER_J, Clock
from .values import Via

#: So many answers are kept. A receiver sends a few a day.
KEPT: Final = 256

#: What each status is called where nobody says more.
REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    481: "Call/Transaction Does Not Exist",
}


@dataclass(frozen=True, slots=True)
class _Kept:
    response: Response
    until: float


class ServerTransactions:
    """Answers that were given lately. Times in seconds of the clock."""

    def __init__(self, clock: Clock) -> None:
        """Start with none."""
        self._clock = clock
        self._kept: OrderedDict[tuple[Key, str], _Kept] = OrderedDict()

    def known(self, request: Request) -> Response | None:
        """Return the answer that the very same request has had, None for a new one."""
        now = self._clock.time()
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest].until > now and len(self._kept) <= KEPT:
                break
            del self._kept[oldest]
        kept = self._kept.get(_name(request))
        return None if kept is None else kept.response

    def answered(self, request: Request, response: Response) -> None:
        """Keep an answer for as long as copies of the request may come (timer J)."""
        self._kept[_name(request)] = _Kept(response, self._clock.time() + TIMER_J)


def _name(request: Request) -> tuple[Key, str]:
    # The sender's place too: a branch is unique only to who made it (RFC 3261 section 17.2.3).
    via = Via.parse(request.headers.first("via") or "")
    return key_of(request), f"{via.host}:{via.port}"


def answer_to(
    request: Request,
    status: int,
    *,
    tag: str,
    source: tuple[str, int],
    more: tuple[tuple[str, str], ...] = (),
) -> Response:
    """Make an answer: all Via lines in their order, a To tag, no body (RFC 3261 section 8.2.6).

    `source` is where the request came from; the topmost Via learns it (RFC 3581).
    """
    top, *others = request.headers.all("via")
    to = request.headers.first("to") or ""
    if ";tag=" not in to.lower():
        to = f"{to};tag={tag}"
    lines = [
        ("via", _told(top, source)),
        *(("via", via) for via in others),
        ("from", request.headers.first("from") or ""),
        ("to", to),
        ("call-id", request.headers.first("call-id") or ""),
        ("cseq", request.headers.first("cseq") or ""),
        *more,
    ]
    return Response(status=status, reason=REASONS.get(status, ""), headers=Headers(tuple(lines)))


def _told(top: str, source: tuple[str, int]) -> str:
    via = Via.parse(top)
    host, port = source
    params = dict(via.params)
    if "rport" in params:
        params["rport"] = str(port)
        params["received"] = host
    elif via.host != host:
        params["received"] = host
    return str(Via(transport=via.transport, host=via.host, port=via.port, params=params))
