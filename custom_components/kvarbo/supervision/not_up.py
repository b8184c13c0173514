"""Not up by a clock time: no sign of the day having begun."""

from dataclasses import dataclass
from typing import ClassVar, Final, override

from ..alarm.kinds import AlarmKind, Location, Role
from .identity import WatcherKind
from .movement import cannot_tell_who, cannot_tell_whose_bed
from .sensing import SHOWS_LIFE, Reading, Sensor
from .settings import clock, weekdays
from .stages import Stage, WatcherState
from .wall import HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings

#: Being up this close before the alarm is a near miss.
NEAR_BEFORE: Final = 30 * MINUTE
#: How long an alarm waits while the resident seems to have left the home.
LEFT_WAIT: Final = 30 * MINUTE
_WEEKEND: Final = (5, 6)


@dataclass(frozen=True, slots=True)
class NotUpSettings(WatcherSettings):
    """By when somebody should be up.

    `by`: the clock time; `by_weekend` another one for Saturdays and Sundays, none for the same.
    `day_from`: only what happens from then on is a sign of being up, so that a visit to the
    bathroom in the night is none. `weekdays`: the days that are watched.
    """

    by: float = clock(10 * HOUR)
    by_weekend: float | None = clock(None)
    day_from: float = clock(6 * HOUR)
    weekdays: tuple[int, ...] = weekdays()


class NotUp(Watcher[NotUpSettings, WatcherState]):
    """No sign of being up between two clock times.

    A sign is the bed left, or any sign of life but movement in the bedroom. Where movement does not
    tell who moves, only the resident's own bed counts. The OK press is a sign as well.
    """

    kind = WatcherKind.NOT_UP
    alarm_kind: ClassVar[AlarmKind | None] = AlarmKind.NOT_UP
    roles = frozenset({*SHOWS_LIFE, Role.BED, Role.CHAIR, Role.CHECK_IN})
    settings_type = NotUpSettings

    __slots__ = ()

    @override
    def start(self, at: float) -> None:
        """Wait for the next day: of the one that has begun it is not known what was before."""
        self._await(at)

    @override
    def edited(self, at: float) -> None:
        self._await(at)

    @override
    def groups(self) -> list[list[Sensor]]:
        beds = self.house.of(Role.BED, resident=self.identity.resident)
        if cannot_tell_who(self.house) is not None:
            return [beds]
        seen = self.house.of(*SHOWS_LIFE, resident=self.identity.resident)
        return [[*beds, *(sensor for sensor in seen if _tells(sensor))]]

    @override
    def refusal(self) -> str | None:
        unknown = cannot_tell_who(self.house)
        if unknown is None:
            return None
        if not self.house.of(Role.BED, resident=self.identity.resident):
            return unknown
        return cannot_tell_whose_bed(self.house, self.identity.resident)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        if self.state.stage is Stage.CALM:
            return Touch.NOTHING
        match sensor.role:
            case Role.BED:
                up = reading is Reading.IDLE
            case Role.CHECK_IN:
                up = reading is Reading.ACTIVE
            case _:
                up = (
                    reading is Reading.ACTIVE
                    and _tells(sensor)
                    and cannot_tell_who(self.house) is None
                )
        quietly = sensor.role is Role.CHECK_IN
        return self.calm(at, quietly=quietly) if up else Touch.NOTHING

    @override
    def at_extra(self, at: float) -> None:
        house = self.house
        by = self._by(at)
        self._await(at)
        if by is None or by <= at:
            return
        if cannot_tell_who(house) is not None and not self._in_bed():
            return
        presence = house.presence
        self.calm(at, quietly=True)
        self.count(at, at, by, seen_at=presence.last_life, seen_in=presence.last_room)

    @override
    def recheck(self, at: float) -> float | None:
        house = self.house
        out_since = house.out_since(at, self.identity.resident)
        is_out = out_since is not None and out_since >= (house.presence.last_life or 0.0)
        return at + LEFT_WAIT if is_out or house.presence.inferred_away_since is not None else None

    @override
    def _was_near(self, at: float) -> bool:
        alarm_at = self.state.alarm_at
        return alarm_at is not None and alarm_at - at <= NEAR_BEFORE

    def _await(self, at: float) -> None:
        settings = self.settings
        window = Window(settings.day_from, settings.day_from, settings.weekdays)
        self.state.extra_due = window.next_begin(at, self.house.wall)

    def _by(self, at: float) -> float | None:
        """Return by when it must be, for the day that `at` lies in."""
        settings, wall = self.settings, self.house.wall
        weekend = settings.by_weekend is not None and wall.weekday(at) in _WEEKEND
        by = settings.by_weekend if weekend else settings.by
        return None if by is None else wall.instant(wall.day(at), by)

    def _in_bed(self) -> bool:
        house = self.house
        return any(
            house.reading(bed.number) is Reading.ACTIVE
            for bed in house.of(Role.BED, resident=self.identity.resident)
        )


def _tells(sensor: Sensor) -> bool:
    """Tell whether a sensor's becoming active shows that somebody is up."""
    return sensor.role is not Role.MOTION or sensor.room is not Location.BEDROOM
