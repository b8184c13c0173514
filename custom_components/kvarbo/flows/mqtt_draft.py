"""An MQTT receiver's settings while a person types them. As with the others, secrets are never sent back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, override

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector
import probatio

from ..alarm.reason import Language
from ..const import (
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_CONTROLLER,
    CONF_DEMO,
    CONF_LANGUAGE,
    CONF_PROTOCOL,
    CONF_TAKES,
    Protocol,
)
from ..receiver_flaws import DEFAULT_LANGUAGE, NO_CREDENTIALS
from ..transmission.outlet import Takes
from .draft import CONF_ADVANCED, Draft, errors_of
from .forms import LINE, LINES, SECRET, one_of, typed

_BASIC: Final = frozenset({CONF_URL, CONF_USERNAME, CONF_PASSWORD, CONF_TAKES, CONF_LANGUAGE})

MQTT_FORM: Final = probatio.Schema(
    {
        probatio.Required(CONF_URL): LINE,
        probatio.Optional(CONF_USERNAME): LINE,
        probatio.Optional(CONF_PASSWORD): SECRET,
        probatio.Required(CONF_TAKES, default=Takes.ALARMS.value): one_of(Takes, CONF_TAKES),
        probatio.Required(CONF_LANGUAGE, default=DEFAULT_LANGUAGE.value): one_of(
            Language, CONF_LANGUAGE
        ),
        probatio.Required(CONF_ADVANCED, default=False): BooleanSelector(),
    }
)
MQTT_CREDENTIALS_FORM: Final = probatio.Schema(
    {
        probatio.Optional(CONF_USERNAME): LINE,
        probatio.Optional(CONF_PASSWORD): SECRET,
        probatio.Optional(CONF_CLIENT_CERTIFICATE): LINES,
        probatio.Optional(CONF_CLIENT_KEY): LINES,
    }
)
_NEW: Final = (CONF_USERNAME, CONF_PASSWORD, CONF_CLIENT_CERTIFICATE, CONF_CLIENT_KEY)


class MqttDraft(Draft):
    """Settings under way; the second form is that of REST."""

    def __init__(
        self, hass: HomeAssistant, settings: Mapping[str, Any], home: Mapping[str, Any]
    ) -> None:
        """Start from stored settings, or from few or none for a new receiver; `home` is the entry's."""
        own = {CONF_PROTOCOL: Protocol.MQTT.value, CONF_USERNAME: home[CONF_CONTROLLER]}
        super().__init__(hass, {**own, **settings}, demo=bool(home[CONF_DEMO]))

    @override
    async def take_basic(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read the first form; return its errors. Flaws of the second form stay in `flaws`."""
        self.settings |= {
            CONF_URL: user_input[CONF_URL].strip(),
            CONF_TAKES: user_input[CONF_TAKES],
            CONF_LANGUAGE: user_input[CONF_LANGUAGE],
        }
        self._put(CONF_USERNAME, typed(user_input, CONF_USERNAME))
        if password := str(user_input.get(CONF_PASSWORD) or ""):
            self.settings[CONF_PASSWORD] = password
        self._typed[CONF_ADVANCED] = user_input[CONF_ADVANCED]
        await self._check()
        if user_input[CONF_ADVANCED]:
            # A certificate in place of a password is given on the second form.
            self.flaws = tuple(f for f in self.flaws if f.problem != NO_CREDENTIALS)
        return errors_of(flaw for flaw in self.flaws if flaw.field in _BASIC)

    @override
    async def take_credentials(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read new credentials; return the errors of their form."""
        new = {field: text for field in _NEW if (text := typed(user_input, field))}
        if not new.keys() - {CONF_USERNAME}:
            return {CONF_PASSWORD: "empty"}
        self.settings |= new
        await self._check()
        errors = errors_of(flaw for flaw in self.flaws if flaw.field in _NEW)
        if self.flaws and not errors:
            errors = {"base": "other_setting"}
        return errors

    @override
    def advanced_errors(self) -> dict[str, str]:
        """Return the flaws as errors of the second form, each on its own field."""
        return errors_of(
            replace(flaw, field=CONF_CLIENT_CERTIFICATE) if flaw.problem == NO_CREDENTIALS else flaw
            for flaw in self.flaws
        )

    @override
    def basic_values(self) -> dict[str, Any]:
        """Return what to fill into the first form."""
        shown = self.settings | self._typed
        fields = (CONF_URL, CONF_USERNAME, CONF_TAKES, CONF_LANGUAGE, CONF_ADVANCED)
        return {field: shown[field] for field in fields if field in shown}
