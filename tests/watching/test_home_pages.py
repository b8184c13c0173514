"""What the pages of who coordinates are told of rules: how each stands, what is wrong, what needs somebody."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.home_commands import tell_home
from custom_components.kvarbo.pages.facts import Sight
from custom_components.kvarbo.supervision.stages import FaultKind
from simulator.testing import until
from tests.watching.support import RAISE, Coordinator, automate, rule, slot, trigger

ALL = frozenset(map(str, Sight))
NIGHT = "night_absence/1/"


def told(home: Home) -> dict[str, Any]:
    return tell_home(home, ALL, Language.EN)


def concerns(home: Home) -> list[str]:
    return [concern["kind"] for concern in told(home)["concerns"] if concern["rule"]]


def shown(home: Home) -> dict[str, Any]:
    [one] = [one for one in told(home)["rules"] if one["rule"] == "night_absence"]
    return dict(one)


@pytest.fixture
async def watched(hass: HomeAssistant, home: Home) -> Home:
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("night_absence"))])
    return home


async def test_a_rule_waits_for_consent_then_watches_and_stands_still_while_paused(
    watched: Home, coordinator: Coordinator
) -> None:
    assert concerns(watched) == ["rule_no_consent"]
    assert shown(watched)["standing"] == "no_consent"
    assert shown(watched)["owner"] == "night_patrol"
    await coordinator.consent("night_absence")
    assert concerns(watched) == []
    assert shown(watched)["standing"] == "watching"

    await coordinator.call("pause_supervision", resident=1, duration={"hours": 1})
    assert shown(watched)["standing"] == "paused"
    [state] = told(watched)["states"]
    assert (state["resident"], state["away_since"]) == (1, None)
    assert state["paused_since"] < state["paused_until"]
    await coordinator.call("set_visitor", resident=1, duration={"hours": 2})
    [state] = told(watched)["states"]
    assert state["visitor_until"] is not None


async def test_what_is_wrong_with_a_rule_is_told_with_since_when(
    watched: Home, coordinator: Coordinator
) -> None:
    await coordinator.consent("night_absence")
    slot(watched, NIGHT).faults[FaultKind.BLIND] = 1_790_000_000.0
    assert concerns(watched) == ["rule_blind"]
    assert shown(watched)["warnings"] == {"blind": "2026-09-21T14:13:20+00:00"}


async def test_an_automation_that_is_turned_off_is_what_needs_somebody(
    hass: HomeAssistant, watched: Home, coordinator: Coordinator
) -> None:
    await coordinator.consent("night_absence")
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.rule"}, blocking=True
    )
    assert not slot(watched, NIGHT).listeners
    await coordinator.call("demo_time", speed=3600)
    await until(lambda: concerns(watched) == ["rule_not_attached"], 15, "that nobody listens")


async def test_rules_about_sensors_count_as_none_that_somebody_chose(watched: Home) -> None:
    assert told(watched)["counts"] == {"devices": 8, "rules": 1}
    assert {one["rule"] for one in told(watched)["rules"] if one["technical"]} <= {
        "sensor_silent",
        "sensor_blind",
    }
