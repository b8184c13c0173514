"""The contract is CloudEvents 1.0: judged by the project's own Python library, a foreign peer."""

from datetime import datetime
from typing import Any

import pytest

from simulator.municipality import Municipality
from simulator.municipality.contract import parse
from simulator.testing_municipality import TOKEN
from tests.simulator.municipality import events
from tests.simulator.municipality.events import send

http = pytest.importorskip("cloudevents.core.bindings.http")
v1 = pytest.importorskip("cloudevents.core.v1.event")

EVENTS = [
    events.raised("d1"),
    events.event("d2", "alarm.cleared", events.least()),
    events.beat("h1"),
    events.probe("p1"),
]


async def test_what_the_record_keeps_is_a_cloudevent_to_its_own_library(
    municipality: Municipality,
) -> None:
    for value in EVENTS:
        await send(municipality.events_url, value)

    exchanges = municipality.record.shown()["exchanges"]
    for exchange, value in zip(exchanges, EVENTS, strict=True):
        message = http.HTTPMessage(
            headers={name.lower(): said for name, said in exchange["headers"]},
            body=exchange["body"].encode(),
        )
        read = http.from_structured_event(message)
        assert read.get_id() == value["id"]
        assert read.get_source() == value["source"]
        assert read.get_type() == value["type"]
        assert read.get_subject() == value.get("subject")
        assert read.get_time() == datetime.fromisoformat(events.TIME)
        assert read.get_data() == value["data"]


@pytest.mark.parametrize("value", EVENTS, ids=lambda value: value["type"])
async def test_what_its_own_library_writes_is_taken(
    municipality: Municipality, value: dict[str, Any]
) -> None:
    attributes = {name: one for name, one in value.items() if name != "data"}
    attributes["time"] = datetime.fromisoformat(value["time"])
    message = http.to_structured_event(v1.CloudEvent(attributes, value["data"]))
    kind = message.headers["content-type"]
    answer = await send(municipality.events_url, message.body, token=TOKEN, content_type=kind)

    assert answer.json["verdict"] == "accepted"
    assert parse(message.body).id == value["id"]
