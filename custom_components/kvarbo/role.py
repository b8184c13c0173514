"""Who acts (A11): the one place where a user of Home Assistant becomes a role, and what each role may.

Home Assistant knows administrators and users. Kvarbo's own roles are given to users by an administrator
(`flows/roles.py`) and kept with the home; an administrator may all that any of them may. Everyone else,
automations too, may raise an alarm and little more. What stands in no row here nobody but an administrator may.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant

from .const import (
    ACTION_APPLY_SETTINGS,
    ACTION_BEGIN_COMMISSIONING,
    ACTION_CANCEL_ALARM,
    ACTION_CLOSE_COMMISSIONING,
    ACTION_DECLINE_ALARM,
    ACTION_DEMO_TIME,
    ACTION_END_RULE,
    ACTION_EXPORT_FIGURES,
    ACTION_EXPORT_SETTINGS,
    ACTION_GIVE_CONSENT,
    ACTION_LEAVE_OPEN,
    ACTION_NOTE_COMMISSIONING,
    ACTION_PAUSE,
    ACTION_RAISE_ALARM,
    ACTION_RATE_ALARM,
    ACTION_REPLAY_RULE,
    ACTION_RESUME,
    ACTION_SET_AWAY,
    ACTION_SET_VISITOR,
    ACTION_TEST_ALARM,
    ACTION_WITHDRAW_CONSENT,
    CONF_ROLES,
    DOMAIN,
)


class Actor(StrEnum):
    """Who acts, as the audit chain names it; never a person's name (R07, R11)."""

    ADMINISTRATOR = "administrator"
    #: Installs and mends: tests, signals, commissioning. Not what is watched, nor why.
    TECHNICIAN = "technician"
    #: Decides with the resident what is watched: rules, consent, pauses, figures.
    COORDINATOR = "coordinator"
    #: Sees how many devices and rules there are, no more.
    VIEWER = "viewer"
    #: A screen in the home: it shows the answers.
    DISPLAY = "display"
    USER = "user"
    AUTOMATION = "automation"


#: The roles that can be given to a user.
GIVEN: Final = (Actor.TECHNICIAN, Actor.COORDINATOR, Actor.VIEWER, Actor.DISPLAY)

_ALL: Final = frozenset(Actor)
_COORDINATES: Final = frozenset({Actor.ADMINISTRATOR, Actor.COORDINATOR})
_INSTALLS: Final = frozenset({Actor.ADMINISTRATOR, Actor.TECHNICIAN})
_STATES: Final = _COORDINATES | {Actor.AUTOMATION}

#: Who may what, by action; a websocket command that does what an action does asks by it.
MAY: Final[Mapping[str, frozenset[Actor]]] = {
    # Nobody is kept from calling for help.
    ACTION_RAISE_ALARM: _ALL,
    ACTION_DECLINE_ALARM: _STATES,
    ACTION_CANCEL_ALARM: _COORDINATES,
    ACTION_TEST_ALARM: _INSTALLS,
    ACTION_PAUSE: _COORDINATES,
    ACTION_RESUME: _COORDINATES,
    ACTION_SET_AWAY: _STATES,
    # Who installs is a visitor, and says so before walking about.
    ACTION_SET_VISITOR: _STATES | {Actor.TECHNICIAN},
    ACTION_GIVE_CONSENT: _COORDINATES,
    ACTION_WITHDRAW_CONSENT: _COORDINATES,
    ACTION_END_RULE: _COORDINATES,
    ACTION_REPLAY_RULE: _COORDINATES,
    ACTION_DEMO_TIME: _COORDINATES | _INSTALLS,
    ACTION_APPLY_SETTINGS: _COORDINATES,
    ACTION_EXPORT_SETTINGS: _COORDINATES,
    ACTION_RATE_ALARM: _COORDINATES,
    ACTION_EXPORT_FIGURES: _COORDINATES,
    ACTION_BEGIN_COMMISSIONING: _INSTALLS,
    ACTION_NOTE_COMMISSIONING: _INSTALLS,
    ACTION_LEAVE_OPEN: _INSTALLS,
    ACTION_CLOSE_COMMISSIONING: _INSTALLS,
}

#: How many devices and rules there are, and nothing of any of them.
SEE_COUNTS: Final = "see_counts"
#: The devices, their signals, the receivers, the ways and the chain; alarms about these, and tests.
SEE_DEVICES: Final = "see_devices"
#: What is watched and why, the residents' stated states, every alarm.
SEE_HOME: Final = "see_home"
#: Who may look at what. None of it is an action: it changes nothing.
SEES: Final[Mapping[str, frozenset[Actor]]] = {
    SEE_COUNTS: _INSTALLS | _COORDINATES | {Actor.VIEWER, Actor.DISPLAY},
    SEE_DEVICES: _INSTALLS | _COORDINATES,
    SEE_HOME: _COORDINATES,
}


def may(actor: Actor, what: str) -> bool:
    """Tell whether a role may do or see something; what nobody has listed only an administrator may."""
    return actor in {**MAY, **SEES}.get(what, frozenset({Actor.ADMINISTRATOR}))


def sights(actor: Actor) -> frozenset[str]:
    """Return all that a role may look at."""
    return frozenset(sight for sight, actors in SEES.items() if actor in actors)


async def role_of(hass: HomeAssistant, context: Context | None) -> Actor:
    """Return the role in which a context acts. An unknown or inactive user is a plain user."""
    if context is None or context.user_id is None:
        return Actor.AUTOMATION
    return role_of_user(hass, await hass.auth.async_get_user(context.user_id))


def role_of_user(hass: HomeAssistant, user: User | None) -> Actor:
    """Return the role of a user of Home Assistant. An unknown or inactive one is a plain user."""
    if user is None or not user.is_active:
        return Actor.USER
    if user.is_admin:
        return Actor.ADMINISTRATOR
    for entry in hass.config_entries.async_entries(DOMAIN):
        if (given := roles_of(entry).get(user.id)) is not None:
            return given
    return Actor.USER


def roles_of(entry: ConfigEntry[Any]) -> dict[str, Actor]:
    """Return the roles that a home has given, by user id; what cannot be read gives none."""
    kept = entry.options.get(CONF_ROLES)
    if not isinstance(kept, Mapping):
        return {}
    return {str(user): Actor(role) for user, role in kept.items() if role in GIVEN}
