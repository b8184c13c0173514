"""By which way a receiver is reached: the home's, a second one, or none of the municipality's."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.kvarbo.receivers import (
    MqttReceiverSettings,
    ReceiverSettingsError,
    ScaipReceiverSettings,
    all_settings,
    async_outlet,
    read_settings,
)
from custom_components.kvarbo.transmission.outlet import Road
from custom_components.kvarbo.transmission.tunnel import Enforcement, Tunnel
from custom_components.kvarbo.way_out import is_private

from .conftest import SetUp
from .talk import Talk

REST = {
    "url": "https://127.0.0.1:9/v1",
    "token": "secret-token",
    "takes": "alarms",
    "language": "sv",
    "advanced": False,
}
ADVANCED = {"heartbeat": 5, "order": 1}
SECOND = {"way": "interface", "interface": "kvarbo-none", "second": "lo"}
SCAIP = {"protocol": "scaip", "url": "sip:larm@127.0.0.1:5060", "password": "s3cret"}
MQTT = {"protocol": "mqtt", "url": "mqtts://127.0.0.1", "username": "u", "password": "s3cret"}


def way(hass: HomeAssistant, entry: ConfigEntry[Any], way_out: dict[str, Any]) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, "way_out": way_out})


async def add(
    hass: HomeAssistant, entry: ConfigEntry[Any], advanced: dict[str, Any] | None = None
) -> dict[str, str]:
    """Add a receiver that does not answer, and save it all the same where the forms are right."""
    talk = await Talk.add(hass, entry, "receiver")
    await talk.answer(**{**REST, "advanced": advanced is not None})
    if advanced is not None:
        talk.at("advanced")
        await talk.answer(**ADVANCED, **advanced)
    if talk.page["type"] is FlowResultType.FORM:
        return talk.errors
    talk.at("proof_failed")
    await talk.choose("save")
    return {}


async def test_one_receiver_may_be_reached_by_both_ways_and_by_each_once(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    entry = await set_up(demo=False)
    await add(hass, entry)
    assert (await add(hass, entry)) == {"url": "same_receiver"}
    second = {"reached_by": "second"}
    assert (await add(hass, entry, second)) == {"reached_by": "no_second_way"}
    way(hass, entry, SECOND)
    assert (await add(hass, entry, {"reached_by": "home"})) == {"reached_by": "same_receiver"}
    await add(hass, entry, second)
    await hass.async_block_till_done()
    roads = {line.outlet.road for line in entry.runtime_data.chain.transmitter.lines}
    assert roads == {Road.HOME, Road.SECOND}
    *_, stored = entry.subentries.values()
    talk = await Talk.change(hass, entry, stored)
    await talk.answer(**{**REST, "advanced": True, "token": ""})
    shown = {
        str(key): key.description["suggested_value"]
        for key in talk.page["data_schema"].schema
        if key.description
    }
    assert shown["reached_by"] == "second"


async def test_a_home_without_a_vpn_reaches_a_familys_own_receiver_alone(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    entry = await set_up(demo=False)
    way(hass, entry, {"way": "private"})
    assert (await add(hass, entry, {"reached_by": "home"})) == {"reached_by": "no_home_way"}
    await add(hass, entry, {"reached_by": "private"})
    await hass.async_block_till_done()
    [stored] = entry.subentries.values()
    assert is_private(stored.data)
    outlet = await async_outlet(hass, entry, stored)
    assert outlet.road is Road.PRIVATE
    way_out = (Tunnel(enforcement=Enforcement.PRIVATE), None)
    assert all_settings(entry, stored)["way_out"] == way_out


async def test_second_way_that_was_taken_away_is_told_of_its_receiver(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    entry = await set_up(demo=False)
    way(hass, entry, SECOND)
    await add(hass, entry, {"reached_by": "second"})
    way(hass, entry, {"way": "router"})
    await hass.async_block_till_done()
    [error] = entry.runtime_data.receiver_errors.values()
    assert [(f.field, f.problem) for f in error.flaws] == [("reached_by", "no_second_way")]
    assert "second" in str(error.problem)


@pytest.mark.parametrize(
    ("more", "is_taken"),
    [
        ({"transport": "tls"}, True),
        ({"url": "sips:larm@127.0.0.1"}, True),
        ({"transport": "tcp"}, False),
        ({"transport": "udp"}, False),
        ({"transport": "tls", "proxy": "sip:127.0.0.1;transport=tcp"}, False),
    ],
)
def test_a_private_scaip_receiver_is_spoken_to_by_tls_alone(
    more: dict[str, Any], is_taken: bool
) -> None:
    data = {**SCAIP, "reached_by": "private", **more}
    if is_taken:
        assert isinstance(read_settings(data, demo=False, controller="4711"), ScaipReceiverSettings)
        return
    with pytest.raises(ReceiverSettingsError) as caught:
        read_settings(data, demo=False, controller="4711")
    assert [(f.field, f.problem) for f in caught.value.flaws] == [
        ("reached_by", "private_needs_tls")
    ]


@pytest.mark.parametrize("data", [REST, SCAIP, MQTT])
@pytest.mark.parametrize("kept", ["elsewhere", 5, None, ["home"]])
def test_a_way_that_is_none_is_a_flaw(data: dict[str, Any], kept: Any) -> None:
    with pytest.raises(ReceiverSettingsError) as caught:
        read_settings({**data, "reached_by": kept}, demo=False, controller="4711")
    assert ("reached_by", "unknown_choice") in [(f.field, f.problem) for f in caught.value.flaws]
    assert not is_private({**data, "reached_by": kept})


def test_two_ways_to_one_broker_are_two_sessions() -> None:
    names = set()
    for road in ("home", "second"):
        settings = read_settings({**MQTT, "reached_by": road}, demo=False, controller="4711")
        assert isinstance(settings, MqttReceiverSettings)
        names.add(settings.settings.client_id)
    assert len(names) == 2
