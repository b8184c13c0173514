"""An installation in a real home: what happens ticks itself, closing is refused until all is proven or left (R57)."""

from datetime import timedelta
from typing import Any

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.kvarbo.commissioning.items import Step
from custom_components.kvarbo.health import read_health
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.installation import MARKER
from custom_components.kvarbo.role import roles_of
from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import (
    CORD,
    StartHome,
    add_subentry,
    button,
    entity,
    entity_source,
    make_entry,
    receiver,
    said,
)
from .test_issues import gone, there

HALL = "binary_sensor.hall"


def motion(number: int = 2, source: str = "hall", room: str = "hallway") -> ConfigSubentryData:
    data = {
        "number": number,
        "role": "motion",
        "location": room,
        "resident": 0,
        "source": entity_source("binary_sensor", source),
    }
    return ConfigSubentryData(
        data=data,
        subentry_type="device",
        title=f"Motion sensor {number}",
        unique_id=f"device-{number}",
    )


@pytest.fixture
async def place(
    hass: HomeAssistant, sources: None, municipality: Municipality, start_home: StartHome
) -> Home:
    """A home with a cord and a motion sensor, whose receiver answers; its review lies ahead."""
    for name in ("hall", "kitchen", "spare"):
        er.async_get(hass).async_get_or_create(
            "binary_sensor", "test", name, suggested_object_id=name
        )
        hass.states.async_set(f"binary_sensor.{name}", "off")
    hass.states.async_set(CORD, "off")
    cord = button(1, entity_source("binary_sensor", "cord"), "bathroom")
    entry = make_entry(receiver(municipality.url), cord, motion())
    home = await start_home(entry)
    ahead = (dt_util.now() + timedelta(days=180)).date().isoformat()
    hass.config_entries.async_update_entry(entry, data={**entry.data, "review": ahead})
    await until(home.any_reached, what="the receiver")
    home.check.look()
    await until(lambda: home.check.proof.is_proven, what="the proof of the chain")
    return home


@pytest.fixture
async def technician(hass: HomeAssistant, place: Home) -> User:
    user = MockUser(name="Van").add_to_hass(hass)
    options = {"roles": {user.id: "technician"}}
    hass.config_entries.async_update_entry(place.entry, options=options)
    await hass.async_block_till_done()
    return user


async def act(hass: HomeAssistant, user: User, action: str, **data: Any) -> dict[str, Any]:
    answer: Any = await hass.services.async_call(
        "kvarbo",
        action,
        data,
        blocking=True,
        context=Context(user_id=user.id),
        return_response=True,
    )
    await hass.async_block_till_done()
    return dict(answer)


async def refused(hass: HomeAssistant, user: User, action: str, **data: Any) -> tuple[str, Any]:
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, user, action, **data)
    return str(caught.value.translation_key), caught.value.translation_placeholders


async def is_tested(hass: HomeAssistant, home: Home, user: User) -> None:
    await act(hass, user, "test_alarm", device=1)
    hass.states.async_set(CORD, "on")
    await until(lambda: home.installation.progress.devices[1].tested_at, what="the test's receipt")
    hass.states.async_set(CORD, "off")
    await hass.async_block_till_done()


