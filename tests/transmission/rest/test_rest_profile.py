"""Profiles: what is right is read whole, what is wrong is named by field and line, and nothing else ever gets out."""

import json
from typing import Any

import pytest

from custom_components.kvarbo.transmission.receiver import Answer, Fate
from custom_components.kvarbo.transmission.rest.fields import CODES, Kind
from custom_components.kvarbo.transmission.rest.located import Fault
from custom_components.kvarbo.transmission.rest.pointer import (
    parse_pointer,
)
from custom_components.kvarbo.transmission.rest.profile import (
    BUILT_IN,
    LONGEST,
    Problem,
    ProfileError,
    Token,
    built_in,
)
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from tests.transmission.rest.rest_changes import Change, Document, drop_at, set_at
from tests.transmission.rest.rest_sample import changed, kvarbo_document


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_profiles_are_right(name: str) -> None:
    profile = parse_profile(built_in(name))
    assert profile.name == name
    assert profile.forms.keys() == set(Kind)
    assert parse_profile(built_in(name).decode()) == profile
    assert parse_profile(b"\xef\xbb\xbf" + built_in(name)) == profile


def test_a_profile_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        built_in("nowhere")


def _without(*fields: str, body: str = "alarm") -> Change:
    """Leave fields out of a body, wherever they stand."""

    gone = [f"${field}" for field in fields]

    def strip(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: strip(inner) for key, inner in node.items() if inner not in gone}
        return node

    def change(document: Document) -> None:
        if body == "minimal":
            document["minimal"] = strip(document["minimal"])
        else:
            document["body"][body] = strip(document["body"][body])

    return change


