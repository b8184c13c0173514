"""The dialog of a device with the real ZHA: a wall button from the air to an alarm."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from simulator.testing import pair, until
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import WallButton

from .talk import Talk

IEEE = "02:00:00:00:00:00:0a:01"
PLACE = {"location": "bathroom", "resident": 1}


async def test_a_wall_button_is_chosen_and_calls(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    button = WallButton(IEEE)
    remote = await pair(hass, radio, button)
    [stick] = [
        device
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), zha.entry_id)
        if device.id != remote.id
    ]
    talk = await Talk.add(hass, demo_home, "device")
    await talk.answer(role="help_button")
    await talk.choose("remote")
    await talk.answer(device_id=stick.id, **PLACE)
    assert talk.errors == {"device_id": "radio_stick"}
    await talk.answer(device_id=remote.id, **PLACE)
    await talk.choose("finish")
    [subentry] = demo_home.subentries.values()
    assert subentry.data["source"] == {"type": "zha_event", "ieee": IEEE}
    await hass.async_block_till_done()
    button.press()
    await until(
        lambda: hass.states.is_state("binary_sensor.flat_12_open_alarm", "on"),
        what="the home to hear it",
    )
