"""The resident's rhythm: how long silences usually last, by place and time of day (S7).

A silence is the time from one sign of life to the next. How long one may last depends on where the
last sign was and when: who was last seen in the kitchen at noon is seen again soon, who lies in bed
at night is not. The rhythm learns that from the silences of the home itself and says at which
instant a silence that goes on has become too long to be usual.

How it reckons. A silence of T hours weighs T to the fifth, so that the long ones decide and yet no
single one alone. Weights are summed by place and hour of the day, fade with a month's memory, and
count for neighbouring hours too. The limit is where, by that sum, silences as long would come once
in so many days (`BUDGET`; Markov's inequality on the fifth power, so in truth more seldom). Three
things keep it from learning too much from too little:

- It starts from standard limits, and what was learned counts half after a week.
- A place begins with what holds in the home as a whole at that hour, and gets a limit of its own as
  it is seen on more days.
- Only a *place of passage* gets a limit far below the home's: seen for about two weeks, and in
  that part of the day its silences have been under half as long as the home's.

State is plain JSON of a few kB; learning costs the same at every event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import math
from typing import Any, Final, Self

from ..alarm.kinds import Location
from .settings import Json
from .wall import DAY, HOUR, MINUTE, WallTime

#: Places that are no room: somebody lies in bed or sits in a chair; or it is not known where.
BED: Final = "in_bed"
CHAIR: Final = "in_chair"
NOWHERE: Final = ""
_PLACES: Final = frozenset({BED, CHAIR, *Location})

#: Silences shorter than this teach nothing, seconds.
SHORTEST: Final = 60.0
#: The power of a silence's length that is summed.
POWER: Final = 5
#: A silence over the limit teaches as if it had lasted at most so many times that.
SURPRISE: Final = 1.5
#: How often silences may reach the limit, per day and by Markov's inequality; shared by the places.
BUDGET: Final = 0.5
#: After so many days what was learned weighs 1/e.
MEMORY: Final = 30.0
#: How far around its hour a silence counts: standard deviation, hours. The fifth root widens it.
AROUND: Final = 1.5
AROUND_IN_PASSAGE: Final = 1.0
#: What a place shows at other hours counts like so many days at this hour.
ACROSS: Final = 3.0
#: Days after which what was learned of the home, or of a place, counts half.
TRUST: Final = 7.0
TRUST_IN_PASSAGE: Final = 3.0
#: A place of passage: (faded) days that it must have been seen on, and its silences against the home's.
PASSAGE_DAYS: Final = 10.0
PASSAGE_SHARE: Final = 0.5
#: No learned part goes below this, hours.
_LEAST: Final = 1 / 3
#: A place's part in the budget is never below this.
_PART_LEAST: Final = 0.01

#: Standard limits, hours: by day and at midnight; in bed; in a chair at least.
BY_DAY: Final = 5.0
AT_MIDNIGHT: Final = 8.0
IN_BED: Final = 11.0
IN_CHAIR: Final = 7.0
_MIDDLE_OF_NIGHT: Final = 0.5
_NIGHT_REACHES: Final = 4.5
_NIGHT_FULL: Final = 1.8
#: The longest silence of an hour is told of for so many days.
_TELLS: Final = 42
_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Usual:
    """Why a limit is what it is, in what a coordinator understands.

    `limit` and `longest` in seconds: the longest silence of the last six weeks that began in this
    place within two hours of this time of day. `days`: how many days the place has been seen on, of
    late. `standard` is the limit that holds where nothing is learned. `passage`: the place is one
    where nobody stays at this time of day.
    """

    limit: float
    standard: float
    longest: float
    days: float
    passage: bool


class _Place:
    """What was learned of one place, by the hour in which silences began."""

    __slots__ = ("day", "days", "longest", "longest_day", "quiet", "weight")

    def __init__(self) -> None:
        self.weight = [0.0] * _HOURS
        self.longest = [0] * _HOURS
        self.longest_day = [0] * _HOURS
        self.quiet = 0.0
        self.days = 0.0
        self.day = 0


class Rhythm:
    """How long this resident's silences last. Times are home time, places `Location`, BED or CHAIR."""

    __slots__ = ("_day", "_days", "_places", "_until", "wall")

    def __init__(self, wall: WallTime) -> None:
        """Know nothing yet."""
        self.wall = wall
        self._places: dict[str, _Place] = {}
        self._day = 0
        self._days = 0.0
        self._until = 0.0

    @property
    def days(self) -> float:
        """How many days it has learned from, those long past fading."""
        return self._days

    def see(self, at: float, place: str) -> None:
        """Take it that somebody has come to a place: a place is known by the days it was seen on."""
        if place not in _PLACES:
            return
        day = self.wall.day(at)
        if day > self._day:
            self._pass_days(day)
        found = self._places.get(place)
        if found is None:
            found = self._places[place] = _Place()
        if found.day < day:
            found.day = day
            found.days += 1.0

    def learn(self, began: float, ended: float, place: str) -> None:
        """Take a silence that has ended at home: seen throughout, nobody away, nothing paused.

        One that lies before what was learned already is passed over, so that several watchers may
        share a rhythm.
        """
        length = ended - began
        if length < SHORTEST or began < self._until or place not in _PLACES:
            return
        self._until = ended
        self.see(began, place)
        found, day = self._places[place], self.wall.day(began)
        hours = length / HOUR
        if length > HOUR:
            # What was no life at all (a fall, a dead sensor, a door nobody knows of) comes in here
            # too, and must not teach that days of silence are usual.
            hours = min(hours, SURPRISE * self.limit(began, place) / HOUR)
        hour = int(self.wall.local(began) % DAY // HOUR)
        found.weight[hour] += hours**POWER
        found.quiet += hours
        minutes = int(length // MINUTE)
        if minutes >= found.longest[hour] or day - found.longest_day[hour] > _TELLS:
            found.longest[hour], found.longest_day[hour] = minutes, day

    def limit(self, began: float, place: str) -> float:
        """Return how long a silence that began then and there may last, seconds."""
        return self._limit(self.wall.local(began) % DAY / HOUR, place)[0] * HOUR

    def usual(self, began: float, place: str) -> Usual:
        """Return the limit and why it is that."""
        clock = self.wall.local(began) % DAY / HOUR
        limit, passage = self._limit(clock, place)
        found = self._places.get(place, _Place())
        near = [(int(clock) + ahead) % _HOURS for ahead in (-2, -1, 0, 1, 2)]
        longest = max(
            found.longest[hour] if self._day - found.longest_day[hour] <= _TELLS else 0
            for hour in near
        )
        return Usual(
            limit * HOUR, _standard(clock, place) * HOUR, longest * MINUTE, found.days, passage
        )

    def to_json(self) -> dict[str, Json]:
        """Return all that was learned, as `from_json` takes it back."""
        return {
            "day": self._day,
            "days": _short(self._days),
            "until": self._until,
            "places": {
                name: {
                    "weight": [_short(weight) for weight in place.weight],
                    "longest": list(place.longest),
                    "longest_day": list(place.longest_day),
                    "quiet": _short(place.quiet),
                    "days": _short(place.days),
                    "day": place.day,
                }
                for name, place in self._places.items()
            },
        }

    @classmethod
    def from_json(cls, wall: WallTime, raw: object) -> Self:
        """Return what was learned; raises ValueError when it is nothing of the kind."""
        rhythm = cls(wall)
        if not isinstance(raw, Mapping):
            raise ValueError("a rhythm is a mapping")
        if not raw:
            return rhythm
        rhythm._day = int(_number(raw.get("day")))
        rhythm._days = _number(raw.get("days"))
        rhythm._until = _number(raw.get("until"))
        places = raw.get("places")
        if not isinstance(places, Mapping):
            raise ValueError("places")
        for name, kept in places.items():
            # A place of a later release is passed over.
            if name in _PLACES:
                rhythm._places[name] = _read_place(kept)
        return rhythm

    # -- its own ---------------------------------------------------------------------------------

    def _pass_days(self, day: int) -> None:
        """Let what was learned fade; the day that has passed was one of learning."""
        if self._day:
            fades = math.exp((self._day - day) / MEMORY)
            self._days = (self._days + 1.0) * fades
            for place in self._places.values():
                place.weight = [weight * fades for weight in place.weight]
                place.quiet *= fades
                place.days *= fades
        self._day = day

    def _limit(self, clock: float, place: str) -> tuple[float, bool]:
        """Return the limit in hours, and whether the place is one of passage at this clock hour."""
        standard = _standard(clock, place)
        if self._days < 1:
            return standard, False
        near = _near(clock, AROUND)
        all_near = all_weight = all_quiet = 0.0
        for other in self._places.values():
            all_near += math.sumprod(near, other.weight)
            all_weight += sum(other.weight)
            all_quiet += other.quiet
        trust = self._days / (self._days + TRUST)
        if place == BED:
            home = standard
        else:
            learned = self._learned(all_near, all_weight, AROUND, 1.0, ACROSS)
            home = _blend(learned, standard, trust)
        found = self._places.get(place)
        if found is None:
            return home, False
        own_near = math.sumprod(near, found.weight)
        part = math.sqrt(max(_PART_LEAST, found.quiet / all_quiet if all_quiet else 0.0))
        passage = (
            place not in (BED, CHAIR)
            and found.days >= PASSAGE_DAYS
            and own_near <= PASSAGE_SHARE**POWER * all_near
        )
        if passage:
            own_near = math.sumprod(_near(clock, AROUND_IN_PASSAGE), found.weight)
            learned = self._learned(own_near, 0.0, AROUND_IN_PASSAGE, part, 0.0)
            trust = found.days / (found.days + TRUST_IN_PASSAGE)
        else:
            learned = self._learned(own_near, sum(found.weight), AROUND, part, ACROSS)
            trust = found.days / (found.days + TRUST)
        return _blend(learned, home, trust), passage

    def _learned(
        self, near: float, whole: float, around: float, part: float, across: float
    ) -> float:
        """Return the hours at which silences of these weights come as often as the budget allows."""
        hours_around = around * math.sqrt(2 * math.pi) / _HOURS
        per_day = (near + across * whole / self._days * hours_around) / (self._days + across)
        hours: float = (per_day / (BUDGET * hours_around * part)) ** (1 / POWER)
        return max(_LEAST, hours)


def _standard(clock: float, place: str) -> float:
    """Return the limit in hours where nothing has been learned."""
    if place == BED:
        return IN_BED
    away = abs((clock - _MIDDLE_OF_NIGHT + _HOURS / 2) % _HOURS - _HOURS / 2)
    night = min(1.0, max(0.0, 1 - away / _NIGHT_REACHES) * _NIGHT_FULL)
    hours = BY_DAY + (AT_MIDNIGHT - BY_DAY) * night
    return max(hours, IN_CHAIR) if place == CHAIR else hours


def _near(clock: float, around: float) -> list[float]:
    """Return how much each hour of the day counts at a clock time."""
    half = _HOURS / 2
    return [
        math.exp(-0.5 * (((hour + 0.5 - clock + half) % _HOURS - half) / around) ** 2)
        for hour in range(_HOURS)
    ]


def _blend(learned: float, before: float, trust: float) -> float:
    return float(learned**trust * before ** (1 - trust))


def _short(number: float) -> float:
    return float(f"{number:.4g}")


def _read_place(raw: object) -> _Place:
    if not isinstance(raw, Mapping):
        raise ValueError("a place is a mapping")
    place = _Place()
    place.weight = _numbers(raw.get("weight"))
    place.longest = [int(number) for number in _numbers(raw.get("longest"))]
    place.longest_day = [int(number) for number in _numbers(raw.get("longest_day"))]
    place.quiet, place.days = _number(raw.get("quiet")), _number(raw.get("days"))
    place.day = int(_number(raw.get("day")))
    return place


def _numbers(raw: Any) -> list[float]:
    if not isinstance(raw, list) or len(raw) != _HOURS:
        raise ValueError("one number an hour")
    return [_number(item) for item in raw]


def _number(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError("a number")
    if not (math.isfinite(raw) and raw >= 0):
        raise ValueError("a number that can be")
    return float(raw)
