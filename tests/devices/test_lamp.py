"""A device's own lamp is put out where it has a setting for it, and nothing is claimed where it has none (R16)."""

from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.devices.lamp import Lamp, put_out


@pytest.fixture
def device(hass: HomeAssistant) -> dr.DeviceEntry:
    entry = MockConfigEntry(domain="other")
    entry.add_to_hass(hass)
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("other", "one")}
    )


@pytest.fixture
def asked(hass: HomeAssistant) -> list[tuple[str, dict[str, Any]]]:
    """What the device's own integration was asked for; a device that is called broken refuses."""
    calls: list[tuple[str, dict[str, Any]]] = []

    async def take(call: ServiceCall) -> None:
        calls.append((f"{call.domain}.{call.service}", dict(call.data)))
        if "broken" in str(call.data["entity_id"]):
            raise HomeAssistantError("no answer")

    for domain, action in (
        ("switch", "turn_on"),
        ("switch", "turn_off"),
        ("number", "set_value"),
    ):
        hass.services.async_register(domain, action, take)
    return calls


def setting(
    hass: HomeAssistant,
    device: dr.DeviceEntry,
    entity_id: str,
    key: str,
    state: str | None,
    **attributes: Any,
) -> str:
    domain, name = entity_id.split(".")
    er.async_get(hass).async_get_or_create(
        domain,
        "other",
        name,
        device_id=device.id,
        suggested_object_id=name,
        translation_key=key,
    )
    if state is not None:
        hass.states.async_set(entity_id, state, attributes)
    return entity_id


async def test_each_kind_of_setting_is_set_to_dark(
    hass: HomeAssistant, device: dr.DeviceEntry, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    setting(hass, device, "switch.blink", "heartbeat_indicator", "on")
    setting(hass, device, "switch.never", "disable_led", "off")
    setting(hass, device, "number.light", "led_brightness", "80", min=0, max=100)
    setting(hass, device, "switch.kettle", "kettle", "on")
    setting(hass, device, "number.delay", "delay", "5", min=0)
    assert await put_out(hass, device.id) is Lamp.DARK
    assert sorted(asked, key=str) == [
        ("number.set_value", {"entity_id": "number.light", "value": 0}),
        ("switch.turn_off", {"entity_id": "switch.blink"}),
        ("switch.turn_on", {"entity_id": "switch.never"}),
    ]


async def test_what_is_dark_already_is_left_alone(
    hass: HomeAssistant, device: dr.DeviceEntry, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    setting(hass, device, "switch.blink", "led_indicator", "off")
    setting(hass, device, "number.light", "red_led_brightness", "1", min=1)
    assert await put_out(hass, device.id) is Lamp.DARK
    assert asked == []


async def test_one_that_refuses_is_told_whatever_the_others_do(
    hass: HomeAssistant, device: dr.DeviceEntry, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    setting(hass, device, "switch.broken", "led_indicator", "on")
    setting(hass, device, "switch.blink", "heartbeat_indicator", "on")
    assert await put_out(hass, device.id) is Lamp.REFUSED
    assert len(asked) == 2


async def test_without_a_device_or_a_setting_nothing_is_known(
    hass: HomeAssistant, device: dr.DeviceEntry
) -> None:
    assert await put_out(hass, None) is Lamp.UNKNOWN
    assert await put_out(hass, device.id) is Lamp.UNKNOWN
    # A setting that says nothing yet is none that could be set.
    setting(hass, device, "switch.blink", "led_indicator", None)
    assert await put_out(hass, device.id) is Lamp.UNKNOWN
