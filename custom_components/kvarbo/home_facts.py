"""Reads from a running home what its pages are told (`pages/`). It decides nothing and changes nothing."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
import math
from typing import Final

from homeassistant.config_entries import ConfigSubentry

from .alarm.alarm import Alarm
from .alarm.kinds import AlarmClass, AlarmKind, Location, Role
from .const import CONF_PROTOCOL, CONF_TAKES, Protocol
from .devices.help_button import HelpButton
from .devices.sensor import SensedDevice
from .devices.vitals import Ailment, Vitals
from .findings import HUB_KEY
from .home import Home
from .pages.facts import (
    ChainFacts,
    DeviceFacts,
    FaultFacts,
    HomeFacts,
    ReceiverFacts,
    ResidentFacts,
    RuleFacts,
    WayFacts,
)
from .quoting import quoted
from .supervision.house import ResidentState
from .supervision.slot import Slot
from .supervision.stages import FaultKind
from .transmission.lines import Line
from .transmission.outlet import Road, Takes
from .way_out import has_second, tunnel_of

#: An alarm that nobody has taken for this long is overdue.
OVERDUE: Final = timedelta(minutes=1)
#: Faults whose key is a receiver's.
_OF_RECEIVERS: Final = frozenset(
    {
        AlarmKind.RECEIVER_LOST,
        AlarmKind.FORM_REFUSED,
        AlarmKind.CREDENTIALS_REFUSED,
        AlarmKind.TWO_HUBS,
    }
)


def read_home(home: Home) -> HomeFacts:
    """Return a home as it stands now."""
    house = home.watching.house
    return HomeFacts(
        now=home.clock.now(),
        chain=_chain(home),
        residents=house.dwelling.residents,
        devices=tuple(sorted(_devices(home), key=lambda device: device.number)),
        rules=tuple(_rules(home)),
        states=tuple(_resident(n, state) for n, state in sorted(house.residents.items())),
        receivers=tuple(
            _receiver(home, place, subentry) for place, subentry in enumerate(home.receivers(), 1)
        ),
        ways=tuple(_ways(home)),
        faults=tuple(_faults(home)),
        seems_away_since=_at(house.presence.inferred_away_since),
    )


def place_of(home: Home, receiver: str) -> int | None:
    """Return a receiver's place in the order, from 1; None for one that the home has no more."""
    keys = [subentry.subentry_id for subentry in home.receivers()]
    return keys.index(receiver) + 1 if receiver in keys else None


def _chain(home: Home) -> ChainFacts:
    now = home.clock.now()
    waiting = [
        alarm.raised_at
        for alarm in home.chain.transmitter.undelivered()
        if now - alarm.raised_at > OVERDUE
    ]
    return ChainFacts(
        proven=home.check.proof.is_proven,
        tested_at=home.check.proof.tested_at,
        last_receipt=home.last_receipt(),
        undelivered=len(waiting),
        undelivered_since=min(waiting, default=None),
        demo=home.facts.demo,
    )


def _devices(home: Home) -> Iterator[DeviceFacts]:
    untried = set(home.check.rounds.untried())
    found: dict[int, set[FaultKind]] = {}
    for slot in home.watching.supervisor.slots.values():
        for fault, number in slot.watcher.open_faults():
            found.setdefault(number, set()).add(fault)
    ailing = _ailing_since(home)
    devices: list[HelpButton | SensedDevice] = [
        *home.devices.buttons.values(),
        *home.devices.sensed.values(),
    ]
    for device in devices:
        role, room = _what(device)
        vitals = home.check.rounds.vitals.get(device.number, Vitals())
        yield DeviceFacts(
            number=device.number,
            role=role,
            room=room,
            found=frozenset(found.get(device.number, ())),
            since=ailing.get(device.number),
            is_missing=device.is_missing,
            is_untried=device.number in untried,
            test_left=_test_left(home, device.number),
            heard_at=_heard_at(home, device.number),
            battery=_whole(vitals.battery),
            battery_days_left=_whole(vitals.days_left),
            signal=_whole(vitals.lqi),
            signal_dbm=_whole(vitals.rssi),
            signal_change=_whole(vitals.link_change),
            tried=vitals.used,
            ailments=vitals.ailments,
            is_fading=vitals.is_fading and Ailment.WEAK not in vitals.ailments,
        )
    for stored in home.devices.deaf.values():
        # Stored by a later release, or broken: its number is all that can be said.
        number = int(stored) if stored.isdecimal() else 0
        yield DeviceFacts(number=number, role=None, is_unusable=True)


def _what(device: HelpButton | SensedDevice) -> tuple[Role, Location | None]:
    if isinstance(device, HelpButton):
        return device.role, device.location
    return device.sensor.role, device.sensor.room


