"""Conditions that blueprints build on: where a resident's watching stands. Thin, no logic."""

from typing import Any, Final, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import Condition, ConditionConfig
from homeassistant.helpers.typing import ConfigType
import probatio

from .home import running_homes
from .rule import ATTR_RESIDENT, ATTR_RULE, read_identity, told
from .supervision.house import Absence
from .supervision.identity import WatcherKind
from .supervision.settings import SettingsError
from .watching.watching import Watching

_OPTIONS: Final = "options"
#: Conditions that ask for no rule read one to learn the resident; any will do.
_ANY_RULE: Final = {ATTR_RULE: WatcherKind.INACTIVITY}


class _HomeCondition(Condition):
    """Tests something that the running home knows; false while there is none."""

    #: Whether a rule must be named.
    names_rule = False

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Read the options; `probatio.Invalid` names what is wrong."""
        options = config.get(_OPTIONS) or {}
        known = {ATTR_RESIDENT, ATTR_RULE} if cls.names_rule else {ATTR_RESIDENT}
        if unknown := sorted(set(options) - known):
            raise probatio.Invalid(f"{unknown[0]}: unknown", path=[_OPTIONS])
        try:
            read_identity(options if cls.names_rule else {**options, **_ANY_RULE})
        except SettingsError as err:
            raise probatio.Invalid(told(err), path=[_OPTIONS]) from err
        return config

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take validated options."""
        super().__init__(hass, config)
        options = config.options or {}
        self._identity = read_identity(options if self.names_rule else {**options, **_ANY_RULE})

    @override
    def _async_check(self, **kwargs: Any) -> bool:
        homes = running_homes(self._hass)
        return bool(homes) and self._holds(homes[0].watching)

    def _holds(self, watching: Watching) -> bool:
        raise NotImplementedError


class IsAtHome(_HomeCondition):
    """The resident is neither stated nor inferred to be away."""

    @override
    def _holds(self, watching: Watching) -> bool:
        house = watching.house
        away = house.absence(self._identity.resident) is Absence.AWAY
        return not away and house.presence.inferred_away_since is None


class IsPaused(_HomeCondition):
    """The resident is not watched for a while."""

    @override
    def _holds(self, watching: Watching) -> bool:
        return watching.house.absence(self._identity.resident) is Absence.PAUSED


class HasVisitor(_HomeCondition):
    """Somebody is stated to visit."""

    @override
    def _holds(self, watching: Watching) -> bool:
        return watching.house.absence(self._identity.resident) is Absence.VISITOR


class HasConsent(_HomeCondition):
    """A function has the consents that it needs."""

    names_rule = True

    @override
    def _holds(self, watching: Watching) -> bool:
        identity = self._identity
        return watching.consents.allows(
            identity.kind, identity.resident, watching.house.dwelling.residents, watching.now()
        )


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_at_home": IsAtHome,
    "is_paused": IsPaused,
    "has_visitor": HasVisitor,
    "has_consent": HasConsent,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
