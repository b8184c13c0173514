"""A home with every kind of sensor, its blueprints offered, and a clock that a test moves on."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
import time
from typing import Any, Final, override

from homeassistant.components.light import LightEntity
from homeassistant.components.light.const import ColorMode
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_LOCATION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import setup_test_component_platform

from custom_components.kvarbo.alarm.clock import Clock
from custom_components.kvarbo.const import (
    CONF_NUMBER,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    DOMAIN,
    SUBENTRY_DEVICE,
)
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.consent import Consent
from custom_components.kvarbo.supervision.identity import WatcherKind
from simulator.municipality import Municipality
from tests.blueprints.living import Living
from tests.home.conftest import StartHome, entity_source, make_entry, receiver, start_home

__all__ = ["start_home"]

#: What is in the home: object id, role, place, whose. Their numbers run from 1.
SENSORS: Final = (
    ("bed", "bed", "bedroom", 1),
    ("bedroom", "motion", "bedroom", 0),
    ("hall", "motion", "hallway", 0),
    ("kitchen", "motion", "kitchen", 0),
    ("bathroom", "motion", "bathroom", 0),
    ("door", "exit_door", "hallway", 0),
    ("fine", "check_in", "hallway", 1),
    ("fall", "fall_sensor", "bathroom", 1),
    ("room", "room_sensor", "bedroom", 1),
    ("dispenser", "dispenser", "kitchen", 1),
    ("lift", "lift", "bathroom", 1),
    ("leak", "water", "kitchen", 0),
    ("smoke", "smoke", "kitchen", 0),
    ("stove", "heat", "kitchen", 0),
)


class MovedClock(Clock):
    """The host's clocks, moved on together: time that passes, not a clock that is set."""

    def __init__(self, begin: datetime) -> None:
        self.ahead = begin - datetime.now(UTC)
        self.passed = 0.0

    @override
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead + timedelta(seconds=self.passed)

    @override
    def monotonic(self) -> float:
        return time.monotonic() + self.passed

    @override
    def in_trouble(self) -> bool:
        return False


class Lamp(LightEntity):
    """A lamp that can be dimmed, and remembers how fast."""

    _attr_color_mode = ColorMode.BRIGHTNESS
    _attr_should_poll = False

    def __init__(self, name: str, brightness: int = 0) -> None:
        self._attr_name = name
        self._attr_unique_id = name
        self._attr_supported_color_modes = {ColorMode.BRIGHTNESS}
        self._attr_brightness = brightness or None
        self._attr_is_on = brightness > 0
        self.transitions: list[float | None] = []

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._attr_is_on = True
        self._attr_brightness = kwargs.get("brightness", self._attr_brightness or 255)
        self.transitions.append(kwargs.get("transition"))
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._attr_is_on = False
        self.transitions.append(kwargs.get("transition"))
        self.async_write_ha_state()


def sensor(number: int, role: str, place: str, resident: int, name: str) -> ConfigSubentryData:
    data = {
        CONF_NUMBER: number,
        CONF_ROLE: role,
        CONF_LOCATION: place,
        CONF_RESIDENT: resident,
        CONF_SOURCE: entity_source("binary_sensor", name),
    }
    return ConfigSubentryData(
        data=data, subentry_type=SUBENTRY_DEVICE, title=f"Sensor {number}", unique_id=None
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    """The home's clock: eight in the evening, some days after now."""
    day = (datetime.now(UTC) + timedelta(days=2)).replace(hour=20, minute=0, second=0)
    clock = MovedClock(day)
    monkeypatch.setattr("custom_components.kvarbo.home.SystemClock", lambda: clock)
    return clock


@pytest.fixture
def lamps(hass: HomeAssistant) -> dict[str, Lamp]:
    """A lamp that is off and one that is lit."""
    lamps = {"path": Lamp("path"), "lit": Lamp("lit", 200)}
    setup_test_component_platform(hass, "light", list(lamps.values()))
    return lamps


@pytest_asyncio.fixture
async def living(
    hass: HomeAssistant,
    municipality: Municipality,
    clock: MovedClock,
    lamps: dict[str, Lamp],
    start_home: StartHome,
) -> AsyncGenerator[Living]:
    """The home, with every consent given, in which a test lives."""
    await hass.config.async_set_time_zone("UTC")
    for domain, config in (
        ("homeassistant", {}),
        ("light", {"light": {"platform": "test"}}),
        ("scene", {}),
        ("automation", {}),
    ):
        assert await async_setup_component(hass, domain, config)
    registry = er.async_get(hass)
    for name, *_ in SENSORS:
        registry.async_get_or_create("binary_sensor", "test", name, suggested_object_id=name)
        hass.states.async_set(f"binary_sensor.{name}", "off")
    home: Home = await start_home(
        make_entry(
            receiver(municipality.url),
            *(
                sensor(number, role, place, resident, name)
                for number, (name, role, place, resident) in enumerate(SENSORS, 1)
            ),
        )
    )
    given = Consent("own", "coordinator", clock.now().timestamp())
    for kind in WatcherKind:
        for resident in (0, 1):
            home.watching.give_consent(kind, resident, given, "admin")
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, home.entry.entry_id), home.entry.entry_id
    )
    assert device is not None
    yield Living(hass, home, municipality, clock, device.id)
    # A run that still waits would be waited for.
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)
