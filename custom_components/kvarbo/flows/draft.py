"""A receiver's settings while a person types them: the forms, and what is read from them.

What was typed stays here, not in the browser: secrets are never sent back, and an empty field for a
secret keeps the one there is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.const import CONF_TOKEN, CONF_URL, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector
import probatio

from ..alarm.reason import Language
from ..const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_HEARTBEAT,
    CONF_LANGUAGE,
    CONF_ORDER,
    CONF_PROFILE,
    CONF_PROTOCOL,
    CONF_REACHED_BY,
    CONF_TAKES,
    HEARTBEAT_LEAST,
    HEARTBEAT_MOST,
    Protocol,
)
from ..receiver_flaws import (
    DEFAULT_LANGUAGE,
    HEARTBEAT_RANGE,
    NO_CREDENTIALS,
    Flaw,
    ReceiverSettingsError,
    place_of,
)
from ..receivers import DEFAULT_PROFILE, read_settings
from ..transmission.outlet import HEARTBEAT, Road, Takes
from .forms import ADDRESS, LINES, SECRET, number, one_of, typed, whole

#: Asks for the second form; never stored.
CONF_ADVANCED: Final = "advanced"
#: Receivers are tried in this order.
FIRST: Final = 1
LAST: Final = 9

_MINUTE: Final = 60

#: What the first form asks; the rest stands on the second. They are two forms and not one with a
#: section, since a section in the browser shows no error beside the field that it is about.
_BASIC: Final = frozenset({CONF_URL, CONF_TOKEN, CONF_TAKES, CONF_LANGUAGE})

BASIC_FORM: Final = probatio.Schema(
    {
        probatio.Required(CONF_URL): ADDRESS,
        probatio.Optional(CONF_TOKEN): SECRET,
        probatio.Required(CONF_TAKES, default=Takes.ALARMS.value): one_of(Takes, CONF_TAKES),
        probatio.Required(CONF_LANGUAGE, default=DEFAULT_LANGUAGE.value): one_of(
            Language, CONF_LANGUAGE
        ),
        probatio.Required(CONF_ADVANCED, default=False): BooleanSelector(),
    }
)
ADVANCED_FORM: Final = probatio.Schema(
    {
        probatio.Required(CONF_HEARTBEAT, default=HEARTBEAT // _MINUTE): number(UnitOfTime.MINUTES),
        probatio.Required(CONF_ORDER, default=FIRST): number(),
        probatio.Required(CONF_REACHED_BY, default=Road.HOME.value): one_of(Road, CONF_REACHED_BY),
        probatio.Optional(CONF_PROFILE): LINES,
        probatio.Optional(CONF_CA_CERTIFICATE): LINES,
        probatio.Optional(CONF_CLIENT_CERTIFICATE): LINES,
        probatio.Optional(CONF_CLIENT_KEY): LINES,
    }
)
TOKEN_FORM: Final = probatio.Schema({probatio.Required(CONF_TOKEN): SECRET})
#: For a receiver that knows the home by a certificate, with or without a token beside it.
CERTIFICATE_FORM: Final = probatio.Schema(
    {
        probatio.Optional(CONF_TOKEN): SECRET,
        probatio.Optional(CONF_CLIENT_CERTIFICATE): LINES,
        probatio.Optional(CONF_CLIENT_KEY): LINES,
    }
)


class Draft:
    """Settings under way. `settings` is what would be stored, `flaws` what is wrong with it."""

    def __init__(self, hass: HomeAssistant, settings: Mapping[str, Any], *, demo: bool) -> None:
        """Start from stored settings, or from few or none for a new receiver."""
        self.settings: dict[str, Any] = {
            CONF_PROTOCOL: Protocol.REST.value,
            CONF_PROFILE: DEFAULT_PROFILE,
            CONF_HEARTBEAT: HEARTBEAT,
            CONF_ORDER: FIRST,
            **settings,
        }
        self.flaws: tuple[Flaw, ...] = ()
        #: What was typed and is no setting, or none yet; without secrets.
        self._typed: dict[str, Any] = {}
        self._hass = hass
        self._demo = demo

    async def take_basic(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read the first form; return its errors. Flaws of the second form stay in `flaws`."""
        self.settings |= {
            CONF_URL: user_input[CONF_URL].strip(),
            CONF_TAKES: user_input[CONF_TAKES],
            CONF_LANGUAGE: user_input[CONF_LANGUAGE],
        }
        if token := typed(user_input, CONF_TOKEN):
            self.settings[CONF_TOKEN] = token
        self._typed[CONF_ADVANCED] = user_input[CONF_ADVANCED]
        await self._check()
        if user_input[CONF_ADVANCED]:
            # A certificate in place of a token is given on the second form.
            self.flaws = tuple(f for f in self.flaws if f.problem != NO_CREDENTIALS)
        return errors_of(flaw for flaw in self.flaws if flaw.field in _BASIC)

    async def take_advanced(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read the second form; return its errors."""
        errors: dict[str, str] = {}
        self._typed |= {f: user_input[f] for f in (CONF_HEARTBEAT, CONF_ORDER)}
        minutes = whole(
            user_input[CONF_HEARTBEAT], HEARTBEAT_LEAST // _MINUTE, HEARTBEAT_MOST // _MINUTE
        )
        if minutes is None:
            errors[CONF_HEARTBEAT] = HEARTBEAT_RANGE
        else:
            self.settings[CONF_HEARTBEAT] = minutes * _MINUTE
        order = whole(user_input[CONF_ORDER], FIRST, LAST)
        if order is None:
            errors[CONF_ORDER] = "order_range"
        else:
            self.settings[CONF_ORDER] = order
        self.settings[CONF_REACHED_BY] = user_input[CONF_REACHED_BY]
        self.settings[CONF_PROFILE] = typed(user_input, CONF_PROFILE) or DEFAULT_PROFILE
        self._put(CONF_CA_CERTIFICATE, typed(user_input, CONF_CA_CERTIFICATE))
        self._put(CONF_CLIENT_CERTIFICATE, typed(user_input, CONF_CLIENT_CERTIFICATE))
        key = typed(user_input, CONF_CLIENT_KEY)
        if key or CONF_CLIENT_CERTIFICATE not in self.settings:
            # Left empty it stays, as a secret does, unless its certificate is taken away.
            self._put(CONF_CLIENT_KEY, key)
        await self._check()
        return self.advanced_errors() | errors

    async def take_credentials(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read new credentials; return the errors of their form."""
        new = {
            field: text
            for field in (CONF_TOKEN, CONF_CLIENT_CERTIFICATE, CONF_CLIENT_KEY)
            if (text := typed(user_input, field))
        }
        self.settings |= new
        await self._check()
        errors = errors_of(flaw for flaw in self.flaws if flaw.field in CERTIFICATE_FORM.schema)
        if not new:
            errors = {CONF_TOKEN: "empty"}
        elif self.flaws and not errors:
            errors = {"base": "other_setting"}
        return errors

    def advanced_errors(self) -> dict[str, str]:
        """Return the flaws as errors of the second form, each on its own field."""
        return errors_of(
            # The token's field is on the other form; a certificate is what can be given on this.
            replace(flaw, field=CONF_CLIENT_CERTIFICATE) if flaw.problem == NO_CREDENTIALS else flaw
            for flaw in self.flaws
        )

    def basic_values(self) -> dict[str, Any]:
        """Return what to fill into the first form."""
        shown = self.settings | self._typed
        return {
            field: shown[field]
            for field in (CONF_URL, CONF_TAKES, CONF_LANGUAGE, CONF_ADVANCED)
            if field in shown
        }

    def advanced_values(self) -> dict[str, Any]:
        """Return what to fill into the second form."""
        shown = {
            CONF_HEARTBEAT: self.settings[CONF_HEARTBEAT] // _MINUTE,
            CONF_ORDER: self.settings[CONF_ORDER],
            CONF_REACHED_BY: self.settings.get(CONF_REACHED_BY, Road.HOME.value),
            **self._typed,
        }
        for field in (CONF_CA_CERTIFICATE, CONF_CLIENT_CERTIFICATE, CONF_PROFILE):
            if field in self.settings and self.settings[field] != DEFAULT_PROFILE:
                shown[field] = self.settings[field]
        return shown

    def place(self) -> dict[str, str]:
        """Return where in the profile something is wrong, as placeholders."""
        return place_of(next((flaw for flaw in self.flaws if flaw.field == CONF_PROFILE), None))

    def _put(self, field: str, text: str) -> None:
        if text:
            self.settings[field] = text
        else:
            self.settings.pop(field, None)

    async def _check(self) -> None:
        try:
            checked = await self._hass.async_add_executor_job(
                lambda: read_settings(self.settings, demo=self._demo)
            )
        except ReceiverSettingsError as err:
            self.flaws = err.flaws
        else:
            self.flaws = ()
            self.settings[CONF_URL] = checked.url


def errors_of(flaws: Iterable[Flaw]) -> dict[str, str]:
    """Return flaws as a form's errors: the first of each field."""
    errors: dict[str, str] = {}
    for flaw in flaws:
        errors.setdefault(flaw.field, flaw.problem)
    return errors
