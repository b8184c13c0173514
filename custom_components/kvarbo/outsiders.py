"""Which other integrations of this Home Assistant talk to the outside by themselves (R01).

Kvarbo keeps its own traffic in. What others send it can only name, so that a person decides.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import IntegrationNotLoaded, async_get_loaded_integration

#: Says that it talks to somebody's cloud.
_CLOUD: Final = "cloud_"
#: Those that say otherwise of themselves, or nothing: they ask for alerts, versions and updates, or hand messages
#: to somebody's push service (Home Assistant 2026.10).
_ALSO: Final = frozenset({"homeassistant_alerts", "hassio", "hacs", "go2rtc", "mobile_app"})
_OWN: Final = "kvarbo"


@callback
def outsiders(hass: HomeAssistant) -> list[str]:
    """Return the domains of loaded integrations that talk to the outside, sorted."""
    return sorted(
        domain
        for domain in hass.config.top_level_components
        if domain != _OWN and _talks(hass, domain)
    )


def _talks(hass: HomeAssistant, domain: str) -> bool:
    if domain in _ALSO:
        return True
    try:
        integration = async_get_loaded_integration(hass, domain)
    except IntegrationNotLoaded:
        return False
    return (integration.iot_class or "").startswith(_CLOUD)
