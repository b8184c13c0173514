"""The flow of a device in the home: what it listens to, where it is and whose it is."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_DEVICE_ID, CONF_ENTITY_ID, CONF_LOCATION
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    DeviceFilterSelectorConfig,
    DeviceSelector,
    DeviceSelectorConfig,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)
from homeassistant.helpers.translation import async_get_translations
import probatio

from ..alarm.kinds import Location, Role
from ..const import (
    CONF_NEXT_NUMBER,
    CONF_NUMBER,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    DOMAIN,
    RESIDENTS_MOST,
    SUBENTRY_DEVICE,
)
from .forms import number, one_of, whole
from .sources import (
    ENTITY_DOMAINS,
    ZHA,
    Source,
    SourceError,
    device_of,
    entity_of,
    read_entity,
    read_remote,
    taken_by,
)

#: What a device can be for; the hub itself and its rules are no devices.
DEVICE_ROLES: Final = (Role.HELP_BUTTON,)

_ENTITY: Final = EntitySelector(
    EntitySelectorConfig(filter=[EntityWithDeviceFilterSelectorConfig(domain=list(ENTITY_DOMAINS))])
)
_REMOTE: Final = DeviceSelector(
    DeviceSelectorConfig(filter=[DeviceFilterSelectorConfig(integration=ZHA)])
)
_PLACE: Final = {
    probatio.Required(CONF_LOCATION): one_of(Location, CONF_LOCATION),
    probatio.Required(CONF_RESIDENT, default=0): number(),
}
#: A role is given once: what was a help button never becomes something that calls for less.
_NEW: Final = {
    probatio.Required(CONF_ROLE, default=Role.HELP_BUTTON.value): one_of(DEVICE_ROLES, CONF_ROLE),
    **_PLACE,
}
_BY_ENTITY: Final = {probatio.Required(CONF_ENTITY_ID): _ENTITY}
_BY_REMOTE: Final = {probatio.Required(CONF_DEVICE_ID): _REMOTE}

type Read = Callable[[HomeAssistant, str], Source]


class DeviceFlow(ConfigSubentryFlow):
    """Adds a device, replaces what it listens to, or moves it."""

    def __init__(self) -> None:
        """Start with nothing typed."""
        super().__init__()
        self._data: dict[str, Any] = {}
        self._taken = ""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the new device is heard by."""
        if not self._has_zha():
            return await self.async_step_entity()
        return self.async_show_menu(step_id="user", menu_options=["entity", "remote"])

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to change: where it is, or, keeping its number, what it listens to."""
        self._data = dict(self._get_reconfigure_subentry().data)
        options = ["place", "entity", *(["remote"] if self._has_zha() else [])]
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=options,
            description_placeholders={"number": str(self._data[CONF_NUMBER])},
        )

    async def async_step_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take an entity as source."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take(user_input, CONF_ENTITY_ID, read_entity)
            if not errors:
                return await self._after()
        return self.async_show_form(
            step_id="entity",
            data_schema=self._form(_BY_ENTITY, self._found(CONF_ENTITY_ID, entity_of), user_input),
            errors=errors,
            description_placeholders={"number": self._taken},
        )

    async def async_step_remote(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take a remote's commands as source."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take(user_input, CONF_DEVICE_ID, read_remote)
            if not errors:
                return await self._after()
        return self.async_show_form(
            step_id="remote",
            data_schema=self._form(_BY_REMOTE, self._found(CONF_DEVICE_ID, device_of), user_input),
            errors=errors,
            description_placeholders={"number": self._taken},
        )

    async def async_step_place(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take another place or resident; what it listens to stays."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take_place(user_input)
            if not errors:
                return await self._after()
        return self.async_show_form(
            step_id="place",
            data_schema=self._form({}, {}, user_input),
            errors=errors,
        )

    # -- saving --------------------------------------------------------------------------------

    async def async_step_ready(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask whether there is another device: a subentry flow cannot open the next one."""
        return self.async_show_menu(step_id="ready", menu_options=["finish", "another"])

    async def async_step_finish(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Save the device and end."""
        title = await self._number()
        return self.async_create_entry(
            title=title, data=self._data, unique_id=_unique_id(self._data)
        )

    async def async_step_another(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Save the device and begin with the next."""
        title = await self._number()
        self.hass.config_entries.async_add_subentry(
            self._get_entry(),
            ConfigSubentry(
                data=MappingProxyType(self._data),
                subentry_type=SUBENTRY_DEVICE,
                title=title,
                unique_id=_unique_id(self._data),
            ),
        )
        self._data = {}
        return await self.async_step_user()

    async def _after(self) -> SubentryFlowResult:
        if self.source != SOURCE_RECONFIGURE:
            return await self.async_step_ready()
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), data=self._data
        )

    async def _number(self) -> str:
        """Give the device its number, once and for good, and return its title."""
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "selector", {DOMAIN}
        )
        role = self._data[CONF_ROLE]
        entry = self._get_entry()
        if (other := taken_by(self.hass, entry, self._data[CONF_SOURCE], None)) is not None:
            # Somebody was quicker in another window; two devices on one source would call twice.
            raise AbortFlow("source_taken", {"number": str(other)})
        given = (int(s.data[CONF_NUMBER]) for s in entry.get_subentries_of_type(SUBENTRY_DEVICE))
        # Nothing between reading and writing the next number may wait.
        mine = max(int(entry.data[CONF_NEXT_NUMBER]), 1 + max(given, default=0))
        self.hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_NEXT_NUMBER: mine + 1}
        )
        self._data[CONF_NUMBER] = mine
        kind = texts.get(f"component.{DOMAIN}.selector.{CONF_ROLE}.options.{role}", role)
        return f"{kind} {mine}"

    # -- reading the forms ---------------------------------------------------------------------

    def _take(self, user_input: dict[str, Any], field: str, read: Read) -> dict[str, str]:
        errors = self._take_place(user_input)
        try:
            source = read(self.hass, user_input[field])
        except SourceError as err:
            return {**errors, field: err.problem}
        own = self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None
        if (other := taken_by(self.hass, self._get_entry(), source, own)) is not None:
            self._taken = str(other)
            return {**errors, field: "source_taken"}
        self._data[CONF_SOURCE] = source
        return errors

    def _take_place(self, user_input: dict[str, Any]) -> dict[str, str]:
        resident = whole(user_input[CONF_RESIDENT], 0, RESIDENTS_MOST)
        if resident is None:
            return {CONF_RESIDENT: "resident_range"}
        self._data |= {
            CONF_ROLE: user_input.get(CONF_ROLE) or self._data[CONF_ROLE],
            CONF_LOCATION: user_input[CONF_LOCATION],
            CONF_RESIDENT: resident,
        }
        return {}

    def _found(
        self, field: str, find: Callable[[HomeAssistant, Source], str | None]
    ) -> dict[str, Any]:
        """Return what the device listens to now, where it is of the form's kind."""
        source: Source | None = self._data.get(CONF_SOURCE)
        found = None if source is None else find(self.hass, source)
        return {} if found is None else {field: found}

    def _form(
        self,
        source: dict[Any, Any],
        found: dict[str, Any],
        user_input: dict[str, Any] | None,
    ) -> probatio.Schema:
        fields = _PLACE if self.source == SOURCE_RECONFIGURE else _NEW
        shown = {k: v for k, v in self._data.items() if k in (CONF_LOCATION, CONF_RESIDENT)}
        return self.add_suggested_values_to_schema(
            probatio.Schema({**source, **fields}), shown | found | (user_input or {})
        )

    def _has_zha(self) -> bool:
        return bool(self.hass.config_entries.async_entries(ZHA))


def _unique_id(data: Mapping[str, Any]) -> str:
    """Return what no two subentries of a home may share: a number is given once."""
    return f"{SUBENTRY_DEVICE}-{data[CONF_NUMBER]}"
