"""Read a receiver profile and say what is wrong with it, by field and line. Nothing but `ProfileError` gets out."""

from collections.abc import Mapping
from typing import Final

from .answer_reader import read_accept, read_status
from .cursor import Cursor
from .fields import CODES, LONGEST_TEXT, OTHER, SENTENCES, Codes, Kind, Scalar
from .located import LocatedError, read_located
from .profile import (
    DEEPEST,
    LONGEST,
    SCHEMA,
    Form,
    Headers,
    Problem,
    ProfileError,
    RestProfile,
    typed,
)
from .request_reader import check_said, read_body, read_forms, read_headers, read_token
from .template import fields_of

_KEYS: Final = frozenset(
    {"schema", "name", "method", "path", "headers", "token", "body", "minimal"}
    | {"codes", "max_text", "accept", "status"}
)
_REQUIRED: Final = ("schema", "name", "path", "body", "minimal", "accept")

_LONGEST_NAME: Final = 64
_LONGEST_CODE: Final = 200


def parse_profile(text: str | bytes) -> RestProfile:
    """Read and check a whole profile of at most 64 KiB.

    Takes milliseconds: not for the event loop.

    Raises:
        ProfileError: the first thing that is wrong with it.
    """
    return read_profile(read_document(text))


def read_profile(root: Cursor) -> RestProfile:
    """Check a document that has been read; raises ProfileError."""
    members = root.members(_KEYS, required=_REQUIRED)
    if typed(members["schema"].value) != (int, SCHEMA):
        raise members["schema"].error(Problem.UNKNOWN_SCHEMA)
    name = members["name"].text(_LONGEST_NAME)
    headers = read_headers(members.get("headers"))
    forms = read_forms(members)
    minimal = read_body(members["minimal"], Kind.ALARM)
    check_said(members, forms, minimal, headers)
    return RestProfile(
        name=name,
        forms=forms,
        minimal=minimal,
        headers=headers,
        token=read_token(members.get("token"), headers),
        codes=_codes(members.get("codes"), forms, headers),
        max_text=_max_text(members.get("max_text")),
        accept=read_accept(members["accept"]),
        status=read_status(members.get("status")),
    )


def read_document(text: str | bytes) -> Cursor:
    """Read a profile as JSON, each value with its place; raises ProfileError."""
    try:
        octets = text.encode() if isinstance(text, str) else text
        if len(octets) > LONGEST:
            raise ProfileError("", Problem.TOO_LONG)
        located = read_located(octets.decode().removeprefix("\ufeff"), depth=DEEPEST)
    except UnicodeError:
        raise ProfileError("", Problem.NOT_TEXT) from None
    except LocatedError as err:
        raise ProfileError(err.pointer, Problem(err.fault), err.line) from None
    return Cursor(located.value, "", located.lines)


def _codes(place: Cursor | None, forms: Mapping[Kind, Form], headers: Headers) -> Codes:
    """Read the receiver's own words. Those that go into a header or a path are plain ASCII."""
    if place is None:
        return {}
    plain = {name for form in forms.values() for name in fields_of(form.path)}
    plain.update(name for _, value in headers for name in fields_of(value))
    codes: dict[str, dict[str, Scalar]] = {}
    for name, table in place.members(CODES).items():
        codes[name] = {}
        for key, member in table.members(CODES[name] | {OTHER}).items():
            code = member.scalar(_LONGEST_CODE)
            if name in plain and isinstance(code, str) and not code.isascii():
                raise member.error(Problem.HEADER_VALUE)
            codes[name][key] = code
    return codes


def _max_text(place: Cursor | None) -> dict[str, int]:
    if place is None:
        return {}
    return {name: at.integer(1, LONGEST_TEXT) for name, at in place.members(SENTENCES).items()}
