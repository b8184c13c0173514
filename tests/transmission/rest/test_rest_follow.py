"""The way back: asking at a receiver's status address what became of an alarm."""

import asyncio
from typing import Any

import pytest

from custom_components.kvarbo.alarm.alarm import Delivery
from custom_components.kvarbo.transmission.receiver import Fate, Followed
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from tests.transmission.rest.rest_sample import TOKEN, MakeReceiver, a_delivery, changed
from tests.transmission.rest.rest_server import Answer as Script, answer, serving


async def _close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("body", "followed"),
    [
        ({"state": "received", "by": None}, Followed(Fate.RECEIVED)),
        ({"state": "received", "by": "person"}, Followed(Fate.RECEIVED)),
        ({"state": "acknowledged", "by": "person"}, Followed(Fate.ACKNOWLEDGED, by_person=True)),
        ({"state": "acknowledged", "by": "system"}, Followed(Fate.ACKNOWLEDGED)),
        ({"state": "acknowledged"}, Followed(Fate.ACKNOWLEDGED)),
        ({"state": "acknowledged", "by": ["person"]}, Followed(Fate.ACKNOWLEDGED)),
        ({"state": "closed", "by": "person"}, Followed(Fate.CLOSED, by_person=True)),
        ({"state": "received", "door": "d-1"}, Followed(Fate.RECEIVED, door="d-1")),
        ({"state": "received", "door": 7}, Followed(Fate.RECEIVED, door="7")),
        ({"state": "received", "door": True}, Followed(Fate.RECEIVED)),
        ({"state": "received", "door": ""}, Followed(Fate.RECEIVED)),
        ({"state": "received", "door": "x" * 65}, Followed(Fate.RECEIVED)),
        ({"state": "received", "door": "a\nb"}, Followed(Fate.RECEIVED)),
        ({"state": "received", "door": {"open": "yes"}}, Followed(Fate.RECEIVED)),
        ({"door": "d-1"}, Followed(Fate.NOT_KNOWN)),
        ({"state": "unheard of"}, Followed(Fate.NOT_KNOWN)),
        ({"state": {"acknowledged": 1}}, Followed(Fate.NOT_KNOWN)),
        ({}, Followed(Fate.NOT_KNOWN)),
    ],
)
async def test_following_tells_the_fate_and_whether_a_person_did_it(
    make: MakeReceiver, body: dict[str, Any], followed: Followed
) -> None:
    async with serving(answer(200, body)) as server:
        delivery = a_delivery(status_address=f"{server.url}/v1/receipts/R-1?full=1")
        assert await make(server.url).follow(delivery) == followed
    [request] = server.requests
    assert request.line == "GET /v1/receipts/R-1?full=1 HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert "content-type" not in request.headers


@pytest.mark.parametrize(
    "script",
    [
        answer(404, {"state": "closed"}),
        answer(500, {"state": "closed"}),
        answer(307, {"state": "closed"}, Location="/v1/receipts/R-2"),
        answer(200, b"[1,"),
        answer(200, b" " * (64 * 1024 + 1)),
        _close,
        _silent,
    ],
)
async def test_a_fate_that_cannot_be_read_is_not_known(make: MakeReceiver, script: Script) -> None:
    async with serving(script) as server:
        delivery = a_delivery(status_address=f"{server.url}/v1/receipts/R-1")
        receiver = make(server.url, answer_limit=0.3)
        assert await receiver.follow(delivery) == Followed(Fate.NOT_KNOWN)


@pytest.mark.parametrize(
    "delivery",
    [
        a_delivery(),
        a_delivery(status_address="https://elsewhere.example/v1/receipts/R-1"),
        a_delivery(status_address="garbage\n"),
    ],
)
async def test_no_question_goes_to_another_origin(make: MakeReceiver, delivery: Delivery) -> None:
    async with serving(answer(200, {"state": "closed"})) as server:
        assert await make(server.url).follow(delivery) == Followed(Fate.NOT_KNOWN)
    assert server.connections == 0


async def test_our_token_does_not_go_where_another_listens(make: MakeReceiver) -> None:
    async with serving(answer(200, {"state": "closed"})) as elsewhere, serving(b"") as server:
        delivery = a_delivery(status_address=f"{elsewhere.url}/v1/receipts/R-1")
        assert await make(server.url).follow(delivery) == Followed(Fate.NOT_KNOWN)
    assert elsewhere.connections == 0


async def test_a_profile_without_a_status_follows_nothing(make: MakeReceiver) -> None:
    profile = parse_profile(changed(lambda d: d.pop("status")))
    async with serving(answer(200, {"state": "closed"})) as server:
        delivery = a_delivery(status_address=f"{server.url}/v1/receipts/R-1")
        receiver = make(server.url, profile=profile)
        assert await receiver.follow(delivery) == Followed(Fate.NOT_KNOWN)
    assert server.connections == 0
