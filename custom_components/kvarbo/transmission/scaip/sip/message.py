"""What goes over the wire as values: a request, an answer, their headers (RFC 3261 section 7)."""

from dataclasses import dataclass
from typing import Final

#: Header names in full, by their compact form (RFC 3261 section 7.3.3, RFC 3428 section 4 uses none more).
COMPACT: Final = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "e": "content-encoding",
    "k": "supported",
    "s": "subject",
    "o": "event",
    "u": "allow-events",
    "r": "refer-to",
    "b": "referred-by",
    "j": "reject-contact",
    "a": "accept-contact",
    "d": "request-disposition",
    "x": "session-expires",
}


@dataclass(frozen=True, slots=True)
class Headers:
    """Header lines in their order; names in lower case and in full, values unfolded and stripped.

    Values of one name that came comma-separated on one line stay one value, except `via`,
    `contact`, `route` and `record-route`, which are split (RFC 3261 section 7.3.1).
    """

    lines: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a header (its name in lower case and in full), topmost first."""
        return tuple(value for known, value in self.lines if known == name)

    def first(self, name: str) -> str | None:
        """Return the topmost value of a header, None for none."""
        return next((value for known, value in self.lines if known == name), None)

    def with_(self, *lines: tuple[str, str]) -> Headers:
        """Return these headers with further lines at the end."""
        return Headers((*self.lines, *lines))

    def on_top(self, *lines: tuple[str, str]) -> Headers:
        """Return these headers with lines above all others."""
        return Headers((*lines, *self.lines))

    def without(self, *names: str) -> Headers:
        """Return these headers less all lines of some names."""
        return Headers(tuple(line for line in self.lines if line[0] not in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request. `uri` is the Request-URI as it stands in the first line."""

    method: str
    uri: str
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; `status` is 100 to 699."""

    status: int
    reason: str
    headers: Headers
    body: bytes = b""

    @property
    def is_final(self) -> bool:
        """Whether nothing more follows in its transaction."""
        return self.status >= 200  # noqa: PLR2004 - RFC 3261 section 7.2


type Message = Request | Response
