"""From the journal to the receivers: who runs for whom, reach, heartbeats and the way back (A3-A6, A8).

Nothing here gives up: what no receiver has taken is tried again by `schedule` until one does. What
to do on each answer stands in `settlement`, when to turn to the next receiver in `failover`, what
goes first in `order`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ..alarm.alarm import Alarm, Delivery, DeliveryState, Message, MessageKind
from ..alarm.clock import Clock
from ..journal.changes import PutDelivery
from .failover import FailOver
from .follow import Follower
from .lane import Lane
from .ledger import Ledger
from .lines import Line, Lines
from .outlet import Listener, Outlet, Reach
from .reach import ReachCalls, ReachWatch
from .receiver import Answer, Dispatch, Fate, Followed, Heartbeat, Verdict
from .record import Record
from .settlement import Settlement

#: An alarm that leaves later than this after it was sensed is marked as delayed (F1).
PROMPT: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFacts:
    """What is said of the hub.

    `hub` is the journal's incarnation (A12), `demo` marks a demo home (A9, R32).
    """

    hub: str
    version: str
    demo: bool = False


class Transmitter:
    """Sends what the ledger holds to the receivers of the home."""

    def __init__(self, ledger: Ledger, clock: Clock, facts: HubFacts, listener: Listener) -> None:
        """Start with no receiver; `set_outlets` brings them."""
        self.facts = facts
        #: The newest hash of the audit chain; goes out with one heartbeat a day (A10).
        self.audit_head: str | None = None
        self._ledger = ledger
        self._clock = clock
        self._listener = listener
        self._record = Record(ledger, clock, listener)
        self._lines = Lines(ledger, self._record)
        self._failover = FailOver(ledger, self._lines, self._record)
        self._settlement = Settlement(ledger, self._lines, self._failover, self._record)
        self._head_told: dict[str, str] = {}

    @property
    def lines(self) -> Sequence[Line]:
        """The receivers in order."""
        return tuple(self._lines.by_key.values())

    def reach(self, key: str) -> Reach:
        """Return whether a receiver answers."""
        return self._lines.by_key[key].watch.reach

    async def set_outlets(self, outlets: Sequence[Outlet]) -> None:
        """Make these the receivers of the home, in this order.

        What waits goes on with those that stay or come.
        """
        before = dict(self._lines.by_key)
        kept = {
            o.key for o in outlets if (line := before.get(o.key)) is not None and line.outlet == o
        }
        self._lines.by_key = {
            o.key: before[o.key] if o.key in kept else self._make_line(o) for o in outlets
        }
        for key, line in before.items():
            if key not in kept:
                await line.stop()
        for delivery in list(self._ledger.deliveries.values()):
            self._adopt(delivery, fresh=delivery.receiver not in kept)
        for key, line in self._lines.by_key.items():
            if key not in kept:
                self._start(line)
        for alarm in self._ledger.undelivered():
            self._failover.engage_if_idle(self._ledger.alarm_message(alarm.id))

    async def stop(self) -> None:
        """Stop at once; the journal knows all that is needed to go on."""
        self._failover.stop()
        lines, self._lines.by_key = self.lines, {}
        for line in lines:
            await line.stop()

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
        if deliveries:
            self._failover.arm(message)
        else:
            self._listener.stuck(message.alarm_id)

    def release_all(self) -> None:
        """Let all that waits go now: a path is back (A4)."""
        for line in self.lines:
            line.lane.release_all()

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
            heartbeat_taken=self._heartbeat_taken,
        )
        return Line(
            lane=Lane(outlet, self._ledger, self._make_dispatch, self._settle),
            watch=ReachWatch(outlet, calls),
            follower=Follower(outlet.receiver, self._clock.now, self._followed, self._follow_over),
        )

    def _start(self, line: Line) -> None:
        line.lane.start()
        line.watch.start()
        line.lane.release_all()
        for delivery in list(self._ledger.deliveries.values()):
            if delivery.receiver == line.outlet.key:
                self._follow(line, delivery)

    def _adopt(self, delivery: Delivery, *, fresh: bool) -> None:
        """Fit a delivery to the receivers there are now.

        It is withdrawn from a receiver that is gone; at a new or changed one, what was refused gets
        a fresh start.
        """
        if delivery.receiver not in self._lines.by_key:
            if delivery.is_waiting:
                withdrawn = replace(delivery, state=DeliveryState.WITHDRAWN)
                self._record.delivery(withdrawn, "withdrawn", "receiver removed")
            return
        if not fresh:
            return
        if delivery.state is DeliveryState.SENDING:
            # Its answer was being awaited on a line that is stopped now, or when the power went.
            queued = replace(delivery, state=DeliveryState.QUEUED, maybe_heard=True)
            self._ledger.touch(queued)
        elif (
            delivery.state is DeliveryState.REFUSED
            and self._ledger.alarms[delivery.alarm_id].is_open
        ):
            queued = replace(delivery, state=DeliveryState.QUEUED, minimal=False)
            self._record.delivery(queued, "requeued", "receiver changed")

    def _make_dispatch(self, delivery: Delivery) -> Dispatch:
        alarm = self._ledger.alarms[delivery.alarm_id]
        now = self._clock.now()
        return Dispatch(
            alarm=alarm,
            message=self._ledger.messages[delivery.message_id],
            delivery=delivery,
            sent_at=now,
            delayed=now - alarm.sensed_at > PROMPT,
            durable=alarm.id not in self._ledger.not_durable,
            demo=self.facts.demo,
        )

    def _settle(self, delivery: Delivery, verdict: Verdict) -> None:
        line = self._lines.by_key.get(delivery.receiver)
        if line is None:
            return
        line.watch.contact(verdict)
        self._settlement.settle(line, delivery, verdict)
        settled = self._ledger.deliveries[delivery.reference]
        self._follow(line, settled)

    # -- reach and heartbeat -------------------------------------------------------------------

    def _reach_changed(self, outlet: Outlet, reach: Reach) -> None:
        line = self._lines.by_key.get(outlet.key)
        if line is None:
            return
        if reach.reached:
            line.lane.release_all()
        what = "receiver_reached" if reach.reached else "receiver_lost"
        self._record.audit(what, receiver=outlet.key, words=reach.words)
        self._listener.reach_changed(outlet.key, reach)

    def _contacted(self, outlet: Outlet, verdict: Verdict) -> None:
        line = self._lines.by_key.get(outlet.key)
        if line is None or verdict.answer is Answer.UNREACHABLE:
            return
        refused = verdict.answer is Answer.CREDENTIALS_REFUSED
        if refused is line.credentials_refused:
            return
        line.credentials_refused = refused
        what = "credentials_refused" if refused else "credentials_taken"
        self._record.audit(what, receiver=outlet.key)
        if not refused:
            line.lane.release_all()
        self._listener.credentials(outlet.key, verdict.words if refused else None)

    def _asked(self, outlet: Outlet, verdict: Verdict) -> None:
        line = self._lines.by_key.get(outlet.key)
        if line is None or verdict.answer is not Answer.ACCEPTED:
            return
        if verdict.conflict is not line.conflict:
            line.conflict = verdict.conflict
            self._record.audit("two_hubs" if verdict.conflict else "one_hub", receiver=outlet.key)
            self._listener.conflict(outlet.key, is_open=verdict.conflict)

    def _make_heartbeat(self, outlet: Outlet) -> Heartbeat:
        now = self._clock.now()
        told_today = self._head_told.get(outlet.key) == now.date().isoformat()
        return Heartbeat(
            hub=self.facts.hub,
            version=self.facts.version,
            interval=outlet.heartbeat,
            undelivered=len(self._ledger.undelivered()),
            sent_at=now,
            audit_head=None if told_today else self.audit_head,
        )

    def _heartbeat_taken(self, outlet: Outlet, beat: Heartbeat) -> None:
        if beat.audit_head is not None:
            self._head_told[outlet.key] = beat.sent_at.date().isoformat()

    # -- the way back --------------------------------------------------------------------------

    def _follow(self, line: Line, delivery: Delivery) -> None:
        if delivery.state is not DeliveryState.RECEIVED or delivery.followed:
            return
        if self._ledger.alarms[delivery.alarm_id].is_open:
            line.follower.follow(delivery)
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
