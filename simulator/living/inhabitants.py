"""Who lives in a home, and by which habits."""

from dataclasses import dataclass, replace
import math
from random import Random
from typing import Final, Self

HOUR: Final = 3600.0
MINUTE: Final = 60.0
FOREVER: Final = math.inf
_MAX_RESIDENTS: Final = 2
_MOST_LATER: Final = 4.0


def spread(rng: Random, median: float, sigma: float, low: float, high: float) -> float:
    """Draw a duration: log-normal about its median, within bounds; most short, some long."""
    return min(high, max(low, median * math.exp(rng.gauss(0.0, sigma))))


@dataclass(frozen=True, slots=True)
class Changed:
    """A life whose rhythm changes: after an illness, a move of the home care, a loss."""

    day: int
    """First day of the new rhythm, counted from 0."""
    later: float = 2.0
    """Hours by which rising, meals and bedtime move; negative is earlier."""
    outings: float = 0.3
    """Factor on how often the resident goes out."""

    def __post_init__(self) -> None:
        """Refuse a change that leaves no day.

        Raises:
            ValueError: The rhythm moves by more than four hours.

        """
        if not -_MOST_LATER <= self.later <= _MOST_LATER:
            raise ValueError("a rhythm moves by four hours at most")


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """Who and what lives in the home."""

    residents: int = 1
    pet: bool = False
    robot_vacuum: bool = False
    visitors: bool = True
    """Relatives and friends now and then, mostly at weekends."""
    home_care: tuple[float, ...] = ()
    """Local hours of the home care's daily visits, such as ``(8.5, 19.5)``."""
    changed: Changed | None = None

    def __post_init__(self) -> None:
        """Refuse what no home here can be.

        Raises:
            ValueError: Neither one nor two residents, or a visit at no hour of the day.

        """
        if not 1 <= self.residents <= _MAX_RESIDENTS:
            raise ValueError("a home has one or two residents")
        if not all(6 <= hour <= 21 for hour in self.home_care):  # noqa: PLR2004
            raise ValueError("home care comes between 6 and 21")


@dataclass(frozen=True, slots=True)
class Habits:
    """One person's habits. Hours are local clock hours."""

    rises: float
    to_bed: float
    lunch: float
    dinner: float
    goes_out: float
    """Hour of the usual outing."""
    outings: float
    """Chance of an outing on a weekday."""
    night_toilet: float
    """Toilet visits in a night, on average."""
    showers: float
    """Chance of a shower in the morning."""
    stillness: float
    """Factor on how long the person sits still."""

    @classmethod
    def drawn(cls, rng: Random) -> Self:
        """Draw somebody's habits."""
        return cls(
            rises=rng.uniform(6.6, 7.9),
            to_bed=rng.uniform(21.9, 23.0),
            lunch=rng.uniform(11.9, 12.6),
            dinner=rng.uniform(17.2, 18.2),
            goes_out=rng.choice((10.3, 13.8)) + rng.uniform(-0.4, 0.4),
            outings=rng.uniform(0.55, 0.85),
            night_toilet=rng.uniform(0.8, 2.0),
            showers=rng.uniform(0.3, 0.6),
            stillness=rng.uniform(0.85, 1.2),
        )

    def after(self, changed: Changed) -> Self:
        """Habits of the same person after a change."""
        return replace(
            self,
            rises=self.rises + changed.later,
            to_bed=self.to_bed + changed.later / 2,
            lunch=self.lunch + changed.later,
            dinner=self.dinner + changed.later / 2,
            goes_out=self.goes_out + changed.later,
            outings=min(1.0, self.outings * changed.outings),
        )
