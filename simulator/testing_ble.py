"""A pytest fixture of a simulated Bluetooth air, with Home Assistant's real bluetooth listening to it.

Import `ble` where it is used: no other test need load a Bluetooth stack.
"""

from collections.abc import AsyncGenerator, Callable

from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from simulator.ble import Proxy, SimAir

PROXY = "02:BB:00:00:00:{:02X}"


class Listening:
    """An air, and the proxies by which Home Assistant hears it."""

    def __init__(self, hass: HomeAssistant, air: SimAir) -> None:
        self.air = air
        self._hass = hass
        self._proxies: dict[Proxy, Callable[[], None]] = {}

    @property
    def proxy(self) -> Proxy:
        """The first proxy."""
        return next(iter(self._proxies))

    async def listen(self, slots: int = 5) -> Proxy:
        """Set up one more proxy."""
        number = len(self._proxies) + 1
        device = self.air.make_device(f"proxy {number}", f"C0:00:00:00:FF:{number:02X}")
        proxy = Proxy(PROXY.format(number), f"proxy {number}", device, slots)
        unregister = bluetooth.async_register_scanner(self._hass, proxy, connection_slots=slots)
        end = proxy.async_setup()

        def stop() -> None:
            end()
            unregister()

        self._proxies[proxy] = stop
        await proxy.start()
        return proxy

    async def dies(self, proxy: Proxy) -> None:
        """Let a proxy lose its power: its links are lost, and Home Assistant has it no more."""
        await proxy.stop()
        self._proxies.pop(proxy)()

    async def close(self) -> None:
        """Switch everything off."""
        for proxy in list(self._proxies):
            await self.dies(proxy)
        await self.air.close()


@pytest.fixture
async def ble(hass: HomeAssistant, socket_enabled: None) -> AsyncGenerator[Listening]:  # noqa: ARG001
    """An air with one proxy."""
    if not await async_setup_component(hass, "bluetooth", {}):
        pytest.fail("Home Assistant's bluetooth could not be set up")
    await hass.async_block_till_done()
    listening = Listening(hass, SimAir())
    await listening.listen()
    yield listening
    await listening.close()
    await hass.async_block_till_done()
