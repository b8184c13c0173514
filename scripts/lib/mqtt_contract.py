"""Write docs/mqtt-asyncapi.yaml: what Kvarbo publishes and what it understands, for machines (AsyncAPI 3.0).

Made of what the code goes by itself: the default profile's bodies and topics, and the gate's catalogue of fields.
"""

import json
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from custom_components.kvarbo.transmission.catalogue import CATALOGUE, Field, ValueRefusedError
from custom_components.kvarbo.transmission.mqtt.profile import HOME, built_in

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "mqtt-asyncapi.yaml"

_HEAD: Final = """\
# Written by scripts/contract. Do not edit: docs/mqtt.md explains it.
"""
_WHAT: Final = {
    "alarms": "Alarms and news about them.",
    "signs": "Heartbeats and probes.",
    "presence": "Whether the home's client is there; as last will when it is gone.",
    "receipts": "The receipt of each event, with the event's correlation data.",
    "states": "What became of an alarm, retained; the last level is the id of the event that raised it.",
}


def contract() -> dict[str, Any]:
    """Return the whole document."""
    profile = json.loads(built_in("kvarbo"))
    topics = {name: t.replace(HOME, "{controller}") for name, t in profile["topics"].items()}
    topics["states"] += "/{reference}"
    body = profile["body"]
    types = profile["codes"]["message"]
    of_alarm = [types[name] for name in ("alarm", "update", "all_clear", "cancel")]
    messages = {
        "alarm": _event(_schema(body["alarm"], of_alarm)),
        "leastAlarm": _event(_schema(profile["minimal"], of_alarm)),
        "heartbeat": _event(_schema(body["heartbeat"], [types["heartbeat"]])),
        "probe": _event(_schema(body["probe"], [types["probe"]])),
        "presence": _plain(
            {"source": _field("source"), "presence": {"enum": ["online", "offline"]}}
        ),
        "receipt": _plain(
            {
                "verdict": {"enum": ["accepted", "hold", "busy", "not_treated", "form_refused"]},
                "receipt": {"type": "string", "minLength": 1, "maxLength": 512},
                "words": {"type": "string"},
                "retry_after": {"type": "number", "minimum": 0},
                "conflict": {"type": "boolean"},
            },
            required=["verdict"],
            closed=False,
        ),
        "state": _plain(
            {
                "state": {"enum": ["received", "acknowledged", "closed"]},
                "by": {"type": ["string", "null"]},
                "door": {"type": ["string", "integer"]},
            },
            required=["state"],
            closed=False,
        ),
    }
    of_topic = {
        "alarms": ["alarm", "leastAlarm"],
        "signs": ["heartbeat", "probe"],
        "presence": ["presence"],
        "receipts": ["receipt"],
        "states": ["state"],
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kvarbo to a municipality's alarm platform",
            "version": "1",
            "description": "What a Kvarbo home publishes at a broker, and what it listens to.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(name, topics[name], of_topic[name]) for name in topics},
        "operations": {
            name: {
                "action": "receive" if name in ("receipts", "states") else "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "bindings": {"mqtt": {"qos": 1, "retain": False, "bindingVersion": "0.2.0"}},
            }
            for name in topics
        },
        "components": {"messages": messages},
    }


def _channel(name: str, topic: str, messages: list[str]) -> dict[str, Any]:
    parameters = {"controller": {"description": "The home's number."}}
    if "{reference}" in topic:
        parameters["reference"] = {"description": "The id of the event that raised the alarm."}
    return {
        "address": topic,
        "description": _WHAT[name],
        "parameters": parameters,
        "messages": {m: {"$ref": f"#/components/messages/{m}"} for m in messages},
    }


def _event(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "contentType": "application/cloudevents+json",
        "bindings": {
            "mqtt": {
                "payloadFormatIndicator": 1,
                "correlationData": {"type": "string", "description": "The event's id."},
                "responseTopic": {"type": "string", "description": "Where the receipt is wanted."},
                "bindingVersion": "0.2.0",
            }
        },
        "payload": schema,
    }


def _plain(
    properties: dict[str, Any], *, required: list[str] | None = None, closed: bool = True
) -> dict[str, Any]:
    return {
        "contentType": "application/json",
        "payload": {
            "type": "object",
            "required": sorted(properties) if required is None else required,
            "properties": properties,
            "additionalProperties": not closed,
        },
    }


def _schema(node: Any, types: list[str]) -> dict[str, Any]:
    if isinstance(node, dict):
        return {
            "type": "object",
            "required": list(node),
            "properties": {key: _schema(value, types) for key, value in node.items()},
            "additionalProperties": False,
        }
    if isinstance(node, str) and node.startswith("$"):
        return {"enum": types} if node == "$message" else _field(node[1:])
    return {"const": node}


def _field(name: str) -> dict[str, Any]:
    entry = CATALOGUE[Field(name)]
    words = entry.rule.words.removesuffix(", or null")
    schema: dict[str, Any] = {"type": "string", "description": entry.what}
    if words == "true or false":
        schema["type"] = "boolean"
    elif words.startswith("whole number"):
        schema |= {"type": "integer", "minimum": int(words.split()[2])}
    elif words.startswith("time in UTC"):
        schema["pattern"] = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
    else:
        schema["maxLength"] = 500
    try:
        entry.rule.let(None)
    except ValueRefusedError:
        return schema
    return schema | {"type": [schema["type"], "null"]}


def text() -> str:
    """Return the document as it stands in the file."""
    return _HEAD + str(yaml.safe_dump(contract(), sort_keys=False, allow_unicode=True, width=110))


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
