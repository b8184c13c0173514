"""Reading both documents, leniently: real receivers differ in case, order, namespaces and zeros.

No document type, no entity of anybody's making, nothing from outside, bounded in size and depth: a
receiver's answer comes over a network.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from xml.parsers import expat

from .values import LONGEST_READ, MessageType, ScaipAnswer, ScaipRequest, Voice

#: So deep elements may stand within each other; SCAIP needs three.
DEEPEST: Final = 8
#: So many elements one document may have.
MOST: Final = 256
#: Longest text of an element that is kept, in characters.
LONGEST_TEXT: Final = 1024
_ROOTS: Final = frozenset({"mrq", "mrs", "scaip"})
_LONGEST_NUMBER: Final = 8
_MINUTES_A_DAY: Final = 1440
_LAST_CRE: Final = 62


class UnreadableError(ValueError):
    """A document cannot be read. `words` say why, without quoting it."""

    def __init__(self, words: str) -> None:
        """Say why."""
        super().__init__(words)
        self.words = words


class _Reader:
    """Collects the texts of elements by their names in lower case; the first of a name wins."""

    def __init__(self) -> None:
        self.root = ""
        self.texts: dict[str, str] = {}
        self.speech: list[str] = []
        self._open: list[str] = []
        self._chunks: list[str] = []
        self._length = 0
        self._seen = 0

    def read(self, octets: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._forbid
        parser.EntityDeclHandler = self._forbid
        parser.ExternalEntityRefHandler = self._forbid
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        try:
            parser.Parse(octets, True)  # noqa: FBT003 - expat's own
        except expat.ExpatError as err:
            raise UnreadableError(f"not well-formed, line {err.lineno}") from None
        except (ValueError, LookupError) as err:
            if isinstance(err, UnreadableError):
                raise
            # An encoding that expat asks Python for, and that Python cannot give it.
            raise UnreadableError("an encoding that is not known") from None

    def _start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._seen += 1
        if len(self._open) >= DEEPEST or self._seen > MOST:
            raise UnreadableError("too deep or too many elements")
        name = name.rpartition(" ")[2].rpartition(":")[2].lower()
        if not self._open:
            self.root = name
        self._open.append(name)
        self._chunks, self._length = [], 0

    def _end(self, _name: str) -> None:
        name = self._open.pop()
        text = "".join(self._chunks).strip()
        self._chunks, self._length = [], 0
        if not text or not self._open:
            return
        if name == "crd":
            self.speech.append(text)
        self.texts.setdefault(name, text)

    def _text(self, text: str) -> None:
        room = LONGEST_TEXT - self._length
        if room > 0:
            self._chunks.append(text[:room])
            self._length += len(text)

    def _forbid(self, *_: object) -> int:
        raise UnreadableError("a document type or an entity of its own")


def _read(octets: bytes) -> _Reader:
    if len(octets) > LONGEST_READ:
        raise UnreadableError("too long")
    reader = _Reader()
    # Some senders put blanks before the declaration, which XML does not allow.
    reader.read(octets.lstrip(b" \t\r\n"))
    if reader.root not in _ROOTS:
        raise UnreadableError("not a SCAIP document")
    return reader


def _number(text: str | None) -> int | None:
    """Read a number with or without zeros before it; None for what is none."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        return None
    return int(text)


def _within(number: int | None, least: int, most: int) -> int | None:
    return number if number is not None and least <= number <= most else None


def read_answer(octets: bytes, media_type: str = "") -> ScaipAnswer:
    """Read what a receiver answers. `media_type` is of no account: receivers name any.

    Raises:
        UnreadableError: it is no answer: not XML, or without a status number.
    """
    reader = _read(octets)
    texts = reader.texts
    snu = _number(texts.get("snu"))
    if snu is None:
        raise UnreadableError("no status number (snu)")
    voice = _within(_number(texts.get("mre")), min(Voice), max(Voice))
    return ScaipAnswer(
        ref=texts.get("ref", ""),
        snu=snu,
        ste=_line(texts.get("ste", ""))[:128],
        cve=texts.get("cve"),
        mre=Voice(voice or 0),
        cre=_within(_number(texts.get("cre")), 1, _LAST_CRE),
        tnu=_line(texts.get("tnu", ""))[:256] or None,
        hbi=_within(_number(texts.get("hbi")), 1, _MINUTES_A_DAY),
    )


def read_request(octets: bytes) -> ScaipRequest:
    """Read what a unit says: for conformance tests of writers, ours and others'.

    Raises:
        UnreadableError: it is no request: not XML, or a mandatory element is missing or no number.
    """
    reader = _read(octets)
    texts = reader.texts
    ref, cid, dty = texts.get("ref"), texts.get("cid"), _number(texts.get("dty"))
    if ref is None or cid is None or dty is None:
        raise UnreadableError("a mandatory element is missing")
    said = texts.get("mty", "ME").upper()
    if said not in MessageType:
        raise UnreadableError("a message type that is not known")
    return ScaipRequest(
        ref=ref,
        cid=cid,
        dty=dty,
        mty=MessageType(said),
        ver=texts.get("ver"),
        sco=_number(texts.get("sco")),
        cha=_number(texts.get("cha")),
        hbo=_number(texts.get("hbo")) == 1,
        did=texts.get("did"),
        dco=_number(texts.get("dco")),
        dte=texts.get("dte"),
        crd=tuple(reader.speech),
        stc=_number(texts.get("stc")),
        stt=texts.get("stt"),
        pri=_number(texts.get("pri")),
        lco=_number(texts.get("lco")),
        lva=texts.get("lva"),
        tim=_moment(texts.get("tim")),
        lte=texts.get("lte"),
        ite=texts.get("ite"),
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.utcoffset() is None else moment


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
