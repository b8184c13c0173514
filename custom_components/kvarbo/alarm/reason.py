"""Say in plain words what an alarm is and why (S5), from tables alone.

No name of Home Assistant's can get in (R07). Times are said as the clock in the home shows them.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
import json
from pathlib import Path
from typing import Any, Final

from .alarm import Alarm
from .kinds import AlarmClass, AlarmKind, Location, Owner, ReasonCode, Role

#: A time further than this from the alarm is said with its weekday.
SAME_DAY: Final = timedelta(hours=20)
#: A time further than this from the alarm is said with its date: weekdays come again.
SAME_WEEK: Final = timedelta(days=6)

#: Places that are doors themselves.
_DOORS: Final = frozenset({Location.FRONT_DOOR, Location.BACK_DOOR})
#: Sources that are no sensor: where a text needs one, it says "a sensor".
_NO_SENSOR: Final = frozenset({Role.HUB, Role.RULE})


class Language(StrEnum):
    """Languages that a receiver can be written to in."""

    EN = "en"
    SV = "sv"


class Weekday(StrEnum):
    """The days of the week, in the order of `datetime.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEKDAYS: Final = tuple(Weekday)


def _read(language: Language) -> dict[str, Any]:
    path = Path(__file__).parent / "texts" / f"{language}.json"
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


# Read when the module is imported, which Home Assistant does off its event loop.
_TEXTS: Final = {language: _read(language) for language in Language}


def kind_text(kind: AlarmKind, language: Language) -> str:
    """Return the kind in words."""
    return str(_TEXTS[language]["kind"][kind])


def rule_text(rule: str, language: Language) -> str:
    """Return a rule's kind in words; raises KeyError for one that has none."""
    return str(_TEXTS[language]["rule"][rule])


def role_text(role: Role, language: Language) -> str:
    """Return the role in words."""
    return str(_TEXTS[language]["role"][role])


def owner_text(owner: Owner, language: Language) -> str:
    """Return who is expected to act in words (R27)."""
    return str(_TEXTS[language]["owner"][owner])


def location_text(location: Location, language: Language) -> str:
    """Return the location in words."""
    return str(_TEXTS[language]["location"][location])


def where_text(location: Location, language: Language) -> str:
    """Return the location as it stands in a sentence: "in the kitchen"."""
    return str(_TEXTS[language]["where"][location])


def reason_text(alarm: Alarm, language: Language, zone: tzinfo = UTC) -> str:
    """Return why the alarm was raised, in one short line without a name.

    Times are wall time in `zone`, the home's. What a rule found is said by a text of the alarm's
    kind, with the last sign of life where that is known.
    """
    texts = _TEXTS[language]
    template = _template(alarm, texts)
    since, seen = alarm.sensed_at, alarm.seen_at or alarm.sensed_at
    location = alarm.location
    text = template.format(
        role=role_text(alarm.source.role, language),
        number=alarm.source.number,
        location=location_text(location or Location.HOME, language),
        presses=alarm.presses,
        sensor=_sensor(alarm, language),
        door=_door(location, language),
        where=f" {where_text(location, language)}" if location else "",
        place=f" ({location_text(location, language)})" if location else "",
        since=_time_text(since, alarm.raised_at, language, zone),
        seen=_time_text(seen, alarm.raised_at, language, zone),
        until=_time_text(alarm.until or alarm.raised_at, alarm.raised_at, language, zone),
    )
    if last := _last_text(alarm, language, zone, time_is_said="{seen}" in template):
        text = f"{text}, {last}"
    if alarm.repeats > 1:
        text = f"{text} {str(texts['repeated']).format(repeats=alarm.repeats)}"
    return text


def mark_text(language: Language, *, test: bool, demo: bool) -> str:
    """Return the mark that nobody can mistake for a real alarm, or an empty string (A9, R32)."""
    marks = [str(_TEXTS[language][key]) for key, on in (("test", test), ("demo", demo)) if on]
    return " ".join(marks)


def _template(alarm: Alarm, texts: dict[str, Any]) -> str:
    code = str(alarm.reason)
    match alarm.reason:
        case ReasonCode.WATCHED if alarm.kind in texts["watched"]:
            return str(texts["watched"][alarm.kind])
        case ReasonCode.PRESSED if alarm.presses > 1:
            code = "pressed_times"
        case ReasonCode.HUB_WAS_OFF if alarm.until is None:
            code = "hub_was_off_since"
        case _:
            pass
    return str(texts["reason"][code])


def _last_text(alarm: Alarm, language: Language, zone: tzinfo, *, time_is_said: bool) -> str:
    """Return the last sign of life, as far as it is known and not yet said; never a technical one."""
    if alarm.reason is not ReasonCode.WATCHED or alarm.alarm_class is AlarmClass.TECHNICAL:
        return ""
    at = None if time_is_said else alarm.seen_at
    match at, alarm.seen_in:
        case None, None:
            return ""
        case None, _:
            form = "place"
        case _, None:
            form = "time"
        case _:
            form = "both"
    return str(_TEXTS[language]["last"][form]).format(
        where=where_text(alarm.seen_in or Location.HOME, language),
        seen=_time_text(at or alarm.raised_at, alarm.raised_at, language, zone),
    )


def _sensor(alarm: Alarm, language: Language) -> str:
    source = alarm.source
    if source.role in _NO_SENSOR:
        return str(_TEXTS[language]["sensor"])
    role = role_text(source.role, language)
    return f"{role} {source.number}" if source.number else role


def _door(location: Location | None, language: Language) -> str:
    if location in _DOORS:
        return location_text(location, language)
    door = role_text(Role.EXIT_DOOR, language)
    return f"{door} ({location_text(location, language)})" if location else door


def _time_text(at: datetime, raised_at: datetime, language: Language, zone: tzinfo) -> str:
    """Return a time as HH:MM in the home, with the day when it is not about the day of the alarm."""
    there = at.astimezone(zone)
    clock = f"{there:%H:%M}"
    distance = abs(raised_at - at)
    if distance <= SAME_DAY:
        return clock
    if distance <= SAME_WEEK:
        return f"{_TEXTS[language]['weekday'][_WEEKDAYS[there.weekday()]]} {clock}"
    return f"{there:%Y-%m-%d} {clock}"
