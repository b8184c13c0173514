"""What can be written to the journal: whole values and audit entries.

A `Put...` carries the whole row as it is to stand, so writing it twice is the same as writing it
once. That is what lets a batch that the disk has refused wait in memory and be written later, in
order, without a thought for what came between (A1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..alarm.alarm import Alarm, Delivery, Message

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class PutAlarm:
    """The alarm as it now stands."""

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class PutMessage:
    """A message about an alarm."""

    message: Message


@dataclass(frozen=True, slots=True)
class PutDelivery:
    """A delivery as it now stands."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class PutMarker:
    """A small named fact that must survive a restart: was the cord pulled already, for example.

    `value` None removes it. Keys are at most 200 characters.
    """

    key: str
    value: Json


@dataclass(frozen=True, slots=True)
class Audit:
    """One link of the audit chain (A10): what, when by both clocks, by which role or rule.

    A rule goes by name and version. `at` is aware UTC, `mono` the host's monotonic clock in
    seconds. `detail` holds codes and numbers, never names (R07).
    """

    what: str
    at: datetime
    mono: float
    actor: str
    alarm_id: str | None = None
    detail: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class PutWatcher:
    """A watcher's state and its next absolute deadline (S3); `state` None removes the row.

    `identity` is kind, resident and name of the watcher (S1), `deadline` aware UTC or None.
    """

    identity: str
    deadline: datetime | None
    state: Json


class Finding(StrEnum):
    """What an opening reports until the home has dealt with it."""

    RESTORED = "restored"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Settled:
    """The home has dealt with what openings report as `restored` or as `set_aside`.

    Goes into the same commit as what the home did about it. Until it is on disk every opening
    reports it again, so that a crash in between cannot send a restored journal's alarms as live
    (A12), nor silence that a corrupt one was set aside.
    """

    finding: Finding = Finding.RESTORED


type Change = PutAlarm | PutMessage | PutDelivery | PutMarker | PutWatcher | Audit | Settled


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the journal held when it was opened.

    `alarms` are those still open, with a delivery waiting, or with one received and not yet
    followed to its end; `messages` and `deliveries` are all of those alarms'. `ended` are the
    newest of the others, oldest first: their episodes are taken (A2). `newest` is the latest time
    in any row (aware, UTC) or None when new.

    `incarnation` is a ULID made when this journal began its life on this disk; a restored or copied
    journal gets a new one. `restored` is True from the opening that noticed it until the home has
    committed `Settled` (A12); `restored_why` names what gave it away, for diagnostics.

    `set_aside` names the file that a corrupt journal was moved to, likewise until `Settled`, else
    None; what could be read of it is in this journal. `wal_set_aside` names a write-ahead log that
    lay beside the journal and did not belong to it. `audit_broken_at` is the sequence number at
    which the hash chain fails to verify, else None. `unreadable` counts rows that this release
    cannot read (a later release's kinds): they stay on disk and are missing here.

    `not_open` says in plain words why the journal could not be opened for writing; the home then
    runs from memory, says so, and writes all when the disk answers (A1). What could be read without
    writing is here all the same.
    """

    incarnation: str
    alarms: tuple[Alarm, ...] = ()
    messages: tuple[Message, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    markers: Mapping[str, Json] | None = None
    newest: datetime | None = None
    restored: bool = False
    set_aside: str | None = None
    audit_broken_at: int | None = None
    watchers: tuple[PutWatcher, ...] = ()
    not_open: str | None = None
    unreadable: int = 0
    restored_why: str | None = None
    wal_set_aside: str | None = None
    ended: tuple[Alarm, ...] = ()
