"""Up in the night: out of bed and not back.

With a bed sensor the bed says who is up. Without one movement must do: a silence that began in the
bedroom is taken for sleep, movement elsewhere after it for being up, movement in the bedroom for
being back.
"""

from dataclasses import dataclass
from typing import ClassVar, Final, override

from ..alarm.kinds import AlarmKind, Location, Role
from .house import House
from .identity import Identity, WatcherKind
from .movement import (
    CONFIRMED_WITHIN,
    EVENING,
    ONE_WAY,
    OpenHours,
    cannot_tell_who,
    cannot_tell_whose_bed,
    widened,
)
from .sensing import SHOWS_LIFE, Reading, Sensor
from .settings import clock, duration, flag, weekdays
from .stages import Stage, WatcherState
from .wall import HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings

#: How long an alarm waits when the resident seems to have left the home: that is `left_home`'s.
LEFT_WAIT: Final = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class NightAbsenceSettings(WatcherSettings):
    """How long somebody may be out of bed in the night.

    `limit`: out of bed and not back for this long is an alarm. `begin`, `end` and `weekdays`: the
    night in which leaving the bed counts; `weekdays` are the evenings on which it begins.
    `in_bed_for`: with a bed sensor, how long the resident must have lain in bed before leaving it
    counts; sitting down on the bed in the evening does not. `chair_counts_as_back`: resting in a
    chair with a sensor is as good as being back in bed.

    Only where there is no bed sensor: `quiet_for` is how long it must be still after the last
    movement in the bedroom until the resident counts as asleep. Movement elsewhere puts the alarm
    off, so that nobody comes because of a cup of tea; but no longer than `awake_limit` after the
    resident got up.
    """

    limit: float = duration(20 * MINUTE, least=MINUTE, most=6 * HOUR)
    begin: float = clock(22 * HOUR)
    end: float = clock(6 * HOUR)
    weekdays: tuple[int, ...] = weekdays()
    in_bed_for: float = duration(10 * MINUTE, least=0, most=4 * HOUR)
    quiet_for: float = duration(30 * MINUTE, least=10 * MINUTE, most=4 * HOUR)
    awake_limit: float = duration(90 * MINUTE, least=MINUTE, most=8 * HOUR)
    chair_counts_as_back: bool = flag(default=False)


@dataclass(slots=True)
class NightAbsenceState(WatcherState):
    """What is known of this night.

    `night` is the instant at which it began, `asleep` whether the resident has been asleep in it.
    `in_bed_since` is since when the bed is occupied. Without a bed sensor: `bedroom_at` is the last
    movement in the bedroom with none believed elsewhere since, `maybe_at` a sign elsewhere that
    nothing has confirmed yet, and `unseen` the seconds of this absence in which nothing could be
    seen. `in_chair`: the chair has counted as being back.
    """

    night: float = 0.0
    asleep: bool = False
    in_bed_since: float | None = None
    bedroom_at: float | None = None
    maybe_at: float | None = None
    unseen: float = 0.0
    in_chair: bool = False


