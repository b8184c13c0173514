"""Checks of single JSON values, each with plain words for what is wrong.

Every check takes any parsed JSON value and returns None when it is right, else what was expected,
in English, without the value itself: what a stranger sends is kept in the raw record alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import re

type Check = Callable[[object], str | None]

#: RFC 3339 section 5.6, in UTC.
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]00:00)", re.ASCII)
#: C0, DEL and C1; and surrogates that stand alone.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_HALF = re.compile("[\ud800-\udfff]")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{1,128}", re.ASCII)


class FieldError(ValueError):
    """A value that cannot be taken; `field` is its dotted path, `words` say what was expected."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(f"{field}: {words}")
        self.field = field
        self.words = words


def text(longest: int, shortest: int = 1) -> Check:
    """A string of so many characters, none of them a control character."""

    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return "text was expected"
        if not shortest <= len(value) <= longest:
            return f"{shortest} to {longest} characters were expected"
        if _CONTROL.search(value):
            return "control characters are not taken"
        if _HALF.search(value):
            return "half a character was sent"
        return None

    return check


def number(lowest: int, highest: int) -> Check:
    """A whole number within both bounds."""

    def check(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return "a whole number was expected"
        if not lowest <= value <= highest:
            return f"{lowest} to {highest} was expected"
        return None

    return check


def seconds(highest: float) -> Check:
    """A number of seconds from 0, fractions allowed."""

    def check(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "a number of seconds was expected"
        if not 0 <= value <= highest:
            return f"0 to {highest:g} seconds were expected"
        return None

    return check


def boolean(value: object) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "true or false was expected"


def one_of(*allowed: str) -> Check:
    """One of a closed set of words."""

    def check(value: object) -> str | None:
        if isinstance(value, str) and value in allowed:
            return None
        return f"one of {', '.join(allowed)} was expected"

    return check


def _matching(pattern: re.Pattern[str], expected: str) -> Check:
    def check(value: object) -> str | None:
        if isinstance(value, str) and pattern.fullmatch(value):
            return None
        return f"{expected} was expected"

    return check


ulid: Check = _matching(_ULID, "a ULID")
word: Check = _matching(_WORD, "a word of a-z, 0-9 and _")
hexadecimal: Check = _matching(_HEX, "a hexadecimal hash")


def time(value: object) -> str | None:
    """A moment in UTC by RFC 3339."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return "an RFC 3339 time in UTC was expected"
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return "no such moment exists"
    return None


def or_null(check: Check) -> Check:
    """Either null or what `check` takes."""
    return lambda value: None if value is None else check(value)


def as_time(value: str) -> datetime:
    """The moment that a checked RFC 3339 time names, aware and in UTC."""
    return datetime.fromisoformat(value.upper())


def stamp(moment: datetime | None) -> str | None:
    """A moment as RFC 3339 with microseconds in UTC; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def span(value: float) -> timedelta:
    """Seconds as a time span."""
    return timedelta(seconds=value)
