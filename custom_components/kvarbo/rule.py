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
_OF_OPTIONS: Final = ("owner", "suitable", "priority", "version", "shadow")
_KNOWN: Final = frozenset({ATTR_RULE, ATTR_NAME, ATTR_RESIDENT, ATTR_SETTINGS, *_OF_OPTIONS})


#: What each problem means, for who writes an automation; Home Assistant says such things in English.
_WORDS: Final = {
    "bad_name": "small letters, digits and underscores, 32 at the most",
    "missing": "it must be given",
    "not_a_duration": "write a span of time, such as 00:20:00",
    "not_a_flag": "write true or false",
    "not_a_mapping": "write names with their values",
    "not_a_number": "write a whole number",
    "not_a_time": "write a time of day, such as 22:00",
    "not_confirmed": "judge whether the rule suits this resident, then set it to true",
    "not_times": "write times of day, such as 08:00 and 20:00, 24 at the most",
    "not_weekdays": "write weekdays as mon, tue, ...",
    "out_of_range": "it is too small or too large",
    "unknown": "this rule has no such field",
    "unknown_choice": "there is no such choice",
}


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


def told(err: SettingsError) -> str:
    """Return what is wrong with a rule, in words: each field, the problem's key and what to do."""
    return "; ".join(
        f"{flaw.field}: {flaw.problem}, {_WORDS.get(flaw.problem, 'it cannot be used')}"
        for flaw in err.flaws
    )
