"""How actions read what they are called with: by hand, so that a refusal names its field in words.

Home Assistant's own schema errors are in English alone. Every refusal here is a translated error,
and a refused call changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import CONF_RESIDENT, DOMAIN
from .home import Home, running_homes
from .role import Actor, may, role_of
from .supervision.settings import SettingsError, read_duration

#: No number that an action takes is larger.
MOST: Final = 9999
#: A state of a resident ends within so many seconds: nobody is forgotten in a pause (S6).
LONGEST_STATE: Final = timedelta(days=60)


def home_of(call: ServiceCall) -> Home:
    """Return the home that runs; refuses while there is none."""
    if homes := running_homes(call.hass):
        return homes[0]
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_home")


async def manager_of(call: ServiceCall) -> Actor:
    """Return who calls; refuses everyone who may not do what is called (A11)."""
    actor = await role_of(call.hass, call.context)
    if not may(actor, call.service):
        raise not_allowed()
    return actor


def not_allowed() -> ServiceValidationError:
    """Return the refusal of a caller who may not do this."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key="not_allowed")


def choice[Choice: str](
    call: ServiceCall, field: str, allowed: tuple[Choice, ...], key: str
) -> Choice:
    """Read one of a closed set."""
    value = call.data.get(field)
    for each in allowed:
        if each == value:
            return each
    raise refused(key, "value", value)


def text(call: ServiceCall, field: str, key: str, placeholder: str) -> str:
    """Read a text; a number is one too, since templates turn '1' into 1."""
    value = call.data[field]
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise refused(key, placeholder, value)
    try:
        return str(value)
    except ValueError:  # a number of thousands of digits
        raise refused(key, placeholder, value) from None


def number(call: ServiceCall, field: str, key: str, placeholder: str) -> int:
    """Read a whole number; what is none, or is too large to be meant, is refused by name."""
    value = call.data[field]
    digits = isinstance(value, str) and value.isascii() and value.isdigit()
    whole = isinstance(value, (int, float)) and not isinstance(value, bool)
    try:
        found = int(value) if digits or whole else -1
    except ValueError, OverflowError:
        found = -1
    if not 0 <= found <= MOST or (isinstance(value, float) and value != found):
        raise refused(key, placeholder, value)
    return found


def resident(call: ServiceCall) -> int:
    """Read a resident's number, 0 for the home."""
    found = number(call, CONF_RESIDENT, "bad_resident", "value")
    if found > 9:  # noqa: PLR2004 - as the message says
        raise refused("bad_resident", "value", found)
    return found


def flag(call: ServiceCall, field: str, key: str) -> bool:
    """Read a yes or no."""
    value = call.data.get(field)
    if not isinstance(value, bool):
        raise refused(key, "value", value)
    return value


def duration(call: ServiceCall, field: str, key: str) -> timedelta:
    """Read a span of time above nothing and of at most 60 days."""
    try:
        found = timedelta(seconds=read_duration(call.data.get(field)))
    except SettingsError, OverflowError:
        raise refused(key, "value", call.data.get(field)) from None
    if not timedelta(0) < found <= LONGEST_STATE:
        raise refused(key, "value", call.data.get(field))
    return found


def moment(call: ServiceCall, field: str, key: str) -> datetime:
    """Read a date and time; without a zone it is the home's."""
    value = call.data.get(field)
    found = value if isinstance(value, datetime) else dt_util.parse_datetime(str(value)[:40])
    if found is None:
        raise refused(key, "value", value)
    return (
        found if found.tzinfo is not None else found.replace(tzinfo=dt_util.get_default_time_zone())
    )


def refused(key: str, placeholder: str, value: object) -> ServiceValidationError:
    """Return a refusal by its key in the texts, with what was given, bounded and printable."""
    try:
        shown = "".join(c if c.isprintable() else "?" for c in str(value)[:40])
    except ValueError:  # a number of thousands of digits
        shown = "?"
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={placeholder: shown},
    )


def iso(at: float) -> str:
    """Return home time as text, ISO 8601 in UTC."""
    return dt_util.utc_from_timestamp(at).isoformat()


type Data = dict[str, Any]
