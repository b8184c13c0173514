"""The seams of a watching home: zones, traces, shadows of the past, and work that fails."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.trigger import NotTriggeredInfo, TriggerConfig
import pytest

from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.trigger import AlarmedTrigger
from custom_components.kvarbo.watching.listeners import Listeners
from simulator.municipality import Municipality
from simulator.testing import until
from tests.watching.support import RAISE, Coordinator, alarms, automate, rule, slot, trigger

MAT = "binary_sensor.mat"


async def test_wall_clock_follows_home_assistants_zone(hass: HomeAssistant, home: Home) -> None:
    wall = home.watching.house.wall
    assert wall.offset(1_780_000_000.0) == 0
    await hass.config.async_update(time_zone="Europe/Stockholm")
    await hass.async_block_till_done()
    assert wall.offset(1_780_000_000.0) == 2 * 3600


async def test_near_miss_reaches_the_trigger_s_own_reporter(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    await coordinator.consent("door_open")
    options = rule("door_open", settings={"limit": 60, "night_limit": 60})
    told: list[NotTriggeredInfo] = []

    @callback
    def run(
        extra_trigger_payload: dict[str, Any], description: str, context: Context | None = None
    ) -> Any:
        raise AssertionError

    @callback
    def did_not(info: NotTriggeredInfo, context: Context | None = None) -> None:
        told.append(info)

    config = TriggerConfig("kvarbo.alarmed", options=options)
    leave = await AlarmedTrigger(hass, config).async_attach_runner(run, did_not)
    mute = await AlarmedTrigger(hass, config).async_attach_runner(run)
    await coordinator.call("demo_time", speed=60)
    hass.states.async_set("binary_sensor.door", "on")
    opened = home.watching.now()
    await until(lambda: home.watching.now() > opened + 40, what="forty seconds")
    hass.states.async_set("binary_sensor.door", "off")
    [info] = told
    assert info.reason == "near_miss"
    assert isinstance(info.data, Mapping)
    assert info.data["rule"] == "door_open"
    leave()
    mute()
    assert slot(home, "door_open/1/").listeners == 0


def test_only_so_many_runs_are_remembered() -> None:
    listeners = Listeners()
    for number in range(600):
        listeners.remember(f"c{number}", f"e{number}")
    assert listeners.episode_of("c0") is None
    assert listeners.episode_of(None, "c599") == "e599"
    assert listeners.episode_of(None) is None


async def test_fault_of_a_rule_in_shadow_is_told_all_the_same(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    shadow = rule("fall_signal", shadow=True)
    await automate(
        hass,
        RAISE,
        triggers=[trigger("alarmed", shadow), trigger("recovered", {**shadow, "priority": 3})],
    )
    await until(lambda: alarms(municipality, "rule_fault"), what="a technical alarm")
    home.watching.shadow.load({"fall_signal/1/": [1.0, "x", 2], "y": 5})
    assert home.watching.shadow.of("fall_signal/1/") == [1.0, 2.0]
    home.watching.shadow.load("nothing")
    assert home.watching.shadow.of("fall_signal/1/") == [1.0, 2.0]


async def test_work_that_fails_is_told_in_the_log_and_stops_nothing(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    coordinator: Coordinator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await coordinator.consent("fall_signal")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal"))])

    async def fails(_heard: object) -> None:
        raise RuntimeError("as told")

    monkeypatch.setattr(home.watching.raising, "recovered", fails)
    for state in ("on", "off", "on", "off"):
        hass.states.async_set(MAT, state)
        await hass.async_block_till_done()
    assert "could not be carried out" in caplog.text
    monkeypatch.undo()
    await until(lambda: alarms(municipality, "fall"), what="the fall signal")


async def test_a_sensor_that_speaks_after_the_stop_is_not_heard(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    await coordinator.consent("fall_signal")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("fall_signal"))])
    watching = home.watching
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    watching.sense(8, Reading.ACTIVE)
    assert slot(home, "fall_signal/1/").watcher.state.fired_at is None
