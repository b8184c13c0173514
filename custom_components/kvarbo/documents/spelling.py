"""Times, numbers and lists as people write them in the language of the paper."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from ..supervision.settings import WEEKDAYS, setting_fields
from ..supervision.wall import DAY, HOUR, MINUTE
from ..supervision.watcher import WatcherSettings
from .words import Words

_UNITS: Final = (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", 1.0))
#: No more than so many units of a span of time are said.
_UNITS_MOST: Final = 2


def duration(seconds: float, words: Words) -> str:
    """Return a span of time in its two largest units; hours up to two days, as people count them."""
    left = round(seconds)
    parts: list[str] = []
    for unit, length in _UNITS:
        if unit == "day" and left < 2 * DAY:
            continue
        whole, left = divmod(left, int(length))
        if whole and len(parts) < _UNITS_MOST:
            parts.append(words.counted(unit, whole))
    return words.joined(parts) if parts else words.counted("minute", 0)


def clock(second: float, words: Words) -> str:
    """Return a time of day as a clock shows it; seconds only where there are any."""
    minutes, seconds = divmod(round(second), 60)
    hours, minutes = divmod(minutes, 60)
    mark = words.say("clock_mark")
    tail = f"{mark}{seconds:02d}" if seconds else ""
    return f"{hours}{mark}{minutes:02d}{tail}"


def weekdays(days: Iterable[int], words: Words) -> str:
    """Return on which days: every day where none or all are named."""
    named = sorted(set(days))
    if not named or len(named) == len(WEEKDAYS):
        return words.say("every_day")
    return words.say("on_days", days=words.joined(words.say(f"day_{WEEKDAYS[d]}") for d in named))


def day(on: date, words: Words) -> str:
    """Return a day with its month in letters: digits alone are read differently in two countries."""
    return f"{on.day} {words.say(f'month_{on.month}')} {on.year}"


def moment(at: datetime, words: Words) -> str:
    """Return a day and a time of day, as the clock in the home shows it."""
    second = at.hour * HOUR + at.minute * MINUTE
    return words.say("moment", day=day(at.date(), words), clock=clock(second, words))


def setting_values(settings: WatcherSettings, words: Words) -> dict[str, str]:
    """Return every setting of a rule in words, by name."""
    return {
        name: _spell(setting.unit, getattr(settings, name), words)
        for name, setting in setting_fields(type(settings)).items()
    }


def _spell(unit: str, value: Any, words: Words) -> str:
    if value is None:
        return words.say("dash")
    match unit:
        case "duration":
            return duration(value, words)
        case "clock":
            return clock(value, words)
        case "clocks":
            return words.joined(clock(at, words) for at in value) or words.say("dash")
        case "weekdays":
            return weekdays(value, words)
        case "flag":
            return words.say("yes" if value else "no")
        case _:
            return str(value)
