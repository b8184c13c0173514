"""Fail-over, message by message (A4): the next receiver is engaged when one refuses, or has not answered within its limit.

`hold` is an answer: it stops the clock until the hold's own limit.
"""

import asyncio

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
        """Start the clock after which the next receiver is engaged, anew for the one engaged last."""
        self.disarm(message)
        waiting = [d for d in self._ledger.deliveries_of(message.id) if d.is_waiting]
        if not waiting or waiting[-1].receiver not in self._lines.by_key:
            return
        self._limits[message.id] = asyncio.get_running_loop().call_later(
            self._limit(waiting[-1]), self._reached, message, waiting[-1].reference
        )

    def engage_next(self, message: Message) -> bool:
        """Engage the next receiver in order that has not been; tell whether there was one."""
        engaged = {d.receiver for d in self._ledger.deliveries_of(message.id)}
        for line in self._lines.candidates(self._ledger.alarms[message.alarm_id]):
            if line.outlet.key not in engaged:
                delivery = self._record.new_delivery(message, line.outlet.key)
                self._record.delivery(delivery, "engaged", "")
                line.lane.release(delivery.reference)
                self.arm(message)
                return True
        return False

    def engage_if_idle(self, message: Message) -> None:
        """Engage a receiver where none is being tried; else start the clock again."""
        if any(d.is_waiting for d in self._ledger.deliveries_of(message.id)):
            self.arm(message)
        else:
            self.engage_next(message)

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

    def _limit(self, delivery: Delivery) -> float:
        outlet = self._lines.by_key[delivery.receiver].outlet
        if delivery.state is not DeliveryState.HELD or delivery.held_since is None:
            return outlet.answer_limit
        held_for = self._record.clock.now() - delivery.held_since
        return max(0.0, outlet.hold_limit - held_for.total_seconds())

    def _reached(self, message: Message, reference: str) -> None:
        self._limits.pop(message.id, None)
        delivery = self._ledger.deliveries.get(reference)
        if delivery is None or not delivery.is_waiting or self.is_taken(message):
            return
        self.engage_next(message)
        self._record.listener.stuck(message.alarm_id)