CASES: list[tuple[str, Problem, Change]] = [
    ("/schema", Problem.MISSING, drop_at("/schema")),
    ("/schema", Problem.UNKNOWN_SCHEMA, set_at("/schema", 2)),
    ("/schema", Problem.UNKNOWN_SCHEMA, set_at("/schema", True)),
    ("/schema", Problem.UNKNOWN_SCHEMA, set_at("/schema", 1.0)),
    ("/schema", Problem.UNKNOWN_SCHEMA, set_at("/schema", [1])),
    ("/name", Problem.MISSING, drop_at("/name")),
    ("/name", Problem.WRONG_TYPE, set_at("/name", 7)),
    ("/name", Problem.WRONG_VALUE, set_at("/name", "")),
    ("/name", Problem.WRONG_VALUE, set_at("/name", "a" * 65)),
    ("/name", Problem.WRONG_VALUE, set_at("/name", "a\u202eb")),
    ("/nmae", Problem.UNKNOWN_KEY, set_at("/nmae", "x")),
    ("/a?b", Problem.UNKNOWN_KEY, set_at("/a\nb", "x")),
    # requests
    ("/method", Problem.WRONG_VALUE, set_at("/method", "GET")),
    ("/method", Problem.WRONG_VALUE, set_at("/method", "post")),
    ("/method", Problem.WRONG_TYPE, set_at("/method", None)),
    ("/method/alarm", Problem.WRONG_VALUE, set_at("/method", {"alarm": "HEAD"})),
    ("/method/alarms", Problem.UNKNOWN_KEY, set_at("/method", {"alarms": "POST"})),
    ("/method/alarm", Problem.WRONG_TYPE, set_at("/method", {"alarm": ["POST"]})),
    ("/body/probe", Problem.WRONG_VALUE, set_at("/method", {"probe": "GET"})),
    ("/path", Problem.MISSING, drop_at("/path")),
    ("/path", Problem.WRONG_TYPE, set_at("/path", ["/v1"])),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "v1")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "//elsewhere.example")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "https://elsewhere.example/")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "@elsewhere.example")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/a b")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/a\r\nHost: b")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/a#b")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/a/../b")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/a/%2E%2e")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/%zz")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/å")),
    ("/path", Problem.NOT_A_PATH, set_at("/path", "/" + "a" * 1024)),
    ("/path", Problem.NOT_A_TEMPLATE, set_at("/path", "/$reference")),
    ("/path", Problem.UNKNOWN_FIELD, set_at("/path", "/${resident_name}")),
    ("/path", Problem.FIELD_NOT_HERE, set_at("/path", "/${alarm}")),
    ("/path/alarm", Problem.FIELD_NOT_HERE, set_at("/path", {"alarm": "/${reason}"})),
    ("/path/alarm", Problem.MISSING, set_at("/path", {"probe": "/p"})),
    ("/path/heartbeat", Problem.MISSING, set_at("/path", {"alarm": "/a"})),
    ("/body", Problem.WRONG_TYPE, set_at("/body", "${alarm}")),
    ("/body/alarm", Problem.MISSING, drop_at("/body/alarm")),
    (
        "/body/heartbeat",
        Problem.MISSING,
        set_at("/body", {"alarm": kvarbo_document()["body"]["alarm"]}),
    ),
    ("/body/alarm", Problem.WRONG_TYPE, set_at("/body/alarm", "$alarm")),
    ("/body/cancel", Problem.WRONG_TYPE, set_at("/body/cancel", None)),
    ("/body/alarm/data/kind", Problem.UNKNOWN_FIELD, set_at("/body/alarm/data/kind", "$entity_id")),
    ("/body/alarm/data/kind", Problem.NOT_A_TEMPLATE, set_at("/body/alarm/data/kind", "a $kind")),
    ("/body/alarm/data/kind", Problem.NOT_A_TEMPLATE, set_at("/body/alarm/data/kind", "${kind")),
    ("/body/alarm/data/kind", Problem.NOT_A_TEMPLATE, set_at("/body/alarm/data/kind", "${Kind}")),
    (
        "/body/alarm/data/kind/1",
        Problem.FIELD_NOT_HERE,
        set_at("/body/alarm/data/kind", ["$kind", "$hub"]),
    ),
    (
        "/body/heartbeat/data/hub",
        Problem.FIELD_NOT_HERE,
        set_at("/body/heartbeat/data/hub", "$reason"),
    ),
    ("/body/probe", Problem.TOO_MANY, set_at("/body/probe", ["$hub"] * 401)),
    ("/minimal", Problem.MISSING, drop_at("/minimal")),
    ("/minimal", Problem.WRONG_TYPE, set_at("/minimal", 1)),
    # what must be said
    ("/body/alarm", Problem.REFERENCE_MISSING, _without("reference")),
    ("/body/alarm", Problem.HOME_MISSING, _without("source")),
    ("/body/alarm", Problem.KIND_MISSING, _without("kind")),
    ("/body/alarm", Problem.MARK_MISSING, _without("test")),
    ("/body/alarm", Problem.MARK_MISSING, _without("demo")),
    ("/body/heartbeat", Problem.HOME_MISSING, _without("source", "hub", body="heartbeat")),
    (
        "/body/update",
        Problem.HOME_MISSING,
        set_at("/body/update", {"a": "${reference}", "b": "$$source"}),
    ),
    ("/minimal", Problem.REFERENCE_MISSING, _without("reference", body="minimal")),
    ("/minimal", Problem.HOME_MISSING, _without("source", body="minimal")),
    ("/minimal", Problem.MARK_MISSING, _without("test", body="minimal")),
    # headers
    ("/headers", Problem.WRONG_TYPE, set_at("/headers", ["A: b"])),
    ("/headers", Problem.TOO_MANY, set_at("/headers", {f"X-{n}": "a" for n in range(33)})),
    ("/headers/A?B", Problem.HEADER_NAME, set_at("/headers/A\nB", "a")),
    ("/headers/", Problem.HEADER_NAME, set_at("/headers/", "a")),
    ("/headers/A:", Problem.HEADER_NAME, set_at("/headers/A:", "a")),
    ("/headers/Host", Problem.HEADER_FORBIDDEN, set_at("/headers/Host", "a")),
    ("/headers/content-LENGTH", Problem.HEADER_FORBIDDEN, set_at("/headers/content-LENGTH", "1")),
    (
        "/headers/Authorization",
        Problem.HEADER_FORBIDDEN,
        set_at("/headers/Authorization", "Bearer a"),
    ),
    (
        "/headers/Transfer-Encoding",
        Problem.HEADER_FORBIDDEN,
        set_at("/headers/Transfer-Encoding", "chunked"),
    ),
    ("/headers/Cookie", Problem.HEADER_FORBIDDEN, set_at("/headers/Cookie", "a=b")),
    (
        "/headers/Proxy-Authorization",
        Problem.HEADER_FORBIDDEN,
        set_at("/headers/Proxy-Authorization", "a"),
    ),
    (
        "/headers/Accept-Encoding",
        Problem.HEADER_FORBIDDEN,
        set_at("/headers/Accept-Encoding", "gzip"),
    ),
    ("/headers/content-type", Problem.HEADER_TWICE, set_at("/headers/content-type", "text/plain")),
    ("/headers/X-A", Problem.WRONG_TYPE, set_at("/headers/X-A", 1)),
    ("/headers/X-A", Problem.HEADER_VALUE, set_at("/headers/X-A", "")),
    ("/headers/X-A", Problem.HEADER_VALUE, set_at("/headers/X-A", "a\r\nX-B: c")),
    ("/headers/X-A", Problem.HEADER_VALUE, set_at("/headers/X-A", "a\u0000")),
    ("/headers/X-A", Problem.HEADER_VALUE, set_at("/headers/X-A", " a")),
    ("/headers/X-A", Problem.HEADER_VALUE, set_at("/headers/X-A", "larm på")),
    ("/headers/X-A", Problem.HEADER_VALUE, set_at("/headers/X-A", "a" * 1025)),
    ("/headers/X-A", Problem.FIELD_NOT_HERE, set_at("/headers/X-A", "${reason}")),
    ("/headers/X-A", Problem.NOT_A_TEMPLATE, set_at("/headers/X-A", "$kind")),
    ("/token", Problem.WRONG_TYPE, set_at("/token", "X-Key")),
    ("/token/header", Problem.MISSING, set_at("/token", {})),
    ("/token/header", Problem.HEADER_NAME, set_at("/token", {"header": "X Key"})),
    ("/token/header", Problem.HEADER_FORBIDDEN, set_at("/token", {"header": "Cookie"})),
    ("/token/header", Problem.HEADER_TWICE, set_at("/token", {"header": "content-Type"})),
    ("/token/prefix", Problem.WRONG_VALUE, set_at("/token", {"header": "X-Key", "prefix": "a\nb"})),
    ("/token/prefix", Problem.HEADER_VALUE, set_at("/token", {"header": "X-Key", "prefix": "å"})),
    ("/token/secret", Problem.UNKNOWN_KEY, set_at("/token", {"header": "X-Key", "secret": "a"})),
    # words
    ("/codes/reason", Problem.UNKNOWN_KEY, set_at("/codes", {"reason": {}})),
    ("/codes/kind/help", Problem.UNKNOWN_KEY, set_at("/codes", {"kind": {"help": 1}})),
    ("/codes/priority/10", Problem.UNKNOWN_KEY, set_at("/codes", {"priority": {"10": 1}})),
    ("/codes/kind/help_call", Problem.WRONG_TYPE, set_at("/codes", {"kind": {"help_call": [1]}})),
    (
        "/codes/kind/help_call",
        Problem.WRONG_VALUE,
        set_at("/codes", {"kind": {"help_call": "a\n"}}),
    ),
    (
        "/codes/kind/help_call",
        Problem.WRONG_VALUE,
        set_at("/codes", {"kind": {"help_call": "a" * 201}}),
    ),
    ("/max_text/kind", Problem.UNKNOWN_KEY, set_at("/max_text", {"kind": 5})),
    ("/max_text/reason", Problem.WRONG_VALUE, set_at("/max_text", {"reason": 0})),
    ("/max_text/reason", Problem.WRONG_VALUE, set_at("/max_text", {"reason": 1001})),
    ("/max_text/reason", Problem.WRONG_TYPE, set_at("/max_text", {"reason": True})),
    # answers
    ("/accept", Problem.MISSING, drop_at("/accept")),
    ("/accept/statuses", Problem.MISSING, drop_at("/accept/statuses")),
    ("/accept/statuses", Problem.WRONG_TYPE, set_at("/accept/statuses", 200)),
    ("/accept/statuses", Problem.WRONG_VALUE, set_at("/accept/statuses", [])),
    ("/accept/statuses", Problem.TOO_MANY, set_at("/accept/statuses", list(range(200, 233)))),
    ("/accept/statuses/0", Problem.WRONG_TYPE, set_at("/accept/statuses", ["200"])),
    ("/accept/statuses/1", Problem.WRONG_VALUE, set_at("/accept/statuses", [200, 199])),
    ("/accept/statuses/0", Problem.WRONG_VALUE, set_at("/accept/statuses", [307])),
    ("/accept/statuses/0", Problem.WRONG_VALUE, set_at("/accept/statuses", [401])),
    ("/accept/statuses/0", Problem.WRONG_VALUE, set_at("/accept", {"statuses": [409]})),
    ("/accept/verdict/pointer", Problem.MISSING, drop_at("/accept/verdict/pointer")),
    ("/accept/verdict/accepted", Problem.MISSING, drop_at("/accept/verdict/accepted")),
    (
        "/accept/verdict/unreachable",
        Problem.UNKNOWN_KEY,
        set_at("/accept/verdict/unreachable", ["x"]),
    ),
    ("/accept/verdict/hold/0", Problem.VALUE_TWICE, set_at("/accept/verdict/hold", ["accepted"])),
    ("/accept/verdict/hold/1", Problem.VALUE_TWICE, set_at("/accept/verdict/hold", [1, 1])),
    ("/accept/verdict/hold/0", Problem.WRONG_TYPE, set_at("/accept/verdict/hold", [{}])),
    ("/accept/receipt", Problem.NOT_A_POINTER, set_at("/accept/receipt", "receipt")),
    ("/accept/receipt", Problem.NOT_A_POINTER, set_at("/accept/receipt", "/a~2")),
    ("/accept/receipt", Problem.NOT_A_POINTER, set_at("/accept/receipt", "/a" * 17)),
    ("/accept/receipt", Problem.NOT_A_POINTER, set_at("/accept/receipt", "/" + "a" * 256)),
    ("/accept/receipt", Problem.WRONG_TYPE, set_at("/accept/receipt", None)),
    ("/accept/life", Problem.WRONG_VALUE, set_at("/accept/life", "always")),
    ("/accept/life", Problem.WRONG_TYPE, set_at("/accept/life", True)),
    ("/status/state", Problem.MISSING, drop_at("/status/state")),
    ("/status/state/closed", Problem.MISSING, drop_at("/status/state/closed")),
    ("/status/state/not_known", Problem.UNKNOWN_KEY, set_at("/status/state/not_known", ["x"])),
    ("/status/person/values", Problem.MISSING, drop_at("/status/person/values")),
]


