"""What a profile may put into a request: a closed set of fields, and their values for one message (docs/rest.md).

Nothing else of the home can be named, so nothing else can leave it by this way (R02, R07). A value is text, a whole
number, true, false or null; a time is RFC 3339 in UTC with milliseconds.
"""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Final

from ulid_transform import ulid_now

from ...alarm.alarm import Note
from ...alarm.kinds import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    AlarmClass,
    AlarmKind,
    Location,
    Owner,
    Role,
)
from ...alarm.reason import Language
from ..catalogue import Sign
from ..gate import GATE, Passed
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
    "also_sent_to",
}
LIFE_FIELDS: Final = COMMON_FIELDS | {
    "hub",
    "version",
    "interval",
    "undelivered",
    "audit_head",
    "devices",
    "devices_missing",
    "devices_silent",
    "low_batteries",
    "weak_links",
    "open_items",
}
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


def alarm_values(
    dispatch: Dispatch, controller: str, language: Language, zone: tzinfo = UTC
) -> Passed:
    """Return the fields of one message of an alarm, in our own words, as the gate lets them through.

    `zone` is the home's: the reason tells wall time.

    Raises:
        GateError: nothing of it may leave.
    """
    return GATE.alarm(dispatch, controller, language, zone).narrowed(ALARM_FIELDS)


def life_values(kind: Kind, beat: Heartbeat, controller: str, language: Language) -> Passed:
    """Return the fields of a sign of life. Its reference is new each time: nobody asks for it again.

    Raises:
        GateError: nothing of it may leave.
    """
    sign, reference = Sign(kind.value), ulid_now()
    return GATE.status(beat, sign, controller, language, reference=reference).narrowed(LIFE_FIELDS)


def home_values(controller: str, language: Language) -> Passed:
    """Return the fields that are the same in all that a home sends.

    Raises:
        GateError: nothing of it may leave.
    """
    return GATE.question(controller, language)


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
