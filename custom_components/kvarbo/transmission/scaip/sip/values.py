"""Header values and addresses as values: Via, From and To, CSeq, SIP URIs (RFC 3261 sections 19 and 20).

Read leniently, written strictly. Whatever cannot be read raises `BadMessageError`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
import re
from types import MappingProxyType
from typing import Final, override

from .message import Request

#: What a branch begins with that is unique in the world (RFC 3261 section 8.1.1.7).
MAGIC: Final = "z9hG4bK"
#: Ports that are meant where none is named (RFC 3261 section 19.1.2).
PORT: Final = 5060
TLS_PORT: Final = 5061

_NO_PARAMS: Final[Mapping[str, str | None]] = MappingProxyType({})
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_HOST: Final = re.compile(
    r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,252}[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]{2,45}\]"
)
_USER: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()&=+$,;?/%]{1,128}")
_URI: Final = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@:<>\s\"]{1,128})(?::[^@<>\s]*)?@)?"
    r"(?P<host>\[[^\]\s]{2,45}\]|[^:;?<>@\s\[\]]{1,255})(?::(?P<port>\d{1,5}))?"
    r"(?P<params>(?:;[^;?<>\s]*)*)(?:\?[^\s<>]*)?",
    re.IGNORECASE,
)
_VIA: Final = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*(?P<transport>[A-Za-z]{2,10})\s+"
    r"(?P<host>\[[^\]\s]{2,45}\]|[^:;\s\[\]]{1,255})\s*(?::\s*(?P<port>\d{1,5}))?\s*(?P<params>(?:;.*)?)",
    re.IGNORECASE | re.DOTALL,
)


class BadMessageError(ValueError):
    """What came is no SIP; saying it again is useless.

    `words` say what is wrong. `request` is as much of a request as could be read, where an answer
    to it can be made.
    """

    def __init__(self, words: str, request: Request | None = None) -> None:
        """Say what is wrong, without quoting it."""
        super().__init__(words)
        self.words = words
        self.request = request


def read_params(text: str) -> Mapping[str, str | None]:
    """Read `;name=value;name` parameters: names in lower case, quotes taken off, the first wins."""
    params: dict[str, str | None] = {}
    for part in split_outside_quotes(text, ";"):
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if name:
            params.setdefault(name, unquote(value.strip()) if equals else None)
    return MappingProxyType(params)


def split_outside_quotes(text: str, mark: str) -> list[str]:
    """Split at a character that stands neither in quotes nor in angle brackets."""
    if '"' not in text and "<" not in text:
        return text.split(mark)
    parts, begin, quoted, depth, skip = [], 0, False, 0, False
    for at, char in enumerate(text):
        if skip:
            skip = False
        elif quoted and char == "\\":
            skip = True
        elif char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char == "<":
            depth += 1
        elif char == ">":
            depth = max(0, depth - 1)
        elif char == mark and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    parts.append(text[begin:])
    return parts


def unquote(text: str) -> str:
    """Take off quotes and the backslashes within them."""
    if len(text) >= 2 and text[0] == text[-1] == '"':  # noqa: PLR2004 - a pair
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _written(params: Mapping[str, str | None]) -> str:
    return "".join(
        f";{name}" if value is None else f";{name}={value}" for name, value in params.items()
    )


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    port = int(text)
    if not 0 < port < 65536:  # noqa: PLR2004 - what a port can be
        raise BadMessageError("a port is out of range")
    return port


@dataclass(frozen=True, slots=True, kw_only=True)
class SipUri:
    """A SIP or SIPS URI. `host` is in lower case, IPv6 without its brackets; None is what is not there."""

    host: str
    user: str | None = None
    port: int | None = None
    secure: bool = False
    params: Mapping[str, str | None] = field(default_factory=lambda: _NO_PARAMS)

    def __post_init__(self) -> None:
        """Refuse what could break out of a header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if not _HOST.fullmatch(host):
            raise BadMessageError("a host cannot be read")
        if self.user is not None and not _USER.fullmatch(self.user):
            raise BadMessageError("the user of an address cannot be read")
        for name, value in self.params.items():
            if not _TOKEN.fullmatch(name) or not (
                value is None or re.fullmatch(r"[!-~]{0,256}", value)
            ):
                raise BadMessageError("a parameter of an address cannot be read")

    @classmethod
    def parse(cls, text: str) -> SipUri:
        """Read an URI; headers behind a question mark are left out."""
        found = _URI.fullmatch(text.strip())
        if found is None:
            raise BadMessageError("an address cannot be read")
        return cls(
            host=found["host"].strip("[]").lower(),
            user=found["user"],
            port=_port(found["port"]),
            secure=found["scheme"].lower() == "sips",
            params=read_params(found["params"]),
        )

    @override
    def __str__(self) -> str:
        """Write it as it goes over the wire."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = "" if self.user is None else f"{self.user}@"
        port = "" if self.port is None else f":{self.port}"
        return f"{'sips' if self.secure else 'sip'}:{user}{host}{port}{_written(self.params)}"

    def bare(self) -> SipUri:
        """Return it without port and parameters: an address of record."""
        return replace(self, port=None, params=_NO_PARAMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Via:
    """One hop of a message's way (RFC 3261 section 20.42)."""

    transport: str
    host: str
    port: int | None = None
    params: Mapping[str, str | None] = field(default_factory=lambda: _NO_PARAMS)

    @classmethod
    def parse(cls, text: str) -> Via:
        """Read one Via value."""
        found = _VIA.fullmatch(text.strip())
        if found is None:
            raise BadMessageError("a Via cannot be read")
        return cls(
            transport=found["transport"].upper(),
            host=found["host"].strip("[]"),
            port=_port(found["port"]),
            params=read_params(found["params"]),
        )

    @property
    def branch(self) -> str:
        """The name of the transaction; empty where a sender gives none."""
        return self.params.get("branch") or ""

    @override
    def __str__(self) -> str:
        """Write it as it goes over the wire."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {host}{port}{_written(self.params)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """From, To or Contact: an address and what is said of it, `tag` above all."""

    uri: str
    params: Mapping[str, str | None] = field(default_factory=lambda: _NO_PARAMS)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `"Name" <uri>;params` or `uri;params`; the name is left out."""
        text = text.strip()
        if "<" in text:
            rest = _after_name(text)
            uri, closed, after = rest.partition(">")
            if not closed:
                raise BadMessageError("an address is not closed")
            return cls(uri=uri.strip(), params=read_params(after))
        uri, _, after = text.partition(";")
        if not uri:
            raise BadMessageError("an address is empty")
        return cls(uri=uri.strip(), params=read_params(after))

    @property
    def tag(self) -> str | None:
        """The end of a dialogue that it names."""
        return self.params.get("tag")


def _after_name(text: str) -> str:
    """Return what follows the first angle bracket that is not part of a quoted name."""
    quoted = re.match(r'\s*"(?:[^"\\]|\\.)*"', text)
    _, mark, after = text[quoted.end() if quoted else 0 :].partition("<")
    if not mark:
        raise BadMessageError("an address cannot be read")
    return after


@dataclass(frozen=True, slots=True)
class CSeq:
    """The number of a request and its method (RFC 3261 section 20.16)."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Read it."""
        found = re.fullmatch(r"\s*(\d{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]{1,32})\s*", text)
        if found is None or int(found[1]) >= 2**32:
            raise BadMessageError("the CSeq cannot be read")
        return cls(int(found[1]), found[2].upper())

    @override
    def __str__(self) -> str:
        """Write it as it goes over the wire."""
        return f"{self.number} {self.method}"


def media_type(text: str | None) -> str:
    """Return a content type in lower case and without its parameters."""
    return (text or "").partition(";")[0].strip().lower()