async def test_from_the_van_to_the_signature(
    hass: HomeAssistant, place: Home, technician: User
) -> None:
    state = entity(hass, place, "sensor", "commissioning")
    assert said(hass, state) == "not_begun"
    told = await act(hass, technician, "begin_commissioning")
    assert told == {
        "state": "open",
        "open": [
            *("window:", "heard:2", "tested:1", "room:hallway"),
            *("lamp:", "address:", "papers:"),
        ],
    }
    assert said(hass, state) == "open"
    issue = await there(hass, "commissioning_open")
    assert issue.translation_placeholders == {"count": "7"}
    assert read_health(place).open_items == 7
    key, placeholders = await refused(hass, technician, "close_commissioning")
    assert key == "not_proven"
    assert placeholders["count"] == "7"
    assert placeholders["items"].startswith("window:, heard:2")

    await act(hass, technician, "note_commissioning", step="window")
    hass.states.async_set(HALL, "on")
    await hass.async_block_till_done()
    assert {"heard:2", "room:hallway"} & {i.key for i in place.installation.open} == set()
    await is_tested(hass, place, technician)
    await act(hass, technician, "note_commissioning", step="lamp", seen=True)
    await act(hass, technician, "note_commissioning", step="address")
    until_then = dt_util.now() + timedelta(days=7)
    told = await act(
        hass,
        technician,
        "leave_open",
        item="papers:",
        reason="coordinator_decides",
        until=until_then.isoformat(),
    )
    assert told["open"] == ["papers:"]
    await gone(hass, "commissioning_open")
    assert read_health(place).open_items == 0

    told = await act(hass, technician, "close_commissioning")
    assert told == {
        "state": "closed_with_gaps",
        "open": ["papers:"],
        "left": ["papers:"],
        "accounts_ended": 1,
    }
    assert said(hass, state) == "closed_with_gaps"
    # The technician's own account has ended with it.
    assert not technician.is_active
    assert roles_of(place.entry) == {}
    assert await refused(hass, technician, "note_commissioning", step="papers") == (
        "not_allowed",
        None,
    )


async def test_what_was_proven_survives_a_restart_and_a_new_device_opens_its_own(
    hass: HomeAssistant, place: Home, hass_admin_user: MockUser
) -> None:
    admin = hass_admin_user
    await act(hass, admin, "begin_commissioning")
    for step in ("window", "lamp", "address", "papers"):
        await act(hass, admin, "note_commissioning", step=step)
    hass.states.async_set(HALL, "on")
    await is_tested(hass, place, admin)
    assert (await act(hass, admin, "close_commissioning"))["state"] == "closed"
    assert admin.is_active, "an administrator's account is not Kvarbo's to end"
    assert await hass.config_entries.async_reload(place.entry.entry_id)
    await hass.async_block_till_done()
    home: Home = place.entry.runtime_data
    await until(home.any_reached, what="the receiver")
    home.check.look()
    await until(lambda: home.check.proof.is_proven, what="the proof")
    home.installation.refresh()
    assert [item.key for item in home.installation.open] == []
    added = add_subentry(hass, home, motion(3, "kitchen", "kitchen"))
    await hass.async_block_till_done()
    assert [item.key for item in home.installation.open] == ["heard:3", "room:kitchen"]
    assert said(hass, entity(hass, home, "sensor", "commissioning")) == "open"
    hass.states.async_set("binary_sensor.kitchen", "on")
    await hass.async_block_till_done()
    assert said(hass, entity(hass, home, "sensor", "commissioning")) == "closed"
    # Another one behind the same number is proven anew.
    hass.states.async_set("binary_sensor.spare", "off")
    hass.config_entries.async_update_subentry(
        home.entry,
        added,
        data={**added.data, "source": entity_source("binary_sensor", "spare")},
    )
    await hass.async_block_till_done()
    assert "heard:3" in [item.key for item in home.installation.open]


