"""What a doing leaves behind: bodies that move in a room, and things that are used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from simulator.living import home
from simulator.living.home import Area, way
from simulator.living.inhabitants import MINUTE, spread
from simulator.living.plan import Doing
from simulator.living.sensed import IN_BED, OUTSIDE, Activity

STEP: Final = 6.0
"""Seconds from room to room."""
DOOR_STAYS: Final = 25.0
"""Longest that a front door stays open when somebody goes through, seconds."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that a sensor may notice.

    A movement has the motion sensor of its room as `device` and ends as it starts; a thing in use
    (a door open, somebody on a mat, power drawn) lasts from `start` to `end`, epoch seconds.
    """

    start: float
    end: float
    device: str

    @property
    def moves(self) -> bool:
        """Whether it is a movement."""
        return self.end <= self.start


def moved(at: float, area: Area) -> Signal:
    """Make a movement in a room."""
    return Signal(at, at, home.MOTION[area])


@dataclass(frozen=True, slots=True)
class _Style:
    """How somebody moves meanwhile: stillness of so many seconds in the median, then a burst."""

    still: float
    sigma: float = 0.9
    burst: int = 3
    longest: float = 120 * MINUTE


_STANDING: Final = _Style(13, 0.8)
_STYLES: Final[Mapping[Activity, _Style]] = {
    Activity.SLEEPING: _Style(66 * MINUTE, 0.75, 3, 255 * MINUTE),
    Activity.SLEEP_OUT_OF_BED: _Style(55 * MINUTE, 0.8, 2, 240 * MINUTE),
    Activity.WATCH_TV: _Style(32 * MINUTE, 1.3, 3, 185 * MINUTE),
    Activity.READ: _Style(17 * MINUTE, 1.1, 3, 140 * MINUTE),
    Activity.EAT_BREAKFAST: _Style(60),
    Activity.EAT_LUNCH: _Style(60),
    Activity.EAT_DINNER: _Style(60),
    Activity.GUESTS: _Style(70, 1.0),
    Activity.TOILET: _Style(14),
    Activity.BED_TO_TOILET: _Style(16),
    Activity.BATHE: _Style(20, 1.0),
}
_SITS: Final = frozenset({Activity.WATCH_TV, Activity.READ, Activity.SLEEP_OUT_OF_BED})
_VISITED: Final = frozenset({Activity.GUESTS, Activity.HOME_CARE})
_INSIDE: Final = tuple(Area)


class _Traces:
    """The traces of one doing, all within its bounds."""

    def __init__(self, rng: Random, doing: Doing, came_from: Area, bed: str) -> None:
        self.rng, self.doing, self.bed = rng, doing, bed
        self.signals: list[Signal] = []
        rooms = way(came_from, doing.area)
        for number, room in enumerate(rooms[:-1]):
            self.move(doing.start + 1.0 + STEP * number, room)
            self.move(doing.start + STEP * (number + 0.7), room)
        #: When the person has arrived where the doing is.
        self.there = min(doing.end, doing.start + STEP * (len(rooms) - 1))

    def move(self, at: float, area: Area) -> None:
        if self.doing.start <= at < self.doing.end:
            self.signals.append(moved(at, area))

    def use(self, device: str, start: float, seconds: float) -> None:
        start = max(start, self.doing.start)
        end = min(start + seconds, self.doing.end)
        if end - start >= 0.5:  # noqa: PLR2004  # nobody opens and shuts faster
            self.signals.append(Signal(start, end, device))

    def move_about(self, style: _Style, start: float, areas: tuple[Area, ...]) -> None:
        """Move now and then until the doing's end."""
        at = start + self.rng.uniform(0.5, 3.0)
        while at < self.doing.end:
            area = self.rng.choice(areas)
            for _ in range(self.rng.randint(1, style.burst)):
                self.move(at, area)
                at += self.rng.uniform(0.8, 4.0)
            at += spread(self.rng, style.still, style.sigma, 1.0, style.longest)

    def wander(self, low: float, high: float) -> None:
        """Go from room to room, each for `low` to `high` seconds."""
        at, room = self.there, self.doing.area
        while at < self.doing.end:
            leave = at + self.rng.uniform(low, high)
            while at < min(leave, self.doing.end):
                self.move(at, room)
                at += self.rng.uniform(3.0, 12.0)
            following = self.rng.choice([area for area in _INSIDE if area is not room])
            for number, passed in enumerate(way(room, following)[1:]):
                self.move(at + STEP * number, passed)
            at, room = at + STEP, following

    def sometimes(self, device: str, times: int, low: float, high: float) -> None:
        """Use a thing so many times, each for `low` to `high` seconds, never two at once."""
        span = (self.doing.end - self.there) / max(1, times)
        for number in range(times):
            seconds = self.rng.uniform(low, high)
            slack = max(0.0, span - seconds - 1.0)
            start = self.there + span * number + self.rng.uniform(0, slack)
            self.use(device, start, min(seconds, span))

    # -- by activity

    def goes_out(self) -> None:
        stays = self.rng.uniform(6, DOOR_STAYS)
        self.use(home.DOOR, self.doing.end - stays - 1.0, stays)
        self.move_about(_STANDING, self.there, (Area.ENTRY,))

    def comes_in(self) -> None:
        self.use(home.DOOR, self.doing.start, self.rng.uniform(6, DOOR_STAYS))
        self.move_about(_STANDING, self.doing.start + 2.0, (Area.ENTRY,))

    def steps_out(self) -> None:
        stays = self.rng.uniform(4, 12)
        self.use(home.DOOR, self.there + 2.0, stays)
        self.move(self.there + 1.0, Area.ENTRY)
        self.use(home.DOOR, max(self.there + stays + 4, self.doing.end - 8), 7.0)

    def host(self) -> None:
        """Let somebody in, be together, see the visitor to the door; the last thing is the door."""
        letting_in, seeing_off = 20.0, 15.0
        start, end = self.doing.start, self.doing.end
        for at in (start + 2, start + 9, start + 14, end - 14, end - 9, end - 5):
            self.move(at, Area.ENTRY)
        self.use(home.DOOR, start + 3, letting_in - 8)
        self.use(home.DOOR, end - seeing_off, seeing_off - 1)
        areas = (
            (Area.KITCHEN, Area.BATHROOM, Area.BEDROOM, Area.LIVING_ROOM)
            if self.doing.activity is Activity.HOME_CARE
            else (Area.LIVING_ROOM, Area.LIVING_ROOM, Area.KITCHEN)
        )
        inner = Doing(start, end - seeing_off, self.doing.activity, self.doing.area)
        for style in (_STYLES.get(self.doing.activity, _STANDING), _Style(50, 1.0)):
            together = _Traces(self.rng, inner, inner.area, self.bed)
            together.move_about(style, start + letting_in, areas)
            self.signals += together.signals

    def fall(self) -> None:
        """Fall and move no more; lying on the floor, one is below what most sensors see."""
        self.move(self.there, self.doing.area)
        self.move(self.there + 2.0, self.doing.area)

    def sit(self) -> None:
        self.use(home.CHAIR, self.there, self.doing.end - self.there)
        if self.doing.activity is Activity.WATCH_TV:
            self.use(home.TV, self.there + 5, self.doing.end - self.there - 5)

    def toilet(self) -> None:
        """Use the lift: it rises to help up, and is lowered before one leaves."""
        seconds = self.rng.uniform(15, 30)
        self.use(home.LIFT, self.doing.end - seconds - self.rng.uniform(10, 20), seconds)

    def kitchen(self) -> None:
        rng = self.rng
        match self.doing.activity:
            case Activity.COOK_BREAKFAST:
                self.sometimes(home.FRIDGE, rng.randint(1, 3), 4, 15)
                self.sometimes(home.CUPBOARD, rng.randint(1, 2), 4, 20)
                self.use(home.KETTLE, self.there + 20, rng.uniform(120, 220))
            case Activity.COOK_LUNCH | Activity.COOK_DINNER:
                self.sometimes(home.FRIDGE, rng.randint(2, 4), 4, 20)
                self.sometimes(home.CUPBOARD, rng.randint(1, 4), 4, 20)
                length = self.doing.end - self.there
                self.use(home.STOVE, self.there + length * 0.25, length * rng.uniform(0.5, 0.7))
            case Activity.SNACK:
                self.sometimes(home.FRIDGE, rng.randint(0, 1), 4, 15)
                self.sometimes(home.CUPBOARD, rng.randint(0, 1), 4, 15)
                if rng.random() < 0.5:  # noqa: PLR2004
                    self.use(home.KETTLE, self.there + 10, rng.uniform(100, 200))
            case Activity.MORNING_MEDS | Activity.EVENING_MEDS:
                self.use(home.MEDICINE, self.there + 6, rng.uniform(8, 25))
            case Activity.CHECK_IN:
                self.use(home.BUTTON, self.there + 3, 1.0)
            case _:
                pass


