"""Documents of SCAIP as octets."""

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from .values import Dialect

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'
#: The time alone goes into `lge`, never a position (R07).
_INNER: Final = {"lge": "tim"}
_ROOTS: Final = {Dialect.MRQ: ("mrq", "mrs"), Dialect.SCAIP: ("scaip", "scaip")}


def document(
    elements: Iterable[tuple[str, str]], dialect: Dialect, *, answers: bool = False
) -> bytes:
    """Return a document of names and texts, without blanks between them."""
    root = _ROOTS[dialect][answers]
    inner = "".join(_element(name, text) for name, text in elements)
    return f"{_DECLARATION}<{root}>{inner}</{root}>".encode()


def _element(name: str, text: str) -> str:
    within = text if text.isalnum() else escape(text)
    if name in _INNER:
        within = f"<{_INNER[name]}>{within}</{_INNER[name]}>"
    return f"<{name}>{within}</{name}>"
