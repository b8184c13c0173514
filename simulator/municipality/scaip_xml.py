"""SCAIP documents as a receiver reads and judges them: a second hand than the integration's, on purpose."""

from collections.abc import Iterator, Mapping
from datetime import datetime
import re
from typing import Final
from xml.etree.ElementTree import ParseError, fromstring
from xml.sax.saxutils import escape

#: How each element that a home may send must look: longest, and of what.
RULES: Final = {
    "ref": (16, r"[0-9A-Za-z]+"),
    "ver": (5, r"\d\d\.\d\d"),
    "sco": (1, r"[0-3]"),
    "cha": (1, r"[01]"),
    "mty": (2, r"ME|RE|IN|PI"),
    "hbo": (3, r"001"),
    "cid": (16, r"\d+"),
    "dty": (4, r"\d{4}"),
    "did": (8, r"[\x21-\x7e]+"),
    "dco": (3, r"\d{3}"),
    "dte": (32, r"[^\x00-\x1f]+"),
    "crd": (256, r"no-voice:|gsm:\+?\d+|sips?:\S+"),
    "stc": (4, r"\d{4}"),
    "stt": (32, r"[^\x00-\x1f]+"),
    "pri": (1, r"\d"),
    "lco": (3, r"\d{3}"),
    "lva": (2, r"[\x21-\x7e]+"),
    "lge": (0, r""),
    "lte": (32, r"[^\x00-\x1f]+"),
    "ite": (128, r"[^\x00-\x1f]+"),
}
_MANDATORY: Final = ("ref", "cid", "dty")
LONGEST: Final = 999
CONTENT_TYPES: Final = {"mrq": "application/scaip+xml", "scaip": "application/xml"}


class NotScaipError(ValueError):
    """A body that is no SCAIP request; `snu` is what to answer."""

    def __init__(self, words: str, snu: int = 2) -> None:
        super().__init__(words)
        self.snu = snu


def read(body: bytes) -> tuple[str, list[tuple[str, str]]]:
    """The root and the elements of a request, in their order; `lge` holds its time.

    Raises:
        NotScaipError: it is none.
    """
    if len(body) > 16 * 1024:
        raise NotScaipError("the body is longer than anything that is read", 1)
    try:
        # One encoding was agreed; in another, what is looked for here could hide.
        text = body.decode()
    except UnicodeDecodeError as error:
        raise NotScaipError("the document is not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "\0" in text:
        raise NotScaipError("a document type stands in it")
    try:
        root = fromstring(body)  # noqa: S314 - no document type has come this far
    except ParseError as error:
        raise NotScaipError(f"the XML cannot be read: {error}") from error
    if root.tag not in CONTENT_TYPES:
        raise NotScaipError(f"the root is {root.tag}")
    elements: list[tuple[str, str]] = []
    for child in root:
        if child.tag == "lge":
            inner = [grandchild.tag for grandchild in child]
            time = child.find("tim")
            if inner != ["tim"] or time is None:
                raise NotScaipError(
                    f"lge holds {inner}: a home sends its time and never a position", 3
                )
            elements.append(("lge", time.text or ""))
        else:
            elements.append((child.tag, child.text or ""))
    return root.tag, elements


def complaints(body: bytes, content_type: str, dialect: str) -> Iterator[str]:
    """Everything in a request that the rules for our sending forbid."""
    if len(body) > LONGEST:
        yield f"the document has {len(body)} octets"
    try:
        root, elements = read(body)
    except NotScaipError as error:
        yield str(error)
        return
    if root != dialect:
        yield f"the root is {root}, where {dialect} was agreed"
    if content_type != CONTENT_TYPES[root]:
        yield f"the content type {content_type} does not belong to {root}"
    names = [name for name, _ in elements]
    for name in _MANDATORY:
        if name not in names:
            yield f"{name} is missing"
    for name in set(names):
        if name != "crd" and names.count(name) > 1:
            yield f"{name} stands there twice"
    for name, text in elements:
        yield from _judge(name, text)


def _judge(name: str, text: str) -> Iterator[str]:
    if name not in RULES:
        yield f"{name} is no element that a home sends"
        return
    if name == "lge":
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d", text):
            yield "tim is not ISO 8601 with its offset in hours"
        return
    longest, pattern = RULES[name]
    if len(text) > longest:
        yield f"{name} has {len(text)} characters"
    if not re.fullmatch(pattern, text):
        yield f"{name} does not look as it must"


def missing(said: Mapping[str, str]) -> int | None:
    """What to answer where something mandatory is not there: 10 for the reference, 7 for the rest."""
    if not said.get("ref"):
        return 10
    return 7 if not (said.get("cid") and said.get("dty")) else None


def number(text: str | None) -> int | None:
    """A number of an element, None for none."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def moment(text: str) -> datetime | None:
    """A time with its offset, None for none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.utcoffset() is None else at


def answer(dialect: str, ref: str | None, snu: int, **more: str) -> bytes:
    """An answer's document; `ref` None leaves it out."""
    root = "mrs" if dialect == "mrq" else "scaip"
    named = "" if ref is None else f"<ref>{escape(ref)}</ref>"
    rest = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in more.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\r\n<{root}>{named}<snu>{snu:02d}</snu>{rest}</{root}>'.encode()
