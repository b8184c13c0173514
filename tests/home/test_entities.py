"""The entities: what they say through a scenario, whose they are, and that they come and go by themselves."""

from collections.abc import Callable
from datetime import datetime
import json
from pathlib import Path
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockUser

import custom_components.kvarbo as component
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import (
    BELL,
    CORD,
    StartHome,
    add_subentry,
    arrived,
    button,
    by_unique_id,
    entity,
    entity_source,
    first_receiver,
    history,
    make_entry,
    receiver,
    running_button,
    said,
)

TEXTS = json.loads(
    (Path(component.__file__).parent / "translations/en.json").read_text(encoding="utf-8")
)["entity"]


@pytest.fixture
def say(hass: HomeAssistant, home: Home) -> Callable[[str, str], str]:
    """The state of one of the home's entities, by domain and key."""
    return lambda domain, key: said(hass, entity(hass, home, domain, key))


async def test_scenario(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    quick_answers: None,
    say: Callable[[str, str], str],
) -> None:
    its_reach = by_unique_id(hass, "binary_sensor", f"{first_receiver(home)}_reached")
    assert say("binary_sensor", "open_alarm") == "off"
    assert say("binary_sensor", "journal") == "off"
    assert say("sensor", "undelivered") == "0"
    assert say("sensor", "last_receipt") == STATE_UNKNOWN
    await until(lambda: say("binary_sensor", "receiver_reached") == "on", what="a sign of life")
    assert said(hass, its_reach) == "on"

    await municipality.set_fault(Mode.DOWN)
    hass.states.async_set(CORD, "on")
    # The loss may be noticed, and wait as an alarm of its own, before anybody looks.
    await until(lambda: say("sensor", "undelivered") in {"1", "2"}, what="an alarm that waits")
    assert say("binary_sensor", "open_alarm") == "on"
    await home.chain.transmitter.beat(first_receiver(home))
    # The loss is an alarm of its own (A8), and waits too.
    await until(lambda: say("binary_sensor", "receiver_reached") == "off", what="the loss")
    assert said(hass, its_reach) == "off"
    await until(lambda: say("sensor", "undelivered") == "2", what="the alarm of the loss")

    await municipality.set_fault(Mode.NONE)
    began = home.clock.now()
    await home.chain.transmitter.beat(first_receiver(home))
    [call] = await arrived(hass, municipality, 1)
    await until(lambda: say("sensor", "undelivered") == "0", what="all delivered")
    assert say("binary_sensor", "receiver_reached") == "on"
    received = datetime.fromisoformat(say("sensor", "last_receipt"))
    assert received >= began.replace(microsecond=0)

    municipality.close_alarm(call["alarm"])
    await until(lambda: say("binary_sensor", "open_alarm") == "off", what="the close")


async def test_last_receipt_outlives_a_restart(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    quick_answers: None,
    say: Callable[[str, str], str],
) -> None:
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    municipality.close_alarm(call["alarm"])
    await until(lambda: say("binary_sensor", "open_alarm") == "off", what="the close")
    before = say("sensor", "last_receipt")
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    assert say("sensor", "last_receipt") == before != STATE_UNKNOWN


async def test_alarm_event_tells_all_that_happens_and_names_nobody(
    hass: HomeAssistant, home: Home, municipality: Municipality, quick_answers: None
) -> None:
    told = history(hass, entity(hass, home, "event", "alarm"))
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    municipality.acknowledge(call["alarm"])
    municipality.close_alarm(call["alarm"])
    await until(lambda: told[-1].attributes["event_type"] == "closed", what="the close")
    events = [state.attributes["event_type"] for state in told]
    assert events[:2] == ["raised", "received"]
    expected = {
        "alarm": call["alarm"],
        "kind": "help_call",
        "class": "personal",
        "priority": 9,
        "device": 1,
        "resident": 1,
        "test": False,
        "presses": 1,
        "durable": True,
    }
    assert {k: told[0].attributes[k] for k in expected} == expected
    assert set(told[0].attributes) - set(expected) == {"event_type", "event_types", "friendly_name"}


def registered(hass: HomeAssistant, home: Home) -> dict[tuple[str, str], str | None]:
    """The home's entities: domain and unique id to the subentry they belong to."""
    entries = er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    return {(e.domain, e.unique_id): e.config_subentry_id for e in entries}


