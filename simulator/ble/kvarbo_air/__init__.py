"""A Bluetooth air inside the demo's Home Assistant: a proxy has to live in its process. Never installed in a home.

The action `kvarbo_air.use` lets somebody use what is in the air: `address`, and `action` by its name.
"""

from pathlib import Path
import sys
from typing import Any, Final

from homeassistant.components import bluetooth
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError

# At the end, since the folder has a `custom_components` of its own.
sys.path.append(str(Path(__file__).resolve().parents[3]))

from simulator.ble import Dispenser, Proxy, SimAir

DOMAIN: Final = "kvarbo_air"
PROXY: Final = "02:BB:00:00:00:01"
DISPENSER: Final = "C0:00:00:00:08:01"
_SLOTS: Final = 3
_ACTIONS: Final = ("due", "hand_out", "take", "miss", "skip")


async def async_setup(hass: HomeAssistant, _config: dict[str, Any]) -> bool:
    """Switch the air on."""
    air = SimAir()
    proxy = Proxy(PROXY, "proxy", air.make_device("proxy", "C0:00:00:00:FF:01"), _SLOTS)
    bluetooth.async_register_scanner(hass, proxy, connection_slots=_SLOTS)
    proxy.async_setup()
    await proxy.start()
    there = {DISPENSER: await air.add(Dispenser(DISPENSER, "Pills"))}

    async def use(call: ServiceCall) -> None:
        device, action = there.get(call.data.get("address", "")), call.data.get("action")
        if device is None or action not in _ACTIONS:
            raise ServiceValidationError(f"nothing in the air can {action}")
        await getattr(device, action)()

    async def stop(_event: Event) -> None:
        await proxy.stop()
        await air.close()

    hass.services.async_register(DOMAIN, "use", use)
    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop)
    return True
