"""What a profile may put into a request: a closed set of fields, and their values for one message (docs/rest.md).

Nothing else of the home can be named, so nothing else can leave it by this way (R02, R07). A value is text, a whole
number, true, false or null; a time is RFC 3339 in UTC with milliseconds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Final

from ulid_transform import ulid_now

from ...alarm.alarm import Alarm, AlarmState, MessageKind, Note
from ...alarm.kinds import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    AlarmClass,
    AlarmKind,
    Location,
    Owner,
    Role,
)
from ...alarm.reason import (
    Language,
    kind_text,
    location_text,
    mark_text,
    owner_text,
    reason_text,
    role_text,
)
from ..receiver import Dispatch, Heartbeat

type Scalar = str | int | float | bool | None
type Values = Mapping[str, Scalar]


class Kind(StrEnum):
    """What can be sent; the four of an alarm are named as `MessageKind` names them."""

    ALARM = "alarm"
    UPDATE = "update"
    ALL_CLEAR = "all_clear"
    CANCEL = "cancel"
    HEARTBEAT = "heartbeat"
    PROBE = "probe"


#: What speaks of an alarm.
OF_ALARM: Final = (Kind.ALARM, Kind.UPDATE, Kind.ALL_CLEAR, Kind.CANCEL)
#: Signs of life.
OF_LIFE: Final = (Kind.HEARTBEAT, Kind.PROBE)

#: In every message.
COMMON_FIELDS: Final = frozenset(
    {"reference", "controller", "source", "message", "created_at", "sent_at", "language"}
)
ALARM_FIELDS: Final = COMMON_FIELDS | {
    "alarm",
    "kind",
    "kind_text",
    "class",
    "priority",
    "test",
    "demo",
    "mark",
    "resident",
    "device",
    "role",
    "role_text",
    "location",
    "location_text",
    "reason",
    "owner",
    "owner_text",
    "sensed_at",
    "raised_at",
    "seen_at",
    "seen_in",
    "seen_in_text",
    "until",
    "delayed",
    "attempt",
    "clock_trouble",
    "durable",
    "presses",
    "occurrences",
    "cleared_at",
    "cancelled_at",
    "note",
}
LIFE_FIELDS: Final = COMMON_FIELDS | {"hub", "version", "interval", "undelivered", "audit_head"}
FIELDS: Final = ALARM_FIELDS | LIFE_FIELDS

#: Sentences for people. They may hold any letter, so they never stand in a header or a path, and they may be cut.
SENTENCES: Final = frozenset(
    {"kind_text", "role_text", "location_text", "owner_text", "seen_in_text", "reason"}
)

#: Our own words of each field that a profile may translate. `NONE` stands for null, `OTHER` for all that is not listed.
NONE: Final = "none"
OTHER: Final = "*"
CODES: Final[Mapping[str, frozenset[str]]] = {
    "message": frozenset(Kind),
    "kind": frozenset(AlarmKind),
    "class": frozenset(AlarmClass),
    "priority": frozenset(str(p) for p in range(LOWEST_PRIORITY, HIGHEST_PRIORITY + 1)),
    "role": frozenset(Role),
    "location": frozenset(Location) | {NONE},
    "owner": frozenset(Owner) | {NONE},
    "seen_in": frozenset(Location) | {NONE},
    "note": frozenset(Note) | {NONE},
    "language": frozenset(Language),
}

type Codes = Mapping[str, Mapping[str, Scalar]]

#: Longest text that a field with a bound may be cut to, in characters.
LONGEST_TEXT: Final = 1000


def stamp(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 in UTC with milliseconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def alarm_values(
    dispatch: Dispatch, controller: str, language: Language, zone: tzinfo = UTC
) -> dict[str, Scalar]:
    """Return the fields of one message of an alarm, in our own words.

    `zone` is the home's: the reason tells wall time. The last sign of life goes with a personal
    alarm alone.
    """
    alarm, message, delivery = dispatch.alarm, dispatch.message, dispatch.delivery
    personal = alarm.alarm_class is AlarmClass.PERSONAL
    seen_at, seen_in = (alarm.seen_at, alarm.seen_in) if personal else (None, None)
    return {
        "reference": delivery.reference,
        **home_values(controller, language),
        "message": message.kind.value,
        "created_at": stamp(message.created_at),
        "sent_at": stamp(dispatch.sent_at),
        "alarm": alarm.id,
        "kind": alarm.kind.value,
        "kind_text": kind_text(alarm.kind, language),
        "class": alarm.alarm_class.value,
        "priority": alarm.priority,
        "test": alarm.test,
        "demo": dispatch.demo,
        "mark": mark_text(language, test=alarm.test, demo=dispatch.demo),
        "resident": alarm.resident,
        "device": alarm.source.number,
        "role": alarm.source.role.value,
        "role_text": role_text(alarm.source.role, language),
        "location": alarm.location.value if alarm.location else None,
        "location_text": location_text(alarm.location, language) if alarm.location else None,
        "reason": reason_text(alarm, language, zone),
        "owner": alarm.owner.value if alarm.owner else None,
        "owner_text": owner_text(alarm.owner, language) if alarm.owner else None,
        "sensed_at": stamp(alarm.sensed_at),
        "raised_at": stamp(alarm.raised_at),
        "seen_at": _stamp(seen_at),
        "seen_in": seen_in.value if seen_in else None,
        "seen_in_text": location_text(seen_in, language) if seen_in else None,
        "until": _stamp(alarm.until),
        "delayed": dispatch.delayed,
        "attempt": max(1, delivery.attempts),
        "clock_trouble": alarm.clock_trouble,
        "durable": dispatch.durable,
        "presses": alarm.presses,
        "occurrences": alarm.repeats,
        "cleared_at": _stamp(_cleared_at(dispatch)),
        "cancelled_at": _stamp(_cancelled_at(dispatch)),
        "note": message.note.value if message.note else None,
    }


def life_values(
    kind: Kind, beat: Heartbeat, controller: str, language: Language
) -> dict[str, Scalar]:
    """Return the fields of a sign of life. Its reference is new each time: nobody asks for it again."""
    return {
        "reference": ulid_now(),
        **home_values(controller, language),
        "message": kind.value,
        "created_at": stamp(beat.sent_at),
        "sent_at": stamp(beat.sent_at),
        "hub": beat.hub,
        "version": beat.version,
        "interval": beat.interval,
        "undelivered": beat.undelivered,
        "audit_head": beat.audit_head,
    }


def home_values(controller: str, language: Language) -> dict[str, Scalar]:
    """Return the fields that are the same in all that a home sends."""
    return {
        "controller": controller,
        "source": f"urn:kvarbo:{controller}",
        "language": language.value,
    }


def _cleared_at(dispatch: Dispatch) -> datetime | None:
    """An all-clear always says when, even of an alarm that does not know."""
    if dispatch.alarm.cleared_at is None and dispatch.message.kind is MessageKind.ALL_CLEAR:
        return dispatch.message.created_at
    return dispatch.alarm.cleared_at


def _cancelled_at(dispatch: Dispatch) -> datetime | None:
    alarm: Alarm = dispatch.alarm
    if alarm.state is AlarmState.CANCELLED:
        return alarm.ended_at
    return dispatch.message.created_at if dispatch.message.kind is MessageKind.CANCEL else None


def in_their_words(
    values: Mapping[str, Scalar], codes: Codes, max_text: Mapping[str, int]
) -> dict[str, Scalar]:
    """Translate by the profile's codes and cut to its lengths.

    A word that the profile does not know goes as it is: better read by a person than not sent.
    """
    theirs = dict(values)
    for name, table in codes.items():
        if name in theirs:
            ours = theirs[name]
            key = NONE if ours is None else str(ours)
            theirs[name] = table.get(key, table.get(OTHER, ours))
    for name, longest in max_text.items():
        text = theirs.get(name)
        if isinstance(text, str) and len(text) > longest:
            theirs[name] = f"{text[: longest - 1]}…"
    return theirs
