"""Read a receiver profile and say what is wrong with it, by field and line. Nothing but `ProfileError` gets out."""

from collections import Counter
from collections.abc import Mapping
import re
from typing import Final

from custom_components.kvarbo.transmission.receiver import Answer, Fate

from .cursor import Cursor, has_fields
from .fields import (
    ALARM_FIELDS,
    CODES,
    FIELDS,
    LIFE_FIELDS,
    LONGEST_TEXT,
    OF_ALARM,
    OF_LIFE,
    OTHER,
    SENTENCES,
    Kind,
    Scalar,
)
from .located import LocatedError, read_located
from .profile import (
    DEEPEST,
    LONGEST,
    SCHEMA,
    Accept,
    Form,
    Problem,
    ProfileError,
    RestProfile,
    Status,
    Token,
    typed,
)
from .template import Node, Text, fields_of

_KEYS: Final = frozenset(
    {"schema", "name", "method", "path", "headers", "token", "body", "minimal"}
    | {"codes", "max_text", "accept", "status"}
)
_REQUIRED: Final = ("schema", "name", "path", "body", "minimal", "accept")
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
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
#: What belongs to HTTP itself, to the credentials, or to nobody here.
_FORBIDDEN: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer"}
    | {"upgrade", "expect", "authorization", "cookie", "cookie2", "set-cookie", "accept-encoding"}
    | {"content-encoding", "via", "forwarded", "range", "user-agent"}
)
_FORBIDDEN_BEGIN: Final = ("proxy-", "sec-", "if-", "access-control-")
#: RFC 3986: what may stand in a path or a query, fields left out.
_PATH: Final = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?")
_DOTS: Final = re.compile(r"(?:^|/)(?:\.|%2[eE]){1,2}(?:/|\?|$)")

_MOST_HEADERS: Final = 32
_MOST_FIELDS: Final = 400
_LONGEST_NAME: Final = 64
_LONGEST_TEXT: Final = 1024
_LONGEST_CODE: Final = 200
_MOST_VALUES: Final = 32


def parse_profile(text: str | bytes) -> RestProfile:
    """Read and check a whole profile.

    Raises:
        ProfileError: the first thing that is wrong with it.
    """
    root = _document(text)
    members = root.members(_KEYS, required=_REQUIRED)
    if typed(members["schema"].value) != (int, SCHEMA):
        raise members["schema"].error(Problem.UNKNOWN_SCHEMA)
    headers = _headers(members.get("headers"))
    forms = _forms(root, members)
    minimal = _body(members["minimal"], ALARM_FIELDS)
    codes = _codes(members.get("codes"))
    _check_plain(members, forms, headers, codes)
    _check_said(members, forms, minimal, headers)
    token = _token(members.get("token"), {name.lower() for name, _ in headers})
    return RestProfile(
        name=members["name"].text(_LONGEST_NAME),
        forms=forms,
        minimal=minimal,
        headers=headers,
        token=token,
        codes=codes,
        max_text=_max_text(members.get("max_text")),
        accept=_accept(members["accept"]),
        status=_status(members.get("status")),
    )


def _document(text: str | bytes) -> Cursor:
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


# -- requests --------------------------------------------------------------------------------------


def _forms(root: Cursor, members: Mapping[str, Cursor]) -> dict[Kind, Form]:
    paths = _per_kind(members["path"], root)
    methods = _per_kind(members["method"], root) if "method" in members else {}
    bodies = {Kind(key): body for key, body in members["body"].members(frozenset(Kind)).items()}
    if Kind.ALARM not in bodies:
        raise members["body"].error(Problem.MISSING, Kind.ALARM)
    forms = {}
    for kind in Kind:
        path = _for(kind, paths)
        if path is None:
            raise members["path"].error(Problem.MISSING, kind)
        method = _for(kind, methods)
        forms[kind] = Form(
            method="POST" if method is None else _method(kind, method),
            path=_path(path, kind),
            body=None,
        )
        if forms[kind].method in _WITHOUT_BODY:
            if kind in bodies:
                raise bodies[kind].error(Problem.WRONG_VALUE)
            continue
        body = _for(kind, bodies)
        if body is None:
            raise members["body"].error(Problem.MISSING, kind)
        forms[kind] = Form(forms[kind].method, forms[kind].path, _body(body, _fields(kind)))
    return forms


