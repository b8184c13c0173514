"""An MQTT receiver is typed, proved by a heartbeat through the broker, saved, changed, and its password renewed."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
import pytest_asyncio

from custom_components.kvarbo.diagnostics import async_get_config_entry_diagnostics
from custom_components.kvarbo.receivers import (
    MqttReceiverSettings,
    ReceiverSettingsError,
    async_outlet,
    host_of,
    read_settings,
)
from custom_components.kvarbo.transmission.mqtt.mqtt import MqttReceiver
from simulator.municipality import Municipality
from simulator.municipality.faults import By, Mode
from simulator.municipality.mqtt_port import MqttOptions
from simulator.testing import until
from simulator.testing_municipality import TOKEN

from .talk import Talk

PASSWORD = "s3cret-of-one-home"


@pytest_asyncio.fixture
async def municipality(socket_enabled: None) -> AsyncGenerator[Municipality]:
    """Takes MQTT beside REST."""
    async with Municipality(token=TOKEN, mqtt=MqttOptions(users={"4711": PASSWORD})) as running:
        yield running


@pytest.fixture
def mqtt(municipality: Municipality) -> dict[str, Any]:
    """A right answer to the first form."""
    assert municipality.mqtt is not None
    return {
        "url": municipality.mqtt.url,
        "username": "4711",
        "password": PASSWORD,
        "takes": "alarms",
        "language": "sv",
        "advanced": False,
    }


async def added(
    hass: HomeAssistant, home: ConfigEntry[Any], mqtt: dict[str, Any]
) -> ConfigSubentry:
    talk = await Talk.add(hass, home, "receiver", "mqtt")
    await talk.answer(**mqtt)
    talk.at("proved")
    await talk.answer()
    return list(home.subentries.values())[-1]


async def test_an_mqtt_receiver_is_proved_before_it_is_saved(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    mqtt: dict[str, Any],
) -> None:
    assert municipality.mqtt is not None
    talk = await Talk.add(hass, demo_home, "receiver", "mqtt")
    talk.at("mqtt")
    assert talk.filled_in()["username"] == "4711"
    await talk.answer(**mqtt)
    talk.at("proved")
    assert not demo_home.subentries
    await talk.answer()
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY
    [subentry] = demo_home.subentries.values()
    port = municipality.mqtt.broker.port
    assert subentry.title == f"127.0.0.1:{port}"
    assert dict(subentry.data) == {
        "protocol": "mqtt",
        "url": f"mqtt://127.0.0.1:{port}",
        "username": "4711",
        "password": PASSWORD,
        "takes": "alarms",
        "language": "sv",
        "profile": "kvarbo",
        "heartbeat": 300,
        "order": 1,
    }
    home = demo_home.runtime_data
    await until(
        lambda: (reach := home.reach(subentry.subentry_id)) and reach.reached,
        what="the home to use it",
    )
    told = await async_get_config_entry_diagnostics(hass, demo_home)
    assert PASSWORD not in str(told)
    raised = await home.test_hub("tester")
    await until(lambda: municipality.state(None)["alarms"], what="the test at the municipality")
    assert municipality.state(None)["alarms"][0]["alarm"] == raised.alarm.id
    assert municipality.mqtt.broker.complaints == []


async def test_what_is_wrong_is_told_by_the_far_end_itself(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    mqtt: dict[str, Any],
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver", "mqtt")
    await talk.answer(**{**mqtt, "password": "wrong"})
    talk.at("proof_failed")
    assert "Meddelandeservern avvisade det" in talk.told["words"]
    await talk.choose("edit")
    talk.at("mqtt")
    assert "password" not in talk.filled_in()
    await municipality.set_fault(Mode.DOWN, by=By.MQTT)
    await talk.answer(**mqtt)
    assert talk.told["words"] == "Anslutningen nekades"
    await municipality.set_fault(None)
    await talk.choose("prove")
    talk.at("proved")


NO_SETTINGS = [
    ({"url": "https://127.0.0.1"}, {"url": "not_mqtts"}),
    ({"url": "larm.example.se"}, {"url": "demo_not_local"}),
    ({"url": "mqtt://larm.example.se"}, {"url": "plain_mqtt_not_local"}),
    ({"url": "mqtt://127.0.0.1:0"}, {"url": "bad_port"}),
    ({"username": "a\tb"}, {"username": "not_printable"}),
    ({"password": "x" * 2000}, {"password": "too_long"}),
]


async def test_what_cannot_be_is_told_at_its_field(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    mqtt: dict[str, Any],
    subtests: pytest.Subtests,
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver", "mqtt")
    await talk.answer(**{**mqtt, "password": ""})
    assert talk.errors == {"password": "no_credentials"}
    for typed, errors in NO_SETTINGS:
        with subtests.test(typed=str(typed)[:60]):
            await talk.answer(**{**mqtt, **typed})
            assert talk.errors == errors


async def test_further_settings_are_read_kept_and_refused_by_field(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], mqtt: dict[str, Any]
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver", "mqtt")
    await talk.answer(**{**mqtt, "password": "", "advanced": True})
    talk.at("advanced")
    more: dict[str, Any] = {"heartbeat": 10, "order": 2}
    await talk.answer(**more)
    assert talk.errors == {"client_certificate": "no_credentials"}
    await talk.answer(**more, profile='{"schema": 1}')
    assert talk.errors["profile"] == "missing"
    talk = await Talk.add(hass, demo_home, "receiver", "mqtt")
    await talk.answer(**{**mqtt, "advanced": True})
    await talk.answer(**more)
    talk.at("proved")
    await talk.answer()
    [subentry] = demo_home.subentries.values()
    assert (subentry.data["heartbeat"], subentry.data["order"]) == (600, 2)


async def test_it_is_changed_by_its_own_form(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], mqtt: dict[str, Any]
) -> None:
    subentry = await added(hass, demo_home, mqtt)
    talk = await Talk.change(hass, demo_home, subentry)
    talk.at("mqtt")
    assert talk.filled_in()["url"] == mqtt["url"]
    await talk.answer(**{**mqtt, "password": "", "language": "en"})
    talk.at("proved")
    await talk.answer()
    changed = demo_home.subentries[subentry.subentry_id]
    assert (changed.data["language"], changed.data["password"]) == ("en", PASSWORD)


async def test_a_new_password_is_asked_for(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    mqtt: dict[str, Any],
) -> None:
    assert municipality.mqtt is not None
    subentry = await added(hass, demo_home, mqtt)
    municipality.mqtt.broker.users["4711"] = "another"
    talk = await Talk.renew(hass, demo_home, subentry.subentry_id)
    talk.at("reauth_confirm")
    await talk.answer(username="4711")
    assert talk.errors == {"password": "empty"}
    await talk.answer(username="4711", password="another")
    assert talk.reason == "reauth_successful"
    assert demo_home.subentries[subentry.subentry_id].data["password"] == "another"


async def test_stored_settings_make_a_receiver_or_a_flaw(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], mqtt: dict[str, Any]
) -> None:
    subentry = await added(hass, demo_home, mqtt)
    outlet = await async_outlet(hass, demo_home, subentry)
    assert isinstance(outlet.receiver, MqttReceiver)
    settings = read_settings(subentry.data, demo=True, controller="4711")
    assert isinstance(settings, MqttReceiverSettings)
    assert host_of("mqtts://larm.example.se:8883") == "larm.example.se:8883"
    with pytest.raises(ReceiverSettingsError) as caught:
        read_settings({**subentry.data, "url": 7}, demo=True, controller="4711")
    assert caught.value.field == "url"
    with pytest.raises(ReceiverSettingsError) as caught:
        read_settings({**subentry.data, "client_key": "x"}, demo=True, controller="4711")
    assert caught.value.field == "client_key"
