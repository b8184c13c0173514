"""SIP messages as a server sees them: start line, header fields, body. Compact forms are spelt out."""

from dataclasses import dataclass, field
import re
from typing import Final, Self

_SPELT: Final = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "k": "supported", "e": "content-encoding", "s": "subject",
}  # fmt: skip
_LIST: Final = ("via", "contact", "route", "record-route")


class NotSipError(ValueError):
    """Octets that are no SIP message."""


@dataclass(slots=True)
class Sip:
    """One message. `fields` keep their order; names are spelt out in lower case."""

    start: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def read(cls, octets: bytes) -> Self:
        """Read a message as it came in a datagram, or cut whole from a stream.

        Raises:
            NotSipError: it is none.
        """
        head, gap, body = octets.partition(b"\r\n\r\n")
        if not gap:
            raise NotSipError("there is no empty line after the headers")
        try:
            text = head.decode()
        except UnicodeDecodeError as error:
            raise NotSipError("the headers are no UTF-8") from error
        start, *lines = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")
        if not (start.startswith("SIP/2.0 ") or start.endswith(" SIP/2.0")):
            raise NotSipError("the first line is no SIP")
        fields = []
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name.strip():
                raise NotSipError("a line is no header")
            name = name.strip().lower()
            name = _SPELT.get(name, name)
            parts = re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', value) if name in _LIST else [value]
            fields += [(name, part.strip()) for part in parts]
        return cls(start, fields, body)

    @property
    def is_request(self) -> bool:
        """Whether it asks."""
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        """What is asked; of an answer, what it was an answer to."""
        if self.is_request:
            return self.start.partition(" ")[0]
        return self.one("cseq").rpartition(" ")[2]

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """An answer's number."""
        return int(self.start.split(" ")[1])

    def every(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for known, value in self.fields if known == name]

    def one(self, name: str) -> str:
        """The first value of a field, or nothing."""
        return next(iter(self.every(name)), "")

    def param(self, name: str, parameter: str) -> str | None:
        """A parameter of the first value of a field; empty for one without a value, None for none."""
        found = re.search(
            rf";\s*{parameter}(?:=([^;,\s>]*))?(?=[;,\s]|$)", self.one(name), re.IGNORECASE
        )
        return None if found is None else (found[1] or "")

    def octets(self) -> bytes:
        """The message as it goes out; the length of the body is put in."""
        fields = [f for f in self.fields if f[0] != "content-length"]
        fields.append(("content-length", str(len(self.body))))
        lines = [self.start, *(f"{name.title()}: {value}" for name, value in fields)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


def user_of(address: str) -> str:
    """The user part of an address, named or bare."""
    found = re.search(r"sips?:([^@;>\s]+)@", address)
    return found[1] if found else ""
