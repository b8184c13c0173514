"""What the municipality knows: alarms, their messages and receipts.

A message is taken once: the same id from the same source gets its first receipt again and is
counted as a repeat, however often it comes. What is full refuses; nothing taken is ever dropped.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from .contract import Event, EventType
from .fields import stamp
from .homes import Homes

#: Alarms and messages that are kept; beyond them the answer is busy.
MAX_ALARMS: Final = 5_000
MAX_MESSAGES: Final = 20_000
#: Signs of life and not yet accepted messages that are remembered; the oldest goes.
MAX_SIGNS: Final = 10_000
#: What comes again is news even after the alarm was closed.
_AGAIN: Final = frozenset({"pressed_again", "repeated"})


class State(StrEnum):
    """Where an alarm stands at the municipality."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class UnknownAlarmError(LookupError):
    """No alarm has that ULID."""


class ClosedAlarmError(ValueError):
    """A closed alarm cannot be acknowledged."""


class FullError(Exception):
    """No room is left for another alarm or message."""


@dataclass(slots=True)
class Attempts:
    """How often one message has come. `answer` is what the last attempt got, in one word."""

    type: EventType
    alarm: str | None
    first_at: datetime
    last_at: datetime
    count: int = 0
    answer: str = ""


@dataclass(slots=True)
class Message:
    """A message that was taken; `repeats` counts how often it came again."""

    event: Event
    receipt: str
    received_at: datetime
    tries: Attempts
    repeats: int = 0

    def shown(self) -> dict[str, Any]:
        """The message in JSON's types."""
        return {
            "id": self.event.id,
            "type": self.event.type.value,
            "time": self.event.time,
            "receipt": self.receipt,
            "first_attempt_at": stamp(self.tries.first_at),
            "received_at": stamp(self.received_at),
            "attempts": self.tries.count,
            "repeats": self.repeats,
            "minimal": self.event.minimal,
            "data": dict(self.event.data),
        }


@dataclass(slots=True)
class Alarm:
    """An alarm and all that was said of it.

    `by` is who acknowledged or closed it last: `person` or `system`.
    """

    id: str
    home: str
    received_at: datetime
    messages: list[Message] = field(default_factory=list)
    state: State = State.RECEIVED
    by: str | None = None
    at: datetime | None = None
    acknowledged_at: datetime | None = None
    closed_at: datetime | None = None
    #: How often the operator has asked for the door.
    doors: int = 0

    def add(self, message: Message) -> None:
        """Take one more message.

        A further press, or the same cause once more, opens a closed alarm again: somebody may need
        help anew.
        """
        self.messages.append(message)
        if self.state is State.CLOSED and message.event.data.get("note") in _AGAIN:
            self.state = State.RECEIVED
            self.by = self.at = self.acknowledged_at = self.closed_at = None

    @property
    def door(self) -> str | None:
        """The name of the newest request to unlock the entry."""
        return f"door-{self.doors}" if self.doors else None

    def shown(self) -> dict[str, Any]:
        """The alarm in JSON's types: the newest word on each field, then what the municipality did.

        The marks TEST and DEMO hold only while every message bears them: in doubt an alarm is real
        (A9).
        """
        newest: dict[str, Any] = {}
        for message in self.messages:
            newest |= message.event.data
        return newest | {
            "alarm": self.id,
            "home": self.home,
            "test": all(message.event.data["test"] for message in self.messages),
            "demo": all(message.event.data["demo"] for message in self.messages),
            "received_at": stamp(self.received_at),
            "state": self.state.value,
            "by": self.by,
            "at": stamp(self.at),
            "acknowledged_at": stamp(self.acknowledged_at),
            "closed_at": stamp(self.closed_at),
            "door": self.door,
            "attempts": sum(message.tries.count for message in self.messages),
            "repeats": sum(message.repeats for message in self.messages),
            "messages": [message.shown() for message in self.messages],
        }


@dataclass(frozen=True, slots=True)
class Accepted:
    """The municipality's word that it has a message; `conflict` only for signs of life (A12)."""

    receipt: str
    repeat: bool
    conflict: bool | None = None