@pytest.mark.parametrize(
    ("field", "problem", "change"), CASES, ids=[f"{field} {problem}" for field, problem, _ in CASES]
)
def test_what_is_wrong_is_named(field: str, problem: Problem, change: Change) -> None:
    text = changed(change)
    with pytest.raises(ProfileError) as caught:
        parse_profile(text)
    error = caught.value
    assert (error.field, error.problem) == (field, problem)
    assert problem in str(error)
    if problem is Problem.MISSING:
        assert error.line is None
    elif problem is not Problem.UNKNOWN_KEY or "?" not in field:
        # The line holds the last step of the way there, or the element itself.
        step = parse_pointer(field).steps[-1]
        line = text.split("\n")[(error.line or 0) - 1]
        assert step.isdigit() or json.dumps(step)[1:-1] in line or "?" in step


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        (b" " * (LONGEST + 1), Problem.TOO_LONG, None),
        ("å" * (LONGEST // 2 + 1), Problem.TOO_LONG, None),
        (b"\xff\xfe{}", Problem.NOT_TEXT, None),
        ("\ud800", Problem.NOT_TEXT, None),
        ("{\n\n]", Problem.NOT_JSON, 3),
        ("[" * 1000, Problem.TOO_DEEP, 1),
        ('{"name": 1,\n "name": 2}', Problem.DUPLICATE_KEY, 2),
        ('{"name": "\\ud800"}', Problem.HALF_CHARACTER, 1),
        ("[]", Problem.WRONG_TYPE, 1),
        ("null", Problem.WRONG_TYPE, 1),
    ],
)
def test_what_is_no_document_is_named(
    text: str | bytes, problem: Problem, line: int | None
) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text)
    assert (caught.value.problem, caught.value.line) == (problem, line)


