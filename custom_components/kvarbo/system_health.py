"""The chain at a glance on Home Assistant's system page."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .home import Home, running_homes


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the page."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    homes = running_homes(hass)
    return _of(homes[0]) if homes else {"home": "none"}


def _of(home: Home) -> dict[str, Any]:
    lines = home.chain.transmitter.lines
    reached = sum(1 for line in lines if line.watch.reach.reached)
    waiting = home.chain.transmitter.undelivered()
    oldest = min((alarm.raised_at for alarm in waiting), default=None)
    last = home.last_receipt()
    return {
        "home": home.controller,
        "receivers_reached": f"{reached}/{len(home.receivers())}",
        "undelivered": len(waiting),
        "oldest_undelivered": "-" if oldest is None else oldest.isoformat(timespec="seconds"),
        "last_receipt": "-" if last is None else last.isoformat(timespec="seconds"),
        "journal": "problem" if home.journal_in_trouble() else "ok",
    }
