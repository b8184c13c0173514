"""What is watched though no rule hears it: a camera's plug, a lamp for answers, a worn alarm (R03, R07, R35)."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.kvarbo.alarm.alarm import Source
from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode, Role
from custom_components.kvarbo.devices.vitals import DARK, MOST
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.sensing import Reading
from simulator.municipality import Municipality
from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import PowerPlug, Siren

from .conftest import StartHome, entity_source, make_entry, receiver
from .test_issues import gone, there
from .test_real_zha import IEEE
from .test_rounds import STEP, passes

__all__ = ["passes"]

type Passes = Callable[[Home, float], None]
PLACE = "Kajplats 14 Unobtainium"


def device(role: str, source: dict[str, str], number: int = 1) -> ConfigSubentryData:
    data = {
        "number": number,
        "role": role,
        "location": "living_room",
        "resident": 1,
        "source": source,
    }
    return ConfigSubentryData(
        data=data, subentry_type="device", title=f"One {number}", unique_id=f"device-{number}"
    )


def zha_source(hass: HomeAssistant, entity_id: str) -> dict[str, str]:
    entry = er.async_get(hass).async_get(entity_id)
    assert entry is not None
    return {
        "type": "entity",
        "domain": entry.domain,
        "platform": "zha",
        "unique_id": entry.unique_id,
    }


async def test_a_cameras_plug_without_power_is_told_once_with_its_end(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    start_home: StartHome,
    passes: Passes,
) -> None:
    plug = PowerPlug(IEEE.format(9))
    await pair(hass, radio, plug)
    switch = await until(lambda: zha_entity(hass, plug, "switch"), what="the plug")
    home = await start_home(
        make_entry(receiver(municipality.url), device("screen_plug", zha_source(hass, switch)))
    )
    await until(lambda: home.watching.house.reading(1) is Reading.ACTIVE, what="its power")
    plug.turn(on=False)
    await until(lambda: home.watching.house.reading(1) is Reading.IDLE, what="its being off")
    passes(home, 0)
    assert home.chain.faults.open == {}
    passes(home, DARK + STEP)
    [fault] = home.chain.faults.open.values()
    assert (fault.kind, fault.reason) == (AlarmKind.DEVICE_FAULT, ReasonCode.UNPLUGGED)
    assert fault.source == Source(1, Role.SCREEN_PLUG)
    await there(hass, "device_fault_1-dark")
    plug.turn(on=True)
    await until(lambda: home.watching.house.reading(1) is Reading.ACTIVE, what="its power")
    passes(home, 0)
    assert home.chain.faults.open == {}
    await gone(hass, "device_fault_1-dark")


async def test_a_lamp_for_answers_that_is_off_is_well_and_one_that_is_dead_is_told(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    start_home: StartHome,
    passes: Passes,
) -> None:
    siren = Siren(IEEE.format(8))
    await pair(hass, radio, siren)
    entity = await until(lambda: zha_entity(hass, siren, "siren"), what="the siren")
    home = await start_home(
        make_entry(receiver(municipality.url), device("answer", zha_source(hass, entity)))
    )
    await until(lambda: home.watching.house.reading(1) is Reading.IDLE, what="its being off")
    passes(home, MOST - 2 * STEP)
    assert home.chain.faults.open == {}
    passes(home, 4 * STEP)
    [fault] = home.chain.faults.open.values()
    assert (fault.kind, fault.source) == (AlarmKind.DEVICE_SILENT, Source(1, Role.ANSWER))


async def test_a_worn_alarms_place_is_kept_nowhere(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    municipality: Municipality,
    start_home: StartHome,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", "custom_components.kvarbo")
    assert await async_setup_component(hass, "diagnostics", {})
    er.async_get(hass).async_get_or_create(
        "device_tracker", "test", "watch", suggested_object_id="watch"
    )
    away = {"latitude": 57.70887, "longitude": 11.97456, "gps_accuracy": 7}
    hass.states.async_set("device_tracker.watch", "home")
    worn = device("worn", entity_source("device_tracker", "watch"))
    home = await start_home(make_entry(receiver(municipality.url), worn))
    house = home.watching.house
    assert house.reading(1) is Reading.IDLE
    hass.states.async_set("device_tracker.watch", PLACE, away)
    await hass.async_block_till_done()
    assert house.reading(1) is Reading.ACTIVE
    # From one place to the next it is out as before.
    changed = house.changed_at[1]
    hass.states.async_set("device_tracker.watch", "not_home", away)
    await hass.async_block_till_done()
    assert (house.reading(1), house.changed_at[1]) == (Reading.ACTIVE, changed)
    hass.states.async_set("device_tracker.watch", "unavailable")
    await hass.async_block_till_done()
    assert house.reading(1) is Reading.UNKNOWN

    told = str(await get_diagnostics_for_config_entry(hass, hass_client, home.entry))
    assert await home.journal.flush(5)
    kept = "".join(
        file.read_bytes().decode("latin-1") for file in home.folder.rglob("*") if file.is_file()
    )
    shown = "".join(
        str(hass.states.get(e.entity_id))
        for e in er.async_get(hass).entities.values()
        if e.platform == "kvarbo"
    )
    ours = "".join(r.getMessage() for r in caplog.records if "kvarbo" in r.name)
    everything = told + kept + shown + ours + str(municipality.state(None))
    for secret in ("Unobtainium", "57.70887", "11.97456"):
        assert secret not in everything
