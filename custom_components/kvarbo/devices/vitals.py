"""How a device itself fares: heard, charged, well reached, closed (F10, R35, R39). Pure.

Everything is judged by what the device's own radio tells, at looks that come every minute or so. Time is what
has passed while the home looked: a hub that was off has missed nobody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import math
from typing import Any, Final, Self

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
#: Whatever a device's own interval, it is not missed sooner than this nor later than that, seconds.
LEAST: Final = 2 * _HOUR
MOST: Final = 25 * _HOUR
#: It is missed after so many times the longest quiet of its last days.
FACTOR: Final = 2.5
#: So many quiets must have been seen before its own interval is known; until then it has `MOST`.
KNOWN_AFTER: Final = 20
#: Days whose longest quiets are kept.
_DAYS: Final = 14
#: A device that Home Assistant calls unavailable is missed after this, seconds.
UNAVAILABLE: Final = _HOUR

#: What should have mains power and has none is told after this, seconds: time to clean, or to move a plug.
DARK: Final = 900.0

#: A battery with no more than this is low, and well again with this much, percent.
LOW: Final = 15.0
CHARGED: Final = 25.0
#: One that will be empty within so many days is low too, where it has less than this left, percent.
DAYS_LEFT: Final = 14.0
_WORTH_FORECAST: Final = 50.0
#: A forecast needs so many days, and is made from at most so many.
_DAYS_NEEDED: Final = 5
_DAYS_KEPT: Final = 60
#: What falls more slowly than this is not falling, percent a day.
_STEADY: Final = 0.05

#: A link is weak below the first and well again above the second: LQI of 255, and dBm.
WEAK_LQI, GOOD_LQI = 40.0, 60.0
WEAK_RSSI, GOOD_RSSI = -92.0, -86.0
#: How much one hearing weighs in the link's mean; so many are needed to judge it.
_WEIGHT: Final = 0.1
_HEARINGS: Final = 10
#: A link's trend is what its last days are below the days before them; so many of each must be known.
_DAYS_NEW: Final = 3
_DAYS_OLD: Final = 7
_DAYS_LINKED: Final = 28
#: A link that has lost so much, of 255 or in dB, is fading: something stands in its way, or it was moved.
FADED_LQI, FADED_RSSI = 60.0, 10.0


class Ailment(StrEnum):
    """What ails a device."""

    SILENT = "silent"
    BATTERY = "battery"
    WEAK = "weak"
    TAMPER = "tamper"
    TROUBLE = "trouble"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a device's radio tells at a look. None: it does not tell.

    `heard` is a stamp that changes with every hearing, on any clock; `lqi` 0..255, `rssi` in dBm, `battery` in
    percent. `low`, `tamper` and `trouble` are the device's own words; `dark`: what it stands for has no mains power.
    """

    heard: float | None = None
    lqi: float | None = None
    rssi: float | None = None
    battery: float | None = None
    low: bool = False
    tamper: bool = False
    trouble: bool = False
    dark: bool = False
    is_available: bool = True


