"""Home Assistant's backup gets a consistent copy of the journal, and never delays an alarm (A12)."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .home import Home


def _homes(hass: HomeAssistant) -> list[Home]:
    return [
        entry.runtime_data
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.state is ConfigEntryState.LOADED
    ]


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Lay a consistent copy beside the living journal, marked as a copy."""
    for home in _homes(hass):
        await home.lay_copy()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Take the copy away again."""
    for home in _homes(hass):
        await home.take_copy_away()