def test_every_problem_is_tried_here() -> None:
    tried = {problem for _, problem, _ in CASES}
    tried |= {Problem.TOO_LONG, Problem.NOT_TEXT} | {Problem(fault) for fault in Fault}
    assert tried == set(Problem)


def test_a_path_or_header_takes_no_letters_beyond_ascii_from_the_codes() -> None:
    def to_path(document: Document) -> None:
        document["path"] = {"alarm": "/${location}", "heartbeat": "/h"}
        document["codes"]["location"] = {"kitchen": "kök"}

    def to_header(document: Document) -> None:
        document["headers"]["X-Kind"] = "${kind}"
        document["codes"]["kind"] = {"help_call": "larm", "*": "övrigt"}

    for change, field in ((to_path, "/codes/location/kitchen"), (to_header, "/codes/kind/*")):
        with pytest.raises(ProfileError) as caught:
            parse_profile(changed(change))
        assert (caught.value.field, caught.value.problem) == (field, Problem.HEADER_VALUE)


def test_one_kind_stands_in_for_another() -> None:
    def change(document: Document) -> None:
        document["method"] = {"alarm": "PUT", "probe": "GET"}
        document["path"] = {"alarm": "/a/${alarm}", "cancel": "/c", "probe": "/health?full=1"}
        del document["body"]["heartbeat"], document["body"]["probe"]

    profile = parse_profile(changed(change))
    methods = {kind: form.method for kind, form in profile.forms.items()}
    assert methods == {
        Kind.ALARM: "PUT",
        Kind.UPDATE: "PUT",
        Kind.ALL_CLEAR: "PUT",
        Kind.CANCEL: "PUT",
        Kind.HEARTBEAT: "GET",
        Kind.PROBE: "GET",
    }
    paths = {kind: form.path.render_path({"alarm": "x/?ö"}) for kind, form in profile.forms.items()}
    assert paths[Kind.UPDATE] == "/a/x%2F%3F%C3%B6"
    assert paths[Kind.CANCEL] == "/c"
    assert paths[Kind.HEARTBEAT] == "/health?full=1"
    assert profile.forms[Kind.PROBE].body is None