async def test_unique_ids_and_whose_they_are(hass: HomeAssistant, home: Home) -> None:
    own, its = home.entry.entry_id, first_receiver(home)
    expected: dict[tuple[str, str], str | None] = {
        ("binary_sensor", f"{own}_open_alarm"): None,
        ("binary_sensor", f"{own}_receiver_reached"): None,
        ("binary_sensor", f"{own}_journal"): None,
        ("binary_sensor", f"{own}_chain_proven"): None,
        ("button", f"{own}_test"): None,
        ("event", f"{own}_alarm"): None,
        ("event", f"{own}_answer"): None,
        ("sensor", f"{own}_answer"): None,
        ("sensor", f"{own}_undelivered"): None,
        ("sensor", f"{own}_last_receipt"): None,
        ("sensor", f"{own}_rules"): None,
        ("sensor", f"{own}_way_out"): None,
        ("sensor", f"{own}_commissioning"): None,
        ("sensor", f"{own}_path"): None,
        ("binary_sensor", f"{own}_away"): None,
        ("binary_sensor", f"{own}_rule_fault"): None,
        ("binary_sensor", f"{own}_callback"): None,
        ("binary_sensor", f"{its}_reached"): its,
    }
    for number in (1, 2, 3):
        key = running_button(home, number).subentry_id
        expected |= {
            ("event", f"{key}_answer"): key,
            ("sensor", f"{key}_answer_now"): key,
            ("binary_sensor", f"{key}_ailing"): key,
        }
    assert registered(hass, home) == expected


async def test_every_entity_has_its_words(hass: HomeAssistant, home: Home) -> None:
    entries = er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    for entry in entries:
        words: dict[str, Any] = TEXTS[entry.domain][entry.translation_key]
        state = hass.states.get(entry.entity_id)
        assert state is not None
        assert str(state.attributes["friendly_name"]).endswith(words["name"])
        if "options" in state.attributes:
            assert set(state.attributes["options"]) == set(words["state"])
        if "event_types" in state.attributes:
            told = words["state_attributes"]["event_type"]["state"]
            assert set(state.attributes["event_types"]) == set(told)
    assert len({entry.entity_id for entry in entries}) == len(entries) == 27


