"""The devices of a lived-in home, joined to the unmodified ZHA by its real permit-join."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State
import pytest

from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator, SimDevice
from simulator.zigbee.kinds import (
    ChairMat,
    DimmableLamp,
    MedicineDispenser,
    PowerPlug,
    SmokeDetector,
    ToiletLift,
    WaterSensor,
)
from simulator.zigbee.zcl import LEVEL, ON_OFF

IEEE = "02:00:00:00:00:00:00:01"


async def state_of(hass: HomeAssistant, entity_id: str, wanted: str) -> State:
    def look() -> State | None:
        state = hass.states.get(entity_id)
        return state if state is not None and state.state == wanted else None

    return await until(look, what=f"{entity_id} to be {wanted}")


async def entity_of(
    hass: HomeAssistant, device: SimDevice, domain: str, device_class: str | None = None
) -> str:
    return await until(
        lambda: zha_entity(hass, device, domain, device_class), what=f"a {domain} entity"
    )


@pytest.mark.parametrize(
    ("kind", "on", "off", "device_class"),
    [
        (ChairMat, "sit_down", "stand_up", "opening"),
        (WaterSensor, "wet", "dry", "moisture"),
        (SmokeDetector, "smoke", "clear", "smoke"),
        (ToiletLift, "raise_seat", "lower_seat", "opening"),
        (MedicineDispenser, "open", "close", "opening"),
    ],
)
async def test_a_sensor_of_use_turns_on_and_off(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    kind: type[ChairMat],
    on: str,
    off: str,
    device_class: str,
) -> None:
    sensor = kind(IEEE)
    await pair(hass, radio, sensor)
    zone = await entity_of(hass, sensor, "binary_sensor")
    assert (await state_of(hass, zone, "off")).attributes["device_class"] == device_class
    getattr(sensor, on)()
    await state_of(hass, zone, "on")
    getattr(sensor, off)()
    await state_of(hass, zone, "off")


async def test_a_plug_measures_and_is_switched(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    plug = PowerPlug(IEEE)
    await pair(hass, radio, plug)
    switch = await entity_of(hass, plug, "switch")
    power = await entity_of(hass, plug, "sensor", "power")
    await state_of(hass, switch, "on")
    plug.draw(1850.5)
    await state_of(hass, power, "1850.5")
    await hass.services.async_call("switch", "turn_off", {"entity_id": switch}, blocking=True)
    await state_of(hass, power, "0.0")
    assert plug.show() == {"on": False, "watts": 0.0}
    plug.turn(on=True)
    await state_of(hass, switch, "on")
    await state_of(hass, power, "1850.5")


async def test_a_lamp_is_dimmed(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    lamp = DimmableLamp(IEEE)
    await pair(hass, radio, lamp)
    light = await entity_of(hass, lamp, "light")
    await state_of(hass, light, "off")
    await hass.services.async_call(
        "light", "turn_on", {"entity_id": light, "brightness": 60}, blocking=True
    )
    state = await state_of(hass, light, "on")
    assert state.attributes["brightness"] == 60
    await until(lambda: lamp.show() == {"on": True, "level": 60}, what="the lamp to be dim")
    await hass.services.async_call("light", "turn_off", {"entity_id": light}, blocking=True)
    await until(lambda: not lamp.is_on, what="the lamp to go out")
    await state_of(hass, light, "off")


def send(device: SimDevice, cluster: int, name: str, **fields: Any) -> Any:
    return device.command(device.endpoints[1], cluster, name, fields)


def test_a_lamp_does_what_it_is_told_and_nothing_else() -> None:
    lamp = DimmableLamp(IEEE)
    for name, fields, shown in (
        ("move_to_level", {"level": 9}, {"on": False, "level": 9}),
        ("move_to_level_with_on_off", {"level": 255}, {"on": True, "level": 254}),
        ("move_to_level_with_on_off", {"level": 0}, {"on": False, "level": 254}),
    ):
        assert send(lamp, LEVEL, name, **fields) is None
        assert lamp.show() == shown
    assert send(lamp, LEVEL, "move", rate=1) is not None
    assert send(lamp, ON_OFF, "toggle") is None
    assert lamp.is_on
    assert send(lamp, ON_OFF, "on_with_timed_off") is not None
    assert send(lamp, 0x0003, "identify") is None
    assert lamp.show() == {"on": True, "level": 254}


def test_a_plug_remembers_what_hangs_on_it() -> None:
    plug = PowerPlug(IEEE)
    plug.draw(40)
    plug.turn(on=False)
    again = PowerPlug(IEEE)
    again.recall(plug.memory())
    assert again.show() == {"on": False, "watts": 0.0}
    again.turn(on=True)
    assert again.watts == 40
