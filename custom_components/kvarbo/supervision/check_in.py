"""The daily "I'm fine" button (R15): not pressed by its time."""

from dataclasses import dataclass
from typing import Final, override

from ..alarm.kinds import AlarmKind, Role
from .identity import WatcherKind
from .planned import PlannedState, Reminding, RemindingSettings
from .sensing import Reading, Sensor
from .settings import clock, duration, weekdays
from .wall import HOUR, MINUTE, Window
from .watcher import Touch

_OPENS: Final = "opens"


@dataclass(frozen=True, slots=True)
class CheckInSettings(RemindingSettings):
    """When the button should be pressed.

    From `opens` on a press counts for the day, and by `by` it should have come, on `weekdays`.
    Other weekdays with other times are a second rule with a name of its own. The reminder comes
    `warning` before `by`.
    """

    warning: float = duration(30 * MINUTE, least=0, most=6 * HOUR)
    opens: float = clock(4 * HOUR)
    by: float = clock(10 * HOUR)
    weekdays: tuple[int, ...] = weekdays()


class CheckIn(Reminding[CheckInSettings, PlannedState]):
    """No press of the button by its time; a press that comes late ends it.

    Nothing else ends it: movement shows that somebody is there and not that all is well. A new day
    takes the place of an old one that was never answered.
    """

    kind = WatcherKind.CHECK_IN
    alarm_kind = AlarmKind.CHECK_IN_MISSED
    roles = frozenset({Role.CHECK_IN})
    settings_type = CheckInSettings
    state_type = PlannedState
    __slots__ = ()

    @override
    def start(self, at: float) -> None:
        """Count today if enough of its time is left to be reminded, else from the next day on."""
        span = self._window.span(at, self.house.wall)
        if span is not None and span[1] - at >= max(self.settings.warning, HOUR):
            self.count(at, at, span[1])
        self._plan_next(at)

    @override
    def edited(self, at: float) -> None:
        """Plan by the new times; a day that is counted keeps its deadline."""
        self._plan_next(at)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Take a press."""
        return self.calm(at, quietly=True) if reading is Reading.ACTIVE else Touch.NOTHING

    @override
    def at_due(self, name: str, planned: float, at: float) -> None:
        """Begin a day."""
        if name != _OPENS:
            super().at_due(name, planned, at)
            return
        self._plan_next(at)
        span = self._window.span(planned, self.house.wall)
        if span is None or span[1] <= at:
            return
        self.supersede()
        self.count(at, planned, span[1])

    @property
    def _window(self) -> Window:
        settings = self.settings
        return Window(settings.opens, settings.by, settings.weekdays)

    def _plan_next(self, at: float) -> None:
        self.plan(_OPENS, self._window.next_begin(at, self.house.wall))