def _fields(kind: Kind) -> frozenset[str]:
    return ALARM_FIELDS if kind in OF_ALARM else LIFE_FIELDS


def _per_kind(place: Cursor, root: Cursor) -> dict[Kind, Cursor]:
    """Read one text for all kinds, or an object of texts by kind."""
    if isinstance(place.value, str):
        return dict.fromkeys(Kind, place)
    return {Kind(key): member for key, member in place.members(frozenset(Kind)).items()}


def _for(kind: Kind, places: Mapping[Kind, Cursor]) -> Cursor | None:
    return places.get(kind, places.get(_LIKE.get(kind, kind)))


def _method(kind: Kind, place: Cursor) -> str:
    return place.choice(_WITH_BODY if kind in OF_ALARM else _WITH_BODY | _WITHOUT_BODY)


def _path(place: Cursor, kind: Kind) -> Text:
    path = place.template(_fields(kind) - SENTENCES, FIELDS)
    shown = "".join(part if isinstance(part, str) else "x" for part in path.parts)
    if shown and (
        len(shown) > _LONGEST_TEXT
        or not _PATH.fullmatch(shown)
        or shown.startswith("//")
        or _DOTS.search(shown)
    ):
        raise place.error(Problem.NOT_A_PATH)
    return path


def _body(place: Cursor, fields: frozenset[str]) -> Node:
    if not isinstance(place.value, dict | list):
        raise place.error(Problem.WRONG_TYPE)
    body = place.json_template(fields, FIELDS)
    if sum(1 for _ in fields_of(body)) > _MOST_FIELDS:
        raise place.error(Problem.TOO_MANY)
    return body


def _headers(place: Cursor | None) -> tuple[tuple[str, Text], ...]:
    if place is None:
        return ()
    found: dict[str, tuple[str, Text]] = {}
    for name, member in place.any_members():
        if len(found) == _MOST_HEADERS:
            raise place.error(Problem.TOO_MANY)
        _check_header_name(name, member)
        if name.lower() in found:
            raise member.error(Problem.HEADER_TWICE)
        # Both sorts of message carry the headers, so they may use what both know.
        value = member.template(ALARM_FIELDS & LIFE_FIELDS - SENTENCES, FIELDS)
        literal = value.literal
        if (
            not isinstance(member.value, str)
            or len(member.value) > _LONGEST_TEXT
            or not literal.isascii()
            or not literal.isprintable()
            or (not has_fields(value) and literal.strip() != literal)
        ):
            raise member.error(Problem.HEADER_VALUE)
        found[name.lower()] = (name, value)
    return tuple(found.values())


def _check_header_name(name: str, place: Cursor) -> None:
    if not _NAME.fullmatch(name):
        raise place.error(Problem.HEADER_NAME)
    if name.lower() in _FORBIDDEN or name.lower().startswith(_FORBIDDEN_BEGIN):
        raise place.error(Problem.HEADER_FORBIDDEN)


def _token(place: Cursor | None, taken: set[str]) -> Token:
    if place is None:
        return Token()
    members = place.members({"header", "prefix"})
    token = Token()
    header, prefix = token.header, token.prefix
    if "header" in members:
        header = members["header"].text(_LONGEST_NAME)
        if header.lower() != "authorization":
            _check_header_name(header, members["header"])
            prefix = ""
        if header.lower() in taken:
            raise members["header"].error(Problem.HEADER_TWICE)
    if "prefix" in members:
        prefix = members["prefix"].text(_LONGEST_NAME, shortest=0)
        if not prefix.isascii():
            raise members["prefix"].error(Problem.HEADER_VALUE)
    return Token(header, prefix)


# -- words -----------------------------------------------------------------------------------------


def _codes(place: Cursor | None) -> dict[str, dict[str, Scalar]]:
    if place is None:
        return {}
    return {
        name: {
            key: code.scalar(_LONGEST_CODE)
            for key, code in table.members(CODES[name] | {OTHER}).items()
        }
        for name, table in place.members(CODES).items()
    }


def _max_text(place: Cursor | None) -> dict[str, int]:
    if place is None:
        return {}
    return {name: at.integer(1, LONGEST_TEXT) for name, at in place.members(SENTENCES).items()}


