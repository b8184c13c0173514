"""docs/mqtt-asyncapi.yaml says what is on the wire, and what is on the wire is what it says."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from custom_components.kvarbo.alarm.alarm import MessageKind, Note, Source
from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode, Role
from custom_components.kvarbo.transmission.receiver import Health, Takes
from scripts.lib.mqtt_contract import PAGE, text
from simulator.mqtt import Published
from simulator.mqtt.packets import matches
from simulator.testing import until
from tests.transmission.mqtt_sample import behind_a_broker
from tests.transmission.rest.rest_sample import CONTROLLER, a_beat, a_dispatch, an_alarm

CONTRACT: dict[str, Any] = yaml.safe_load(PAGE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_code_goes_by() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run scripts/contract"


def channel_of(topic: str) -> dict[str, Any]:
    [found] = [
        channel
        for channel in CONTRACT["channels"].values()
        if matches(
            channel["address"].replace("{controller}", CONTROLLER).replace("{reference}", "+"),
            topic,
        )
    ]
    return dict(found)


def faults_of(message: Published) -> list[str]:
    """What the contract finds wrong with a message: empty where one of its schemas takes it."""
    all_faults = []
    for reference in channel_of(message.topic)["messages"].values():
        name = reference["$ref"].rpartition("/")[2]
        said = CONTRACT["components"]["messages"][name]
        validator = Draft202012Validator(said["payload"])
        faults = [error.message for error in validator.iter_errors(json.loads(message.payload))]
        if message.content_type and message.content_type != said["contentType"]:
            faults.append(f"{message.content_type} is not {said['contentType']}")
        if not faults:
            return []
        all_faults += faults
    return all_faults


@pytest.mark.usefixtures("socket_enabled")
async def test_all_that_is_sent_keeps_to_it() -> None:
    async with behind_a_broker() as (municipality, port, receiver):
        technical = an_alarm(
            kind=AlarmKind.DEVICE_SILENT, reason=ReasonCode.SILENT, source=Source(3, Role.MOTION)
        )
        cases: list[tuple[MessageKind, Note | None, dict[str, Any]]] = [
            (MessageKind.ALARM, None, {}),
            (MessageKind.ALARM, None, {"also_sent_to": (1, 2), "demo": True}),
            (MessageKind.ALARM, None, {"alarm": technical}),
            (MessageKind.ALARM, None, {"delivery": {"minimal": True}}),
            (MessageKind.UPDATE, Note.REPEATED, {}),
            (MessageKind.ALL_CLEAR, None, {}),
            (MessageKind.CANCEL, None, {}),
        ]
        for number, (kind, note, changes) in enumerate(cases):
            delivery = {"reference": f"01JD8ZQ3N4V5W6X7Y8Z9A0B2C{number}"}
            more = {**changes, "delivery": {**changes.get("delivery", {}), **delivery}}
            await receiver.send(a_dispatch(kind, note=note, **more))
        health = Health(devices=9, missing=1, silent=0, low_batteries=2, weak_links=0)
        await receiver.heartbeat(a_beat(audit_head="a" * 64))
        await receiver.heartbeat(a_beat(to=Takes.OPERATIONS, health=health))
        await receiver.probe(a_beat())
        municipality.acknowledge(municipality.state(None)["alarms"][0]["alarm"])
        await receiver.close()
        await until(lambda: port.presence[CONTROLLER] == "offline", what="the will")
        sent = port.broker.published
        assert len(sent) == 12
        assert [faults for message in sent if (faults := faults_of(message))] == []
        retained = list(port.broker.retained.values())
        assert retained
        assert [faults for message in retained if (faults := faults_of(message))] == []


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("alarms", {"specversion": "1.0"}),
        ("signs", {"source": "urn:kvarbo:4711", "presence": "online"}),
        ("presence", {"source": "urn:kvarbo:4711", "presence": "asleep"}),
        ("receipts", {"receipt": "R1"}),
        ("states/X", {"state": "lost"}),
    ],
)
def test_the_contract_refuses_what_is_not_in_it(topic: str, payload: dict[str, Any]) -> None:
    message = Published(
        topic=f"kvarbo/v1/{CONTROLLER}/{topic}", payload=json.dumps(payload).encode()
    )
    assert faults_of(message)


def test_the_page_names_every_topic() -> None:
    page = (Path(PAGE).parent / "mqtt.md").read_text(encoding="utf-8")
    for channel in CONTRACT["channels"].values():
        shown = channel["address"].replace("{controller}", "4711").replace("{reference}", "<id>")
        assert f"`{shown}`" in page