async def test_receiver_comes_and_goes_without_a_reload(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    second = add_subentry(hass, home, receiver(municipality.url, order=2))
    await hass.async_block_till_done()
    reached = by_unique_id(hass, "binary_sensor", f"{second.subentry_id}_reached")
    await until(lambda: said(hass, reached) == "on", what="the second receiver")
    assert [line.outlet.key for line in home.chain.transmitter.lines] == [
        first_receiver(home),
        second.subentry_id,
    ]
    hass.config_entries.async_remove_subentry(home.entry, second.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get(reached) is None
    assert er.async_get(hass).async_get(reached) is None
    assert [line.outlet.key for line in home.chain.transmitter.lines] == [first_receiver(home)]
    assert home.entry.runtime_data is home


async def test_receiver_that_is_changed_is_spoken_to_anew_and_the_others_are_left_alone(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    add_subentry(hass, home, receiver(municipality.url, order=2))
    await hass.async_block_till_done()
    first, second = (line.outlet for line in home.chain.transmitter.lines)
    changed = home.entry.subentries[second.key]
    hass.config_entries.async_update_subentry(
        home.entry, changed, data={**changed.data, "heartbeat": 600, "order": 0}
    )
    await hass.async_block_till_done()
    anew, kept = (line.outlet for line in home.chain.transmitter.lines)
    assert kept is first
    assert anew.key == second.key
    assert anew.heartbeat == 600


async def test_button_comes_changes_and_goes_without_a_reload(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    er.async_get(hass).async_get_or_create("event", "test", "late", suggested_object_id="late")
    added = add_subentry(hass, home, button(4, entity_source("event", "late"), "kitchen"))
    await hass.async_block_till_done()
    answer = by_unique_id(hass, "sensor", f"{added.subentry_id}_answer_now")
    assert said(hass, answer) == "idle"
    hass.states.async_set("event.late", "2026-11-22T02:00:00.000+00:00")
    [call] = await arrived(hass, municipality, 1)
    assert (call["device"], call["location"]) == (4, "kitchen")
    assert said(hass, answer) != "idle"

    hass.config_entries.async_update_subentry(
        home.entry, added, data={**added.data, "location": "sauna"}
    )
    await hass.async_block_till_done()
    hass.states.async_set(BELL, "2026-11-22T02:00:00.000+00:00")
    await arrived(hass, municipality, 2)
    assert running_button(home, 4).location == "sauna"

    hass.config_entries.async_remove_subentry(home.entry, added.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get(answer) is None
    assert home.devices.by_number(4) is None
    hass.states.async_set("event.late", "2026-11-22T03:00:00.000+00:00")
    await arrived(hass, municipality, 2)
    assert home.entry.runtime_data is home


@pytest.mark.parametrize(
    "broken",
    [
        {"role": "door_sensor_of_a_later_release"},
        {"location": "attic"},
        {"number": "four"},
        {"resident": None},
        {"source": None},
        {"source": {"type": "later"}},
        {"source": {"type": "entity", "domain": "event"}},
        {"source": {"type": "zha_event"}},
        {"source": {"type": "zha_event", "ieee": 7}},
    ],
    ids=str,
)
async def test_device_that_cannot_be_used_silences_nobody_else(
    hass: HomeAssistant,
    municipality: Municipality,
    sources: None,
    start_home: StartHome,
    broken: dict[str, Any],
) -> None:
    """The previous release starts on today's entry: what it does not know, it leaves alone."""
    bad = button(4, entity_source("event", "bell"))
    bad["data"] = {**bad["data"], **broken}
    home = await start_home(
        make_entry(
            receiver(municipality.url), bad, button(1, entity_source("binary_sensor", "cord"))
        )
    )
    [unused] = home.devices.deaf
    assert not [unique for _, unique in registered(hass, home) if unique.startswith(unused)]
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    # Mended, it is heard, and has its entities.
    hass.config_entries.async_update_subentry(
        home.entry,
        home.entry.subentries[unused],
        data=button(4, entity_source("event", "bell"))["data"],
    )
    await hass.async_block_till_done()
    assert home.devices.deaf == {}
    assert said(hass, by_unique_id(hass, "sensor", f"{unused}_answer_now")) == "idle"
    hass.states.async_set(BELL, "2026-11-22T02:00:00.000+00:00")
    await arrived(hass, municipality, 2)


async def test_any_receiver_reached(
    hass: HomeAssistant, home: Home, municipality: Municipality, say: Callable[[str, str], str]
) -> None:
    """One that answers is enough; none may be called lost before all have been tried."""
    lines = home.chain.transmitter.lines
    await until(lambda: home.any_reached() is True, what="the first sign of life")
    add_subentry(hass, home, receiver("http://127.0.0.1:9", order=2))
    await hass.async_block_till_done()
    assert home.any_reached() is True
    first, second = home.chain.transmitter.lines
    assert first is lines[0]
    for one, other, any_one in (
        (True, None, True),
        (False, None, None),
        (False, False, False),
        (None, False, None),
        (False, True, True),
    ):
        first.watch.reach = type(first.watch.reach)(reached=one)
        second.watch.reach = type(first.watch.reach)(reached=other)
        assert home.any_reached() is any_one
    # One for operations alone reaches nobody who could help.
    await _only(hass, home, receiver(municipality.url, takes="operations"))
    await until(lambda: home.reach(first_receiver(home)) is not None, what="the new receiver")
    assert home.any_reached() is False
    assert say("binary_sensor", "receiver_reached") == "off"


async def _only(hass: HomeAssistant, home: Home, data: Any) -> None:
    for subentry in home.receivers():
        hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    add_subentry(hass, home, data)
    await hass.async_block_till_done()


async def test_receiver_not_in_use_is_unknown(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    home = await start_home(make_entry(receiver(municipality.url, takes="everything")))
    reached = by_unique_id(hass, "binary_sensor", f"{first_receiver(home)}_reached")
    assert said(hass, reached) == STATE_UNKNOWN


async def test_odd_order_is_last(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    odd = receiver(municipality.url)
    odd["data"] = {**odd["data"], "order": "first"}
    home = await start_home(make_entry(odd, receiver(municipality.url, order=2)))
    assert [s.data["order"] for s in home.receivers()] == [2, "first"]


async def test_test_button(
    hass: HomeAssistant, home: Home, municipality: Municipality, hass_admin_user: MockUser
) -> None:
    """A9, A11."""
    group = await hass.auth.async_get_group(GROUP_ID_USER)
    assert group is not None
    user = MockUser(groups=[group]).add_to_hass(hass)

    async def press(context: Context) -> None:
        target = {"entity_id": entity(hass, home, "button", "test")}
        await hass.services.async_call("button", "press", target, blocking=True, context=context)

    for context in (Context(user_id=user.id), Context()):
        with pytest.raises(ServiceValidationError) as caught:
            await press(context)
        assert caught.value.translation_key == "not_allowed"
    assert home.ledger.open_alarms() == []
    await press(Context(user_id=hass_admin_user.id))
    [alarm] = await arrived(hass, municipality, 1)
    assert (alarm["test"], alarm["device"]) == (True, 0)
