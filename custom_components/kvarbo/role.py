"""Who acts (A11): the one place where a Home Assistant context becomes a role.

Until Kvarbo has roles of its own, an administrator is both technician and coordinator. Everyone
else, automations too, may raise an alarm and nothing more.
"""

from enum import StrEnum
from typing import Final

from homeassistant.core import Context, HomeAssistant


class Actor(StrEnum):
    """Who acts, as the audit chain names it; never a person's name (R07, R11)."""

    ADMINISTRATOR = "administrator"
    USER = "user"
    AUTOMATION = "automation"


#: Who may do more than raise.
MAY_MANAGE: Final = frozenset({Actor.ADMINISTRATOR})


async def role_of(hass: HomeAssistant, context: Context | None) -> Actor:
    """Return the role in which a context acts. An unknown or inactive user is a plain user."""
    if context is None or context.user_id is None:
        return Actor.AUTOMATION
    user = await hass.auth.async_get_user(context.user_id)
    if user is not None and user.is_active and user.is_admin:
        return Actor.ADMINISTRATOR
    return Actor.USER
