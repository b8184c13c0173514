"""A fired stage stays open until it is answered; what nobody answers the home raises (S8)."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.home import Home
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
