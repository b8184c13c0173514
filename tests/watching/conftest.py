"""A home with sensors that watches, in the test's own Home Assistant, at the speed of a demo."""

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_LOCATION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo.const import (
    CONF_NUMBER,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    SUBENTRY_DEVICE,
)
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from tests.home.conftest import StartHome, entity_source, make_entry, receiver, start_home
from tests.watching.support import Coordinator

__all__ = ["start_home"]

#: What hangs in the home: object id, role, place. Their numbers run from 1.
SENSORS = (
    ("bed", "bed", "bedroom"),
    ("bedroom_motion", "motion", "bedroom"),
    ("hall_motion", "motion", "hallway"),
    ("kitchen_motion", "motion", "kitchen"),
    ("bathroom_motion", "motion", "bathroom"),
    ("door", "exit_door", "hallway"),
    ("fine", "check_in", "hallway"),
    ("mat", "fall_sensor", "bathroom"),
)


def sensor(number: int, role: str, place: str, source: dict[str, str]) -> ConfigSubentryData:
    """Return the subentry of a sensor."""
    data = {
        CONF_NUMBER: number,
        CONF_ROLE: role,
        CONF_LOCATION: place,
        CONF_RESIDENT: 0,
        CONF_SOURCE: source,
    }
    return ConfigSubentryData(
        data=data, subentry_type=SUBENTRY_DEVICE, title=f"Sensor {number}", unique_id=None
    )


@pytest.fixture
def sensors(hass: HomeAssistant) -> None:
    """The sensors as another integration has them, all idle."""
    registry = er.async_get(hass)
    for name, _, _ in SENSORS:
        registry.async_get_or_create("binary_sensor", "test", name, suggested_object_id=name)
        hass.states.async_set(f"binary_sensor.{name}", "off")


@pytest_asyncio.fixture
async def home(
    hass: HomeAssistant, municipality: Municipality, sensors: None, start_home: StartHome
) -> Home:
    """A demo home with one receiver and all sensors."""
    await hass.config.async_set_time_zone("UTC")
    assert await async_setup_component(hass, "homeassistant", {})
    return await start_home(
        make_entry(
            receiver(municipality.url),
            *(
                sensor(number, role, place, entity_source("binary_sensor", name))
                for number, (name, role, place) in enumerate(SENSORS, 1)
            ),
        )
    )


@pytest.fixture
def coordinator(hass: HomeAssistant, hass_admin_user: MockUser) -> Coordinator:
    """Somebody who may manage the home."""
    return Coordinator(hass, hass_admin_user)
