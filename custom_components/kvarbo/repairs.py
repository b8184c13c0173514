"""Fix flows: what a person confirms to have read."""

from typing import override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant

from .home import Home
from .issues import ISSUE_JOURNAL_RESTORED


class RestoredFlow(ConfirmRepairFlow):
    """A person has read which alarms a restored journal held back (A12)."""

    def __init__(self, home: Home) -> None:
        """Remember whose list it is."""
        self._home = home

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take the list down when it is confirmed."""
        if user_input is not None:
            await self._home.restored_read()
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow for an issue."""
    entry = hass.config_entries.async_get_entry(str((data or {}).get("entry_id")))
    home = getattr(entry, "runtime_data", None)
    if issue_id == ISSUE_JOURNAL_RESTORED and isinstance(home, Home):
        return RestoredFlow(home)
    return ConfirmRepairFlow()
