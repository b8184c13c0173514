"""The steps of a device's dialog about an entry lock: how it locks itself again, and who is let in."""

from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio

from ..access.settings import (
    CONF_ALWAYS,
    CONF_BY_CODE,
    CONF_BY_COMMAND,
    CONF_CONTACT,
    CONF_LEFT,
    CONF_OLDEST,
    CONF_RELOCK,
    CONF_SLOT,
    CONF_VISITS,
    LEFT,
    OLDEST_LIMITS,
    RELOCK,
    SLOT,
    read_visits,
)
from ..alarm.kinds import Role
from ..const import CONF_NUMBER, CONF_ROLE, CONF_SOURCE, SUBENTRY_DEVICE
from ..devices.signs import find_device
from ..devices.zigbee_lock import is_zigbee_lock, set_code
from .dispenser_steps import DispenserSteps
from .forms import LINE, SECRET, number, typed, whole
from .says import says_now

#: What the code is typed into; it goes to the lock and is kept nowhere.
CONF_CODE: Final = "code"
_DIGITS: Final = (4, 8)
_NO_CONTACT: Final = "0"

#: Whole numbers by field: least, most, as by default, and the error that tells them.
_NUMBERS: Final = {
    CONF_RELOCK: (*RELOCK, 5, "relock_range"),
    CONF_LEFT: (*LEFT, 0, "unlocked_range"),
    CONF_SLOT: (*SLOT, 1, "slot_range"),
    CONF_OLDEST: (*OLDEST_LIMITS, 60, "alarm_age_range"),
}


class EntrySteps(DispenserSteps):
    """Asks about an entry lock what no other device is asked."""

    @property
    def _is_entry(self) -> bool:
        return Role(self._data[CONF_ROLE]) is Role.ENTRY_LOCK

    async def async_step_bolt(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask when the door is locked again, and what tells whether it is shut."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take_numbers(user_input, CONF_RELOCK, CONF_LEFT)
            self._data[CONF_ALWAYS] = user_input[CONF_ALWAYS]
            self._data[CONF_CONTACT] = int(user_input.get(CONF_CONTACT, _NO_CONTACT))
            if not errors:
                return await self._after()
        known = {**self._data, CONF_CONTACT: str(self._data.get(CONF_CONTACT, _NO_CONTACT))}
        schema = probatio.Schema(
            {
                **_number(CONF_RELOCK, "min"),
                probatio.Required(CONF_ALWAYS, default=False): BooleanSelector(),
                probatio.Required(CONF_CONTACT, default=_NO_CONTACT): self._contacts(),
                **_number(CONF_LEFT, "min"),
            }
        )
        return self.async_show_form(
            step_id="bolt",
            data_schema=self.add_suggested_values_to_schema(schema, known | (user_input or {})),
            errors=errors,
            description_placeholders=await says_now(self.hass, self._data),
        )

    async def async_step_access(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask who is let in, and when. Nobody is unless somebody says so here."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._take_access(user_input)
            if not errors:
                return await self._after()
        schema = probatio.Schema(
            {
                probatio.Required(CONF_BY_CODE, default=False): BooleanSelector(),
                probatio.Optional(CONF_CODE): SECRET,
                **_number(CONF_SLOT),
                probatio.Optional(CONF_VISITS): LINE,
                probatio.Required(CONF_BY_COMMAND, default=False): BooleanSelector(),
                **_number(CONF_OLDEST, "min"),
            }
        )
        shown = self._data | {k: v for k, v in (user_input or {}).items() if k != CONF_CODE}
        return self.async_show_form(
            step_id="access",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
        )

    async def _take_access(self, user_input: dict[str, Any]) -> dict[str, str]:
        errors = self._take_numbers(user_input, CONF_SLOT, CONF_OLDEST)
        visits = typed(user_input, CONF_VISITS)
        try:
            read_visits(visits)
        except ValueError:
            errors[CONF_VISITS] = "not_visits"
        digits = typed(user_input, CONF_CODE)
        if digits and not (
            digits.isascii() and digits.isdigit() and _DIGITS[0] <= len(digits) <= _DIGITS[1]
        ):
            errors[CONF_CODE] = "not_digits"
        address = find_device(self.hass, self._data[CONF_SOURCE]).address
        if (user_input[CONF_BY_CODE] or digits) and not is_zigbee_lock(self.hass, address):
            errors[CONF_BY_CODE] = "no_codes"
        if errors:
            return errors
        if digits and not await set_code(self.hass, address, self._data[CONF_SLOT], digits):
            return {CONF_CODE: "code_refused"}
        self._data |= {
            CONF_BY_CODE: user_input[CONF_BY_CODE],
            CONF_VISITS: visits,
            CONF_BY_COMMAND: user_input[CONF_BY_COMMAND],
        }
        return {}

    def _take_numbers(self, user_input: dict[str, Any], *fields: str) -> dict[str, str]:
        errors: dict[str, str] = {}
        for field in fields:
            least, most, _, error = _NUMBERS[field]
            value = whole(user_input[field], least, most)
            if value is None:
                errors[field] = error
            else:
                self._data[field] = value
        return errors

    def _contacts(self) -> SelectSelector:
        doors = [
            SelectOptionDict(value=str(subentry.data[CONF_NUMBER]), label=subentry.title)
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_DEVICE)
            if subentry.data.get(CONF_ROLE) == Role.EXIT_DOOR
        ]
        none = SelectOptionDict(value=_NO_CONTACT, label="-")
        return SelectSelector(
            SelectSelectorConfig(options=[none, *doors], mode=SelectSelectorMode.DROPDOWN)
        )


def _number(field: str, unit: str | None = None) -> dict[Any, Any]:
    return {probatio.Required(field, default=_NUMBERS[field][2]): number(unit)}
