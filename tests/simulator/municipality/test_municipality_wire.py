"""The alarm port as a stranger's client sees it, and what the record keeps of it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.municipality import Municipality
from simulator.municipality.contract import MAX_BODY
from simulator.municipality.fields import as_time
from simulator.municipality.raw import RawRecord
from simulator.testing_municipality import TOKEN
from tests.simulator.municipality import events
from tests.simulator.municipality.events import send, until


def raw(municipality: Municipality) -> list[dict[str, Any]]:
    exchanges: list[dict[str, Any]] = municipality.record.shown()["exchanges"]
    return exchanges


async def octets(municipality: Municipality, sent: bytes, *, end: bool = False) -> bytes:
    """Speak to the port octet by octet and read until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(municipality.url[-5:]))
    writer.write(sent)
    if end:
        writer.write_eof()
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


async def test_an_alarm_gets_a_receipt_and_the_receipt_tells_its_fate(
    municipality: Municipality,
) -> None:
    answer = await send(municipality.events_url, events.raised("d1"))

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json == {
        "verdict": "accepted",
        "receipt": "R-000001",
        "status": "/v1/receipts/R-000001",
        "words": "Mottaget",
    }
    status = municipality.url + answer.json["status"]
    fate = await send(status, method="GET")
    assert (fate.status, fate.json) == (200, {"state": "received", "by": None, "at": None})

    municipality.acknowledge(events.ulid(1))
    fate = await send(status, method="GET")
    assert fate.json["state"] == "acknowledged"
    assert fate.json["by"] == "person"
    assert fate.json["at"].endswith("Z")


async def test_a_repeat_on_the_wire_gets_the_same_receipt(municipality: Municipality) -> None:
    first = await send(municipality.events_url, events.raised("d1"))
    second = await send(municipality.events_url, events.raised("d1", attempt=2))

    assert first.json == second.json
    assert len(municipality.ledger.alarms) == 1
    assert municipality.state()["counts"] == {"alarms": 1, "messages": 1, "repeats": 1}


async def test_signs_of_life_get_a_receipt_and_hear_of_a_conflict(
    municipality: Municipality,
) -> None:
    for number, hub in enumerate("ABA"):
        answer = await send(municipality.events_url, events.beat(f"h{number}", hub))
        assert answer.json == {
            "verdict": "accepted",
            "receipt": f"R-00000{number + 1}",
            "conflict": number == 2,
            "words": "Mottaget",
        }
    answer = await send(municipality.events_url, events.probe("p1"))
    assert answer.json["conflict"] is True
    assert municipality.state()["homes"][0]["conflict"] is True


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN[:-1], "åäö"])
@pytest.mark.parametrize("place", ["/v1/events", "/v1/receipts/R-000001", "/"])
async def test_without_the_right_token_nothing_is_taken(
    municipality: Municipality, token: str | None, place: str
) -> None:
    answer = await send(municipality.url + place, events.raised("d1"), token=token)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert municipality.ledger.alarms == {}
    assert raw(municipality)[0]["answer"] == "401"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
async def test_another_content_type_is_refused(municipality: Municipality, kind: str) -> None:
    answer = await send(municipality.events_url, events.raised("d1"), content_type=kind)

    assert answer.status == 415
    assert municipality.ledger.alarms == {}


async def test_a_charset_beside_the_content_type_is_right(municipality: Municipality) -> None:
    kind = "application/cloudevents+json; charset=utf-8"
    answer = await send(municipality.events_url, events.raised("d1"), content_type=kind)

    assert answer.json["verdict"] == "accepted"


async def test_a_body_of_the_full_size_is_taken_and_one_octet_more_is_not(
    municipality: Municipality,
) -> None:
    value = json.dumps(events.raised("d1")).encode()
    whole = value[:-1] + b" " * (MAX_BODY - len(value)) + b"}"
    assert (await send(municipality.events_url, whole)).status == 200

    answer = await send(municipality.events_url, whole + b" ")
    assert answer.status == 413
    assert "body" in answer.json["words"]
    assert [one["cut"] for one in raw(municipality)] == [False, True]
    assert len(raw(municipality)[1]["body"]) == MAX_BODY
    assert municipality.ledger.shown()["alarms"][0]["attempts"] == 1


