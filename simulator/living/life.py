"""A home that lives: plausible days, the same ones each time from one seed.

Nothing here knows the real clock, and no state is shared: every day of every person has a source
of chance of its own, drawn from the seed, so that a life changed from an instant on is the same
life until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
import heapq
from itertools import chain, pairwise
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from simulator.living import home
from simulator.living.changes import Changes
from simulator.living.home import Area, Device
from simulator.living.inhabitants import HOUR, Habits, Inhabitants
from simulator.living.others import pet_on_day, vacuum_on_day
from simulator.living.perceive import perceive
from simulator.living.plan import Doing, Frame, plan_day
from simulator.living.sensed import AT_THE_DOOR, Activity, Event, Truth
from simulator.living.sensing import Sensing
from simulator.living.traces import Signal, traces_of

FIRST_DAY: Final = date(2026, 1, 5)
"""A Monday; the first month after it has no change of clocks."""
_SATURDAY: Final = 5
_LEAST_NIGHT: Final = 5 * HOUR
_TOGETHER: Final = 0.6
"""Share of days on which two residents go out together."""
_NOT_CALM: Final = (
    AT_THE_DOOR
    | {Activity.SLEEPING, Activity.BED_TO_TOILET}
    | {
        Activity.GUESTS,
        Activity.HOME_CARE,
    }
)


@dataclass(frozen=True, slots=True)
class Life:
    """Some days of a home's life.

    The first resident is the one whom the scenes, the medicine and the visits are about.
    """

    seed: int
    days: int = 30
    first_day: date = FIRST_DAY
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Stockholm"))
    inhabitants: Inhabitants = field(default_factory=Inhabitants)
    sensing: Sensing = field(default_factory=Sensing)
    changes: Changes = field(default_factory=Changes)

    def __post_init__(self) -> None:
        """Refuse an empty life.

        Raises:
            ValueError: It lasts for less than a day.

        """
        if self.days < 1:
            raise ValueError("a life lasts for a day or more")

    # -- time

    def clock(self, day: int, hour: float = 0.0) -> float:
        """Epoch seconds of a local clock hour on a day.

        Args:
            day: Counted from 0.
            hour: 0 to 24 and beyond, on the clock on the wall: 24 is the next midnight.

        """
        over, hour = divmod(hour, 24)
        midnight = datetime.combine(
            self.first_day + timedelta(days=day + int(over)), time(), self.zone
        )
        # Wall time first: adding to the aware value moves the hands, not the instant.
        return round((midnight + timedelta(hours=hour)).timestamp(), 3)

    def local(self, at: float) -> datetime:
        """Local time of an instant, naive, as the recorded homes write it."""
        return datetime.fromtimestamp(at, UTC).astimezone(self.zone).replace(tzinfo=None)

    @property
    def start(self) -> float:
        """First midnight, epoch seconds."""
        return self.clock(0)

    @property
    def end(self) -> float:
        """Midnight after the last day, epoch seconds."""
        return self.clock(self.days)

    def _rng(self, *purpose: object) -> Random:
        return Random("/".join(str(part) for part in (self.seed, *purpose)))

    # -- who and what

    @property
    def devices(self) -> tuple[Device, ...]:
        """Every device of the home, in a fixed order."""
        return home.devices(
            residents=self.inhabitants.residents, robot_vacuum=self.inhabitants.robot_vacuum
        )

    def habits(self, resident: int, day: int) -> Habits:
        """Habits of resident 1 or 2 on a day."""
        habits = Habits.drawn(self._rng("habits", resident))
        changed = self.inhabitants.changed
        return habits.after(changed) if changed and day >= changed.day else habits

    def wakes(self, resident: int, day: int) -> float:
        """When a resident gets up on a day by the plan, epoch seconds."""
        rng = self._rng("wake", resident, day)
        weekend = 0.5 if self._weekday(day) >= _SATURDAY else 0.0
        spread = max(-0.6, min(1.0, rng.gauss(0.0, 0.3)))
        return self.clock(day, self.habits(resident, day).rises + weekend + spread)

    def _weekday(self, day: int) -> int:
        return (self.first_day + timedelta(days=day)).weekday()

    def plan(self, resident: int, day: int) -> list[Doing]:
        """What a resident would do from getting up on a day to getting up on the next."""
        habits, rng = self.habits(resident, day), self._rng("day", resident, day)
        wake, next_wake = self.wakes(resident, day), self.wakes(resident, day + 1)
        spread = max(-1.5, min(1.5, rng.gauss(0.0, 0.4)))
        frame = Frame(
            wake=wake,
            bedtime=min(self.clock(day, habits.to_bed + spread), next_wake - _LEAST_NIGHT),
            next_wake=next_wake,
            weekend=self._weekday(day) >= _SATURDAY,
            clock=partial(self.clock, day),
            hosts=resident == 1,
            joins=self._joins(day) if resident > 1 else (),
        )
        return plan_day(rng, habits, self.inhabitants, frame)

    def _joins(self, day: int) -> tuple[tuple[float, float], ...]:
        """Outings of the first resident that the second goes along on: all of a day, or none."""
        if self._rng("together", day).random() > _TOGETHER:
            return ()
        return tuple(
            (leaving.start, away.end)
            for leaving, away in pairwise(self.plan(1, day))
            if away.activity is Activity.AWAY
        )

    def _plans(self, resident: int) -> Iterator[Doing]:
        """Every planned doing, from the getting up before the first day."""
        for day in range(-1, self.days):
            yield from self.plan(resident, day)

    def doings(self, resident: int) -> Iterator[tuple[Doing, float, float]]:
        """What a resident does: (doing, from, to), as `Changes.doings` gives it."""
        plan = self._plans(resident)
        if resident == 1:
            return self.changes.doings(plan)
        return ((doing, doing.start, doing.end) for doing in plan)

    # -- what a scene asks

    def calm(self, after: float) -> Doing:
        """First doing of the first resident that begins at or after an instant, up and alone at home.

        Args:
            after: Epoch seconds.

        Raises:
            ValueError: There is none in this life.

        """
        for doing, start, _ in self.doings(1):
            if after <= start and doing.activity not in _NOT_CALM:
                return doing
        raise ValueError("the resident is never up and alone after that")

    def changed(self, changes: Changes) -> Life:
        """The same life with changes in place of its own."""
        return replace(self, changes=changes)

    def with_sensing(self, sensing: Sensing) -> Life:
        """The same life, seen by other sensors."""
        return replace(self, sensing=sensing)

    # -- what comes out

    def truth(self) -> list[Truth]:
        """What went on, by start; a doing that goes on is one, and ``Away`` is of the home."""
        found: list[Truth] = []
        absences: list[list[tuple[float, float]]] = []
        for resident in range(1, self.inhabitants.residents + 1):
            stretches = self._stretches(resident)
            found += [truth for truth in stretches if truth.activity is not Activity.AWAY]
            absences.append(
                [(truth.start, truth.end) for truth in stretches if truth.activity is Activity.AWAY]
            )
        away = absences[0]
        for other in absences[1:]:
            away = _both(away, other)
        found += [Truth(start, end, Activity.AWAY, 0) for start, end in away]
        return sorted(found, key=lambda truth: (truth.start, truth.resident))

    def _stretches(self, resident: int) -> list[Truth]:
        stretches: list[Truth] = []
        for doing, start, end in self.doings(resident):
            begin, stop = max(start, self.start), min(end, self.end)
            if stop <= begin:
                continue
            last = stretches[-1] if stretches else None
            if last and last.activity is doing.activity and last.end == begin:
                stretches[-1] = replace(last, end=stop)
            else:
                stretches.append(Truth(begin, stop, doing.activity, resident))
        return stretches

    def events(self) -> Iterator[Event]:
        """What the home's sensors say, in time order, made as it is asked for.

        What is active at the first midnight, such as the bed mat, is said at once. Movement is
        said when it begins; the sensor goes off by itself after its hold time.
        """
        devices = {device.key: device for device in self.devices}
        return perceive(self._signals(), devices, self.sensing, self._rng("air"), self.end)

    def _signals(self) -> Iterator[Signal]:
        sources = [
            self._resident_signals(resident)
            for resident in range(1, self.inhabitants.residents + 1)
        ]
        days = range(self.days)
        if self.inhabitants.pet:
            sources.append(
                chain.from_iterable(
                    pet_on_day(self._rng("pet", day), partial(self.clock, day)) for day in days
                )
            )
        if self.inhabitants.robot_vacuum:
            sources.append(
                chain.from_iterable(
                    vacuum_on_day(
                        self._rng("vacuum", day), partial(self.clock, day), self._weekday(day)
                    )
                    for day in days
                )
            )
        mains = Signal(self.start, min(self.end, self.changes.unplugged), home.MAINS)
        sources.append(iter(sorted((mains, *self.changes.uses), key=lambda use: use.start)))
        return heapq.merge(*sources, key=lambda signal: signal.start)

    def _resident_signals(self, resident: int) -> Iterator[Signal]:
        came_from, bed = Area.BEDROOM, home.BEDS[resident - 1]
        for number, (doing, start, end) in enumerate(self.doings(resident)):
            if number and start > doing.start:
                # Taken up again after a detour: the way back has been walked.
                came_from = doing.area
            begin, stop = max(start, self.start), min(end, self.end)
            if begin < stop:
                rng = self._rng("doing", resident, doing.start, doing.activity)
                stillness = self.habits(resident, 0).stillness
                signals = traces_of(rng, doing, came_from, bed, stillness)
                yield from _within(signals, begin, stop)
            came_from = doing.area


def _within(signals: list[Signal], begin: float, stop: float) -> Iterator[Signal]:
    """Cut signals to a stretch of time, by start."""
    for signal in signals:
        if signal.moves:
            if begin <= signal.start < stop:
                yield signal
        elif signal.start < stop and signal.end > begin:
            # An end beyond the stretch is the next doing's, or nobody's yet.
            yield replace(signal, start=max(begin, signal.start), end=min(stop, signal.end))


def _both(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Stretches that are in both."""
    return [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) < min(b, d)]
