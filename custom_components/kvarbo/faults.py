"""What is wrong with the chain itself, as technical alarms with an all-clear (A6, A8, A12).

Pure. A fault is opened and closed by the part that notices; the alarm that tells of it has the
episode `letter + key + ':' + ULID`, so that after a restart the fault is found again instead of
raised again.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from datetime import datetime
import logging
from typing import Any, Final

from ulid_transform import ulid_now

from .alarm.alarm import Alarm, Delivery, DeliveryState, MessageKind, Source
from .alarm.kinds import AlarmKind, Location, ReasonCode
from .alarm.request import HUB, AlarmRequest
from .transmission.ledger import Ledger
from .transmission.outlet import Reach

_LOGGER = logging.getLogger(__name__)

#: The actor that the audit chain names for what the home notices about itself.
ACTOR: Final = "home"

#: For each kind of fault: the first letter of its episodes, and why it is raised.
_TELLS: Final = {
    AlarmKind.RECEIVER_LOST: ("r", ReasonCode.NO_ANSWER),
    AlarmKind.PATH_LOST: ("p", ReasonCode.NO_PATH),
    AlarmKind.FORM_REFUSED: ("f", ReasonCode.REFUSED),
    AlarmKind.CREDENTIALS_REFUSED: ("c", ReasonCode.REFUSED),
    AlarmKind.TWO_HUBS: ("t", ReasonCode.SECOND_HUB),
    AlarmKind.JOURNAL_FAULT: ("j", ReasonCode.DISK),
    AlarmKind.JOURNAL_RESTORED: ("q", ReasonCode.RESTORED),
    AlarmKind.CLOCK_FAULT: ("k", ReasonCode.CLOCK),
    AlarmKind.MAINS_LOST: ("m", ReasonCode.ON_BATTERY),
    AlarmKind.RADIO_LOST: ("x", ReasonCode.NO_RADIO),
    AlarmKind.DEVICE_SILENT: ("s", ReasonCode.SILENT),
    AlarmKind.DEVICE_BATTERY: ("b", ReasonCode.LOW_BATTERY),
    AlarmKind.DEVICE_TAMPER: ("o", ReasonCode.OPENED),
    AlarmKind.DEVICE_FAULT: ("w", ReasonCode.TROUBLE),
    AlarmKind.LOCK_FAULT: ("l", ReasonCode.JAMMED),
}

#: Faults whose key is a receiver's.
_OF_RECEIVERS: Final = (
    AlarmKind.RECEIVER_LOST,
    AlarmKind.FORM_REFUSED,
    AlarmKind.CREDENTIALS_REFUSED,
    AlarmKind.TWO_HUBS,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its kind, what it concerns (a receiver's key, the hub, a device's number), in words.

    A device's has it as its source; `reason` None is the kind's own. `since` (aware) None is now.
    """

    kind: AlarmKind
    key: str
    words: str = ""
    reason: ReasonCode | None = None
    source: Source | None = None
    location: Location | None = None
    since: datetime | None = None


type RaiseFault = Callable[[AlarmRequest], Coroutine[Any, Any, object]]
type ClearFault = Callable[[str, str], Coroutine[Any, Any, object]]


