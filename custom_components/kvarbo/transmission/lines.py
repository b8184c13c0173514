"""The receivers of the home in their order, and which of them an alarm may go to."""

import asyncio
from dataclasses import dataclass
import logging
from typing import Final

from ..alarm.alarm import Alarm, Delivery, DeliveryState, Message, MessageKind
from ..alarm.kinds import AlarmClass, AlarmKind
from .follow import Follower
from .hours import Hour, Hours, hour_of
from .lane import Lane
from .ledger import Ledger
from .outlet import Outlet, Takes
from .reach import ReachWatch
from .record import Record

_LOGGER = logging.getLogger(__name__)

#: A receiver gets this long to let go of its connections, seconds.
CLOSING: Final = 5.0


@dataclass(slots=True)
class Line:
    """All that runs for one receiver.

    `credentials_refused` and `conflict` (two hubs, A12) are None until the receiver has told, and
    `takes_signs` whether it accepted the last sign of life. `proved_at` is when it last took something
    knowing who we are, in seconds of the monotonic clock.
    """

    lane: Lane
    watch: ReachWatch
    follower: Follower
    was_lost: bool = False
    credentials_refused: bool | None = None
    conflict: bool | None = None
    takes_signs: bool | None = None
    proved_at: float | None = None
    #: The way to it leads nowhere at the moment.
    has_no_way: bool = False

    @property
    def outlet(self) -> Outlet:
        """The receiver as set up."""
        return self.lane.outlet

    @property
    def is_lost(self) -> bool:
        """Whether it is known not to answer."""
        return self.watch.reach.reached is False

    @property
    def is_hopeless(self) -> bool:
        """Whether little is to be hoped of it now. It is tried all the same, and not waited for."""
        return self.is_lost or self.has_no_way

    async def stop(self) -> None:
        """Stop all that runs, at once."""
        await self.watch.stop()
        await self.follower.stop()
        await self.lane.stop()
        try:
            async with asyncio.timeout(CLOSING):
                await self.outlet.receiver.close()
        except Exception:
            # What one receiver leaves behind must not keep the others from starting.
            _LOGGER.exception("Receiver %s failed inside while closing", self.outlet.key)


class Lines:
    """The home's receivers."""

    def __init__(self, ledger: Ledger, record: Record, hours: Hours) -> None:
        """Start with none."""
        self._hours = hours
        self.by_key: dict[str, Line] = {}
        #: Those of a home that has stopped: what comes in meanwhile is planned for them.
        self._stopped: dict[str, Line] = {}
        self._ledger = ledger
        self._record = record

    def stop(self) -> list[Line]:
        """Let go of all lines and return them; what is planned from now on is for the next start."""
        self._stopped, self.by_key = self.by_key or self._stopped, {}
        return list(self._stopped.values())

    def candidates(self, alarm: Alarm) -> list[Line]:
        """Return the receivers that may have this alarm, in order.

        A personal alarm never goes to a receiver for operations. A technical one goes there first,
        and to the alarm receivers when there is none or none answers (A8). While nobody works at
        operations, what cannot wait goes to the alarm receivers first, and what can never to them
        where there are operations.
        """
        lines = list((self.by_key or self._stopped).values())
        takes_alarms = [line for line in lines if line.outlet.takes is Takes.ALARMS]
        if alarm.alarm_class is AlarmClass.PERSONAL:
            return takes_alarms
        operations = [line for line in lines if line.outlet.takes is Takes.OPERATIONS]
        in_order = [*operations, *takes_alarms]
        if self._hours.is_night():
            waits = hour_of(alarm) is Hour.WORKING
            in_order = operations or takes_alarms if waits else [*takes_alarms, *operations]
        if alarm.kind in (AlarmKind.RECEIVER_LOST, AlarmKind.PATH_LOST):
            # By any open path: a lost one last.
            in_order.sort(key=lambda line: line.is_hopeless)
        return in_order

    def sent_to(self, message: Message, *, besides: str) -> tuple[int, ...]:
        """Return the places in the order, from 1, of other receivers that were sent this alarm.

        Of news nothing is told: it must be the same however often it is sent.
        """
        if message.kind is not MessageKind.ALARM:
            return ()
        tried = {
            d.receiver
            for d in self._ledger.deliveries_of(message.id)
            if d.attempts and d.receiver != besides
        }
        return tuple(place for place, key in enumerate(self.by_key, 1) if key in tried)

    def may_have(self, alarm: Alarm, key: str) -> bool:
        """Tell whether a receiver is there and for such an alarm: one for operations gets no personal one."""
        line = self.by_key.get(key)
        if line is None:
            return False
        technical = alarm.alarm_class is AlarmClass.TECHNICAL
        return technical or line.outlet.takes is Takes.ALARMS

    def first_deliveries(self, alarm: Alarm, message: Message) -> list[Delivery]:
        """Plan the first deliveries of a new alarm, for the caller to commit together with it.

        They go to the first receiver in order and, when that is known to be lost or no way leads to
        it, at the same time to the first with which it is not so.
        """
        candidates = self.candidates(alarm)
        engaged = candidates[:1]
        if engaged and engaged[0].is_hopeless:
            engaged += [line for line in candidates if not line.is_hopeless][:1]
        return [self._record.new_delivery(message, line.outlet.key) for line in engaged]

    def follow_up_deliveries(self, message: Message) -> list[Delivery]:
        """Plan where news about an alarm must go: wherever the alarm has, or may have, been heard.

        Where surely nothing of the alarm has been heard yet, its own message will carry the news:
        one message, both times. A minimal one has no room for them (A6).
        """
        parent = self._ledger.alarm_message(message.alarm_id)
        return [
            self._record.new_delivery(message, d.receiver)
            for d in self._ledger.deliveries_of(parent.id)
            if d.receiver in (self.by_key or self._stopped) and _needs_news(d)
        ]


def _needs_news(delivery: Delivery) -> bool:
    if delivery.state is DeliveryState.RECEIVED:
        return True
    return delivery.is_waiting and (
        delivery.maybe_heard or delivery.minimal or delivery.state is not DeliveryState.QUEUED
    )
