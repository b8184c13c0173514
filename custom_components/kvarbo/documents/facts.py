"""What is printed of a home, as one value: how it is set up, never what happens in it (R01, R07).

Whoever holds a running home fills it in; no secret, no address, no title and no name of Home
Assistant's has a place here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from ..alarm.kinds import Location, Owner, Role
from ..alarm.reason import Language
from ..supervision.catalogue import KINDS
from ..supervision.identity import WatcherKind
from ..supervision.watcher import WatcherSettings
from ..transmission.receiver import Takes
from ..transmission.tunnel import Enforcement, Road

#: A rule is looked at again so many months after the consent to it, unless somebody says otherwise (R43).
REVIEW_MONTHS: Final = 6
_YEAR: Final = 12


class RuleState(StrEnum):
    """Whether a rule is in use, and if not, why not. Being away or visited is nobody's to read on paper."""

    LIVE = "live"
    NO_CONSENT = "no_consent"
    LACKS_SENSORS = "lacks_sensors"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What is set of one entry lock: who may come in by it, and when it locks itself, seconds."""

    by_code: bool
    by_command: bool
    visits: tuple[str, ...]
    relock_after: float


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One device. `resident` 0 is the home; `entry` only of an entry lock."""

    number: int
    role: Role
    room: Location
    resident: int = 0
    entry: EntryFacts | None = None


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """One resident's recorded consent: its ground and who took it as keys, and its days in the home."""

    resident: int
    basis: str
    taken_by: str
    given_on: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """One rule as it is set. `hears` and `needs` are numbers of devices.

    `needs` are those that it cannot do without, `hears` all that it listens to. `paused_until` is
    home time, aware; None when it is not paused.
    """

    kind: WatcherKind
    resident: int
    name: str
    settings: WatcherSettings
    owner: Owner
    state: RuleState
    hears: tuple[int, ...] = ()
    needs: tuple[int, ...] = ()
    is_shadow: bool = False
    #: Of everybody whom it sees: a cohabitant too must have consented (S10).
    consents: tuple[ConsentFacts, ...] = ()
    review_on: date | None = None
    paused_until: datetime | None = None

    @property
    def is_technical(self) -> bool:
        """Whether it is about devices and not about a person."""
        return KINDS[self.kind].technical

    @property
    def is_active(self) -> bool:
        """Whether it is about a person or a home and in use: what a resident is told of (R05)."""
        return self.state is RuleState.LIVE and not self.is_technical

    @property
    def may_alarm(self) -> bool:
        """Whether anybody can be told of what it finds."""
        return KINDS[self.kind].alarm_kind is not None and not self.is_shadow


@dataclass(frozen=True, slots=True)
class ReceiverFacts:
    """One receiver in the order in which they are tried: how it is spoken to, never where or as whom."""

    order: int
    protocol: str
    takes: Takes
    road: Road


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """One home. `made_at` is aware and in the home's zone; `night` are two times of day, seconds.

    `has_mains` says that something tells the hub whether it runs on its battery.
    """

    controller: str
    language: Language
    made_at: datetime
    residents: int
    night: tuple[float, float]
    way: Enforcement
    has_second_way: bool = False
    is_demo: bool = False
    devices: tuple[DeviceFacts, ...] = ()
    rules: tuple[RuleFacts, ...] = ()
    receivers: tuple[ReceiverFacts, ...] = ()

    def of_role(self, *roles: Role, resident: int = 0) -> tuple[DeviceFacts, ...]:
        """Return the devices of these roles that can tell of a resident (0: of anybody)."""
        return tuple(
            device
            for device in self.devices
            if device.role in roles and (resident in (0, device.resident) or device.resident == 0)
        )

    def of_numbers(self, numbers: tuple[int, ...]) -> tuple[DeviceFacts, ...]:
        """Return the devices that bear these numbers."""
        return tuple(device for device in self.devices if device.number in numbers)

    @property
    def persons(self) -> tuple[int, ...]:
        """The residents' numbers: those that the home states, and those that something is set for."""
        stated = set(range(1, self.residents + 1))
        devices = {device.resident for device in self.devices}
        rules = {rule.resident for rule in self.rules}
        return tuple(sorted((stated | devices | rules) - {0}))

    @property
    def has_mains(self) -> bool:
        """Whether the hub can tell that it runs on its battery."""
        return bool(self.of_role(Role.MAINS))


def review_day(given_on: date) -> date:
    """Return the day by which a rule is to be looked at again: the same day of a month, or its last."""
    months = given_on.month - 1 + REVIEW_MONTHS
    year, month = given_on.year + months // _YEAR, months % _YEAR + 1
    for day in range(given_on.day, 0, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue  # a month that is shorter
    raise AssertionError("every month has a first day")  # pragma: no cover
