"""What follows from a receiver's verdict (A4, A5, A6). One rule an answer; nothing here waits."""

from dataclasses import replace

from ..alarm.alarm import Delivery, DeliveryState, Message, MessageKind
from .failover import FailOver
from .ledger import Ledger
from .lines import Line, Lines
from .receiver import Answer, Verdict
from .record import Record
from .schedule import hold_delay, retry_delay


class Settlement:
    """Settles deliveries by the verdicts that come back."""

    def __init__(self, ledger: Ledger, lines: Lines, failover: FailOver, record: Record) -> None:
        """Work on the same ledger and receivers as the rest of the transmitter."""
        self._ledger = ledger
        self._lines = lines
        self._failover = failover
        self._record = record

    def settle(self, line: Line, delivery: Delivery, verdict: Verdict) -> None:
        """Do what the verdict on this delivery asks for."""
        message = self._ledger.messages[delivery.message_id]
        heard = verdict.answer is not Answer.UNREACHABLE or verdict.maybe_heard
        delivery = replace(delivery, words=verdict.words, maybe_heard=delivery.maybe_heard or heard)
        match verdict.answer:
            case Answer.ACCEPTED:
                self._accepted(message, delivery, verdict)
            case Answer.HOLD:
                self._held(line, message, delivery, verdict)
            case Answer.FORM_REFUSED:
                self._form_refused(line, message, delivery, verdict)
            case Answer.BUSY | Answer.NOT_TREATED | Answer.CREDENTIALS_REFUSED | Answer.UNREACHABLE:
                self._not_taken(line, message, delivery, verdict)

    def _accepted(self, message: Message, delivery: Delivery, verdict: Verdict) -> None:
        received = replace(
            delivery,
            state=DeliveryState.RECEIVED,
            received_at=self._record.clock.now(),
            receipt=verdict.receipt,
            status_address=verdict.status_address,
            followed=message.kind is not MessageKind.ALARM,
        )
        self._record.delivery(received, "received", verdict.receipt or "")
        if message.kind is not MessageKind.ALARM:
            return
        self._failover.disarm(message)
        for other in list(self._ledger.deliveries_of(message.id)):
            line = self._lines.by_key.get(other.receiver)
            if (
                other.is_waiting
                and line is not None
                and not line.lane.is_in_flight(other.reference)
            ):
                self._withdraw(line, other)
        self._record.listener.received(message.alarm_id, received)

    def _held(self, line: Line, message: Message, delivery: Delivery, verdict: Verdict) -> None:
        since = delivery.held_since or self._record.clock.now()
        held = replace(delivery, state=DeliveryState.HELD, held_since=since)
        self._record.delivery(held, "held", verdict.words)
        line.lane.release(delivery.reference, hold_delay(verdict.retry_after))
        if message.kind is MessageKind.ALARM:
            self._failover.arm(message)

    def _not_taken(
        self, line: Line, message: Message, delivery: Delivery, verdict: Verdict
    ) -> None:
        if message.kind is MessageKind.ALARM and self._failover.is_taken(message):
            self._withdraw(line, delivery)
            return
        delay = retry_delay(delivery.attempts)
        if verdict.answer is Answer.BUSY and verdict.retry_after is not None:
            delay = min(max(verdict.retry_after, 1.0), delay)
        queued = replace(delivery, state=DeliveryState.QUEUED, held_since=None)
        self._record.delivery(queued, str(verdict.answer), verdict.words)
        line.lane.release(delivery.reference, delay)
        if message.kind is not MessageKind.ALARM:
            return
        # An answer that says no is no reason to wait for the limit; a silence is (A4).
        engaged = verdict.answer is not Answer.UNREACHABLE and self._failover.engage_next(message)
        if not engaged and not self._failover.first_try_under_way(message):
            self._record.listener.stuck(message.alarm_id)

    def _form_refused(
        self, line: Line, message: Message, delivery: Delivery, verdict: Verdict
    ) -> None:
        if delivery.minimal:
            refused = replace(delivery, state=DeliveryState.REFUSED)
            self._record.delivery(refused, "refused", verdict.words)
            engaged = message.kind is not MessageKind.ALARM or self._failover.engage_next(message)
            if not engaged and not self._failover.is_taken(message):
                self._record.listener.stuck(message.alarm_id)
        else:
            minimal = replace(delivery, state=DeliveryState.QUEUED, minimal=True)
            self._record.delivery(minimal, "form_refused", verdict.words)
            line.lane.release(delivery.reference)
        self._record.listener.form_refused(line.outlet.key, delivery, verdict.words)

    def _withdraw(self, line: Line, delivery: Delivery) -> None:
        """Another receiver has the alarm.

        Stop here and, where it may have been heard, say so, so that nobody acts twice.
        """
        withdrawn = replace(delivery, state=DeliveryState.WITHDRAWN)
        self._record.delivery(withdrawn, "withdrawn", "taken elsewhere")
        if delivery.maybe_heard:
            line.lane.release(self._record.taken_elsewhere(delivery).reference)
