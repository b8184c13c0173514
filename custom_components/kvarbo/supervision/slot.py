"""One watcher in its place: what it is told, how it stands, who listens, what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..alarm.kinds import HIGHEST_PRIORITY, LOWEST_PRIORITY, Owner
from .house import Absence, House
from .sensing import Reading
from .settings import (
    Json,
    SettingFlaw,
    SettingsError,
    read_settings,
    write_settings,
)
from .stages import FaultKind
from .watcher import AnyWatcher, WatcherSettings


class Standing(StrEnum):
    """Whether a watcher watches, and if not, why not: a quiet night is never just assumed (S9)."""

    WATCHING = "watching"
    #: Its sensors are unknown (S4).
    BLIND = "blind"
    AWAY = "away"
    PAUSED = "paused"
    VISITOR = "visitor"
    #: No recorded consent arms it (S10).
    NO_CONSENT = "no_consent"
    #: It cannot tell apart who lives here (S6).
    REFUSED = "refused"
    #: The home has no sensor for it.
    LACKS_SENSORS = "lacks_sensors"


_OF_ABSENCE: Final = {
    Absence.AWAY: Standing.AWAY,
    Absence.PAUSED: Standing.PAUSED,
    Absence.VISITOR: Standing.VISITOR,
}


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """What a rule's alarm is to be, beside its watcher's settings.

    `priority` None takes the kind's own; `owner` is who is expected to act (R27); `suitable` says
    that the coordinator has read for whom it is not suited (R20); `version` names the rule as it
    stands in the audit trail (R08). `shadow`: what it would have sent is noted and nothing is sent
    (S12).
    """

    owner: Owner
    suitable: bool
    priority: int | None = None
    version: str = ""
    shadow: bool = False

    @classmethod
    def from_json(cls, raw: object) -> RuleOptions:
        """Return options from what a trigger or a row holds.

        Raises:
            SettingsError: it names every field that is missing or wrong (R27, R20).
        """
        if not isinstance(raw, Mapping):
            raise SettingsError(SettingFlaw("options", "not_a_mapping"))
        flaws = []
        owner, priority = raw.get("owner"), raw.get("priority")
        if owner not in list(Owner):
            flaws.append(SettingFlaw("owner", "missing" if owner is None else "unknown_choice"))
        if raw.get("suitable") is not True:
            flaws.append(SettingFlaw("suitable", "not_confirmed"))
        whole = isinstance(priority, int) and not isinstance(priority, bool)
        if priority is not None and not (whole and LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY):
            flaws.append(SettingFlaw("priority", "out_of_range"))
        shadow = raw.get("shadow", False)
        if not isinstance(shadow, bool):
            flaws.append(SettingFlaw("shadow", "not_a_flag"))
        if flaws:
            raise SettingsError(*flaws)
        version = str(raw.get("version", ""))[:80]
        return cls(
            Owner(str(owner)),
            suitable=True,
            priority=priority,
            version=version,
            shadow=shadow is True,
        )

    def to_json(self) -> dict[str, Json]:
        """Return them as `from_json` takes them back."""
        return {
            "owner": str(self.owner),
            "suitable": self.suitable,
            "priority": self.priority,
            "version": self.version,
            "shadow": self.shadow,
        }


@dataclass(slots=True)
class Slot:
    """A watcher with what the supervisor keeps of it.

    `listeners` counts attached triggers, `pending` commits that are under way: until they are done
    its deadline is not armed (S3). `kept_due` is its deadline as it was written last. `begun` says
    that it has been set up and not stood down since; one that is blind may or may not have been.
    `unattached_since` is since when nothing listens. `faults` are those that the supervisor has
    found, and since when.
    """

    watcher: AnyWatcher
    options: RuleOptions
    standing: Standing
    standing_since: float
    numbers: frozenset[int] = frozenset()
    groups: list[list[int]] = field(default_factory=list)
    listeners: int = 0
    pending: int = 0
    dirty: bool = False
    kept_due: float | None = None
    begun: bool = False
    unattached_since: float | None = None
    faults: dict[FaultKind, float] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The identity as it stands in the journal."""
        return str(self.watcher.identity)

    @property
    def watches_a_person(self) -> bool:
        """Whether it is about a person and a consent has armed it (S10)."""
        return not self.watcher.technical and self.standing is not Standing.NO_CONSENT

    @property
    def due(self) -> float | None:
        """When the watcher wants to be called; None while it does not watch or is not yet kept."""
        if self.pending or self.standing is not Standing.WATCHING:
            return None
        return self.watcher.due

    def look(self, house: House) -> None:
        """Find out which sensors it hears and cannot do without."""
        watcher = self.watcher
        sensors = house.of(*watcher.roles, resident=watcher.identity.resident)
        self.numbers = frozenset(sensor.number for sensor in sensors)
        self.groups = [[sensor.number for sensor in group] for group in watcher.groups()]

    def is_blind(self, house: House) -> bool:
        """Tell whether one set of sensors that it needs is all unknown (S4)."""
        readings = house.readings
        return any(
            all(readings.get(number, Reading.UNKNOWN) is Reading.UNKNOWN for number in group)
            for group in self.groups
        )

    def stand(self, house: House, *, consented: bool) -> Standing:
        """Return how it should stand by all that the home states and knows."""
        watcher = self.watcher
        if not watcher.technical and not consented:
            return Standing.NO_CONSENT
        if not all(self.groups) or not self.groups:
            return Standing.LACKS_SENSORS
        if watcher.refusal() is not None:
            return Standing.REFUSED
        absence = house.absence(watcher.identity.resident)
        if absence in watcher.suspended_by:
            return _OF_ABSENCE[absence]
        blind = not watcher.judges_unknown and self.is_blind(house)
        return Standing.BLIND if blind else Standing.WATCHING

    def to_json(self) -> dict[str, Json]:
        """Return all that must survive a restart (S1)."""
        return {
            "settings": write_settings(self.watcher.settings),
            "options": self.options.to_json(),
            "state": self.watcher.state.to_json(),
            "standing": str(self.standing),
            "standing_since": self.standing_since,
            "begun": self.begun,
        }

    def take_settings(self, settings: WatcherSettings, options: RuleOptions) -> bool:
        """Take edited settings over; the state survives (S1). False when nothing differs."""
        if settings == self.watcher.settings and options == self.options:
            return False
        self.watcher.settings = settings
        self.options = options
        return True


def settings_of(kind: type[AnyWatcher], raw: object) -> WatcherSettings:
    """Return a watcher kind's settings; raises `SettingsError`."""
    return read_settings(kind.settings_type, raw)