def test_a_heartbeat_with_a_body_is_posted_beside_a_probe_without() -> None:
    def change(document: Document) -> None:
        document["method"] = {"probe": "HEAD"}
        del document["body"]["probe"]

    profile = parse_profile(changed(change))
    assert profile.forms[Kind.HEARTBEAT].method == "POST"
    assert profile.forms[Kind.HEARTBEAT].body is not None
    assert profile.forms[Kind.PROBE].method == "HEAD"
    assert profile.forms[Kind.PROBE].body is None


def test_the_least_profile() -> None:
    def change(document: Document) -> None:
        for key in ("method", "headers", "codes", "max_text", "status"):
            del document[key]
        document["path"] = ""
        document["accept"] = {"statuses": [204]}
        document["token"] = {"header": "X-Key"}

    profile = parse_profile(changed(change))
    assert profile.token == Token("X-Key", "")
    assert profile.status is None
    assert profile.accept.verdict is None
    assert profile.accept.statuses == {204}
    assert profile.forms[Kind.ALARM].method == "POST"
    assert profile.forms[Kind.ALARM].path.render_path({}) == ""


def test_the_token_has_its_usual_place_by_default() -> None:
    assert parse_profile(built_in("kvarbo")).token == Token("Authorization", "Bearer ")
    change = set_at("/token", {"header": "authorization", "prefix": "Key "})
    assert parse_profile(changed(change)).token == Token("authorization", "Key ")


def test_what_answers_mean() -> None:
    def change(document: Document) -> None:
        document["accept"]["verdict"] = {
            "pointer": "/code",
            "accepted": [0, "0", True],
            "busy": [1, None],
        }

    accept = parse_profile(changed(change)).accept
    assert accept.verdicts == {
        (int, 0): Answer.ACCEPTED,
        (str, "0"): Answer.ACCEPTED,
        (bool, True): Answer.ACCEPTED,
        (int, 1): Answer.BUSY,
        (type(None), None): Answer.BUSY,
    }
    status = parse_profile(built_in("kvarbo")).status
    assert status is not None
    assert status.fates[str, "closed"] is Fate.CLOSED
    assert status.persons == {(str, "person")}


def test_codes_are_those_of_the_closed_sets() -> None:
    for name, known in CODES.items():
        everything = dict.fromkeys((*known, "*"), "x")
        profile = parse_profile(changed(set_at("/codes", {name: everything})))
        assert profile.codes[name] == everything
