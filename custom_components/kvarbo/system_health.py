"""The chain at a glance on Home Assistant's system page."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .home import Home


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the page."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            return _of(entry.runtime_data)
    return {"home": "none"}


def _of(home: Home) -> dict[str, Any]:
    lines = home.chain.transmitter.lines
    reached = sum(1 for line in lines if line.watch.reach.reached)
    waiting = home.ledger.undelivered()
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
