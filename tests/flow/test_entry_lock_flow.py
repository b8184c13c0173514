"""The dialog of an entry lock: nobody is let in unless somebody says so, and a code is kept nowhere but in the lock."""

import json
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
import pytest_asyncio

from custom_components.kvarbo.access.settings import EntrySettings, read_entry
from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import Lock

from .talk import Talk

IEEE = "02:00:00:00:00:00:0a:02"
PLACE = {"location": "front_door", "resident": 0}
BOLT = {
    "relock_minutes": 5,
    "relock_always": False,
    "door_contact": "0",
    "unlocked_minutes": 0,
}
ACCESS = {
    "by_code": True,
    "code": "7193",
    "code_slot": 4,
    "visits": "08:00-08:30, 20.00-20.45",
    "by_command": True,
    "alarm_minutes": 45,
}


@pytest_asyncio.fixture
async def lock(hass: HomeAssistant, zha: ConfigEntry[Any], radio: SimCoordinator) -> Lock:
    device = Lock(IEEE)
    await pair(hass, radio, device)
    await until(lambda: zha_entity(hass, device, "lock"), what="the lock")
    return device


@pytest.fixture
def other_lock(hass: HomeAssistant) -> str:
    """A lock of another integration, which takes no codes from us."""
    made = er.async_get(hass).async_get_or_create(
        "lock", "other", "front", suggested_object_id="front"
    )
    hass.states.async_set(made.entity_id, "locked")
    return made.entity_id


async def to_the_bolt(hass: HomeAssistant, home: ConfigEntry[Any], entity_id: str) -> Talk:
    talk = await (await Talk.add(hass, home, "device")).answer(role="entry_lock")
    if talk.page["step_id"] == "heard_by":
        await talk.choose("entity")
    return await talk.answer(entity_id=entity_id, **PLACE)


def only(home: ConfigEntry[Any]) -> ConfigSubentry:
    [subentry] = home.get_subentries_of_type("device")
    return subentry


async def test_an_entry_lock_is_added_and_lets_nobody_in(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], other_lock: str
) -> None:
    talk = await to_the_bolt(hass, demo_home, other_lock)
    talk.at("bolt")
    assert talk.page["description_placeholders"] == {"state": "locked", "taken": "locked"}
    await talk.answer(**BOLT | {"relock_minutes": 0, "unlocked_minutes": 1441})
    assert talk.errors == {"relock_minutes": "relock_range", "unlocked_minutes": "unlocked_range"}
    await talk.answer(**BOLT | {"unlocked_minutes": 30})
    talk.at("sensor_ready")
    # A lock is never the other way about.
    assert "says" not in talk.page["menu_options"]
    await talk.choose("finish")
    assert read_entry(only(demo_home).data) == EntrySettings(left_after=1800.0)


async def test_a_lock_without_codes_can_only_be_opened_by_command(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], other_lock: str
) -> None:
    talk = await to_the_bolt(hass, demo_home, other_lock)
    await talk.answer(**BOLT)
    await talk.choose("access")
    await talk.answer(**ACCESS)
    assert talk.errors == {"by_code": "no_codes"}
    await talk.answer(**ACCESS | {"by_code": False, "code": "", "visits": ""})
    await talk.choose("finish")
    settings = read_entry(only(demo_home).data)
    assert (settings.by_code, settings.by_command) == (False, True)


async def test_a_code_goes_to_the_lock_and_is_kept_nowhere(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    lock: Lock,
    hass_storage: dict[str, Any],
) -> None:
    entity_id = zha_entity(hass, lock, "lock")
    assert entity_id is not None
    talk = await to_the_bolt(hass, demo_home, entity_id)
    await talk.answer(**BOLT)
    await talk.choose("access")
    for wrong, error in (
        ({"code": "123"}, {"code": "not_digits"}),
        ({"code": "12a4"}, {"code": "not_digits"}),
        ({"visits": "in the morning"}, {"visits": "not_visits"}),
        (
            {"code_slot": 0, "alarm_minutes": 1},
            {"code_slot": "slot_range", "alarm_minutes": "alarm_age_range"},
        ),
    ):
        await talk.answer(**ACCESS | wrong)
        assert talk.errors == error
        assert lock.users == {}
    await talk.answer(**ACCESS)
    talk.at("sensor_ready")
    await talk.choose("finish")
    settings = read_entry(only(demo_home).data)
    assert (settings.slot, settings.by_code, len(settings.visits)) == (4, True, 2)
    [(slot, (_, _, code))] = lock.users.items()
    assert (slot, code) == (3, "7193")
    assert not lock.keypad("7193"), "it works only when somebody may come in"
    stored = json.dumps([dict(only(demo_home).data), dict(demo_home.data)])
    assert "7193" not in stored
    assert "7193" not in json.dumps(hass_storage)


async def test_a_lock_that_does_not_take_the_code_is_told(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    lock: Lock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entity_id = zha_entity(hass, lock, "lock")
    assert entity_id is not None
    talk = await to_the_bolt(hass, demo_home, entity_id)
    await talk.answer(**BOLT)
    await talk.choose("access")
    monkeypatch.setattr("custom_components.kvarbo.devices.zigbee_lock._ANSWERS_IN", 0.1)
    lock.reachable = False
    await talk.answer(**ACCESS)
    assert talk.errors == {"code": "code_refused"}
    lock.reachable = True
    monkeypatch.setattr("custom_components.kvarbo.devices.zigbee_lock._ANSWERS_IN", 15.0)
    await talk.answer(**ACCESS)
    talk.at("sensor_ready")


async def test_who_may_come_in_is_changed_and_the_contact_chosen_later(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], other_lock: str
) -> None:
    talk = await to_the_bolt(hass, demo_home, other_lock)
    await talk.answer(**BOLT)
    await talk.choose("finish")
    lock = only(demo_home)
    contact = er.async_get(hass).async_get_or_create(
        "binary_sensor", "other", "door", suggested_object_id="door"
    )
    hass.states.async_set(contact.entity_id, "off")
    talk = await (await Talk.add(hass, demo_home, "device")).answer(role="exit_door")
    await talk.answer(entity_id=contact.entity_id, **PLACE)
    await talk.answer(inverted=False)
    await talk.choose("finish")

    talk = await Talk.change(hass, demo_home, lock)
    await talk.choose("bolt")
    await talk.answer(**BOLT | {"door_contact": "2", "relock_always": True})
    talk = await Talk.change(hass, demo_home, lock)
    await talk.choose("access")
    await talk.answer(**ACCESS | {"by_code": False, "code": ""})
    settings = read_entry(demo_home.subentries[lock.subentry_id].data)
    assert (settings.contact, settings.relock_always, settings.by_command) == (2, True, True)
    assert settings.oldest.total_seconds() == 45 * 60
    [entrance] = demo_home.runtime_data.entrances.all.values()
    assert entrance.settings == settings
