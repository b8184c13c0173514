"""docs/rest.md says what the code does: its tables are compared, its example is loaded and sent."""

import json
import re

import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import Answer, Fate, Followed
from custom_components.kvarbo.transmission.rest.fields import (
    ALARM_FIELDS,
    CODES,
    COMMON_FIELDS,
    FIELDS,
    LIFE_FIELDS,
    Kind,
)
from custom_components.kvarbo.transmission.rest.profile import Problem
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from tests.transmission.rest.rest_sample import (
    ALARM_ID,
    DOCS,
    REFERENCE,
    TOKEN,
    MakeReceiver,
    a_beat,
    a_delivery,
    a_dispatch,
    an_alarm,
    other_profile_text,
)
from tests.transmission.rest.rest_server import answer, serving

TEXT = DOCS.read_text(encoding="utf-8")


def _section(heading: str) -> str:
    level = len(heading.split(" ", maxsplit=1)[0])
    _, _, after = TEXT.partition(f"\n{heading}\n")
    return re.split(rf"^#{{2,{level}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def _rows(section: str) -> list[list[str]]:
    """The rows of the one table in a section, without its head."""
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def _name(cell: str) -> str:
    return cell.strip("`")


def test_the_table_of_fields_is_whole() -> None:
    rows = {_name(row[0]): row[1] for row in _rows(_section("### Fields"))}
    assert rows.keys() == FIELDS
    for name, where in rows.items():
        expected = (
            "all"
            if name in COMMON_FIELDS
            else "alarms"
            if name in ALARM_FIELDS
            else "life"
            if name in LIFE_FIELDS
            else None
        )
        assert where == expected, name


def test_the_table_of_problems_is_whole() -> None:
    rows = [_name(row[0]) for row in _rows(_section("### What can be wrong with a profile"))]
    assert rows == [problem.value for problem in Problem]


def test_the_codes_are_named() -> None:
    section = _section("### Codes")
    assert {name for name in CODES if f"`{name}`" in section} == set(CODES)


def test_every_key_of_a_profile_is_explained() -> None:
    document = json.loads(other_profile_text())
    explained = {_name(row[0]) for row in _rows(_section("### The parts"))}
    assert explained == document.keys()
    under_accept = {_name(row[0]) for row in _rows(_section("### Answers"))}
    assert under_accept >= document["accept"].keys()
    assert under_accept == {
        "statuses",
        "verdict",
        "receipt",
        "status_address",
        "retry_after",
        "words",
        "conflict",
        "life",
    }


def _statuses(cell: str) -> set[int]:
    if to := re.fullmatch(r"(\d+) to (\d+)", cell):
        return set(range(int(to[1]), int(to[2]) + 1))
    return {int(number) for number in re.findall(r"\d+", cell)}


async def test_the_table_of_statuses_is_true(make: MakeReceiver) -> None:
    rows = _rows(_section("### What a status of HTTP means"))
    assert len(rows) == 5
    told = {status: Answer(_name(row[1])) for row in rows for status in _statuses(row[0])}
    assert rows[-1][0].startswith("any other")
    for status in {*told, 201, 204, 402, 405, 408, 409, 410, 451, 501, 502, 504}:
        async with serving(answer(status, b"{}")) as server:
            verdict = await make(server.url).send(a_dispatch())
        assert verdict.answer is told.get(status, Answer.UNREACHABLE), status


def test_the_message_of_the_contract_is_as_shown() -> None:
    """That it is also what goes on the wire is in test_rest_contract."""
    shown = re.search(r"^\{\"specversion.*?\}\}$", TEXT, re.DOTALL | re.MULTILINE)
    assert shown is not None
    event = json.loads(shown[0].replace("\n ", ""))
    assert event["id"] == REFERENCE
    assert event["subject"] == event["data"]["alarm"] == ALARM_ID
    assert event["data"].keys() - {"schema"} <= ALARM_FIELDS


def test_the_example_is_a_right_profile() -> None:
    profile = parse_profile(other_profile_text())
    assert profile.name == "nordic-responder"
    assert profile.forms[Kind.UPDATE] == profile.forms[Kind.ALARM]
    assert profile.forms[Kind.HEARTBEAT] == profile.forms[Kind.PROBE]


async def test_the_example_speaks_to_its_receiver(make: MakeReceiver) -> None:
    profile = parse_profile(other_profile_text())
    taken = {
        "result": {"code": 0, "ticket": 4711, "text": "OK"},
        "links": [{"href": "/api/tickets/4711"}],
    }
    async with serving(answer(202, taken)) as server:
        receiver = make(server.url, profile=profile, language=Language.SV)
        verdict = await receiver.send(a_dispatch(alarm=an_alarm(test=True)))
        await receiver.send(a_dispatch(MessageKind.CANCEL, alarm=an_alarm(location=None)))
        await receiver.send(a_dispatch(delivery={"minimal": True}))
        beat = await receiver.heartbeat(a_beat())
    alarm, cancel, minimal, health = server.requests
    assert alarm.line == f"PUT /api/alarms/{REFERENCE} HTTP/1.1"
    assert alarm.headers["x-api-key"] == TOKEN
    assert alarm.headers["x-site"] == "4711"
    assert alarm.headers["x-priority"] == "1"
    assert alarm.headers["content-type"] == "application/json; charset=utf-8"
    assert "authorization" not in alarm.headers
    assert alarm.json == {
        "site": "kvarbo-4711",
        "event": "NEW",
        "alarmId": ALARM_ID,
        "headline": "PROV Larmknapp, badrum",
        "detail": "larmknapp 3 tryckt, badrum",
        "category": 10,
        "priority": "1",
        "room": "WC",
        "flags": [True, False, False],
        "occurred": "2026-11-22T02:48:00.123Z",
        "cleared": None,
        "price": "0 $",
    }
    assert cancel.json["event"] == "CANCELLED"
    assert cancel.json["room"] == "UNKNOWN"
    assert minimal.line == alarm.line
    assert minimal.json.keys() == {"site", "event", "alarmId", "category", "headline"}
    assert health.line == "GET /api/health?site=4711 HTTP/1.1"
    assert health.body == b""
    assert "content-type" not in health.headers
    assert "x-priority" not in health.headers
    assert health.headers["x-api-key"] == TOKEN
    assert verdict.answer is beat.answer is Answer.ACCEPTED
    assert verdict.receipt == "4711"
    assert verdict.words == "OK"
    assert verdict.status_address == f"{server.url}/api/tickets/4711"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (202, 0, Answer.ACCEPTED),
        (409, "DUPLICATE", Answer.ACCEPTED),
        (202, 17, Answer.BUSY),
        (202, "NO_SUCH_SITE", Answer.NOT_TREATED),
        (202, 1, Answer.UNREACHABLE),
        (200, 0, Answer.UNREACHABLE),
    ],
)
async def test_the_verdicts_of_the_example(
    make: MakeReceiver, status: int, code: int | str, expected: Answer
) -> None:
    profile = parse_profile(other_profile_text())
    body = {"result": {"code": code, "ticket": 4711}}
    async with serving(answer(status, body)) as server:
        verdict = await make(server.url, profile=profile).send(a_dispatch())
    assert verdict.answer is expected


async def test_the_way_back_of_the_example(make: MakeReceiver) -> None:
    profile = parse_profile(other_profile_text())
    body = {"ticket": {"state": "ON_SITE", "human": True}}
    async with serving(answer(200, body)) as server:
        receiver = make(server.url, profile=profile)
        delivery = a_delivery(status_address=f"{server.url}/api/tickets/4711")
        assert await receiver.follow(delivery) == Followed(Fate.ACKNOWLEDGED, by_person=True)
    [request] = server.requests
    assert request.headers["x-api-key"] == TOKEN
    assert request.headers["x-site"] == "4711"
    assert "x-priority" not in request.headers
