"""Read what a profile says of requests: methods, paths, headers, bodies."""

from collections.abc import Mapping
import re
from typing import Final

from .cursor import Cursor
from .fields import ALARM_FIELDS, FIELDS, LIFE_FIELDS, OF_ALARM, OF_LIFE, SENTENCES, Kind
from .profile import Form, Headers, Problem, Token
from .template import Field, Node, Text, fields_of

#: Where a kind has no entry of its own, it is sent as this one.
_LIKE: Final = {
    Kind.UPDATE: Kind.ALARM,
    Kind.ALL_CLEAR: Kind.ALARM,
    Kind.CANCEL: Kind.ALARM,
    Kind.PROBE: Kind.HEARTBEAT,
    Kind.HEARTBEAT: Kind.PROBE,
}
_WITH_BODY: Final = frozenset({"POST", "PUT"})
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})

#: RFC 9110 section 5.6.2.
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
#: What belongs to HTTP itself, to the credentials, or to nobody here.
_FORBIDDEN: Final = frozenset(
    {"accept-encoding", "authorization", "connection", "content-encoding", "content-length"}
    | {"cookie", "cookie2", "expect", "forwarded", "host", "keep-alive", "range", "set-cookie"}
    | {"te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via"}
)
_FORBIDDEN_BEGIN: Final = ("access-control-", "if-", "proxy-", "sec-")
#: RFC 3986 sections 3.3 and 3.4: a path, perhaps with a query.
_PCHAR: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_PATH: Final = re.compile(rf"(?:/{_PCHAR}+)*/?(?:\?(?:{_PCHAR}|[/?])*)?")
_DOTS: Final = re.compile(r"/(?:\.|%2[eE]){1,2}(?:/|\?|$)")

_MOST_HEADERS: Final = 32
_MOST_FIELDS: Final = 400
_LONGEST_NAME: Final = 64
_LONGEST_TEXT: Final = 1024


def read_forms(members: Mapping[str, Cursor]) -> dict[Kind, Form]:
    """Read how each kind of message is sent."""
    paths = _per_kind(members["path"])
    methods = _per_kind(members["method"]) if "method" in members else {}
    bodies = _per_kind(members["body"])
    forms = {}
    for kind in Kind:
        path, method, body = _for(kind, paths), _for(kind, methods), _for(kind, bodies)
        if kind in OF_LIFE and kind not in methods and kind in bodies:
            method = None
        if path is None:
            raise members["path"].error(Problem.MISSING, kind)
        verb = "POST" if method is None else _method(kind, method)
        if verb in _WITHOUT_BODY:
            if kind in bodies:
                raise bodies[kind].error(Problem.WRONG_VALUE)
            forms[kind] = Form(verb, _path(path, kind), None)
            continue
        if body is None:
            raise members["body"].error(Problem.MISSING, kind)
        forms[kind] = Form(verb, _path(path, kind), read_body(body, kind))
    return forms


def _per_kind(place: Cursor) -> dict[Kind, Cursor]:
    """Read one text for all kinds, or an object with an entry for each kind."""
    if isinstance(place.value, str):
        return dict.fromkeys(Kind, place)
    return {Kind(key): member for key, member in place.members(frozenset(Kind)).items()}


def _for(kind: Kind, places: Mapping[Kind, Cursor]) -> Cursor | None:
    return places.get(kind, places.get(_LIKE.get(kind, kind)))


def _fields(kind: Kind) -> frozenset[str]:
    return ALARM_FIELDS if kind in OF_ALARM else LIFE_FIELDS


def _method(kind: Kind, place: Cursor) -> str:
    return place.choice(_WITH_BODY if kind in OF_ALARM else _WITH_BODY | _WITHOUT_BODY)


