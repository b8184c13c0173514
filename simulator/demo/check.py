"""What `scripts/demo --once` asserts, from what the municipality has kept raw (R01, R02, R07)."""

import json
from typing import Any, Final

from simulator.demo.home import AREA_NAME, DEVICES, LABEL, RESIDENT_NAME

#: All that a healthy home with one press may ever send.
ALLOWED_TYPES: Final = frozenset(
    {"org.kvarbo.heartbeat", "org.kvarbo.probe", "org.kvarbo.alarm.raised"}
)


def planted_words(entity_ids: list[str]) -> list[str]:
    """Return what a home is full of and no message may hold: names, addresses, entity ids."""
    names = [*RESIDENT_NAME.split(), *AREA_NAME.split(), LABEL]
    return [*names, *(ieee for _, ieee, _ in DEVICES), *entity_ids]


def faults_of(raw: dict[str, Any], state: dict[str, Any], planted: list[str]) -> list[str]:
    """Return what is wrong, in words; empty when the demo has passed.

    `raw` is all the alarm port ever received, `state` the operator's view, both as the municipality
    tells them.
    """
    faults: list[str] = []
    if raw["dropped"]:
        faults.append("the municipality's record is incomplete and proves nothing")
    alarms = state["alarms"]
    if len(alarms) != 1:
        faults.append(f"{len(alarms)} alarms were received instead of exactly one")
    for alarm in alarms:
        if alarm["attempts"] != 1:
            faults.append(f"the alarm came {alarm['attempts']} times instead of once")
        if alarm["state"] != "acknowledged":
            faults.append(f"the alarm is {alarm['state']} and not acknowledged")
        if alarm["demo"] is not True:
            faults.append("the alarm is not marked as a demo home's")
    for exchange in raw["exchanges"]:
        if exchange["method"] == "GET":
            continue
        try:
            event = json.loads(exchange["body"])
        except ValueError:
            faults.append(f"exchange {exchange['order']} is not JSON")
            continue
        if event.get("type") not in ALLOWED_TYPES:
            faults.append(f"exchange {exchange['order']} is a {event.get('type')}")
    everything = json.dumps(raw, ensure_ascii=False).casefold()
    faults += [
        f"{word!r} has reached the receiver" for word in planted if word.casefold() in everything
    ]
    return faults
