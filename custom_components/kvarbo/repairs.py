"""Fix flows: what a person confirms to have read, and a device that is looked at again or replaced."""

from collections.abc import Awaitable, Callable
from typing import override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    FlowType,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import CONF_NUMBER, DOMAIN, SUBENTRY_DEVICE
from .home import Home
from .issues import (
    ISSUE_FOLLOW_UP,
    ISSUE_JOURNAL_RESTORED,
    ISSUE_JOURNAL_SET_ASIDE,
    OF_DEVICES,
)
from .role import Actor


class ReadFlow(ConfirmRepairFlow):
    """A person has read what an issue says; the home takes note of it."""

    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        """Call `read` when it is confirmed."""
        self._read = read

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take note when it is confirmed."""
        if user_input is not None:
            await self._read()
        return await super().async_step_confirm(user_input)


class DeviceFix(RepairsFlow):
    """Something is wrong with a device: look again after it was seen to, or replace it.

    A replaced device keeps its number, its role, what it has counted and its rules: its own dialog is
    opened, in which the new one is chosen or paired.
    """

    def __init__(self, home: Home, number: str) -> None:
        """Be about the device of this short number."""
        self._home = home
        self._number = number

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Say what is wrong, and ask what is to be done."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=["look", "replace"],
            description_placeholders=None if issue is None else issue.translation_placeholders,
        )

    async def async_step_look(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Look at it now, instead of within a minute."""
        self._home.check.rounds.look()
        self._home.changed()
        if ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id) is not None:
            return self.async_abort(reason="still_so")
        return self.async_create_entry(data={})

    async def async_step_replace(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Go on in the device's own dialog. The issue stays until the new one is well."""
        subentry = next(
            (s for s in self._home.device_subentries() if str(s.data[CONF_NUMBER]) == self._number),
            None,
        )
        if subentry is None:
            return self.async_abort(reason="no_device")
        dialog = await self.hass.config_entries.subentries.async_init(
            (self._home.entry.entry_id, SUBENTRY_DEVICE),
            context=SubentryFlowContext(
                source=SOURCE_RECONFIGURE, subentry_id=subentry.subentry_id
            ),
        )
        return self.async_abort(
            reason="replacing", next_flow=(FlowType.CONFIG_SUBENTRIES_FLOW, dialog["flow_id"])
        )


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow for an issue."""
    entry = hass.config_entries.async_get_entry(str((data or {}).get("entry_id")))
    home = getattr(entry, "runtime_data", None)
    if isinstance(home, Home):
        if issue_id == ISSUE_JOURNAL_RESTORED:
            return ReadFlow(home.restored_read)
        if issue_id == ISSUE_JOURNAL_SET_ASIDE:
            return ReadFlow(home.set_aside_read)
        if issue_id == ISSUE_FOLLOW_UP:
            return ReadFlow(lambda: _followed_up(home))
        if issue_id.startswith(tuple(OF_DEVICES)):
            return DeviceFix(home, str((data or {}).get("number")))
    return ConfirmRepairFlow()


async def _followed_up(home: Home) -> None:
    """Note that somebody has asked how it goes; only an administrator sees repair issues (R33)."""
    if (follow_up := home.figures.follow_up_due()) is not None:
        home.figures.follow_up_made(follow_up, Actor.ADMINISTRATOR)
        home.changed()
