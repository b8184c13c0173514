"""What every watcher is: settings, a state, sensors in, deadlines and verdicts out (S1, S2, S3).

A watcher is told what its sensors say (`observe`), is called when its deadline has come (`tick`)
and tells verdicts by `tell`. It keeps no clock, no timer and no task. All that must survive a
restart is in its state; the supervisor keeps that on disk, and arms a deadline that begins or comes
nearer only when it is there. A watcher may look at the shared `House` but never changes it.

How to write one: subclass `WatcherSettings` and `WatcherState` (both may be used as they are), name
kind, roles and what suspends it, and in `observe` call `count` when a cause begins or moves, `calm`
when it is gone. `tick` walks the stages by itself; override `recheck` where the alarm's instant is
only an earliest one (a learned limit), and `at_extra` for instants of your own.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, Final

from ..alarm.kinds import AlarmKind, Location, Role
from .house import Absence, House
from .identity import Identity, WatcherKind
from .sensing import Reading, Sensor
from .settings import duration, flag
from .stages import FaultKind, Stage, Told, Verdict, WatcherState

#: A cause that lasted this share of its limit and then went away is a near miss.
NEAR: Final = 0.5
#: So many alarms of one watcher are remembered over a restart while nobody has answered them.
_UNANSWERED_MOST: Final = 8


class Touch(IntEnum):
    """What an observation did to a watcher, for whoever keeps it on disk (S3)."""

    #: Nothing that must be kept.
    NOTHING = 0
    #: Something to be kept; no deadline has begun or come nearer. May be written 60 s late.
    LATER = 1
    #: A deadline has begun or come nearer, a stage has changed or a verdict been told.
    NOW = 2


@dataclass(frozen=True, slots=True)
class WatcherSettings:
    """What every rule can be told.

    `warning` is how long before the alarm the resident is warned, 0 for not at all. `warn_at_night`
    lets a warning sound and shine in the home's night hours (S2).
    """

    warning: float = duration(0.0, least=0, most=3600)
    warn_at_night: bool = flag(default=False)


class Watcher[S: WatcherSettings, T: WatcherState](ABC):
    """One watcher. Everything in it happens in the caller's thread and at the instants it is told."""

    kind: ClassVar[WatcherKind]
    #: What its alarm is; None for one that alarms nobody.
    alarm_kind: ClassVar[AlarmKind | None]
    #: The roles whose sensors it hears.
    roles: ClassVar[frozenset[Role]]
    #: The resident's states in which it does not count (S6).
    suspended_by: ClassVar[frozenset[Absence]] = frozenset({Absence.PAUSED, Absence.AWAY})
    #: About a device and not about a person: needs no consent (S10).
    technical: ClassVar[bool] = False
    #: Its deadline follows each sign of life, so it is kept up to 60 s late (S3).
    sliding: ClassVar[bool] = False
    #: It is told also of what a sensor says out of unknown that need not have happened (`GHOSTLY`).
    hears_ghosts: ClassVar[bool] = False
    #: It is told also when a sensor becomes unknown.
    hears_unknown: ClassVar[bool] = False
    #: What its sensors' being unknown means is its own to judge: it is never blind (S4).
    judges_unknown: ClassVar[bool] = False
    settings_type: ClassVar[type[WatcherSettings]] = WatcherSettings
    state_type: ClassVar[type[WatcherState]] = WatcherState

    __slots__ = ("house", "identity", "settings", "state", "verdicts")

    def __init__(self, identity: Identity, settings: S, house: House, state: T) -> None:
        """Take up a state that was kept, or a new one; `start` is called when it may count."""
        self.identity = identity
        self.settings = settings
        self.house = house
        self.state = state
        self.verdicts: list[Verdict] = []

    # -- what a watcher defines ------------------------------------------------------------------

    @abstractmethod
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Take what a sensor says, known or not; return what that did to the state."""

    def stood(self, at: float, sensor: Sensor) -> Touch:  # noqa: ARG002 - most hear of no lift
        """Take that a toilet lift stands otherwise than before (`house.poses`); what it says is as it was."""
        return Touch.NOTHING

    def start(self, at: float) -> None:  # noqa: B027 - most have nothing to set up
        """Begin to watch at an instant: set up, after a pause, after an absence.

        What was counted before is forgotten already. Override to begin counting by what the house
        says now.
        """

    def groups(self) -> list[list[Sensor]]:
        """Return the sets of sensors it cannot do without: blind where one set is all unknown (S4)."""
        return [self.house.of(role, resident=self.identity.resident) for role in self.roles]

    def refusal(self) -> str | None:
        """Tell why this home is one in which the rule cannot tell who moves (S6), by key; else None."""
        return None

    def recheck(self, at: float) -> float | None:  # noqa: ARG002
        """Return a later alarm instant when the cause's time has not come yet after all.

        Where it shows that there is no cause any more, `calm` may be called here: then nothing
        follows.
        """
        return None

    def at_extra(self, at: float) -> None:  # noqa: B027 - most want no instant of their own
        """Do what was wanted at `state.extra_due`, which is cleared before."""

    def edited(self, at: float) -> None:  # noqa: B027 - most read their settings when they need them
        """Take over settings that have just changed; the state survives (S1).

        What is being counted keeps its deadline unless a watcher knows better.
        """

    # -- what the supervisor asks ----------------------------------------------------------------

    @property
    def episode(self) -> str:
        """The name of the cause that it counts, or counted last."""
        return self.identity.episode(self.state.since)

    def verdict_of(self, told: Told, at: float) -> Verdict:
        """Return what is told of the stage that stands, as it is told at `at`."""
        return self._verdict(told, at)

    def answer(self, episode: str) -> None:
        """Take an answer to an alarm that it has told (S8)."""
        state = self.state
        state.unanswered = [waiting for waiting in state.unanswered if waiting != episode]
        state.answered = not state.unanswered

    def often(self, at: float) -> int:  # noqa: ARG002
        """Return how often within 30 days the same thing was told: from the third on a review's (F2)."""
        return 0

    def open_faults(self) -> list[tuple[FaultKind, int]]:
        """Return what it has told as a fault and not as mended, each with its sensor's number."""
        state = self.state
        return [] if state.fault is None else [(FaultKind(state.fault), state.sensor)]

    @property
    def due(self) -> float | None:
        """The next instant at which `tick` must be called, home time; None for never."""
        state = self.state
        due = state.extra_due
        if state.stage is Stage.COUNTING:
            stage_due = state.warn_at if state.warn_at is not None else state.alarm_at
        elif state.stage is Stage.WARNED:
            stage_due = state.alarm_at
        else:
            stage_due = None
        if due is None or (stage_due is not None and stage_due < due):
            return stage_due
        return due

    def tick(self, at: float) -> None:
        """Do what is due at `at`."""
        state = self.state
        if state.extra_due is not None and state.extra_due <= at:
            state.extra_due = None
            self.at_extra(at)
        if state.stage is Stage.COUNTING and _is_due(state.warn_at, at):
            if self._moved(at):
                return
            state.stage, state.warn_at = Stage.WARNED, None
            self._tell_stage(Told.WARNED, at)
        elif state.stage in (Stage.COUNTING, Stage.WARNED) and _is_due(state.alarm_at, at):
            if state.stage is Stage.COUNTING and state.warn_at is not None:
                return
            if self._moved(at):
                return
            self._alarm(at)

    def restart(self, at: float) -> None:
        """Forget what was counted and begin anew: what lay before does not count any more.

        A stage that was told of ends as recovered.
        """
        self.calm(at, quietly=True)
        self.state.extra_due = None
        self.start(at)

    def shift(self, by: float) -> None:
        """Move what is pending by a time in which nothing could be seen: it is no stillness (S3, S4)."""
        state = self.state
        if state.stage in (Stage.COUNTING, Stage.WARNED):
            state.warn_at = None if state.warn_at is None else state.warn_at + by
            state.alarm_at = None if state.alarm_at is None else state.alarm_at + by

    # -- what watchers use -----------------------------------------------------------------------

    def count(
        self,
        at: float,
        since: float,
        alarm_at: float,
        *,
        seen_at: float | None = None,
        seen_in: Location | None = None,
        sensor: int = 0,
    ) -> Touch:
        """Count towards an alarm at `alarm_at` for a cause that began at `since`.

        Counting that goes on with another instant moves the deadline; a stage told of is not taken
        back by it.
        """
        state = self.state
        if state.stage in (Stage.WARNED, Stage.ALARMED):
            return Touch.NOTHING
        nearer = (
            state.stage is Stage.CALM or state.alarm_at is None or alarm_at < state.alarm_at - 0.5
        )
        if state.stage is Stage.CALM:
            state.begun = at
        state.stage = Stage.COUNTING
        state.since, state.alarm_at = since, alarm_at
        warning = self.settings.warning
        state.warn_at = max(at, alarm_at - warning) if warning > 0 else None
        state.seen_at, state.seen_in, state.sensor = seen_at, seen_in, sensor
        return Touch.NOW if nearer else Touch.LATER

    def fire(
        self,
        at: float,
        since: float,
        *,
        seen_at: float | None = None,
        seen_in: Location | None = None,
        sensor: int = 0,
    ) -> Touch:
        """Alarm at once, where a signal is the cause itself."""
        if self.state.stage is Stage.ALARMED:
            return Touch.NOTHING
        self.count(at, since, at, seen_at=seen_at, seen_in=seen_in, sensor=sensor)
        self._alarm(at)
        return Touch.NOW

    def calm(self, at: float, *, quietly: bool = False) -> Touch:
        """End what is counted: the return, or the sign of life, that this watcher waits for (S2)."""
        state = self.state
        if state.stage is Stage.CALM:
            return Touch.NOTHING
        if state.stage in (Stage.WARNED, Stage.ALARMED):
            self._tell_stage(Told.RECOVERED, at)
        elif not quietly and self._was_near(at):
            self._tell_stage(Told.NEAR_MISS, at, limit=at - state.begun)
        told = state.stage is not Stage.COUNTING
        state.stage, state.warn_at, state.alarm_at = Stage.CALM, None, None
        return Touch.NOW if told or self.verdicts else Touch.LATER

    def set_fault(self, at: float, fault: FaultKind | None, sensor: int = 0) -> Touch:
        """Tell once that something does not fit, and once that it does again."""
        state = self.state
        if state.fault == fault:
            return Touch.NOTHING
        if state.fault is not None:
            self._tell_fault(Told.MENDED, FaultKind(state.fault), at)
        state.fault = fault
        if fault is not None:
            state.fault_since, state.sensor = at, sensor
            self._tell_fault(Told.FAULT, fault, at)
        return Touch.NOW

    def tell(self, verdict: Verdict) -> None:
        """Tell something; the supervisor takes it when the call returns."""
        self.verdicts.append(verdict)

    # -- its own ---------------------------------------------------------------------------------

    def _alarm(self, at: float) -> None:
        state = self.state
        state.stage, state.warn_at, state.alarm_at = Stage.ALARMED, None, None
        if self.alarm_kind is not None:
            state.fired_at, state.answered = at, False
            state.unanswered = [*state.unanswered, self.episode][-_UNANSWERED_MOST:]
        self._tell_stage(Told.ALARMED, at)

    def _moved(self, at: float) -> bool:
        later = self.recheck(at)
        state = self.state
        if state.stage is Stage.CALM:
            return True
        if later is None or state.alarm_at is None or later <= at:
            return False
        state.alarm_at = later
        if state.stage is Stage.COUNTING and self.settings.warning > 0:
            warn_at = later - self.settings.warning
            state.warn_at = max(at, warn_at)
            return warn_at > at
        return True

    def _was_near(self, at: float) -> bool:
        state = self.state
        if state.alarm_at is None or state.alarm_at <= state.begun:
            return False
        return (at - state.begun) / (state.alarm_at - state.begun) >= NEAR

    def _tell_stage(self, told: Told, at: float, limit: float = 0.0) -> None:
        self.state.ran = False
        self.tell(self._verdict(told, at, limit))

    def _verdict(self, told: Told, at: float, limit: float = 0.0) -> Verdict:
        state = self.state
        return Verdict(
            told=told,
            at=at,
            since=state.since,
            episode=self.episode,
            seen_at=state.seen_at,
            seen_in=None if state.seen_in is None else Location(state.seen_in),
            limit=limit or at - state.since,
            sensor=state.sensor,
            quiet=told is Told.WARNED
            and not self.settings.warn_at_night
            and self.house.is_night(at),
        )

    def _tell_fault(self, told: Told, fault: FaultKind, at: float) -> None:
        self.tell(
            Verdict(
                told=told,
                at=at,
                since=self.state.fault_since,
                sensor=self.state.sensor,
                fault=fault,
            )
        )


type AnyWatcher = Watcher[Any, Any]


def _is_due(deadline: float | None, at: float) -> bool:
    return deadline is not None and deadline <= at
