"""What follows from a receiver's verdict (A4, A5, A6). One rule an answer; nothing here waits."""

from dataclasses import replace
from functools import partial

from ..alarm.alarm import Delivery, DeliveryState, Message, MessageKind, Note
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
        #: Attempts in a row without anybody there to take it, by reference.
        self._failures: dict[str, int] = {}

    def settle(self, line: Line, delivery: Delivery, verdict: Verdict) -> None:
        """Do what the verdict on this delivery asks for."""
        message = self._ledger.messages[delivery.message_id]
        failures = self._failures.pop(delivery.reference, 0) + 1
        # Whoever says no has not taken it, and has nothing to be told of later.
        heard = verdict.answer in (Answer.ACCEPTED, Answer.HOLD) or verdict.maybe_heard
        delivery = replace(delivery, words=verdict.words, maybe_heard=delivery.maybe_heard or heard)
        if (
            verdict.answer is not Answer.ACCEPTED
            and message.kind is MessageKind.ALARM
            and self._failover.is_taken(message)
        ):
            self._withdraw(line, delivery)
            return
        match verdict.answer:
            case Answer.ACCEPTED:
                self._accepted(line, message, delivery, verdict)
            case Answer.HOLD:
                self._held(line, message, delivery, verdict)
            case Answer.FORM_REFUSED:
                self._form_refused(line, message, delivery, verdict)
            case Answer.BUSY | Answer.NOT_TREATED | Answer.CREDENTIALS_REFUSED | Answer.UNREACHABLE:
                self._failures[delivery.reference] = failures
                self._not_taken(line, message, delivery, verdict)

    def _accepted(self, line: Line, message: Message, delivery: Delivery, verdict: Verdict) -> None:
        taken_before = self._failover.is_taken(message)
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
        if taken_before:
            # Two receivers have it now; the later one hears that the other was first.
            self._tell_taken_elsewhere(line, received)
            return
        for other in list(self._ledger.deliveries_of(message.id)):
            its_line = self._lines.by_key.get(other.receiver)
            if (
                other.is_waiting
                and its_line is not None
                and not its_line.lane.is_in_flight(other.reference)
            ):
                self._withdraw(its_line, other)
        self._record.listener.received(message.alarm_id, received)

    def _held(self, line: Line, message: Message, delivery: Delivery, verdict: Verdict) -> None:
        since = delivery.held_since or self._record.clock.now()
        held = replace(delivery, state=DeliveryState.HELD, held_since=since)
        self._record.delivery(held, "held", verdict.words)
        line.lane.release(delivery.reference, hold_delay(verdict.retry_after))
        if message.kind is MessageKind.ALARM and self._failover.is_last(held):
            self._failover.arm(message)

    def _not_taken(
        self, line: Line, message: Message, delivery: Delivery, verdict: Verdict
    ) -> None:
        delay = retry_delay(self._failures[delivery.reference])
        if verdict.answer is Answer.BUSY and verdict.retry_after is not None:
            delay = min(max(verdict.retry_after, 1.0), delay)
        # A hold keeps its beginning: saying it again after a silence does not make it longer. After a
        # no it is over, and what the receiver says next time begins anew.
        said_no = verdict.answer is not Answer.UNREACHABLE
        held_since = None if said_no else delivery.held_since
        queued = replace(delivery, state=DeliveryState.QUEUED, held_since=held_since)
        self._record.delivery(queued, str(verdict.answer), verdict.words)
        line.lane.release(delivery.reference, delay)
        if message.kind is not MessageKind.ALARM:
            return
        self._failover.arm_if_later(message)
        # An answer that says no is no reason to wait for the limit; a silence is (A4). Where a
        # further receiver has been engaged already, that one's clock decides.
        self._engage_or_tell(message, engage=said_no and self._failover.is_last(queued))

    def _form_refused(
        self, line: Line, message: Message, delivery: Delivery, verdict: Verdict
    ) -> None:
        if delivery.minimal:
            refused = replace(delivery, state=DeliveryState.REFUSED)
            last = self._failover.is_last(delivery)
            self._record.delivery(refused, "refused", verdict.words)
            if message.kind is MessageKind.ALARM:
                self._withdraw_news(refused)
                self._engage_or_tell(message, engage=last)
        else:
            if message.kind is MessageKind.ALARM:
                # First, so that no power cut can come between: from now on nothing else tells them.
                self._send_news_apart(line, delivery)
            minimal = replace(delivery, state=DeliveryState.QUEUED, minimal=True)
            self._record.delivery(minimal, "form_refused", verdict.words)
            line.lane.release(delivery.reference)
        self._record.listener.form_refused(line.outlet.key, delivery, verdict.words)

    def _send_news_apart(self, line: Line, delivery: Delivery) -> None:
        """Queue what the alarm's full form would have carried with it; the minimal one cannot."""
        for message in list(self._ledger.messages_of(delivery.alarm_id)):
            known = {d.receiver for d in self._ledger.deliveries_of(message.id)}
            if message.note is not Note.TAKEN_ELSEWHERE and delivery.receiver not in known:
                news = self._record.new_delivery(message, delivery.receiver)
                self._record.engaged(news, partial(line.lane.release, news.reference))

    def _engage_or_tell(self, message: Message, *, engage: bool) -> None:
        if engage and self._failover.engage_next(message):
            return
        if not self._failover.first_try_under_way(message):
            self._record.listener.stuck(message.alarm_id)

    def _withdraw(self, line: Line, delivery: Delivery) -> None:
        """Another receiver has the alarm.

        Stop here and, where it may have been heard, say so, so that nobody acts twice. Where it was
        surely not heard, news about it has nothing to follow.
        """
        withdrawn = replace(delivery, state=DeliveryState.WITHDRAWN)
        self._record.delivery(withdrawn, "withdrawn", "taken elsewhere")
        if delivery.maybe_heard:
            self._tell_taken_elsewhere(line, delivery)
            return
        self._withdraw_news(delivery)

    def _withdraw_news(self, delivery: Delivery) -> None:
        for message in list(self._ledger.messages_of(delivery.alarm_id)):
            for news in list(self._ledger.deliveries_of(message.id)):
                if news.receiver == delivery.receiver and news.is_waiting:
                    withdrawn = replace(news, state=DeliveryState.WITHDRAWN)
                    self._record.delivery(withdrawn, "withdrawn", "alarm not heard")

    def _tell_taken_elsewhere(self, line: Line, delivery: Delivery) -> None:
        self._record.taken_elsewhere(delivery, lambda told: line.lane.release(told.reference))
