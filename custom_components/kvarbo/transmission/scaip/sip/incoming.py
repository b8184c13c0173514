"""What is answered to a request that comes to us (RFC 3261 section 8.2, RFC 3428 section 7)."""

from collections.abc import Callable
from dataclasses import dataclass
import re
from typing import Final

from .message import Request, Response
from .server import ServerTransactions, answer_to
from .timing import Clock
from .values import BadMessageError, SipUri, media_type

ALLOW: Final = ("allow", "MESSAGE, OPTIONS")
#: Longest body that is taken, in octets.
LONGEST_BODY: Final = 16 * 1024
_USER: Final = re.compile(r"sips?:([^@:;<>\s]{1,128})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Whom requests are for, and which bodies are taken. `deliver` gets body and media type."""

    user: str | None
    accepts: frozenset[str]
    deliver: Callable[[bytes, str], None]
    tag: str


class Incoming:
    """Answers requests, each of them once."""

    def __init__(self, reception: Reception, clock: Clock) -> None:
        """Start with none answered."""
        self._reception = reception
        self._answered = ServerTransactions(clock)

    def answer(self, request: Request, source: tuple[str, int]) -> Response | None:
        """Return the answer, None for what is never answered.

        A request that has come before gets the answer that it had, and is not delivered again.

        Raises:
            BadMessageError: it is no request that could be answered.
        """
        if request.method == "ACK":
            return None
        known = self._answered.known(request)
        if known is not None:
            return known
        status, more = self._judge(request)
        response = answer_to(request, status, tag=self._reception.tag, source=source, more=more)
        self._answered.answered(request, response)
        if status == 200 and request.method == "MESSAGE":  # noqa: PLR2004 - RFC 3261 section 21.2
            kind = media_type(request.headers.first("content-type"))
            self._reception.deliver(request.body, kind)
        return response

    def refuse(self, request: Request, source: tuple[str, int]) -> Response | None:
        """Return the answer to a request of which only the headers can be read."""
        if request.method == "ACK":
            return None
        return answer_to(request, 400, tag=self._reception.tag, source=source)

    def _judge(self, request: Request) -> tuple[int, tuple[tuple[str, str], ...]]:
        required = request.headers.all("require")
        if required and request.method != "CANCEL":
            return 420, (("unsupported", ", ".join(required)),)
        match request.method:
            case "OPTIONS":
                return 200, (ALLOW, self._accept())
            case "MESSAGE":
                return self._judge_message(request)
            case "BYE" | "CANCEL":
                # There is never a call or an INVITE of ours to end.
                return 481, ()
            case _:
                return 405, (ALLOW,)

    def _judge_message(self, request: Request) -> tuple[int, tuple[tuple[str, str], ...]]:
        user = _user_of(request.uri)
        if (user or "").lower() != (self._reception.user or "").lower():
            return 404, ()
        if len(request.body) > LONGEST_BODY:
            return 413, ()
        if media_type(request.headers.first("content-type")) not in self._reception.accepts:
            return 415, (self._accept(),)
        return 200, ()

    def _accept(self) -> tuple[str, str]:
        return ("accept", ", ".join(sorted(self._reception.accepts)))


def _user_of(uri: str) -> str | None:
    """Return whom a Request-URI names; receivers are known to leave its host empty."""
    try:
        return SipUri.parse(uri).user
    except BadMessageError:
        found = _USER.match(uri)
        return found[1] if found else None
