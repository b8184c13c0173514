"""The operator's port: actions, stream, page, buttons, and who may not."""

import asyncio
from collections.abc import AsyncGenerator
import json
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from simulator.municipality import Municipality
from simulator.municipality.fields import FieldError
from simulator.testing_municipality import TOKEN
from tests.simulator.municipality import events
from tests.simulator.municipality.events import operate, send, until


async def raise_alarm(municipality: Municipality, number: int = 1) -> str:
    await send(municipality.events_url, events.raised(f"d{number}", number))
    return f"{municipality.operator_url}/operator/alarms/{events.ulid(number)}"


async def test_an_operator_acknowledges_and_closes(municipality: Municipality) -> None:
    place = await raise_alarm(municipality)

    answer = await operate(f"{place}/acknowledge")
    assert (answer.status, answer.json["state"], answer.json["by"]) == (
        200,
        "acknowledged",
        "person",
    )
    answer = await operate(f"{place}/close", {})
    assert (answer.status, answer.json["state"]) == (200, "closed")
    answer = await operate(f"{place}/acknowledge")
    assert (answer.status, answer.json) == (409, {"field": "alarm", "words": "it is closed"})


async def test_the_system_can_acknowledge_too(municipality: Municipality) -> None:
    place = await raise_alarm(municipality)
    answer = await operate(f"{place}/acknowledge", {"by": "system"})

    assert answer.json["by"] == "system"


@pytest.mark.parametrize(
    ("place", "body", "status", "field"),
    [
        ("alarms/{known}/acknowledge", {"by": "cat"}, 400, "by"),
        ("alarms/{known}/acknowledge", [], 400, "body"),
        ("alarms/{known}/close", {"by": 1}, 400, "by"),
        ("alarms/{known}/close", b"{", 400, "body"),
        ("alarms/{known}/close", b"[" * 4000, 400, "body"),
        ("alarms/{known}/close", b'"' + b"x" * 5000 + b'"', 413, "body"),
        ("alarms/{known}/erase", {}, 404, "path"),
        ("alarms/01J9ZZZZZZZZZZZZZZZZZZZ999/close", {}, 404, "alarm"),
        ("alarms/%3Cscript%3E/close", {}, 404, "alarm"),
        ("faults", {"mode": "explode"}, 400, "mode"),
        ("faults", [], 400, "body"),
        ("buttons/00:00:00:00:00:00:00:01/press", {}, 404, "buttons"),
        ("state", {}, 405, "path"),
    ],
)
async def test_a_wrong_request_is_refused_by_its_field(
    municipality: Municipality, place: str, body: Any, status: int, field: str
) -> None:
    await raise_alarm(municipality)
    path = place.format(known=events.ulid(1))
    answer = await operate(f"{municipality.operator_url}/operator/{path}", body)

    assert answer.status == status
    assert answer.json["field"] == field
    assert answer.json["words"]
    assert municipality.ledger.alarms[events.ulid(1)].state == "received"


@pytest.mark.parametrize("query", ["after=x", "after=-1", "last=1.5", "last=9999999999"])
async def test_a_wrong_query_is_refused_by_its_field(
    municipality: Municipality, query: str
) -> None:
    answer = await operate(f"{municipality.operator_url}/operator/raw?{query}", method="GET")

    assert answer.status == 400
    assert answer.json["field"] == query.split("=", 1)[0]


async def test_a_body_of_another_type_is_refused(municipality: Municipality) -> None:
    """A form of another origin could post text/plain without asking first."""
    answer = await send(
        f"{municipality.operator_url}/operator/faults",
        {"mode": "error"},
        token=None,
        content_type="text/plain",
    )
    assert (answer.status, answer.json["field"]) == (400, "Content-Type")
    assert municipality.desk.fault.mode == "none"


