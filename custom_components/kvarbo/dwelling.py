"""Who lives in the home, and by which clock: read from Home Assistant's settings."""

from datetime import UTC, tzinfo
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_DWELLING
from .supervision.house import Dwelling
from .supervision.settings import SettingsError, read_settings

_LOGGER = logging.getLogger(__name__)


def dwelling_of(entry: ConfigEntry[Any]) -> Dwelling:
    """Return who and what lives in the home, as its settings state it (S6)."""
    try:
        return read_settings(Dwelling, entry.data.get(CONF_DWELLING) or {})
    except SettingsError as err:
        # Of a later release, or broken: it must not silence the home.
        _LOGGER.error("Who lives in the home cannot be read: %s", err)
        return Dwelling()


def zone_of(hass: HomeAssistant) -> tzinfo:
    """Return the home's time zone."""
    return dt_util.get_time_zone(hass.config.time_zone) or UTC
