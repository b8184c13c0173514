"""The steps of a device's dialog about a medicine dispenser of our own Bluetooth profile."""

from typing import Any, override

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)
import probatio

from ..alarm.kinds import Role
from ..const import CONF_FIELDS, CONF_ROLE, CONF_SOURCE, CONF_SOURCE_TYPE, SourceType
from ..devices.dispenser_link import NoLinkError, meet
from ..devices.fitting import FIELDS
from ..devices.vitals import WEAK_RSSI
from ..dispensing.doses import Doses
from ..dispensing.fields import Field
from ..dispensing.profile import Told
from ..quoting import quoted
from .hear_steps import HearSteps
from .says import taken_for
from .sources import SourceError, entity_of, read_field


class DispenserSteps(HearSteps):
    """Links to a dispenser once, shows what it says, and asks where it stands."""

    def __init__(self) -> None:
        """Start with none met."""
        super().__init__()
        self._told: Told | None = None
        #: The number of the device that listens to the same already.
        self._taken = ""

    async def _after(self) -> SubentryFlowResult:
        raise NotImplementedError

    def _take_dispenser(self, user_input: dict[str, Any], address: str) -> dict[str, str]:
        raise NotImplementedError

    def _form(
        self,
        source: dict[Any, Any],
        found: dict[str, Any],
        user_input: dict[str, Any] | None,
    ) -> probatio.Schema:
        raise NotImplementedError

    @override
    async def async_step_dispenser(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what it says, and ask where it stands."""
        device = self._met
        assert device is not None  # noqa: S101 - no step leads here without one
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take_dispenser(user_input, device.address)
            if not errors:
                return await self._after()
        elif device.rssi < WEAK_RSSI:
            return await self.async_step_dispenser_weak()
        else:
            try:
                self._told = await meet(self.hass, device.address)
            except NoLinkError as err:
                if err.problem == "not_a_dispenser":
                    return await self.async_step_not_a_dispenser()
                return await self.async_step_dispenser_silent()
        return self.async_show_form(
            step_id="dispenser",
            data_schema=self._form({}, {}, user_input),
            errors=errors,
            description_placeholders=await self._met_words(),
            last_step=False,
        )

    async def async_step_dispenser_weak(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Tell that it is heard too weakly (R39)."""
        return await self._not_met("dispenser_weak")

    async def async_step_dispenser_silent(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Tell that it does not answer."""
        return await self._not_met("dispenser_silent")

    async def async_step_not_a_dispenser(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Tell that it speaks otherwise than it says it does."""
        return await self._not_met("not_a_dispenser")

    @property
    def _may_have_fields(self) -> bool:
        source = self._data[CONF_SOURCE]
        is_dispenser = Role(self._data[CONF_ROLE]) is Role.DISPENSER
        return is_dispenser and source[CONF_SOURCE_TYPE] == SourceType.ENTITY

    async def async_step_fields(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which other entities tell what becomes of a dose, and what ails the dispenser."""
        errors: dict[str, str] = {}
        if user_input is not None:
            fields: dict[str, dict[str, str]] = {}
            for field in Field:
                if not (entity_id := user_input.get(field)):
                    continue
                try:
                    fields[field] = read_field(self.hass, entity_id, field)
                except SourceError as err:
                    errors[field] = err.problem
            if len({tuple(sorted(one.items())) for one in fields.values()}) < len(fields):
                errors["base"] = "told_twice"
            if not errors:
                self._data[CONF_FIELDS] = fields
                return await self._after()
        kept = self._data.get(CONF_FIELDS, {})
        found = {f: entity_of(self.hass, one) for f, one in kept.items()}
        schema = probatio.Schema(
            {
                probatio.Optional(field.value): EntitySelector(
                    EntitySelectorConfig(
                        filter=[EntityWithDeviceFilterSelectorConfig(domain=sorted(FIELDS[field]))]
                    )
                )
                for field in Field
            }
        )
        return self.async_show_form(
            step_id="fields",
            data_schema=self.add_suggested_values_to_schema(
                schema, {f: e for f, e in found.items() if e} | (user_input or {})
            ),
            errors=errors,
        )

    async def _not_met(self, step_id: str) -> SubentryFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["hear", "entity"],
            description_placeholders=await self._met_words(),
        )

    async def _met_words(self) -> dict[str, str]:
        device, told = self._met, self._told
        doses = Doses(None)
        if told is not None:
            doses.linked(told)
        return {
            "name": "-" if device is None else quoted(device.name or device.address),
            "number": self._taken,
            "signal": "-" if device is None else str(device.rssi),
            "limit": str(round(WEAK_RSSI)),
            "taken": await taken_for(self.hass, Role.DISPENSER, doses.reading),
            "battery": "-" if doses.battery is None else f"{doses.battery} %",
            "left": "-" if doses.left is None else str(doses.left),
        }
