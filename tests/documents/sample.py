"""Homes to print: an ordinary one, and one that has everything there is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from custom_components.kvarbo.alarm.kinds import Location, Owner, Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.documents.facts import (
    ConsentFacts,
    DeviceFacts,
    EntryFacts,
    HomeFacts,
    ReceiverFacts,
    RuleFacts,
    RuleState,
    review_day,
)
from custom_components.kvarbo.supervision.catalogue import KINDS, NEW_HOME, rule_of
from custom_components.kvarbo.supervision.house import Dwelling, House
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.presence import Presence
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.wall import HOUR, WallTime
from custom_components.kvarbo.supervision.watcher import WatcherSettings
from custom_components.kvarbo.transmission.receiver import Takes
from custom_components.kvarbo.transmission.tunnel import Enforcement, Road

MADE_AT: Final = datetime(2026, 10, 5, 14, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
CONSENT: Final = ConsentFacts(1, "own", "coordinator", date(2026, 8, 31))

_ORDINARY: Final = (
    (Role.HELP_BUTTON, Location.BATHROOM),
    (Role.HELP_BUTTON, Location.BEDROOM),
    (Role.BED, Location.BEDROOM),
    (Role.MOTION, Location.BEDROOM),
    (Role.MOTION, Location.HALLWAY),
    (Role.MOTION, Location.KITCHEN),
    (Role.MOTION, Location.BATHROOM),
    (Role.EXIT_DOOR, Location.HALLWAY),
    (Role.CHECK_IN, Location.HALLWAY),
    (Role.FALL_SENSOR, Location.BATHROOM),
    (Role.WATER, Location.KITCHEN),
    (Role.SMOKE, Location.HALLWAY),
    (Role.HEAT, Location.KITCHEN),
)
_MORE: Final = (
    (Role.LIFT, Location.BATHROOM),
    (Role.DISPENSER, Location.KITCHEN),
    (Role.PLUG, Location.KITCHEN),
    (Role.PLUG, Location.BATHROOM),
    (Role.ENTRY_LOCK, Location.HALLWAY),
    (Role.MAINS, Location.HALLWAY),
    (Role.CHAIR, Location.LIVING_ROOM),
    (Role.ROOM_SENSOR, Location.BEDROOM),
    (Role.INNER_DOOR, Location.KITCHEN),
    (Role.ITEM, Location.KITCHEN),
    (Role.MOVER, Location.LIVING_ROOM),
    (Role.ANSWER, Location.BEDROOM),
    (Role.WORN, Location.HOME),
    (Role.SCREEN_PLUG, Location.BEDROOM),
)
ENTRY: Final = EntryFacts(
    by_code=True, by_command=True, visits=("08:00-08:30", "20:00-20:30"), relock_after=300.0
)


def devices(kinds: Iterable[tuple[Role, Location]]) -> tuple[DeviceFacts, ...]:
    return tuple(
        DeviceFacts(n, role, room, entry=ENTRY if role is Role.ENTRY_LOCK else None)
        for n, (role, room) in enumerate(kinds, 1)
    )


def rule(
    kind: WatcherKind,
    there: tuple[DeviceFacts, ...],
    settings: WatcherSettings | None = None,
    owner: Owner = Owner.NIGHT_PATROL,
) -> RuleFacts:
    """A rule in use, that hears and needs what the watcher itself says it does."""
    watcher_type, made = KINDS[kind], rule_of(kind, settings)
    house = House(wall := WallTime(), Dwelling(), Presence(wall))
    for device in there:
        if device.role is not Role.HELP_BUTTON:
            sensor = Sensor(device.number, device.role, device.room, device.resident)
            house.by_role[device.role] = (*house.by_role.get(device.role, ()), sensor)
    watcher = watcher_type(made.identity, made.settings, house, watcher_type.state_type())
    needs = {sensor.number for group in watcher.groups() for sensor in group}
    hears = {sensor.number for sensor in house.of(*watcher_type.roles)}
    return RuleFacts(
        kind=kind,
        resident=made.identity.resident,
        name="",
        settings=made.settings,
        owner=owner,
        state=RuleState.LIVE,
        hears=tuple(sorted(hears)),
        needs=tuple(sorted(needs)),
        consents=() if watcher_type.technical else (CONSENT,),
        review_on=review_day(CONSENT.given_on),
    )


def settings_of(kind: WatcherKind, **more: Any) -> WatcherSettings:
    """A rule's settings as it comes, but for these."""
    return replace(KINDS[kind].settings_type(), **more)


def home(language: Language = Language.SV, *rules: RuleFacts, **more: Any) -> HomeFacts:
    """A home that has every kind of device, with these rules alone."""
    made = HomeFacts(
        controller="4711",
        language=language,
        made_at=MADE_AT,
        residents=1,
        night=(22 * HOUR, 7 * HOUR),
        way=Enforcement.INTERFACE,
        devices=EVERYTHING,
        rules=rules,
        receivers=(
            ReceiverFacts(1, "scaip", Takes.ALARMS, Road.HOME),
            ReceiverFacts(2, "rest", Takes.OPERATIONS, Road.SECOND),
        ),
    )
    return replace(made, **more)


EVERYTHING: Final = devices((*_ORDINARY, *_MORE))


def full_home(language: Language) -> HomeFacts:
    """A home in which every rule there is is in use."""
    return home(language, *(rule(kind, EVERYTHING) for kind in KINDS), has_second_way=True)


def new_home(language: Language) -> HomeFacts:
    """A home as many will be: thirteen devices and the rules of a new home."""
    there = devices(_ORDINARY)
    rules = (rule(new.identity.kind, there) for new in NEW_HOME)
    return home(language, *rules, devices=there)
