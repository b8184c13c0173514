"""What is wrong with the chain itself, as technical alarms with an all-clear (A6, A8, A12).

Pure. A fault is opened and closed by the part that notices; the alarm that tells of it has the
episode `letter + key + ':' + ULID`, so that after a restart the fault is found again instead of
raised again.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from ulid_transform import ulid_now

from .alarm.alarm import Alarm, Delivery, DeliveryState
from .alarm.kinds import AlarmKind, ReasonCode
from .transmission.ledger import Ledger
from .transmission.outlet import Reach

#: The actor that the audit chain names for what the home notices about itself.
ACTOR: Final = "home"

#: For each kind of fault: the first letter of its episodes, and why it is raised.
_TELLS: Final = {
    AlarmKind.RECEIVER_LOST: ("r", ReasonCode.NO_ANSWER),
    AlarmKind.FORM_REFUSED: ("f", ReasonCode.REFUSED),
    AlarmKind.CREDENTIALS_REFUSED: ("c", ReasonCode.REFUSED),
    AlarmKind.TWO_HUBS: ("t", ReasonCode.SECOND_HUB),
    AlarmKind.JOURNAL_FAULT: ("j", ReasonCode.DISK),
    AlarmKind.JOURNAL_RESTORED: ("q", ReasonCode.RESTORED),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the chain: its kind, what it concerns (a receiver's key, or empty) and in words."""

    kind: AlarmKind
    key: str
    words: str = ""


type RaiseFault = Callable[[AlarmKind, ReasonCode, str], Coroutine[Any, Any, object]]
type ClearFault = Callable[[str, str], Coroutine[Any, Any, object]]


class Faults:
    """The faults that are open now."""

    def __init__(self, ledger: Ledger, raise_fault: RaiseFault, clear: ClearFault) -> None:
        """Raise by (kind, reason, episode) and clear by (episode, actor)."""
        self.open: dict[tuple[AlarmKind, str], Fault] = {}
        self._ledger = ledger
        self._raise = raise_fault
        self._clear = clear
        self._hearers: list[Callable[[Fault, bool], None]] = []
        self._tasks: set[asyncio.Task[object]] = set()

    def hear(self, hearer: Callable[[Fault, bool], None]) -> Callable[[], None]:
        """Call `hearer(fault, is_open)` whenever a fault opens, changes its words, or closes."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    async def stop(self) -> None:
        """Stop what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def set(self, kind: AlarmKind, key: str, *, is_open: bool, words: str = "") -> None:
        """Open or close a fault; saying the same twice changes nothing."""
        fault = Fault(kind, key, words)
        if is_open:
            if self.open.get((kind, key)) == fault:
                return
            self.open[kind, key] = fault
            if self._alarm_of(fault) is None:
                letter, reason = _TELLS[kind]
                self._start(self._raise(kind, reason, f"{letter}{key}:{ulid_now()}"))
        else:
            alarm = self._alarm_of(fault)
            if self.open.pop((kind, key), None) is None and alarm is None:
                return
            if alarm is not None:
                self._start(self._clear(alarm.episode, ACTOR))
        for hearer in list(self._hearers):
            hearer(fault, is_open)

    # -- what the transmitter reports ----------------------------------------------------------

    def reach_changed(self, key: str, reach: Reach) -> None:
        """A receiver is lost, or back (A8)."""
        lost = reach.reached is False
        self.set(AlarmKind.RECEIVER_LOST, key, is_open=lost, words=reach.words)

    def form_refused(self, key: str, delivery: Delivery, words: str) -> None:
        """A receiver refused a message's form (A6). The fault's own alarm raises no further one."""
        alarm = self._ledger.alarms.get(delivery.alarm_id)
        if alarm is not None and alarm.kind is not AlarmKind.FORM_REFUSED:
            self.set(AlarmKind.FORM_REFUSED, key, is_open=True, words=words)

    def delivery_changed(self, delivery: Delivery) -> None:
        """A full message was taken: the receiver no longer refuses our form."""
        fault = (AlarmKind.FORM_REFUSED, delivery.receiver)
        taken = delivery.state is DeliveryState.RECEIVED and not delivery.minimal
        if taken and fault in self.open:
            self.set(*fault, is_open=False)

    def credentials(self, key: str, words: str | None) -> None:
        """A receiver refuses our credentials, or (None) takes them."""
        self.set(AlarmKind.CREDENTIALS_REFUSED, key, is_open=words is not None, words=words or "")

    def conflict(self, key: str, *, is_open: bool) -> None:
        """The far end hears two hubs under one controller id, or no longer (A12)."""
        self.set(AlarmKind.TWO_HUBS, key, is_open=is_open)

    def _alarm_of(self, fault: Fault) -> Alarm | None:
        start = f"{_TELLS[fault.kind][0]}{fault.key}:"
        return next(
            (
                alarm
                for alarm in self._ledger.alarms.values()
                if alarm.kind is fault.kind
                and alarm.is_open
                and alarm.cleared_at is None
                and alarm.episode.startswith(start)
            ),
            None,
        )

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