class Ledger:
    """Everything taken. `clock` returns the present as an aware datetime."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.alarms: dict[str, Alarm] = {}
        self.homes = Homes()
        self._messages: dict[tuple[str, str], Message] = {}
        self._receipts: dict[str, Alarm] = {}
        self._signs: OrderedDict[tuple[str, str], Message] = OrderedDict()
        self._sign_receipts: dict[str, Message] = {}
        self._waiting: OrderedDict[tuple[str, str], Attempts] = OrderedDict()
        self._counted = 0

    def now(self) -> datetime:
        """The present by the municipality's clock, aware."""
        return self._clock()

    def attempt(self, event: Event) -> Attempts:
        """Count that a message came, before anything is decided about it."""
        now = self._clock()
        known = self._messages.get(event.key) or self._signs.get(event.key)
        if known is not None:
            tries = known.tries
        else:
            tries = self._waiting.setdefault(
                event.key, Attempts(event.type, event.alarm, first_at=now, last_at=now)
            )
            while len(self._waiting) > MAX_SIGNS:
                self._waiting.popitem(last=False)
        tries.count += 1
        tries.last_at = now
        return tries

    def accept(self, event: Event, tries: Attempts) -> Accepted:
        """Take a message for good.

        Raises:
            FullError: there is no room; nothing has changed.
        """
        if event.alarm is None:
            return self._accept_sign(event, tries)
        if (known := self._messages.get(event.key)) is not None:
            known.repeats += 1
            return Accepted(known.receipt, repeat=True)
        alarm = self.alarms.get(event.alarm)
        if len(self._messages) >= MAX_MESSAGES or (
            alarm is None and len(self.alarms) >= MAX_ALARMS
        ):
            raise FullError
        now = self._clock()
        if alarm is None:
            alarm = self.alarms[event.alarm] = Alarm(event.alarm, event.controller, now)
        message = self._take(event, tries, now)
        self._messages[event.key] = message
        self._receipts[message.receipt] = alarm
        alarm.add(message)
        return Accepted(message.receipt, repeat=False)

    def _accept_sign(self, event: Event, tries: Attempts) -> Accepted:
        now = self._clock()
        home = self.homes.heard(event, now)
        if (known := self._signs.get(event.key)) is not None:
            known.repeats += 1
            return Accepted(known.receipt, repeat=True, conflict=home.conflict(now))
        message = self._take(event, tries, now)
        self._signs[event.key] = self._sign_receipts[message.receipt] = message
        if len(self._signs) > MAX_SIGNS:
            _, oldest = self._signs.popitem(last=False)
            del self._sign_receipts[oldest.receipt]
        return Accepted(message.receipt, repeat=False, conflict=home.conflict(now))

    def _take(self, event: Event, tries: Attempts, now: datetime) -> Message:
        self._waiting.pop(event.key, None)
        self._counted += 1
        return Message(event, f"R-{self._counted:06d}", now, tries)

    def acknowledge(self, alarm_id: str, by: str = "person") -> None:
        """Someone has taken the alarm; only a person after the system changes that again.

        Raises:
            UnknownAlarmError: no such alarm.
            ClosedAlarmError: it is closed already.
        """
        alarm = self._find(alarm_id)
        if alarm.state is State.CLOSED:
            raise ClosedAlarmError(alarm_id)
        person_after_system = alarm.by == "system" and by == "person"
        if alarm.state is State.RECEIVED or person_after_system:
            alarm.state, alarm.by, alarm.at = State.ACKNOWLEDGED, by, self._clock()
            alarm.acknowledged_at = alarm.at

    def close(self, alarm_id: str, by: str = "person") -> None:
        """The alarm is dealt with; a second time changes nothing.

        Raises:
            UnknownAlarmError: no such alarm.
        """
        alarm = self._find(alarm_id)
        if alarm.state is not State.CLOSED:
            alarm.state, alarm.by, alarm.at = State.CLOSED, by, self._clock()
            alarm.closed_at = alarm.at

    def open_door(self, alarm_id: str) -> str:
        """The operator asks the home to unlock its entry; returns the request's name, a new one each time.

        Raises:
            UnknownAlarmError: no such alarm.
        """
        alarm = self._find(alarm_id)
        alarm.doors += 1
        return alarm.door or ""

    def _find(self, alarm_id: str) -> Alarm:
        try:
            return self.alarms[alarm_id]
        except KeyError:
            raise UnknownAlarmError(alarm_id) from None

    def receipt(self, receipt: str) -> dict[str, str | None] | None:
        """What became of the message with this receipt; None when the receipt is unknown."""
        if (alarm := self._receipts.get(receipt)) is not None:
            told = {"state": alarm.state.value, "by": alarm.by, "at": stamp(alarm.at)}
            return told if alarm.door is None else {**told, "door": alarm.door}
        if receipt in self._sign_receipts:
            return {"state": State.RECEIVED.value, "by": None, "at": None}
        return None

    def shown(self, last: int | None = None) -> dict[str, Any]:
        """All of it in JSON's types, alarms in the order they came, or the `last` so many."""
        skip = 0 if last is None else max(len(self.alarms) - last, 0)
        return {
            "alarms": [alarm.shown() for alarm in islice(self.alarms.values(), skip, None)],
            "homes": self.homes.shown(self._clock()),
            "not_taken": [
                {
                    "source": source,
                    "id": identity,
                    "type": tries.type.value,
                    "alarm": tries.alarm,
                    "attempts": tries.count,
                    "first_at": stamp(tries.first_at),
                    "last_at": stamp(tries.last_at),
                    "answer": tries.answer,
                }
                for (source, identity), tries in self._waiting.items()
            ],
            "counts": {
                "alarms": len(self.alarms),
                "messages": len(self._messages),
                "repeats": sum(message.repeats for message in self._messages.values()),
            },
        }
