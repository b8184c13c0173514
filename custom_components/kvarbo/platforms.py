"""The platforms on which Kvarbo shows itself."""

from typing import Final

from homeassistant.const import Platform

PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.BUTTON, Platform.EVENT, Platform.SENSOR)
