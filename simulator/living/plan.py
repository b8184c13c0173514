"""One person's day: from getting up to the next morning's getting up, without a gap."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final

from simulator.living.home import Area
from simulator.living.inhabitants import HOUR, MINUTE, Habits, Inhabitants, spread
from simulator.living.sensed import Activity

MORNING_DOSE: Final = 8.0
EVENING_DOSE: Final = 20.0
"""Local hours of the medicine; it is taken up to half an hour later."""
CHECK_IN: Final = 9.0
"""Local hour at which the "I am fine" button is due; pressed up to 40 minutes later."""
_LATE_GUEST: Final = 1.5 * HOUR
"""A visit that the resident is later than this for does not happen."""
_TOO_SHORT: Final = MINUTE
"""Spare time under this is waited away in what one was doing."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Somebody does something somewhere. Epoch seconds, UTC."""

    start: float
    end: float
    activity: Activity
    area: Area


@dataclass(frozen=True, slots=True)
class Frame:
    """What a day's plan must fit into."""

    wake: float
    """Gets up, epoch seconds."""
    bedtime: float
    next_wake: float
    weekend: bool
    clock: Callable[[float], float]
    """Local hour of this day to epoch seconds; may exceed 24."""
    hosts: bool
    """Whether visits to the home are visits to this person."""
    joins: tuple[tuple[float, float], ...] = ()
    """Outings of the other resident, (leaves, comes back), that this person goes along on."""


type _Due = tuple[float, Callable[[], None], float]


