"""A mat that lies, over the real ZHA: the dialog shows it, and turning it round makes it right."""

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.supervision.sensing import Reading
from simulator.municipality import Municipality
from simulator.testing import pair, until
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import BedMat

from .conftest import StartHome, make_entry, receiver
from .test_real_zha import IEEE, zone

pytestmark = pytest.mark.usefixtures("quick_answers")


async def test_a_mat_that_is_mounted_the_wrong_way_round_is_turned_in_its_settings(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    start_home: StartHome,
) -> None:
    mat = BedMat(IEEE.format(19))
    await pair(hass, radio, mat)
    shown = await until(lambda: zone(hass, mat), what="the mat")
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
    house = home.watching.house
    mat.lie_down()
    await until(lambda: house.reading(1) is Reading.ACTIVE, what="somebody in bed")
    mat.lie(on=True)
    await until(lambda: house.reading(1) is Reading.IDLE, what="the lie")
    mat.get_up()
    await until(lambda: house.reading(1) is Reading.ACTIVE, what="the next lie")
    [subentry] = home.device_subentries()
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "inverted": True}
    )
    await hass.async_block_till_done()
    assert house.reading(1) is Reading.IDLE
    mat.lie_down()
    await until(lambda: house.reading(1) is Reading.ACTIVE, what="the truth")
