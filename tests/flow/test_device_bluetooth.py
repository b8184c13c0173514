"""A new Bluetooth device is found in the air from our own dialog, and added by the integration that owns it."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from simulator.ble import BthomeSensor, Column, Peripheral
from simulator.testing import until
from simulator.testing_ble import Listening, ble

from .talk import Talk

__all__ = ["ble"]

KEY = bytes(range(16))
PLACE = {"location": "bedroom", "resident": 1}
ADDRESS = "C0:00:00:00:02:{:02X}"


async def hears(hass: HomeAssistant, home: ConfigEntry[Any], role: str) -> Talk:
    """Stand in the dialog before what is heard."""
    talk = await Talk.add(hass, home, "device")
    await talk.answer(role=role)
    return await talk.choose("hear")


def shown(talk: Talk) -> dict[str, str]:
    """What the page offers: the label of each address."""
    [selector] = talk.page["data_schema"].schema.values()
    return {o["value"]: o["label"] for o in selector.config["options"] if o["value"] != "again"}


async def until_found(hass: HomeAssistant, domain: str, count: int = 1) -> None:
    await until(
        lambda: len(hass.config_entries.flow.async_progress_by_handler(domain)) == count,
        what=f"{domain} to find it",
    )


async def test_a_mat_is_chosen_added_by_bthome_and_heard(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    mat = await ble.air.add(BthomeSensor(ADDRESS.format(1), "Mat 1"))
    await mat.say("occupancy", on=True, battery=80)
    await until_found(hass, "bthome")
    talk = await hears(hass, demo_home, "bed")
    label = shown(talk)[mat.address]
    assert label.startswith("Mat")
    assert "dBm" in label
    assert label.endswith("bthome")
    await talk.answer(address=mat.address)
    talk.at("heard")
    assert talk.told["battery"] == "80 %"
    assert int(talk.told["signal"]) < 0
    await talk.choose("entity")
    picked = talk.filled_in()["entity_id"]
    assert picked.startswith("binary_sensor.")
    await talk.answer(entity_id=picked, **PLACE)
    talk.at("says")
    assert talk.told == {"state": "on", "taken": "occupied"}
    await talk.answer(inverted=False)
    await talk.choose("finish")
    await hass.async_block_till_done()
    [sensed] = demo_home.runtime_data.devices.sensed.values()
    assert sensed.reading.name == "ACTIVE"
    await mat.say("occupancy", on=False)
    await until(lambda: sensed.reading.name == "IDLE", what="out of bed")


async def test_a_button_that_encrypts_is_asked_for_its_key_and_calls_once_a_press(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    pendant = await ble.air.add(BthomeSensor(ADDRESS.format(2), "Call 2", key=KEY, triggered=True))
    # It has only said that it is there: a press that was heard before is replayed to whoever adds it.
    await until_found(hass, "bthome")
    talk = await hears(hass, demo_home, "help_button")
    await talk.answer(address=pendant.address)
    talk.at("hand_over")
    assert talk.told["asks"] == "Bindkey"
    await talk.answer(asked=KEY[::-1].hex())
    assert talk.errors == {"asked": "asked_refused"}
    assert "could not be decrypted" in talk.told["problem"]
    await talk.answer(asked=f" {KEY.hex()} ")
    talk.at("heard_nothing")
    await pendant.press()
    await until(
        lambda: [e for e in hass.states.async_entity_ids("event") if "call_2" in e],
        what="its first press",
    )
    await talk.choose("hear_done")
    talk.at("heard")
    await talk.choose("entity")
    picked = talk.filled_in()["entity_id"]
    assert picked.startswith("event.")
    await talk.answer(entity_id=picked, **PLACE)
    await talk.choose("finish")
    await hass.async_block_till_done()
    home = demo_home.runtime_data
    # What Home Assistant has kept of its last press is none now.
    assert home.ledger.open_alarms() == []
    await pendant.press()
    await until(home.ledger.open_alarms, what="the call")
    await pendant.repeat()
    await pendant.replay(pendant.counter - 1)
    await hass.async_block_till_done()
    [call] = home.ledger.open_alarms()
    assert (call.source.number, call.presses) == (1, 1)


async def test_one_that_is_heard_too_weakly_is_not_approved_until_it_is(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    """R39."""
    mat = await ble.air.add(BthomeSensor(ADDRESS.format(3), "Mat 3"))
    ble.proxy.rssi[mat.address] = -97
    await mat.say("occupancy", on=True)
    await until_found(hass, "bthome")
    talk = await hears(hass, demo_home, "bed")
    await until(lambda: "-97 dBm" in shown(talk)[mat.address], what="the weak signal")
    await talk.answer(address=mat.address)
    talk.at("heard_weak")
    assert (talk.told["signal"], talk.told["limit"]) == ("-97", "-92")
    await talk.choose("hear_done")
    talk.at("heard_weak")
    ble.proxy.rssi[mat.address] = -60
    await mat.say("occupancy", on=False)
    await until(lambda: _rssi(hass, mat) == -60, what="the move")
    await talk.choose("hear_done")
    talk.at("heard")


def _rssi(hass: HomeAssistant, device: Peripheral) -> int | None:
    from homeassistant.components import bluetooth  # noqa: PLC0415

    info = bluetooth.async_last_service_info(hass, device.address, connectable=False)
    return None if info is None else info.rssi


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_column_is_added_by_idasen_desk_which_asks_nobody(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    """Its own debouncer outlives its unloading: the timers that linger are its own."""
    column = await ble.air.add(Column(ADDRESS.format(4), "Lift 4", speed=4000))
    await until_found(hass, "idasen_desk")
    talk = await hears(hass, demo_home, "lift")
    await talk.answer(address=column.address)
    talk.at("heard")
    await talk.choose("entity")
    assert talk.filled_in()["entity_id"].startswith("cover.")
    await talk.close()
    [entry] = hass.config_entries.async_entries("idasen_desk")
    await hass.config_entries.async_unload(entry.entry_id)


async def test_one_that_nobody_knows_cannot_be_chosen_and_looking_again_finds_the_next(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    stranger = await ble.air.add(Peripheral(ADDRESS.format(5), "Toy 5"))
    await until(lambda: _rssi(hass, stranger) is not None, what="the toy")
    talk = await hears(hass, demo_home, "bed")
    assert shown(talk)[stranger.address].endswith("?")
    await talk.answer(address=stranger.address)
    assert talk.errors == {"address": "nobodys_device"}
    mat = await ble.air.add(BthomeSensor(ADDRESS.format(6), "Mat 6"))
    await until_found(hass, "bthome")
    await talk.answer(address="again")
    # What can be used stands first.
    assert list(shown(talk)) == [mat.address, stranger.address]


async def test_one_that_somebody_has_added_meanwhile_is_told_and_is_there_at_the_next_look(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    mat = await ble.air.add(BthomeSensor(ADDRESS.format(7), "Mat 7"))
    await mat.say("occupancy", on=True)
    await until_found(hass, "bthome")
    talk = await hears(hass, demo_home, "bed")
    [flow] = hass.config_entries.flow.async_progress_by_handler("bthome")
    await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    await hass.async_block_till_done()
    await talk.answer(address=mat.address)
    talk.at("hear_failed")
    await talk.choose("hear")
    assert shown(talk)[mat.address].endswith("✓")
    await talk.answer(address=mat.address)
    talk.at("heard")


async def test_without_a_radio_that_hears_there_is_no_such_choice(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    await ble.dies(ble.proxy)
    talk = await Talk.add(hass, demo_home, "device")
    await talk.answer(role="bed")
    talk.at("entity")
