"""Kvarbo's own roles, given to users of Home Assistant: who may do what without administrator's rights (A11)."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio

from ..const import CONF_ROLES
from ..role import GIVEN, roles_of

_STEP: Final = "init"


class RolesFlow(OptionsFlow):
    """Shows who has which role, and takes whom it is given to. Administrators need none and are not listed."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the users of each role."""
        users = {
            user.id: user.name or user.id
            for user in await self.hass.auth.async_get_users()
            if user.is_active and not user.system_generated and not user.is_admin
        }
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = [user for role in GIVEN for user in user_input.get(role, [])]
            errors = {
                role: "role_twice"
                for role in GIVEN
                if any(chosen.count(user) > 1 for user in user_input.get(role, []))
            }
            if not errors:
                # Only users who are there: what a gone one had is gone too.
                given = {
                    user: role.value
                    for role in GIVEN
                    for user in user_input.get(role, [])
                    if user in users
                }
                options = {**self.config_entry.options, CONF_ROLES: given}
                return self.async_create_entry(data=options)
        kept = roles_of(self.config_entry)
        shown: dict[str, Any] = {
            role.value: [user for user in users if kept.get(user) is role] for role in GIVEN
        }
        choice = SelectSelector(
            SelectSelectorConfig(
                options=[SelectOptionDict(value=user, label=name) for user, name in users.items()],
                multiple=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        return self.async_show_form(
            step_id=_STEP,
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema({probatio.Optional(role.value): choice for role in GIVEN}),
                user_input or shown,
            ),
            errors=errors,
        )
