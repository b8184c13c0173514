"""A home for tests of the watching: toy watchers, a disk of paper, and what was heard."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, override

from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Owner, Role
from custom_components.kvarbo.supervision.consent import Consent, ConsentBook
from custom_components.kvarbo.supervision.house import Dwelling, House
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.keeping import Keeping, Row
from custom_components.kvarbo.supervision.presence import Presence
from custom_components.kvarbo.supervision.recovery import Resumed, resume
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.settings import duration, read_settings
from custom_components.kvarbo.supervision.slot import RuleOptions, Slot, Standing
from custom_components.kvarbo.supervision.stages import (
    FaultKind,
    Stage,
    Told,
    Verdict,
    WatcherState,
)
from custom_components.kvarbo.supervision.supervisor import Heard, Supervisor
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE, WallTime
from custom_components.kvarbo.supervision.watcher import (
    AnyWatcher,
    Touch,
    Watcher,
    WatcherSettings,
)

#: A Tuesday, 2026-01-20 10:00 UTC.
START: Final = 1_768_903_200.0
OPTIONS: Final = RuleOptions(Owner.HOME_CARE, suitable=True)
STILLNESS: Final = Identity(WatcherKind.INACTIVITY, 1)
DOOR: Final = Identity(WatcherKind.DOOR_OPEN)

HALL: Final = Sensor(1, Role.MOTION, Location.HALLWAY)
KITCHEN: Final = Sensor(2, Role.MOTION, Location.KITCHEN)
FRONT: Final = Sensor(3, Role.EXIT_DOOR, Location.HALLWAY)
VACUUM: Final = Sensor(4, Role.MOVER, Location.LIVING_ROOM)
SENSORS: Final = (HALL, KITCHEN, FRONT, VACUUM)


@dataclass(frozen=True, slots=True)
class LimitSettings(WatcherSettings):
    """One limit."""

    limit: float = duration(HOUR, least=MINUTE, most=24 * HOUR)


class Stillness(Watcher[LimitSettings, WatcherState]):
    """Counts from each movement: the simplest watcher whose deadline slides."""

    kind = WatcherKind.INACTIVITY
    alarm_kind = AlarmKind.INACTIVITY
    roles = frozenset({Role.MOTION})
    sliding = True
    settings_type = LimitSettings

    __slots__ = ()

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        if reading is not Reading.ACTIVE:
            return Touch.NOTHING
        if self.state.stage is Stage.COUNTING:
            return self._count(at, sensor)
        return max(self.calm(at), self._count(at, sensor))

    @override
    def start(self, at: float) -> None:
        self.count(at, at, at + self.settings.limit)

    @override
    def refusal(self) -> str | None:
        return "pet" if self.house.dwelling.pet else None

    def _count(self, at: float, sensor: Sensor) -> Touch:
        return self.count(
            at,
            at,
            at + self.settings.limit,
            seen_at=at,
            seen_in=sensor.room,
            sensor=sensor.number,
        )


class DoorLeft(Watcher[LimitSettings, WatcherState]):
    """Counts while a door is open: the simplest watcher whose deadline begins and ends."""

    kind = WatcherKind.DOOR_OPEN
    alarm_kind = AlarmKind.DOOR_OPEN
    roles = frozenset({Role.EXIT_DOOR})
    hears_ghosts = True
    settings_type = LimitSettings

    __slots__ = ()

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        if reading is not Reading.ACTIVE:
            return self.calm(at)
        if self.state.stage is not Stage.CALM:
            # It was open already, and is told again after a restart.
            return Touch.NOTHING
        return self.count(at, at, at + self.settings.limit)


TOYS: Final[Mapping[WatcherKind, type[AnyWatcher]]] = {
    WatcherKind.INACTIVITY: Stillness,
    WatcherKind.DOOR_OPEN: DoorLeft,
}


class Paper(Keeping):
    """A disk that keeps rows; with `slow` a commit is done when `catch_up` is called."""

    def __init__(self, rows: Mapping[str, Row] | None = None) -> None:
        self.rows: dict[str, Row] = dict(rows or {})
        self.slow = False
        self.waiting: list[Callable[[], None]] = []
        self.commits = 0

    @override
    def keep(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row.state is None:
                self.rows.pop(row.key, None)
            else:
                self.rows[row.key] = row

    @override
    def commit(self, rows: Iterable[Row], done: Callable[[], None]) -> None:
        self.commits += 1
        kept = list(rows)

        def write() -> None:
            self.keep(kept)
            done()

        if self.slow:
            self.waiting.append(write)
        else:
            write()

    def catch_up(self) -> None:
        waiting, self.waiting = self.waiting, []
        for write in waiting:
            write()


def stands(slot: Slot) -> Standing:
    """Return how a watcher stands now."""
    return slot.standing


@dataclass
class Home:
    """One home under test. `known` lets every sensor say at the start that nothing is on."""

    at: float = START
    dwelling: Dwelling = field(default_factory=Dwelling)
    sensors: tuple[Sensor, ...] = SENSORS
    kinds: Mapping[WatcherKind, type[AnyWatcher]] = field(default_factory=lambda: TOYS)
    consented: bool = True
    known: bool = True
    paper: Paper = field(default_factory=Paper)
    wall: WallTime = field(default_factory=WallTime)

    def __post_init__(self) -> None:
        house = House(self.wall, self.dwelling, Presence(self.wall))
        self.consents = ConsentBook()
        self.supervisor = Supervisor(house, self.consents, self.kinds, self.paper)
        self.heard: list[Heard] = []
        self.raised: list[Heard] = []
        self.supervisor.hear(self.heard.append)
        self.supervisor.on_unanswered = self.raised.append
        if self.consented:
            for kind in self.kinds:
                for person in range(1, self.dwelling.residents + 1):
                    self.consents.give(kind, person, Consent("own", "coordinator", self.at))
        self.supervisor.set_sensors(self.sensors, self.at)
        if self.known:
            self.all_idle()

    @property
    def house(self) -> House:
        return self.supervisor.house

    @property
    def told(self) -> list[tuple[Told, float]]:
        """What was told of stages, with its instant."""
        return [
            (h.verdict.told, h.verdict.at)
            for h in self.heard
            if h.verdict.told not in (Told.FAULT, Told.MENDED)
        ]

    @property
    def faults(self) -> list[tuple[Told, FaultKind | None]]:
        """What was told of faults."""
        return [
            (h.verdict.told, h.verdict.fault)
            for h in self.heard
            if h.verdict.told in (Told.FAULT, Told.MENDED)
        ]

    @property
    def alarms(self) -> list[Verdict]:
        """The alarms."""
        return [h.verdict for h in self.heard if h.verdict.told is Told.ALARMED]

    def all_idle(self) -> None:
        for sensor in self.sensors:
            self.supervisor.observe(self.at, sensor.number, Reading.IDLE)

    def enrol(self, identity: Identity = STILLNESS, **settings: float) -> Slot:
        made = read_settings(self.kinds[identity.kind].settings_type, settings)
        return self.supervisor.enrol(identity, made, OPTIONS, self.at)

    def pass_by(self, seconds: float) -> None:
        self.at += seconds
        self.supervisor.advance(self.at)

    def says(self, sensor: Sensor, reading: Reading = Reading.ACTIVE, after: float = 0) -> None:
        self.at += after
        self.supervisor.observe(self.at, sensor.number, reading)

    def moves(self, sensor: Sensor = HALL, after: float = 0) -> None:
        self.says(sensor, Reading.ACTIVE, after)
        self.says(sensor, Reading.IDLE)

    def killed(self, down: float = 0.0, *, known: bool = True) -> tuple[Home, Resumed]:
        """Return the home as it is after a crash now and so many seconds without power."""
        after = Home(
            self.at + down,
            self.dwelling,
            self.sensors,
            self.kinds,
            self.consented,
            known=False,
            paper=Paper(self.paper.rows),
            wall=self.wall,
        )
        resumed = resume(after.supervisor, list(after.paper.rows.values()), after.at)
        after.supervisor.alive()
        if known:
            for number, reading in self.house.readings.items():
                after.supervisor.observe(after.at, number, reading)
        return after, resumed
