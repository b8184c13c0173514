"""The flow of a device in the home: what it is for, what it listens to, where it is and whose it is.

The role comes first (R50): it decides what fits, and it never changes.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
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
import probatio

from ..alarm.kinds import Location, Role
from ..alarm.reason import Language, role_text
from ..const import (
    CONF_ACTIVE_ABOVE,
    CONF_FIELDS,
    CONF_INVERTED,
    CONF_NEXT_NUMBER,
    CONF_NUMBER,
    CONF_RAISED_FROM,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    CONF_SOURCE_ADDRESS,
    CONF_STRAINS_ABOVE,
    RESIDENTS_MOST,
    SUBENTRY_DEVICE,
)
from ..devices.fitting import FITTING, REMOTE_ROLES
from ..devices.states import NUMBER
from ..devices.zigbee import ZHA
from .entry_steps import EntrySteps
from .forms import number, one_of, whole
from .place import place_of
from .says import domain_of, is_read, lamp_said, says_form, says_now, speaks, take_reading
from .sources import (
    Source,
    SourceError,
    device_of,
    entity_of,
    read_dispenser,
    read_entity,
    read_remote,
    taken_by,
)

#: A role is given once: what was a help button never becomes something that calls for less.
_ROLE: Final = probatio.Schema(
    {
        probatio.Required(CONF_ROLE, default=Role.HELP_BUTTON.value): one_of(
            FITTING, CONF_ROLE, as_list=True
        )
    }
)
#: How a source is read.
_READ_BY: Final = frozenset(
    {CONF_INVERTED, CONF_ACTIVE_ABOVE, CONF_RAISED_FROM, CONF_STRAINS_ABOVE}
)
_PLACE: Final = {
    probatio.Optional(CONF_LOCATION): one_of(Location, CONF_LOCATION),
    probatio.Required(CONF_RESIDENT, default=0): number(),
}
_BY_REMOTE: Final = {
    probatio.Required(CONF_DEVICE_ID): DeviceSelector(
        DeviceSelectorConfig(filter=[DeviceFilterSelectorConfig(integration=ZHA)])
    )
}

type Read = Callable[[HomeAssistant, str, Role], Source]


class DeviceFlow(EntrySteps):
    """Adds a device, replaces what it listens to, or moves it."""

    def __init__(self) -> None:
        """Start with nothing typed."""
        super().__init__()
        self._data: dict[str, Any] = {}
        #: What became of the new device's own lamp, for its last page.
        self._lamp: dict[str, str] = {}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what the new device is for."""
        if user_input is not None:
            self._data[CONF_ROLE] = user_input[CONF_ROLE]
            return await self.async_step_heard_by()
        return self.async_show_form(step_id="user", data_schema=_ROLE, last_step=False)

    async def async_step_heard_by(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the new device is heard by, where there is a choice."""
        options = [
            *(["pair"] if self._may_pair() else []),
            *(["hear"] if self._may_hear() else []),
            "entity",
            *(["remote"] if self._may_be_remote() else []),
        ]
        if len(options) == 1:
            return await self.async_step_entity()
        return self.async_show_menu(step_id="heard_by", menu_options=options)

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what to change: where it is, how it is read, or, keeping its number, its source."""
        self._data = dict(self._get_reconfigure_subentry().data)
        options = [
            "place",
            *(["says"] if is_read(self._data) else []),
            *(["bolt", "access"] if self._is_entry else []),
            *(["fields"] if self._may_have_fields else []),
            "entity",
            *(["remote"] if self._may_be_remote() else []),
            *(["pair"] if self._may_pair() else []),
            *(["hear"] if self._may_hear() else []),
        ]
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
                return await self._after_source()
        return self.async_show_form(
            step_id="entity",
            data_schema=self._form(
                self._entity_field(), self._found(CONF_ENTITY_ID, entity_of), user_input
            ),
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
                return await self._after_source()
        return self.async_show_form(
            step_id="remote",
            data_schema=self._form(_BY_REMOTE, self._found(CONF_DEVICE_ID, device_of), user_input),
            errors=errors,
            description_placeholders={"number": self._taken},
        )

    async def async_step_says(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what the source says now, and ask how it is read."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = take_reading(self.hass, self._data, user_input)
            if not errors:
                return await self._after()
        known = {k: v for k, v in self._data.items() if k in _READ_BY}
        return self.async_show_form(
            step_id="says",
            data_schema=self.add_suggested_values_to_schema(
                says_form(self.hass, self._data), known | (user_input or {})
            ),
            errors=errors,
            description_placeholders=await says_now(self.hass, self._data),
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
        return self.async_show_menu(
            step_id="ready",
            menu_options=["finish", "another"],
            description_placeholders={**await speaks(self.hass, self._role), **self._lamp},
        )

    async def async_step_sensor_ready(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what a new sensor is taken to say, and let the person look again before it is saved."""
        asks = ["says"] if is_read(self._data) else ["access"] if self._is_entry else []
        asks += ["fields"] if self._may_have_fields else []
        options = ["finish", "another", *asks, "sensor_ready"]
        return self.async_show_menu(
            step_id="sensor_ready",
            menu_options=options,
            description_placeholders={
                **await says_now(self.hass, self._data),
                **await speaks(self.hass, self._role),
                **self._lamp,
            },
        )

    async def async_step_finish(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Save the device and end."""
        title = self._number()
        return self.async_create_entry(
            title=title, data=self._data, unique_id=_unique_id(self._data)
        )

    async def async_step_another(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Save the device and begin with the next."""
        title = self._number()
        self.hass.config_entries.async_add_subentry(
            self._get_entry(),
            ConfigSubentry(
                data=MappingProxyType(self._data),
                subentry_type=SUBENTRY_DEVICE,
                title=title,
                unique_id=_unique_id(self._data),
            ),
        )
        self._data, self._paired = {}, {}
        return await self.async_step_user()

    async def _after_source(self) -> SubentryFlowResult:
        if is_read(self._data):
            return await self.async_step_says()
        if self._is_entry:
            return await self.async_step_bolt()
        return await self._after()

    @override
    async def _after(self) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), data=self._data
            )
        self._lamp = await lamp_said(self.hass, self._data[CONF_SOURCE])
        if self._role is Role.HELP_BUTTON or CONF_SOURCE_ADDRESS in self._data[CONF_SOURCE]:
            return await self.async_step_ready()
        return await self.async_step_sensor_ready()

    def _number(self) -> str:
        """Give the device its number, once and for good, and return its title."""
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
        spoken = self.hass.config.language
        language = Language(spoken) if spoken in tuple(Language) else Language.EN
        kind = role_text(self._role, language)
        return f"{kind[:1].upper()}{kind[1:]} {mine}"

    # -- reading the forms ---------------------------------------------------------------------

    def _take(self, user_input: dict[str, Any], field: str, read: Read) -> dict[str, str]:
        errors = self._take_place(user_input)
        try:
            source = read(self.hass, user_input[field], self._role)
        except SourceError as err:
            return {**errors, field: err.problem}
        own = self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None
        if (other := taken_by(self.hass, self._get_entry(), source, own)) is not None:
            self._taken = str(other)
            return {**errors, field: "source_taken"}
        self._data[CONF_SOURCE] = source
        # What told how another kind of source is read says nothing of this one.
        if not is_read(self._data):
            self._data.pop(CONF_INVERTED, None)
        if not self._may_have_fields:
            self._data.pop(CONF_FIELDS, None)
        if domain_of(self._data) != NUMBER:
            for key in _READ_BY - {CONF_INVERTED}:
                self._data.pop(key, None)
        return errors

    @override
    def _take_dispenser(self, user_input: dict[str, Any], address: str) -> dict[str, str]:
        errors = self._take({**user_input, "base": address}, "base", read_dispenser)
        self._dispenser_taken = self._taken
        return errors

    def _take_place(self, user_input: dict[str, Any]) -> dict[str, str]:
        resident = whole(user_input[CONF_RESIDENT], 0, RESIDENTS_MOST)
        if resident is None:
            return {CONF_RESIDENT: "resident_range"}
        location = user_input.get(CONF_LOCATION) or self._place_of_area(user_input)
        if location is None:
            return {CONF_LOCATION: "location_unknown"}
        self._data |= {CONF_LOCATION: location, CONF_RESIDENT: resident}
        return {}

    def _place_of_area(self, user_input: dict[str, Any]) -> str | None:
        """Return what the area of what was picked, or of what is listened to, means."""
        picked = {
            **self._found(CONF_ENTITY_ID, entity_of),
            **self._found(CONF_DEVICE_ID, device_of),
            **user_input,
        }
        place = place_of(self.hass, picked)
        return None if place is None else place.value

    def _found(
        self, field: str, find: Callable[[HomeAssistant, Source], str | None]
    ) -> dict[str, Any]:
        """Return what the device listens to now, where it is of the form's kind."""
        if field in self._paired:
            return {field: self._paired[field]}
        source: Source | None = self._data.get(CONF_SOURCE)
        found = None if source is None else find(self.hass, source)
        return {} if found is None else {field: found}

    @override
    def _form(
        self,
        source: dict[Any, Any],
        found: dict[str, Any],
        user_input: dict[str, Any] | None,
    ) -> probatio.Schema:
        shown = {k: v for k, v in self._data.items() if k in (CONF_LOCATION, CONF_RESIDENT)}
        return self.add_suggested_values_to_schema(
            probatio.Schema({**source, **_PLACE}), shown | found | (user_input or {})
        )

    def _entity_field(self) -> dict[Any, Any]:
        """Return the choice of an entity among those that fit the role."""
        domains = sorted(FITTING[self._role])
        kinds = EntityWithDeviceFilterSelectorConfig(domain=domains)
        return {
            probatio.Required(CONF_ENTITY_ID): EntitySelector(EntitySelectorConfig(filter=[kinds]))
        }

    @property
    def _role(self) -> Role:
        return Role(self._data[CONF_ROLE])

    def _may_be_remote(self) -> bool:
        return self._role in REMOTE_ROLES and bool(self.hass.config_entries.async_entries(ZHA))


def _unique_id(data: Mapping[str, Any]) -> str:
    """Return what no two subentries of a home may share: a number is given once."""
    return f"{SUBENTRY_DEVICE}-{data[CONF_NUMBER]}"
