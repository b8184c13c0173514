"""A simulated home on a disk that is a little late, cut off at any instant and started again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Final, override

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import Identity
from custom_components.kvarbo.supervision.keeping import PRESENCE, RHYTHM, Row
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.recovery import resume
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.settings import Json
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import HOUR, WallTime
from simulator.living import Life, play
from tests.supervision.lives import events_of, every_rule, sensors_of
from tests.supervision.making import OPTIONS, Home, Paper

#: The journal's thread writes what has gathered within this, seconds.
LAG: Final = 0.4
#: What a running home has learned and inferred is kept this often.
UPKEEP: Final = HOUR
#: Before a cut it is said for so long that the home lives, seconds.
BEATS: Final = 200.0
#: Of kinds that the simulated home has no device for.
FALL_MAT: Final = Sensor(90, Role.FALL_SENSOR, Location.BATHROOM)
ROOM: Final = Sensor(91, Role.ROOM_SENSOR, Location.BEDROOM)

type Alarm = tuple[Identity, float]


class LateDisk(Paper):
    """Writes in order, `LAG` after it was asked; what is not written by the cut is lost."""

    def __init__(self, rows: dict[str, Row] | None = None) -> None:
        super().__init__(rows)
        self.queue: list[tuple[list[Row], Callable[[], None]]] = []
        self.due: float | None = None
        self.now = 0.0

    @override
    def keep(self, rows: Iterable[Row]) -> None:
        self._put(list(rows), lambda: None)

    @override
    def commit(self, rows: Iterable[Row], done: Callable[[], None]) -> None:
        self.commits += 1
        self._put(list(rows), done)

    def write(self) -> None:
        """Write all that waits."""
        queue, self.queue, self.due = self.queue, [], None
        for rows, done in queue:
            super().keep(rows)
            done()

    def _put(self, rows: list[Row], done: Callable[[], None]) -> None:
        self.queue.append((rows, done))
        if self.due is None:
            self.due = self.now + LAG


@dataclass(frozen=True)
class Tale:
    """A life with something happening in it: its sensors, and what they say."""

    life: Life
    cause: float
    sensors: tuple[Sensor, ...]
    events: tuple[Event, ...]

    def readings(self, at: float) -> dict[int, Reading]:
        """Return what every sensor shows at an instant."""
        shown = {sensor.number: Reading.IDLE for sensor in self.sensors}
        for instant, number, reading in self.events:
            if instant > at:
                break
            shown[number] = reading
        return shown


@cache
def tale(seed: int, name: str, days: int = 4, today: int = 1) -> Tale:
    """Return a scene's life, in which somebody also falls and is out of a room at night."""
    plain = Life(seed, days=days)
    scene = play(name, plain, today)
    others: list[Event] = []
    for day in range(days):
        fall = plain.clock(day, 4 + (seed * 7 + day * 5) % 17)
        others += [
            (fall, FALL_MAT.number, Reading.ACTIVE),
            (fall + 90, FALL_MAT.number, Reading.IDLE),
        ]
        out = plain.clock(day, 2 + seed % 3)
        others += [(out, ROOM.number, Reading.ACTIVE), (out + 2400, ROOM.number, Reading.IDLE)]
    events = sorted([*events_of(scene.life), *others], key=lambda event: event[0])
    sensors = (*sensors_of(plain), FALL_MAT, ROOM)
    return Tale(plain, scene.cause, sensors, tuple(events))


@dataclass
class Lived:
    """A home under way, its disk, and when it next keeps what it has learned.

    After a start: whether the time before it counts as blind, and each rule's state as it was taken
    up, before any sensor has spoken.
    """

    home: Home
    disk: LateDisk
    upkeep: float
    was_blind: bool = False
    taken_up: dict[str, dict[str, Json]] = field(default_factory=dict)

    @classmethod
    def new(cls, told: Tale, at: float, disk: LateDisk | None = None) -> Lived:
        """Return a new home with a rule of every kind, none of which has seen anything yet."""
        disk = disk or LateDisk()
        disk.now = at
        wall = WallTime(told.life.zone)
        home = Home(at, sensors=told.sensors, kinds=KINDS, known=False, paper=disk, wall=wall)
        for number, reading in told.readings(at).items():
            home.supervisor.observe(at, number, reading)
        for rule in every_rule():
            home.supervisor.enrol(rule.identity, rule.settings, OPTIONS, at)
        home.supervisor.started(at)
        return cls(home, disk, at + UPKEEP)

    def live(self, events: Iterable[Event], until: float, *, beats: bool = False) -> None:
        """Let the home hear this, and let time pass.

        `beats` lets it say in the last minutes that it lives, as a running home does all the time:
        only what is on disk at the cut matters, and a beat each minute of a day takes its time.
        """
        if beats:
            events = list(events)
            self.live([event for event in events if event[0] <= until - BEATS], until - BEATS)
            self.home.supervisor.alive()
            events = [event for event in events if event[0] > until - BEATS]
        for at, number, reading in events:
            self._pass(at)
            self.disk.now = at
            self.home.supervisor.observe(at, number, reading)
        self._pass(until)
        self.home.supervisor.advance(until)

    def _pass(self, until: float) -> None:
        supervisor = self.home.supervisor
        while True:
            dues = (supervisor.next_due, self.disk.due, self.upkeep, until)
            at = max(min(due for due in dues if due is not None), supervisor.now)
            if at >= until:
                break
            self.disk.now = at
            if self.disk.due is not None and self.disk.due <= at:
                self.disk.write()
            supervisor.advance(at)
            if self.upkeep <= at:
                self.upkeep = at + UPKEEP
                self.keep_learned()
        self.home.at = self.disk.now = until

    def keep_learned(self) -> None:
        """Keep what a running home keeps each hour."""
        house = self.home.house
        rows = [Row(PRESENCE, None, house.presence.to_json())]
        rows += [Row(f"{RHYTHM}/{n}", None, r.to_json()) for n, r in house.rhythms.items()]
        self.disk.keep(rows)

    def told(self, begin: float, *what: Told) -> list[Alarm]:
        """Return who told this from an instant on, and when."""
        wanted = what or (Told.ALARMED,)
        return [
            (h.identity, h.verdict.at)
            for h in self.home.heard
            if h.verdict.told in wanted and h.verdict.at >= begin
        ]

    def cut(self, told: Tale, at: float, down: float) -> Lived:
        """Return the home that starts on what is on disk, so long after power went at `at`.

        Everything in it is new but the rows. Each sensor says at once what it shows by then.
        """
        disk = LateDisk(self.disk.rows)
        now = disk.now = at + down
        after = Home(
            now, sensors=told.sensors, kinds=KINDS, known=False, paper=disk, wall=self.home.wall
        )
        resumed = resume(after.supervisor, list(disk.rows.values()), now)
        assert resumed.broken == ()
        is_blind = resumed.blind_from is not None
        taken_up = {
            key: slot.watcher.state.to_json()
            for key, slot in ((str(i), slot) for i, slot in after.supervisor.slots.items())
        }
        for number, reading in told.readings(now).items():
            after.supervisor.observe(now, number, reading)
        after.supervisor.started(now)
        for rule in every_rule():
            after.supervisor.enrol(rule.identity, rule.settings, OPTIONS, now)
        return Lived(after, disk, now + UPKEEP, is_blind, taken_up)
