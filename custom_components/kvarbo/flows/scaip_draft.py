"""A SCAIP receiver's settings while a person types them. As with REST, secrets are never sent back."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector
import probatio

from ..alarm.reason import Language
from ..const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_CONTROLLER,
    CONF_HEARTBEAT,
    CONF_LANGUAGE,
    CONF_LOCAL_PORT,
    CONF_ORDER,
    CONF_PROFILE,
    CONF_PROTOCOL,
    CONF_PROXY,
    CONF_REACHED_BY,
    CONF_REGISTERS,
    CONF_SPEECH,
    CONF_TAKES,
    CONF_TRANSPORT,
    HEARTBEAT_LEAST,
    HEARTBEAT_MOST,
    Protocol,
)
from ..receiver_flaws import (
    DEFAULT_LANGUAGE,
    HEARTBEAT_RANGE,
    Flaw,
    ReceiverSettingsError,
    place_of,
)
from ..receivers_scaip import (
    BY_PROFILE,
    DEFAULT_SCAIP_PROFILE,
    LAST_PORT,
    REGISTERS,
    TRANSPORTS,
    read_scaip,
)
from ..transmission.outlet import HEARTBEAT, Road, Takes
from .draft import CONF_ADVANCED, FIRST, LAST, errors_of
from .forms import LINE, LINES, SECRET, number, one_of, typed, whole

_MINUTE: Final = 60
_BASIC: Final = frozenset({CONF_URL, CONF_USERNAME, CONF_PASSWORD, CONF_TAKES, CONF_LANGUAGE})
_TEXTS: Final = (CONF_PROXY, CONF_SPEECH, CONF_CA_CERTIFICATE, CONF_CLIENT_CERTIFICATE)

SCAIP_FORM: Final = probatio.Schema(
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
SCAIP_ADVANCED_FORM: Final = probatio.Schema(
    {
        probatio.Required(CONF_TRANSPORT, default=BY_PROFILE): one_of(TRANSPORTS, CONF_TRANSPORT),
        probatio.Optional(CONF_PROXY): LINE,
        probatio.Required(CONF_REGISTERS, default=BY_PROFILE): one_of(REGISTERS, CONF_REGISTERS),
        probatio.Optional(CONF_SPEECH): LINES,
        probatio.Required(CONF_HEARTBEAT, default=HEARTBEAT // _MINUTE): number(UnitOfTime.MINUTES),
        probatio.Required(CONF_ORDER, default=FIRST): number(),
        probatio.Required(CONF_REACHED_BY, default=Road.HOME.value): one_of(Road, CONF_REACHED_BY),
        probatio.Required(CONF_LOCAL_PORT, default=0): number(),
        probatio.Optional(CONF_PROFILE): LINES,
        probatio.Optional(CONF_CA_CERTIFICATE): LINES,
        probatio.Optional(CONF_CLIENT_CERTIFICATE): LINES,
        probatio.Optional(CONF_CLIENT_KEY): LINES,
    }
)
SCAIP_CREDENTIALS_FORM: Final = probatio.Schema(
    {probatio.Optional(CONF_USERNAME): LINE, probatio.Required(CONF_PASSWORD): SECRET}
)


class ScaipDraft:
    """Settings under way. `settings` is what would be stored, `flaws` what is wrong with it."""

    def __init__(
        self, hass: HomeAssistant, settings: Mapping[str, Any], home: Mapping[str, Any]
    ) -> None:
        """Start from stored settings, or from few or none for a new receiver; `home` is the entry's."""
        self.settings: dict[str, Any] = {
            CONF_PROTOCOL: Protocol.SCAIP.value,
            CONF_USERNAME: home[CONF_CONTROLLER],
            CONF_PROFILE: DEFAULT_SCAIP_PROFILE,
            CONF_TRANSPORT: BY_PROFILE,
            CONF_REGISTERS: BY_PROFILE,
            CONF_HEARTBEAT: HEARTBEAT,
            CONF_ORDER: FIRST,
            CONF_LOCAL_PORT: 0,
            **settings,
        }
        self.flaws: tuple[Flaw, ...] = ()
        self._typed: dict[str, Any] = {}
        self._hass = hass
        self._demo = bool(home["demo"])
        self._controller = str(home[CONF_CONTROLLER])

    async def take_basic(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read the first form; return its errors. Flaws of the second form stay in `flaws`."""
        self.settings |= {
            CONF_URL: user_input[CONF_URL].strip(),
            CONF_USERNAME: typed(user_input, CONF_USERNAME) or self._controller,
            CONF_TAKES: user_input[CONF_TAKES],
            CONF_LANGUAGE: user_input[CONF_LANGUAGE],
        }
        if password := str(user_input.get(CONF_PASSWORD) or ""):
            self.settings[CONF_PASSWORD] = password
        self._typed[CONF_ADVANCED] = user_input[CONF_ADVANCED]
        await self._check()
        return errors_of(flaw for flaw in self.flaws if flaw.field in _BASIC)

    async def take_advanced(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read the second form; return its errors."""
        errors: dict[str, str] = {}
        fields = (CONF_HEARTBEAT, CONF_ORDER, CONF_LOCAL_PORT)
        self._typed |= {field: user_input[field] for field in fields}
        minutes = whole(
            user_input[CONF_HEARTBEAT], HEARTBEAT_LEAST // _MINUTE, HEARTBEAT_MOST // _MINUTE
        )
        order = whole(user_input[CONF_ORDER], FIRST, LAST)
        port = whole(user_input[CONF_LOCAL_PORT], 0, LAST_PORT)
        for field, value, problem in (
            (CONF_HEARTBEAT, None if minutes is None else minutes * _MINUTE, HEARTBEAT_RANGE),
            (CONF_ORDER, order, "order_range"),
            (CONF_LOCAL_PORT, port, "port_range"),
        ):
            if value is None:
                errors[field] = problem
            else:
                self.settings[field] = value
        self.settings |= {
            CONF_TRANSPORT: user_input[CONF_TRANSPORT],
            CONF_REGISTERS: user_input[CONF_REGISTERS],
            CONF_REACHED_BY: user_input[CONF_REACHED_BY],
            CONF_PROFILE: typed(user_input, CONF_PROFILE) or DEFAULT_SCAIP_PROFILE,
        }
        for field in _TEXTS:
            self._put(field, typed(user_input, field))
        key = typed(user_input, CONF_CLIENT_KEY)
        if key or CONF_CLIENT_CERTIFICATE not in self.settings:
            self._put(CONF_CLIENT_KEY, key)
        await self._check()
        return self.advanced_errors() | errors

    async def take_credentials(self, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Read new credentials; return the errors of their form."""
        if user := typed(user_input, CONF_USERNAME):
            self.settings[CONF_USERNAME] = user
        password = str(user_input.get(CONF_PASSWORD) or "")
        if not password:
            return {CONF_PASSWORD: "empty"}
        self.settings[CONF_PASSWORD] = password
        await self._check()
        errors = errors_of(f for f in self.flaws if f.field in SCAIP_CREDENTIALS_FORM.schema)
        if self.flaws and not errors:
            errors = {"base": "other_setting"}
        return errors

    def advanced_errors(self) -> dict[str, str]:
        """Return the flaws as errors of the second form."""
        return errors_of(self.flaws)

    def basic_values(self) -> dict[str, Any]:
        """Return what to fill into the first form."""
        shown = self.settings | self._typed
        fields = (CONF_URL, CONF_USERNAME, CONF_TAKES, CONF_LANGUAGE, CONF_ADVANCED)
        return {field: shown[field] for field in fields if field in shown}

    def advanced_values(self) -> dict[str, Any]:
        """Return what to fill into the second form."""
        settings = self.settings
        shown = {
            CONF_HEARTBEAT: settings[CONF_HEARTBEAT] // _MINUTE,
            CONF_ORDER: settings[CONF_ORDER],
            CONF_LOCAL_PORT: settings[CONF_LOCAL_PORT],
            CONF_TRANSPORT: settings[CONF_TRANSPORT],
            CONF_REGISTERS: settings[CONF_REGISTERS],
            CONF_REACHED_BY: settings.get(CONF_REACHED_BY, Road.HOME.value),
            **self._typed,
        }
        shown |= {field: settings[field] for field in _TEXTS if field in settings}
        if settings[CONF_PROFILE] != DEFAULT_SCAIP_PROFILE:
            shown[CONF_PROFILE] = settings[CONF_PROFILE]
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
                lambda: read_scaip(self.settings, demo=self._demo, controller=self._controller)
            )
        except ReceiverSettingsError as err:
            self.flaws = err.flaws
        else:
            self.flaws = ()
            self.settings[CONF_URL] = checked.url
