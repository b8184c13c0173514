"""What every receiver is to the transmitter, whatever protocol it speaks.

A receiver sends one thing, waits for the far end's own answer and says what to do next. It keeps no
queue, retries nothing and never raises for what the far end or the network does: that is a
`Verdict` too (idea 3: delivered = a receipt from the far end).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ..alarm.alarm import Alarm, Delivery, Message
from ..alarm.callback import Callback


class Takes(StrEnum):
    """What a receiver is for (needs.md: three classes of data are kept apart)."""

    #: Alarms about a person; technical ones too where the home has no receiver for operations.
    ALARMS = "alarms"
    #: Technical alarms alone. A personal alarm never goes there.
    OPERATIONS = "operations"


class Answer(StrEnum):
    """What the far end's answer means for what to do next."""

    #: It has the message; there is a receipt.
    ACCEPTED = "accepted"
    #: It is on it: send the same again after `retry_after`; stop the fail-over clock until the
    #: hold's own limit.
    HOLD = "hold"
    #: It has no room now: later, or the next receiver at once.
    BUSY = "busy"
    #: It does not treat such: the next receiver at once.
    NOT_TREATED = "not_treated"
    #: The form is wrong: never the same again; a minimal version (A6).
    FORM_REFUSED = "form_refused"
    #: It does not know us: a person must renew the credentials; keep trying, they may be mended at
    #: the far end.
    CREDENTIALS_REFUSED = "credentials_refused"
    #: No answer that counts: again by the schedule.
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The far end's answer.

    `words` are the far end's own or, when it said nothing, ours about the failure; at most 200
    printable characters, no secrets. `receipt` and `status_address` only with ACCEPTED.
    `retry_after` in seconds only with HOLD or BUSY. `maybe_heard` (UNREACHABLE only): the whole
    message may have reached the far end before the answer went missing. `took` is seconds from the
    first octet written until the answer. `conflict`: the far end has heard two hubs under our
    controller id (A12). `interval` is how often it wants a heartbeat, in seconds; `callback` only
    with ACCEPTED. `identified` is False for an answer that says nothing about who we are, as a mere
    proof of life does: credentials are not judged by it.
    """

    answer: Answer
    words: str = ""
    receipt: str | None = None
    status_address: str | None = None
    retry_after: float | None = None
    maybe_heard: bool = False
    took: float | None = None
    conflict: bool = False
    interval: int | None = None
    callback: Callback | None = None
    identified: bool = True


class Fate(StrEnum):
    """What became of a received message, as far as the receiver tells."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    #: The far end could not be asked, or its answer could not be read: ask again.
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Followed:
    """An answer on the way back.

    `by_person`: a human being did it; only then may the resident hear that help is coming. `door` names a
    request to have the entry unlocked, at most 64 characters; each new name is a new request.
    """

    fate: Fate
    by_person: bool = False
    door: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """All that a receiver needs to send one message, its alarm as it stands now.

    `sent_at` is home time (aware, UTC). `delayed` says that the alarm is older than the limit for a
    prompt one (F1). `durable` is False while the alarm is not on disk (A1). `demo` marks a demo
    home. `session` is the reference of the alarm's own delivery to this receiver, which is also that
    of the news about it where the protocol ties them by it; `session_open` says that the receiver may
    have heard of the alarm and has not had the last word in it. `also_sent_to` are the places in the
    home's order, from 1, of other receivers that the same message has been sent to.
    """

    alarm: Alarm
    message: Message
    delivery: Delivery
    sent_at: datetime
    session: str = ""
    session_open: bool = False
    delayed: bool = False
    durable: bool = True
    demo: bool = False
    also_sent_to: tuple[int, ...] = ()
    to: Takes = Takes.ALARMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What ails the home's devices, as counts: for operations alone, and nothing of what anybody does.

    `missing` are those that Home Assistant has no longer, `silent` those not heard for too long, `weak_links` those
    that are badly reached by radio; `open_items`: how much of the installation is neither proven nor
    left with a reason.
    """

    devices: int
    missing: int
    silent: int
    low_batteries: int
    weak_links: int
    open_items: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A sign of life of the hub; tells nothing about the resident (R35).

    `hub` is the journal's incarnation (A12), `interval` in seconds, `audit_head` the newest hash of
    the audit chain, sent once a day (A10). `health` goes to a receiver for operations alone.
    """

    hub: str
    version: str
    interval: int
    undelivered: int
    sent_at: datetime
    audit_head: str | None = None
    to: Takes = Takes.ALARMS
    health: Health | None = None


class Receiver(Protocol):
    """An alarm receiver or an operations receiver at the far end."""

    async def send(self, dispatch: Dispatch, *, written: WrittenHook | None = None) -> Verdict:
        """Send one message and wait for the answer, within the receiver's own answer limit.

        `written` is called once, when the whole message has been handed to the network: the next
        message may then follow without overtaking this one (A3).
        """

    async def heartbeat(self, beat: Heartbeat) -> Verdict:
        """Send a sign of life."""

    async def probe(self, beat: Heartbeat) -> Verdict:
        """Ask whether the far end answers at all, as cheaply as the protocol allows (A8)."""

    async def touch(self) -> bool | None:
        """Tell whether the way to the far end leads there, as cheaply as can be; None: cannot be said.

        Raises:
            OSError: nobody is reached.
        """
        return None

    async def follow(self, delivery: Delivery) -> Followed:
        """Ask what became of a received message; NOT_KNOWN where the protocol cannot tell."""

    async def close(self) -> None:
        """Let go of connections. Safe to call twice."""


class WrittenHook(Protocol):
    """Called when a message has been handed whole to the network."""

    def __call__(self) -> None:
        """Take note."""
