"""What support may see: figures and states; no secret, no name, no activity (R07, R48)."""

from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_LABEL,
    CONF_NAMESERVERS,
    CONF_PROFILE,
    CONF_PROXY,
    CONF_SOURCE_ADDRESS,
    CONF_SOURCE_IEEE,
    CONF_SOURCE_UNIQUE_ID,
    CONF_SPEECH,
)
from .home import KvarboConfigEntry
from .watching.overview import overview

#: A URL may hold a municipality's inner names, a name server is one of its inner addresses; a profile
#: holds its codes, a source a device's address.
REDACTED: Final = frozenset(
    {
        CONF_TOKEN,
        CONF_USERNAME,
        CONF_PASSWORD,
        CONF_PROXY,
        CONF_SPEECH,
        CONF_URL,
        CONF_LABEL,
        CONF_NAMESERVERS,
        CONF_PROFILE,
        CONF_CA_CERTIFICATE,
        CONF_CLIENT_CERTIFICATE,
        CONF_CLIENT_KEY,
        CONF_SOURCE_UNIQUE_ID,
        CONF_SOURCE_IEEE,
        CONF_SOURCE_ADDRESS,
    }
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: KvarboConfigEntry
) -> dict[str, Any]:
    """Return the home's settings without secrets, and how the chain stands."""
    home = entry.runtime_data
    last = home.last_receipt()
    return {
        "home": async_redact_data(dict(entry.data), REDACTED),
        "version": home.facts.version,
        "receivers": [
            {
                "settings": async_redact_data(dict(subentry.data), REDACTED),
                "reached": None
                if (reach := home.reach(subentry.subentry_id)) is None
                else reach.reached,
                "took": None if reach is None else reach.took,
                "in_use": subentry.subentry_id not in home.receiver_errors,
            }
            for subentry in home.receivers()
        ],
        "devices": [
            {
                "number": button.number,
                "role": button.role,
                "location": button.location,
                "source": async_redact_data(button.source, REDACTED),
                "missing": button.is_missing,
            }
            for button in home.devices.buttons.values()
        ]
        + [
            {
                "number": sensed.number,
                "role": sensed.sensor.role,
                "location": sensed.sensor.room,
                "source": async_redact_data(sensed.source, REDACTED),
                "missing": sensed.is_missing,
            }
            for sensed in home.devices.sensed.values()
        ],
        "alarms": {
            "open": len(home.ledger.open_alarms()),
            "undelivered": len(home.chain.transmitter.undelivered()),
            "not_on_disk": len(home.ledger.not_durable),
            "last_receipt": None if last is None else last.isoformat(),
        },
        "faults": [{"kind": fault.kind} for fault in home.chain.faults.open.values()],
        "rules": [
            {
                "rule": str(rule.identity),
                "standing": rule.standing,
                "faults": sorted(rule.faults),
                "listened_to": rule.is_listened_to,
            }
            for rule in overview(home.watching)
        ],
        "journal": {
            "in_trouble": home.journal_in_trouble(),
            "set_aside": home.set_aside is not None,
            "restored_alarms": len(home.restored_alarms()),
        },
    }