async def test_before_it_has_begun_nothing_can_be_noted_left_or_closed(
    hass: HomeAssistant, place: Home, technician: User
) -> None:
    until_then = (dt_util.now() + timedelta(days=1)).isoformat()
    left = {"item": "lamp:", "reason": "centre_busy", "until": until_then}
    for action, data in (
        ("note_commissioning", {"step": "lamp"}),
        ("leave_open", left),
        ("close_commissioning", {}),
    ):
        assert (await refused(hass, technician, action, **data))[0] == "not_begun"
    # Nor does anything tick.
    hass.states.async_set(HALL, "on")
    await hass.async_block_till_done()
    assert MARKER not in place.ledger.markers


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("note_commissioning", {"step": "tested"}, "bad_step"),
        ("note_commissioning", {"step": 5}, "bad_step"),
        ("note_commissioning", {"step": "lamp", "seen": "maybe"}, "bad_seen"),
        ("leave_open", {"item": "lamp:", "reason": "no_mood", "until": "+1"}, "bad_reason"),
        ("leave_open", {"item": "lamp:", "reason": "centre_busy", "until": "-1"}, "bad_until"),
        ("leave_open", {"item": "lamp:", "reason": "centre_busy", "until": "+91"}, "bad_until"),
        ("leave_open", {"item": "lamp:", "reason": "centre_busy", "until": "soon"}, "bad_until"),
        ("leave_open", {"item": "window:", "reason": "centre_busy", "until": "+1"}, "bad_item"),
        ("leave_open", {"item": "paired:1", "reason": "centre_busy", "until": "+1"}, "bad_item"),
        ("leave_open", {"item": "x" * 500, "reason": "centre_busy", "until": "+1"}, "bad_item"),
    ],
)
async def test_what_is_wrong_is_named_and_changes_nothing(
    hass: HomeAssistant,
    place: Home,
    technician: User,
    action: str,
    data: dict[str, Any],
    key: str,
) -> None:
    await act(hass, technician, "begin_commissioning")
    before = place.ledger.markers[MARKER]
    if (days := data.get("until", "")).startswith(("+", "-")):
        data = {**data, "until": (dt_util.now() + timedelta(days=int(days))).isoformat()}
    assert (await refused(hass, technician, action, **data))[0] == key
    assert place.ledger.markers[MARKER] == before


async def test_the_list_ticks_before_the_eyes_of_who_walks(
    hass: HomeAssistant,
    place: Home,
    hass_admin_user: MockUser,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "kvarbo/commissioning"})
    assert (await client.receive_json())["success"]
    assert (await client.receive_json())["event"]["state"] == "not_begun"
    await act(hass, hass_admin_user, "begin_commissioning")
    told = (await client.receive_json())["event"]
    assert told["rooms"] == {"hallway": None}
    assert [item["step"] for item in told["items"] if not item["may_be_left"]] == [Step.WINDOW]
    hass.states.async_set(HALL, "on")
    told = (await client.receive_json())["event"]
    assert told["rooms"]["hallway"] is not None
    [hall] = [device for device in told["devices"] if device["number"] == 2]
    assert hall["heard_at"] is not None
    assert hall["begun_at"] <= hall["heard_at"]


async def test_what_cannot_be_read_is_begun_anew(
    hass: HomeAssistant, place: Home, caplog: pytest.LogCaptureFixture
) -> None:
    place.ledger.markers[MARKER] = {"begun_at": "yesterday"}
    place.installation.start("hub", place.devices)
    assert place.installation.progress.begun_at is None
    assert "installation could not be read" in caplog.text


async def test_a_device_that_its_radio_does_not_reach_well_is_open(
    hass: HomeAssistant, place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real radios in tests/home/test_rounds.py; here every verdict there is."""
    found = type("Where", (), {"radio": "zigbee"})()
    monkeypatch.setattr("custom_components.kvarbo.installation.find_device", lambda *_: found)
    vitals = place.check.rounds.vitals[1]
    for lqi, rssi, signal in (
        (None, None, "unknown"),
        (200.0, None, "good"),
        (10.0, -50.0, "weak"),
        (None, -50.0, "good"),
        (None, -99.0, "weak"),
    ):
        vitals.lqi, vitals.rssi = lqi, rssi
        told = {
            device["number"]: device["signal"] for device in place.installation.told()["devices"]
        }
        assert told[1] == signal


async def test_a_device_whose_settings_cannot_be_used_is_open_until_it_is_gone(
    hass: HomeAssistant, place: Home
) -> None:
    """It is heard by nobody: a home that has one is not proven."""
    place.installation.begin("the_van")
    add_subentry(hass, place, button(7, {"type": "later"}))
    await hass.async_block_till_done()
    assert "paired:7" in {item.key for item in place.installation.blocks}
    assert [one["number"] for one in place.installation.told()["devices"]] == [1, 2, 7]
    [key] = place.devices.deaf
    hass.config_entries.async_remove_subentry(place.entry, key)
    await hass.async_block_till_done()
    assert "paired:7" not in {item.key for item in place.installation.open}
