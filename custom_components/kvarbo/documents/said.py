"""What a rule says of itself on paper, from its live settings: which sentences, in which order (R05).

A sentence that does not hold for a setting is not said: no "0 minutes before", no hours that are all
hours. The sentences themselves stand in `texts/rules.json`; each may name any setting.
"""

from collections.abc import Iterator

from ..alarm.kinds import Role
from ..supervision.bathroom import BathroomStaySettings
from ..supervision.bed import BedEmptySettings, NoBedExitSettings
from ..supervision.bed_exit import BedExitSettings
from ..supervision.check_in import CheckInSettings
from ..supervision.door import DoorOpenSettings
from ..supervision.inactivity import InactivitySettings
from ..supervision.leaving import LeftHomeSettings, NotReturnedSettings
from ..supervision.lift import LiftSettings
from ..supervision.medicine import MedicineSettings
from ..supervision.night import NightAbsenceSettings
from ..supervision.not_up import NotUpSettings
from ..supervision.planned import RemindingSettings
from ..supervision.roaming import RoamingSettings
from ..supervision.signals import FallSettings, HeatSettings, LeftRoomSettings
from ..supervision.watcher import WatcherSettings
from .facts import HomeFacts, RuleFacts
from .spelling import clock, setting_values
from .words import Words


def alarm_sentences(rule: RuleFacts, home: HomeFacts) -> tuple[str, ...]:
    """Return when the rule alarms, with its live limits, and how one is warned before."""
    keys = (*_limits(rule, _roles(rule, home)), *_warning(rule))
    return _say(rule, home, keys)


def stop_sentences(rule: RuleFacts, home: HomeFacts) -> tuple[str, ...]:
    """Return how what it has begun is stopped."""
    keys = ["stop"]
    if isinstance(rule.settings, MedicineSettings) and Role.CHECK_IN in _roles(rule, home):
        keys.append("stop_reminder")
    elif not isinstance(rule.settings, CheckInSettings) and Role.CHECK_IN in _roles(rule, home):
        keys.append("ok_button")
    return _say(rule, home, tuple(keys))


def sense_sentences(rule: RuleFacts, home: HomeFacts) -> tuple[str, ...]:
    """Return what it senses."""
    return _say(rule, home, ("senses",))


def _say(rule: RuleFacts, home: HomeFacts, keys: tuple[str, ...]) -> tuple[str, ...]:
    words = Words(home.language, "rules")
    night_from, night_to = home.night
    values = setting_values(rule.settings, words) | {
        "home_night_from": clock(night_from, words),
        "home_night_to": clock(night_to, words),
    }
    own = (f"{rule.kind}.{key}" for key in keys)
    return tuple(
        words.say(mine if words.has(mine) else key, **values)
        for mine, key in zip(own, keys, strict=True)
    )


def _roles(rule: RuleFacts, home: HomeFacts) -> frozenset[Role]:
    return frozenset(device.role for device in home.of_numbers(rule.hears))


def _limits(rule: RuleFacts, hears: frozenset[Role]) -> Iterator[str]:  # noqa: C901, PLR0912 - one case a kind
    match rule.settings:
        case NightAbsenceSettings() as told:
            yield from ("limit", _hours(told.begin, told.end))
            yield from _night(told, by_bed=Role.BED in hears)
        case BedExitSettings() as told:
            yield from ("light", "at_most", _hours(told.begin, told.end))
            if not told.warn_at_night:
                yield "dark"
        case BedEmptySettings() as told:
            yield "by"
            if told.empty_for:
                yield "empty_for"
        case NoBedExitSettings() as told:
            yield "longest"
            if told.by is not None:
                yield from ("by", "day_from")
        case InactivitySettings() as told:
            yield from _stillness(told)
        case NotUpSettings() as told:
            yield from ("by", "by_weekend") if told.by_weekend is not None else ("by",)
            yield "day_from"
        case LeftHomeSettings():
            yield from ("limit", "night")
        case NotReturnedSettings() as told:
            yield "limit"
            if told.home_by is not None:
                yield "home_by"
            yield "stated_too" if told.stated_too else "stated_waits"
        case DoorOpenSettings() as told:
            yield from ("limit", "night_limit")
            if told.misfit_minutes:
                yield "misfit"
        case BathroomStaySettings():
            yield from ("limit", "night_limit")
        case RoamingSettings() as told:
            yield from ("changes", _hours(told.begin, told.end))
            if told.quiet_for:
                yield "quiet_for"
        case _:
            yield from _of_things(rule.settings, hears)


def _of_things(settings: WatcherSettings, hears: frozenset[Role]) -> Iterator[str]:
    match settings:
        case MedicineSettings() as told:
            yield from ("own_schedule",) if told.own_schedule else ("times", "early")
            yield from ("limit", "power")
        case CheckInSettings():
            yield "by"
        case LiftSettings() as told:
            yield from ("travel" if told.tells_movement else "limit", "stands")
            if Role.PLUG in hears:
                yield "power"
        case FallSettings() as told:
            yield "delay" if told.delay else "at_once"
        case LeftRoomSettings() as told:
            yield "delay" if told.delay else "at_once"
            yield _hours(told.begin, told.end)
        case HeatSettings():
            yield "limit"
        case _:
            yield "at_once"


def _hours(begin: float, end: float) -> str:
    """Return the sentence on the hours; begin and end alike are the whole day (`Window`)."""
    return "hours_always" if begin == end else "hours"


def _night(told: NightAbsenceSettings, *, by_bed: bool) -> Iterator[str]:
    if by_bed:
        if told.in_bed_for:
            yield "in_bed_for"
    else:
        yield from ("quiet_for", "awake_limit")
    if told.chair_counts_as_back:
        yield "chair"


def _stillness(told: InactivitySettings) -> Iterator[str]:
    if told.window is not None:
        yield from ("window", "away")
        return
    yield from ("learned", "bounds") if told.limit is None else ("limit",)
    if told.night_limit is not None:
        yield "night_limit"
    yield from ("weekdays", "away")


def _warning(rule: RuleFacts) -> Iterator[str]:
    told = rule.settings
    if isinstance(told, BedExitSettings) or told.warning <= 0:
        return
    if isinstance(told, RemindingSettings):
        yield "reminder"
        match told.repeats:
            case 0:
                yield "reminder_single"
            case 1:
                yield "reminder_once"
            case _:
                yield "reminder_repeats"
    else:
        yield "warning"
    yield "warning_night" if told.warn_at_night else "warning_dark"