class Faults:
    """The faults that are open now."""

    def __init__(self, ledger: Ledger, raise_fault: RaiseFault, clear: ClearFault) -> None:
        """Raise by request and clear by (episode, actor)."""
        self.open: dict[tuple[AlarmKind, str], Fault] = {}
        self._ledger = ledger
        self._raise = raise_fault
        self._clear = clear
        #: Ways that lead nowhere now, each with the receivers it should lead to.
        self._no_path: dict[str, frozenset[str]] = {}
        #: Receivers that were lost while no way led out.
        self._unsaid: dict[str, Reach] = {}
        self._hearers: list[Callable[[Fault, bool], None]] = []
        self._turns: dict[tuple[AlarmKind, str], asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, hearer: Callable[[Fault, bool], None]) -> Callable[[], None]:
        """Call `hearer(fault, is_open)` whenever a fault opens, changes its words, or closes."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    async def stop(self) -> None:
        """Stop what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def set(
        self, kind: AlarmKind, key: str, *, is_open: bool, words: str = "", **about: Any
    ) -> None:
        """Open or close a fault; saying the same twice changes nothing. `about` is the rest of a `Fault`."""
        fault = Fault(kind, key, words, **about)
        before = self.open.get((kind, key))
        if is_open:
            if before == fault:
                return
            self.open[kind, key] = fault
        else:
            if before is None and self._alarm_of(kind, key) is None:
                return
            self.open.pop((kind, key), None)
        if not is_open or before is None:
            task = asyncio.create_task(self._tell(kind, key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        for hearer in list(self._hearers):
            try:
                hearer(fault, is_open)
            except Exception:
                # A notice that cannot be shown must not stop the watch that noticed.
                _LOGGER.exception("A hearer failed on %s", kind)

    def since(self, kind: AlarmKind, key: str) -> datetime | None:
        """Return since when a fault stands (aware, UTC); None while its alarm is still being raised."""
        alarm = self._alarm_of(kind, key)
        return None if alarm is None else alarm.sensed_at

    def only_receivers(self, keys: Collection[str]) -> None:
        """These are the home's receivers: what was wrong with others is over with them."""
        for kind in _OF_RECEIVERS:
            self.only(kind, keys)

    def only(self, kind: AlarmKind, keys: Collection[str]) -> None:
        """Faults of this kind can concern these alone: those of others are over."""
        start = _TELLS[kind][0]
        alarms = (a.episode for a in self._ledger.open_alarms() if a.kind is kind)
        named = {e.removeprefix(start).rpartition(":")[0] for e in alarms}
        for key in named | {key for open_kind, key in self.open if open_kind is kind}:
            if key not in keys:
                self.set(kind, key, is_open=False)

    # -- what the transmitter reports ----------------------------------------------------------

    def reach_changed(self, key: str, reach: Reach) -> None:
        """A receiver is lost, or back (A8). While no way leads anywhere it is told as one loss, not as many."""
        lost = reach.reached is False
        self._unsaid.pop(key, None)
        no_path = any(key in keys for keys in self._no_path.values())
        if lost and no_path and (AlarmKind.RECEIVER_LOST, key) not in self.open:
            self._unsaid[key] = reach
            return
        self.set(AlarmKind.RECEIVER_LOST, key, is_open=lost, words=reach.words)

    def path_down(self, path: str, keys: Collection[str]) -> None:
        """A way leads nowhere, and so to none of these receivers."""
        self._no_path[path] = frozenset(keys)

    def path_up(self, path: str) -> None:
        """A way leads out again: receivers that are lost all the same are told of now."""
        keys = self._no_path.pop(path, frozenset())
        for key in keys & self._unsaid.keys():
            self.reach_changed(key, self._unsaid.pop(key))

    def form_refused(self, key: str, delivery: Delivery, words: str) -> None:
        """A receiver refused a message's form (A6). The fault's own alarm raises no further one."""
        alarm = self._ledger.alarms.get(delivery.alarm_id)
        if alarm is not None and alarm.kind is not AlarmKind.FORM_REFUSED:
            self.set(AlarmKind.FORM_REFUSED, key, is_open=True, words=words)

    def delivery_changed(self, delivery: Delivery) -> None:
        """A full alarm was taken, not that of the fault itself: our form is no longer refused."""
        if delivery.state is not DeliveryState.RECEIVED or delivery.minimal:
            return
        alarm = self._ledger.alarms[delivery.alarm_id]
        told = self._ledger.messages[delivery.message_id].kind
        if told is MessageKind.ALARM and alarm.kind is not AlarmKind.FORM_REFUSED:
            self.set(AlarmKind.FORM_REFUSED, delivery.receiver, is_open=False)

    def credentials(self, key: str, words: str | None) -> None:
        """A receiver refuses our credentials, or (None) takes them."""
        self.set(AlarmKind.CREDENTIALS_REFUSED, key, is_open=words is not None, words=words or "")

    def conflict(self, key: str, *, is_open: bool) -> None:
        """The far end hears two hubs under one controller id, or no longer (A12)."""
        self.set(AlarmKind.TWO_HUBS, key, is_open=is_open)

    async def _tell(self, kind: AlarmKind, key: str) -> None:
        """Let the alarm say what the fault is by now: one that came and went says nothing."""
        # One after the other, since the disk may still be taking the alarm that is to be cleared.
        async with self._turns.setdefault((kind, key), asyncio.Lock()):
            is_open = (kind, key) in self.open
            alarm = self._alarm_of(kind, key)
            if is_open and alarm is None:
                letter, reason = _TELLS[kind]
                fault = self.open[kind, key]
                request = AlarmRequest(
                    kind=kind,
                    reason=fault.reason or reason,
                    source=fault.source or HUB,
                    location=fault.location,
                    sensed_at=fault.since,
                    episode=f"{letter}{key}:{ulid_now()}",
                )
                await self._raise(request)
            elif not is_open and alarm is not None:
                await self._clear(alarm.episode, ACTOR)

    def _alarm_of(self, kind: AlarmKind, key: str) -> Alarm | None:
        start = f"{_TELLS[kind][0]}{key}:"
        return next(
            (
                alarm
                for alarm in self._ledger.open_alarms()
                if alarm.kind is kind
                and alarm.cleared_at is None
                and alarm.episode.startswith(start)
            ),
            None,
        )