@dataclass(slots=True)
class Vitals:
    """One device, from look to look. All times are seconds of looking; days are counted from the first look."""

    looked: float = 0.0
    heard: float | None = None
    quiet: float = 0.0
    away: float = 0.0
    dark: float = 0.0
    gaps: int = 0
    longest: dict[int, float] = field(default_factory=dict)
    charges: dict[int, float] = field(default_factory=dict)
    links: dict[int, float] = field(default_factory=dict)
    battery: float | None = None
    lqi: float | None = None
    rssi: float | None = None
    hearings: int = 0
    used: bool = False
    ailments: frozenset[Ailment] = frozenset()

    def look(self, signs: Signs, passed: float) -> frozenset[Ailment]:
        """Take what is told now, `passed` seconds after the last look; return what ails the device."""
        self.looked += passed
        self._hear(signs, passed)
        self._measure(signs)
        self.dark = self.dark + passed if signs.dark else 0.0
        found = {
            Ailment.SILENT: self._is_silent(signs),
            Ailment.BATTERY: self._is_low(signs),
            Ailment.WEAK: self._is_weak(),
            Ailment.TAMPER: signs.tamper,
            Ailment.TROUBLE: signs.trouble,
            Ailment.DARK: signs.dark and self.dark >= DARK,
        }
        self.ailments = frozenset(ailment for ailment, is_so in found.items() if is_so)
        return self.ailments

    @property
    def day(self) -> int:
        """The day of looking."""
        return int(self.looked // _DAY)

    @property
    def limit(self) -> float:
        """How long it may be quiet, seconds."""
        if self.gaps < KNOWN_AFTER:
            return MOST
        return min(MOST, max(LEAST, FACTOR * max(self.longest.values(), default=MOST)))

    @property
    def days_left(self) -> float | None:
        """How many days its battery will last at the pace of its last weeks; None where nothing falls."""
        points = list(self.charges.items())
        if len(points) < _DAYS_NEEDED:
            return None
        n = len(points)
        mean_day = sum(day for day, _ in points) / n
        mean = sum(charge for _, charge in points) / n
        spread = sum((day - mean_day) ** 2 for day, _ in points)
        slope = sum((day - mean_day) * (charge - mean) for day, charge in points) / spread
        if slope > -_STEADY:
            return None
        return max(0.0, points[-1][1] / -slope)

    @property
    def link_change(self) -> float | None:
        """How much better its link was in its last days than in the weeks before, of 255 or in dB; None: not known."""
        days = sorted(self.links)
        new, old = days[-_DAYS_NEW:], days[:-_DAYS_NEW]
        if len(old) < _DAYS_OLD:
            return None
        # The middle of the days before: one bad day of them says nothing.
        middle = sorted(self.links[day] for day in old)[len(old) // 2]
        return sum(self.links[day] for day in new) / len(new) - middle

    @property
    def is_fading(self) -> bool:
        """Whether its link has become much worse, though it may be good enough still."""
        change = self.link_change
        limit = FADED_RSSI if self.lqi is None else FADED_LQI
        return change is not None and change <= -limit

    def _hear(self, signs: Signs, passed: float) -> None:
        self.away = 0.0 if signs.is_available else self.away + passed
        if signs.heard is None:
            return
        first = self.heard is None
        if signs.heard == self.heard:
            self.quiet += passed
            return
        self.heard = signs.heard
        if not first:
            self.gaps += 1
            day = self.day
            # The quiet that a failure or a flat battery made is no interval of the device's own.
            if self.quiet <= MOST:
                self.longest[day] = max(self.longest.get(day, 0.0), self.quiet)
            for old in [d for d in self.longest if d <= day - _DAYS]:
                del self.longest[old]
        self.quiet = 0.0
        self.hearings += 1
        self.lqi = _mean(self.lqi, signs.lqi)
        self.rssi = _mean(self.rssi, signs.rssi)
        if (link := self.rssi if self.lqi is None else self.lqi) is not None:
            self.links[self.day] = round(link, 1)
        for old in [d for d in self.links if d <= self.day - _DAYS_LINKED]:
            del self.links[old]

    def _measure(self, signs: Signs) -> None:
        if signs.battery is None:
            return
        if self.battery is not None and signs.battery > self.battery + CHARGED:
            # A new battery: what the old one did tells nothing of it.
            self.charges.clear()
        self.battery = signs.battery
        self.charges[self.day] = signs.battery
        for old in [d for d in self.charges if d <= self.day - _DAYS_KEPT]:
            del self.charges[old]

    def _is_silent(self, signs: Signs) -> bool:
        if self.away > UNAVAILABLE:
            return True
        return signs.heard is not None and self.quiet > self.limit

    def _is_low(self, signs: Signs) -> bool:
        if signs.low:
            return True
        if self.battery is None:
            return False
        was = Ailment.BATTERY in self.ailments
        if self.battery <= (CHARGED if was else LOW):
            return True
        left = self.days_left
        return left is not None and left <= DAYS_LEFT and self.battery < _WORTH_FORECAST

    def _is_weak(self) -> bool:
        if self.hearings < _HEARINGS:
            return False
        was = Ailment.WEAK in self.ailments
        if self.lqi is not None:
            return self.lqi < (GOOD_LQI if was else WEAK_LQI)
        return self.rssi is not None and self.rssi < (GOOD_RSSI if was else WEAK_RSSI)

    def to_json(self) -> dict[str, Any]:
        """Return what must survive a restart, as `from_json` takes it back."""
        return {
            "looked": self.looked,
            "heard": self.heard,
            "quiet": self.quiet,
            "away": self.away,
            "dark": self.dark,
            "gaps": self.gaps,
            "longest": {str(day): quiet for day, quiet in self.longest.items()},
            "charges": {str(day): charge for day, charge in self.charges.items()},
            "links": {str(day): link for day, link in self.links.items()},
            "battery": self.battery,
            "lqi": self.lqi,
            "rssi": self.rssi,
            "hearings": self.hearings,
            "used": self.used,
            "ailments": sorted(self.ailments),
        }

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Return what was kept; raises ValueError for what is none of it."""
        if not isinstance(raw, Mapping):
            raise ValueError("no mapping")
        try:
            return cls(
                looked=_number(raw["looked"]),
                heard=_maybe(raw["heard"]),
                quiet=_number(raw["quiet"]),
                away=_number(raw["away"]),
                # Kept since a later release than the rest, and the next likewise.
                dark=_number(raw.get("dark", 0.0)),
                links=_by_day(raw.get("links", {})),
                gaps=int(_number(raw["gaps"])),
                longest=_by_day(raw["longest"]),
                charges=_by_day(raw["charges"]),
                battery=_maybe(raw["battery"]),
                lqi=_maybe(raw["lqi"]),
                rssi=_maybe(raw["rssi"]),
                hearings=int(_number(raw["hearings"])),
                used=raw["used"] is True,
                ailments=frozenset(map(Ailment, _listed(raw["ailments"]))),
            )
        except (KeyError, TypeError) as err:
            raise ValueError(str(err)) from None


def _mean(before: float | None, now: float | None) -> float | None:
    if now is None:
        return before
    return now if before is None else before + _WEIGHT * (now - before)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def _maybe(value: object) -> float | None:
    return None if value is None else _number(value)


def _by_day(raw: object) -> dict[int, float]:
    if not isinstance(raw, Mapping):
        raise TypeError("no mapping")
    return {int(day): _number(value) for day, value in raw.items()}


def _listed(raw: object) -> Iterable[Any]:
    if not isinstance(raw, list):
        raise TypeError("no list")
    return raw
