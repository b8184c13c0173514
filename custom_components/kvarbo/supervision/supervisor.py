"""All watchers of a home: readings in, verdicts out, deadlines kept before they are armed.

Pure and synchronous: whoever runs it calls `observe` when a sensor says something and `advance`
when `next_due` has come, and hands in where rows are kept. One call does everything that follows
from it. A replay runs the same code over recorded days (S12).
"""

from collections.abc import Iterable
import logging
from typing import Final

from ..alarm.kinds import Role
from .identity import Identity, WatcherKind, watcher_of
from .keeping import ALIVE, FLUSH_EVERY, Row
from .roster import ATTACH_GRACE, BLIND_GRACE, Heard, Hearer, Roster
from .sensing import GHOSTLY, Pose, Reading, Sensor
from .slot import RuleOptions, Slot, Standing
from .stages import FaultKind
from .watcher import Touch, WatcherSettings

__all__ = ["ATTACH_GRACE", "BLIND_GRACE", "Heard", "Hearer", "Supervisor"]

_LOGGER = logging.getLogger(__name__)

#: A watcher that asks to be called at the same instant this often is broken.
_STUCK: Final = 50
#: Looked up for every event.
_WATCHING: Final = Standing.WATCHING


class Supervisor(Roster):
    """The watchers of one home."""

    # -- what the runner asks --------------------------------------------------------------------

    def observe(  # noqa: C901, PLR0912 - called for every event: each call in it would cost
        self, at: float, number: int, reading: Reading
    ) -> None:
        """Take what a sensor says. An instant before the last one counts as the last one (S11)."""
        sensor = self.house.sensors.get(number)
        if sensor is None:
            return
        if at < self.now:  # noqa: PLR1730 - a call costs more
            at = self.now
        if self._next <= at:
            self.advance(at)
        self.now = at
        house = self.house
        before = house.readings[number]
        if reading is not before:
            house.readings[number] = reading
            if reading is Reading.UNKNOWN or before is Reading.UNKNOWN:
                self._sight_changed(at, sensor, before, reading)
                return
            house.changed_at[number] = at
        elif reading is Reading.UNKNOWN:
            return
        role = sensor.role
        if role is Role.MOVER:
            self._see_movers()
        elif house.movers and role is Role.MOTION:
            return
        presence = house.presence
        if role is not Role.MOTION or house.movement_tells:
            presence.observe(at, sensor, reading)
        for slot in self._by_number[number]:
            if slot.standing is _WATCHING:
                try:
                    touch = slot.watcher.observe(at, sensor, reading)
                except Exception as err:  # noqa: BLE001 - told by what is called
                    self._broke(slot, at, err)
                    touch = Touch.NOW
                if touch:
                    self._touched(slot, touch, at)
        if self._stale or ((due := presence.due) is not None and due < self._next):
            self._rearm()

    def stand(self, at: float, number: int, pose: Pose | None) -> None:
        """Take how a toilet lift stands, None for not known. It is no sign of life: it may be the clock's doing."""
        house = self.house
        if (sensor := house.sensors.get(number)) is None or house.poses.get(number) is pose:
            return
        at = max(at, self.now)
        self.advance(at)
        house.poses.pop(number, None)
        if pose is not None:
            house.poses[number] = pose
        for slot in self._by_number[number]:
            if slot.standing is _WATCHING:
                self._observe(slot, at, sensor, house.reading(number), stood=True)
        self._rearm()

    def advance(self, at: float) -> None:
        """Let time pass up to `at`: everything due by then happens, each at its own instant."""
        rounds = 0
        last = self.now
        while self._next <= at:
            now = max(self._next, self.now)
            rounds = rounds + 1 if now == last else 0
            last = self.now = now
            self._due(now, stuck=rounds > _STUCK)
            self._rearm()
        self.now = max(self.now, at)

    # -- watchers come and go --------------------------------------------------------------------

    def enrol(
        self,
        identity: Identity,
        settings: WatcherSettings,
        options: RuleOptions,
        at: float,
        *,
        listens: bool = True,
    ) -> Slot:
        """Put a watcher in its place, or listen to the one that is there already (S1).

        Settings that differ while another trigger listens are a fault and are not taken over; an
        edited trigger's are, and the state survives.
        """
        slot = self.slots.get(identity)
        if slot is None:
            kind = self.kinds[identity.kind]
            watcher = kind(identity, settings, self.house, kind.state_type())
            slot = self.place(watcher, options, Standing.LACKS_SENSORS, at)
            self._restand(slot, at, begin=True)
        elif slot.listeners and (settings, options) != (slot.watcher.settings, slot.options):
            self._fault(slot, FaultKind.SETTINGS_DIFFER, at, is_open=True)
        elif slot.take_settings(settings, options) and slot.standing is Standing.WATCHING:
            slot.watcher.edited(at)
        if listens:
            slot.listeners += 1
            slot.unattached_since = None
            self._fault(slot, FaultKind.NOT_ATTACHED, at, is_open=False)
        self._touched(slot, Touch.NOW, at)
        self._rearm()
        return slot

    def leave(self, identity: Identity, at: float) -> None:
        """A trigger no longer listens: its automation is off, edited or gone (S9)."""
        if (slot := self.slots.get(identity)) is None:
            return
        slot.listeners = max(0, slot.listeners - 1)
        if slot.listeners < 2:  # noqa: PLR2004 - one alone cannot differ
            self._fault(slot, FaultKind.SETTINGS_DIFFER, at, is_open=False)
        if not slot.listeners:
            slot.unattached_since = at
        self._rearm()

    def end(self, identity: Identity, at: float) -> bool:
        """End a watcher for good: the coordinator's word (S1). False when there is none."""
        if identity not in self.slots:
            return False
        for episode in self.open_stages.waiting():
            # The rule goes, its alarm does not: nobody has answered it (S8).
            if watcher_of(episode) == identity:
                self._unanswered(episode, at)
        slot = self.slots.pop(identity)
        for fault in list(slot.faults):
            self._fault(slot, fault, at, is_open=False)
        slot.watcher.calm(at, quietly=True)
        slot.watcher.set_fault(at, None)
        self._drain(slot)
        self.keeping.keep([Row(slot.key, None, None)])
        self._index()
        self._rearm()
        return True

    # -- the home changes ------------------------------------------------------------------------

    def set_sensors(self, sensors: Iterable[Sensor], at: float) -> None:
        """Make these the sensors of the home; what is new says nothing yet."""
        house = self.house
        house.sensors = {sensor.number: sensor for sensor in sensors}
        house.readings = {n: house.readings.get(n, Reading.UNKNOWN) for n in house.sensors}
        house.changed_at = {n: t for n, t in house.changed_at.items() if n in house.sensors}
        house.poses = {n: pose for n, pose in house.poses.items() if n in house.sensors}
        house.by_role = {}
        for sensor in house.sensors.values():
            house.by_role[sensor.role] = (*house.by_role.get(sensor.role, ()), sensor)
        self._see_movers()
        for slot in self.slots.values():
            slot.look(house)
        self._index()
        self.restand(at)

    def restand(self, at: float) -> None:
        """Let every watcher stand as consents, states and sensors now say."""
        self.now = at = max(at, self.now)
        for slot in list(self.slots.values()):
            self._restand(slot, at)
        self._rearm()

    def wipe(self, kind: WatcherKind, resident: int, at: float) -> None:
        """Forget what a function has learned and counted of a resident (S10, R04)."""
        for identity, slot in self.slots.items():
            # What watches the home as a whole has learned of everybody in it.
            if identity.kind is kind and (not resident or identity.resident in (0, resident)):
                watcher = slot.watcher
                watcher.calm(at, quietly=True)
                watcher.set_fault(at, None)
                open_before = watcher.state.unanswered
                watcher.state = watcher.state_type()
                # What has been told and not answered is no learning: it stays open (S8).
                watcher.state.unanswered = open_before
                watcher.state.answered = not open_before
                if slot.standing is Standing.WATCHING:
                    watcher.start(at)
                self._touched(slot, Touch.NOW, at)
        self._rearm()

    # -- answers (S8) ----------------------------------------------------------------------------

    def answer(self, episode: str, at: float) -> bool:
        """Take `raise_alarm` or `decline_alarm` as the answer to a stage; False when none waits."""
        if not self.open_stages.answered(episode):
            return False
        slot = self._slot_of(episode)
        if slot is not None:
            slot.watcher.answer(episode)
            self._fault(slot, FaultKind.NOT_ANSWERED, at, is_open=False)
            self._touched(slot, Touch.NOW, at)
        self._rearm()
        return True

    def runner_started(self, identity: Identity, episode: str, *, answers: bool = True) -> None:
        """An automation runs for a stage; `answers`: for an alarm's, so that it is waited for (S8)."""
        if answers:
            self.open_stages.runner_started(episode)
        if (slot := self.slots.get(identity)) is not None and not slot.watcher.state.ran:
            slot.watcher.state.ran = True
            self._touched(slot, Touch.LATER, self.now)

    def runner_ended(self, episode: str, at: float) -> None:
        """An automation has ended, however it did."""
        self.open_stages.runner_ended(episode, at)
        self._rearm()

    def started(self, at: float) -> None:
        """Home Assistant has started: from now on a missing automation is a fault (S8, S9)."""
        self.open_stages.started_at = at
        for slot in self.slots.values():
            if slot.unattached_since is not None:
                slot.unattached_since = max(at, slot.unattached_since)
        self._rearm()

    def stepped(self, at: float, by: float) -> None:
        """The clock was set forward by so many seconds: that time has not been lived (S11)."""
        for slot in self.slots.values():
            is_blind = slot.standing is Standing.BLIND
            if slot.standing is Standing.WATCHING or (is_blind and slot.begun):
                slot.watcher.shift(by)
                self._touched(slot, Touch.LATER, at)
            # Nor has anybody's patience run in it: at boot the network tells the time late.
            if is_blind:
                slot.standing_since += by
            if slot.unattached_since is not None:
                slot.unattached_since += by
        self.house.presence.was_blind(at - by, at)
        self._rearm()

    def alive(self) -> None:
        """Keep now, and from now on each minute, that the home watches (S3)."""
        self._beats = True
        self.keeping.keep([Row(ALIVE, None, self.now)])
        if self._flush_at is None:
            self._flush_at = self.now + FLUSH_EVERY
        self._rearm()

    # -- its own ---------------------------------------------------------------------------------

    def _due(self, now: float, *, stuck: bool) -> None:
        house = self.house
        if (presence_due := house.presence.due) is not None and presence_due <= now:
            house.presence.tick(now)
        for slot in list(self.slots.values()):
            due = slot.due
            if due is not None and due <= now:
                self._tick(slot, now, stuck=stuck)
            self._patience(slot, now)
        for episode in self.open_stages.overdue(now):
            self._unanswered(episode, now)
        self._states_end(now)
        if self._flush_at is not None and self._flush_at <= now:
            self._flush_at = now + FLUSH_EVERY if self._beats else None
            dirty = [slot for slot in self.slots.values() if slot.dirty]
            watched = any(slot.watches_a_person for slot in self.slots.values())
            self.keeping.flush(now, dirty, house.presence if watched else None)

    def _tick(self, slot: Slot, now: float, *, stuck: bool) -> None:
        watcher = slot.watcher
        try:
            if stuck:
                _LOGGER.error("Watcher %s does not come to rest", slot.key)
                self._fault(slot, FaultKind.BROKEN, now, is_open=True)
                watcher.restart(now)
            watcher.tick(now)
        except Exception as err:  # noqa: BLE001 - told by what is called
            self._broke(slot, now, err)
            stuck = True
        if stuck and (due := watcher.due) is not None and due <= now:
            # Not even a new beginning helps: it must not hold up the others.
            watcher.calm(now, quietly=True)
            watcher.state.extra_due = None
        self._touched(slot, Touch.NOW, now)

    def _patience(self, slot: Slot, now: float) -> None:
        """Tell what has lasted too long to be passing."""
        if slot.standing is Standing.BLIND and slot.standing_since + BLIND_GRACE <= now:
            self._fault(slot, FaultKind.BLIND, now, is_open=True)
        since = slot.unattached_since
        if self._awaits(slot) and since is not None and since + ATTACH_GRACE <= now:
            self._fault(slot, FaultKind.NOT_ATTACHED, now, is_open=True)

    def _states_end(self, now: float) -> None:
        if self.house.end_states(now) or (
            (end := self.consents.next_end(now - 1)) is not None and end <= now
        ):
            for slot in list(self.slots.values()):
                self._restand(slot, now)

    def _unanswered(self, episode: str, now: float) -> None:
        heard, slot = self.stage_of(episode), self._slot_of(episode)
        self.open_stages.answered(episode)
        if heard is None or slot is None:
            return
        heard.watcher.answer(episode)
        self._touched(slot, Touch.NOW, now)
        self.on_unanswered(heard)
        self._fault(slot, FaultKind.NOT_ANSWERED, now, is_open=True)

    def _sight_changed(self, at: float, sensor: Sensor, before: Reading, reading: Reading) -> None:
        """Take a sensor that has become unknown, or known again (idea 4)."""
        house = self.house
        back = reading is not Reading.UNKNOWN
        ghost = before is Reading.UNKNOWN and sensor.role in GHOSTLY
        if back:
            house.changed_at[sensor.number] = at
        if sensor.role is Role.MOVER:
            self._see_movers()
        house.presence.seen_again(at, sensor, reading, ghost=ghost)
        for slot in self._by_number[sensor.number]:
            self._restand(slot, at)
            watcher = slot.watcher
            if slot.standing is not Standing.WATCHING:
                continue
            if (ghost and not watcher.hears_ghosts) or not (back or watcher.hears_unknown):
                continue
            if house.movers and sensor.role is Role.MOTION:
                continue
            self._observe(slot, at, sensor, reading)
        self._rearm()

    def _see_movers(self) -> None:
        house = self.house
        house.movers = sum(
            house.readings[sensor.number] is Reading.ACTIVE
            for sensor in house.by_role.get(Role.MOVER, ())
        )
