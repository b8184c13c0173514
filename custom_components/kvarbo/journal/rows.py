"""From the values of the alarm chain to the rows of the database; `reading` is the way back.

Writing is strict: what does not fit is refused with the name of the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import json
from typing import Final

from ..alarm.alarm import Alarm, Delivery, Message
from .changes import (
    Audit,
    Change,
    Finding,
    PutAlarm,
    PutDelivery,
    PutMarker,
    PutMessage,
    PutWatcher,
    Settled,
)

type SqlValue = str | int | bytes | None

#: The longest key, text and JSON that a row takes, in characters. Texts from outside are bounded
#: far below this before they come here.
KEY_LENGTH: Final = 200
TEXT_LENGTH: Final = 4096
JSON_LENGTH: Final = 65536

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_INT64: Final = 2**63


class Table(StrEnum):
    """The tables that changes go to."""

    ALARM = "alarm"
    MESSAGE = "message"
    DELIVERY = "delivery"
    MARKER = "marker"
    WATCHER = "watcher"
    AUDIT = "audit"
    META = "meta"


#: What the last opening reported and the home has not settled yet; keys of the meta table.
UNSETTLED: Final = {
    Finding.RESTORED: "unsettled_restore",
    Finding.SET_ASIDE: "unsettled_aside",
}

#: Columns in the order of a row's values; the first names the row.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    Table.ALARM: (
        "id",
        "episode",
        "kind",
        "priority",
        "source_number",
        "source_role",
        "location",
        "resident",
        "reason",
        "sensed_at",
        "raised_at",
        "raised_by",
        "clock_trouble",
        "test",
        "presses",
        "last_press_at",
        "state",
        "acknowledged_at",
        "ended_at",
        "cleared_at",
        "owner",
        "seen_at",
        "seen_in",
        "repeats",
        "until",
    ),
    Table.MESSAGE: ("id", "alarm_id", "kind", "created_at", "note"),
    Table.DELIVERY: (
        "reference",
        "message_id",
        "alarm_id",
        "receiver",
        "queued_at",
        "state",
        "attempts",
        "first_sent_at",
        "received_at",
        "held_since",
        "maybe_heard",
        "minimal",
        "receipt",
        "status_address",
        "followed",
        "words",
    ),
    Table.MARKER: ("key", "value"),
    Table.WATCHER: ("identity", "deadline", "state"),
}


class UnfitChangeError(ValueError):
    """A change that no row can hold; `field` names what is wrong. No retry helps."""

    def __init__(self, field: str, problem: str) -> None:
        """Name the field and the problem, not the content."""
        super().__init__(f"{field}: {problem}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is to stand; no values: it is to go.

    `key` names the row within its table and is empty for the audit, whose place is decided when it
    is written. Values of the audit are its time and its canonical JSON.
    """

    table: Table
    key: str
    values: tuple[SqlValue, ...] = ()


def rows_of(change: Change) -> tuple[Row, ...]:
    """Return the rows that a change stands for.

    Raises:
        UnfitChangeError: a field does not fit.
    """
    match change:
        case PutAlarm(alarm):
            return (_alarm_row(alarm),)
        case PutMessage(message):
            return (_message_row(message),)
        case PutDelivery(delivery):
            return (_delivery_row(delivery),)
        case PutMarker(key, value):
            name = _key("marker.key", key)
            values = () if value is None else (name, json_text("marker.value", value))
            return (Row(Table.MARKER, name, values),)
        case PutWatcher():
            return (_watcher_row(change),)
        case Audit():
            return (_audit_row(change),)
        case Settled(finding):
            return (Row(Table.META, UNSETTLED[finding]),)


def name_of(change: Change) -> tuple[Table, str]:
    """Return which table and row a change is about, as far as it can be told, for reports."""
    match change:
        case PutAlarm(alarm):
            return Table.ALARM, str(alarm.id)
        case PutMessage(message):
            return Table.MESSAGE, str(message.id)
        case PutDelivery(delivery):
            return Table.DELIVERY, str(delivery.reference)
        case PutMarker(key, _):
            return Table.MARKER, str(key)
        case PutWatcher():
            return Table.WATCHER, str(change.identity)
        case Audit():
            return Table.AUDIT, str(change.what)
        case Settled(finding):
            return Table.META, UNSETTLED[finding]