_BY_ACTIVITY: Final[Mapping[Activity, Callable[[_Traces], None]]] = {
    Activity.LEAVE_HOME: _Traces.goes_out,
    Activity.ENTER_HOME: _Traces.comes_in,
    Activity.STEP_OUT: _Traces.steps_out,
    Activity.FALLEN: _Traces.fall,
    Activity.HOUSEKEEPING: lambda traces: traces.wander(60, 240),
    Activity.ROAMING: lambda traces: traces.wander(15, 60),
}
_UNMOVED: Final = frozenset({*OUTSIDE, *_VISITED, *_BY_ACTIVITY})
"""Doings whose movements are not simply those of somebody in one room."""


def traces_of(
    rng: Random, doing: Doing, came_from: Area, bed: str, stillness: float = 1.0
) -> list[Signal]:
    """What a doing leaves behind.

    Args:
        rng: Source of chance, of this doing alone.
        doing: What is done, and where.
        came_from: Room that the person was in before.
        bed: The person's bed mat.
        stillness: Factor on how long the person sits or lies still.

    Returns:
        Signals by start, all within the doing.

    """
    traces = _Traces(rng, doing, came_from, bed)
    activity = doing.activity
    if special := _BY_ACTIVITY.get(activity):
        special(traces)
    elif activity in _VISITED:
        traces.host()
    if activity not in _UNMOVED:
        style = _STYLES.get(activity, _STANDING)
        if activity in _SITS or activity in IN_BED:
            style = _Style(style.still * stillness, style.sigma, style.burst, style.longest)
        traces.move_about(style, traces.there, (doing.area,))
    if activity in IN_BED:
        traces.use(bed, traces.there + 3.0 * (came_from is not doing.area), doing.end - doing.start)
    elif activity in _SITS:
        traces.sit()
    elif activity in {Activity.TOILET, Activity.BED_TO_TOILET}:
        traces.toilet()
    elif doing.area is Area.KITCHEN:
        traces.kitchen()
    return sorted(traces.signals, key=lambda signal: (signal.start, signal.device, signal.end))
