"""From octets to a message: lenient, bounded, and nothing but our own error (RFC 3261 section 7).

Real peers send compact and folded headers, in any case, with bare line feeds; all of that is read.
"""

import re
from typing import Final

from .message import COMPACT, Headers, Message, Request, Response
from .values import BadMessageError, split_outside_quotes

#: Longest message, header line (octets), and most header lines.
LONGEST: Final = 64 * 1024
LONGEST_LINE: Final = 8 * 1024
MOST_LINES: Final = 200

#: Headers of which several may stand on one line (RFC 3261 section 7.3.1).
SPLIT: Final = frozenset({"via", "contact", "route", "record-route"})
#: Without these nothing can be answered (RFC 3261 section 8.2.6).
_NEEDED: Final = ("via", "from", "to", "call-id", "cseq")

_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_REQUEST: Final = re.compile(
    r"([A-Za-z0-9\-.!%*_+`'~]{1,32}) (\S{1,1024}) SIP/2\.0\s*", re.IGNORECASE
)
_STATUS: Final = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: (.*))?", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}")
_DIGITS: Final = re.compile(r"\d{1,9}")


def parse_message(octets: bytes) -> Message:
    """Read one whole message, as it comes in a datagram.

    What follows the stated length is ignored (RFC 3261 section 18.3).

    Raises:
        BadMessageError: it is no SIP message.
    """
    if len(octets) > LONGEST:
        raise BadMessageError("the message is too long")
    octets = octets.lstrip(b"\r\n")
    blank = _BLANK.search(octets)
    head, rest = (
        (octets, b"") if blank is None else (octets[: blank.start()], octets[blank.end() :])
    )
    message = read_head(head)
    length = content_length(message.headers)
    if length is None:
        return with_body(message, rest)
    if length > len(rest):
        request = message if isinstance(message, Request) else None
        raise BadMessageError("the body is shorter than its stated length", request)
    return with_body(message, rest[:length])


def read_head(head: bytes) -> Message:
    """Read the first line and the headers of a message; its body is left empty.

    Raises:
        BadMessageError: they cannot be read.
    """
    # Names of people may be in any encoding; what we use of headers is ASCII.
    text = _FOLD.sub(" ", head.decode("utf-8", "replace"))
    first, *lines = re.split(r"\r?\n", text.rstrip("\r\n"))
    if len(lines) > MOST_LINES:
        raise BadMessageError("there are too many headers")
    headers = Headers(tuple(line for raw in lines for line in _read_line(raw)))
    status = _STATUS.fullmatch(first.rstrip())
    if status is not None:
        message: Message = Response(
            status=int(status[1]), reason=_printable(status[2] or ""), headers=headers
        )
    else:
        asked = _REQUEST.fullmatch(first)
        if asked is None:
            raise BadMessageError("the first line is not SIP")
        message = Request(method=asked[1].upper(), uri=asked[2], headers=headers)
    missing = [name for name in _NEEDED if not headers.first(name)]
    if missing:
        raise BadMessageError(f"{missing[0]} is missing")
    return message


def _read_line(raw: str) -> list[tuple[str, str]]:
    if len(raw) > LONGEST_LINE:
        raise BadMessageError("a header is too long")
    name, colon, value = raw.partition(":")
    name = name.strip().lower()
    if not colon or not _NAME.fullmatch(name):
        raise BadMessageError("a header cannot be read")
    name = COMPACT.get(name, name)
    value = value.strip()
    if name in SPLIT:
        return [(name, part.strip()) for part in split_outside_quotes(value, ",")]
    return [(name, value)]


def content_length(headers: Headers) -> int | None:
    """Return the stated length of the body, None for none.

    Raises:
        BadMessageError: it is no number, or several differ.
    """
    stated = set(headers.all("content-length"))
    if not stated:
        return None
    text = stated.pop()
    if stated or not _DIGITS.fullmatch(text):
        raise BadMessageError("the length of the body cannot be read")
    return int(text)


def with_body(message: Message, body: bytes) -> Message:
    """Return a message with its body."""
    if isinstance(message, Request):
        return Request(method=message.method, uri=message.uri, headers=message.headers, body=body)
    return Response(
        status=message.status, reason=message.reason, headers=message.headers, body=body
    )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:200]).strip()
