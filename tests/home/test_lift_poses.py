"""How a toilet lift stands: by a metering plug through the real ZHA, and by a column over the real bluetooth."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.consent import Consent
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Pose, Reading
from custom_components.kvarbo.supervision.slot import settings_of
from simulator.municipality import Municipality
from simulator.testing import pair, until, zha_entity
from simulator.testing_ble import Listening, ble
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import PowerPlug
from tests.watching.watched import OPTIONS

from .conftest import StartHome, by_unique_id, entity_source, make_entry, receiver, said
from .test_lift_counters import a_column, lift
from .test_real_zha import IEEE

__all__ = ["ble"]

RULE = Identity(WatcherKind.LIFT, 1)


def pose(hass: HomeAssistant, home: Home) -> str:
    [subentry] = home.device_subentries()
    return said(hass, by_unique_id(hass, "sensor", f"{subentry.subentry_id}_lift_pose"))


def watch(home: Home, **settings: Any) -> None:
    watching = home.watching
    consent = Consent("own", "coordinator", watching.now())
    watching.give_consent(RULE.kind, 1, consent, "administrator")
    made = settings_of(KINDS[RULE.kind], settings)
    watching.supervisor.enrol(RULE, made, OPTIONS, watching.now(), listens=False)


def waiting(home: Home) -> list[Pose | None]:
    """How the lifts stood whose alarms wait for an answer now."""
    return [heard.verdict.pose for heard in home.watching.supervisor.waiting()]


async def test_the_power_of_a_plug_tells_moving_stopped_and_stuck(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    start_home: StartHome,
) -> None:
    plug = PowerPlug(IEEE.format(9))
    await pair(hass, radio, plug)
    shown = await until(lambda: zha_entity(hass, plug, "sensor", "power"), what="its power")
    entry = er.async_get(hass).async_get(shown)
    assert entry is not None
    source = {
        "type": "entity",
        "domain": "sensor",
        "platform": "zha",
        "unique_id": entry.unique_id,
    }
    device = lift(source, active_above=20.0, strains_above=300.0)
    home = await start_home(make_entry(receiver(municipality.url), device))
    watch(home, tells_movement=True, stuck=0)

    plug.draw(2)
    await until(lambda: pose(hass, home) == "stopped", what="its rest")
    plug.draw(120)
    await until(lambda: pose(hass, home) == "moving", what="its moving")
    plug.draw(450)
    await until(lambda: pose(hass, home) == "stuck", what="its straining")
    await until(lambda: waiting(home) == [Pose.STUCK], what="its alarm")
    # The motor's own guard cuts it off: that frees nobody.
    plug.draw(0)
    await until(lambda: home.watching.house.reading(1) is Reading.IDLE, what="the cut")
    assert pose(hass, home) == "stuck"
    [slot] = [s for i, s in home.watching.supervisor.slots.items() if i == RULE]
    assert slot.watcher.state.stage == "alarmed"
    plug.draw(110)
    await until(lambda: pose(hass, home) == "moving", what="its coming loose")
    plug.draw(2)
    await until(lambda: pose(hass, home) == "stopped", what="its rest")
    assert slot.watcher.state.stage == "calm"


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_column_tells_midway_from_raised(
    hass: HomeAssistant, ble: Listening, municipality: Municipality, start_home: StartHome
) -> None:
    """`idasen_desk`'s own debouncer outlives its unloading: the timers that linger are its own."""
    column, _, source = await a_column(hass, ble, speed=6000)
    home = await start_home(make_entry(receiver(municipality.url), lift(source)))
    assert pose(hass, home) == "at_rest"
    column.raise_by_hand(3000)
    await until(lambda: pose(hass, home) == "moving", what="its moving")
    await until(lambda: pose(hass, home) == "midway", what="its stop")
    column.raise_by_hand(column.top)
    await until(lambda: pose(hass, home) == "raised", what="its top")
    column.raise_by_hand(0)
    await until(lambda: pose(hass, home) == "at_rest", what="its rest")
    [entry] = hass.config_entries.async_entries("idasen_desk")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: pose(hass, home) == "unknown", what="its silence")


@pytest.mark.parametrize("inverted", [False, True])
async def test_a_height_settles_by_the_clock_and_what_is_gone_is_not_known(
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    freezer: FrozenDateTimeFactory,
    inverted: bool,
) -> None:
    er.async_get(hass).async_get_or_create("sensor", "test", "lift", suggested_object_id="lift")
    sign = -1 if inverted else 1

    async def says(height: str) -> None:
        hass.states.async_set("sensor.lift", height, {"device_class": "distance"})
        await hass.async_block_till_done()

    async def passes(seconds: float) -> None:
        freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    await says("0")
    device = lift(
        entity_source("sensor", "lift"),
        active_above=sign * 10.0,
        raised_from=sign * 400.0,
        inverted=inverted,
    )
    home = await start_home(make_entry(receiver(municipality.url), device))
    watch(home)
    assert pose(hass, home) == "at_rest"
    await says(str(sign * 200))
    assert pose(hass, home) == "moving"
    await passes(4)
    assert pose(hass, home) == "moving"
    await passes(1.5)
    assert pose(hass, home) == "midway"
    await passes(290)
    assert waiting(home) == []
    await passes(10)
    assert waiting(home) == [Pose.MIDWAY]
    await says(str(sign * 400))
    await passes(6)
    assert pose(hass, home) == "raised"
    await says("unavailable")
    assert pose(hass, home) == "unknown"
    assert home.watching.house.poses == {}
    await says(str(sign * 400))
    assert home.watching.house.poses == {1: Pose.RAISED}
    [subentry] = home.device_subentries()
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "raised_from": sign * 500.0}
    )
    await hass.async_block_till_done()
    assert home.watching.house.poses == {1: Pose.MIDWAY}
    await says("unavailable")
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "raised_from": sign * 450.0}
    )
    await hass.async_block_till_done()
    assert home.watching.house.poses == {}


async def test_settings_that_are_no_number_make_it_deaf_and_are_told(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    device = lift(entity_source("sensor", "lift"), active_above=1.0, raised_from="high")
    home = await start_home(make_entry(receiver(municipality.url), device))
    assert list(home.devices.deaf.values()) == ["1"]
