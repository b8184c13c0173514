"""Every fault on command, met by a foreign client."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from simulator.municipality import Fault, Mode, Municipality
from simulator.municipality.answers import HUGE
from simulator.municipality.faults import TAKES
from simulator.municipality.fields import FieldError
from simulator.testing_municipality import TOKEN
from tests.simulator.municipality import events
from tests.simulator.municipality.events import Answer, send


def taken(municipality: Municipality) -> bool:
    return events.ulid(1) in municipality.ledger.alarms


async def post(municipality: Municipality, **options: Any) -> Answer:
    return await send(municipality.events_url, events.raised("d1"), **options)


async def recovers(municipality: Municipality) -> None:
    """After the fault the same message is one alarm with one receipt."""
    await municipality.set_fault()
    answer = await post(municipality)
    assert answer.json["verdict"] == "accepted"
    assert list(municipality.ledger.alarms) == [events.ulid(1)]
    assert len(municipality.ledger.alarms[events.ulid(1)].messages) == 1


@pytest.mark.parametrize(
    ("fault", "status", "expected"),
    [
        (Fault(mode=Mode.ERROR), 500, None),
        (Fault(mode=Mode.ERROR, status=503), 503, None),
        (Fault(mode=Mode.REFUSE), 200, {"verdict": "form_refused", "field": "data.reason"}),
        (Fault(mode=Mode.REFUSE_FULL), 200, {"verdict": "form_refused"}),
        (Fault(mode=Mode.HOLD), 200, {"verdict": "hold", "retry_after": 10}),
        (Fault(mode=Mode.HOLD, retry_after=0.5), 200, {"verdict": "hold", "retry_after": 0.5}),
        (Fault(mode=Mode.BUSY), 200, {"verdict": "busy"}),
        (Fault(mode=Mode.BUSY, retry_after=7), 200, {"verdict": "busy", "retry_after": 7}),
        (Fault(mode=Mode.NOT_TREATED), 200, {"verdict": "not_treated"}),
        (Fault(mode=Mode.CREDENTIALS), 401, {}),
    ],
    ids=lambda value: value.mode.value if isinstance(value, Fault) else "",
)
async def test_a_fault_that_answers_takes_nothing(
    municipality: Municipality, fault: Fault, status: int, expected: dict[str, Any] | None
) -> None:
    await municipality.set_fault(fault)
    answer = await post(municipality)

    assert answer.status == status
    if expected is not None:
        assert expected.items() <= answer.json.items()
        assert answer.json["words"]
    assert not taken(municipality)
    assert municipality.state()["not_taken"][0]["answer"] == fault.mode
    await recovers(municipality)


async def test_every_mode_has_its_test() -> None:
    """A mode that is added without an answer would fall to an unexplained silence."""
    answering = {
        *(Mode.ERROR, Mode.REFUSE, Mode.REFUSE_FULL, Mode.HOLD, Mode.BUSY, Mode.NOT_TREATED),
        *(Mode.CREDENTIALS, Mode.REDIRECT, Mode.EMPTY200, Mode.GARBAGE),
    }
    assert set(Mode) == answering | TAKES | {Mode.NONE, Mode.DOWN, Mode.SILENT}


async def test_slow_takes_at_once_and_answers_late(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.SLOW, seconds=0.4)
    begun = time.monotonic()
    posting = asyncio.create_task(post(municipality))
    await municipality.until(taken)
    assert not posting.done()

    assert (await posting).json["verdict"] == "accepted"
    assert time.monotonic() - begun >= 0.4
    await recovers(municipality)


async def test_refuse_full_lets_the_least_and_signs_of_life_through(
    municipality: Municipality,
) -> None:
    await municipality.set_fault(Mode.REFUSE_FULL)
    least = events.event("d1", "alarm.raised", events.least())

    assert (await post(municipality)).json["verdict"] == "form_refused"
    assert (await send(municipality.events_url, events.beat("h1"))).json["verdict"] == "accepted"
    assert (await send(municipality.events_url, least)).json["verdict"] == "accepted"
    assert municipality.state()["alarms"][0]["messages"][0]["attempts"] == 2


async def test_down_refuses_connections_keeps_its_port_and_comes_back(
    municipality: Municipality,
) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": events.CONTENT_TYPE}
        async with session.post(municipality.events_url, json={}, headers=headers) as answer:
            await answer.read()
        # This client holds its connection open and would go on using it.
        await municipality.set_fault(Mode.DOWN)
        with pytest.raises(aiohttp.ClientError):
            await session.post(municipality.events_url, json={}, headers=headers)
    with pytest.raises(aiohttp.ClientConnectorError) as caught:
        await post(municipality)
    assert isinstance(caught.value.os_error, ConnectionRefusedError)

    url = municipality.url
    await municipality.set_fault(Mode.DOWN)
    await municipality.set_fault()
    assert municipality.url == url
    await recovers(municipality)
    await municipality.set_fault()


async def test_down_cuts_a_request_that_is_being_answered(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.SLOW, seconds=3600)
    posting = asyncio.create_task(post(municipality))
    await municipality.until(taken)
    await municipality.set_fault(Mode.DOWN)

    with pytest.raises(aiohttp.ClientError):
        await posting
    await municipality.until(lambda one: not one.record.shown()["exchanges"][0]["answered"])
    await recovers(municipality)


async def test_accept_and_die_takes_and_says_nothing(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.ACCEPT_AND_DIE)
    with pytest.raises(aiohttp.ClientError):
        await post(municipality)

    assert taken(municipality)
    exchange = municipality.record.shown()["exchanges"][0]
    assert (exchange["answer"], exchange["answered"]) == ("accepted accept_and_die cut", False)
    await recovers(municipality)
    assert municipality.state()["alarms"][0]["repeats"] == 1


async def test_silent_reads_and_never_answers(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.SILENT)
    with pytest.raises(TimeoutError):
        await post(municipality, within=0.3)

    assert not taken(municipality)
    await municipality.until(lambda one: bool(one.record.shown()["exchanges"][0]["done_at"]))
    exchange = municipality.record.shown()["exchanges"][0]
    assert (exchange["answer"], exchange["answered"]) == ("silent", False)
    await recovers(municipality)


async def test_huge_answers_with_five_mebibytes(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.HUGE)
    answer = await post(municipality)

    assert len(answer.text) >= HUGE == 5 * 1024 * 1024
    assert answer.json["receipt"] == "R-000001"
    await recovers(municipality)


async def test_trickle_answers_an_octet_a_second(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    await municipality.set_fault(Mode.TRICKLE)
    begun = time.monotonic()
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            municipality.events_url,
            json=events.raised("d1"),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": events.CONTENT_TYPE},
        ) as response,
    ):
        assert await response.content.readexactly(2) == b'{"'
        assert time.monotonic() - begun >= 0.9
        assert response.status == 200
        assert int(response.headers["Content-Length"]) > 60
    assert taken(municipality)

    monkeypatch.setattr("simulator.municipality.answers.TRICKLE_PACE", 0.0)
    answer = await post(municipality)
    assert answer.json["receipt"] == "R-000001"
    await recovers(municipality)


async def test_redirect_leads_to_where_the_record_shows_who_follows(
    municipality: Municipality,
) -> None:
    await municipality.set_fault(Mode.REDIRECT)
    answer = await post(municipality)
    assert answer.status == 307
    assert answer.headers["Location"] == f"{municipality.url}/elsewhere"
    assert not taken(municipality)

    assert (await send(answer.headers["Location"], events.raised("d1"))).status == 404
    assert municipality.record.shown()["exchanges"][-1]["path"] == "/elsewhere"
    assert not taken(municipality)
    await recovers(municipality)


async def test_empty200_and_garbage_are_no_acceptance(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.EMPTY200)
    answer = await post(municipality)
    assert (answer.status, answer.text) == (200, "")

    await municipality.set_fault(Mode.GARBAGE)
    answer = await post(municipality)
    assert answer.status == 200
    with pytest.raises(ValueError, match="Expecting value"):
        assert answer.json
    assert not taken(municipality)
    await recovers(municipality)


async def test_a_count_is_a_count_of_events_it_meets(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.BUSY, count=2, only="alarm")

    async def verdict(value: dict[str, Any]) -> str:
        return str((await send(municipality.events_url, value)).json["verdict"])

    assert await verdict(events.beat("h1")) == "accepted"
    assert await verdict(events.raised("d1")) == "busy"
    # What is no event at all uses up nothing.
    assert await verdict({}) == "form_refused"
    assert (await post(municipality, token="wrong")).status == 401
    assert municipality.desk.fault.count == 1
    assert await verdict(events.raised("d1")) == "busy"
    assert municipality.desk.fault == Fault()
    assert await verdict(events.raised("d1")) == "accepted"


async def test_only_heartbeat_meets_both_signs_of_life_and_no_alarm(
    municipality: Municipality,
) -> None:
    await municipality.set_fault(Mode.ERROR, only="heartbeat")

    assert (await post(municipality)).status == 200
    assert (await send(municipality.events_url, events.beat("h1"))).status == 500
    assert (await send(municipality.events_url, events.probe("p1"))).status == 500


async def test_receipts_can_be_asked_for_under_any_fault_but_down(
    municipality: Municipality,
) -> None:
    await post(municipality)
    await municipality.set_fault(Mode.ERROR)
    fate = await send(f"{municipality.url}/v1/receipts/R-000001", method="GET")

    assert fate.json["state"] == "received"


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "body"),
        ({}, "mode"),
        ({"mode": "explode"}, "mode"),
        ({"mode": None}, "mode"),
        ({"mode": "slow", "seconds": -1}, "seconds"),
        ({"mode": "slow", "seconds": 3601}, "seconds"),
        ({"mode": "slow", "seconds": "5"}, "seconds"),
        ({"mode": "slow", "seconds": True}, "seconds"),
        ({"mode": "slow", "status": 500}, "status"),
        ({"mode": "error", "status": 200}, "status"),
        ({"mode": "error", "status": 700}, "status"),
        ({"mode": "hold", "snu": 4}, "snu"),
        ({"mode": "callback", "minutes": 61}, "minutes"),
        ({"mode": "busy", "by": "fax"}, "by"),
        ({"mode": "error", "seconds": 5}, "seconds"),
        ({"mode": "hold", "retry_after": -1}, "retry_after"),
        ({"mode": "silent", "retry_after": 1}, "retry_after"),
        ({"mode": "error", "count": 0}, "count"),
        ({"mode": "error", "count": 1.5}, "count"),
        ({"mode": "error", "only": "probe"}, "only"),
        ({"mode": "down", "count": 1}, "count"),
        ({"mode": "none", "only": "alarm"}, "only"),
        ({"mode": "error", "surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_fault_is_refused_by_its_field(value: object, field: str) -> None:
    with pytest.raises(FieldError) as caught:
        Fault.read(value)
    assert caught.value.field == field


async def test_a_wrong_fault_leaves_the_old_one_in_force(municipality: Municipality) -> None:
    await municipality.set_fault(Mode.BUSY)
    with pytest.raises(FieldError):
        await municipality.set_fault(Mode.ERROR, status=200)
    assert municipality.desk.fault.mode is Mode.BUSY


def test_what_is_shown_can_be_read_again() -> None:
    for fault in (
        Fault(),
        Fault(mode=Mode.HOLD, retry_after=3, count=2),
        Fault(mode=Mode.SLOW, seconds=1.5),
        Fault(mode=Mode.ERROR, status=502),
    ):
        assert Fault.read(fault.shown()) == fault
