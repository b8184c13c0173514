"""Rules in a running home: identity, consent, settings, faults, and what the home shows of them."""

from contextlib import closing
from datetime import UTC, datetime
import sqlite3
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import async_from_config, async_validate_condition_config
from homeassistant.helpers.trigger import async_validate_trigger_config
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.kvarbo.diagnostics import async_get_config_entry_diagnostics
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.keeping import PRESENCE
from custom_components.kvarbo.supervision.slot import Standing
from simulator.municipality import Municipality
from simulator.testing import until
from tests.home.conftest import entity, said
from tests.watching.support import (
    RAISE,
    Coordinator,
    alarms,
    automate,
    issues,
    rule,
    slot,
    trigger,
)

FALL = "fall_signal/1/"


async def test_rule_waits_for_consent_and_stops_with_it(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal"))])
    assert slot(home, FALL).standing is Standing.NO_CONSENT
    assert "rule_no_consent" in issues(hass)
    hass.states.async_set("binary_sensor.mat", "on")
    hass.states.async_set("binary_sensor.mat", "off")
    await coordinator.consent("fall_signal")
    assert slot(home, FALL).standing is Standing.WATCHING
    assert "rule_no_consent" not in issues(hass)
    await coordinator.call(
        "withdraw_consent", function="fall_signal", resident=1, reason="irritating"
    )
    assert slot(home, FALL).standing is Standing.NO_CONSENT
    hass.states.async_set("binary_sensor.mat", "on")
    await hass.async_block_till_done()
    assert alarms(municipality, "fall") == []
    assert home.watching.consents.ended == {"fall_signal/irritating": 1}


async def test_ground_that_is_not_established_arms_nothing(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal"))])
    told = await coordinator.call(
        "give_consent",
        function="fall_signal",
        resident=1,
        basis="not_established",
        taken_by="nurse",
    )
    assert told["arms"] is False
    assert slot(home, FALL).standing is Standing.NO_CONSENT


async def test_rules_and_consents_outlive_the_home(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    await coordinator.call("pause_supervision", resident=1, duration={"hours": 2})
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal", priority=4))])
    entry = home.entry
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.rule"})
    await hass.async_block_till_done()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    again: Home = entry.runtime_data
    known = slot(again, FALL)
    assert (known.listeners, known.options.priority) == (0, 4)
    assert str(known.standing) == "paused"
    await coordinator.call("resume_supervision", resident=1)
    assert known.standing is Standing.WATCHING


async def test_triggers_join_a_home_that_starts_again(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal"))])
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()
    assert slot(home.entry.runtime_data, FALL).listeners == 1
    hass.states.async_set("binary_sensor.mat", "on")
    await until(lambda: alarms(municipality, "fall"), what="the fall signal")


async def test_two_settings_of_one_rule_are_a_fault(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    triggers = [
        trigger("alarmed", rule("fall_signal", priority=8)),
        trigger("recovered", rule("fall_signal", priority=5)),
    ]
    await automate(hass, RAISE, triggers=triggers)
    assert "rule_settings_differ" in issues(hass)
    assert slot(home, FALL).options.priority == 8
    assert said(hass, entity(hass, home, "binary_sensor", "rule_fault")) == "on"
    await until(lambda: alarms(municipality, "rule_fault"), what="a technical alarm")
    await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.rule"})
    await hass.async_block_till_done()
    assert "rule_settings_differ" not in issues(hass)


async def test_home_shows_how_its_rules_stand(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    shown = entity(hass, home, "sensor", "rules")
    assert said(hass, shown) == "0"
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal"))])
    await coordinator.consent("fall_signal")
    assert said(hass, shown) == "1"
    told = await async_get_config_entry_diagnostics(hass, home.entry)
    [row] = [r for r in told["rules"] if r["rule"] == FALL]
    assert row == {"rule": FALL, "standing": "watching", "faults": [], "listened_to": True}


async def test_rule_ends_by_the_coordinators_word(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal", name="two"))])
    await coordinator.call("end_rule", rule="fall_signal", resident=1, name="two")
    assert Identity.parse("fall_signal/1/two") not in home.watching.supervisor.slots
    with pytest.raises(ServiceValidationError) as refused:
        await coordinator.call("end_rule", rule="fall_signal", resident=1, name="two")
    assert refused.value.translation_key == "no_such_rule"


async def test_lacking_sensors_is_told(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    await coordinator.consent("lift")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("lift"))])
    assert "rule_lacks_sensors" in issues(hass)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rule": "dragons"}, "rule: unknown_choice"),
        ({"rule": None}, "rule: missing"),
        ({"owner": None}, "owner: missing"),
        ({"owner": "greta"}, "owner: unknown_choice"),
        ({"suitable": False}, "suitable: not_confirmed"),
        ({"shadow": "yes"}, "shadow: not_a_flag"),
        ({"priority": 10}, "priority: out_of_range"),
        ({"resident": 10}, "resident: out_of_range"),
        ({"resident": True}, "resident: out_of_range"),
        ({"name": "Greta P"}, "name: bad_name"),
        ({"settings": {"limit": "soon"}}, "limit: not_a_duration"),
        ({"settings": {"colour": 1}}, "colour: unknown"),
        ({"settings": [1]}, "settings: not_a_mapping"),
        ({"colour": "red"}, "colour: unknown"),
    ],
)
async def test_trigger_names_what_is_wrong(
    hass: HomeAssistant, home: Home, options: dict[str, Any], words: str
) -> None:
    stated = {"trigger": "kvarbo.alarmed", "options": {**rule("night_absence"), **options}}
    config = cv.TRIGGER_SCHEMA([stated])
    with pytest.raises(probatio.Invalid, match=words):
        await async_validate_trigger_config(hass, config)


async def holds(hass: HomeAssistant, condition: str, **options: Any) -> bool:
    config = {"condition": f"kvarbo.{condition}", "options": options}
    validated = await async_validate_condition_config(hass, config)
    check = await async_from_config(hass, validated)
    return bool(check.async_check())


async def test_conditions(hass: HomeAssistant, home: Home, coordinator: Coordinator) -> None:
    assert await holds(hass, "is_at_home", resident=1)
    await coordinator.call("set_away", resident=1, away=True)
    assert not await holds(hass, "is_at_home", resident=1)
    assert said(hass, entity(hass, home, "binary_sensor", "away")) == "on"
    await coordinator.call("set_away", resident=1, away=False)
    assert not await holds(hass, "has_visitor", resident=1)
    await coordinator.call("set_visitor", resident=1, duration="01:00")
    assert await holds(hass, "has_visitor", resident=1)
    await coordinator.call("set_visitor", resident=1)
    assert not await holds(hass, "has_visitor", resident=1)
    assert not await holds(hass, "is_paused", resident=1)
    await coordinator.call("pause_supervision", resident=1, duration=3600)
    assert await holds(hass, "is_paused", resident=1)
    assert not await holds(hass, "has_consent", rule="night_absence", resident=1)
    await coordinator.consent("night_absence")
    assert await holds(hass, "has_consent", rule="night_absence", resident=1)


@pytest.mark.parametrize(
    ("condition", "options", "words"),
    [
        ("is_paused", {"resident": "one"}, "resident"),
        ("is_paused", {"rule": "lift"}, "rule: unknown"),
        ("has_consent", {"resident": 1}, "rule: missing"),
    ],
)
async def test_condition_names_what_is_wrong(
    hass: HomeAssistant, home: Home, condition: str, options: dict[str, Any], words: str
) -> None:
    config = {"condition": f"kvarbo.{condition}", "options": options}
    with pytest.raises(probatio.Invalid, match=words):
        await async_validate_condition_config(hass, config)


REFUSALS = [
    ("pause_supervision", {"duration": "for ever"}, "bad_duration"),
    ("pause_supervision", {"duration": {"days": 61}}, "bad_duration"),
    ("pause_supervision", {"duration": 0}, "bad_duration"),
    ("pause_supervision", {"duration": 60, "resident": 10}, "bad_resident"),
    ("set_away", {"away": "yes"}, "bad_away"),
    ("set_visitor", {"duration": -1}, "bad_duration"),
    ("give_consent", {"function": "x", "basis": "own", "taken_by": "nurse"}, "bad_function"),
    ("give_consent", {"function": "lift", "basis": "x", "taken_by": "nurse"}, "bad_basis"),
    ("give_consent", {"function": "lift", "basis": "own", "taken_by": "Greta"}, "bad_taken_by"),
    (
        "give_consent",
        {"function": "lift", "basis": "own", "taken_by": "nurse", "until": "2001-01-01 00:00"},
        "bad_until",
    ),
    (
        "give_consent",
        {"function": "lift", "basis": "own", "taken_by": "nurse"},
        "consent_of_nobody",
    ),
    ("withdraw_consent", {"function": "lift", "reason": "no_need"}, "no_such_consent"),
    ("withdraw_consent", {"function": "lift", "reason": "bored"}, "bad_reason"),
    ("end_rule", {"rule": "dragons"}, "bad_function"),
    ("end_rule", {"rule": "lift", "name": "Å"}, "bad_name"),
    ("decline_alarm", {"episode": "w1"}, "unknown_episode"),
    ("decline_alarm", {"reason": "bored"}, "bad_reason"),
    ("demo_time", {"speed": 0}, "bad_speed"),
    ("demo_time", {"skip_to": "later"}, "bad_until"),
]


@pytest.mark.parametrize(("action", "data", "key"), REFUSALS)
async def test_refusal_names_the_field(
    hass: HomeAssistant,
    home: Home,
    coordinator: Coordinator,
    action: str,
    data: dict[str, Any],
    key: str,
) -> None:
    before = home.watching.consents.to_json()
    with pytest.raises(ServiceValidationError) as refused:
        await coordinator.call(action, **data)
    assert refused.value.translation_key == key
    assert home.watching.consents.to_json() == before
    assert home.watching.house.residents.get(1) is None


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("pause_supervision", {"duration": 60}),
        ("resume_supervision", {}),
        ("set_away", {"away": True}),
        ("set_visitor", {}),
        ("give_consent", {"function": "lift", "basis": "own", "taken_by": "nurse"}),
        ("withdraw_consent", {"function": "lift", "reason": "no_need"}),
        ("end_rule", {"rule": "lift"}),
        ("decline_alarm", {}),
        ("demo_time", {"speed": 2}),
    ],
)
async def test_plain_user_may_raise_and_nothing_more(
    hass: HomeAssistant,
    home: Home,
    hass_read_only_user: MockUser,
    action: str,
    data: dict[str, Any],
) -> None:
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call("kvarbo", action, data, blocking=True, context=context)
    assert refused.value.translation_key == "not_allowed"


async def test_rule_in_shadow_notes_and_sends_nothing(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    coordinator: Coordinator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What it would have sent is there to see, over a restart too, and goes live by an edit (S12)."""
    await coordinator.consent("fall_signal")
    shadow = [trigger("alarmed", rule("fall_signal", shadow=True))]
    await automate(hass, RAISE, triggers=shadow)
    await coordinator.call("demo_time", speed=120)
    hass.states.async_set("binary_sensor.mat", "on")
    fired = home.watching.now()
    assert home.watching.shadow.of(FALL) == [pytest.approx(fired, abs=60)]
    await until(lambda: home.watching.now() > fired + 130, what="two minutes")
    hass.states.async_set("binary_sensor.mat", "off")
    assert alarms(municipality, "fall") == []
    assert "rule_not_answered" not in issues(hass)
    await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert len(again.watching.shadow.of(FALL)) == 1
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "kvarbo/rules"})
    rows = (await client.receive_json())["result"]["rules"]
    assert [(r["shadow"], r["would_have"]) for r in rows if r["rule"] == "fall_signal"] == [
        (True, 1)
    ]
    again.watching.shadow.forget(WatcherKind.FALL_SIGNAL, 2)
    assert len(again.watching.shadow.of(FALL)) == 1
    live = {"id": "live", "triggers": [trigger("alarmed", rule("fall_signal"))], "actions": [RAISE]}
    await hass.services.async_call("automation", "turn_off", {"entity_id": "automation.rule"})
    await hass.async_block_till_done()
    with patch("homeassistant.config.load_yaml_config_file", return_value={"automation": live}):
        await hass.services.async_call("automation", "reload", blocking=True)
    hass.states.async_set("binary_sensor.mat", "on")
    await until(lambda: alarms(municipality, "fall"), what="the fall signal, live")


def kept(home: Home, key: str) -> bool:
    with closing(sqlite3.connect(f"file:{home.folder}/journal.db?mode=ro", uri=True)) as journal:
        found = journal.execute("SELECT 1 FROM watcher WHERE identity = ?", (key,)).fetchone()
    return found is not None


async def test_nothing_of_a_person_is_kept_without_consent(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    """Where somebody was last seen is on disk only while a consent lets a rule watch (R04)."""
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("inactivity"))])
    await coordinator.call("demo_time", speed=300)
    begun = home.watching.now()
    hass.states.async_set("binary_sensor.kitchen_motion", "on")
    await until(lambda: home.watching.now() > begun + 150, what="two flushes")
    assert await home.journal.flush(5)
    assert not kept(home, PRESENCE)
    until_then = datetime.fromtimestamp(home.watching.now() + 1800, UTC).isoformat()
    await coordinator.call(
        "give_consent",
        function="inactivity",
        resident=1,
        basis="own",
        taken_by="nurse",
        until=until_then,
    )
    await until(lambda: kept(home, PRESENCE), what="what is kept")
    home.watching.house.rhythm(1)
    identity = "inactivity/1/"
    await until(lambda: slot(home, identity).standing is Standing.NO_CONSENT, what="the end of it")
    await until(lambda: 1 not in home.watching.house.rhythms, what="the wiping")
    assert await home.journal.flush(5)
    assert not kept(home, PRESENCE)


async def test_what_a_shadow_has_noted_goes_with_the_consent(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal", shadow=True))])
    hass.states.async_set("binary_sensor.mat", "on")
    assert len(home.watching.shadow.of(FALL)) == 1
    await coordinator.call("withdraw_consent", function="fall_signal", resident=1, reason="no_need")
    assert home.watching.shadow.of(FALL) == []
    await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert again.watching.shadow.of(FALL) == []