def _heard_at(home: Home, number: int) -> datetime | None:
    """Return when a device's radio last heard it, to the minute; None where no radio of ours ever did."""
    ago = home.check.rounds.heard_ago(number)
    if ago is None:
        return None
    return (home.clock.now() - timedelta(seconds=ago)).replace(second=0, microsecond=0)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _ailing_since(home: Home) -> dict[int, datetime]:
    """Return since when something ails each device, by the oldest alarm that tells of it."""
    since: dict[int, datetime] = {}
    for alarm in home.ledger.open_alarms():
        if _tells_of_device(alarm):
            number = alarm.source.number
            since[number] = min(alarm.sensed_at, since.get(number, alarm.sensed_at))
    return since


def _tells_of_device(alarm: Alarm) -> bool:
    technical = alarm.alarm_class is AlarmClass.TECHNICAL
    return technical and alarm.source.number > 0 and alarm.cleared_at is None


def _test_left(home: Home, number: int) -> int | None:
    left = home.chain.tests.left(number, home.clock.monotonic())
    return None if left is None else math.ceil(left)


def _rules(home: Home) -> Iterator[RuleFacts]:
    watching = home.watching
    held = watching.raising.ceiling.held_back()
    for identity, slot in sorted(watching.supervisor.slots.items()):
        yield RuleFacts(
            rule=str(identity.kind),
            resident=identity.resident,
            name=identity.name,
            standing=slot.standing,
            standing_since=_at(slot.standing_since),
            owner=slot.options.owner,
            technical=slot.watcher.technical,
            shadow=slot.options.shadow,
            would_have=len(watching.shadow.of(str(identity))),
            often=slot.watcher.often(watching.supervisor.now),
            held_back=held.get(str(identity), 0),
            is_listened_to=slot.listeners > 0,
            warnings=_warnings(slot),
        )


def _warnings(slot: Slot) -> Mapping[FaultKind, datetime | None]:
    """Return what is wrong with a rule itself; what it has found of a sensor is the sensor's."""
    own: dict[FaultKind, datetime | None] = {
        fault: _at(since) for fault, since in slot.faults.items()
    }
    return own | {
        fault: None
        for fault, number in slot.watcher.open_faults()
        if not number and fault not in own
    }


def _resident(number: int, state: ResidentState) -> ResidentFacts:
    return ResidentFacts(
        resident=number,
        away_since=_at(state.away_since),
        paused_since=_at(state.paused_since),
        paused_until=_at(state.paused_until),
        visitor_since=_at(state.visitor_since),
        visitor_until=_at(state.visitor_until),
    )


def _receiver(home: Home, place: int, subentry: ConfigSubentry) -> ReceiverFacts:
    key = subentry.subentry_id
    line = next((one for one in home.chain.transmitter.lines if one.outlet.key == key), None)
    error = home.receiver_errors.get(key)
    protocol = str(subentry.data.get(CONF_PROTOCOL, Protocol.REST))
    if line is None:
        return ReceiverFacts(
            place=place,
            protocol=protocol,
            takes=str(subentry.data.get(CONF_TAKES, Takes.ALARMS)),
            problem=None if error is None else str(error.field),
        )
    reach = line.watch.reach
    return ReceiverFacts(
        place=place,
        protocol=protocol,
        takes=str(line.outlet.takes),
        road=str(line.outlet.road),
        reached=reach.reached,
        words=quoted(reach.words) if reach.words else "",
        took=None if reach.took is None else round(reach.took, 3),
        proved_at=_proved_at(home, line),
        heartbeat=home.chain.transmitter.interval(key) or line.outlet.heartbeat,
        problem=None if error is None else str(error.field),
    )


def _proved_at(home: Home, line: Line) -> datetime | None:
    if line.proved_at is None:
        return None
    ago = home.clock.monotonic() - line.proved_at
    # To the minute, so that it is no news each time that it is read.
    return (home.clock.now() - timedelta(seconds=ago)).replace(second=0, microsecond=0)


def _ways(home: Home) -> Iterator[WayFacts]:
    for way, road, state in (
        ("home", Road.HOME, home.path.state),
        ("second", Road.SECOND, home.path.second),
    ):
        if road is Road.HOME or has_second(home.entry.data):
            enforcement = tunnel_of(home.entry.data, road).enforcement
            yield WayFacts(way=way, enforcement=str(enforcement), state=state)


def _faults(home: Home) -> Iterator[FaultFacts]:
    for (kind, key), fault in home.chain.faults.open.items():
        since = fault.since or home.chain.faults.since(kind, key)
        if kind in _OF_RECEIVERS:
            yield FaultFacts(kind=kind, since=since, receiver=place_of(home, key) or 0)
        elif kind is AlarmKind.PATH_LOST:
            yield FaultFacts(kind=kind, since=since, way="home" if key == HUB_KEY else "second")
        else:
            device = 0 if fault.source is None else fault.source.number
            yield FaultFacts(kind=kind, since=since, device=device)


def _at(instant: float | None) -> datetime | None:
    return None if instant is None else datetime.fromtimestamp(instant, UTC)
