"""What a source says now, and what a sensor of the home takes it for, in the words of its role."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import BooleanSelector
from homeassistant.helpers.translation import async_get_translations
import probatio

from ..alarm.kinds import Role
from ..const import (
    CONF_ACTIVE_ABOVE,
    CONF_INVERTED,
    CONF_RAISED_FROM,
    CONF_ROLE,
    CONF_SOURCE,
    CONF_SOURCE_DOMAIN,
    CONF_STRAINS_ABOVE,
    DOMAIN,
)
from ..devices.lamp import put_out
from ..devices.lift import tells_movement
from ..devices.states import EVENT, NUMBER, STANDING, TRACKER, read_state
from ..quoting import quoted
from ..supervision.sensing import Reading
from .forms import finite, number
from .sources import Source, device_of, entity_of

#: What active and idle are called, by role: keys of the texts.
CALLED: Final[dict[Role, tuple[str, str]]] = {
    Role.MOTION: ("movement", "no_movement"),
    Role.BED: ("occupied", "empty"),
    Role.CHAIR: ("occupied", "empty"),
    Role.EXIT_DOOR: ("open", "closed"),
    Role.INNER_DOOR: ("open", "closed"),
    Role.ITEM: ("in_use", "not_in_use"),
    Role.CHECK_IN: ("pressed", "not_pressed"),
    Role.FALL_SENSOR: ("fallen", "not_fallen"),
    Role.ROOM_SENSOR: ("left", "present"),
    Role.DISPENSER: ("dose_waiting", "no_dose"),
    Role.PLUG: ("powered", "unpowered"),
    Role.LIFT: ("raised", "lowered"),
    Role.WATER: ("wet", "dry"),
    Role.SMOKE: ("smoke", "no_smoke"),
    Role.HEAT: ("switched_on", "switched_off"),
    Role.MOVER: ("moving", "still"),
    Role.MAINS: ("powered", "unpowered"),
    Role.ENTRY_LOCK: ("unlocked", "locked"),
    Role.ANSWER: ("switched_on", "switched_off"),
    Role.WORN: ("out", "at_home"),
    Role.WORN_CHARGER: ("charging", "not_charging"),
    Role.SCREEN_PLUG: ("powered", "unpowered"),
}
#: What stands in a text for what nobody can tell.
_NOTHING: Final = "-"

_INVERTED: Final = {probatio.Required(CONF_INVERTED, default=False): BooleanSelector()}
#: How a source is read whose state is a word, and one whose state is a number.
SAYS_FORM: Final = probatio.Schema(_INVERTED)
NUMBER_FORM: Final = probatio.Schema(
    {probatio.Required(CONF_ACTIVE_ABOVE): number(any_step=True), **_INVERTED}
)


def domain_of(data: Mapping[str, Any]) -> str:
    """Return the kind of entity that a device listens to; empty for a remote's commands."""
    return str(data[CONF_SOURCE].get(CONF_SOURCE_DOMAIN, ""))


def is_read(data: Mapping[str, Any]) -> bool:
    """Tell whether a device's source has a state that stands, so that it must be told how to read it."""
    role = Role(data[CONF_ROLE])
    # A lock is never the other way about.
    return role in CALLED and role is not Role.ENTRY_LOCK and domain_of(data) in STANDING


def says_form(hass: HomeAssistant, data: Mapping[str, Any]) -> probatio.Schema:
    """Return what is asked of how a sensor's source is read."""
    if domain_of(data) != NUMBER:
        return SAYS_FORM
    if (far := _far_limit(hass, data)) is None:
        return NUMBER_FORM
    return NUMBER_FORM.extend({probatio.Optional(far): number(any_step=True)})


def take_reading(
    hass: HomeAssistant, data: dict[str, Any], typed: Mapping[str, Any]
) -> dict[str, str]:
    """Take what was typed of how a source is read into `data`; return the errors of its form."""
    data[CONF_INVERTED] = typed[CONF_INVERTED]
    for key in (CONF_RAISED_FROM, CONF_STRAINS_ABOVE):
        data.pop(key, None)
    if domain_of(data) != NUMBER:
        return {}
    if (limit := finite(typed[CONF_ACTIVE_ABOVE])) is None:
        return {CONF_ACTIVE_ABOVE: "limit_range"}
    data[CONF_ACTIVE_ABOVE] = limit
    far = _far_limit(hass, data)
    if far is None or (beyond := typed.get(far)) is None:
        return {}
    value = finite(beyond)
    if value is None or value == limit or (value < limit) is not data[CONF_INVERTED]:
        return {far: "not_beyond"}
    data[far] = value
    return {}


def _far_limit(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
    """Return which second limit a number has: only a toilet lift's, by what it measures."""
    if Role(data[CONF_ROLE]) is not Role.LIFT:
        return None
    entity_id = entity_of(hass, data[CONF_SOURCE])
    state = hass.states.get(entity_id) if entity_id else None
    is_movement = state is not None and tells_movement(state)
    return CONF_STRAINS_ABOVE if is_movement else CONF_RAISED_FROM


async def says_now(hass: HomeAssistant, data: Mapping[str, Any]) -> dict[str, str]:
    """Return placeholders: what a sensor's source says now, and what that is taken for.

    `data` is as a subentry holds it. Words are in the language of the hub.
    """
    taken = await taken_for(hass, Role(data[CONF_ROLE]), _reading(hass, data))
    return {"state": _state(hass, data), "taken": taken}


async def taken_for(hass: HomeAssistant, role: Role, reading: Reading) -> str:
    """Return what a reading is called for a role, in the hub's language."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    active, idle = CALLED[role]
    called = {Reading.ACTIVE: active, Reading.IDLE: idle, Reading.UNKNOWN: "unknown"}[reading]
    return texts.get(f"component.{DOMAIN}.selector.taken.options.{called}", called)


async def speaks(hass: HomeAssistant, role: Role) -> dict[str, str]:
    """Return a placeholder: how a person makes a device of this role say something, in the hub's language."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    return {"speaks": texts.get(f"component.{DOMAIN}.selector.speaks.options.{role}", "")}


async def lamp_said(hass: HomeAssistant, source: Source) -> dict[str, str]:
    """Put out the lamp of a new device; return a placeholder that says what became of it, in the hub's language."""
    lamp = await put_out(hass, device_of(hass, source))
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    return {"lamp": texts.get(f"component.{DOMAIN}.selector.lamp.options.{lamp}", "")}


def _reading(hass: HomeAssistant, data: Mapping[str, Any]) -> Reading:
    domain = domain_of(data)
    if not domain:
        # A remote says nothing until it is pressed.
        return Reading.IDLE
    entity_id = entity_of(hass, data[CONF_SOURCE])
    state = hass.states.get(entity_id) if entity_id else None
    if state is None or (domain == NUMBER and CONF_ACTIVE_ABOVE not in data):
        return Reading.UNKNOWN
    return read_state(
        domain,
        state.state,
        inverted=data.get(CONF_INVERTED, False),
        active_above=data.get(CONF_ACTIVE_ABOVE, 0.0),
    )


def _state(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    entity_id = entity_of(hass, data[CONF_SOURCE])
    state = hass.states.get(entity_id) if entity_id else None
    if state is None or domain_of(data) in (EVENT, TRACKER):
        # A tracker may say a place, and that is nobody's business here (R07).
        return _NOTHING
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    return quoted(f"{state.state} {unit}" if unit else state.state)
