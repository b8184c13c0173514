"""From a message to octets: one form, strict, with nothing in a header that could end it."""

from typing import Final

from .message import Headers, Message, Request
from .values import BadMessageError

#: Headers whose usual form is not that of words with capitals.
_USUAL: Final = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}


def to_octets(message: Message) -> bytes:
    """Write a message; Content-Length is made here (RFC 3261 section 7).

    Raises:
        BadMessageError: a header would break its line.
    """
    if isinstance(message, Request):
        first = f"{message.method} {message.uri} SIP/2.0"
    else:
        first = f"SIP/2.0 {message.status} {message.reason}"
    lines = [first, *_lines(message.headers), f"Content-Length: {len(message.body)}", "", ""]
    for line in lines:
        if any(c in line for c in "\r\n\0"):
            raise BadMessageError("a header holds the end of a line")
    return "\r\n".join(lines).encode() + message.body


def _lines(headers: Headers) -> list[str]:
    return [f"{_name(n)}: {value}" for n, value in headers.lines if n != "content-length"]


def _name(name: str) -> str:
    return _USUAL.get(name) or "-".join(word.capitalize() for word in name.split("-"))
