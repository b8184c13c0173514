"""A rule as a trigger's options, an action or a file state it: which watcher, how set, for whom.

The one place where such a statement is read, so that a blueprint, an automation written by hand and
a replay are refused for the same reasons, in the same words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .supervision.catalogue import KINDS
from .supervision.identity import Identity, WatcherKind
from .supervision.settings import SettingFlaw, SettingsError
from .supervision.slot import RuleOptions, settings_of
from .supervision.watcher import WatcherSettings

ATTR_RULE: Final = "rule"
ATTR_NAME: Final = "name"
ATTR_RESIDENT: Final = "resident"
ATTR_SETTINGS: Final = "settings"
_OF_OPTIONS: Final = ("owner", "suitable", "priority", "version")
_KNOWN: Final = frozenset({ATTR_RULE, ATTR_NAME, ATTR_RESIDENT, ATTR_SETTINGS, *_OF_OPTIONS})


@dataclass(frozen=True, slots=True)
class Rule:
    """A watcher's identity with its settings and what its alarm is to be."""

    identity: Identity
    settings: WatcherSettings
    options: RuleOptions


def read_identity(raw: Mapping[str, Any]) -> Identity:
    """Return the identity that options state; raises `SettingsError` that names the field."""
    kind = raw.get(ATTR_RULE)
    if kind not in list(WatcherKind):
        problem = "missing" if kind is None else "unknown_choice"
        raise SettingsError(SettingFlaw(ATTR_RULE, problem))
    resident = raw.get(ATTR_RESIDENT, 0)
    # A blueprint's number selector hands over 1.0.
    whole = isinstance(resident, int | float) and not isinstance(resident, bool)
    if not whole or resident != int(resident):
        raise SettingsError(SettingFlaw(ATTR_RESIDENT, "out_of_range"))
    name = raw.get(ATTR_NAME) or ""
    try:
        return Identity(WatcherKind(str(kind)), int(resident), str(name))
    except ValueError as err:
        problem = "out_of_range" if str(err) == ATTR_RESIDENT else "bad_name"
        raise SettingsError(SettingFlaw(str(err), problem)) from None


def read_rule(raw: Mapping[str, Any]) -> Rule:
    """Return the rule that options state.

    Raises:
        SettingsError: it names every field that is missing, unknown or wrong.
    """
    flaws = [SettingFlaw(str(key)[:40], "unknown") for key in raw if key not in _KNOWN]
    identity, options, settings = None, None, None
    try:
        identity = read_identity(raw)
        settings = settings_of(KINDS[identity.kind], raw.get(ATTR_SETTINGS) or {})
    except SettingsError as err:
        flaws += err.flaws
    try:
        options = RuleOptions.from_json(
            {key: _whole(raw[key]) for key in _OF_OPTIONS if raw.get(key) is not None}
        )
    except SettingsError as err:
        flaws += err.flaws
    if flaws or identity is None or settings is None or options is None:
        raise SettingsError(*flaws)
    return Rule(identity, settings, options)


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value == int(value) else value
