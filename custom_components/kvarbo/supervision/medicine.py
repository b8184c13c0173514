"""Medicine not taken (R15, R36, F2). The home watches; it never decides, changes or delays a dose."""

from dataclasses import dataclass
from typing import Final, override

from ..alarm.kinds import AlarmKind, Role
from .house import Absence
from .identity import WatcherKind
from .planned import Reminding, RemindingSettings
from .power import Powered, PoweredState
from .sensing import Reading, Sensor
from .settings import clocks, duration, flag, weekdays
from .stages import Stage
from .wall import HOUR, MINUTE, Window
from .watcher import Touch

#: A dose whose time passed unseen longer than this ago is not judged: it may have been taken.
_UNSEEN: Final = 900.0
_DOSE: Final = "dose"


@dataclass(frozen=True, slots=True)
class MedicineSettings(RemindingSettings):
    """When medicine is due, and how long the home waits.

    `times` of day on `weekdays`; or `own_schedule`: the dispenser says itself that a dose waits.
    `limit`: how long after that an alarm is raised. `early`: how long before its time a dose may
    be taken. `warning` as long as `limit` reminds at the very time. `power_grace`: how long the
    dispenser may be unplugged before it is told.
    """

    warning: float = duration(HOUR, least=0, most=12 * HOUR)
    times: tuple[float, ...] = clocks()
    weekdays: tuple[int, ...] = weekdays()
    own_schedule: bool = flag(default=False)
    limit: float = duration(HOUR, least=5 * MINUTE, most=12 * HOUR)
    early: float = duration(HOUR, least=0, most=6 * HOUR)
    power_grace: float = duration(15 * MINUTE, least=MINUTE, most=12 * HOUR)


@dataclass(slots=True)
class MedicineState(PoweredState):
    """Beside what all keep: a use of the dispenser that has not yet counted for a dose."""

    used_at: float | None = None


class Medicine(
    Reminding[MedicineSettings, MedicineState], Powered[MedicineSettings, MedicineState]
):
    """A dose that nobody has taken.

    By the home's times any use of what has the role dispenser takes the dose: a lid, a drawer or a
    cupboard that is opened, a dispenser that is emptied; of one that tells itself what was taken that
    alone, and neither that a dose waits nor that it was handed out. One use takes one dose. By the dispenser's
    own schedule active means that a dose waits and idle that none does. Unplugged or silent is a
    technical fault and never a missed dose. A dose that is due while the last one is still missing
    takes its place: the last one's alarm was told and is not taken back.
    """

    kind = WatcherKind.MEDICINE
    alarm_kind = AlarmKind.MEDICINE_MISSED
    roles = frozenset({Role.DISPENSER, Role.PLUG, Role.CHECK_IN})
    suspended_by = frozenset({Absence.PAUSED, Absence.AWAY})
    appliance = Role.DISPENSER
    silent_is_dark = True
    settings_type = MedicineSettings
    state_type = MedicineState
    __slots__ = ()

    @property
    @override
    def grace(self) -> float:
        """What the coordinator has set."""
        return self.settings.power_grace

    @override
    def refusal(self) -> str | None:
        """Refuse where nothing says when a dose is due."""
        return None if self.settings.own_schedule or self.settings.times else "no_times"

    @override
    def start(self, at: float) -> None:
        """Plan the next dose; one that waits in the dispenser counts from now."""
        self.look_at_power(at)
        self._plan_dose(at)
        self._count_waiting(at)

    @override
    def edited(self, at: float) -> None:
        """Plan by the new times; a dose that is counted keeps its deadline."""
        self._plan_dose(at)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Take a use, a dose that waits, a plug, or the button that silences the reminder."""
        if sensor.role is Role.CHECK_IN:
            return self.silence(at) if reading is Reading.ACTIVE else Touch.NOTHING
        was_dark = sensor.number in self.state.dark
        touch = self.see_power(at, sensor, reading)
        if self.settings.own_schedule:
            if sensor.role is Role.DISPENSER and reading is Reading.IDLE:
                return max(touch, self._taken(at))
            return max(touch, self._count_waiting(at))
        use = Reading.IDLE if sensor.tells_taken else Reading.ACTIVE
        if sensor.role is Role.DISPENSER and reading is use and not was_dark:
            return max(touch, self._used(at))
        return touch

    @override
    def at_due(self, name: str, planned: float, at: float) -> None:
        """Let a dose be due."""
        if name != _DOSE:
            super().at_due(name, planned, at)
            return
        state, settings = self.state, self.settings
        self._plan_dose(at)
        self.look_at_power(at)
        used_at, state.used_at = state.used_at, None
        if used_at is not None and used_at >= planned - settings.early:
            return
        if at - planned > _UNSEEN or self._is_told_dark:
            return
        if state.stage in (Stage.COUNTING, Stage.WARNED):
            self._alarm(at)
        self.supersede()
        deadline = planned + settings.limit
        self.count(at, planned, min(deadline, state.dues.get(_DOSE, deadline)))

    @override
    def recheck(self, at: float) -> float | None:
        """Wait while it is not known whether the dispenser has power."""
        self.look_at_power(at)
        if not self.is_dark:
            return None
        return max(self.state.alarm_at or at, at + self.grace + 1)

    @override
    def without_power(self, at: float) -> None:
        """Stop counting a dose: from now on it is a technical fault."""
        if self.state.stage is not Stage.ALARMED:
            self.calm(at, quietly=True)

    @property
    def _is_told_dark(self) -> bool:
        return any(number in self.state.faults for number in self.state.dark)

    def _plan_dose(self, at: float) -> None:
        settings = self.settings
        if settings.own_schedule:
            self.plan(_DOSE, None)
            return
        wall = self.house.wall
        begins = (Window(time, time, settings.weekdays) for time in settings.times)
        self.plan(_DOSE, min((w.next_begin(at, wall) for w in begins), default=None))

    def _count_waiting(self, at: float) -> Touch:
        state = self.state
        if not self.settings.own_schedule or state.stage is not Stage.CALM or self.is_dark:
            return Touch.NOTHING
        for sensor in self.groups()[0]:
            if self.house.reading(sensor.number) is Reading.ACTIVE:
                return self.count(at, at, at + self.settings.limit, sensor=sensor.number)
        return Touch.NOTHING

    def _used(self, at: float) -> Touch:
        if self.state.stage is Stage.CALM:
            self.state.used_at = at
            return Touch.LATER
        return self.calm(at)

    def _taken(self, at: float) -> Touch:
        waiting = any(
            self.house.reading(sensor.number) is Reading.ACTIVE for sensor in self.groups()[0]
        )
        return Touch.NOTHING if waiting else self.calm(at)
