"""How the transmitter writes down what it does.

Delivery and audit entry together (A10), and a word to the alarm desk.
"""

import asyncio
from collections.abc import Callable

from ..alarm.alarm import Delivery, Message, MessageKind, Note
from ..alarm.clock import Clock
from ..alarm.identity import Ulids, reference_of
from ..journal.changes import Audit, Change, Json, PutDelivery, PutMessage
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
        self._ulids = Ulids(clock)
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Wait for nothing that is being written; the journal has it or asks for nothing."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def new_delivery(self, message: Message, receiver: str) -> Delivery:
        """Make a delivery under the one reference it can ever have (A5, A12)."""
        return Delivery(
            reference=reference_of(message.id, receiver),
            message_id=message.id,
            alarm_id=message.alarm_id,
            receiver=receiver,
            queued_at=self.clock.now(),
        )

    def delivery(self, delivery: Delivery, what: str, words: str) -> None:
        """Write a delivery's move."""
        self.ledger.post(PutDelivery(delivery), self._move(delivery, what, words))
        self.listener.delivery_changed(delivery)

    def engaged(self, delivery: Delivery, then: Callable[[], None]) -> None:
        """Write a further delivery of a message; call `then` when it is on disk (idea 2)."""
        self._commit(then, PutDelivery(delivery), self._move(delivery, "engaged", ""))
        self.listener.delivery_changed(delivery)

    def taken_elsewhere(self, delivery: Delivery, then: Callable[[Delivery], None]) -> None:
        """Write an update that tells one receiver that another has the alarm.

        Call `then` with the update's delivery when it is on disk: said before, it might be said
        again under another name after a power cut.
        """
        note = Message(
            id=self._ulids.new(),
            alarm_id=delivery.alarm_id,
            kind=MessageKind.UPDATE,
            created_at=self.clock.now(),
            note=Note.TAKEN_ELSEWHERE,
        )
        told = self.new_delivery(note, delivery.receiver)
        self._commit(
            lambda: then(told),
            PutMessage(note),
            PutDelivery(told),
            self._move(told, "engaged", Note.TAKEN_ELSEWHERE),
        )
        self.listener.delivery_changed(told)

    def _commit(self, then: Callable[[], None], *changes: Change) -> None:
        async def write() -> None:
            await self.ledger.commit(*changes)
            then()

        # Eager: in memory at once, so that no second one is made meanwhile.
        task = asyncio.create_task(write(), name="kvarbo engage", eager_start=True)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _move(self, delivery: Delivery, what: str, words: str) -> Audit:
        detail: dict[str, Json] = {
            "receiver": delivery.receiver,
            "reference": delivery.reference,
            "attempts": delivery.attempts,
            "words": words,
        }
        return self.entry(f"delivery_{what}", alarm_id=delivery.alarm_id, detail=detail)

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
