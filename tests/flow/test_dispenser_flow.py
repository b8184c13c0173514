"""A medicine dispenser of our own profile is found in the air, met, and added from our own dialog."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.devices import dispenser_link
from custom_components.kvarbo.devices.bluetooth import heard_devices
from simulator.ble import Dispenser
from simulator.testing import until
from simulator.testing_ble import Listening, ble

from .talk import Talk
from .test_device_bluetooth import hears, shown

__all__ = ["ble"]

ADDRESS = "C0:00:00:00:06:{:02X}"
PLACE = {"location": "kitchen", "resident": 1}


async def until_heard(hass: HomeAssistant, home: ConfigEntry[Any], one: Dispenser) -> Talk:
    await until(lambda: rssi(hass, one) is not None, what="it to be heard")
    return await hears(hass, home, "dispenser")


def rssi(hass: HomeAssistant, one: Dispenser) -> int | None:
    found = (heard.rssi for heard in heard_devices(hass) if heard.address == one.address)
    return next(found, None)


async def test_it_is_met_and_says_what_it_is_taken_for(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    one = await ble.air.add(Dispenser(ADDRESS.format(1), "Pills 1", doses=9))
    await one.due()
    talk = await until_heard(hass, demo_home, one)
    assert shown(talk)[one.address].endswith("kvarbo")
    await talk.answer(address=one.address)
    talk.at("dispenser")
    assert (talk.told["taken"], talk.told["left"], talk.told["battery"]) == (
        "a dose waits",
        "9",
        "100 %",
    )
    await talk.answer(location="kitchen", resident=10)
    assert talk.errors == {"resident": "resident_range"}
    await talk.answer(**PLACE)
    talk.at("ready")
    await talk.choose("finish")
    await hass.async_block_till_done()
    [sensed] = demo_home.runtime_data.devices.sensed.values()
    assert sensed.source == {"type": "dispenser", "address": one.address}
    await until(lambda: sensed.reading.name == "ACTIVE", what="the dose that waits")
    await one.take()
    await until(lambda: sensed.reading.name == "IDLE", what="the dose that was taken")


async def test_one_that_is_a_device_already_is_refused_with_its_number(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    one = await ble.air.add(Dispenser(ADDRESS.format(2), "Pills 2"))
    first, second = [await until_heard(hass, demo_home, one) for _ in range(2)]
    for talk in (first, second):
        await talk.answer(address=one.address)
        talk.at("dispenser")
    await first.answer(**PLACE)
    await first.choose("finish")
    await hass.async_block_till_done()
    await second.answer(**PLACE)
    assert second.errors == {"base": "source_taken"}
    assert second.told["number"] == "1"


async def test_for_another_role_it_is_nobodys(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], ble: Listening
) -> None:
    one = await ble.air.add(Dispenser(ADDRESS.format(3), "Pills 3"))
    await until_heard(hass, demo_home, one)
    talk = await hears(hass, demo_home, "bed")
    assert shown(talk)[one.address].endswith("?")
    await talk.answer(address=one.address)
    assert talk.errors == {"address": "nobodys_device"}


@pytest.mark.parametrize("page", ["dispenser_weak", "dispenser_silent", "not_a_dispenser"])
async def test_one_that_cannot_be_met_is_told_why_and_can_be_tried_again(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    ble: Listening,
    page: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispenser_link, "ANSWER", 0.5)
    one = await ble.air.add(Dispenser(ADDRESS.format(4), "Pills 4"))
    if page == "dispenser_weak":
        ble.proxy.rssi[one.address] = -97
    elif page == "dispenser_silent":
        one.answers.clear()
    else:
        one.garbled = bytes(10)
    talk = await until_heard(hass, demo_home, one)
    await talk.answer(address=one.address)
    talk.at(page)
    assert talk.told["name"] == "Pills 4"
    one.answers.set()
    one.garbled = None
    ble.proxy.rssi[one.address] = -50
    await until(lambda: not one.device.connections, what="the link's end")
    await until(lambda: rssi(hass, one) == -50, what="it to be heard well")
    await talk.choose("hear")
    await talk.answer(address=one.address)
    talk.at("dispenser")
    assert demo_home.runtime_data.devices.sensed == {}
