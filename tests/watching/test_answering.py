"""A fired stage stays open until it is answered; what nobody answers the home raises (S8)."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.home import Home
from custom_components.kvarbo.rule import read_rule
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.watching.listeners import Attached
from simulator.municipality import Municipality
from simulator.testing import until
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

MAT = "binary_sensor.mat"
FALL = "fall_signal/1/"


def states_answered(home: Home) -> bool:
    return bool(slot(home, FALL).watcher.state.answered)


async def test_automation_that_names_the_episode(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal", priority=8))])
    hass.states.async_set(MAT, "on")
    [alarm] = await until(lambda: alarms(municipality, "fall"), what="the fall signal")
    assert (alarm["priority"], alarm["location"], alarm["resident"]) == (8, "bathroom", 1)
    assert states_answered(home)
    assert "rule_not_answered" not in issues(hass)


async def test_automation_that_says_nothing_of_the_episode(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    """The action's context descends from the trigger's, also through a script."""
    await coordinator.consent("fall_signal")
    inner = {"sequence": [{"action": "kvarbo.raise_alarm"}]}
    await automate(hass, inner, triggers=[trigger("alarmed", rule("fall_signal"))])
    hass.states.async_set(MAT, "on")
    await until(lambda: alarms(municipality, "fall"), what="the fall signal")
    assert states_answered(home)


@pytest.mark.parametrize(
    "actions",
    [
        [],
        [{"action": "test.missing"}],
        [{"condition": "template", "value_template": "{{ false }}"}, RAISE],
        [{"stop": "no"}],
    ],
    ids=["runs to its end", "fails", "false condition", "stopped"],
)
async def test_automation_that_answers_nothing(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    coordinator: Coordinator,
    actions: list[dict[str, Any]],
) -> None:
    await coordinator.consent("fall_signal")
    await automate(hass, *actions, triggers=[trigger("alarmed", rule("fall_signal", priority=5))])
    await coordinator.call("demo_time", speed=60)
    hass.states.async_set(MAT, "on")
    [alarm] = await until(lambda: alarms(municipality, "fall"), what="the home's own alarm")
    assert alarm["priority"] == 5
    await until(lambda: "rule_not_answered" in issues(hass), what="an issue")
    [fault] = await until(lambda: alarms(municipality, "rule_fault"), what="a technical alarm")
    assert fault["class"] == "technical"


async def test_nobody_listens(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    """The watcher outlives its automation, alarms, and is missed."""
    await coordinator.consent("fall_signal")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal"))])
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.rule"}, blocking=True
    )
    await coordinator.call("demo_time", speed=600)
    hass.states.async_set(MAT, "on")
    await until(lambda: alarms(municipality, "fall"), what="the home's own alarm")
    await until(lambda: "rule_not_attached" in issues(hass), what="an issue")
    await hass.services.async_call(
        "automation", "turn_on", {"entity_id": "automation.rule"}, blocking=True
    )
    await until(lambda: "rule_not_attached" not in issues(hass), what="the issue to go")


async def test_decline_is_an_answer(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    decline = {"action": "kvarbo.decline_alarm", "data": {"reason": "staff_present"}}
    await automate(hass, decline, triggers=[trigger("alarmed", rule("fall_signal"))])
    await coordinator.call("demo_time", speed=600)
    hass.states.async_set(MAT, "on")
    await until(lambda: slot(home, FALL).watcher.state.fired_at is not None, what="a stage")
    before = home.watching.now()
    await until(lambda: home.watching.now() > before + 200, what="three minutes")
    assert alarms(municipality, "fall") == []
    assert states_answered(home)


async def test_all_clear_follows_the_alarm_that_the_home_raised(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    """Recovered before anybody has answered: the alarm goes all the same, and its end (A11)."""
    await coordinator.consent("fall_signal")
    await automate(hass, triggers=[trigger("alarmed", rule("fall_signal"))])
    hass.states.async_set(MAT, "on")
    await until(lambda: slot(home, FALL).watcher.state.fired_at is not None, what="a stage")
    hass.states.async_set(MAT, "off")
    await coordinator.call("demo_time", speed=60)
    [alarm] = await until(lambda: alarms(municipality, "fall"), what="the alarm")
    await until(
        lambda: alarms(municipality, "fall")[0]["cleared_at"] is not None, what="the all-clear"
    )
    assert alarm["raised_at"] is not None


async def test_call_may_state_kind_place_and_priority(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    stated = {"kind": "help_call", "location": "kitchen", "priority": 3}
    data = {"episode": "{{ trigger.episode }}", **stated}
    action = {"action": "kvarbo.raise_alarm", "data": data}
    await automate(hass, action, triggers=[trigger("alarmed", rule("fall_signal", priority=8))])
    hass.states.async_set(MAT, "on")
    [alarm] = await until(lambda: alarms(municipality, "help_call"), what="the alarm")
    assert (alarm["location"], alarm["priority"]) == ("kitchen", 3)
    assert alarms(municipality, "fall") == []


async def test_late_answer_changes_nothing(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    """The home has raised it itself by now, and the watcher has gone on."""
    await coordinator.consent("fall_signal")
    await automate(hass, triggers=[trigger("alarmed", rule("fall_signal"))])
    hass.states.async_set(MAT, "on")
    episode = slot(home, FALL).watcher.episode
    await coordinator.call("demo_time", speed=120)
    await until(lambda: alarms(municipality, "fall"), what="the home's own alarm")
    hass.states.async_set(MAT, "off")
    hass.states.async_set(MAT, "on")
    told = await coordinator.call("raise_alarm", episode=episode)
    assert told["merged"] is True
    assert told["alarm"] == alarms(municipality, "fall")[0]["alarm"]


async def test_answer_over_the_ceiling_is_held_back(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    home.watching.raising.ceiling.most = 0
    home.watching.house.dwelling = Dwelling(night_from=0, night_to=0)
    await coordinator.consent("door_open")
    settings = {"limit": 30, "night_limit": 30, "misfit_minutes": 0}
    await automate(
        hass,
        {**RAISE, "response_variable": "told"},
        {"event": "told", "event_data": {"held_back": "{{ told.held_back }}"}},
        triggers=[trigger("alarmed", rule("door_open", priority=5, settings=settings))],
    )
    told: list[Any] = []
    hass.bus.async_listen("told", lambda event: told.append(event.data["held_back"]))
    await coordinator.call("demo_time", speed=60)
    hass.states.async_set("binary_sensor.door", "on")
    await until(lambda: told, what="an answer")
    assert told == [True]
    assert alarms(municipality, "door_open") == []
    await until(lambda: "rule_ceiling" in issues(hass), what="an issue")
    assert states_answered_of(home, "door_open/1/")


def states_answered_of(home: Home, text: str) -> bool:
    return bool(slot(home, text).watcher.state.answered)


async def test_trigger_that_attaches_late_runs_for_the_stage_that_stands(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    """Automations arm last at start: what fired before is offered to them, once."""
    await coordinator.consent("fall_signal")
    options = rule("fall_signal", priority=4)
    read = read_rule(options)
    home.watching.supervisor.enrol(
        read.identity, read.settings, read.options, home.watching.now(), listens=False
    )
    hass.states.async_set(MAT, "on")
    await hass.async_block_till_done()
    assert alarms(municipality, "fall") == []
    await automate(hass, RAISE, triggers=[trigger("alarmed", options)])
    await until(lambda: alarms(municipality, "fall"), what="the fall signal")
    assert states_answered(home)


async def test_near_miss_is_told_to_the_trace(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    """A coordinator who asks why it did not alarm finds the answer beside the automation."""
    await coordinator.consent("door_open")
    reasons: list[tuple[str, Any]] = []
    read = read_rule(rule("door_open", settings={"limit": 60, "night_limit": 60}))

    def run(*_: Any, **__: Any) -> asyncio.Task[Any]:
        raise AssertionError

    attached = Attached(read.identity, Told.ALARMED, run, lambda *said: reasons.append(said))
    leave = home.watching.attach(attached, read.settings, read.options)
    await coordinator.call("demo_time", speed=60)
    hass.states.async_set("binary_sensor.door", "on")
    opened = home.watching.now()
    await until(lambda: home.watching.now() > opened + 40, what="forty seconds")
    hass.states.async_set("binary_sensor.door", "off")
    [(reason, data)] = reasons
    assert (reason, data["rule"], data["stage"]) == ("near_miss", "door_open", "near_miss")
    assert 30 <= data["limit"] < 60
    leave()


async def test_automation_that_waits_for_ever_does_not_keep_the_alarm(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    wait = {"wait_template": "{{ false }}"}
    await automate(hass, wait, triggers=[trigger("alarmed", rule("fall_signal"))])
    await coordinator.call("demo_time", speed=1200)
    hass.states.async_set(MAT, "on")
    fired = home.watching.now()
    await until(lambda: alarms(municipality, "fall"), what="the home's own alarm")
    assert home.watching.now() - fired >= 900
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.rule"}, blocking=True
    )
