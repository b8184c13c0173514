"""pytest plugin: a simulated Zigbee radio, and the real ZHA integration running on it.

Name it in the root conftest: ``pytest_plugins = ["simulator.testing"]``. Radio traffic is real
I/O over a socket, which ``hass.async_block_till_done`` cannot see: wait with ``until``.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
import time
from typing import Any, Final

import aiohttp
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from zigpy_ziggurat.zigbee import transport

from simulator.zigbee import SimCoordinator, SimDevice

_POLL: Final = 0.01
_PAIRING: Final = 20.0
"""Seconds a device gets to be paired; it takes a tenth of one on a quiet machine."""


async def until[T](
    check: Callable[[], T | None],
    timeout: float = 10.0,  # noqa: ASYNC109
    what: str = "condition",
) -> T:
    """Poll until a condition holds.

    Args:
        check: Called about every 10 ms.
        timeout: Seconds.
        what: What is waited for, for the failure's text.

    Returns:
        The first true value of ``check``.

    Raises:
        AssertionError: It did not hold in time; tells the last value.

    """
    deadline = time.monotonic() + timeout
    while not (value := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s for {what}; last value: {value!r}")
        await asyncio.sleep(_POLL)
    return value


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration folder of its own.

    ZHA's database, like ours, lands in it; the default is a folder inside the test package.
    """
    return hass_tmp_config_dir


@pytest.fixture
async def radio(socket_enabled: None) -> AsyncGenerator[SimCoordinator]:  # noqa: ARG001
    """A radio with a network already formed, listening on a free port of loopback."""
    coordinator = SimCoordinator()
    coordinator.preform()
    await coordinator.start()
    yield coordinator
    await coordinator.stop()


@pytest.fixture
async def zha(
    hass: HomeAssistant, radio: SimCoordinator, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[ConfigEntry]:
    """The real ZHA, set up and connected to the radio."""
    # ZHA sleeps a second after each short connection, for the sake of real sticks.
    monkeypatch.setattr("homeassistant.components.zha.radio_manager.CONNECT_DELAY_S", 0)
    entry = MockConfigEntry(domain="zha", version=5, minor_version=2, data=zha_data(radio.path))
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    # Commands under way would be cut off and logged as errors.
    await radio.idle()
    # Without it the thread of ZHA's database keeps pytest alive for minutes.
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
def radio_may_be_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for it in a test where ZHA tries to connect while the radio is away.

    zigpy-ziggurat 1.1.1 forgets to close the session of a connection that failed, and Home
    Assistant's test harness fails a test for that. This closes it and changes nothing else.
    """

    async def open_websocket(
        url: str,
    ) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
        session = aiohttp.ClientSession()
        try:
            socket = await session.ws_connect(url, heartbeat=transport.WEBSOCKET_HEARTBEAT)
        except BaseException:
            await session.close()
            raise
        return session, socket

    monkeypatch.setattr(transport, "_open_websocket", open_websocket)


def zha_data(path: str) -> dict[str, Any]:
    """Data of a ZHA config entry for a radio at a device path."""
    return {
        "radio_type": "ziggurat",
        "device": {"path": path, "baudrate": 115200, "flow_control": None},
    }


def zha_device(hass: HomeAssistant, device: SimDevice) -> dr.DeviceEntry | None:
    """Home Assistant's device of a simulated one, None while there is none."""
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries("zha"):
        identifier = ("zha", str(device.ieee))
        if found := registry.async_get_device_by_identifier(identifier, entry.entry_id):
            return found
    return None


def zha_entity(
    hass: HomeAssistant, device: SimDevice, domain: str, device_class: str | None = None
) -> str | None:
    """Entity id of a simulated device's entity.

    Args:
        hass: Home Assistant.
        device: The simulated device.
        domain: Such as ``binary_sensor``.
        device_class: Original device class; None takes the domain's first entity.

    Returns:
        The id once the entity has a state, else None.

    """
    if (found := zha_device(hass, device)) is None:
        return None
    for entity in er.async_entries_for_device(er.async_get(hass), found.id):
        if (
            entity.domain == domain
            and device_class in {None, entity.original_device_class}
            and hass.states.get(entity.entity_id) is not None
        ):
            return entity.entity_id
    return None


async def pair(hass: HomeAssistant, radio: SimCoordinator, device: SimDevice) -> dr.DeviceEntry:
    """Pair a device as a user does: open the network by ``zha.permit``, press its button.

    Returns:
        Home Assistant's device, with its entities added and its zone, if any, enrolled.

    Raises:
        AssertionError: ZHA did not finish within 20 s.

    """
    ieee, finished = str(device.ieee), False

    @callback
    def progress(message: dict[str, Any]) -> None:
        nonlocal finished
        info = message.get("device_info", {})
        finished |= info.get("ieee") == ieee and info.get("pairing_status") == "INITIALIZED"

    # The signal is internal to ZHA. The public way to the same is its websocket command.
    disconnect = async_dispatcher_connect(hass, "zha_gateway_message", progress)
    try:
        await hass.services.async_call("zha", "permit", {"duration": 60}, blocking=True)
        radio.join(device)
        await until(lambda: finished, _PAIRING, f"ZHA to finish pairing {device.model}")
    finally:
        disconnect()
    await until(lambda: device.settled, _PAIRING, f"{device.model} to be enrolled")
    await hass.async_block_till_done()
    return await until(lambda: zha_device(hass, device), what=f"{device.model} in the registry")
