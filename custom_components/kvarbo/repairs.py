"""Fix flows: what a person confirms to have read."""

from collections.abc import Awaitable, Callable
from typing import override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant

from .home import Home
from .issues import ISSUE_JOURNAL_RESTORED, ISSUE_JOURNAL_SET_ASIDE


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
    return ConfirmRepairFlow()