def _path(place: Cursor, kind: Kind) -> Text:
    path = place.template(_fields(kind) - SENTENCES, FIELDS)
    shown = "".join("x" if isinstance(part, Field) else part for part in path.parts)
    if len(shown) > _LONGEST_TEXT or not _PATH.fullmatch(shown) or _DOTS.search(shown):
        raise place.error(Problem.NOT_A_PATH)
    return path


def read_body(place: Cursor, kind: Kind) -> Node:
    """Read the template of a body."""
    if not isinstance(place.value, dict | list):
        raise place.error(Problem.WRONG_TYPE)
    body = place.json_template(_fields(kind), FIELDS)
    if sum(1 for _ in fields_of(body)) > _MOST_FIELDS:
        raise place.error(Problem.TOO_MANY)
    return body


def read_headers(place: Cursor | None) -> Headers:
    """Read the headers; a message that lacks a header's field goes without the header."""
    if place is None:
        return ()
    found: dict[str, tuple[str, Text]] = {}
    for name, member in place.any_members():
        if len(found) == _MOST_HEADERS:
            raise place.error(Problem.TOO_MANY)
        _check_name(name, member)
        if name.lower() in found:
            raise member.error(Problem.HEADER_TWICE)
        value = member.template(FIELDS - SENTENCES, FIELDS)
        source = str(member.value)
        plain = source.isascii() and source.isprintable() and source == source.strip()
        if not plain or not 0 < len(source) <= _LONGEST_TEXT:
            raise member.error(Problem.HEADER_VALUE)
        found[name.lower()] = (name, value)
    return tuple(found.values())


def read_token(place: Cursor | None, headers: Headers) -> Token:
    """Read which header carries the token."""
    if place is None:
        return Token()
    members = place.members(("header", "prefix"), required=("header",))
    name = members["header"]
    header = name.text(_LONGEST_NAME)
    if header.lower() != "authorization":
        _check_name(header, name)
    if header.lower() in {other.lower() for other, _ in headers}:
        raise name.error(Problem.HEADER_TWICE)
    if "prefix" not in members:
        return Token(header, "")
    prefix = members["prefix"].text(_LONGEST_NAME, shortest=0)
    if not prefix.isascii():
        raise members["prefix"].error(Problem.HEADER_VALUE)
    return Token(header, prefix)


def _check_name(name: str, place: Cursor) -> None:
    if not _TOKEN.fullmatch(name):
        raise place.error(Problem.HEADER_NAME)
    if name.lower() in _FORBIDDEN or name.lower().startswith(_FORBIDDEN_BEGIN):
        raise place.error(Problem.HEADER_FORBIDDEN)


def check_said(
    members: Mapping[str, Cursor], forms: Mapping[Kind, Form], minimal: Node, headers: Headers
) -> None:
    """Check what every message must carry: which home, which session (A5), what, and whether it is in earnest (A9).

    Raises:
        ProfileError: a message lacks one of them.
    """
    around = {name for _, value in headers for name in fields_of(value)}
    bodies = _per_kind(members["body"])
    for kind, form in forms.items():
        if form.body is None:
            continue
        outside = around | set(fields_of(form.path))
        _check_fields(
            _for(kind, bodies) or members["body"], kind, outside | set(fields_of(form.body))
        )
        if kind in OF_ALARM:
            _check_fields(members["minimal"], kind, outside | set(fields_of(minimal)))


def _check_fields(place: Cursor, kind: Kind, said: set[str]) -> None:
    if kind in OF_LIFE:
        if kind is Kind.HEARTBEAT and not said & {"controller", "source", "hub"}:
            raise place.error(Problem.HOME_MISSING)
        return
    if not said & {"controller", "source"}:
        raise place.error(Problem.HOME_MISSING)
    if "reference" not in said:
        raise place.error(Problem.REFERENCE_MISSING)
    if not said & {"kind", "kind_text"}:
        raise place.error(Problem.KIND_MISSING)
    if "mark" not in said and not said >= {"test", "demo"}:
        raise place.error(Problem.MARK_MISSING)
