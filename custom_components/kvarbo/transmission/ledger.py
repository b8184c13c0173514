"""What the home knows of its alarms right now: the journal's open rows, in memory.

Every change goes through here: into memory at once, into the journal in order. What a restart would
find on disk is never ahead of what is here, and what is here is never told to a caller as safe
before the journal has said so (A1).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
import logging
from typing import Final, Protocol

from ..alarm.alarm import Alarm, Delivery, DeliveryState, Message, MessageKind
from ..alarm.kinds import AlarmClass
from ..journal.changes import Change, PutAlarm, PutDelivery, PutMarker, PutMessage, Recovered

_LOGGER = logging.getLogger(__name__)

#: So many ended alarms are remembered by their episodes (A2).
ENDED: Final = 1000


class Writer(Protocol):
    """The journal as the ledger uses it."""

    async def commit(self, *changes: Change, limit: float = 1.0) -> bool:
        """Return True once on disk, with all that was handed over before.

        False when the disk refused or did not answer within `limit` seconds; it is written later.
        """

    def post(self, *changes: Change) -> None:
        """Write in order, without waiting."""


class Ledger:
    """Open alarms with their messages and deliveries."""

    def __init__(self, writer: Writer) -> None:
        """Start empty; `load` fills it from the journal."""
        self._writer = writer
        self.alarms: dict[str, Alarm] = {}
        self.messages: dict[str, Message] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.markers: dict[str, object] = {}
        self.not_durable: set[str] = set()
        #: References of new deliveries that wait for the disk: nothing may send them yet (idea 2).
        self.being_written: set[str] = set()
        self._episodes: dict[str, str] = {}
        self._ended: dict[str, Alarm] = {}
        #: Who took them first, by alarm: their deliveries are not remembered.
        self._took: dict[str, Delivery] = {}
        self._messages_of: dict[str, list[str]] = {}
        self._deliveries_of: dict[str, list[str]] = {}

    def load(self, recovered: Recovered) -> None:
        """Take over what the journal held.

        A delivery's row does not tell of a transmission under way, so whatever waits may have been
        heard before the power went (A5).
        """
        for alarm in recovered.alarms:
            self._apply(PutAlarm(alarm))
        for message in recovered.messages:
            self._apply(PutMessage(message))
        self._mend(recovered.alarms)
        # In the order in which the receivers were engaged.
        for delivery in sorted(recovered.deliveries, key=lambda d: d.queued_at):
            heard = delivery.maybe_heard or delivery.is_waiting
            self._apply(PutDelivery(replace(delivery, maybe_heard=heard)))
        self._ended.update({alarm.episode: alarm for alarm in recovered.ended})
        self.markers.update(recovered.markers or {})

    async def commit(self, *changes: Change) -> bool:
        """Take the changes in and wait for the disk, one second at most (A1)."""
        new = {c.delivery.reference for c in changes if isinstance(c, PutDelivery)}
        new -= self.deliveries.keys()
        # What was refused before stands in front of these changes in the journal.
        before = set(self.not_durable)
        self._apply_all(changes)
        self.being_written |= new
        try:
            durable = await self._writer.commit(*changes)
        except Exception:
            # A fault inside the journal is one more way in which a disk can fail: the alarm goes
            # from memory.
            _LOGGER.exception("The journal failed inside")
            durable = False
        finally:
            self.being_written -= new
        alarms = {c.alarm.id for c in changes if isinstance(c, PutAlarm)}
        if durable:
            self.not_durable -= before | alarms
        else:
            self.not_durable |= alarms
        return durable

    def post(self, *changes: Change) -> None:
        """Take the changes in and write them in order, without waiting."""
        self._apply_all(changes)
        self._writer.post(*changes)

    def touch(self, delivery: Delivery) -> None:
        """Take a delivery's passing state into memory alone; the journal hears of the outcome."""
        self._apply(PutDelivery(delivery))

    def all_durable(self) -> None:
        """The disk has caught up: nothing is in memory alone any more."""
        self.not_durable.clear()

    def episode(self, episode: str) -> Alarm | None:
        """Return the alarm that this episode already has, also when it ended not long ago."""
        alarm_id = self._episodes.get(episode)
        return self._ended.get(episode) if alarm_id is None else self.alarms.get(alarm_id)

    def messages_of(self, alarm_id: str) -> Iterator[Message]:
        """Yield all that was said about an alarm, oldest first."""
        return (self.messages[key] for key in self._messages_of.get(alarm_id, ()))

    def deliveries_of(self, message_id: str) -> Iterator[Delivery]:
        """Yield a message's deliveries in the order in which the receivers were engaged."""
        return (self.deliveries[key] for key in self._deliveries_of.get(message_id, ()))

    def alarm_message(self, alarm_id: str) -> Message:
        """Return the message that tells of the alarm itself."""
        return next(m for m in self.messages_of(alarm_id) if m.kind is MessageKind.ALARM)

    def alarm_delivery(self, alarm_id: str, receiver: str) -> Delivery | None:
        """Return the delivery of the alarm itself to one receiver."""
        message = self.alarm_message(alarm_id)
        return next((d for d in self.deliveries_of(message.id) if d.receiver == receiver), None)

    def first_receipt(self, alarm_id: str) -> Delivery | None:
        """Return the delivery that brought the alarm's first receipt."""
        received = [
            (d.received_at, d.reference, d)
            for d in self.deliveries_of(self.alarm_message(alarm_id).id)
            if d.state is DeliveryState.RECEIVED and d.received_at is not None
        ]
        return min(received)[2] if received else None

    def waiting(self, receiver: str | None = None) -> Iterator[Delivery]:
        """Yield deliveries that the far end has yet to answer for."""
        return (
            d
            for d in self.deliveries.values()
            if d.is_waiting and (receiver is None or d.receiver == receiver)
        )

    def undelivered(self) -> list[Alarm]:
        """Return alarms that no receiver has taken yet."""
        return [alarm for alarm in self.alarms.values() if self._still_to_send(alarm)]

    def open_alarms(self) -> list[Alarm]:
        """Return alarms that somebody still has something to do about."""
        return [alarm for alarm in self.alarms.values() if alarm.is_open]

    def newest_first(self) -> list[Alarm]:
        """Return the alarms that are remembered, open and ended; of ended ones `ENDED` at most."""
        known = {alarm.id: alarm for alarm in (*self._ended.values(), *self.alarms.values())}
        return sorted(known.values(), key=lambda alarm: alarm.id, reverse=True)

    def taken_by(self, alarm_id: str) -> Delivery | None:
        """Return the delivery that brought an alarm's first receipt, also of one that has ended.

        None where there is none, and of what had ended before the last start.
        """
        if alarm_id in self.alarms:
            return self.first_receipt(alarm_id)
        return self._took.get(alarm_id)

    def awaits_all_clear(self, alarm_id: str) -> bool:
        """Tell whether the home itself ends this alarm: a technical one whose cause still stands (A8)."""
        alarm = self.alarms.get(alarm_id)
        return (
            alarm is not None
            and alarm.alarm_class is AlarmClass.TECHNICAL
            and alarm.cleared_at is None
        )

    def forget_settled(self) -> None:
        """Drop from memory what is ended, delivered and not followed; the journal keeps it."""
        for alarm in list(self.alarms.values()):
            messages = list(self.messages_of(alarm.id))
            busy = any(
                d.is_waiting or (d.state is DeliveryState.RECEIVED and not d.followed)
                for m in messages
                for d in self.deliveries_of(m.id)
            )
            if alarm.is_open or busy or self._still_to_send(alarm):
                continue
            if (took := self.first_receipt(alarm.id)) is not None:
                self._took[alarm.id] = took
            for message in messages:
                for reference in self._deliveries_of.pop(message.id, ()):
                    del self.deliveries[reference]
                del self.messages[message.id]
            self._messages_of.pop(alarm.id, None)
            self._episodes.pop(alarm.episode, None)
            self.not_durable.discard(alarm.id)
            del self.alarms[alarm.id]
            self._ended[alarm.episode] = alarm
        while len(self._ended) > ENDED:
            del self._ended[next(iter(self._ended))]
        while len(self._took) > ENDED:
            del self._took[next(iter(self._took))]

    def _mend(self, alarms: Iterable[Alarm]) -> None:
        """Give an alarm that was salvaged without its message a new one, so that it is sent."""
        for alarm in alarms:
            if not any(m.kind is MessageKind.ALARM for m in self.messages_of(alarm.id)):
                # The same at each start, so that it is one message however often it is mended.
                message = Message(
                    id=alarm.id,
                    alarm_id=alarm.id,
                    kind=MessageKind.ALARM,
                    created_at=alarm.raised_at,
                )
                self.post(PutMessage(message))

    def _still_to_send(self, alarm: Alarm) -> bool:
        deliveries = list(self.deliveries_of(self.alarm_message(alarm.id).id))
        if any(d.state is DeliveryState.RECEIVED for d in deliveries):
            return False
        return alarm.is_open or any(d.is_waiting for d in deliveries)

    def _apply_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._apply(change)

    def _apply(self, change: Change) -> None:
        match change:
            case PutAlarm(alarm):
                self.alarms[alarm.id] = alarm
                self._episodes[alarm.episode] = alarm.id
            case PutMessage(message):
                if message.id not in self.messages:
                    self._messages_of.setdefault(message.alarm_id, []).append(message.id)
                self.messages[message.id] = message
            case PutDelivery(delivery):
                if delivery.reference not in self.deliveries:
                    self._deliveries_of.setdefault(delivery.message_id, []).append(
                        delivery.reference
                    )
                self.deliveries[delivery.reference] = delivery
            case PutMarker(key, value):
                if value is None:
                    self.markers.pop(key, None)
                else:
                    self.markers[key] = value
            case _:
                pass
