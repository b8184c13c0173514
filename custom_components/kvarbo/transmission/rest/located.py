"""JSON that a person wrote: every value keeps the line it stands on, so that an error can name both.

Stricter than `json.loads`: no name twice in an object, no NaN or infinity, no half characters, a bound on depth.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
import math
import re
from typing import Any, Final

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


class Fault(StrEnum):
    """What is wrong with a document before anything is said about its content."""

    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    DUPLICATE_KEY = "duplicate_key"
    HALF_CHARACTER = "half_character"


class LocatedError(ValueError):
    """The document cannot be read. `pointer` (RFC 6901) and `line` (from 1) name the place."""

    def __init__(self, fault: Fault, pointer: str, line: int) -> None:
        """Name fault and place."""
        super().__init__(f"{pointer or 'document'}, line {line}: {fault}")
        self.fault = fault
        self.pointer = pointer
        self.line = line


@dataclass(frozen=True, slots=True)
class Located:
    """A document's value, and the line of every value in it by JSON pointer."""

    value: Any
    lines: Mapping[str, int]


def read_located(text: str, *, depth: int) -> Located:
    """Read a JSON document of at most `depth` nested objects and arrays.

    Raises:
        LocatedError: it is not JSON, or not of the strict kind above.
    """
    reader = _Reader(text, depth)
    return Located(reader.document(), reader.lines)


def child(pointer: str, key: str | int) -> str:
    """Return the JSON pointer to a member or element (RFC 6901 section 3)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


class _Reader:
    """Recursive descent for objects and arrays; the standard decoder reads the scalars."""

    def __init__(self, text: str, depth: int) -> None:
        self.lines: dict[str, int] = {}
        self._text = text
        self._depth = depth
        self._at = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._scalars = json.JSONDecoder(parse_constant=_refuse)

    def document(self) -> Any:
        value = self._value("", 0)
        self._skip()
        if self._at != len(self._text):
            raise self._error(Fault.NOT_JSON, "")
        return value

    def _error(self, fault: Fault, pointer: str, at: int | None = None) -> LocatedError:
        return LocatedError(fault, pointer, self._line(self._at if at is None else at))

    def _line(self, at: int) -> int:
        return bisect_left(self._ends, at) + 1

    def _skip(self) -> str:
        """Skip blanks and return the next character, empty at the end."""
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, expected: str, pointer: str) -> str:
        """Take one of the expected characters."""
        found = self._skip()
        if not found or found not in expected:
            raise self._error(Fault.NOT_JSON, pointer)
        self._at += 1
        return found

    def _value(self, pointer: str, depth: int) -> Any:
        start = self._skip()
        self.lines[pointer] = self._line(self._at)
        if start and start in "{[" and depth == self._depth:
            raise self._error(Fault.TOO_DEEP, pointer)
        if start == "{":
            return self._object(pointer, depth + 1)
        if start == "[":
            return self._array(pointer, depth + 1)
        return self._scalar(pointer)

    def _scalar(self, pointer: str) -> Any:
        begin = self._at
        try:
            value, self._at = self._scalars.raw_decode(self._text, self._at)
        except json.JSONDecodeError as err:
            raise self._error(Fault.NOT_JSON, pointer, err.pos) from None
        except ValueError:  # NaN, infinity, or an integer of more digits than Python reads
            raise self._error(Fault.NOT_JSON, pointer, begin) from None
        if isinstance(value, float) and not math.isfinite(value):
            raise self._error(Fault.NOT_JSON, pointer, begin)
        if isinstance(value, str) and _SURROGATE.search(value):
            raise self._error(Fault.HALF_CHARACTER, pointer, begin)
        return value

    def _object(self, pointer: str, depth: int) -> dict[str, Any]:
        self._at += 1
        found: dict[str, Any] = {}
        if self._skip() == "}":
            self._at += 1
            return found
        while True:
            if self._skip() != '"':
                raise self._error(Fault.NOT_JSON, pointer)
            begin = self._at
            key = self._scalar(pointer)
            place = child(pointer, key)
            if key in found:
                raise self._error(Fault.DUPLICATE_KEY, place, begin)
            self._take(":", place)
            found[key] = self._value(place, depth)
            if self._take(",}", place) == "}":
                return found

    def _array(self, pointer: str, depth: int) -> list[Any]:
        self._at += 1
        found: list[Any] = []
        if self._skip() == "]":
            self._at += 1
            return found
        while True:
            place = child(pointer, len(found))
            found.append(self._value(place, depth))
            if self._take(",]", place) == "]":
                return found


def _refuse(name: str) -> float:
    raise ValueError(name)
