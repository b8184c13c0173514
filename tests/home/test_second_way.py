"""The second way and a family's own receiver, as a person sees them: sensors, devices, what is told."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.kvarbo.const import DOMAIN
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import StartHome, by_unique_id, entity, make_entry, said
from .test_issues import there
from .test_path import change_way, municipality, quick

__all__ = ["municipality", "quick"]

#: The first interface is nowhere; the second is there on every machine.
WAYS = {"way": "interface", "interface": "kvarbo-none", "second": "lo"}


def scaip(municipality: Municipality, order: int, reached_by: str) -> ConfigSubentryData:
    assert municipality.scaip is not None
    return ConfigSubentryData(
        data={
            "protocol": "scaip",
            "url": f"sip:larm@127.0.0.1:{municipality.scaip.ports['tcp']};transport=tcp",
            "username": "4711",
            "password": "s3cret",
            "takes": "alarms",
            "language": "en",
            "profile": "mrq",
            "heartbeat": 300,
            "order": order,
            "reached_by": reached_by,
        },
        subentry_type="receiver",
        title=f"SCAIP by {reached_by}",
        unique_id=None,
    )


async def started(start_home: StartHome, *receivers: ConfigSubentryData, way: Any) -> Home:
    entry = make_entry(*receivers, demo=False)
    object.__setattr__(entry, "data", {**entry.data, "way_out": way})
    return await start_home(entry)


async def test_loss_of_the_first_way_arrives_by_the_second(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome, quick: None
) -> None:
    home = await started(
        start_home, scaip(municipality, 1, "home"), scaip(municipality, 2, "second"), way=WAYS
    )
    first, second = (entity(hass, home, "sensor", key) for key in ("path", "second_path"))
    await until(lambda: said(hass, first) == "down", what="the loss")
    await until(lambda: said(hass, second) == "up", what="the second way")
    await there(hass, "path_lost_hub")
    await until(
        lambda: any(a["kind"] == "Path lost" for a in municipality.state(None)["alarms"]),
        what="the loss over the second way",
    )
    reached = {
        key: hass.states.get(by_unique_id(hass, "binary_sensor", f"{key}_reached"))
        for key in (subentry.subentry_id for subentry in home.receivers())
    }
    assert [s and s.attributes["reached_by"] for s in reached.values()] == ["home", "second"]


async def test_second_way_has_a_sensor_as_soon_as_there_is_one(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome, quick: None
) -> None:
    home = await started(start_home, scaip(municipality, 1, "home"), way={"way": "router"})
    unique_id = f"{home.entry.entry_id}_second_path"
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("sensor", DOMAIN, unique_id) is None
    change_way(hass, home, WAYS)
    await until(
        lambda: registry.async_get_entity_id("sensor", DOMAIN, unique_id) is not None,
        what="the sensor",
    )
    second = entity(hass, home, "sensor", "second_path")
    change_way(hass, home, {**WAYS, "second": "kvarbo-no2"})
    await until(lambda: said(hass, second) == "down", what="the second way's loss")
    issue = await there(hass, "path_lost_second")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["words"] == "kvarbo-no2"
    change_way(hass, home, {"way": "router"})
    await until(lambda: said(hass, second) == "unknown", what="the end of the second way")


@pytest.mark.parametrize("private", [True, False])
async def test_a_familys_own_receiver_is_shown_for_what_it_is(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome, private: bool
) -> None:
    own = scaip(municipality, 1, "private" if private else "home")
    own["data"] = {**own["data"], "url": "sips:larm@127.0.0.1:9"}
    home = await started(start_home, own, way={"way": "private" if private else "router"})
    [receiver] = home.receivers()
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, receiver.subentry_id), home.entry.entry_id
    )
    assert device is not None
    assert (device.model == "Private receiver: not a municipal chain") is private
    state = hass.states.get(entity(hass, home, "sensor", "way_out"))
    assert state is not None
    assert (state.state, state.attributes["private_receivers"]) == (
        ("private", 1) if private else ("router", 0)
    )
    # It is told when it becomes the other.
    changed = {**receiver.data, "reached_by": "home" if private else "private"}
    hass.config_entries.async_update_subentry(home.entry, receiver, data=changed)
    await until(
        lambda: (
            (
                d := dr.async_get(hass).async_get_device_by_identifier(
                    (DOMAIN, receiver.subentry_id), home.entry.entry_id
                )
            )
            is not None
            and (d.model == "Receiver") is private
        ),
        what="the change of the device",
    )
    await until(
        lambda: (
            (s := hass.states.get(state.entity_id)) is not None
            and s.attributes["private_receivers"] == (0 if private else 1)
        ),
        what="the change of the sensor",
    )
