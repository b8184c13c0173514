"""What the page asks Home Assistant's websocket for, each command allowed by role (A11)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
import probatio

from .role import MAY, may, role_of_user, sights

type Handler = Callable[[HomeAssistant, ActiveConnection, dict[str, Any]], None]


def requires(what: str) -> Callable[[Handler], Handler]:
    """Let a command through for those alone who may do, or see, what it stands for."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def checked(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
            if not may(role_of_user(hass, connection.user), what):
                raise Unauthorized
            handler(hass, connection, msg)

        return checked

    return decorate


@callback
def async_setup_commands(hass: HomeAssistant) -> None:
    """Register what every page asks first."""
    async_register_command(hass, _ws_me)


@websocket_command({probatio.Required("type"): "kvarbo/me"})
@callback
def _ws_me(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell who asks in which role, and what that role may do and see: a page shows no more."""
    actor = role_of_user(hass, connection.user)
    allowed = sorted(action for action in MAY if may(actor, action))
    connection.send_result(
        msg["id"], {"role": str(actor), "may": allowed, "sees": sorted(sights(actor))}
    )
