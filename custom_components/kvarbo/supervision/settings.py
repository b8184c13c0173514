"""What a rule can be told: fields with bounds, read from whatever a blueprint, file or row hands over.

Every watcher's settings are a frozen dataclass whose fields are made here. Reading them names each
field that is wrong and keeps nothing of a value that it refuses (R54). Durations are seconds, clock
times seconds of the day, weekdays numbers with Monday 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
import math
import re
from typing import Any, ClassVar, Final, Protocol

from .wall import DAY, HOUR, MINUTE

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None

#: Weekdays as people and Home Assistant write them.
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?\Z")
_DURATION_PARTS: Final = {"days": DAY, "hours": HOUR, "minutes": MINUTE, "seconds": 1.0}
_SETTING: Final = "setting"


@dataclass(frozen=True, slots=True)
class SettingFlaw:
    """What is wrong with one setting: the field's name and the problem's key in the texts."""

    field: str
    problem: str


class SettingsError(ValueError):
    """Settings that cannot be used. `flaws` names every field; a retry is useless."""

    def __init__(self, *flaws: SettingFlaw) -> None:
        """Take one flaw or more."""
        super().__init__("; ".join(f"{flaw.field}: {flaw.problem}" for flaw in flaws))
        self.flaws = flaws


class _WrongError(ValueError):
    """A value is wrong; says how, by key."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is read, and within which bounds (`least` and `most`, both allowed)."""

    read: Callable[[object], Any]
    unit: str
    least: float | None = None
    most: float | None = None
    optional: bool = False

    def take(self, raw: object) -> Any:
        """Return the value; raises `_WrongError`."""
        if raw is None:
            if self.optional:
                return None
            raise _WrongError("missing")
        value = self.read(raw)
        if (self.least is not None and value < self.least) or (
            self.most is not None and value > self.most
        ):
            raise _WrongError("out_of_range")
        return value


class SettingsClass(Protocol):
    """A dataclass of settings."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def duration(default: float | None, *, least: float, most: float) -> Any:
    """Make a field that is a span of time in seconds; a default of None makes it optional."""
    return _field(default, Setting(_read_duration, "duration", least, most, default is None))


def clock(default: float | None) -> Any:
    """Make a field that is a time of the wall clock, in seconds of the day."""
    return _field(default, Setting(_read_clock, "clock", 0, DAY - 1, default is None))


def clocks(default: tuple[float, ...] = ()) -> Any:
    """Make a field that is up to 24 times of the wall clock, ascending."""
    return _field(default, Setting(_read_clocks, "clocks"))


def weekdays() -> Any:
    """Make a field that is a set of weekdays; none given means all."""
    return _field((), Setting(_read_weekdays, "weekdays"))


def count(default: int, *, least: int, most: int) -> Any:
    """Make a field that is a whole number."""
    return _field(default, Setting(_read_count, "count", least, most))


def flag(*, default: bool) -> Any:
    """Make a field that is yes or no."""
    return _field(default, Setting(_read_flag, "flag"))


def read_duration(raw: object) -> float:
    """Return a span of time in seconds, from what a selector, a file or a person writes.

    Raises:
        SettingsError: it is none.
    """
    try:
        return _read_duration(raw)
    except _WrongError as err:
        raise SettingsError(SettingFlaw("duration", str(err))) from None


def read_settings[S: SettingsClass](kind: type[S], raw: object) -> S:
    """Return settings of a kind from a mapping of field to value; what is left out has its default.

    Raises:
        SettingsError: it names every field that is unknown or wrong.
    """
    if not isinstance(raw, Mapping):
        raise SettingsError(SettingFlaw("settings", "not_a_mapping"))
    known = setting_fields(kind)
    flaws = [SettingFlaw(str(key)[:40], "unknown") for key in raw if key not in known]
    values: dict[str, Any] = {}
    for name, setting in known.items():
        if name not in raw:
            continue
        try:
            values[name] = setting.take(raw[name])
        except _WrongError as err:
            flaws.append(SettingFlaw(name, str(err)))
    if flaws:
        raise SettingsError(*flaws)
    return kind(**values)


def write_settings(settings: SettingsClass) -> dict[str, Json]:
    """Return settings as `read_settings` takes them back."""
    return {
        name: list(value) if isinstance(value := getattr(settings, name), tuple) else value
        for name in setting_fields(type(settings))
    }


def setting_fields(kind: type[SettingsClass]) -> dict[str, Setting]:
    """Return the settings of a kind by name."""
    return {f.name: f.metadata[_SETTING] for f in fields(kind) if _SETTING in f.metadata}


def default_of(kind: type[SettingsClass], name: str) -> Any:
    """Return a setting's default."""
    found = next(f for f in fields(kind) if f.name == name)
    return None if found.default is MISSING else found.default


def _field(default: Any, setting: Setting) -> Any:
    return field(default=default, metadata={_SETTING: setting})


def _read_duration(raw: object) -> float:
    match raw:
        case bool():
            raise _WrongError("not_a_duration")
        case int() | float():
            return _finite(raw, "not_a_duration")
        case str():
            return _duration_text(raw)
        case Mapping():
            if not raw or any(key not in _DURATION_PARTS for key in raw):
                raise _WrongError("not_a_duration")
            return sum(
                _number(value, "not_a_duration") * _DURATION_PARTS[key]
                for key, value in raw.items()
            )
        case _:
            raise _WrongError("not_a_duration")


def _duration_text(raw: str) -> float:
    parts = raw.strip().split(":")
    if len(parts) not in (2, 3) or not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
        raise _WrongError("not_a_duration")
    numbers = [int(part) for part in parts]
    hours, minutes, seconds = (*numbers, 0)[:3]
    return hours * HOUR + minutes * MINUTE + seconds


def _read_clock(raw: object) -> float:
    if isinstance(raw, str):
        found = _CLOCK.match(raw.strip())
        if found is None:
            raise _WrongError("not_a_time")
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        if hours > 23 or minutes > 59 or seconds > 59:  # noqa: PLR2004 - a clock's face
            raise _WrongError("not_a_time")
        return hours * HOUR + minutes * MINUTE + seconds
    return _number(raw, "not_a_time")


def _read_clocks(raw: object) -> tuple[float, ...]:
    most = 24
    if isinstance(raw, str):
        raw = [part for part in raw.split(",") if part.strip()]
    if not isinstance(raw, list | tuple) or len(raw) > most:
        raise _WrongError("not_times")
    found = sorted({_read_clock(item) for item in raw})
    if any(not 0 <= at < DAY for at in found):
        raise _WrongError("not_times")
    return tuple(found)


def _read_weekdays(raw: object) -> tuple[int, ...]:
    if isinstance(raw, str):
        raw = [raw]
    if not isinstance(raw, list | tuple):
        raise _WrongError("not_weekdays")
    days: set[int] = set()
    for item in raw:
        if isinstance(item, str) and item in WEEKDAYS:
            days.add(WEEKDAYS.index(item))
        elif isinstance(item, int) and not isinstance(item, bool) and 0 <= item < len(WEEKDAYS):
            days.add(item)
        else:
            raise _WrongError("not_weekdays")
    return tuple(sorted(days))


def _read_count(raw: object) -> int:
    number = _number(raw, "not_a_number")
    if number != int(number):
        raise _WrongError("not_a_number")
    return int(number)


def _read_flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise _WrongError("not_a_flag")
    return raw


def _number(raw: object, problem: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _WrongError(problem)
    return _finite(raw, problem)


def _finite(raw: float, problem: str) -> float:
    if not math.isfinite(raw):
        raise _WrongError(problem)
    return float(raw)