async def test_faults_are_set_over_the_wire(municipality: Municipality) -> None:
    faults = f"{municipality.operator_url}/operator/faults"
    answer = await operate(faults, {"mode": "hold", "retry_after": 3, "count": 1, "only": "alarm"})
    assert answer.json == {
        "mode": "hold",
        "retry_after": 3,
        "count": 1,
        "only": "alarm",
        "by": None,
    }

    assert (await send(municipality.events_url, events.raised("d1"))).json["retry_after"] == 3
    assert (await send(municipality.events_url, events.raised("d1"))).json["receipt"]
    await operate(faults, {"mode": "down"})
    with pytest.raises(aiohttp.ClientConnectorError):
        await send(municipality.events_url, events.raised("d1"))
    assert (await operate(faults, {"mode": "none"})).json["mode"] == "none"
    assert (await send(municipality.events_url, events.raised("d1"))).status == 200


async def test_state_and_raw_tell_all(municipality: Municipality) -> None:
    for number in (1, 2):
        await raise_alarm(municipality, number)
    await send(municipality.events_url, events.beat("h1"))

    state = (await operate(f"{municipality.operator_url}/operator/state", method="GET")).json
    assert state | {"now": None} == municipality.state() | {"now": None}
    assert [alarm["reason"] for alarm in state["alarms"]] == [events.full()["reason"]] * 2
    state = (await operate(f"{municipality.operator_url}/operator/state?last=1", method="GET")).json
    assert [alarm["alarm"] for alarm in state["alarms"]] == [events.ulid(2)]

    raw = (await operate(f"{municipality.operator_url}/operator/raw?after=1", method="GET")).json
    assert [one["order"] for one in raw["exchanges"]] == [2, 3]
    assert json.loads(raw["exchanges"][1]["body"]) == events.beat("h1")


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Host": "evil.example"}, "Host"),
        ({"Host": "127.0.0.1.evil.example"}, "Host"),
        ({"Origin": "http://evil.example"}, "Origin"),
        ({"Origin": "null"}, "Origin"),
        ({"Origin": "http://127.0.0.1:1"}, "Origin"),
    ],
)
async def test_pages_of_other_origins_cannot_operate(
    municipality: Municipality, headers: dict[str, str], field: str
) -> None:
    place = await raise_alarm(municipality)
    answer = await operate(f"{place}/close", {}, headers=headers)

    assert (answer.status, answer.json["field"]) == (403, field)
    assert municipality.ledger.alarms[events.ulid(1)].state == "received"
    answer = await operate(f"{municipality.operator_url}/", method="GET", headers=headers)
    assert answer.status == 403


async def test_the_own_page_can_operate(municipality: Municipality) -> None:
    place = await raise_alarm(municipality)
    answer = await operate(f"{place}/close", {}, headers={"Origin": municipality.operator_url})

    assert answer.status == 200


async def test_the_stream_tells_of_each_change_and_is_bounded(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.municipality.operator_port._MAX_STREAMS", 1)
    stream = f"{municipality.operator_url}/operator/events"
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        async with session.get(stream) as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            assert await response.content.readuntil(b"\n\n") == b"event: changed\ndata: 0\n\n"
            async with session.get(stream) as second:
                assert second.status == 503
                assert (await second.json())["field"] == "events"
            await raise_alarm(municipality)
            told = await response.content.readuntil(b"\n\n")
            assert told.startswith(b"event: changed\ndata: ")
            assert int(told.split()[-1]) >= 1

        async def free() -> bool:
            async with session.get(stream) as response:
                return response.status == 200

        await until(free)


async def test_an_idle_stream_has_a_pulse(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.municipality.operator_port._STREAM_PULSE", 0.05)
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
        session.get(f"{municipality.operator_url}/operator/events") as response,
    ):
        await response.content.readuntil(b"\n\n")
        assert await response.content.readuntil(b"\n\n") == b": still here\n\n"


async def test_stopping_waits_for_no_stream(socket_enabled: None) -> None:
    municipality = Municipality(token=TOKEN)
    await municipality.start()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{municipality.operator_url}/operator/events") as response,
    ):
        await response.content.readuntil(b"\n\n")
        async with asyncio.timeout(1.5):
            await municipality.stop()
    await municipality.stop()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/page.css", "text/css"),
        ("/page.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
        ("/nothing", "application/json"),
    ],
)
async def test_everything_is_served_under_a_strict_policy(
    municipality: Municipality, path: str, kind: str
) -> None:
    answer = await operate(municipality.operator_url + path, method="GET")

    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