async def test_a_missing_field_is_400_and_a_wrong_one_200_both_by_name(
    municipality: Municipality,
) -> None:
    missing = events.raised("d1")
    del missing["data"]["priority"]
    answer = await send(municipality.events_url, missing)
    assert answer.status == 400
    assert answer.json == {
        "verdict": "form_refused",
        "field": "data.priority",
        "words": "data.priority: it is missing",
    }

    answer = await send(municipality.events_url, events.raised("d1", priority=12))
    assert answer.status == 200
    assert answer.json == {
        "verdict": "form_refused",
        "field": "data.priority",
        "words": "data.priority: 0 to 9 was expected",
    }
    answer = await send(municipality.events_url, b"{nonsense")
    assert (answer.status, answer.json["verdict"]) == (400, "form_refused")
    assert municipality.ledger.alarms == {}


async def test_a_full_municipality_is_busy(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.municipality.ledger.MAX_ALARMS", 0)
    answer = await send(municipality.events_url, events.raised("d1"))

    assert (answer.status, answer.json["verdict"]) == (200, "busy")
    assert municipality.state()["not_taken"][0]["answer"] == "busy"


@pytest.mark.parametrize(
    ("method", "place", "status", "allowed"),
    [
        ("GET", "/v1/events", 405, "POST"),
        ("PUT", "/v1/events", 405, "POST"),
        ("POST", "/v1/receipts/R-000001", 405, "GET"),
        ("GET", "/v1/receipts/R-000001", 404, None),
        ("GET", "/v1/receipts/", 404, None),
        ("GET", "/operator/state", 404, None),
        ("GET", "/", 404, None),
    ],
)
async def test_other_ways_in_lead_nowhere(
    municipality: Municipality, method: str, place: str, status: int, allowed: str | None
) -> None:
    answer = await send(municipality.url + place, method=method)

    assert answer.status == status
    assert answer.headers.get("Allow") == allowed


async def test_a_client_that_asks_before_it_sends_is_told_to_go_on(
    municipality: Municipality,
) -> None:
    answer = await send(municipality.events_url, events.raised("d1"), expect100=True)

    assert answer.json["verdict"] == "accepted"


async def test_everything_that_came_in_is_kept_in_order_but_for_the_token(
    municipality: Municipality,
) -> None:
    await send(municipality.events_url, events.raised("d1", reason="Åsa <script>"))
    await send(
        f"{municipality.url}/odd?name=Svensson", b"Kalle \xff", headers={"X-Odd": "19340101-1234"}
    )
    await send(municipality.events_url, b"{}", token="another token")

    first, second, third = raw(municipality)
    assert [one["order"] for one in raw(municipality)] == [1, 2, 3]
    assert (first["method"], first["path"]) == ("POST", "/v1/events")
    assert json.loads(first["body"]) == events.raised("d1", reason="Åsa <script>")
    assert (first["answer"], first["answered"]) == ("accepted", True)
    assert second["path"] == "/odd?name=Svensson"
    assert second["body"] == "Kalle \\xff"
    assert ["X-Odd", "19340101-1234"] in second["headers"]
    assert ["Authorization", "Bearer <the right token>"] in first["headers"]
    assert ["Authorization", "Bearer another token"] in third["headers"]
    assert TOKEN not in json.dumps(raw(municipality))


async def test_what_is_no_http_is_kept_too(
    municipality: Municipality, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await octets(municipality, f"HELLO Svensson {TOKEN}\r\n\r\n".encode())

    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert len(raw(municipality)) == 1
    assert raw(municipality)[0]["body"].startswith("HELLO Svensson <the right token>")
    assert raw(municipality)[0]["answer"] == "unreadable"
    assert "Svensson" not in caplog.text


async def test_a_request_that_breaks_off_is_kept_as_far_as_it_came(
    municipality: Municipality,
) -> None:
    await octets(municipality, b"POST /v1/events HTTP/1.1\r\nX-Name: Svens", end=True)
    await municipality.until(lambda _: len(raw(municipality)) == 1)
    assert "Svens" in raw(municipality)[0]["body"]

    _, writer = await asyncio.open_connection("127.0.0.1", int(municipality.url[-5:]))
    writer.write(b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhal")

    async def begun() -> bool:
        return len(raw(municipality)) == 2

    await until(begun)
    writer.write(b"f a bo")
    writer.close()
    await municipality.until(lambda _: bool(raw(municipality)[-1]["done_at"]))
    assert len(raw(municipality)) == 2
    assert raw(municipality)[-1]["body"] == "half a bo"
    assert raw(municipality)[-1]["answered"] is False


async def test_a_body_that_never_comes_is_not_waited_for_for_ever(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.municipality.alarm_port._BODY_WITHIN", 0.05)
    head = b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf a bo"

    assert await octets(municipality, head) == b""
    assert raw(municipality)[0]["body"] == "half a bo"


async def test_the_record_is_bounded_and_says_what_it_dropped(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.municipality.raw.MAX_EXCHANGES", 2)
    for number in range(3):
        await send(f"{municipality.url}/{number}", method="GET")

    shown = municipality.record.shown()
    assert [one["path"] for one in shown["exchanges"]] == ["/1", "/2"]
    assert (shown["received"], shown["dropped"]) == (3, 1)

    monkeypatch.setattr("simulator.municipality.raw.MAX_OCTETS", 3500)
    await send(municipality.events_url, b"x" * 2500)
    assert [one["path"] for one in raw(municipality)] == ["/v1/events"]


async def test_the_kept_file_holds_each_exchange_twice_and_its_owner_alone_reads_it(
    socket_enabled: None, tmp_path: Path
) -> None:
    keep = tmp_path / "kept.jsonl"
    keep.write_text('{"line": "earlier"}\n')
    async with Municipality(token=TOKEN, keep=keep) as municipality:
        await send(municipality.events_url, events.raised("d1"))
    async with Municipality(token=TOKEN, keep=tmp_path / "fresh.jsonl"):
        assert (tmp_path / "fresh.jsonl").stat().st_mode & 0o777 == 0o600

    lines = [json.loads(line) for line in keep.read_text().splitlines()]
    assert [line["line"] for line in lines] == ["earlier", "received", "ended"]
    assert json.loads(lines[1]["body"]) == events.raised("d1")
    assert (lines[2]["order"], lines[2]["answer"], lines[2]["answered"]) == (1, "accepted", True)
    assert TOKEN not in keep.read_text()


async def test_a_kept_file_that_cannot_be_written_is_told_of_and_stops_no_alarm(
    socket_enabled: None,
) -> None:
    async with Municipality(token=TOKEN, keep=Path("/dev/full")) as municipality:
        answer = await send(municipality.events_url, events.raised("d1"))
        assert answer.json["verdict"] == "accepted"

        async def told() -> bool:
            return municipality.state()["keep_trouble"] is not None

        await until(told)
        assert "No space left" in municipality.state()["keep_trouble"]


def test_the_record_can_be_read_on_from_any_place() -> None:
    record = RawRecord(lambda: as_time(events.TIME), None)
    for number in range(5):
        record.read(record.begin("GET", f"/{number}", ()), b"", cut=False)

    def orders(after: int = 0, last: int | None = None) -> list[int]:
        return [one["order"] for one in record.shown(after, last)["exchanges"]]

    assert orders() == [1, 2, 3, 4, 5]
    assert orders(after=3) == [4, 5]
    assert orders(last=2) == [4, 5]
    assert orders(after=1, last=0) == []
    assert orders(after=1, last=9) == [2, 3, 4, 5]