def micros(field: str, at: datetime) -> int:
    """Return whole microseconds since 1970 UTC; `at` must be aware."""
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise UnfitChangeError(field, "needs an aware time")
    return (at - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """Return the aware UTC time; raises OverflowError beyond what a datetime can hold."""
    return _EPOCH + value * _MICROSECOND


def json_text(field: str, value: object) -> str:
    """Return canonical JSON: keys sorted, no spaces, ASCII, no NaN."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnfitChangeError(field, "is not JSON") from error
    if len(text) > JSON_LENGTH:
        raise UnfitChangeError(field, f"is longer than {JSON_LENGTH} characters")
    return text


def iso(at: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC, always with microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _alarm_row(alarm: Alarm) -> Row:
    key = _key("alarm.id", alarm.id)
    return Row(
        Table.ALARM,
        key,
        (
            key,
            _key("alarm.episode", alarm.episode),
            _text("alarm.kind", alarm.kind),
            _whole("alarm.priority", alarm.priority),
            _whole("alarm.source.number", alarm.source.number),
            _text("alarm.source.role", alarm.source.role),
            _text_or_none("alarm.location", alarm.location),
            _whole("alarm.resident", alarm.resident),
            _text("alarm.reason", alarm.reason),
            micros("alarm.sensed_at", alarm.sensed_at),
            micros("alarm.raised_at", alarm.raised_at),
            _text("alarm.raised_by", alarm.raised_by),
            int(alarm.clock_trouble),
            int(alarm.test),
            _whole("alarm.presses", alarm.presses),
            _micros_or_none("alarm.last_press_at", alarm.last_press_at),
            _text("alarm.state", alarm.state),
            _micros_or_none("alarm.acknowledged_at", alarm.acknowledged_at),
            _micros_or_none("alarm.ended_at", alarm.ended_at),
            _micros_or_none("alarm.cleared_at", alarm.cleared_at),
            _text_or_none("alarm.owner", alarm.owner),
            _micros_or_none("alarm.seen_at", alarm.seen_at),
            _text_or_none("alarm.seen_in", alarm.seen_in),
            _whole("alarm.repeats", alarm.repeats),
            _micros_or_none("alarm.until", alarm.until),
        ),
    )


def _message_row(message: Message) -> Row:
    key = _key("message.id", message.id)
    return Row(
        Table.MESSAGE,
        key,
        (
            key,
            _key("message.alarm_id", message.alarm_id),
            _text("message.kind", message.kind),
            micros("message.created_at", message.created_at),
            _text_or_none("message.note", message.note),
        ),
    )


def _delivery_row(delivery: Delivery) -> Row:
    key = _key("delivery.reference", delivery.reference)
    return Row(
        Table.DELIVERY,
        key,
        (
            key,
            _key("delivery.message_id", delivery.message_id),
            _key("delivery.alarm_id", delivery.alarm_id),
            _key("delivery.receiver", delivery.receiver),
            micros("delivery.queued_at", delivery.queued_at),
            _text("delivery.state", delivery.state),
            _whole("delivery.attempts", delivery.attempts),
            _micros_or_none("delivery.first_sent_at", delivery.first_sent_at),
            _micros_or_none("delivery.received_at", delivery.received_at),
            _micros_or_none("delivery.held_since", delivery.held_since),
            int(delivery.maybe_heard),
            int(delivery.minimal),
            _text_or_none("delivery.receipt", delivery.receipt),
            _text_or_none("delivery.status_address", delivery.status_address),
            int(delivery.followed),
            _text("delivery.words", delivery.words),
        ),
    )


def _watcher_row(change: PutWatcher) -> Row:
    key = _key("watcher.identity", change.identity)
    if change.state is None:
        return Row(Table.WATCHER, key)
    deadline = _micros_or_none("watcher.deadline", change.deadline)
    return Row(Table.WATCHER, key, (key, deadline, json_text("watcher.state", change.state)))


def _audit_row(entry: Audit) -> Row:
    at = micros("audit.at", entry.at)
    body: dict[str, object] = {
        "what": _text("audit.what", entry.what),
        "at": iso(entry.at),
        "mono": round(entry.mono, 6),
        "actor": _text("audit.actor", entry.actor),
    }
    if entry.alarm_id is not None:
        body["alarm_id"] = _key("audit.alarm_id", entry.alarm_id)
    if entry.detail is not None:
        body["detail"] = dict(entry.detail)
    return Row(Table.AUDIT, "", (at, json_text("audit.detail", body)))


def _text(field: str, value: object, length: int = TEXT_LENGTH) -> str:
    if not isinstance(value, str):
        raise UnfitChangeError(field, "needs text")
    if len(value) > length:
        raise UnfitChangeError(field, f"is longer than {length} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UnfitChangeError(field, "is not proper Unicode") from error
    return str(value)


def _key(field: str, value: object) -> str:
    return _text(field, value, KEY_LENGTH)


def _text_or_none(field: str, value: object) -> str | None:
    return None if value is None else _text(field, value)


def _whole(field: str, value: object) -> int:
    if not isinstance(value, int) or not -_INT64 <= value < _INT64:
        raise UnfitChangeError(field, "needs a whole number")
    return value


def _micros_or_none(field: str, at: datetime | None) -> int | None:
    return None if at is None else micros(field, at)
