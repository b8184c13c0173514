"""Watchers with more than one instant of their own, and those that remind (R15, R17)."""

from dataclasses import dataclass, field, replace
from typing import Final, Self, override

from .settings import count, duration
from .stages import Stage, Told, WatcherState
from .wall import MINUTE
from .watcher import Touch, Watcher, WatcherSettings

_REMIND: Final = "remind"


@dataclass(slots=True)
class PlannedState(WatcherState):
    """Beside what all keep: instants wanted, by name, and how often the reminder was repeated."""

    dues: dict[str, float] = field(default_factory=dict)
    reminded: int = 0

    @classmethod
    @override
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; raises ValueError for what is none."""
        state = super().from_json(raw)
        if not all(isinstance(at, int | float) for at in state.dues.values()):
            raise ValueError("dues")
        return state


class Planned[S: WatcherSettings, T: PlannedState](Watcher[S, T]):
    """A watcher that wants to be called at several instants, each by a name."""

    __slots__ = ()

    def plan(self, name: str, at: float | None) -> Touch:
        """Want to be called by `at_due` at an instant; None takes the wish back."""
        dues = self.state.dues
        before = dues.pop(name, None)
        if at is not None:
            dues[name] = at
        self.state.extra_due = min(dues.values(), default=None)
        if before == at:
            return Touch.NOTHING
        nearer = at is not None and (before is None or at < before)
        return Touch.NOW if nearer else Touch.LATER

    def at_due(self, name: str, planned: float, at: float) -> None:
        """Do what was wanted for the instant `planned`; the wish is taken back before.

        A name that nobody knows is an older release's, and passed over.
        """

    @override
    def at_extra(self, at: float) -> None:
        """Do all that is due, in its order."""
        dues = self.state.dues
        for name, planned in sorted(dues.items(), key=lambda due: due[1]):
            if planned <= at and dues.get(name) == planned:
                self.plan(name, None)
                self.at_due(name, planned, at)
        self.state.extra_due = min(dues.values(), default=None)

    @override
    def restart(self, at: float) -> None:
        """Forget what was planned, too."""
        self.state.dues.clear()
        super().restart(at)


@dataclass(frozen=True, slots=True)
class RemindingSettings(WatcherSettings):
    """How a person is reminded before an alarm.

    The reminder comes `warning` before the alarm (0: none) and again `repeats` times, `interval`
    apart. In the home's night hours it is not repeated, unless `warn_at_night`. Whether it is
    light, sound or nothing the home's automation decides; it is never louder than the first.
    """

    repeats: int = count(1, least=0, most=3)
    interval: float = duration(15 * MINUTE, least=MINUTE, most=120 * MINUTE)


class Reminding[S: RemindingSettings, T: PlannedState](Planned[S, T]):
    """A watcher whose warning is a reminder that may be repeated."""

    __slots__ = ()

    def silence(self, at: float) -> Touch:  # noqa: ARG002
        """Remind no more for this cause: the resident has said that it was heard (R15)."""
        return self.plan(_REMIND, None)

    @override
    def at_due(self, name: str, planned: float, at: float) -> None:
        """Repeat the reminder."""
        state, settings = self.state, self.settings
        if name != _REMIND:
            super().at_due(name, planned, at)
            return
        if state.stage is not Stage.WARNED:
            return
        if settings.warn_at_night or not self.house.is_night(at):
            state.reminded += 1
            self.tell_again(at, state.reminded)
        self._plan_repeat(at)

    @override
    def tick(self, at: float) -> None:
        """Pass through the stages, and plan the repeats once reminded."""
        state = self.state
        before = state.stage, state.since
        super().tick(at)
        if before == (state.stage, state.since):
            return
        if state.stage is Stage.WARNED:
            self.state.reminded = 0
            self._plan_repeat(at)
        else:
            self.plan(_REMIND, None)

    @override
    def calm(self, at: float, *, quietly: bool = False) -> Touch:
        """Stop to remind at once when it is done (R15)."""
        touch = super().calm(at, quietly=quietly)
        return max(touch, self.plan(_REMIND, None))

    @override
    def shift(self, by: float) -> None:
        """Move the repeat likewise."""
        super().shift(by)
        if (repeat := self.state.dues.get(_REMIND)) is not None:
            self.plan(_REMIND, repeat + by)

    def tell_again(self, at: float, repeat: int) -> None:
        """Tell the reminder once more."""
        self.tell(replace(self._verdict(Told.WARNED, at), count=repeat))

    def supersede(self) -> None:
        """End a cause that a new one takes the place of; nothing is told, for nothing was made good."""
        state = self.state
        state.stage, state.warn_at, state.alarm_at = Stage.CALM, None, None
        self.plan(_REMIND, None)

    def _plan_repeat(self, at: float) -> None:
        settings = self.settings
        again = at + settings.interval
        wanted = self.state.reminded < settings.repeats
        self.plan(_REMIND, again if wanted else None)
