"""From what a person picks to what a device listens to: one source a device, named so that it outlives HA's ids."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..alarm.kinds import Role
from ..const import (
    CONF_NUMBER,
    CONF_SOURCE,
    CONF_SOURCE_ADDRESS,
    CONF_SOURCE_DOMAIN,
    CONF_SOURCE_IEEE,
    CONF_SOURCE_PLATFORM,
    CONF_SOURCE_TYPE,
    CONF_SOURCE_UNIQUE_ID,
    DOMAIN,
    SUBENTRY_DEVICE,
    SourceType,
)
from ..devices.fitting import FIELDS, FITTING, REMOTE_ROLES
from ..devices.reading import SAYS_NOTHING
from ..devices.source import find_entity, find_remote
from ..devices.states import NUMBER, read_number
from ..devices.zigbee import ZHA
from ..dispensing.fields import Field

#: Pictures are never taken in, nor anything that comes with them (R03).
PICTURE_DOMAINS: Final = frozenset({"camera", "image"})
#: Kinds of entity that may tell of the same press as a remote's commands.
_OF_A_PRESS: Final = frozenset({"binary_sensor", "event"})

type Source = dict[str, str]


class SourceError(ValueError):
    """What was picked cannot be a source; `problem` is a key of the texts."""

    def __init__(self, problem: str) -> None:
        """Name the problem."""
        super().__init__(problem)
        self.problem = problem


def read_entity(hass: HomeAssistant, entity_id: str, role: Role) -> Source:
    """Return an entity as a source for a role, by domain, platform and unique id.

    Raises:
        SourceError: it is not there, has no unique id, or cannot tell what the role needs.
    """
    entity = er.async_get(hass).async_get(entity_id)
    domain = entity_id.partition(".")[0] if entity is None else entity.domain
    if domain in PICTURE_DOMAINS:
        raise SourceError("picture_refused")
    if entity is None:
        there = hass.states.get(entity_id) is not None
        raise SourceError("not_in_registry" if there else "unknown_entity")
    if domain not in FITTING[role]:
        raise SourceError("wrong_domain")
    if entity.platform == DOMAIN:
        raise SourceError("own_entity")
    if entity.disabled:
        raise SourceError("disabled_entity")
    state = hass.states.get(entity.entity_id)
    if domain == NUMBER and state is not None and _is_text(state.state):
        raise SourceError("not_a_number")
    source: Source = {
        CONF_SOURCE_TYPE: SourceType.ENTITY.value,
        CONF_SOURCE_DOMAIN: entity.domain,
        CONF_SOURCE_PLATFORM: entity.platform,
        CONF_SOURCE_UNIQUE_ID: entity.unique_id,
    }
    return source


def _is_text(state: str) -> bool:
    return state not in SAYS_NOTHING and read_number(state) is None


def read_field(hass: HomeAssistant, entity_id: str, field: Field) -> Source:
    """Return an entity as what tells one thing more of a dispenser.

    Raises:
        SourceError: as `read_entity`.
    """
    source = read_entity(hass, entity_id, Role.DISPENSER)
    if source[CONF_SOURCE_DOMAIN] not in FIELDS[field]:
        raise SourceError("wrong_domain")
    return source


def read_remote(hass: HomeAssistant, device_id: str, role: Role) -> Source:
    """Return a Zigbee device as a source of commands for a role, by its IEEE address.

    Raises:
        SourceError: it is not there, no Zigbee device of ZHA, or the radio stick itself; or no press
            can tell what the role needs.
    """
    if role not in REMOTE_ROLES:
        raise SourceError("wrong_domain")
    device = dr.async_get(hass).async_get(device_id, include_child_devices=False)
    if device is None:
        raise SourceError("unknown_device")
    ieee = next((name for domain, name in device.identifiers if domain == ZHA), None)
    if ieee is None:
        raise SourceError("not_zigbee")
    if device.via_device_id is None:
        # All that ZHA has in the air stands behind its radio stick, which sends nothing itself.
        raise SourceError("radio_stick")
    source: Source = {CONF_SOURCE_TYPE: SourceType.ZHA_EVENT.value, CONF_SOURCE_IEEE: ieee}
    return source


def read_dispenser(_hass: HomeAssistant, address: str, role: Role) -> Source:
    """Return a dispenser of our own Bluetooth profile as a source, by its address.

    Raises:
        SourceError: the role is another.
    """
    if role is not Role.DISPENSER:
        raise SourceError("wrong_domain")
    source: Source = {CONF_SOURCE_TYPE: SourceType.DISPENSER.value, CONF_SOURCE_ADDRESS: address}
    return source


def taken_by(
    hass: HomeAssistant, entry: ConfigEntry[Any], source: Source, own: ConfigSubentry | None
) -> int | None:
    """Return the number of the device that listens to a source already, None when nobody does.

    A remote's commands and an entity of the same thing are one source: a press would call twice.
    """
    thing = device_of(hass, source)
    for other in entry.get_subentries_of_type(SUBENTRY_DEVICE):
        if other is own:
            continue
        theirs: Source = dict(other.data[CONF_SOURCE])
        same_thing = (
            theirs[CONF_SOURCE_TYPE] != source[CONF_SOURCE_TYPE]
            and thing is not None
            and _tells_of_presses(source)
            and _tells_of_presses(theirs)
            and device_of(hass, theirs) == thing
        )
        if theirs == source or same_thing:
            return int(other.data[CONF_NUMBER])
    return None


def _tells_of_presses(source: Source) -> bool:
    return source.get(CONF_SOURCE_DOMAIN, "event") in _OF_A_PRESS


def entity_of(hass: HomeAssistant, source: Source) -> str | None:
    """Return the entity id that a source has now."""
    return find_entity(hass, source) if source[CONF_SOURCE_TYPE] == SourceType.ENTITY else None


def device_of(hass: HomeAssistant, source: Source) -> str | None:
    """Return the id of the thing in Home Assistant that a source belongs to."""
    if source[CONF_SOURCE_TYPE] != SourceType.ENTITY:
        ieee = source.get(CONF_SOURCE_IEEE)
        return None if ieee is None else find_remote(hass, ieee)
    entity_id = entity_of(hass, source)
    entity = er.async_get(hass).async_get(entity_id) if entity_id else None
    return None if entity is None else entity.device_id
