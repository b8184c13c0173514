"""Repair issues about rules: what a coordinator or a technician must do so that they can alarm (S9)."""

from collections.abc import Iterator
from typing import Final

from .alarm.reason import Language, rule_text
from .supervision.identity import Identity
from .supervision.slot import Standing
from .supervision.stages import FaultKind
from .watching.overview import overview
from .watching.raising import REVIEW_FROM
from .watching.watching import Watching

#: Faults of a rule that a person must mend, each with the issue that says how. What concerns a device
#: is told as a technical alarm and by the device itself.
ISSUE_OF: Final = {
    FaultKind.BLIND: "rule_blind",
    FaultKind.NOT_ATTACHED: "rule_not_attached",
    FaultKind.SETTINGS_DIFFER: "rule_settings_differ",
    FaultKind.NOT_ANSWERED: "rule_not_answered",
    FaultKind.LACKS_SENSORS: "rule_lacks_sensors",
    FaultKind.REFUSED: "rule_refused",
    FaultKind.BROKEN: "rule_broken",
}
NO_CONSENT: Final = "rule_no_consent"
REVIEW: Final = "rule_review"
CEILING: Final = "rule_ceiling"
UNREADABLE: Final = "rule_unreadable"


def rule_issues(watching: Watching, language: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield each issue that stands: translation key, what it is about, placeholders."""
    for rule in overview(watching):
        name = _name(rule.identity, language)
        if rule.technical:
            continue
        for fault in sorted(rule.faults & ISSUE_OF.keys()):
            yield ISSUE_OF[fault], str(rule.identity), {"rule": name}
        if rule.often >= REVIEW_FROM:
            yield REVIEW, str(rule.identity), {"rule": name, "count": str(rule.often)}
        if rule.standing is Standing.NO_CONSENT and rule.is_listened_to:
            yield NO_CONSENT, str(rule.identity), {"rule": name}
    held = watching.raising.ceiling.held_back()
    if held:
        names = (
            _name(Identity.parse(key), language) + f" ({count})"
            for key, count in sorted(held.items())
        )
        yield CEILING, "night", {"rule": ", ".join(names)}
    if watching.broken:
        yield UNREADABLE, "start", {"rule": ", ".join(map(str, watching.broken))}


def _name(identity: Identity, language: str) -> str:
    spoken = Language.SV if language == Language.SV else Language.EN
    words = rule_text(identity.kind, spoken)
    return f"{words} {identity.resident}" if identity.resident else words
