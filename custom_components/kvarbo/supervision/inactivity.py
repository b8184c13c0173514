"""No sign of life for too long (S7): a learned limit, fixed ones, or none within hours of the day.

What is too long is the resident's own: the rhythm's limit for where and when the last sign of life
was, between the coordinator's floor and ceiling. Instead of it limits may be fixed, by day and by
night, or a window of the clock may be named in which there must be a sign.

Who has left by the exit door shows no life either. Such an absence is only inferred, so it is waited
out for some hours and then alarmed of as well: not returned, or lying still (S6).
"""

from dataclasses import dataclass
from typing import Final, override

from ..alarm.kinds import AlarmKind, Location, Role
from .house import Absence, House
from .identity import Identity, WatcherKind
from .presence import Presence
from .rhythm import BED, CHAIR, NOWHERE, SHORTEST, Rhythm, Usual
from .sensing import HOLDS_SOMEBODY, SHOWS_LIFE, Reading, Sensor
from .settings import clock, duration, weekdays
from .stages import Stage, WatcherState
from .wall import DAY, HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings

#: A silence that has come this near to its limit is a near miss. More than for other rules: half
#: of it is an ordinary nap, and a long night comes to three quarters.
_NEAR: Final = 0.9
#: How long after somebody came in from outside a departure may be theirs (homes with visits).
_VISIT: Final = 2 * HOUR
#: The earliest deadline follows the signs of life in steps of this, seconds.
_STEP: Final = 5.0
#: Looked at for where the day and the night meet: no limit is longer.
_DAYS_AHEAD: Final = 4
_ROLES: Final = SHOWS_LIFE | HOLDS_SOMEBODY | {Role.CHECK_IN, Role.LIFT}
_OCCUPIED: Final = (BED, CHAIR)


@dataclass(frozen=True, slots=True)
class InactivitySettings(WatcherSettings):
    """How long there may be no sign of life.

    `limit` is a fixed one; without it the limit is learned, and kept between `floor` and `ceiling`.
    `night_limit` is a fixed one for the hours from `night_from` to `night_to`, else they have what
    the day has. With `window_from` and `window_to` there must be a sign of life between those two
    times of day instead. `weekdays`: the days on which it may alarm, or on which such a window
    begins. `away_limit` and `away_night_limit`: how long who seems to have left is waited for, by
    day, and by night who left in the night.
    """

    limit: float | None = duration(None, least=10 * MINUTE, most=3 * DAY)
    night_limit: float | None = duration(None, least=10 * MINUTE, most=3 * DAY)
    night_from: float = clock(22 * HOUR)
    night_to: float = clock(7 * HOUR)
    floor: float = duration(40 * MINUTE, least=10 * MINUTE, most=12 * HOUR)
    ceiling: float = duration(12 * HOUR, least=HOUR, most=DAY)
    window_from: float | None = clock(None)
    window_to: float | None = clock(None)
    weekdays: tuple[int, ...] = weekdays()
    away_limit: float = duration(6 * HOUR, least=HOUR, most=3 * DAY)
    away_night_limit: float = duration(HOUR, least=10 * MINUTE, most=12 * HOUR)

    @property
    def window(self) -> Window | None:
        """The hours in which there must be a sign of life; None when it is limits that count."""
        if self.window_from is None or self.window_to is None:
            return None
        return Window(self.window_from, self.window_to, self.weekdays)

    @property
    def shortest(self) -> float:
        """No silence inside can alarm before it has lasted this long, seconds."""
        if self.window is not None:
            return self.floor
        day = self.floor if self.limit is None else self.limit
        return day if self.night_limit is None else min(day, self.night_limit)


@dataclass(slots=True)
class InactivityState(WatcherState):
    """Beside what all keep: the silence that goes on.

    `life_at` is the last sign of life that counts here, `place` where somebody is since (as the
    rhythm knows places), `left` whether by the exit door. `whole`: it was watched from its
    beginning, so that it may be learned from.
    """

    life_at: float = 0.0
    place: str = NOWHERE
    left: bool = False
    whole: bool = False