# Buttons in the home


class Home:
    """Stands in for the simulated Zigbee network's process, to answer as it never would."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.status = 200
        self.body: bytes = b'{"devices": [{"ieee": "02:00:00:00:00:00:02:01"}]}'

    async def answer(self, request: web.Request) -> web.Response:
        said = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.path, said))
        headers = {"Location": "/elsewhere"}
        return web.Response(
            status=self.status, body=self.body, content_type="application/json", headers=headers
        )


@pytest.fixture
async def home(socket_enabled: None) -> AsyncGenerator[tuple[Home, Municipality]]:
    home = Home()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", home.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with Municipality(token=TOKEN, buttons=f"http://127.0.0.1:{site.port}") as municipality:
        yield home, municipality
    await runner.cleanup()


BUTTON = "/operator/buttons/02:00:00:00:00:00:02:01/press"


async def test_buttons_are_listed_and_pressed_through_one_origin(
    home: tuple[Home, Municipality],
) -> None:
    simulated, municipality = home
    assert municipality.state()["buttons"] is True
    answer = await operate(f"{municipality.operator_url}/operator/buttons", method="GET")
    assert answer.json == {"devices": [{"ieee": "02:00:00:00:00:00:02:01"}]}

    answer = await operate(municipality.operator_url + BUTTON, {"pattern": "long"})
    assert answer.status == 200
    assert simulated.asked == [
        ("GET", "/sim", None),
        ("POST", "/sim/02:00:00:00:00:00:02:01/press", {"pattern": "long"}),
    ]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (409, b'{"error": {"field": "device", "message": "not joined"}}', "answered: not joined"),
        (500, b"{}", "HTTP 500"),
        (500, b'{"error": "text"}', "HTTP 500"),
        (307, b"{}", "HTTP 307"),
        (200, b"<html>", "cannot be read"),
        (200, b"[" * 100_000, "cannot be read"),
        (200, b" " * 300_000, "too long"),
    ],
    ids=["words", "500", "no words", "307", "no json", "deep", "long"],
)
async def test_a_home_that_answers_oddly_is_told_of(
    home: tuple[Home, Municipality], status: int, body: bytes, words: str
) -> None:
    simulated, municipality = home
    simulated.status, simulated.body = status, body
    answer = await operate(municipality.operator_url + BUTTON, {})

    assert (answer.status, answer.json["field"]) == (502, "buttons")
    assert words in answer.json["words"]
    assert len(simulated.asked) == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/operator/buttons/02/press", {}, "ieee"),
        ("/operator/buttons/02:00:00:00:00:00:02:01/_private", {}, "method"),
        ("/operator/buttons/02:00:00:00:00:00:02:01/..%2Fjoin", {}, "method"),
        (BUTTON, [], "body"),
    ],
)
async def test_nothing_but_devices_and_their_operations_passes(
    home: tuple[Home, Municipality], path: str, body: Any, field: str
) -> None:
    simulated, municipality = home
    answer = await operate(municipality.operator_url + path, body)

    assert (answer.status, answer.json["field"]) == (400, field)
    assert simulated.asked == []


async def test_a_home_that_is_gone_is_told_of(socket_enabled: None) -> None:
    async with Municipality(token=TOKEN, buttons="http://127.0.0.1:1") as municipality:
        answer = await operate(f"{municipality.operator_url}/operator/buttons", method="GET")
        assert (answer.status, answer.json["field"]) == (502, "buttons")
        assert "does not answer" in answer.json["words"]


async def test_without_a_home_there_are_no_buttons(municipality: Municipality) -> None:
    answer = await operate(f"{municipality.operator_url}/operator/buttons", method="GET")

    assert answer.json is None
    assert municipality.state()["buttons"] is False


@pytest.mark.parametrize("address", ["", "127.0.0.1:80", "file:///etc", "http://a/sim", "http://"])
def test_a_wrong_address_of_the_buttons_is_refused(address: str) -> None:
    with pytest.raises(FieldError) as caught:
        Municipality(token=TOKEN, buttons=address)
    assert caught.value.field == "buttons"
