"""What a home may send: CloudEvents 1.0 in JSON, version 1 of the alarm receiver's contract.

Lenient where a receiver should be (unknown fields pass, in the envelope and in `data`), strict in
what it does read: each value is of its type, bounded, and free of control characters, or the answer
names the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import json
import re
from typing import Any, Final

from .fields import (
    Check,
    FieldError,
    boolean,
    hexadecimal,
    number,
    one_of,
    or_null,
    text,
    time,
    ulid,
    word,
)

#: Octets of body that are taken; more is answered 413.
MAX_BODY: Final = 64 * 1024
CONTENT_TYPE: Final = "application/cloudevents+json"

_SOURCE = re.compile(r"urn:kvarbo:([0-9A-Za-z._-]{1,64})", re.ASCII)
_MAX_INT = 2**31 - 1


class EventType(StrEnum):
    """What an event tells."""

    RAISED = "org.kvarbo.alarm.raised"
    UPDATED = "org.kvarbo.alarm.updated"
    CLEARED = "org.kvarbo.alarm.cleared"
    CANCELLED = "org.kvarbo.alarm.cancelled"
    HEARTBEAT = "org.kvarbo.heartbeat"
    PROBE = "org.kvarbo.probe"

    @property
    def about_alarm(self) -> bool:
        """Whether the event is a message about an alarm, not a sign of life."""
        return self not in {EventType.HEARTBEAT, EventType.PROBE}


@dataclass(frozen=True, slots=True)
class Event:
    """A checked event. `controller` is the home's pseudonymous number, taken from `source`.

    `alarm` is the alarm's ULID, None for a sign of life. `minimal` says that `data` holds nothing
    but the least (A6).
    """

    id: str
    source: str
    controller: str
    type: EventType
    time: str
    alarm: str | None
    data: Mapping[str, Any]
    minimal: bool

    @property
    def key(self) -> tuple[str, str]:
        """What is unique in CloudEvents: source and id together."""
        return self.source, self.id


class MissingError(FieldError):
    """A field that must be there is not, or the body is no JSON object at all: answered 400."""


_LEAST: Final[Mapping[str, Check]] = {
    "schema": number(1, 1),
    "alarm": ulid,
    "kind": word,
    "class": one_of("personal", "technical"),
    "priority": number(0, 9),
    "test": boolean,
    "demo": boolean,
    "raised_at": time,
}
_FULL: Final[Mapping[str, Check]] = {
    "resident": number(0, 9),
    "device": number(0, _MAX_INT),
    "role": word,
    "location": or_null(word),
    "reason": text(500, shortest=0),
    "owner": or_null(word),
    "language": one_of("sv", "en"),
    "sensed_at": time,
    "seen_at": or_null(time),
    "seen_in": or_null(word),
    "until": or_null(time),
    "sent_at": time,
    "delayed": boolean,
    "attempt": number(0, _MAX_INT),
    "clock_trouble": boolean,
    "durable": boolean,
    "presses": number(0, _MAX_INT),
    "occurrences": number(1, _MAX_INT),
    "cleared_at": or_null(time),
    "cancelled_at": or_null(time),
    "note": or_null(word),
    "also_sent_to": or_null(text(100)),
}
_PROBE: Final[Mapping[str, Check]] = {"schema": number(1, 1), "hub": text(64), "sent_at": time}
_HEARTBEAT: Final[Mapping[str, Check]] = {
    **_PROBE,
    "version": text(64),
    "interval": number(1, 86_400),
    "undelivered": number(0, _MAX_INT),
}
_HEARTBEAT_MAY: Final[Mapping[str, Check]] = {
    "audit_head": or_null(hexadecimal),
    "devices": or_null(number(0, _MAX_INT)),
    "devices_missing": or_null(number(0, _MAX_INT)),
    "devices_silent": or_null(number(0, _MAX_INT)),
    "low_batteries": or_null(number(0, _MAX_INT)),
    "weak_links": or_null(number(0, _MAX_INT)),
    "open_items": or_null(number(0, _MAX_INT)),
}

_ENVELOPE: Final[Mapping[str, Check]] = {
    "specversion": one_of("1.0"),
    "id": text(200),
    "source": text(200),
    "type": one_of(*EventType),
    "time": time,
}


def parse(body: bytes) -> Event:
    """Read one event.

    Raises:
        MissingError: the body is not a JSON object, or lacks a field (HTTP 400).
        FieldError: a value is wrong (HTTP 200 with the verdict `form_refused`).
    """
    envelope = _object(body)
    _check(envelope, _ENVELOPE, {"datacontenttype": one_of("application/json")}, "")
    source = _SOURCE.fullmatch(envelope["source"])
    if source is None:
        raise FieldError("source", "urn:kvarbo:<controller id> was expected")
    kind = EventType(envelope["type"])
    if "data" not in envelope:
        raise MissingError("data", "it is missing")
    data = envelope["data"]
    if not isinstance(data, dict):
        raise FieldError("data", "an object was expected")
    match kind:
        case EventType.HEARTBEAT:
            _check(data, _HEARTBEAT, _HEARTBEAT_MAY, "data.")
        case EventType.PROBE:
            _check(data, _PROBE, {}, "data.")
        case _:
            _check(data, _LEAST, _FULL, "data.")
            _check(envelope, {"subject": ulid}, {}, "")
            if data["alarm"] != envelope["subject"]:
                raise FieldError("data.alarm", "the alarm that subject names was expected")
    return Event(
        id=envelope["id"],
        source=envelope["source"],
        controller=source[1],
        type=kind,
        time=envelope["time"],
        alarm=data["alarm"] if kind.about_alarm else None,
        data=data,
        minimal=kind.about_alarm and data.keys() <= _LEAST.keys(),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MissingError("body", "JSON was expected") from error
    if not isinstance(value, dict):
        raise MissingError("body", "a JSON object was expected")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _check(
    values: Mapping[str, Any], must: Mapping[str, Check], may: Mapping[str, Check], path: str
) -> None:
    for name in must:
        if name not in values:
            raise MissingError(f"{path}{name}", "it is missing")
    for name, check in (*must.items(), *may.items()):
        if name in values and (words := check(values[name])) is not None:
            raise FieldError(f"{path}{name}", words)