class Inactivity(Watcher[InactivitySettings, InactivityState]):
    """No sign of life for too long. Any sign of life of this resident cancels it (S2).

    The deadline that stands is only the earliest one that can be; the silence's own limit is asked
    for when it has come. In a home with a pet, movement is no sign of life. Where two live, only a
    resident's own sensors tell of that resident; the home as a whole (0) takes all.
    """

    kind = WatcherKind.INACTIVITY
    alarm_kind = AlarmKind.INACTIVITY
    roles = frozenset(_ROLES)
    sliding = True
    settings_type = InactivitySettings
    state_type = InactivityState
    __slots__ = ("_shortest",)

    def __init__(
        self,
        identity: Identity,
        settings: InactivitySettings,
        house: House,
        state: InactivityState,
    ) -> None:
        """Take up a state that was kept, or a new one."""
        super().__init__(identity, settings, house, state)
        self._shortest = settings.shortest

    # -- what it needs ---------------------------------------------------------------------------

    @override
    def groups(self) -> list[list[Sensor]]:
        """Need any one sensor that tells of this resident's life."""
        return [self._telling()] if self._telling() else self._any()

    @override
    def refusal(self) -> str | None:
        """Refuse where no sensor tells this resident's life from another's (S6)."""
        if self._telling():
            return None
        return "residents" if self.house.dwelling.residents > 1 else "pet"

    @override
    def start(self, at: float) -> None:
        """Count from now: of what was before it is not known how long it had been still."""
        presence, state = self.house.presence, self.state
        state.whole = presence.last_life == at
        state.life_at, state.place = at, presence.place
        state.left = self._has_left(at, presence)
        self._shortest = self.settings.shortest
        self._count(at)

    @override
    def edited(self, at: float) -> None:
        """Judge the present silence by the new limits."""
        self._shortest = self.settings.shortest
        if self.state.stage is Stage.COUNTING:
            self.count(at, self.state.life_at, max(at, self.deadline()))

    @override
    def shift(self, by: float) -> None:
        """Hold a time in which nothing could be seen against nobody (S3, S4).

        Where somebody is who was not seen meanwhile is not known: the home's limit counts then.
        """
        super().shift(by)
        state = self.state
        state.life_at += by
        state.whole = False
        if state.place not in _OCCUPIED:
            state.place = NOWHERE

    # -- life ------------------------------------------------------------------------------------

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Take a sign of life; what is one the home's presence has decided."""
        presence = self.house.presence
        if presence.last_life != at:
            return Touch.NOTHING
        place, left = presence.place, presence.left
        if self.house.dwelling.residents > 1 and self.identity.resident:
            if sensor.resident != self.identity.resident:
                return Touch.NOTHING
            # Where the other one is says nothing of this one.
            place = place if place in _OCCUPIED else sensor.room
        state = self.state
        touch = Touch.LATER
        if at - state.life_at >= SHORTEST:
            touch = self._silence_ended(at)
        if place != state.place:
            self._rhythm.see(at, place)
        state.life_at, state.place, state.whole = at, place, True
        if (left := left and self._has_left(at, presence)) != state.left:
            # Another limit, which must not be lost with the last minute before a crash (S3).
            state.left, touch = left, Touch.NOW
        state.seen_in, state.sensor = sensor.room, sensor.number
        alarm_at = state.alarm_at
        # Not at every step of somebody who moves about: the silence itself is judged by `life_at`.
        if alarm_at is None or state.left or abs(at + self._shortest - alarm_at) > _STEP:
            return max(touch, self._count(at, sensor.room))
        return touch

    @override
    def recheck(self, at: float) -> float | None:
        """Ask what this silence's limit is; until it is reached, wait for it."""
        state = self.state
        state.since = state.seen_at = state.life_at
        out_since = self.house.out_since(at, self.identity.resident)
        if out_since is not None and out_since >= state.life_at:
            # As who has left by a door: waited out, and then told as well.
            state.left = True
        deadline = self.deadline()
        return deadline if deadline > at else None

    def deadline(self) -> float:
        """Return the instant at which the present silence is too long."""
        state, settings = self.state, self.settings
        if (window := settings.window) is not None:
            deadline = self._after_window(window)
        elif settings.limit is None or settings.night_limit is not None:
            deadline = self._by_day_and_night()
        else:
            deadline = state.life_at + settings.limit
        if state.left:
            waited = self._waited_for()
            deadline = waited if window is None else max(waited, deadline)
        return deadline if window is not None else self._on_weekday(deadline)

    def usual(self) -> Usual | None:
        """Return why the present silence may last as long as it may; None when that is not learned."""
        settings, state = self.settings, self.state
        if state.left or settings.window is not None or settings.limit is not None:
            return None
        return self._rhythm.usual(state.life_at, state.place)

    # -- its own ---------------------------------------------------------------------------------

    @property
    def _rhythm(self) -> Rhythm:
        return self.house.rhythm(self.identity.resident)

    def _count(self, at: float, seen_in: Location | None = None) -> Touch:
        """Count the silence that begins now, after a sign of life in this room."""
        state = self.state
        deadline = self.deadline() if state.left else at + self._shortest
        return self.count(at, at, deadline, seen_at=at, seen_in=seen_in, sensor=state.sensor)

    def _silence_ended(self, at: float) -> Touch:
        """Learn from a silence; tell when it was warned or alarmed of, or came near to it."""
        state = self.state
        began, touch = state.life_at, Touch.LATER
        if state.stage in (Stage.WARNED, Stage.ALARMED):
            touch = self.calm(at)
        elif state.stage is Stage.COUNTING and at - began >= self._shortest * _NEAR:
            deadline = self.deadline()
            if at - began >= (deadline - began) * _NEAR:
                state.since = state.begun = began
                state.alarm_at = deadline
                touch = self.calm(at)
        visited = self.house.absence(self.identity.resident) is Absence.VISITOR
        if state.whole and not state.left and not visited:
            self._rhythm.learn(began, at, state.place)
        return touch

    def _has_left(self, at: float, presence: Presence) -> bool:
        """Tell whether it is this resident who seems to have left (S6)."""
        if not presence.left or (self.house.dwelling.residents > 1 and self.identity.resident):
            return False
        if self.house.absence(self.identity.resident) is Absence.VISITOR:
            return False
        entered_at = presence.entered_at
        came = self.house.dwelling.visits and entered_at is not None
        return not (came and entered_at is not None and at - entered_at <= _VISIT)

    def _waited_for(self) -> float:
        settings, left_at = self.settings, self.state.life_at
        soon = left_at + settings.away_night_limit
        if self.house.is_night(left_at) and self.house.is_night(soon):
            return soon
        return left_at + settings.away_limit

    def _learned(self) -> float:
        settings, state = self.settings, self.state
        limit = self._rhythm.limit(state.life_at, state.place)
        return min(settings.ceiling, max(settings.floor, limit))

    def _by_day_and_night(self) -> float:
        """Return the first instant at which the silence is too long for the hours it lies in."""
        settings, life_at = self.settings, self.state.life_at
        day = life_at + (self._learned() if settings.limit is None else settings.limit)
        if settings.night_limit is None:
            return day
        night = life_at + settings.night_limit
        hours, wall = Window(settings.night_from, settings.night_to), self.house.wall
        at = life_at
        for _ in range(2 * _DAYS_AHEAD):
            span = hours.span(at, wall)
            end = hours.next_begin(at, wall) if span is None else span[1]
            due = max(at, day if span is None else night)
            if due < end:
                return due
            at = end
        return max(day, night)

    def _after_window(self, window: Window) -> float:
        """Return the end of the first window that has begun since the last sign of life."""
        begin = window.next_begin(self.state.life_at, self.house.wall)
        span = window.span(begin, self.house.wall)
        return begin if span is None else span[1]

    def _on_weekday(self, deadline: float) -> float:
        """Return the deadline, or the beginning of the next day on which it may alarm."""
        days, wall = self.settings.weekdays, self.house.wall
        while days and wall.weekday(deadline) not in days:
            deadline = wall.instant(wall.day(deadline) + 1, 0)
        return deadline

    def _telling(self) -> list[Sensor]:
        sensors = self.house.of(*self.roles, resident=self.identity.resident)
        return [sensor for sensor in sensors if self._tells(sensor)]

    def _any(self) -> list[list[Sensor]]:
        sensors = self.house.of(*self.roles, resident=self.identity.resident)
        return [sensors] if sensors else []

    def _tells(self, sensor: Sensor) -> bool:
        """Tell whether a sensor's sign of life is this resident's."""
        house, resident = self.house, self.identity.resident
        if house.dwelling.residents > 1 and resident and sensor.resident != resident:
            return False
        return sensor.role is not Role.MOTION or house.movement_tells