class _Day:
    """A cursor that moves through the day and leaves doings behind."""

    def __init__(self, rng: Random, habits: Habits, inhabitants: Inhabitants, frame: Frame) -> None:
        self.rng, self.habits, self.inhabitants, self.frame = rng, habits, inhabitants, frame
        self.now = frame.wake
        self.doings: list[Doing] = []
        self.toilet_due = 0.0

    def do(self, activity: Activity, area: Area, seconds: float) -> None:
        # Whole milliseconds, as the sensors' events: the two must agree on who was there.
        end = round(self.now + seconds, 3)
        self.doings.append(Doing(self.now, end, activity, area))
        self.now = end

    def take(
        self, activity: Activity, area: Area, median: float, sigma: float = 0.35, most: float = 3.0
    ) -> None:
        """Do something for about so many minutes; between a third and `most` times of it."""
        seconds = median * MINUTE
        self.do(activity, area, spread(self.rng, seconds, sigma, seconds / 3, seconds * most))

    # -- pieces of a day

    def toilet(self) -> None:
        self.take(Activity.TOILET, Area.BATHROOM, 2.6, 0.5, 4)
        self.toilet_due = self.now + spread(self.rng, 2.4 * HOUR, 0.35, HOUR, 5 * HOUR)

    def morning(self) -> None:
        self.take(Activity.WAKE_UP, Area.BEDROOM, 1.2)
        self.toilet()
        if self.rng.random() < self.habits.showers:
            self.take(Activity.BATHE, Area.BATHROOM, 16, 0.2)
        else:
            self.take(Activity.PERSONAL_HYGIENE, Area.BATHROOM, 5)
        self.take(Activity.DRESS, Area.BEDROOM, 5)
        self.take(Activity.COOK_BREAKFAST, Area.KITCHEN, 9)
        self.take(Activity.EAT_BREAKFAST, Area.KITCHEN, 16)
        self.take(Activity.WASH_DISHES, Area.KITCHEN, 4)

    def meal(self, cook: Activity, eat: Activity, minutes: float) -> None:
        self.take(cook, Area.KITCHEN, minutes)
        self.take(eat, Area.KITCHEN, 17)
        self.take(Activity.WASH_DISHES, Area.KITCHEN, 6)

    def lunch(self) -> None:
        self.meal(Activity.COOK_LUNCH, Activity.EAT_LUNCH, 14)

    def dinner(self) -> None:
        self.meal(Activity.COOK_DINNER, Activity.EAT_DINNER, 25)

    def outing(self, back: float | None = None) -> None:
        self.do(Activity.LEAVE_HOME, Area.ENTRY, self.rng.uniform(35, 80))
        seconds = spread(self.rng, 95 * MINUTE, 0.55, 20 * MINUTE, 5 * HOUR)
        if back is not None:
            seconds = max(5 * MINUTE, back - self.now)
        self.do(Activity.AWAY, Area.ENTRY, seconds)
        self.do(Activity.ENTER_HOME, Area.ENTRY, self.rng.uniform(30, 60))

    def letters(self) -> None:
        self.take(Activity.STEP_OUT, Area.ENTRY, 2.5, 0.6, 4)

    def guests(self) -> None:
        self.take(Activity.GUESTS, Area.ENTRY, 90, 0.35, 2)

    def home_care(self) -> None:
        self.take(Activity.HOME_CARE, Area.ENTRY, 18, 0.3, 2)

    def morning_dose(self) -> None:
        self.take(Activity.MORNING_MEDS, Area.KITCHEN, 1.5)

    def evening_dose(self) -> None:
        self.take(Activity.EVENING_MEDS, Area.KITCHEN, 1.5)

    def check_in(self) -> None:
        self.take(Activity.CHECK_IN, Area.KITCHEN, 0.6)

    # -- what is due when

    def outings(self) -> list[_Due]:
        rng, habits, clock = self.rng, self.habits, self.frame.clock
        if self.frame.joins:
            return [
                (leaves, partial(self.outing, back), 10 * MINUTE)
                for leaves, back in self.frame.joins
            ]
        due: list[_Due] = []
        chance = habits.outings * (0.7 if self.frame.weekend else 1.0)
        if rng.random() < chance:
            shift = 0.8 if self.frame.weekend else 0.0
            due.append((clock(habits.goes_out + shift + rng.gauss(0, 0.5)), self.outing, HOUR))
        if rng.random() < chance / 2:
            due.append((clock(rng.uniform(14.5, 16.5)), self.outing, HOUR))
        return due

    def agenda(self) -> list[_Due]:
        """(due, what, how late it may become), by time; epoch seconds and seconds."""
        rng, habits, clock = self.rng, self.habits, self.frame.clock
        never = 24 * HOUR
        due: list[_Due] = [
            (clock(habits.lunch + rng.gauss(0, 0.3)), self.lunch, 3 * HOUR),
            (clock(habits.dinner + rng.gauss(0, 0.35)), self.dinner, never),
            (clock(rng.uniform(10.5, 11.5)), self.letters, HOUR),
        ]
        due += self.outings()
        if not self.frame.hosts:
            return sorted(due, key=lambda item: item[0])
        due += [
            (clock(MORNING_DOSE) + rng.uniform(1, 25) * MINUTE, self.morning_dose, never),
            (clock(EVENING_DOSE) + rng.uniform(1, 25) * MINUTE, self.evening_dose, never),
            (clock(CHECK_IN) + rng.uniform(0, 40) * MINUTE, self.check_in, never),
        ]
        due += [
            (clock(hour) + rng.gauss(0, 8) * MINUTE, self.home_care, _LATE_GUEST)
            for hour in self.inhabitants.home_care
        ]
        if self.inhabitants.visitors and rng.random() < (0.4 if self.frame.weekend else 0.12):
            due.append((clock(rng.uniform(13.5, 18.5)), self.guests, _LATE_GUEST))
        return sorted(due, key=lambda item: item[0])

    def spare_time(self, until: float) -> None:
        """Fill the time with what one does when nothing is due."""
        while (left := until - self.now) > _TOO_SHORT:
            if self.now >= self.toilet_due:
                self.toilet()
                continue
            evening = self.now >= self.frame.clock(17)
            activity, area, median = self.rng.choices(
                (
                    (Activity.WATCH_TV, Area.LIVING_ROOM, 95.0),
                    (Activity.READ, Area.LIVING_ROOM, 50.0),
                    (Activity.HOUSEKEEPING, Area.KITCHEN, 14.0),
                    (Activity.SNACK, Area.KITCHEN, 5.0),
                    (Activity.SLEEP_OUT_OF_BED, Area.LIVING_ROOM, 65.0),
                ),
                weights=(6, 2, 0.3, 2, 0.3) if evening else (3, 3, 2.5, 2, 1.0),
            )[0]
            seconds = spread(self.rng, median * MINUTE, 0.5, 2 * MINUTE, 2.5 * HOUR)
            self.do(activity, area, min(left, seconds))

    def night(self) -> None:
        """Go to bed, get up for the toilet now and then, and sleep until the next morning."""
        rng, end = self.rng, self.frame.next_wake
        self.take(Activity.GO_TO_SLEEP, Area.BATHROOM, 6)
        visits = sum(rng.random() < self.habits.night_toilet / 4 for _ in range(4))
        low, high = self.now + 50 * MINUTE, end - 40 * MINUTE
        for at in sorted(rng.uniform(low, high) for _ in range(visits)):
            if self.now + 30 * MINUTE < at < high:
                self.do(Activity.SLEEPING, Area.BEDROOM, at - self.now)
                self.take(Activity.BED_TO_TOILET, Area.BATHROOM, 4.2, 0.35, 2.4)
                if rng.random() < 0.02:  # noqa: PLR2004  # cannot sleep: something to drink
                    self.take(Activity.SNACK, Area.KITCHEN, 6)
        self.do(Activity.SLEEPING, Area.BEDROOM, end - self.now)


def plan_day(rng: Random, habits: Habits, inhabitants: Inhabitants, frame: Frame) -> list[Doing]:
    """Plan one person's day.

    Args:
        rng: Source of chance, of this person and day alone.
        habits: The person's.
        inhabitants: Who else is there.
        frame: What the plan must fit into; bedtime at least four hours before the next rising.

    Returns:
        Doings in order that join without a gap from `frame.wake` to `frame.next_wake`.

    """
    day = _Day(rng, habits, inhabitants, frame)
    day.morning()
    for due, what, may_be_late in day.agenda():
        day.spare_time(due)
        too_late = day.now > due + may_be_late
        if not too_late and day.now < frame.bedtime - 20 * MINUTE:
            what()
    day.spare_time(frame.bedtime)
    day.night()
    return day.doings
