"""How the rules of a home stand, for entities, issues and diagnostics: states of rules, no activity."""

from dataclasses import dataclass

from ..supervision.identity import Identity
from ..supervision.slot import Standing
from ..supervision.stages import FaultKind
from .watching import Watching


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """One rule: how it stands, what is wrong with it, whether an automation listens."""

    identity: Identity
    standing: Standing
    faults: frozenset[FaultKind]
    is_listened_to: bool
    technical: bool
    #: How often within 30 days the same thing was told, for the coordinator's review (F2).
    often: int = 0
    #: In shadow: what it would have sent is noted, and nothing is sent.
    shadow: bool = False


def overview(watching: Watching) -> list[RuleStanding]:
    """Return every rule of the home, by identity."""
    return [
        RuleStanding(
            identity,
            slot.standing,
            frozenset(slot.faults) | {fault for fault, _ in slot.watcher.open_faults()},
            slot.listeners > 0,
            slot.watcher.technical,
            slot.watcher.often(watching.supervisor.now),
            slot.options.shadow,
        )
        for identity, slot in sorted(watching.supervisor.slots.items())
    ]


def count_watching(watching: Watching) -> int:
    """Return how many rules about a person watch at this moment."""
    return sum(
        rule.standing is Standing.WATCHING and not rule.technical for rule in overview(watching)
    )


def has_rule_fault(watching: Watching) -> bool:
    """Tell whether any rule or sensor cannot be leaned on (S9)."""
    return any(rule.faults for rule in overview(watching))


def seems_away(watching: Watching) -> bool:
    """Tell whether everybody is stated or inferred to be away; shown, never silently so (S6)."""
    house = watching.house
    if house.presence.inferred_away_since is not None:
        return True
    return any(state.away_since is not None for state in house.residents.values())
