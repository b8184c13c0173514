"""How the transmitter writes down what it does.

Delivery and audit entry together (A10), and a word to the alarm desk.
"""

from ulid_transform import ulid_now

from ..alarm.alarm import Delivery, Message, MessageKind, Note
from ..alarm.clock import Clock
from ..journal.changes import Audit, Json, PutDelivery, PutMessage
from .ledger import Ledger
from .outlet import Listener

#: The actor that the audit chain names for what happens by itself on the way out.
ACTOR = "transmitter"


class Record:
    """The transmitter's pen."""

    def __init__(self, ledger: Ledger, clock: Clock, listener: Listener) -> None:
        """Write to the ledger, stamped by home time."""
        self.ledger = ledger
        self.clock = clock
        self.listener = listener

    def new_delivery(self, message: Message, receiver: str) -> Delivery:
        """Make a delivery under a reference that was never used and never will be again (A5, A12)."""
        return Delivery(
            reference=ulid_now(),
            message_id=message.id,
            alarm_id=message.alarm_id,
            receiver=receiver,
            queued_at=self.clock.now(),
        )

    def delivery(self, delivery: Delivery, what: str, words: str) -> None:
        """Write a delivery's move."""
        detail: dict[str, Json] = {
            "receiver": delivery.receiver,
            "reference": delivery.reference,
            "attempts": delivery.attempts,
            "words": words,
        }
        self.ledger.post(
            PutDelivery(delivery),
            self.entry(f"delivery_{what}", alarm_id=delivery.alarm_id, detail=detail),
        )
        self.listener.delivery_changed(delivery)

    def taken_elsewhere(self, delivery: Delivery) -> Delivery:
        """Write an update that tells one receiver that another has the alarm; return its delivery."""
        note = Message(
            id=ulid_now(),
            alarm_id=delivery.alarm_id,
            kind=MessageKind.UPDATE,
            created_at=self.clock.now(),
            note=Note.TAKEN_ELSEWHERE,
        )
        told = self.new_delivery(note, delivery.receiver)
        self.ledger.post(PutMessage(note), PutDelivery(told))
        return told

    def audit(self, what: str, **detail: Json) -> None:
        """Write an audit entry about a receiver or the hub."""
        self.ledger.post(self.entry(what, detail=detail))

    def entry(
        self, what: str, *, alarm_id: str | None = None, detail: dict[str, Json] | None = None
    ) -> Audit:
        """Make an audit entry stamped now by both clocks."""
        return Audit(
            what=what,
            at=self.clock.now(),
            mono=self.clock.monotonic(),
            actor=ACTOR,
            alarm_id=alarm_id,
            detail=detail,
        )
