"""The actions: raise an alarm, cancel one, test a device (A9, A11).

Each takes its actor from `role_of`, answers with data, and refuses with a translated error that
names the field; a refused call changes nothing.
"""

from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_LOCATION
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import probatio

from .alarm.alarm import Alarm, Source
from .alarm.kinds import KINDS, AlarmClass, AlarmKind, Location, ReasonCode, Role
from .chain import HUB, AlarmRequest, BadRequestError, Raised
from .const import (
    ACTION_CANCEL_ALARM,
    ACTION_RAISE_ALARM,
    ACTION_TEST_ALARM,
    CONF_RESIDENT,
    DOMAIN,
)
from .devices.help_button import HelpButton
from .home import Home
from .role import MAY_MANAGE, Actor, role_of

ATTR_ALARM: Final = "alarm"
ATTR_DEVICE: Final = "device"
ATTR_EPISODE: Final = "episode"
ATTR_KIND: Final = "kind"
ATTR_PRIORITY: Final = "priority"

#: What an automation or a person may raise: personal kinds. Technical ones are the home's own.
RAISABLE: Final = tuple(k for k in AlarmKind if KINDS[k].alarm_class is AlarmClass.PERSONAL)

_RAISE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(ATTR_KIND): cv.string,
        probatio.Optional(ATTR_EPISODE, default=""): cv.string,
        probatio.Optional(CONF_LOCATION): cv.string,
        probatio.Optional(CONF_RESIDENT, default=0): object,
        probatio.Optional(ATTR_PRIORITY): object,
        probatio.Optional(ATTR_DEVICE, default=0): object,
    }
)
_CANCEL_SCHEMA: Final = probatio.Schema({probatio.Required(ATTR_ALARM): cv.string})
_TEST_SCHEMA: Final = probatio.Schema({probatio.Optional(ATTR_DEVICE, default=0): object})


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handler, schema in (
        (ACTION_RAISE_ALARM, _raise_alarm, _RAISE_SCHEMA),
        (ACTION_CANCEL_ALARM, _cancel_alarm, _CANCEL_SCHEMA),
        (ACTION_TEST_ALARM, _test_alarm, _TEST_SCHEMA),
    ):
        hass.services.async_register(
            DOMAIN, name, handler, schema=schema, supports_response=SupportsResponse.OPTIONAL
        )


async def _raise_alarm(call: ServiceCall) -> ServiceResponse:
    home = _home(call.hass)
    kind = _choice(call, ATTR_KIND, RAISABLE, "bad_kind")
    location: Location | None = None
    if CONF_LOCATION in call.data:
        location = _choice(call, CONF_LOCATION, tuple(Location), "bad_location")
    number = _number(call, ATTR_DEVICE, "unknown_device", "number")
    button = _button(home, number)
    actor = await role_of(call.hass, call.context)
    by_rule = actor is Actor.AUTOMATION
    source = Source(0, Role.RULE) if by_rule else HUB
    if button is not None:
        source = Source(button.number, button.role)
        location = location or button.location
    priority: int | None = None
    if call.data.get(ATTR_PRIORITY) is not None:
        priority = _number(call, ATTR_PRIORITY, "bad_priority", "value")
    request = AlarmRequest(
        kind=kind,
        source=source,
        location=location,
        resident=_number(call, CONF_RESIDENT, "bad_resident", "value"),
        reason=ReasonCode.RAISED_BY_RULE if by_rule else ReasonCode.RAISED_BY_PERSON,
        episode=call.data[ATTR_EPISODE],
        priority=priority,
    )
    return _told(home, await _guarded(call, home.chain.raise_alarm(request, actor)))


async def _cancel_alarm(call: ServiceCall) -> ServiceResponse:
    home = _home(call.hass)
    actor = await _manager(call)
    alarm: Alarm = await _guarded(call, home.chain.cancel(call.data[ATTR_ALARM], actor))
    return {"alarm": alarm.id, "state": alarm.state}


async def _test_alarm(call: ServiceCall) -> ServiceResponse:
    home = _home(call.hass)
    actor = await _manager(call)
    number = _number(call, ATTR_DEVICE, "unknown_device", "number")
    button = _button(home, number)
    if button is None:
        return _told(home, await home.test_hub(actor))
    until = home.announce_test(button, actor)
    return {"device": button.number, "until": until.isoformat()}


def _home(hass: HomeAssistant) -> Home:
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED and isinstance(entry.runtime_data, Home):
            return entry.runtime_data
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_home")


async def _manager(call: ServiceCall) -> Actor:
    actor = await role_of(call.hass, call.context)
    if actor not in MAY_MANAGE:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_allowed")
    return actor


def _button(home: Home, number: int) -> HelpButton | None:
    if number == 0:
        return None
    if (button := home.button_by_number(number)) is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="unknown_device",
            translation_placeholders={"number": str(number)},
        )
    return button


def _choice[Choice: str](
    call: ServiceCall, field: str, allowed: tuple[Choice, ...], key: str
) -> Choice:
    value = call.data[field]
    for choice in allowed:
        if choice == value:
            return choice
    raise _refused(key, "value", value)


def _number(call: ServiceCall, field: str, key: str, placeholder: str) -> int:
    """Read a whole number; what is none, or is too large to be meant, is refused by name."""
    value = call.data[field]
    whole = isinstance(value, (int, float, str)) and not isinstance(value, bool)
    try:
        number = int(value) if whole else -1
    except ValueError, OverflowError:
        number = -1
    if not 0 <= number <= 9999 or (isinstance(value, float) and value != number):  # noqa: PLR2004
        raise _refused(key, placeholder, value)
    return number


def _refused(key: str, placeholder: str, value: object) -> ServiceValidationError:
    shown = "".join(c if c.isprintable() else "?" for c in str(value)[:40])
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={placeholder: shown},
    )


async def _guarded(call: ServiceCall, work: Any) -> Any:
    try:
        return await work
    except BadRequestError as err:
        value = str(call.data.get(err.field, ""))
        match err.problem:
            case "unknown_alarm" | "alarm_ended":
                raise _refused(err.problem, "alarm", value) from err
            case _:
                raise _refused(f"bad_{err.field}", "value", value) from err


def _told(home: Home, raised: Raised) -> dict[str, Any]:
    alarm = home.ledger.alarms.get(raised.alarm.id, raised.alarm)
    return {
        "alarm": alarm.id,
        "episode": alarm.episode,
        "state": alarm.state,
        "durable": raised.durable,
        "merged": raised.merged,
        "test": alarm.test,
        "raised_at": _iso(alarm.raised_at),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat()
