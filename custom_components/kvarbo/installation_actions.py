"""The actions of an installation: begin, note, leave with a reason, close; and its list as it ticks, for a page."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
import probatio

from .call_fields import choice, flag, home_of, manager_of, moment, refused, text
from .commands import requires
from .commissioning.progress import GapReason
from .const import (
    ACTION_BEGIN_COMMISSIONING,
    ACTION_CLOSE_COMMISSIONING,
    ACTION_LEAVE_OPEN,
    ACTION_NOTE_COMMISSIONING,
    CONF_ROLES,
    DOMAIN,
)
from .home import Home, running_homes
from .installation import BY_HAND, NotProvenError
from .role import Actor, roles_of

ATTR_STEP: Final = "step"
ATTR_SEEN: Final = "seen"
ATTR_ITEM: Final = "item"
ATTR_REASON: Final = "reason"
ATTR_UNTIL: Final = "until"
#: Nothing is left open for longer: by then somebody looks again.
LONGEST_GAP: Final = timedelta(days=90)
#: So many items a refusal names.
_NAMED: Final = 10

_ACTIONS: Final[dict[str, dict[Any, Any]]] = {
    ACTION_BEGIN_COMMISSIONING: {},
    ACTION_NOTE_COMMISSIONING: {
        probatio.Required(ATTR_STEP): object,
        probatio.Optional(ATTR_SEEN, default=False): object,
    },
    ACTION_LEAVE_OPEN: {
        probatio.Required(ATTR_ITEM): object,
        probatio.Required(ATTR_REASON): object,
        probatio.Required(ATTR_UNTIL): object,
    },
    ACTION_CLOSE_COMMISSIONING: {},
}


@callback
def async_setup_installation(hass: HomeAssistant) -> None:
    """Register the actions and the command."""
    handlers = (_begin, _note, _leave, _close)
    for (name, fields), handler in zip(_ACTIONS.items(), handlers, strict=True):
        hass.services.async_register(
            DOMAIN,
            name,
            handler,
            schema=probatio.Schema(fields),
            supports_response=SupportsResponse.OPTIONAL,
        )
    async_register_command(hass, _ws_commissioning)


async def _begin(call: ServiceCall) -> ServiceResponse:
    home, actor = home_of(call), await manager_of(call)
    home.installation.begin(actor)
    return _told(home)


async def _note(call: ServiceCall) -> ServiceResponse:
    """Note what only a person can tell: a window announced, a lamp looked for, an address read back, papers printed."""
    home, actor = home_of(call), await manager_of(call)
    step = choice(call, ATTR_STEP, BY_HAND, "bad_step")
    seen = flag(call, ATTR_SEEN, "bad_seen")
    _is_begun(home)
    home.installation.note(step, actor, seen=seen)
    return _told(home)


async def _leave(call: ServiceCall) -> ServiceResponse:
    """Leave an item open, with a reason and until a day."""
    home, actor = home_of(call), await manager_of(call)
    item = text(call, ATTR_ITEM, "bad_item", "value")
    reason = choice(call, ATTR_REASON, tuple(GapReason), "bad_reason")
    until, now = moment(call, ATTR_UNTIL, "bad_until").timestamp(), home.watching.now()
    if not now < until <= now + LONGEST_GAP.total_seconds():
        raise refused("bad_until", "value", call.data[ATTR_UNTIL])
    _is_begun(home)
    if not home.installation.leave(item, reason, until, actor):
        raise refused("bad_item", "value", item)
    return _told(home)


async def _close(call: ServiceCall) -> ServiceResponse:
    """Close the installation, and with it every technician's own account."""
    home, actor = home_of(call), await manager_of(call)
    _is_begun(home)
    try:
        left = home.installation.close(actor)
    except NotProvenError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_proven",
            translation_placeholders={
                "count": str(len(err.items)),
                "items": ", ".join(item.key for item in err.items[:_NAMED]),
            },
        ) from None
    ended = await _end_technicians(call.hass, home)
    return {**_told(home), "left": [item.key for item in left], "accounts_ended": ended}


def _is_begun(home: Home) -> None:
    if home.installation.progress.begun_at is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_begun")


async def _end_technicians(hass: HomeAssistant, home: Home) -> int:
    """Switch off the accounts that were there for the installation. An administrator's is not Kvarbo's to end."""
    given = roles_of(home.entry)
    ended = 0
    for user_id in [user for user, role in given.items() if role is Actor.TECHNICIAN]:
        user = await hass.auth.async_get_user(user_id)
        if user is not None and user.is_active and not user.is_admin:
            await hass.auth.async_deactivate_user(user)
            ended += 1
    kept = {user: str(role) for user, role in given.items() if role is not Actor.TECHNICIAN}
    options = {**home.entry.options, CONF_ROLES: kept}
    hass.config_entries.async_update_entry(home.entry, options=options)
    return ended


def _told(home: Home) -> dict[str, Any]:
    home.installation.refresh()
    opened = home.installation.open
    return {"state": str(home.installation.state), "open": [item.key for item in opened]}


@websocket_command({probatio.Required("type"): "kvarbo/commissioning"})
@requires(ACTION_BEGIN_COMMISSIONING)
@callback
def _ws_commissioning(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell what is open, and again each time that something ticks, until it is unsubscribed."""
    homes = running_homes(hass)
    if not homes:
        connection.send_error(msg["id"], "no_home", "no home is running")
        return
    home = homes[0]
    said: list[dict[str, Any]] = [{}]

    @callback
    def look() -> None:
        told = home.installation.told()
        if told != said[0]:
            said[0] = told
            connection.send_message(event_message(msg["id"], told))

    connection.subscriptions[msg["id"]] = home.watch(look)
    connection.send_result(msg["id"])
    look()
