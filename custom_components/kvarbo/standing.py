"""How a home stands at this moment, as counts for its figures: rules, residents, devices, what ails them (R40, F10)."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from homeassistant.core import callback

from .alarm.functions import WatcherKind
from .alarm.kinds import Role
from .health import read_health
from .home import Home
from .rounds import UNTRIED
from .supervision.slot import Standing
from .transmission.aggregate import Ailing, Count, Figure
from .watching.overview import RuleStanding, overview


@callback
def read_standing(home: Home) -> tuple[Count, ...]:
    """Return it; a kind, a function or a role that is not told of is not there."""
    rules = [rule for rule in overview(home.watching) if not rule.technical]
    in_use = Counter(rule.identity.kind for rule in rules if _is_in_use(rule))
    in_shadow = Counter(rule.identity.kind for rule in rules if rule.shadow)
    roles = Counter(role for _, role in _devices(home))
    health = read_health(home)
    return (
        Count(Figure.RESIDENTS, home.watching.house.dwelling.residents),
        *_counts(Figure.RULES, WatcherKind, in_use),
        *_counts(Figure.RULES_IN_SHADOW, WatcherKind, in_shadow),
        *_counts(Figure.DEVICES, Role, roles),
        Count(Figure.DEVICES_AILING, health.silent, Ailing.SILENT),
        Count(Figure.DEVICES_AILING, health.low_batteries, Ailing.LOW_BATTERY),
        Count(Figure.DEVICES_AILING, health.weak_links, Ailing.WEAK_LINK),
        Count(Figure.DEVICES_AILING, health.missing, Ailing.MISSING),
        *_counts(Figure.NEVER_USED, Role, _never_used(home)),
    )


def _is_in_use(rule: RuleStanding) -> bool:
    """Tell whether a rule would alarm: it has its consents, and nobody only tries it."""
    return not rule.shadow and rule.standing is not Standing.NO_CONSENT


def _devices(home: Home) -> Iterator[tuple[int, Role]]:
    for button in home.devices.buttons.values():
        yield button.number, button.role
    for sensed in home.devices.sensed.values():
        yield sensed.number, sensed.sensor.role


def _never_used(home: Home) -> Counter[Role]:
    """Count devices that hang in the home for a week and have never done what they are for (F10)."""
    vitals = home.check.rounds.vitals
    return Counter(
        role
        for number, role in _devices(home)
        if (known := vitals.get(number)) is not None and not known.used and known.looked >= UNTRIED
    )


def _counts[S: StrEnum](figure: Figure, kind: type[S], of: Counter[S]) -> list[Count]:
    return [Count(figure, of[word], word) for word in kind if of[word]]
