"""Every field that can ever leave the home: of what type and bounds, of which class, to whom, why, how long kept.

The gate lets through what stands here and nothing else (R02, R07, R10). docs/data.md is made from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
import re
from typing import Final

from ..alarm.alarm import MessageKind, Note
from ..alarm.kinds import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    AlarmClass,
    AlarmKind,
    Location,
    Owner,
    ReasonCode,
    Role,
)
from ..alarm.reason import Language
from .aggregate import SUBJECTS, Figure, Part, Stands

#: A value as it leaves.
type Value = str | int | bool | None

LONGEST_SENTENCE: Final = 500
_MOST: Final = 2**31 - 1
_LAST_YEAR: Final = 2999
_FIRST_YEAR: Final = 1970


class DataClass(StrEnum):
    """The three classes of data, kept apart everywhere (needs.md)."""

    ALARM = "alarm"
    STATUS = "status"
    #: Leaves by the coordinator's own export alone: no receiver takes it.
    AGGREGATE = "aggregate"


class Sign(StrEnum):
    """What a message of technical status is."""

    HEARTBEAT = "heartbeat"
    PROBE = "probe"


class To(StrEnum):
    """Who gets a field."""

    #: Every receiver that gets the message at all: operations never get one about a person.
    ALL = "all"
    ALARMS = "alarms"
    OPERATIONS = "operations"
    EXPORT = "export"


class Kept(StrEnum):
    """How long a field is of use at who gets it, and so may be kept there."""

    WITH_ALARM = "with_alarm"
    UNTIL_NEXT = "until_next"
    AUDIT = "audit"
    STATISTICS = "statistics"


class Field(StrEnum):
    """Every field."""

    REFERENCE = "reference"
    SESSION = "session"
    CONTROLLER = "controller"
    SOURCE = "source"
    LANGUAGE = "language"
    MESSAGE = "message"
    CREATED_AT = "created_at"
    SENT_AT = "sent_at"
    ALARM = "alarm"
    KIND = "kind"
    KIND_TEXT = "kind_text"
    CLASS = "class"
    PRIORITY = "priority"
    TEST = "test"
    DEMO = "demo"
    MARK = "mark"
    RESIDENT = "resident"
    DEVICE = "device"
    ROLE = "role"
    ROLE_TEXT = "role_text"
    LOCATION = "location"
    LOCATION_TEXT = "location_text"
    REASON_CODE = "reason_code"
    REASON = "reason"
    OWNER = "owner"
    OWNER_TEXT = "owner_text"
    SENSED_AT = "sensed_at"
    RAISED_AT = "raised_at"
    SEEN_AT = "seen_at"
    SEEN_IN = "seen_in"
    SEEN_IN_TEXT = "seen_in_text"
    UNTIL = "until"
    DELAYED = "delayed"
    ATTEMPT = "attempt"
    CLOCK_TROUBLE = "clock_trouble"
    DURABLE = "durable"
    PRESSES = "presses"
    OCCURRENCES = "occurrences"
    CLEARED_AT = "cleared_at"
    CANCELLED_AT = "cancelled_at"
    NOTE = "note"
    ALSO_SENT_TO = "also_sent_to"
    SPEECH = "speech"
    HUB = "hub"
    VERSION = "version"
    INTERVAL = "interval"
    UNDELIVERED = "undelivered"
    AUDIT_HEAD = "audit_head"
    DEVICES = "devices"
    DEVICES_MISSING = "devices_missing"
    DEVICES_SILENT = "devices_silent"
    LOW_BATTERIES = "low_batteries"
    WEAK_LINKS = "weak_links"
    OPEN_ITEMS = "open_items"
    HOME = "home"
    PERIOD = "period"
    FIRST = "first"
    LAST = "last"
    STANDS = "stands"
    FIGURE = "figure"
    OF = "of"
    PART = "part"
    VALUE = "value"


class ValueRefusedError(ValueError):
    """A value is not of its field's type, or out of its bounds. The value is not told."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a field may hold: in words, and as what goes in comes out.

    Raises (from `let`):
        ValueRefusedError: it may not hold that.
    """

    words: str
    let: Callable[[object], Value]


@dataclass(frozen=True, slots=True)
class Entry:
    """What holds for one field. `what` and `why` are for people."""

    rule: Rule
    classes: frozenset[DataClass]
    to: To
    kept: Kept
    what: str
    why: str


def stamp(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 in UTC with milliseconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _of(*kinds: type[StrEnum]) -> Rule:
    def let(raw: object) -> Value:
        # Exactly a member: a text that looks like one comes from somewhere else.
        if type(raw) in kinds and isinstance(raw, StrEnum):
            return str(raw.value)
        raise ValueRefusedError

    return Rule(f"one of {sum(len(kind) for kind in kinds)} words", let)


def _whole(least: int, most: int) -> Rule:
    def let(raw: object) -> Value:
        if type(raw) is int and least <= raw <= most:
            return raw
        raise ValueRefusedError

    return Rule(f"whole number {least} to {'2³¹-1' if most == _MOST else most}", let)


def _matching(pattern: str, words: str) -> Rule:
    compiled = re.compile(pattern, re.ASCII)

    def let(raw: object) -> Value:
        if isinstance(raw, str) and compiled.fullmatch(raw):
            return raw[:]
        raise ValueRefusedError

    return Rule(words, let)


def _let_flag(raw: object) -> Value:
    if type(raw) is bool:
        return raw
    raise ValueRefusedError


def _let_moment(raw: object) -> Value:
    if (
        isinstance(raw, datetime)
        and raw.utcoffset() is not None
        and _FIRST_YEAR <= raw.astimezone(UTC).year <= _LAST_YEAR
    ):
        return stamp(raw)
    raise ValueRefusedError


def _let_date(raw: object) -> Value:
    # A day alone: a moment is a date too, and says more. Written by `date` itself, whatever it is a kind of.
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return date.isoformat(raw)
    raise ValueRefusedError


def _let_sentence(raw: object) -> Value:
    if isinstance(raw, str) and len(raw) <= LONGEST_SENTENCE and raw.isprintable():
        return raw[:]
    raise ValueRefusedError


def _or_null(rule: Rule) -> Rule:
    return Rule(f"{rule.words}, or null", lambda raw: None if raw is None else rule.let(raw))


_NAME: Final = _matching("[0-9A-Za-z._-]{1,64}", "1 to 64 letters, digits, `.`, `_`, `-`")
_FLAG: Final = Rule("true or false", _let_flag)
_MOMENT: Final = Rule("time in UTC, to the millisecond", _let_moment)
_SENTENCE: Final = Rule("one line from a table, at most 500 characters", _let_sentence)
_COUNT: Final = _whole(0, _MOST)
_FROM_ONE: Final = _whole(1, _MOST)
_DATE: Final = Rule("`YYYY-MM-DD`", _let_date)

_ALARM: Final = frozenset({DataClass.ALARM})
_STATUS: Final = frozenset({DataClass.STATUS})
_BOTH: Final = _ALARM | _STATUS


def _alarm(rule: Rule, what: str, why: str, to: To = To.ALL) -> Entry:
    return Entry(rule, _ALARM, to, Kept.WITH_ALARM, what, why)


def _status(rule: Rule, what: str, why: str, kept: Kept = Kept.UNTIL_NEXT) -> Entry:
    return Entry(rule, _STATUS, To.ALL, kept, what, why)


def _health(what: str, why: str) -> Entry:
    return Entry(_or_null(_COUNT), _STATUS, To.OPERATIONS, Kept.UNTIL_NEXT, what, why)


def _month(rule: Rule, what: str) -> Entry:
    aggregate = frozenset({DataClass.AGGREGATE})
    return Entry(rule, aggregate, To.EXPORT, Kept.STATISTICS, what, "follow-up of use")


def _every(rule: Rule, what: str, why: str) -> Entry:
    return Entry(rule, _BOTH, To.ALL, Kept.WITH_ALARM, what, why)


#: Every field and what holds for it.
CATALOGUE: Final[dict[Field, Entry]] = {
    Field.REFERENCE: _every(_NAME, "the session", "a repeat is known again"),
    Field.SESSION: _every(_NAME, "the alarm's own session", "news is put with its alarm"),
    Field.CONTROLLER: _every(
        _NAME, "the home's number", "which home; who lives there is known at the municipality alone"
    ),
    Field.SOURCE: _every(
        _matching("urn:kvarbo:[0-9A-Za-z._-]{1,64}", "`urn:kvarbo:` and the home's number"),
        "the home's number",
        "as CloudEvents wants it",
    ),
    Field.LANGUAGE: _every(_of(Language), "of the sentences", "they are read aloud rightly"),
    Field.MESSAGE: _every(_of(MessageKind, Sign), "what the message is", "what to do with it"),
    Field.CREATED_AT: _every(_MOMENT, "when the message came to be", "the order of messages"),
    Field.SENT_AT: _every(_MOMENT, "when this sending began", "delay is seen"),
    Field.ALARM: _alarm(_NAME, "the alarm", "its messages belong together"),
    Field.KIND: _alarm(_of(AlarmKind), "what has happened", "who must go, and how fast"),
    Field.KIND_TEXT: _alarm(_SENTENCE, "the same in words", "an operator reads it"),
    Field.CLASS: _alarm(_of(AlarmClass), "a person or the technology", "who answers"),
    Field.PRIORITY: _alarm(
        _whole(LOWEST_PRIORITY, HIGHEST_PRIORITY), "proposed priority", "the order of answering"
    ),
    Field.TEST: _alarm(_FLAG, "a test of one announced device", "nobody goes out for a test"),
    Field.DEMO: _alarm(_FLAG, "from a demo home", "nobody goes out for a demo"),
    Field.MARK: _alarm(_SENTENCE, "test and demo in words", "an operator reads it"),
    Field.RESIDENT: _alarm(
        _whole(0, 99), "0 the home, 1 and up a person in it", "whom it is about"
    ),
    Field.DEVICE: _alarm(_COUNT, "the device's short number", "which device, without its name"),
    Field.ROLE: _alarm(_of(Role), "what the device is for", "what the signal is worth"),
    Field.ROLE_TEXT: _alarm(_SENTENCE, "the same in words", "an operator reads it"),
    Field.LOCATION: _alarm(_or_null(_of(Location)), "the kind of room", "where to look first"),
    Field.LOCATION_TEXT: _alarm(_or_null(_SENTENCE), "the same in words", "an operator reads it"),
    Field.REASON_CODE: _alarm(_of(ReasonCode), "why, as a code", "SCAIP: which part was pressed"),
    Field.REASON: _alarm(_SENTENCE, "why, in one sentence", "an operator reads it"),
    Field.OWNER: _alarm(_or_null(_of(Owner)), "which role is to act", "the right one is called"),
    Field.OWNER_TEXT: _alarm(_or_null(_SENTENCE), "the same in words", "an operator reads it"),
    Field.SENSED_AT: _alarm(_MOMENT, "when it happened", "how long somebody may have waited"),
    Field.RAISED_AT: _alarm(_MOMENT, "when the home took it as an alarm", "delay is seen"),
    Field.SEEN_AT: _alarm(
        _or_null(_MOMENT), "last sign of life before a personal alarm", "how urgent", To.ALARMS
    ),
    Field.SEEN_IN: _alarm(
        _or_null(_of(Location)), "in which kind of room", "where to look first", To.ALARMS
    ),
    Field.SEEN_IN_TEXT: _alarm(
        _or_null(_SENTENCE), "the same in words", "an operator reads it", To.ALARMS
    ),
    Field.UNTIL: _alarm(_or_null(_MOMENT), "end of a span", "how long the hub was off"),
    Field.DELAYED: _alarm(_FLAG, "older than a prompt alarm", "read as old news"),
    Field.ATTEMPT: _alarm(_FROM_ONE, "which sending it is", "loss on the way is seen"),
    Field.CLOCK_TROUBLE: _alarm(_FLAG, "the clock may be wrong", "how far to trust the times"),
    Field.DURABLE: _alarm(_FLAG, "on the hub's disk", "whether it would outlive a power cut"),
    Field.PRESSES: _alarm(_FROM_ONE, "how often the button was pressed", "how urgent"),
    Field.OCCURRENCES: _alarm(_FROM_ONE, "how often the cause came", "one alarm, not many"),
    Field.CLEARED_AT: _alarm(_or_null(_MOMENT), "when the cause was gone", "nobody goes in vain"),
    Field.CANCELLED_AT: _alarm(_or_null(_MOMENT), "when it was called off", "as above"),
    Field.NOTE: _alarm(_or_null(_of(Note)), "what an update is about", "what is new"),
    Field.ALSO_SENT_TO: _alarm(
        _or_null(_matching("[0-9]{1,3}(?:, [0-9]{1,3})*", "numbers with `, ` between them")),
        "places in the home's order of other receivers that were sent the same",
        "two operators do not both go, and neither leaves it to the other unknowing",
    ),
    Field.SPEECH: _alarm(
        _matching("[!-~]{1,256}(?: [!-~]{1,256})*", "addresses of the home's speech unit"),
        "whom the receiver may call, for a live personal alarm; else `no-voice:`",
        "the receiver speaks with the resident",
        To.ALARMS,
    ),
    Field.HUB: _status(_NAME, "which life of the hub's journal", "two hubs are noticed"),
    Field.VERSION: _status(
        _matching("[0-9A-Za-z.+_-]{1,64}", "1 to 64 letters, digits, `.`, `+`, `_`, `-`"),
        "of Kvarbo",
        "which homes need an update",
    ),
    Field.INTERVAL: _status(
        _whole(1, 86_400), "seconds between heartbeats", "absence is noticed in time"
    ),
    Field.UNDELIVERED: _status(_COUNT, "messages without a receipt", "a chain that stands still"),
    Field.AUDIT_HEAD: _status(
        _or_null(_matching("[0-9a-f]{64}", "64 hexadecimal digits")),
        "newest hash of the audit trail, once a day",
        "a trail that was changed later is noticed",
        Kept.AUDIT,
    ),
    Field.DEVICES: _health("how many devices the home has", "a device that is gone is noticed"),
    Field.DEVICES_MISSING: _health(
        "how many of them Home Assistant has no longer", "a technician goes there"
    ),
    Field.DEVICES_SILENT: _health("how many are not heard for too long", "a technician goes there"),
    Field.LOW_BATTERIES: _health("how many say that their battery is low", "batteries are changed"),
    Field.WEAK_LINKS: _health("how many are badly reached by radio", "a repeater is set up"),
    Field.OPEN_ITEMS: _health(
        "how much of the installation is neither proven nor left with a reason",
        "a home that was left half done is seen",
    ),
    Field.HOME: _month(
        _matching("[0-9a-f]{16}", "16 random hexadecimal digits"), "the home's name in figures"
    ),
    Field.PERIOD: _month(
        _matching("[0-9]{4}-(?:0[1-9]|1[0-2])|baseline", "`YYYY-MM`, or `baseline`"),
        "which month, or the first weeks",
    ),
    Field.FIRST: _month(_DATE, "first day that was counted"),
    Field.LAST: _month(_DATE, "last day that was counted"),
    Field.STANDS: _month(_of(Stands), "how far the figures are final"),
    Field.FIGURE: _month(_of(Figure), "what is counted ([all figures](figures.md))"),
    Field.OF: _month(_or_null(_of(*SUBJECTS)), "of which kind, function, role or step"),
    Field.PART: _month(_or_null(_of(Part)), "day or night"),
    Field.VALUE: _month(_or_null(_COUNT), "how many, or how many seconds; null is not known"),
}


def of_class(data_class: DataClass) -> frozenset[Field]:
    """Return the fields that a class of data has."""
    return frozenset(field for field, entry in CATALOGUE.items() if data_class in entry.classes)