def _check_plain(
    members: Mapping[str, Cursor],
    forms: Mapping[Kind, Form],
    headers: tuple[tuple[str, Text], ...],
    codes: Mapping[str, Mapping[str, Scalar]],
) -> None:
    """Words that go into a header or a path are plain ASCII."""
    used = {name for form in forms.values() for name in fields_of(form.path)}
    used.update(name for _, value in headers for name in fields_of(value))
    for name, table in codes.items():
        for key, code in table.items() if name in used else ():
            if isinstance(code, str) and not code.isascii():
                tables = members["codes"].members(CODES)
                raise tables[name].error(Problem.HEADER_VALUE, key)


def _check_said(
    members: Mapping[str, Cursor],
    forms: Mapping[Kind, Form],
    minimal: Node,
    headers: tuple[tuple[str, Text], ...],
) -> None:
    """What every message must carry: which home, which session (A5), what, and whether it is in earnest (A9)."""
    around = {name for _, value in headers for name in fields_of(value)}
    bodies = members["body"].members(frozenset(Kind))
    for kind, form in forms.items():
        if form.body is None:
            continue
        place = _for(kind, {Kind(key): body for key, body in bodies.items()})
        outside = around | set(fields_of(form.path))
        said = [(place or members["body"], outside | set(fields_of(form.body)))]
        if kind in OF_ALARM:
            said.append((members["minimal"], outside | set(fields_of(minimal))))
        for where, fields in said:
            _check_fields_said(where, fields, kind)


def _check_fields_said(where: Cursor, fields: set[str], kind: Kind) -> None:
    if kind in OF_LIFE:
        if kind is Kind.HEARTBEAT and not fields & {"controller", "source", "hub"}:
            raise where.error(Problem.HOME_MISSING)
        return
    if not fields & {"controller", "source"}:
        raise where.error(Problem.HOME_MISSING)
    if "reference" not in fields:
        raise where.error(Problem.REFERENCE_MISSING)
    if not fields & {"kind", "kind_text"}:
        raise where.error(Problem.KIND_MISSING)
    if "mark" not in fields and not fields >= {"test", "demo"}:
        raise where.error(Problem.MARK_MISSING)


# -- answers ---------------------------------------------------------------------------------------

_VERDICTS: Final = {
    answer.value: answer for answer in Answer if answer is not Answer.UNREACHABLE
}
_FATES: Final = {fate.value: fate for fate in Fate if fate is not Fate.NOT_KNOWN}


def _accept(place: Cursor) -> Accept:
    members = place.members(
        {"statuses", "verdict", "receipt", "status_address", "retry_after", "words"}
        | {"conflict", "life"},
        required=("statuses",),
    )
    verdict, verdicts = None, {}
    if "verdict" in members:
        verdict, verdicts = _values(members["verdict"], _VERDICTS, required=Answer.ACCEPTED)
    life = members["life"].choice({"answer", "status"}) if "life" in members else "answer"
    return Accept(
        statuses=frozenset(
            _http_status(at, read=verdict is not None)
            for at in members["statuses"].elements(_MOST_VALUES)
        ),
        verdict=verdict,
        verdicts=verdicts,
        receipt=_optional(members, "receipt"),
        status_address=_optional(members, "status_address"),
        retry_after=_optional(members, "retry_after"),
        words=_optional(members, "words"),
        conflict=_optional(members, "conflict"),
        life_by_status=life == "status",
    )


def _http_status(place: Cursor, *, read: bool) -> int:
    """Statuses that mean the same whatever the body says cannot be listed; without a verdict only successes can."""
    status = place.integer(200, 599 if read else 299)
    if 300 <= status < 400 or status in {401, 403}:
        raise place.error(Problem.WRONG_VALUE)
    return status


def _status(place: Cursor | None) -> Status | None:
    if place is None:
        return None
    members = place.members({"state", "person"}, required=("state",))
    state, fates = _values(members["state"], _FATES, required=Fate.CLOSED)
    person, persons = None, frozenset[tuple[type, Scalar]]()
    if "person" in members:
        person, by = _values(members["person"], {"values": True}, required="values")
        persons = frozenset(by)
    return Status(state=state, fates=fates, person=person, persons=persons)


def _optional(members: Mapping[str, Cursor], key: str) -> object:
    return members[key].pointing() if key in members else None
