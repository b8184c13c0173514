"""Write docs/data.md: every field that can ever leave a home, to whom, why, and how long it is of use (R10).

Made of the gate's catalogue, and of where the default profiles and SCAIP put each field.
"""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Any, Final

from custom_components.kvarbo.transmission.catalogue import (
    CATALOGUE,
    DataClass,
    Field,
    Kept,
    To,
)
from custom_components.kvarbo.transmission.mqtt import profile as mqtt
from custom_components.kvarbo.transmission.rest import profile as rest
from custom_components.kvarbo.transmission.scaip.content import ELEMENTS

PAGE: Final = Path(__file__).parents[2] / "docs" / "data.md"

HEAD: Final = """\
# What can leave a home

Every field that can ever leave a Kvarbo home is in the tables below, and nothing else can: the
gate (`transmission/gate.py`) lets through what its catalogue names, within the bounds given here, and
sealed octets alone reach a socket. This page is written by `scripts/contract` from that catalogue; a test holds
it to it.

There is **no name, no personal number, no address of the home, no position, no image, no sound** in any field.
The home is a number that means something at the municipality alone. Sentences come from tables in English and
Swedish; nothing that somebody has typed into Home Assistant, as names of rooms, devices or persons, gets into them.

What a receiver's *profile* adds of its own (a fixed text, a code in place of ours) is a technician's choice, and
is not judged by the gate.

## Who gets what

- **Alarm receivers** get alarms about a person, technical alarms (by hour and route:
  [technical alarms](technical-alarms.md)), and signs of life.
- **Operations** get technical alarms and signs of life, with the health of the devices. Never an alarm about a person.
- **The coordinator's export** alone holds monthly figures. No receiver can be sent them.

Kvarbo sends nothing to anybody else: not to its makers, not to a cloud. What other integrations of the same Home
Assistant send is not Kvarbo's ([VPN](vpn.md)).
"""
TAIL: Final = """\
## Beside the content

A message cannot travel without saying where from and where to. On the way to a receiver stand, besides the
fields above:

| Where | What |
|---|---|
| IP, TCP, UDP | the hub's address in the VPN, the receiver's address and port |
| DNS | the receiver's name, asked for inside the VPN; none where it is given as a number |
| TLS | the receiver's name (SNI), the home's client certificate where it has one |
| HTTP | method and path of the profile, `Host`, `Accept`, `Accept-Encoding`, `Content-Type`, \
`Content-Length`, `User-Agent: Kvarbo`, the header with the home's token |
| SIP | `Via`, `From`, `To`, `Contact`, `Call-ID`, `CSeq`, `Max-Forwards`, `Route`, `Expires`, `Accept`, `Allow`, \
`Supported`, `Date`, `Content-Type`, `Content-Length`, `User-Agent`, `Authorization` or \
`Proxy-Authorization`: the home's number or user name, the hub's address, and random names of calls |
| MQTT | the client's name (home number and letters made of broker and number), user name, password, topics \
with the home's number, response topic, correlation data (`reference`) |

Tests compare what is really on the wire with these lists.

## How long

| Word | What it means |
|---|---|
| with the alarm | As long as the receiver keeps the alarm itself; in the home a year after its end. |
| until the next | Of use until the next one comes. In the home: not kept. |
| with the audit trail | As long as somebody may want to prove that a trail was not changed. |
| statistics | As the municipality's follow-up decides. |
"""
_KEPT: Final = {
    Kept.WITH_ALARM: "with the alarm",
    Kept.UNTIL_NEXT: "until the next",
    Kept.AUDIT: "with the audit trail",
    Kept.STATISTICS: "statistics",
}
_TO: Final = {
    To.ALL: "all",
    To.ALARMS: "alarm receivers",
    To.OPERATIONS: "operations",
    To.EXPORT: "the export",
}
_TITLES: Final = {
    DataClass.ALARM: "Alarms",
    DataClass.STATUS: "Signs of life",
    DataClass.AGGREGATE: "Monthly figures",
}


def page() -> str:
    """Return the page."""
    rest_places = _places(json.loads(rest.built_in("kvarbo")))
    mqtt_places = _places(json.loads(mqtt.built_in("kvarbo")))
    parts = [HEAD]
    for data_class, title in _TITLES.items():
        parts += [f"## {title}\n", *_table(data_class, rest_places, mqtt_places), ""]
    return "\n".join([*parts, TAIL])


def _table(
    data_class: DataClass, rest_places: Mapping[str, set[str]], mqtt_places: Mapping[str, set[str]]
) -> Iterator[str]:
    yield "| Field | What | May hold | To | Why | Kept | REST | SCAIP | MQTT |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for field, entry in CATALOGUE.items():
        if data_class not in entry.classes:
            continue
        elements = {name for name, fields in ELEMENTS.items() if field in fields}
        leaves = data_class is not DataClass.AGGREGATE
        yield (
            f"| `{field}` | {entry.what} | {entry.rule.words} | {_TO[entry.to]} | {entry.why} "
            f"| {_KEPT[entry.kept]} | {_said(rest_places.get(field, set()) if leaves else set())} "
            f"| {_said(elements if leaves else set())} "
            f"| {_said(mqtt_places.get(field, set()) if leaves else set())} |"
        )


def _said(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "-"


def _places(profile: dict[str, Any]) -> dict[str, set[str]]:
    """Return by field where it stands in a profile's messages."""
    found: dict[str, set[str]] = {}
    for body in (*profile["body"].values(), profile["minimal"]):
        for name, field in _leaves(body, ""):
            if field in Field:
                found.setdefault(field, set()).add(name)
    for topic in profile.get("topics", {}).values():
        if "$controller" in topic:
            found.setdefault(Field.CONTROLLER, set()).add("topic")
    return found


def _leaves(node: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{name}.{key}" if name else key)
    elif isinstance(node, str) and node.startswith("$"):
        yield name, node[1:]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
