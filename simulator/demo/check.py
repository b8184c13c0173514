"""What `scripts/demo --once` asserts, from what the municipality has kept raw (R01, R02, R07)."""

from collections import Counter
from collections.abc import Mapping
import json
from typing import Any, Final

from simulator.demo.daily import DISPENSER, LIFT, LOCK
from simulator.demo.home import ADDRESSES, AREA_NAME, LABEL, RESIDENT_NAME
from simulator.demo.rule import OWNER

_RAISED: Final = "org.kvarbo.alarm.raised"
_CLEARED: Final = "org.kvarbo.alarm.cleared"
_LIFE: Final = frozenset({"schema", "hub", "sent_at"})

#: The press, as it comes by SCAIP: which numbers and words say so is the receiver's to read.
_CALL: Final = "help_call"
_SCAIP: Final = "SCAIP"
#: What tells of the home's own ways alone, and waits for nobody.
_TECHNICAL: Final = frozenset({"receiver_lost"})
#: The alarms of a healthy home with one press by SCAIP, one night in which SCAIP is down and REST takes
#: its place, and the messages of each.
EXPECTED: Final[Mapping[str, tuple[str, ...]]] = {
    _CALL: (_RAISED,),
    "night_absence": (_RAISED, _CLEARED),
    "receiver_lost": (_RAISED, _CLEARED),
}
#: All that a sign of life may hold: nothing of what goes on in the home.
SIGNS: Final[Mapping[str, frozenset[str]]] = {
    # Counts of ailing devices, null to all but operations.
    "org.kvarbo.heartbeat": _LIFE
    | {"version", "interval", "undelivered", "audit_head"}
    | {"devices", "devices_missing", "devices_silent", "low_batteries", "weak_links", "open_items"},
    "org.kvarbo.probe": _LIFE,
}
#: All that a message about an alarm may hold.
# fmt: off
ALARM_FIELDS: Final = frozenset({
    "schema", "alarm", "kind", "class", "priority", "test", "demo", "resident", "device",
    "role", "location", "reason", "owner", "language", "sensed_at", "raised_at", "seen_at",
    "seen_in", "until", "sent_at", "delayed", "attempt", "clock_trouble", "durable", "presses",
    "occurrences", "cleared_at", "cancelled_at", "note", "also_sent_to",
})
# fmt: on


def planted_words(entity_ids: list[str]) -> list[str]:
    """Return what a home is full of and no message may hold: names, addresses, entity ids."""
    names = [*RESIDENT_NAME.split(), *AREA_NAME.split(), LABEL]
    return [*names, *ADDRESSES, LIFT, LOCK, DISPENSER, *entity_ids]


def faults_of(raw: dict[str, Any], state: dict[str, Any], planted: list[str]) -> list[str]:
    """Return what is wrong, in words; empty when the demo has passed.

    `raw` is all the alarm port ever received, `state` the operator's view, both as the municipality
    tells them.
    """
    faults: list[str] = []
    if raw["dropped"]:
        faults.append("the municipality's record is incomplete and proves nothing")
    faults += [f"SCAIP: {complaint['words']}" for complaint in state["complaints"]]
    counts = Counter(_kind_of(alarm) for alarm in state["alarms"])
    faults += [
        f"{counts[kind]} alarms of the kind {kind} were received instead of exactly one"
        for kind in EXPECTED
        if counts[kind] != 1
    ]
    faults += [f"an alarm of the kind {kind} was received" for kind in counts.keys() - EXPECTED]
    for alarm in state["alarms"]:
        faults += _faults_of_alarm(alarm)
    for exchange in raw["exchanges"]:
        if exchange["method"] == "POST":
            faults += _faults_of_exchange(exchange)
    everything = json.dumps(raw, ensure_ascii=False).casefold()
    faults += [
        f"{word!r} has reached the receiver" for word in planted if word.casefold() in everything
    ]
    return faults


def _kind_of(alarm: dict[str, Any]) -> str:
    return _CALL if alarm.get("protocol") == _SCAIP else str(alarm["kind"])


def _faults_of_alarm(alarm: dict[str, Any]) -> list[str]:
    kind, faults = _kind_of(alarm), list[str]()
    types = tuple(message["type"] for message in alarm["messages"])
    if kind in EXPECTED and types != EXPECTED[kind]:
        told = ", ".join(types)
        faults.append(f"the alarm {kind} was told by {told}, not {', '.join(EXPECTED[kind])}")
    if alarm["attempts"] != len(types):
        faults.append(f"{len(types)} messages of {kind} came {alarm['attempts']} times")
    if alarm["state"] != "acknowledged" and kind not in _TECHNICAL:
        faults.append(f"the alarm {kind} is {alarm['state']} and not acknowledged")
    if alarm["demo"] is not True:
        faults.append(f"the alarm {kind} is not marked as a demo home's")
    if kind != "night_absence":
        return faults
    if not alarm["reason"]:
        faults.append("the night alarm has no reason")
    if alarm["owner"] != OWNER:
        faults.append(f"the night alarm is {alarm['owner']}'s and not {OWNER}'s")
    if not alarm["location"] or not alarm["seen_in"]:
        faults.append("the night alarm does not say where")
    return faults


def _faults_of_exchange(exchange: dict[str, Any]) -> list[str]:
    order = exchange["order"]
    try:
        event = json.loads(exchange["body"])
    except ValueError:
        return [f"exchange {order} is not JSON"]
    if not isinstance(event, dict):
        return [f"exchange {order} is not an object"]
    kind = str(event.get("type"))
    may_hold = ALARM_FIELDS if kind in (_RAISED, _CLEARED) else SIGNS.get(kind)
    if may_hold is None:
        return [f"exchange {order} is a {kind}"]
    data = event.get("data")
    if not isinstance(data, dict):
        return [f"exchange {order} has no data"]
    if more := data.keys() - may_hold:
        return [f"exchange {order} holds more than it may: {', '.join(sorted(more))}"]
    if kind not in SIGNS and data.get("kind") not in EXPECTED.keys() - {_CALL}:
        return [f"exchange {order} is about {data.get('kind')}"]
    return []
