"""The home that watches: the supervisor with this home's clock, disk, sensors and automations.

Recover first, then hear the sensors, then let automations attach (design: recover, then subscribe).
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
import logging
from typing import Any, Final, override

from ..alarm.clock import JUMP, HomeClock
from ..alarm.happening import Happening
from ..alarm.kinds import Owner
from ..chain import Chain
from ..journal.changes import PutWatcher
from ..supervision.catalogue import KINDS
from ..supervision.ceiling import NightCeiling
from ..supervision.consent import ConsentBook
from ..supervision.house import Dwelling, House
from ..supervision.identity import Identity, WatcherKind
from ..supervision.keeping import ALIVE, Row
from ..supervision.presence import Presence
from ..supervision.recovery import resume
from ..supervision.sensing import Pose, Reading, Sensor
from ..supervision.slot import RuleOptions, Slot, Standing
from ..supervision.stages import FaultKind, Stage, Told, Verdict
from ..supervision.supervisor import Heard, Supervisor
from ..supervision.wall import WallTime
from ..supervision.watcher import WatcherSettings
from ..transmission.ledger import Ledger
from .keeping import LedgerKeeping, row_of
from .listeners import Attached, Listeners
from .payload import payload_of
from .raising import CEILING_ROW, Raising, fault_prefix
from .shadow import SHADOW_ROW, Shadow
from .stated import Stated

_LOGGER = logging.getLogger(__name__)

#: However far the next deadline is, time is looked at so often: a clock may be set meanwhile.
_LOOK: Final = 60.0
#: How a technical watcher that every home has is enrolled by the home itself (S9, F5).
_OWN: Final = RuleOptions(owner=Owner.OPERATIONS, suitable=True, version="home")
_OWN_KINDS: Final = (WatcherKind.SENSOR_SILENT, WatcherKind.SENSOR_BLIND)


class Watching(Stated):
    """Supervision in one running home."""

    def __init__(
        self,
        chain: Chain,
        ledger: Ledger,
        clock: HomeClock,
        zone: tzinfo,
        on_changed: Callable[[], None],
    ) -> None:
        """Make the parts; `recover` brings them to life."""
        wall = WallTime(zone)
        self.house = House(wall, Dwelling(), Presence(wall))
        self.consents = ConsentBook()
        self.keeping = LedgerKeeping(ledger)
        self.supervisor = Supervisor(self.house, self.consents, KINDS, self.keeping)
        self.listeners = Listeners()
        self.shadow = Shadow(self.supervisor, ledger, self.entry)
        self.raising = Raising(chain, NightCeiling(wall), self._sensor, self.house.is_night)
        #: Rows of the journal that could not be read: their rules begin anew.
        self.broken: tuple[str, ...] = ()
        self.clock = clock
        self.ledger = ledger
        self._on_changed = on_changed
        self._timer: asyncio.TimerHandle | None = None
        self._work: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._seen = (0.0, 0.0)
        self._speed = clock.speed
        self._away: float | None = None
        self._forgotten = set()
        self.supervisor.hear(self._heard)
        self.supervisor.on_unanswered = self._unanswered
        self.supervisor.on_rearm = self._arm

    # -- life ------------------------------------------------------------------------------------

    def recover(
        self, kept: Iterable[PutWatcher], sensors: Iterable[Sensor], dwelling: Dwelling
    ) -> None:
        """Take up what the journal held, before any sensor or automation is heard."""
        rows = {row.key: row for row in map(row_of, kept)}
        self._not_before(rows.get(ALIVE))
        now = self._begin()
        self.house.dwelling = dwelling
        self.supervisor.set_sensors(sensors, now)
        if (ceiling := rows.pop(CEILING_ROW, None)) is not None:
            self.raising.load(ceiling.state)
        if (shadow := rows.pop(SHADOW_ROW, None)) is not None:
            self.shadow.load(shadow.state)
        resumed = resume(self.supervisor, rows.values(), now)
        self.broken = resumed.broken
        for heard in self.supervisor.waiting():
            stands = heard.watcher.state.stage is Stage.ALARMED
            if stands and heard.watcher.episode == heard.verdict.episode:
                self.raising.fired(heard.verdict.episode)
            else:
                self.raising.went(heard.verdict.episode)
        for kind in _OWN_KINDS:
            self.supervisor.enrol(Identity(kind), KINDS[kind].settings_type(), _OWN, now)
        if resumed.blind_from is not None:
            self._do(self.raising.hub_was_off(resumed.blind_from, resumed.blind_to))
        self.supervisor.alive()

    def home_assistant_started(self) -> None:
        """From now on a missing automation is a fault (S8, S9)."""
        self.supervisor.started(self._time())

    def stop(self) -> None:
        """Stop at once. Nothing depends on it: all that was promised is on disk."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        self.keep_learned()

    async def settle(self) -> None:
        """Wait, after the stop, until what was under way is done."""
        await self.keeping.settle()
        while self._work:
            await asyncio.wait(list(self._work))

    def set_zone(self, zone: tzinfo) -> None:
        """The home's wall clock is another one."""
        if zone != self.house.wall.zone:
            self.house.wall.set_zone(zone)
            self.supervisor.restand(self._time())

    def apply(self, sensors: Iterable[Sensor], dwelling: Dwelling) -> None:
        """Take over sensors that came, went or changed, and who lives in the home."""
        self.house.dwelling = dwelling
        self.supervisor.set_sensors(sensors, self._time())
        self.changed()

    def sense(self, number: int, reading: Reading) -> None:
        """Take what a sensor says at this moment."""
        if self._stopped:
            return
        self.supervisor.observe(self._time(), number, reading)
        self._look_away()

    def stand(self, number: int, pose: Pose | None) -> None:
        """Take how a toilet lift stands at this moment."""
        if not self._stopped:
            self.supervisor.stand(self._time(), number, pose)

    def _look_away(self) -> None:
        """Show at once that everybody seems to be away, or is back (S6)."""
        if self._away != self.house.presence.inferred_away_since:
            self._away = self.house.presence.inferred_away_since
            self.changed()

    async def sweep(self) -> None:
        """End technical alarms whose cause a restart has taken away."""
        slots = self.supervisor.slots.items()
        standing = {fault_prefix(i, fault, 0) for i, slot in slots for fault in slot.faults}
        standing |= {
            fault_prefix(i, fault, number)
            for i, slot in slots
            for fault, number in slot.watcher.open_faults()
        }
        # After a start these have yet to be found again: so long nobody is told that they ended.
        for identity, slot in slots:
            if slot.standing is Standing.BLIND:
                standing.add(fault_prefix(identity, FaultKind.BLIND, 0))
            if slot.unattached_since is not None:
                standing.add(fault_prefix(identity, FaultKind.NOT_ATTACHED, 0))
        await self.raising.sweep(frozenset(standing))

    # -- automations -----------------------------------------------------------------------------

    def attach(
        self, attached: Attached, settings: WatcherSettings, options: RuleOptions
    ) -> Callable[[], None]:
        """Let a trigger listen; its watcher is enrolled and arms as consent allows (S10)."""
        now = self._time()
        self.listeners.add(attached)
        slot = self.supervisor.enrol(attached.identity, settings, options, now)
        self._offer(attached, slot, now)
        self.changed()

        def detach() -> None:
            self.listeners.remove(attached)
            if not self._stopped:
                self.supervisor.leave(attached.identity, self._time())
                self.changed()

        return detach

    def heard_of(self, episode: str) -> Heard | None:
        """Return the stage that an episode names, None when it is none of this home's watchers'.

        One that waits for its answer is found also when its watcher has gone on since.
        """
        if (waiting := self.supervisor.stage_of(episode)) is not None:
            return waiting
        for slot in self.supervisor.slots.values():
            watcher = slot.watcher
            fired_at = watcher.state.fired_at
            stands = watcher.state.stage is Stage.ALARMED
            if watcher.episode == episode and stands and fired_at is not None:
                verdict = watcher.verdict_of(Told.ALARMED, fired_at)
                return Heard(watcher.identity, slot.options, verdict, watcher)
        return None

    @override
    def now(self) -> float:
        return self._time()

    @override
    def changed(self) -> None:
        self._on_changed()

    def time_changed(self) -> None:
        """Home time was let run at another speed, or skipped: look at it anew."""
        self.supervisor.advance(self._time())
        self._arm()

    def answer(self, episode: str) -> bool:
        """Take an answer to a stage (S8)."""
        return self.supervisor.answer(episode, self._time())

    def decline(self, episode: str, reason: str, actor: str) -> bool:
        """Take an answer without an alarm; False when nothing waits for it."""
        if not self.answer(episode):
            return False
        self.ledger.post(self.entry("alarm_declined", actor, {"of": episode, "reason": reason}))
        return True

    # -- what watchers tell ----------------------------------------------------------------------

    def happened(self, happening: Happening) -> None:
        """Follow what becomes of alarms."""
        self.raising.happened(happening)

    def _heard(self, heard: Heard) -> None:
        if heard.options.shadow and self.shadow.takes(heard):
            if heard.verdict.told is Told.RECOVERED:
                # What was raised before the rule went into shadow ends all the same.
                self._do(self.raising.recovered(heard))
            self.changed()
            return
        match heard.verdict.told:
            case Told.WARNED:
                self._run(heard)
            case Told.ALARMED:
                self.raising.fired(heard.verdict.episode)
                self._run(heard)
            case Told.RECOVERED:
                if heard.watcher.alarm_kind is not None:
                    self._do(self.raising.recovered(heard))
                self._run(heard)
            case Told.NEAR_MISS:
                for attached in self.listeners.of(heard.identity, Told.ALARMED):
                    attached.did_not("near_miss", payload_of(heard, self.house.wall))
            case Told.FAULT:
                self._do(self.raising.fault(heard.identity, heard.verdict))
            case Told.MENDED:
                self._mended(heard.identity, heard.verdict)
        self.changed()

    def _mended(self, identity: Identity, verdict: Verdict) -> None:
        if verdict.fault is not None:
            self._do(self.raising.mended(identity, verdict.fault, verdict.sensor))

    def _run(self, heard: Heard) -> None:
        for attached in self.listeners.of(heard.identity, heard.verdict.told):
            try:
                self._run_one(attached, heard)
            except Exception:
                # One automation that cannot run must keep nobody else from hearing (S8).
                _LOGGER.exception("An automation of %s could not be run", heard.identity)

    def _run_one(self, attached: Attached, heard: Heard) -> None:
        verdict = heard.verdict
        payload = payload_of(heard, self.house.wall)
        description = f"{heard.identity.kind} {verdict.told}"
        waits = verdict.told is not Told.RECOVERED
        alarms = verdict.told is Told.ALARMED

        def begins(context_id: str) -> None:
            if waits:
                self.listeners.remember(context_id, verdict.episode)
                self.supervisor.runner_started(heard.identity, verdict.episode, answers=alarms)

        try:
            task = attached.run(payload, description, begins)
        except Exception:
            if alarms:
                self._ran(verdict.episode)
            raise
        if alarms:
            task.add_done_callback(lambda _: self._ran(verdict.episode))

    def _ran(self, episode: str) -> None:
        if not self._stopped:
            self.supervisor.runner_ended(episode, self._time())

    def _offer(self, attached: Attached, slot: Slot, now: float) -> None:
        """Let a trigger that attaches late run for the stage that stands and nobody ran for."""
        state = slot.watcher.state
        wanted = {Stage.WARNED: Told.WARNED, Stage.ALARMED: Told.ALARMED}.get(state.stage)
        if wanted is not attached.told or state.ran or slot.options.shadow:
            return
        if wanted is Told.ALARMED and state.answered:
            return
        verdict = slot.watcher.verdict_of(wanted, now)
        self._run_one(attached, Heard(slot.watcher.identity, slot.options, verdict, slot.watcher))

    def _unanswered(self, heard: Heard) -> None:
        """Nobody has answered: the home raises it itself (S8)."""
        if heard.options.shadow:
            return
        self._do(self._raise_unanswered(heard))

    async def _raise_unanswered(self, heard: Heard) -> None:
        request = self.raising.request_of(heard)
        await self.raising.raise_alarm(heard, request, "watcher", self._time())

    # -- time ------------------------------------------------------------------------------------

    def _not_before(self, alive: Row | None) -> None:
        """Never be earlier than when the home last said that it lived (S11).

        A hub that wakes without the time would else wait for deadlines that lie hours ahead of it.
        """
        if alive is not None and isinstance(alive.state, int | float):
            with suppress(OverflowError, OSError, ValueError):
                self.clock.raise_floor(datetime.fromtimestamp(alive.state, UTC))

    def _begin(self) -> float:
        now = self.clock.now().timestamp()
        self._seen = (now, self.clock.monotonic())
        return now

    def _time(self) -> float:
        """Return home time; a clock that was set forward has made nobody still (S11)."""
        now, mono = self.clock.now().timestamp(), self.clock.monotonic()
        last, last_mono = self._seen
        # A demo's speed may just have changed: what passed before was at the older one.
        step = now - last - (mono - last_mono) * max(self._speed, self.clock.speed)
        self._speed = self.clock.speed
        self._seen = (now, mono)
        if step > JUMP.total_seconds():
            _LOGGER.warning("The clock was set forward by %d s", step)
            self.supervisor.stepped(now, step)
        return now

    def _arm(self, at_least: float = 0.0) -> None:
        if self._stopped:
            return
        if self._timer is not None:
            self._timer.cancel()
        due = self.supervisor.next_due
        # Not from `supervisor.now`: that is when it last did something, which may be a minute ago.
        now = self.clock.now().timestamp()
        ahead = _LOOK if due is None else (due - now) / self.clock.speed
        delay = min(_LOOK, max(at_least, ahead))
        self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        self._timer = None
        try:
            self.supervisor.advance(self._time())
            self.forget_ended()
        except Exception:
            # Whatever it is, the home must go on looking; not at once, or it does nothing else.
            _LOGGER.exception("What was due could not be done; it is tried again in a minute")
            self._arm(at_least=_LOOK)
        self._look_away()
        if self._timer is None:
            self._arm()

    # -- small things ----------------------------------------------------------------------------

    def _sensor(self, number: int) -> Sensor | None:
        return self.house.sensors.get(number)

    def _do(self, work: Any) -> None:
        # Begun at once: what is told next must find what this has noted.
        loop = asyncio.get_running_loop()
        task = loop.create_task(work, name="kvarbo watching", eager_start=True)
        self._work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (err := task.exception()) is not None:
            _LOGGER.error("What a watcher told could not be carried out", exc_info=err)
