"""A sensor that its radio hears no more says nothing, whatever Home Assistant still shows of it (S4, S9, F10)."""

from collections.abc import Callable
from functools import partial

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.devices.vitals import MOST, Ailment
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.sensing import Reading
from simulator.municipality import Municipality
from simulator.testing import pair, until
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import BedMat

from .conftest import StartHome, make_entry, receiver, said
from .test_real_zha import IEEE, zone
from .test_rounds import STEP, passes

__all__ = ["passes"]

pytestmark = pytest.mark.usefixtures("quick_answers")


async def test_a_mat_with_a_flat_battery_is_not_taken_for_an_occupied_bed(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    start_home: StartHome,
    passes: Callable[[Home, float], None],
) -> None:
    mat = BedMat(IEEE.format(9))
    await pair(hass, radio, mat)
    shown = await until(partial(zone, hass, mat), what="the mat")
    source = {
        "type": "entity",
        "domain": "binary_sensor",
        "platform": "zha",
        "unique_id": shown.unique_id,
    }
    data = {"number": 1, "role": "bed", "location": "bedroom", "resident": 1, "source": source}
    bed = ConfigSubentryData(
        data=data, subentry_type="device", title="Bed sensor 1", unique_id="device-1"
    )
    home = await start_home(make_entry(receiver(municipality.url), bed))
    mat.lie_down()
    house = home.watching.house
    await until(lambda: house.reading(1) is Reading.ACTIVE, what="somebody in bed")
    passes(home, MOST - 2 * STEP)
    assert house.reading(1) is Reading.ACTIVE
    passes(home, 4 * STEP)
    assert home.check.rounds.vitals[1].ailments == {Ailment.SILENT}
    # Home Assistant has nothing better to show than what it said last.
    assert said(hass, shown.entity_id) == "on"
    assert house.reading(1) is Reading.UNKNOWN
    passes(home, 2 * STEP)
    assert house.reading(1) is Reading.UNKNOWN

    # It says nothing of the bed: how that stands is what it said last.
    mat.battery(90)
    await until(
        lambda: home.check.rounds.look() or house.reading(1) is Reading.ACTIVE, what="its return"
    )
    # It may also come back by saying something.
    passes(home, MOST + 2 * STEP)
    assert house.reading(1) is Reading.UNKNOWN
    mat.get_up()
    await until(lambda: house.reading(1) is Reading.IDLE, what="somebody up")
    # And by being heard alone: then how things stand is what it said last.
    [sensed] = home.devices.sensed.values()
    sensed.set_silent(is_silent=True)
    assert house.reading(1) is Reading.UNKNOWN
    sensed.set_silent(is_silent=False)
    assert house.reading(1) is Reading.IDLE
