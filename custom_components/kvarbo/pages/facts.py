"""A home as its pages are told of it: values that somebody has read from it, and as what they go to a page. Pure.

Each part goes only to those who may look at it: devices and the chain to who installs, rules and residents to who
coordinates, mere counts to who reads figures. Nothing here holds a name (R07).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final

from ..alarm.kinds import AlarmKind, Location, Owner, Role
from ..alarm.reason import Language, role_text
from ..devices.vitals import Ailment
from ..supervision.slot import Standing
from ..supervision.stages import FaultKind
from ..transmission.path import PathState

#: A pause until the next morning ends at this wall time.
MORNING: Final = time(8)


class Sight(StrEnum):
    """What somebody may look at; the same words as `role.SEES`."""

    COUNTS = "see_counts"
    DEVICES = "see_devices"
    HOME = "see_home"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """One device by its short number. Times are aware; None is not known.

    `heard_at` is when its radio last heard it, to the minute: a device without a radio of ours speaks only when
    something happens, and that is nobody's business here. `signal` is of 255, `signal_dbm` in dBm, and `signal_change`
    in the unit of the one that is known. `found` is what rules about sensors have found of it, `since` how long
    anything of all this has stood. `test_left` are the seconds in which its next press is a test.
    """

    number: int
    role: Role | None
    room: Location | None = None
    heard_at: datetime | None = None
    battery: int | None = None
    battery_days_left: int | None = None
    signal: int | None = None
    signal_dbm: int | None = None
    signal_change: int | None = None
    tried: bool = False
    ailments: frozenset[Ailment] = frozenset()
    found: frozenset[FaultKind] = frozenset()
    since: datetime | None = None
    is_missing: bool = False
    is_unusable: bool = False
    is_untried: bool = False
    is_fading: bool = False
    test_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """One rule: whose it is, how it stands and since when, what is wrong with it and since when.

    `often` is how many times within 30 days it told the same, `held_back` how many of its alarms this night's ceiling
    held back, `would_have` how many it would have sent in shadow.
    """

    rule: str
    resident: int
    name: str
    standing: Standing
    standing_since: datetime | None
    owner: Owner
    technical: bool
    shadow: bool = False
    would_have: int = 0
    often: int = 0
    held_back: int = 0
    is_listened_to: bool = True
    warnings: Mapping[FaultKind, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentFacts:
    """What people have stated of one resident; 0 is the home as a whole."""

    resident: int
    away_since: datetime | None = None
    paused_since: datetime | None = None
    paused_until: datetime | None = None
    visitor_since: datetime | None = None
    visitor_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverFacts:
    """One receiver by its place in the order, from 1: its title may be anybody's name (R07).

    `reached` None is not tried yet; `words` say why not, `problem` what is wrong with its settings. `took` is its last
    round trip in seconds, `proved_at` when it last took something knowing who we are.
    """

    place: int
    protocol: str
    takes: str
    road: str | None = None
    reached: bool | None = None
    words: str = ""
    took: float | None = None
    proved_at: datetime | None = None
    heartbeat: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayFacts:
    """One way out of the home: what keeps alarms in it, and how it stands."""

    way: str
    enforcement: str
    state: PathState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFacts:
    """The alarm chain: whether round trips prove it, when it was last tested whole, what waits."""

    proven: bool
    tested_at: datetime | None
    last_receipt: datetime | None
    undelivered: int
    undelivered_since: datetime | None
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFacts:
    """One open fault of the chain: of a receiver by its place, a device by its number, or a way by its name."""

    kind: AlarmKind
    since: datetime | None = None
    receiver: int = 0
    device: int = 0
    way: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """A whole home at an instant of home time."""

    now: datetime
    chain: ChainFacts
    #: How many can live in it, as stated; a page asks for each where there are two.
    residents: int = 1
    devices: tuple[DeviceFacts, ...] = ()
    rules: tuple[RuleFacts, ...] = ()
    states: tuple[ResidentFacts, ...] = ()
    receivers: tuple[ReceiverFacts, ...] = ()
    ways: tuple[WayFacts, ...] = ()
    faults: tuple[FaultFacts, ...] = ()
    #: Since when everybody seems to have left, by what the sensors say.
    seems_away_since: datetime | None = None


def morning_after(now: datetime, zone: tzinfo) -> datetime:
    """Return 08:00 of the next day on the home's clock, as an aware time in its zone.

    A day is what the home's calendar calls one: also where the clocks are changed in between.
    """
    day: date = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, tzinfo=zone)


def count(facts: HomeFacts) -> dict[str, int]:
    """Return how many devices the home has, and how many rules about persons and the home."""
    return {
        "devices": len(facts.devices),
        "rules": sum(not rule.technical for rule in facts.rules),
    }


def describe_device(device: DeviceFacts, language: Language, zone: tzinfo) -> dict[str, Any]:
    """Return a device as a page takes it, with what it is called in the asked language."""
    told: dict[str, Any] = plain(device, zone)
    told["called"] = "" if device.role is None else role_text(device.role, language)
    return told


def plain(value: Any, zone: tzinfo) -> Any:
    """Return a value as JSON can hold it; times as the home's clock shows them, to the second."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, StrEnum):
        return str(value)
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name), zone) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one, zone) for key, one in value.items()}
    if isinstance(value, Collection) and not isinstance(value, str):
        listed = [plain(one, zone) for one in value]
        return sorted(listed) if isinstance(value, frozenset) else listed
    return value