class NightAbsence(Watcher[NightAbsenceSettings, NightAbsenceState]):
    """Out of bed in the night and not back (S2: only the return or the OK press cancels).

    With a bed sensor the limit runs from the bed exit, whatever moves. Without one it runs from the
    last sign of life away from the bedroom: who moves about the kitchen is awake, who has gone
    silent there may lie on the floor. What begins in the window is counted to its end, also past
    the window's; but then any sign of life ends it, since the day has begun.

    When the exit door was used and the home seems empty, the alarm waits: `left_home` tells of it.
    """

    kind = WatcherKind.NIGHT_ABSENCE
    alarm_kind: ClassVar[AlarmKind | None] = AlarmKind.NIGHT_ABSENCE
    roles = frozenset({*SHOWS_LIFE, Role.BED, Role.CHAIR, Role.CHECK_IN})
    sliding = True
    settings_type = NightAbsenceSettings
    state_type = NightAbsenceState

    __slots__ = ("_evening", "_night", "_read")

    def __init__(
        self,
        identity: Identity,
        settings: NightAbsenceSettings,
        house: House,
        state: NightAbsenceState,
    ) -> None:
        """Take up a state that was kept, or a new one."""
        super().__init__(identity, settings, house, state)
        self._read_settings()

    @override
    def start(self, at: float) -> None:
        state = self.state
        state.night, state.asleep, state.in_chair = 0.0, False, False
        state.in_bed_since = state.bedroom_at = state.maybe_at = None
        beds = [bed.number for bed in self._beds() if self._is_active(bed)]
        if beds:
            state.in_bed_since = min(self.house.changed_at.get(n, at) for n in beds)

    @override
    def groups(self) -> list[list[Sensor]]:
        if beds := self._beds():
            return [beds]
        seen = self.house.of(Role.MOTION, resident=self.identity.resident)
        return [
            [sensor for sensor in seen if sensor.room is Location.BEDROOM],
            [sensor for sensor in seen if sensor.room is not Location.BEDROOM],
        ]

    @override
    def refusal(self) -> str | None:
        if self._beds():
            return cannot_tell_whose_bed(self.house, self.identity.resident)
        return cannot_tell_who(self.house)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        role = sensor.role
        if reading is Reading.IDLE and role is not Role.BED and role is not Role.CHAIR:
            return Touch.NOTHING
        if self.settings is not self._read:
            self._read_settings()
        if not self._evening.hold(at) and self.state.stage is Stage.CALM and role is not Role.BED:
            return Touch.NOTHING
        match role:
            case Role.BED:
                return self._bed(at, sensor, reading)
            case Role.CHAIR:
                return self._chair(at, sensor, reading)
            case Role.CHECK_IN:
                return self._excused(at)
            case _:
                return self._sign(at, sensor)

    @override
    def recheck(self, at: float) -> float | None:
        left = self.house.presence.inferred_away_since
        if left is None:
            left = self.house.out_since(at, self.identity.resident)
        if left is not None and left >= self.state.since - ONE_WAY:
            return at + LEFT_WAIT
        return None

    @override
    def shift(self, by: float) -> None:
        super().shift(by)
        state = self.state
        state.unseen += by
        for name in ("in_bed_since", "bedroom_at", "maybe_at"):
            if (instant := getattr(state, name)) is not None:
                setattr(state, name, instant + by)

    def _sign(self, at: float, sensor: Sensor) -> Touch:
        """Take a sign of life."""
        if self._beds():
            return self._seen(at, sensor)
        if sensor.room is not Location.BEDROOM:
            return self._elsewhere(at, sensor)
        # A bedroom door is opened by who goes and by who comes: it tells nothing.
        return Touch.NOTHING if sensor.role is Role.INNER_DOOR else self._bedroom(at)

    # -- with a bed sensor -----------------------------------------------------------------------

    def _bed(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        state = self.state
        if reading is Reading.ACTIVE:
            if state.in_bed_since is not None and state.stage is Stage.CALM:
                return Touch.NOTHING
            state.in_bed_since = at
            return max(self._back(at), Touch.LATER)
        if state.in_bed_since is None or any(
            self._is_active(bed) for bed in self._beds() if bed is not sensor
        ):
            return Touch.NOTHING
        lain = at - state.in_bed_since
        state.in_bed_since = None
        if not self._begin_night(at):
            return Touch.LATER
        state.asleep = state.asleep or lain >= self.settings.in_bed_for
        return self._exit(at, at, Location.BEDROOM, sensor.number)

    def _seen(self, at: float, sensor: Sensor) -> Touch:
        """Take a sign of life while the bed is what counts: it is where the resident was last."""
        state = self.state
        if state.stage not in (Stage.COUNTING, Stage.WARNED) or cannot_tell_who(self.house):
            return Touch.NOTHING
        if not self._night.hold(at):
            return self.calm(at)
        state.seen_at, state.seen_in = at, sensor.room
        return Touch.LATER

    # -- without one -----------------------------------------------------------------------------

    def _bedroom(self, at: float) -> Touch:
        state = self.state
        self._begin_night(at)
        self._sleep(at)
        state.bedroom_at, state.maybe_at = at, None
        return max(self._back(at), Touch.LATER)

    def _elsewhere(self, at: float, sensor: Sensor) -> Touch:
        state, settings = self.state, self.settings
        if state.stage is not Stage.CALM:
            if not self._night.hold(at) and state.stage is not Stage.ALARMED:
                return self.calm(at)
            return self._moving(at, sensor)
        self._begin_night(at)
        self._sleep(at)
        near = state.bedroom_at is not None and at - state.bedroom_at <= ONE_WAY
        if not near and (state.maybe_at is None or at - state.maybe_at > CONFIRMED_WITHIN):
            state.maybe_at = at
            return Touch.LATER
        since = at if near or state.maybe_at is None else state.maybe_at
        state.bedroom_at = state.maybe_at = None
        state.unseen = 0.0
        return self._exit(at, since, sensor.room, sensor.number, settings.awake_limit)

    def _sleep(self, at: float) -> None:
        state = self.state
        if state.bedroom_at is not None and at - state.bedroom_at >= self.settings.quiet_for:
            state.asleep = True

    def _moving(self, at: float, sensor: Sensor) -> Touch:
        """Put the alarm off for somebody who is up and about, but not without end."""
        state, settings = self.state, self.settings
        if state.stage is Stage.ALARMED:
            return Touch.NOTHING
        latest = max(state.since + state.unseen + settings.awake_limit, state.alarm_at or at)
        alarm_at = min(latest, at + settings.limit)
        if state.stage is Stage.WARNED:
            state.alarm_at, state.seen_at, state.seen_in = alarm_at, at, sensor.room
            return Touch.LATER
        return self.count(
            at, state.since, alarm_at, seen_at=at, seen_in=sensor.room, sensor=sensor.number
        )

    # -- both ------------------------------------------------------------------------------------

    def _exit(
        self, at: float, since: float, room: Location, number: int, latest: float | None = None
    ) -> Touch:
        state, limit = self.state, self.settings.limit
        if not state.asleep or state.stage is not Stage.CALM or not self._night.hold(at):
            return Touch.LATER
        alarm_at = at + limit if latest is None else min(since + latest, at + limit)
        if alarm_at >= self._night.end and cannot_tell_who(self.house):
            # Nothing could tell that the day has begun for this resident.
            return Touch.LATER
        return self.count(at, since, max(at, alarm_at), seen_at=at, seen_in=room, sensor=number)

    def _back(self, at: float) -> Touch:
        self.state.in_chair = False
        return self.calm(at)

    def _chair(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        state = self.state
        if not self.settings.chair_counts_as_back:
            if reading is Reading.ACTIVE and state.stage is not Stage.CALM:
                return self._seen(at, sensor) if self._beds() else self._elsewhere(at, sensor)
            return Touch.NOTHING
        if reading is Reading.ACTIVE:
            if state.stage is Stage.CALM:
                return Touch.NOTHING
            state.in_chair = True
            return self.calm(at)
        if not state.in_chair:
            return Touch.NOTHING
        state.in_chair = False
        return max(self._exit(at, at, sensor.room, sensor.number), Touch.LATER)

    def _excused(self, at: float) -> Touch:
        """Take the OK press: what runs ends, and the next absence begins in bed."""
        state = self.state
        if state.stage is Stage.CALM:
            return Touch.NOTHING
        state.bedroom_at = state.maybe_at = None
        if not self._beds():
            state.asleep = False
        return self.calm(at, quietly=True)

    def _begin_night(self, at: float) -> bool:
        """Forget the night before; tell whether it is night or the evening before it."""
        if not self._evening.hold(at):
            return False
        state, begin = self.state, self._evening.begin
        if state.night != begin:
            state.night, state.asleep = begin, False
            state.bedroom_at = state.maybe_at = None
        return True

    def _beds(self) -> list[Sensor]:
        return self.house.of(Role.BED, resident=self.identity.resident)

    def _is_active(self, sensor: Sensor) -> bool:
        return self.house.reading(sensor.number) is Reading.ACTIVE

    def _read_settings(self) -> None:
        settings = self._read = self.settings
        window = Window(settings.begin, settings.end, settings.weekdays)
        self._night = OpenHours(window, self.house.wall)
        self._evening = OpenHours(widened(window, EVENING), self.house.wall)
