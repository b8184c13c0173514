"""No flood in one night (R60): a ceiling on alarms that are not urgent, and repeats of one cause merged.

Help buttons never come here (A7). What is held back is told once a night and listed for the
coordinator: a rule that goes over the ceiling needs another setting, not another alarm.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .identity import Identity
from .settings import Json
from .wall import DAY, WallTime

#: Alarms of this priority and above are urgent: never held back.
URGENT: Final = 7
#: So many alarms of rules that are not urgent a night, unless the coordinator says otherwise.
CEILING: Final = 3


class Ruling(StrEnum):
    """What becomes of a rule's alarm."""

    RAISE = "raise"
    #: The same cause again: counted on the alarm that is there.
    MERGE = "merge"
    #: Over the ceiling: not raised, but told and listed.
    HOLD = "hold"


class NightCeiling:
    """Counts a night's alarms; a night runs from noon to noon of the home's wall clock."""

    def __init__(self, wall: WallTime, most: int = CEILING) -> None:
        """Allow `most` alarms a night that are not urgent."""
        self.most = most
        self._wall = wall
        self._night = 0
        self._raised: dict[str, str] = {}
        self._held: dict[str, int] = {}

    def rule(self, identity: Identity, priority: int, at: float) -> Ruling:
        """Tell what becomes of an alarm at an instant (home time, seconds)."""
        self._turn(at)
        key = str(identity)
        if key in self._raised:
            return Ruling.MERGE
        if priority >= URGENT or self._counted() < self.most:
            return Ruling.RAISE
        return Ruling.HOLD

    def raised(self, identity: Identity, alarm_id: str, *, urgent: bool) -> None:
        """Note the alarm that a cause has become; a later one of the night merges into it."""
        self._raised[str(identity)] = f"{'u' if urgent else 'n'}{alarm_id}"

    def alarm_of(self, identity: Identity) -> str | None:
        """Return the night's alarm of a watcher."""
        noted = self._raised.get(str(identity))
        return None if noted is None else noted[1:]

    def ended(self, identity: Identity) -> None:
        """Its alarm has ended: what comes next is a new one."""
        noted = self._raised.pop(str(identity), None)
        if noted is not None and noted[0] == "n":
            self._raised[f"ended {len(self._raised)} {identity}"] = noted

    def held(self, identity: Identity, at: float) -> bool:
        """Note an alarm held back; True for the first of the night, which must be told."""
        self._turn(at)
        first = not self._held
        key = str(identity)
        self._held[key] = self._held.get(key, 0) + 1
        return first

    def held_back(self) -> dict[str, int]:
        """Return what was held back this night, by watcher: for the coordinator's review."""
        return dict(self._held)

    def to_json(self) -> dict[str, Json]:
        """Return it as it is kept."""
        return {"night": self._night, "raised": {**self._raised}, "held": {**self._held}}

    def load(self, raw: object) -> None:
        """Take in what was kept; what cannot be read counts as an empty night.

        What has been counted before, in a home that got its journal late, is newer and stays.
        """
        if not isinstance(raw, Mapping) or not isinstance(raw.get("night"), int):
            return
        raised, held = raw.get("raised"), raw.get("held")
        if isinstance(raised, Mapping) and isinstance(held, Mapping):
            night = int(raw["night"])
            if night < self._night:
                return
            if night > self._night:
                self._raised, self._held = {}, {}
            self._night = night
            known = {str(k): v for k, v in raised.items() if isinstance(v, str) and v}
            self._raised = known | self._raised
            self._held = {str(k): v for k, v in held.items() if isinstance(v, int)} | self._held

    def _counted(self) -> int:
        return sum(noted[0] == "n" for noted in self._raised.values())

    def _turn(self, at: float) -> None:
        night = self._wall.day(at - DAY / 2)
        if night != self._night:
            self._night, self._raised, self._held = night, {}, {}
