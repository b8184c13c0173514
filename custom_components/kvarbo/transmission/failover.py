"""Fail-over, message by message (A4).

The next receiver is engaged when one refuses, or has not answered within its limit. `hold` is an
answer: it stops the clock until the hold's own limit. The clock is that of the receiver engaged
last; those before it are tried on beside it.
"""

import asyncio
from functools import partial

from ..alarm.alarm import Delivery, DeliveryState, Message
from .ledger import Ledger
from .lines import Lines
from .record import Record


class FailOver:
    """Engages receivers one after the other until one has taken the message."""

    def __init__(self, ledger: Ledger, lines: Lines, record: Record) -> None:
        """Start with no clock running."""
        self._ledger = ledger
        self._lines = lines
        self._record = record
        self._limits: dict[str, asyncio.TimerHandle] = {}

    def stop(self) -> None:
        """Stop all clocks."""
        for timer in self._limits.values():
            timer.cancel()
        self._limits.clear()

    def disarm(self, message: Message) -> None:
        """Stop the clock of a message."""
        if (timer := self._limits.pop(message.id, None)) is not None:
            timer.cancel()

    def arm(self, message: Message) -> None:
        """Start the clock, anew, after which the receiver engaged last is not waited for alone."""
        self.disarm(message)
        last = self._last(message)
        if last is None or last.receiver not in self._lines.by_key:
            return
        self._limits[message.id] = asyncio.get_running_loop().call_later(
            self._limit(last), self._reached, message, last.reference
        )

    def arm_if_later(self, message: Message) -> None:
        """Start the clock anew where it would run out later than that: a hold has been broken."""
        timer = self._limits.get(message.id)
        last = self._last(message)
        if timer is None or last is None or last.receiver not in self._lines.by_key:
            return
        if timer.when() > asyncio.get_running_loop().time() + self._limit(last):
            self.arm(message)

    def is_last(self, delivery: Delivery) -> bool:
        """Tell whether this receiver was engaged last of those that are still tried."""
        message = self._ledger.messages[delivery.message_id]
        last = self._last(message)
        return last is None or last.reference == delivery.reference

    def engage_next(self, message: Message) -> bool:
        """Engage the next receiver in order that has not been; tell whether there was one."""
        engaged = {d.receiver for d in self._ledger.deliveries_of(message.id)}
        for line in self._lines.candidates(self._ledger.alarms[message.alarm_id]):
            if line.outlet.key not in engaged:
                delivery = self._record.new_delivery(message, line.outlet.key)
                self._record.engaged(delivery, partial(line.lane.release, delivery.reference))
                self.arm(message)
                return True
        return False

    def engage_if_idle(self, message: Message) -> None:
        """Engage a receiver where none is being tried; else start the clock again."""
        if self.is_taken(message):
            return
        if self._last(message) is not None:
            self.arm(message)
        elif not self.engage_next(message):
            self._record.listener.stuck(message.alarm_id)

    def is_taken(self, message: Message) -> bool:
        """Tell whether a receiver has receipted the message."""
        return any(
            d.state is DeliveryState.RECEIVED for d in self._ledger.deliveries_of(message.id)
        )

    def first_try_under_way(self, message: Message) -> bool:
        """Tell whether a receiver is being tried whose first answer is still to come."""
        return any(
            d.is_waiting
            and (d.attempts == 0 or (d.attempts == 1 and d.state is DeliveryState.SENDING))
            for d in self._ledger.deliveries_of(message.id)
        )

    def _last(self, message: Message) -> Delivery | None:
        waiting = [d for d in self._ledger.deliveries_of(message.id) if d.is_waiting]
        return waiting[-1] if waiting else None

    def _limit(self, delivery: Delivery) -> float:
        outlet = self._lines.by_key[delivery.receiver].outlet
        if delivery.state is not DeliveryState.HELD or delivery.held_since is None:
            return outlet.answer_limit
        held_for = self._record.clock.now() - delivery.held_since
        return min(max(0.0, outlet.hold_limit - held_for.total_seconds()), outlet.hold_limit)

    def _reached(self, message: Message, reference: str) -> None:
        self._limits.pop(message.id, None)
        delivery = self._ledger.deliveries.get(reference)
        if delivery is None or not delivery.is_waiting or self.is_taken(message):
            return
        self.engage_next(message)
        self._record.listener.stuck(message.alarm_id)
