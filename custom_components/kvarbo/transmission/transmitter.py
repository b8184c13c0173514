"""From the journal to the receivers: who runs for whom, reach and the way back (A3-A6, A8).

Nothing here gives up: what no receiver has taken is tried again by `schedule` until one does. What
to do on each answer stands in `settlement`, when to turn to the next receiver in `failover`, what
goes first in `order`.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..alarm.alarm import Alarm, AlarmState, Delivery, DeliveryState, Message, MessageKind
from ..alarm.clock import Clock
from ..journal.changes import PutDelivery
from .callbacks import Callbacks
from .failover import FailOver
from .follow import Follower
from .hours import Hours, WorkingHours
from .lane import Lane
from .ledger import Ledger
from .lines import Line, Lines
from .outlet import Listener, Outlet, Reach
from .reach import ReachCalls, ReachWatch
from .receiver import Answer, Dispatch, Fate, Followed, Heartbeat, Takes, Verdict
from .record import Record
from .settlement import Settlement
from .signs import HubFacts, SignsOfLife

__all__ = ["HubFacts", "Transmitter"]

#: An alarm that leaves later than this after it was sensed is marked as delayed (F1).
PROMPT: Final = timedelta(seconds=60)


class Transmitter:
    """Sends what the ledger holds to the receivers of the home."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        facts: HubFacts,
        listener: Listener,
        working: WorkingHours | None = None,
    ) -> None:
        """Start with no receiver; `set_outlets` brings them. Without working hours nothing waits."""
        self.facts = facts
        self.signs = SignsOfLife(clock, lambda: len(self.undelivered()))
        #: What receivers have asked of the home's speech unit.
        self.callbacks = Callbacks(ledger, clock)
        self._ledger = ledger
        self._clock = clock
        self._listener = listener
        self._record = Record(ledger, clock, listener)
        self._hours = Hours(clock, working, self._hour_has_come)
        self._lines = Lines(ledger, self._record, self._hours)
        self._failover = FailOver(ledger, self._lines, self._record)
        self._settlement = Settlement(ledger, self._lines, self._failover, self._record)
        self._changing = asyncio.Lock()
        self._absent: Follower | None = None

    @property
    def lines(self) -> Sequence[Line]:
        """The receivers in order."""
        return tuple(self._lines.by_key.values())

    def reach(self, key: str) -> Reach:
        """Return whether a receiver answers."""
        return self._lines.by_key[key].watch.reach

    def interval(self, key: str) -> int | None:
        """Return how often the receiver has asked for a heartbeat, in seconds; None: it has not."""
        line = self._lines.by_key.get(key)
        return None if line is None else line.watch.asked_interval

    async def set_outlets(self, outlets: Sequence[Outlet]) -> None:
        """Make these the receivers of the home, in this order.

        What waits goes on with those that stay or come. A receiver that is left out and comes back
        later under its key goes on where it was.
        """
        async with self._changing:
            undelivered = self._ledger.undelivered()
            before = dict(self._lines.by_key)
            kept = {
                o.key
                for o in outlets
                if (line := before.get(o.key)) is not None and line.outlet == o
            }
            self._lines.by_key = {
                o.key: before[o.key] if o.key in kept else self._make_line(o) for o in outlets
            }
            await self._stop_lines([line for key, line in before.items() if key not in kept])
            for delivery in list(self._ledger.deliveries.values()):
                self._adopt(delivery, fresh=delivery.receiver not in kept)
            for key, line in self._lines.by_key.items():
                if key not in kept:
                    self._start(line)
            await self._follow_absent()
            self._engage(undelivered)

    async def stop(self) -> None:
        """Stop at once; the journal knows all that is needed to go on.

        What is raised or said from now on is still planned for the receivers, for the next start: an
        alarm that ends before it would else never be sent.
        """
        async with self._changing:
            self._failover.stop()
            self._hours.stop()
            lines = self._lines.stop()
            await self._stop_lines(lines)
            await self._record.stop()
            if self._absent is not None:
                await self._absent.stop()

    def first_deliveries(self, alarm: Alarm, message: Message) -> list[Delivery]:
        """Plan a new alarm's first deliveries, for the caller to commit together with it."""
        return self._lines.first_deliveries(alarm, message)

    def follow_up_deliveries(self, message: Message) -> list[Delivery]:
        """Plan where news about an alarm must go, for the caller to commit together with it."""
        return self._lines.follow_up_deliveries(message)

    def release(self, message: Message) -> None:
        """Let a committed message's deliveries go."""
        deliveries = list(self._ledger.deliveries_of(message.id))
        for delivery in deliveries:
            if delivery.is_waiting and delivery.receiver in self._lines.by_key:
                self._lines.by_key[delivery.receiver].lane.release(delivery.reference)
        if message.kind is not MessageKind.ALARM:
            return
        if self._waits(self._ledger.alarms[message.alarm_id]):
            self._hours.wait()
        elif deliveries:
            self._failover.arm(message)
        else:
            self._listener.stuck(message.alarm_id)

    def undelivered(self) -> list[Alarm]:
        """Return the alarms that should have been taken by now and have not been."""
        return [alarm for alarm in self._ledger.undelivered() if not self._waits(alarm)]

    def _waits(self, alarm: Alarm) -> bool:
        """Tell whether an alarm has not been begun with, since operations do not work now."""
        return not self._is_begun(alarm) and self._hours.must_wait(alarm)

    def _is_begun(self, alarm: Alarm) -> bool:
        message = self._ledger.alarm_message(alarm.id)
        return any(delivery.attempts for delivery in self._ledger.deliveries_of(message.id))

    def _engage(self, alarms: Sequence[Alarm]) -> None:
        for alarm in alarms:
            if self._waits(alarm):
                self._hours.wait()
            else:
                self._failover.engage_if_idle(self._ledger.alarm_message(alarm.id))

    def _hour_has_come(self) -> None:
        waited = [alarm for alarm in self._ledger.undelivered() if not self._is_begun(alarm)]
        self._engage(waited)
        for alarm in waited:
            for delivery in self._ledger.deliveries_of(self._ledger.alarm_message(alarm.id).id):
                if delivery.is_waiting and delivery.receiver in self._lines.by_key:
                    self._lines.by_key[delivery.receiver].lane.release(delivery.reference)

    def release_all(self) -> None:
        """Let all that waits go now (A4)."""
        for line in self.lines:
            line.lane.release_all()

    def path_is_down(self, keys: Collection[str]) -> None:
        """No way leads to these receivers now: they are tried all the same, and not waited for (A4)."""
        for line in self.lines:
            if line.outlet.key in keys:
                line.has_no_way = True
                line.watch.ring()

    def path_is_back(self, keys: Collection[str]) -> None:
        """Let all that waits go now, and ask whoever was lost (A4)."""
        for line in self.lines:
            if line.outlet.key in keys:
                line.has_no_way = False
            line.watch.ring()
        self.release_all()

    async def beat(self, key: str) -> Verdict:
        """Send one heartbeat to one receiver now."""
        return await self._lines.by_key[key].watch.beat()

    # -- one receiver's line -------------------------------------------------------------------

    def _make_line(self, outlet: Outlet) -> Line:
        calls = ReachCalls(
            make_heartbeat=self._make_heartbeat,
            changed=self._reach_changed,
            contacted=self._contacted,
            asked=self._asked,
            heartbeat_taken=self.signs.taken,
        )
        return Line(
            lane=Lane(
                outlet, self._ledger, self._make_dispatch, self._settle, self._hours.must_wait
            ),
            watch=ReachWatch(outlet, calls),
            follower=Follower(outlet.receiver, self._clock.now, self._followed, self._follow_over),
        )

    async def _stop_lines(self, lines: Sequence[Line]) -> None:
        await asyncio.gather(*(line.stop() for line in lines))

    def _start(self, line: Line) -> None:
        line.lane.start()
        line.watch.start()
        line.lane.release_all()
        for delivery in list(self._ledger.deliveries.values()):
            if delivery.receiver == line.outlet.key:
                self._follow(line.follower, delivery)

    def _adopt(self, delivery: Delivery, *, fresh: bool) -> None:
        """Fit a delivery to the receivers there are now.

        It is withdrawn from a receiver that is gone, or no longer for such alarms. At a new or
        changed one, and at one that is back, what was refused or withdrawn gets a fresh start under
        its old reference, unless another receiver has it.
        """
        if not self._lines.may_have(self._ledger.alarms[delivery.alarm_id], delivery.receiver):
            if delivery.is_waiting:
                withdrawn = replace(delivery, state=DeliveryState.WITHDRAWN)
                self._record.delivery(withdrawn, "withdrawn", "receiver removed")
            return
        if not fresh:
            return
        if delivery.state is DeliveryState.SENDING:
            # Its answer was being awaited on a line that is stopped now.
            queued = replace(delivery, state=DeliveryState.QUEUED, maybe_heard=True)
            self._ledger.touch(queued)
        elif delivery.state in (DeliveryState.REFUSED, DeliveryState.WITHDRAWN) and (
            self._is_wanted(delivery)
        ):
            queued = replace(delivery, state=DeliveryState.QUEUED, minimal=False)
            self._record.delivery(queued, "requeued", "receiver changed")

    def _is_wanted(self, delivery: Delivery) -> bool:
        """Tell whether a receiver should still get what it refused or was not there for."""
        if self._ledger.alarms[delivery.alarm_id].state is AlarmState.LAPSED:
            return False
        message = self._ledger.messages[delivery.message_id]
        if message.kind is MessageKind.ALARM:
            return not self._failover.is_taken(message)
        # News about an alarm follows the alarm itself.
        parent = self._ledger.alarm_delivery(delivery.alarm_id, delivery.receiver)
        return parent is not None and parent.state is DeliveryState.RECEIVED

    async def _follow_absent(self) -> None:
        """Let alarms lapse in their time that only a receiver can tell of that is not there."""
        if self._absent is not None:
            await self._absent.stop()
        self._absent = Follower(None, self._clock.now, self._followed, self._follow_over)
        for delivery in list(self._ledger.deliveries.values()):
            if delivery.receiver not in self._lines.by_key:
                self._follow(self._absent, delivery)

    def _make_dispatch(self, delivery: Delivery) -> Dispatch:
        alarm = self._ledger.alarms[delivery.alarm_id]
        message = self._ledger.messages[delivery.message_id]
        now = self._clock.now()
        own = self._ledger.alarm_delivery(delivery.alarm_id, delivery.receiver) or delivery
        line = self._lines.by_key.get(delivery.receiver)
        return Dispatch(
            alarm=alarm,
            message=message,
            delivery=delivery,
            sent_at=now,
            session=own.reference,
            session_open=own.maybe_heard and own.state is not DeliveryState.RECEIVED,
            delayed=now - _when_due(alarm, message) > PROMPT,
            durable=alarm.id not in self._ledger.not_durable,
            demo=self.facts.demo,
            also_sent_to=self._lines.sent_to(message, besides=delivery.receiver),
            to=Takes.ALARMS if line is None else line.outlet.takes,
        )

    def _settle(self, delivery: Delivery, verdict: Verdict, began: float) -> None:
        line = self._lines.by_key.get(delivery.receiver)
        if line is None:
            return
        line.watch.contact(verdict, began)
        if verdict.callback is not None:
            self.callbacks.take(line.outlet.key, delivery.alarm_id, verdict.callback)
        self._settlement.settle(line, delivery, verdict)
        self._follow(line.follower, self._ledger.deliveries[delivery.reference])

    # -- reach and heartbeat -------------------------------------------------------------------

    def _reach_changed(self, outlet: Outlet, reach: Reach) -> None:
        line = self._lines.by_key.get(outlet.key)
        if line is None:
            return
        if line.was_lost:
            line.lane.release_all()
        line.was_lost = not reach.reached
        what = "receiver_reached" if reach.reached else "receiver_lost"
        self._record.audit(what, receiver=outlet.key, words=reach.words)
        self._listener.reach_changed(outlet.key, reach)

    def _contacted(self, outlet: Outlet, verdict: Verdict) -> None:
        line = self._lines.by_key.get(outlet.key)
        looked = verdict.identified and verdict.answer not in (Answer.UNREACHABLE, Answer.BUSY)
        if line is None or not looked:
            # It has not looked at who we are.
            return
        if verdict.answer is Answer.ACCEPTED:
            line.proved_at = self._clock.monotonic()
        refused = verdict.answer is Answer.CREDENTIALS_REFUSED
        before, line.credentials_refused = line.credentials_refused, refused
        if refused is before:
            return
        if refused or before:
            what = "credentials_refused" if refused else "credentials_taken"
            self._record.audit(what, receiver=outlet.key)
        if before:
            line.lane.release_all()
        # Also where nothing was known yet: what was refused before a restart may be taken now.
        self._listener.credentials(outlet.key, verdict.words if refused else None)

    def _asked(self, outlet: Outlet, verdict: Verdict) -> None:
        line = self._lines.by_key.get(outlet.key)
        if line is None:
            return
        accepted = verdict.answer is Answer.ACCEPTED
        if accepted and not verdict.identified:
            return
        if accepted and line.takes_signs is False:
            # It said no to the last sign of life, and yes to this one: it is back (A4).
            line.lane.release_all()
        line.takes_signs = accepted
        if not accepted or verdict.conflict is line.conflict:
            return
        if verdict.conflict or line.conflict:
            self._record.audit("two_hubs" if verdict.conflict else "one_hub", receiver=outlet.key)
        line.conflict = verdict.conflict
        self._listener.conflict(outlet.key, is_open=verdict.conflict)

    def _make_heartbeat(self, outlet: Outlet) -> Heartbeat:
        return self.signs.make(outlet, self.facts, self.interval(outlet.key))

    # -- the way back --------------------------------------------------------------------------

    def _follow(self, follower: Follower, delivery: Delivery) -> None:
        if delivery.state is not DeliveryState.RECEIVED or delivery.followed:
            return
        if self._ledger.alarms[delivery.alarm_id].is_open:
            follower.follow(delivery)
        else:
            self._follow_ends(delivery)

    def _followed(self, delivery: Delivery, followed: Followed) -> bool:
        self._listener.fate(delivery.alarm_id, followed)
        alarm = self._ledger.alarms.get(delivery.alarm_id)
        if followed.fate is Fate.CLOSED or alarm is None or not alarm.is_open:
            self._follow_ends(delivery)
            return False
        return True

    def _follow_over(self, delivery: Delivery) -> None:
        self._follow_ends(delivery)
        self._listener.lapsed(delivery.alarm_id)

    def _follow_ends(self, delivery: Delivery) -> None:
        current = self._ledger.deliveries.get(delivery.reference)
        if current is not None and not current.followed:
            self._ledger.post(PutDelivery(replace(current, followed=True)))


def _when_due(alarm: Alarm, message: Message) -> datetime:
    """Return from when on a message could have been sent: news from when it was news.

    A rule's cause is older than its alarm by nature.
    """
    if message.kind is not MessageKind.ALARM:
        return message.created_at
    return alarm.sensed_at if alarm.owner is None else alarm.raised_at
