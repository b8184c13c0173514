"""Home Assistant's backup gets a consistent copy of the journal, and never delays an alarm (A12)."""

import logging

from homeassistant.core import HomeAssistant

from .home import Home, running_homes

_LOGGER = logging.getLogger(__name__)


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Lay a consistent copy beside the living journal, marked as a copy."""
    for home in running_homes(hass):
        await home.lay_copy()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Take the copy away again."""
    for home in running_homes(hass):
        await hass.async_add_executor_job(_remove_copy, home)


def _remove_copy(home: Home) -> None:
    try:
        home.copy_path.unlink(missing_ok=True)
    except OSError as err:
        # The next one takes its place; a backup that is made already is none the worse for it.
        _LOGGER.warning("The copy of the journal cannot be removed: %s", err)
