"""The watchers in their places: how each stands, what each tells, and when the next is due.

What `Supervisor` is built on. Nothing here is called by a home's shell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
import logging
from typing import Final

from .answering import OpenStages
from .consent import ConsentBook
from .house import House
from .identity import Identity, WatcherKind, watcher_of
from .keeping import FLUSH_EVERY, Keeping
from .sensing import Reading, Sensor
from .slot import RuleOptions, Slot, Standing
from .stages import FaultKind, Told, Verdict
from .watcher import AnyWatcher, Touch

_LOGGER = logging.getLogger(__name__)

#: Seconds in which unknown sensors may come back before it is told (S4).
BLIND_GRACE: Final = 900.0
#: Seconds in which an automation may arm after a start or an edit before it is told (S9).
ATTACH_GRACE: Final = 600.0
NEVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Heard:
    """A verdict and the watcher it comes from."""

    identity: Identity
    options: RuleOptions
    verdict: Verdict
    watcher: AnyWatcher


type Hearer = Callable[[Heard], None]


class Roster:
    """All slots of a home, and what follows when one is touched."""

    def __init__(
        self,
        house: House,
        consents: ConsentBook,
        kinds: Mapping[WatcherKind, type[AnyWatcher]],
        keeping: Keeping,
    ) -> None:
        """Start with no watcher; `kinds` are those that can be enrolled."""
        self.house = house
        self.consents = consents
        self.kinds = kinds
        self.keeping = keeping
        self.slots: dict[Identity, Slot] = {}
        self.open_stages = OpenStages()
        #: Told what nobody has answered (S8).
        self.on_unanswered: Callable[[Heard], None] = lambda _: None
        #: Told when `next_due` may have come nearer.
        self.on_rearm: Callable[[], None] = lambda: None
        self.now = 0.0
        self._hearers: list[Hearer] = []
        self._by_number: dict[int, tuple[Slot, ...]] = {}
        self._next = NEVER
        self._flush_at: float | None = None
        self._beats = False
        #: Something has happened since `_next` was found.
        self._stale = False

    @property
    def next_due(self) -> float | None:
        """The next instant at which `advance` must be called, home time; None for never."""
        return None if self._next == NEVER else self._next

    def hear(self, hearer: Hearer) -> Callable[[], None]:
        """Be told every verdict; returns what stops it."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def place(
        self, watcher: AnyWatcher, options: RuleOptions, standing: Standing, since: float
    ) -> Slot:
        """Put a watcher with its state in its place, as it stood."""
        slot = Slot(watcher, options, standing, since, unattached_since=since)
        slot.look(self.house)
        self.slots[watcher.identity] = slot
        self._index()
        return slot

    def stage_of(self, episode: str) -> Heard | None:
        """Return the alarm that waits for an answer under this name; None when none does (S8).

        It is as it was told, also when the watcher has gone on since. After a restart the watcher
        knows no more than instant and cause.
        """
        slot, stage = self._slot_of(episode), self.open_stages.of(episode)
        if slot is None or stage is None:
            return None
        watcher = slot.watcher
        verdict = stage.verdict
        if verdict is None:
            verdict = watcher.verdict_of(Told.ALARMED, stage.fired_at)
            if verdict.episode != episode:
                verdict = replace(
                    verdict,
                    episode=episode,
                    since=float(episode.rpartition("@")[2]),
                    seen_at=None,
                    seen_in=None,
                    limit=0.0,
                )
        return Heard(watcher.identity, slot.options, verdict, watcher)

    def waiting(self) -> list[Heard]:
        """Return every alarm that waits for an answer (S8)."""
        found = map(self.stage_of, self.open_stages.waiting())
        return [heard for heard in found if heard is not None]

    # -- what follows ----------------------------------------------------------------------------

    def _restand(self, slot: Slot, at: float, *, begin: bool = False) -> None:
        watcher = slot.watcher
        identity = watcher.identity
        consented = self.consents.allows(
            identity.kind, identity.resident, self.house.dwelling.residents, at
        )
        before, standing = slot.standing, slot.stand(self.house, consented=consented)
        self._fault(slot, FaultKind.REFUSED, at, is_open=standing is Standing.REFUSED)
        # A rule about the sensors themselves misses nothing in a home that has none.
        lacks = standing is Standing.LACKS_SENSORS and not watcher.technical
        self._fault(slot, FaultKind.LACKS_SENSORS, at, is_open=lacks)
        if standing is not Standing.BLIND:
            self._fault(slot, FaultKind.BLIND, at, is_open=False)
        if standing is before and not begin:
            return
        since = slot.standing_since
        slot.standing, slot.standing_since = standing, at
        try:
            if standing is Standing.WATCHING:
                if before is Standing.BLIND and slot.begun:
                    watcher.shift(at - since)
                else:
                    # Also when it could not see from the beginning: it has never been set up.
                    watcher.restart(at)
            elif standing is not Standing.BLIND:
                watcher.calm(at, quietly=True)
                watcher.state.extra_due = None
        except Exception as err:  # noqa: BLE001 - told by what is called
            # Nor must it keep the home from starting.
            self._broke(slot, at, err)
        if standing is not Standing.BLIND:
            slot.begun = standing is Standing.WATCHING
        self._touched(slot, Touch.NOW, at)

    def _touched(self, slot: Slot, touch: Touch, at: float) -> None:
        """Keep and tell what has happened; whoever calls this rearms when it is done."""
        if touch is Touch.NOTHING:
            return
        slot.dirty = True
        if touch is Touch.NOW:
            self.keeping.keep_now(slot, self._rearm)
            self._drain(slot)
            self._stale = True
        elif self.keeping.keeps:
            self._keep_late(slot, at)

    def _keep_late(self, slot: Slot, at: float) -> None:
        """See to it that what is on disk is never more than a minute too early (S3).

        Recovery gives a minute back. A deadline that has moved further, or is gone, is written at
        once, though nothing waits for it: else a crash now would make an alarm of it.
        """
        due, kept = slot.watcher.due, slot.kept_due
        if kept is not None and (due is None or due > kept + FLUSH_EVERY):
            slot.dirty = False
            self.keeping.keep([self.keeping.row_of(slot)])
        elif self._flush_at is None:
            self._flush_at = at + FLUSH_EVERY
            self._nearer(self._flush_at)

    def _drain(self, slot: Slot) -> None:
        watcher = slot.watcher
        if not watcher.verdicts:
            return
        verdicts, watcher.verdicts = watcher.verdicts, []
        for verdict in verdicts:
            if verdict.told is Told.ALARMED and watcher.alarm_kind is not None:
                self.open_stages.opened(verdict.episode, verdict.at, verdict)
            self._tell(Heard(watcher.identity, slot.options, verdict, watcher))

    def _tell(self, heard: Heard) -> None:
        for hearer in list(self._hearers):
            try:
                hearer(heard)
            except Exception:
                # One that cannot hear must not keep the others from hearing of an alarm.
                _LOGGER.exception("A hearer failed on %s", heard.identity)

    def _fault(self, slot: Slot, fault: FaultKind, at: float, *, is_open: bool) -> None:
        if is_open == (fault in slot.faults):
            return
        since = slot.faults.pop(fault, at)
        if is_open:
            slot.faults[fault] = at
        told = Told.FAULT if is_open else Told.MENDED
        verdict = Verdict(told=told, at=at, since=since, fault=fault)
        self._tell(Heard(slot.watcher.identity, slot.options, verdict, slot.watcher))

    def _broke(self, slot: Slot, at: float, err: Exception) -> None:
        """A watcher failed: the others must go on, and that this one may not alarm is told (S9)."""
        _LOGGER.error("Watcher %s failed", slot.key, exc_info=err)
        self._fault(slot, FaultKind.BROKEN, at, is_open=True)
        # What made it fail now must not make it fail at every instant from here on.
        slot.watcher.state.extra_due = None

    def _observe(
        self, slot: Slot, at: float, sensor: Sensor, reading: Reading, *, stood: bool = False
    ) -> None:
        watcher = slot.watcher
        try:
            touch = watcher.stood(at, sensor) if stood else watcher.observe(at, sensor, reading)
        except Exception as err:  # noqa: BLE001 - told by what is called
            self._broke(slot, at, err)
            touch = Touch.NOW
        if touch:
            self._touched(slot, touch, at)

    def _slot_of(self, episode: str) -> Slot | None:
        identity = watcher_of(episode)
        return None if identity is None else self.slots.get(identity)

    def _index(self) -> None:
        self._by_number = {
            number: tuple(slot for slot in self.slots.values() if number in slot.numbers)
            for number in self.house.sensors
        }

    def _nearer(self, due: float) -> None:
        if due < self._next:
            self._next = due
            self.on_rearm()

    def _awaits(self, slot: Slot) -> bool:
        return (
            slot.unattached_since is not None
            and self.open_stages.started_at is not None
            and FaultKind.NOT_ATTACHED not in slot.faults
        )

    def _rearm(self) -> None:
        self._stale = False
        dues = [
            self.house.presence.due,
            self.open_stages.next_due(),
            self.house.next_end(),
            self.consents.next_end(self.now),
            self._flush_at,
        ]
        for slot in self.slots.values():
            if slot.standing is Standing.WATCHING:
                if not slot.pending:
                    dues.append(slot.watcher.due)
            elif slot.standing is Standing.BLIND and FaultKind.BLIND not in slot.faults:
                dues.append(slot.standing_since + BLIND_GRACE)
            if slot.unattached_since is not None and self._awaits(slot):
                dues.append(slot.unattached_since + ATTACH_GRACE)
        self._next = min((due for due in dues if due is not None), default=NEVER)
        self.on_rearm()
