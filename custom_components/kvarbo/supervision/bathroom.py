"""In the bathroom for too long, with no sign of life anywhere else."""

from dataclasses import dataclass
from typing import ClassVar, override

from ..alarm.kinds import AlarmKind, Location, Role
from .house import House
from .identity import Identity, WatcherKind
from .movement import CONFIRMED_WITHIN, ONE_WAY, OpenHours, cannot_tell_who
from .sensing import HOLDS_SOMEBODY, SHOWS_LIFE, Reading, Sensor
from .settings import clock, duration
from .stages import Stage, WatcherState
from .wall import HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings


@dataclass(frozen=True, slots=True)
class BathroomStaySettings(WatcherSettings):
    """How long a visit to the bathroom may last.

    `limit` holds for visits that begin by day, `night_limit` for those that begin between
    `night_begin` and `night_end`.
    """

    limit: float = duration(45 * MINUTE, least=5 * MINUTE, most=6 * HOUR)
    night_limit: float = duration(30 * MINUTE, least=5 * MINUTE, most=6 * HOUR)
    night_begin: float = clock(22 * HOUR)
    night_end: float = clock(6 * HOUR)


@dataclass(slots=True)
class BathroomStayState(WatcherState):
    """`elsewhere_at` is the last sign of life elsewhere, `maybe_at` a visit not yet believed.

    It is not kept at each sign: after a restart the first visit may need a second sign to count.
    `excused`: the OK press has ended this visit's count.
    """

    elsewhere_at: float | None = None
    maybe_at: float | None = None
    excused: bool = False


class BathroomStay(Watcher[BathroomStaySettings, BathroomStayState]):
    """Gone into the bathroom and not come out (S2: a sign of life elsewhere or the OK press cancels).

    The limit runs from the first sign in the bathroom; movement in there does not put it off, for
    who has fallen may well move an arm. It needs movement to be seen in the bathroom and outside
    it: a door alone does not tell who goes from who comes.
    """

    kind = WatcherKind.BATHROOM_STAY
    alarm_kind: ClassVar[AlarmKind | None] = AlarmKind.BATHROOM_STAY
    roles = frozenset({*SHOWS_LIFE, *HOLDS_SOMEBODY, Role.CHECK_IN})
    settings_type = BathroomStaySettings
    state_type = BathroomStayState

    __slots__ = ("_night", "_read")

    def __init__(
        self,
        identity: Identity,
        settings: BathroomStaySettings,
        house: House,
        state: BathroomStayState,
    ) -> None:
        """Take up a state that was kept, or a new one."""
        super().__init__(identity, settings, house, state)
        self._read_settings()

    @override
    def start(self, at: float) -> None:
        state = self.state
        state.elsewhere_at = state.maybe_at = None
        state.excused = False

    @override
    def groups(self) -> list[list[Sensor]]:
        seen = self.house.of(Role.MOTION, resident=self.identity.resident)
        return [
            [sensor for sensor in seen if sensor.room is Location.BATHROOM],
            [sensor for sensor in seen if sensor.room is not Location.BATHROOM],
        ]

    @override
    def refusal(self) -> str | None:
        return cannot_tell_who(self.house)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        if reading is Reading.IDLE:
            return Touch.NOTHING
        state = self.state
        if sensor.room is Location.BATHROOM and sensor.role is not Role.CHECK_IN:
            return self._inside(at, sensor)
        if sensor.role is Role.CHECK_IN:
            state.excused = state.stage is not Stage.CALM
            return self.calm(at, quietly=True)
        state.elsewhere_at, state.maybe_at = at, None
        state.excused = False
        return self.calm(at)

    def _inside(self, at: float, sensor: Sensor) -> Touch:
        state = self.state
        if state.excused or state.stage is Stage.ALARMED:
            return Touch.NOTHING
        if state.stage is not Stage.CALM:
            state.seen_at, state.seen_in = at, Location.BATHROOM
            return Touch.LATER
        near = state.elsewhere_at is not None and at - state.elsewhere_at <= ONE_WAY
        if not near and (state.maybe_at is None or at - state.maybe_at > CONFIRMED_WITHIN):
            state.maybe_at = at
            return Touch.LATER
        since = at if near or state.maybe_at is None else state.maybe_at
        state.maybe_at = None
        if self.settings is not self._read:
            self._read_settings()
        limit = self.settings.night_limit if self._night.hold(since) else self.settings.limit
        return self.count(
            at,
            since,
            max(at, since + limit),
            seen_at=at,
            seen_in=Location.BATHROOM,
            sensor=sensor.number,
        )

    def _read_settings(self) -> None:
        settings = self._read = self.settings
        self._night = OpenHours(Window(settings.night_begin, settings.night_end), self.house.wall)
