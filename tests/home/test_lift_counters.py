"""How often a toilet lift is used, by a contact and by a LINAK-type column over the real bluetooth."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.kvarbo.home import Home
from simulator.ble import Column
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.testing_ble import Listening, ble

from .conftest import StartHome, by_unique_id, entity_source, make_entry, receiver, said

__all__ = ["ble"]

LIFT = "binary_sensor.lift"


def lift(source: dict[str, str], **more: Any) -> ConfigSubentryData:
    data = {
        "number": 1,
        "role": "lift",
        "location": "bathroom",
        "resident": 1,
        "source": source,
        **more,
    }
    return ConfigSubentryData(
        data=data, subentry_type="device", title="Toilet lift 1", unique_id="device-1"
    )


def counters(hass: HomeAssistant, home: Home) -> list[str]:
    [subentry] = home.device_subentries()
    keys = ("lift_uses", "lift_week", "lift_last")
    return [said(hass, by_unique_id(hass, "sensor", f"{subentry.subentry_id}_{k}")) for k in keys]


async def a_column(
    hass: HomeAssistant, ble: Listening, *, speed: int
) -> tuple[Column, str, dict[str, str]]:
    """Pair a column at its bottom by its own integration; return it, its cover and it as a source."""
    column = await ble.air.add(Column("C0:00:00:00:07:01", "Lift 7", speed=speed))
    column.position = 0.0
    flows = hass.config_entries.flow
    flow = await until(
        lambda: next(iter(flows.async_progress_by_handler("idasen_desk")), None), what="the column"
    )
    await flows.async_configure(flow["flow_id"], {"address": column.address})
    await hass.async_block_till_done()
    cover = await until(lambda: next(iter(hass.states.async_entity_ids("cover")), None), what="it")
    await until(lambda: said(hass, cover) == "closed", what="the link")
    source = {
        "type": "entity",
        "domain": "cover",
        "platform": "idasen_desk",
        "unique_id": column.address,
    }
    return column, cover, source


async def test_visits_are_counted_also_over_a_restart_and_a_silence(
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    freezer: FrozenDateTimeFactory,
) -> None:
    er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", "lift", suggested_object_id="lift"
    )

    async def says(state: str, minutes: float = 0.0) -> None:
        freezer.tick(timedelta(minutes=minutes))
        hass.states.async_set(LIFT, state)
        await hass.async_block_till_done()

    await says("off")
    source = entity_source("binary_sensor", "lift")
    home = await start_home(make_entry(receiver(municipality.url), lift(source)))
    assert counters(hass, home) == ["0", "0", "unknown"]
    await says("on", 1)
    assert counters(hass, home) == ["1", "1", "unknown"]
    # The hub is restarted while somebody sits on it.
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    await says("unavailable", 1)
    await says("on", 1)
    await says("off", 2)
    assert counters(hass, home) == ["1", "1", "4.0"]
    await says("on", 60)
    await says("off", 3)
    assert counters(hass, home) == ["2", "2", "3.0"]
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    assert counters(hass, home) == ["2", "2", "3.0"]
    assert "lift:1" in home.ledger.markers
    [subentry] = home.device_subentries()
    hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    await hass.async_block_till_done()
    assert "lift:1" not in home.ledger.markers


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_column_by_bluetooth_is_counted_and_never_driven(
    hass: HomeAssistant, ble: Listening, municipality: Municipality, start_home: StartHome
) -> None:
    """`idasen_desk`'s own debouncer outlives its unloading: the timers that linger are its own."""
    column, cover, source = await a_column(hass, ble, speed=4000)
    home = await start_home(make_entry(receiver(municipality.url), lift(source)))
    assert counters(hass, home)[:2] == ["0", "0"]
    # By its own handset, as it is used.
    column.raise_by_hand(2000)
    await until(lambda: counters(hass, home)[0] == "1", what="the visit")
    column.raise_by_hand(0)
    await until(lambda: said(hass, cover) == "closed", what="its rest")
    await until(lambda: counters(hass, home)[2] != "unknown", what="the visit's end")
    assert counters(hass, home)[:2] == ["1", "1"]
    [entry] = hass.config_entries.async_entries("idasen_desk")
    assert await hass.config_entries.async_unload(entry.entry_id)
