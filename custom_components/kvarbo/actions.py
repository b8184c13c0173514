"""The actions: raise an alarm, cancel one, test a device (A9, A11).

Each takes its actor from `role_of`, answers with data, and refuses with a translated error that
names the field; a refused call changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.const import CONF_LOCATION
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
import probatio

from .alarm.alarm import Alarm, Source
from .alarm.kinds import KINDS, AlarmClass, AlarmKind, Location, ReasonCode, Role
from .alarm.press import TEST_WINDOW
from .chain import HUB, AlarmRequest, BadRequestError, Raised
from .const import (
    ACTION_CANCEL_ALARM,
    ACTION_RAISE_ALARM,
    ACTION_TEST_ALARM,
    CONF_RESIDENT,
    DOMAIN,
)
from .devices.help_button import HelpButton
from .home import Home, running_homes
from .role import MAY_MANAGE, Actor, role_of

ATTR_ALARM: Final = "alarm"
ATTR_DEVICE: Final = "device"
ATTR_EPISODE: Final = "episode"
ATTR_KIND: Final = "kind"
ATTR_PRIORITY: Final = "priority"

#: No number that an action takes is larger.
MOST: Final = 9999

#: What an automation or a person may raise: personal kinds. Technical ones are the home's own.
RAISABLE: Final = tuple(k for k in AlarmKind if KINDS[k].alarm_class is AlarmClass.PERSONAL)

# Values are read by hand: only so does a refusal name its field in the person's language.
_RAISE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(ATTR_KIND): object,
        probatio.Optional(ATTR_EPISODE, default=""): object,
        probatio.Optional(CONF_LOCATION): object,
        probatio.Optional(CONF_RESIDENT, default=0): object,
        probatio.Optional(ATTR_PRIORITY): object,
        probatio.Optional(ATTR_DEVICE, default=0): object,
    }
)
_CANCEL_SCHEMA: Final = probatio.Schema({probatio.Required(ATTR_ALARM): object})
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
        episode=_text(call, ATTR_EPISODE, "bad_episode", "value"),
        priority=priority,
    )
    return _told(home, await _guarded(call, home.chain.raise_alarm(request, actor)))


async def _cancel_alarm(call: ServiceCall) -> ServiceResponse:
    home = _home(call.hass)
    actor = await _manager(call)
    alarm_id = _text(call, ATTR_ALARM, "unknown_alarm", "alarm")
    alarm: Alarm = await _guarded(call, home.chain.cancel(alarm_id, actor))
    return {"alarm": alarm.id, "state": alarm.state}


async def _test_alarm(call: ServiceCall) -> ServiceResponse:
    home = _home(call.hass)
    actor = await _manager(call)
    number = _number(call, ATTR_DEVICE, "unknown_device", "number")
    button = _button(home, number)
    if button is None:
        return _told(home, await home.test_hub(actor))
    home.chain.announce_test(button.number, actor)
    until = home.clock.now() + timedelta(seconds=TEST_WINDOW)
    return {"device": button.number, "until": until.isoformat()}


def _home(hass: HomeAssistant) -> Home:
    if homes := running_homes(hass):
        return homes[0]
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_home")


async def _manager(call: ServiceCall) -> Actor:
    actor = await role_of(call.hass, call.context)
    if actor not in MAY_MANAGE:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_allowed")
    return actor


def _button(home: Home, number: int) -> HelpButton | None:
    if number == 0:
        return None
    if (button := home.devices.by_number(number)) is None:
        raise _refused("unknown_device", "number", number)
    return button


def _choice[Choice: str](
    call: ServiceCall, field: str, allowed: tuple[Choice, ...], key: str
) -> Choice:
    value = call.data[field]
    for choice in allowed:
        if choice == value:
            return choice
    raise _refused(key, "value", value)


def _text(call: ServiceCall, field: str, key: str, placeholder: str) -> str:
    """Read a text; a number is one too, since templates turn '1' into 1."""
    value = call.data[field]
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise _refused(key, placeholder, value)
    try:
        return str(value)
    except ValueError:  # a number of thousands of digits
        raise _refused(key, placeholder, value) from None


def _number(call: ServiceCall, field: str, key: str, placeholder: str) -> int:
    """Read a whole number; what is none, or is too large to be meant, is refused by name."""
    value = call.data[field]
    digits = isinstance(value, str) and value.isascii() and value.isdigit()
    whole = isinstance(value, (int, float)) and not isinstance(value, bool)
    try:
        number = int(value) if digits or whole else -1
    except ValueError, OverflowError:
        number = -1
    if not 0 <= number <= MOST or (isinstance(value, float) and value != number):
        raise _refused(key, placeholder, value)
    return number


def _refused(key: str, placeholder: str, value: object) -> ServiceValidationError:
    try:
        shown = "".join(c if c.isprintable() else "?" for c in str(value)[:40])
    except ValueError:  # a number of thousands of digits
        shown = "?"
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
