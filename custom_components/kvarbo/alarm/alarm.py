"""The alarm, what is sent of it, and what becomes of each sending: three values, three lives.

An `Alarm` is raised once and lives until it is closed or cancelled. A `Message` is one thing said
about it. A `Delivery` is one message on its way to one receiver, under one reference that never
changes (A5). All are frozen; a change makes a new value.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .kinds import KINDS, AlarmClass, AlarmKind, Location, Owner, ReasonCode, Role


class AlarmState(StrEnum):
    """Where an alarm stands. Moves are in `lifecycle`."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    #: Followed for its whole time after the receipt without a word of its end: what came of it is
    #: not known.
    LAPSED = "lapsed"


class MessageKind(StrEnum):
    """What is said about an alarm."""

    ALARM = "alarm"
    UPDATE = "update"
    ALL_CLEAR = "all_clear"
    CANCEL = "cancel"


class Note(StrEnum):
    """What an update is about."""

    PRESSED_AGAIN = "pressed_again"
    TAKEN_ELSEWHERE = "taken_elsewhere"
    #: The same cause came again (R60).
    REPEATED = "repeated"


class DeliveryState(StrEnum):
    """Where one message to one receiver stands."""

    QUEUED = "queued"
    SENDING = "sending"
    HELD = "held"
    RECEIVED = "received"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Source:
    """What in the home raised an alarm: its short number (0 is the hub itself) and its role."""

    number: int
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm.

    Times are aware datetimes in UTC. `sensed_at` is when it happened in the home, `raised_at` when
    the home took it as an alarm. `id` is a ULID, `episode` names the cause so that raising it twice
    gives one alarm (A2). `resident` is 0 for the home, 1..n for a person. `test` marks a test of
    one announced device (A9). `raised_by` is a role or a rule and its version, never a name (R07).
    `presses` counts all presses of one call; `last_press_at` is the last one that was told of (A2).
    `cleared_at` is when the home itself found the cause gone; for a personal alarm that ends
    nothing.

    `owner` is who is expected to act (R27). `seen_at` and `seen_in` are the last sign of life before
    a personal alarm; a technical alarm has none. `repeats` counts how often the same cause came, from
    1 (R60). `until` is the end of a span that began at `sensed_at`, as when the hub was off.
    """

    id: str
    episode: str
    kind: AlarmKind
    priority: int
    source: Source
    location: Location | None
    resident: int
    reason: ReasonCode
    sensed_at: datetime
    raised_at: datetime
    raised_by: str
    clock_trouble: bool = False
    test: bool = False
    presses: int = 1
    last_press_at: datetime | None = None
    state: AlarmState = AlarmState.RAISED
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    cleared_at: datetime | None = None
    owner: Owner | None = None
    seen_at: datetime | None = None
    seen_in: Location | None = None
    repeats: int = 1
    until: datetime | None = None

    @property
    def alarm_class(self) -> AlarmClass:
        """Personal or technical, by kind."""
        return KINDS[self.kind].alarm_class

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do about it."""
        return self.state in (AlarmState.RAISED, AlarmState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing said about an alarm.

    `id` is a ULID, `created_at` aware UTC; `note` only in an update.
    """

    id: str
    alarm_id: str
    kind: MessageKind
    created_at: datetime
    note: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way to one receiver.

    `reference` names the session at the receiver and never changes, whatever restarts in between
    (A5). `receiver` is the receiver's own key in the home. `attempts` counts transmissions begun.
    `maybe_heard` says that an earlier transmission may have reached the receiver although no answer
    came back. `minimal` says that the full form was refused (A6). `words` are the receiver's own,
    bounded. `status_address` is where its fate can be asked for, and `followed` says that nobody
    asks any more.
    """

    reference: str
    message_id: str
    alarm_id: str
    receiver: str
    queued_at: datetime
    state: DeliveryState = DeliveryState.QUEUED
    attempts: int = 0
    first_sent_at: datetime | None = None
    received_at: datetime | None = None
    held_since: datetime | None = None
    maybe_heard: bool = False
    minimal: bool = False
    receipt: str | None = None
    status_address: str | None = None
    followed: bool = False
    words: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether the far end has yet to answer for it."""
        return self.state in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD)
