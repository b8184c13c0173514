"""A receiver profile: how one make of receiver wants its requests and what its answers mean, as data (docs/rest.md).

A profile holds no secret and no address; both belong to the home's own settings. `profile_reader` makes one from text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from ..receiver import Answer, Fate
from .fields import Codes, Kind, Scalar
from .pointer import Pointer
from .template import Node, Text

type Headers = tuple[tuple[str, Text], ...]

#: The only version of the format so far.
SCHEMA: Final = 1
#: Longest profile, in octets, and most nested objects and arrays in one.
LONGEST: Final = 64 * 1024
DEEPEST: Final = 24

_LONGEST_FIELD: Final = 200


class Problem(StrEnum):
    """What can be wrong with a profile; each has a text for people."""

    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    DUPLICATE_KEY = "duplicate_key"
    HALF_CHARACTER = "half_character"
    UNKNOWN_SCHEMA = "unknown_schema"
    UNKNOWN_KEY = "unknown_key"
    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    WRONG_VALUE = "wrong_value"
    TOO_MANY = "too_many"
    NOT_A_TEMPLATE = "not_a_template"
    UNKNOWN_FIELD = "unknown_field"
    FIELD_NOT_HERE = "field_not_here"
    NOT_A_POINTER = "not_a_pointer"
    NOT_A_PATH = "not_a_path"
    HEADER_NAME = "header_name"
    HEADER_FORBIDDEN = "header_forbidden"
    HEADER_TWICE = "header_twice"
    HEADER_VALUE = "header_value"
    VALUE_TWICE = "value_twice"
    MARK_MISSING = "mark_missing"
    REFERENCE_MISSING = "reference_missing"
    HOME_MISSING = "home_missing"
    KIND_MISSING = "kind_missing"


class ProfileError(ValueError):
    """A profile cannot be used; retrying cannot help.

    A person must mend `field`, a JSON pointer; empty is the whole document. `line` counts from 1; None where the
    document has no such line: something is missing, or it is no text at all.
    """

    def __init__(self, field: str, problem: Problem, line: int | None = None) -> None:
        """Name field, problem and line."""
        shown = "".join(c if c.isprintable() else "?" for c in field[:_LONGEST_FIELD])
        place = f"{shown or 'document'}{'' if line is None else f', line {line}'}"
        super().__init__(f"{place}: {problem}")
        self.field = shown
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of message is sent. `body` None means a request without one (GET or HEAD, for a probe)."""

    method: str
    path: Text
    body: Node | None


@dataclass(frozen=True, slots=True)
class Token:
    """The header that carries the bearer token, and what stands before it."""

    header: str = "Authorization"
    prefix: str = "Bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """What an answer means.

    Answers whose HTTP status is in `statuses` are read by the pointers; all others by the table in docs/rest.md. Where
    `verdict` is None, such a status is an acceptance; where `receipt` is not, only together with a receipt (idea 3).
    `life_by_status`: for a heartbeat or a probe the status alone is enough.
    """

    statuses: frozenset[int]
    verdict: Pointer | None = None
    verdicts: Mapping[tuple[type, Scalar], Answer]
    receipt: Pointer | None = None
    status_address: Pointer | None = None
    retry_after: Pointer | None = None
    words: Pointer | None = None
    conflict: Pointer | None = None
    life_by_status: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the answer at the status address tells what became of an alarm, and whether a person did it.

    `door` is where a request to unlock the entry has its name. Without it no receiver of this make can ask for that.
    """

    state: Pointer
    fates: Mapping[tuple[type, Scalar], Fate]
    person: Pointer | None = None
    persons: frozenset[tuple[type, Scalar]] = frozenset()
    door: Pointer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestProfile:
    """A checked profile."""

    name: str
    forms: Mapping[Kind, Form]
    minimal: Node
    headers: Headers
    token: Token
    codes: Codes
    max_text: Mapping[str, int]
    accept: Accept
    status: Status | None


def typed(value: Any) -> tuple[type, Any]:
    """Return a scalar as a key that tells `true` from 1: a receiver that says one does not say the other."""
    return (type(value), value)


def built_in(name: str) -> bytes:
    """Return the text of a profile that comes with Kvarbo. Reads a file: not for the event loop.

    Raises:
        FileNotFoundError: there is none of this name.
    """
    return (Path(__file__).parent / "profiles" / f"{name}.json").read_bytes()


#: The profiles that come with Kvarbo.
BUILT_IN: Final = ("kvarbo",)
