"""The elements of a request: how long, of what, in which order; and how what we say is made to fit.

SS 91100 and CLC/TS 50134-9 by their public descriptions (docs/scaip.md). Where deployed receivers are
known to take less than the standard allows, we send less: a controller id of 16 digits, a device id
of 8 characters, a document below 1000 octets.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import re
from typing import Final

from .values import LONGEST_SENT, Dialect, ScaipRequest
from .writing import document

#: What XML 1.0 can hold of a text (section 2.2), on one line.
_NOT_HELD: Final = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPEECH: Final = re.compile(r"no-voice:|gsm:\+?[0-9]{3,20}|sips?:[!-;=?-~]{3,251}")


class ElementProblem(StrEnum):
    """What can be wrong with an element."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    WRONG_VALUE = "wrong_value"


class ElementError(ValueError):
    """A request cannot be sent as it is; retrying is useless. `element` is its name on the wire."""

    def __init__(self, element: str, problem: ElementProblem) -> None:
        """Name element and problem."""
        super().__init__(f"{element}: {problem}")
        self.element = element
        self.problem = problem


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_text(text: str) -> bool:
    return _NOT_HELD.search(text) is None


@dataclass(frozen=True, slots=True)
class Rule:
    """What an element may hold. `longest` in characters; `good` judges the text on the wire."""

    longest: int
    good: Callable[[str], bool]
    mandatory: bool = False


#: Every element that is sent, in the order of the document.
RULES: Final[dict[str, Rule]] = {
    "ref": Rule(16, _matches("[0-9A-Za-z]+"), mandatory=True),
    "ver": Rule(5, _matches(r"[0-9]{2}\.[0-9]{2}")),
    "sco": Rule(1, _matches("[0-3]")),
    "cha": Rule(1, _matches("[01]")),
    "mty": Rule(2, _matches("ME|RE|IN|PI")),
    "hbo": Rule(3, _matches("001")),
    "cid": Rule(16, _matches("[0-9]+"), mandatory=True),
    "dty": Rule(4, _matches("[0-9]{4}"), mandatory=True),
    "did": Rule(8, _matches("[!-~]+")),
    "dco": Rule(3, _matches("[0-9]{3}")),
    "dte": Rule(32, _is_text),
    "crd": Rule(256, _matches(_SPEECH.pattern)),
    "stc": Rule(4, _matches("[0-9]{4}")),
    "stt": Rule(32, _is_text),
    "pri": Rule(1, _matches("[0-9]")),
    "lco": Rule(3, _matches("[0-9]{3}")),
    "lva": Rule(2, _matches("[!-~]+")),
    "lge": Rule(22, _matches(r"[0-9-]{10}T[0-9:]{8}[+-][0-9]{2}")),
    "lte": Rule(32, _is_text),
    "ite": Rule(128, _is_text),
}
#: Sentences for people: what is too long is cut.
TEXTS: Final = ("dte", "stt", "lte", "ite")
#: What is left out first where a whole document is too long.
_LEFT_OUT: Final = ("ite", "lte", "dte", "stt")


def is_speech_address(text: str) -> bool:
    """Tell whether a caller address has one of the three forms."""
    return len(text) <= RULES["crd"].longest and _SPEECH.fullmatch(text) is not None


def on_the_wire(request: ScaipRequest) -> tuple[tuple[str, str], ...]:
    """Return the elements as names and texts, in their order; `lge` stands for its time alone."""
    texts: dict[str, str | None] = {
        "ref": request.ref,
        "ver": request.ver,
        "sco": _digits(request.sco, 1),
        "cha": _digits(request.cha, 1),
        "mty": request.mty.value,
        "hbo": "001" if request.hbo else None,
        "cid": request.cid,
        "dty": _digits(request.dty, 4),
        "did": request.did,
        "dco": _digits(request.dco, 3),
        "dte": request.dte,
        "stc": _digits(request.stc, 4),
        "stt": request.stt,
        "pri": _digits(request.pri, 1),
        "lco": _digits(request.lco, 3),
        "lva": request.lva,
        "lge": _moment(request.tim),
        "lte": request.lte,
        "ite": request.ite,
    }
    said: list[tuple[str, str]] = []
    for name in RULES:
        if name == "crd":
            said += [(name, address) for address in request.crd]
        elif text := texts[name]:
            said.append((name, text))
    return tuple(said)


def check(request: ScaipRequest) -> tuple[tuple[str, str], ...]:
    """Return the elements as they go over the wire.

    Raises:
        ElementError: one of them is against the rules; the first is told.
    """
    said = on_the_wire(request)
    names = {name for name, _ in said}
    for name, rule in RULES.items():
        if rule.mandatory and name not in names:
            raise ElementError(name, ElementProblem.MISSING)
    for name, text in said:
        rule = RULES[name]
        if len(text) > rule.longest:
            raise ElementError(name, ElementProblem.TOO_LONG)
        if not rule.good(text):
            raise ElementError(name, ElementProblem.WRONG_VALUE)
    return said


def fit(request: ScaipRequest) -> ScaipRequest:
    """Return a request whose texts keep to their lengths and hold nothing that XML cannot."""
    texts = (request.dte, request.stt, request.lte, request.ite)
    dte, stt, lte, ite = (
        _fitted(text, name) for text, name in zip(texts, ("dte", "stt", "lte", "ite"), strict=True)
    )
    if texts == (dte, stt, lte, ite):
        return request
    return replace(request, dte=dte, stt=stt, lte=lte, ite=ite)


def fit_whole(request: ScaipRequest, dialect: Dialect, longest: int = LONGEST_SENT) -> ScaipRequest:
    """Return a request whose document has `longest` octets at most.

    Texts are left out one by one, the longest words first; codes are never.
    """
    fitted = fit(request)
    for name in _LEFT_OUT:
        if len(document(on_the_wire(fitted), dialect)) <= longest:
            break
        fitted = _without(fitted, name)
    return fitted


def _without(request: ScaipRequest, name: str) -> ScaipRequest:
    match name:
        case "ite":
            return replace(request, ite=None)
        case "lte":
            return replace(request, lte=None)
        case "dte":
            return replace(request, dte=None)
        case _:
            return replace(request, stt=None)


def _moment(moment: datetime | None) -> str | None:
    """Write a time with its offset in whole hours, as SCAIP wants it."""
    if moment is None:
        return None
    offset = moment.utcoffset() or timedelta(0)
    if offset % timedelta(hours=1):
        # A zone with half hours: the same moment as the whole world writes it.
        moment, offset = moment.astimezone(UTC), timedelta(0)
    local = moment.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{local}{offset // timedelta(hours=1):+03d}"


def _digits(number: int | None, width: int) -> str | None:
    return None if number is None else f"{number:0{width}d}"


def _fitted(text: str | None, name: str) -> str | None:
    if text is None:
        return None
    line = " ".join(_NOT_HELD.sub(" ", text).split())
    longest = RULES[name].longest
    return (line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…") or None
