"""The simulated Bluetooth air, held to the protocols by unmodified integrations: `bthome` and `idasen_desk`."""

import asyncio
from typing import Any

import bleak_retry_connector
from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from simulator.ble import BthomeSensor, Column
from simulator.testing import until
from simulator.testing_ble import Listening, ble

__all__ = ["ble"]

KEY = bytes(range(16))


async def discovered(hass: HomeAssistant, domain: str) -> Any:
    """Wait until an integration has found a device by itself; return its flow."""
    return await until(
        lambda: next(iter(hass.config_entries.flow.async_progress_by_handler(domain)), None),
        what=f"{domain} to find it",
    )


async def added(hass: HomeAssistant, domain: str, *answers: dict[str, Any]) -> None:
    """Add what an integration has found, as a person does."""
    page = await discovered(hass, domain)
    for answer in answers:
        page = await hass.config_entries.flow.async_configure(page["flow_id"], answer)
    assert page["type"] == "create_entry", page
    await hass.async_block_till_done()


def states(hass: HomeAssistant, domain: str) -> dict[str, str]:
    return {s.entity_id: s.state for s in hass.states.async_all(domain)}


async def test_a_plain_bthome_sensor_is_read_by_bthome(hass: HomeAssistant, ble: Listening) -> None:
    mat = await ble.air.add(BthomeSensor("C0:00:00:00:00:04", "Mat 1"))
    await mat.say("occupancy", on=True, battery=80)
    await added(hass, "bthome", {})
    await until(lambda: "on" in states(hass, "binary_sensor").values(), what="occupied")
    assert "80" in states(hass, "sensor").values()
    await mat.say("occupancy", on=False, battery=79)
    await until(lambda: "off" in states(hass, "binary_sensor").values(), what="empty")


async def test_an_encrypted_bthome_button_presses_and_a_replay_does_not(
    hass: HomeAssistant, ble: Listening
) -> None:
    button = await ble.air.add(BthomeSensor("C0:00:00:00:00:05", "Call", key=KEY, triggered=True))
    await button.press()
    await added(hass, "bthome", {"bindkey": KEY.hex()})
    heard = async_capture_events(hass, "bthome_ble_event")
    await button.press(2)
    await until(lambda: heard, what="the press")
    assert heard[-1].data["event_type"] == "double_press"
    count = len(heard)
    # The same advert again is the same press; an old counter is somebody's recording.
    await button.repeat()
    await button.replay(button.counter - 1)
    await button.press(4)
    await until(lambda: heard[-1].data["event_type"] == "long_press", what="a further press")
    assert len(heard) == count + 1


async def test_a_wrong_key_is_asked_for_again(hass: HomeAssistant, ble: Listening) -> None:
    button = await ble.air.add(BthomeSensor("C0:00:00:00:00:06", "Call", key=KEY, triggered=True))
    await button.press()
    page = await discovered(hass, "bthome")
    page = await hass.config_entries.flow.async_configure(
        page["flow_id"], {"bindkey": KEY[::-1].hex()}
    )
    assert page["type"] == "form"
    assert page["errors"] == {"bindkey": "decryption_failed"}


async def test_five_links_at_once_and_what_is_lost_is_told(
    hass: HomeAssistant, ble: Listening
) -> None:
    columns = [await ble.air.add(Column(f"C0:00:00:00:01:{n:02X}", f"Lift {n}")) for n in range(5)]
    gone: list[Any] = []

    async def link(column: Column) -> Any:
        found = await until(
            lambda: bluetooth.async_ble_device_from_address(hass, column.address, connectable=True),
            what="a column",
        )
        # Looked up at the call: Home Assistant has put its own in its place.
        return await bleak_retry_connector.establish_connection(
            bleak_retry_connector.BleakClientWithServiceCache,
            found,
            column.name,
            disconnected_callback=gone.append,
        )

    clients = await asyncio.gather(*(link(column) for column in columns))
    height = "99fa0021-338a-1024-8a49-009c0215f78a"
    for client in clients:
        assert (await client.read_gatt_char(height))[:2] == bytes((0xE8, 0x03))
    await columns[0].silence()
    await until(lambda: gone, what="the lost link")
    assert not clients[0].is_connected
    for client in clients[1:]:
        await client.disconnect()


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_the_column_is_driven_by_idasen_desk_and_stops_where_it_is_told(
    hass: HomeAssistant, ble: Listening
) -> None:
    """Its own debouncer outlives its unloading: the timers that linger are its own."""
    column = await ble.air.add(Column("C0:00:00:00:00:07", "Lift 7", speed=4000))
    await added(hass, "idasen_desk", {"address": column.address})
    cover = await until(lambda: next(iter(states(hass, "cover")), None), what="the cover")
    await until(lambda: hass.states.get(cover).state != "unavailable", what="the link")  # type: ignore[union-attr]
    await hass.services.async_call(
        "cover", "set_cover_position", {"entity_id": cover, "position": 60}, blocking=True
    )
    await until(lambda: column.position == 3900, 20, "sixty percent")
    [entry] = hass.config_entries.async_entries("idasen_desk")
    assert await hass.config_entries.async_unload(entry.entry_id)
