"""A home in the test's own Home Assistant, with a municipality that answers on loopback."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.const import CONF_LOCATION, CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.const import (
    CONF_CONTROLLER,
    CONF_DEMO,
    CONF_HEARTBEAT,
    CONF_LABEL,
    CONF_LANGUAGE,
    CONF_NEXT_NUMBER,
    CONF_NUMBER,
    CONF_ORDER,
    CONF_PROTOCOL,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    CONF_TAKES,
    DOMAIN,
    SUBENTRY_DEVICE,
    SUBENTRY_RECEIVER,
)
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing_municipality import TOKEN

CORD = "binary_sensor.cord"
BELL = "event.bell"
REMOTE = "02:00:00:00:00:00:00:42"


def receiver(url: str, *, token: str = TOKEN, order: int = 1, **more: Any) -> ConfigSubentryData:
    data = {
        CONF_PROTOCOL: "rest",
        CONF_URL: url,
        CONF_TOKEN: token,
        CONF_TAKES: "alarms",
        CONF_LANGUAGE: "en",
        CONF_HEARTBEAT: 300,
        CONF_ORDER: order,
        **more,
    }
    return ConfigSubentryData(
        data=data, subentry_type=SUBENTRY_RECEIVER, title=f"Receiver {order}", unique_id=None
    )


def button(number: int, source: dict[str, str], location: str | None = None) -> ConfigSubentryData:
    data = {
        CONF_NUMBER: number,
        CONF_ROLE: "help_button",
        CONF_LOCATION: location,
        CONF_RESIDENT: 1,
        CONF_SOURCE: source,
    }
    return ConfigSubentryData(
        data=data, subentry_type=SUBENTRY_DEVICE, title=f"Help button {number}", unique_id=None
    )


def entity_source(domain: str, unique_id: str) -> dict[str, str]:
    return {"type": "entity", "domain": domain, "platform": "test", "unique_id": unique_id}


def make_entry(*subentries: ConfigSubentryData, demo: bool = True) -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home 4711",
        unique_id="4711",
        data={
            CONF_CONTROLLER: "4711",
            CONF_LABEL: "Home 4711",
            CONF_DEMO: demo,
            CONF_NEXT_NUMBER: 9,
        },
        subentries_data=list(subentries),
    )


@pytest.fixture
def sources(hass: HomeAssistant) -> None:
    """A cord and a bell, as another integration would have them."""
    registry = er.async_get(hass)
    registry.async_get_or_create("binary_sensor", "test", "cord", suggested_object_id="cord")
    registry.async_get_or_create("event", "test", "bell", suggested_object_id="bell")
    hass.states.async_set(CORD, "off")
    hass.states.async_set(BELL, "unknown")


type StartHome = Callable[[MockConfigEntry], Any]


@pytest_asyncio.fixture
async def start_home(hass: HomeAssistant) -> AsyncGenerator[StartHome]:
    """Start a home from an entry; whatever is still loaded at the end is unloaded."""
    started: list[MockConfigEntry] = []

    async def start(entry: MockConfigEntry) -> Home:
        entry.add_to_hass(hass)
        started.append(entry)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        home: Home = entry.runtime_data
        return home

    yield start
    for entry in started:
        if entry.state is ConfigEntryState.LOADED:
            await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest_asyncio.fixture
async def home(
    hass: HomeAssistant, municipality: Municipality, sources: None, start_home: StartHome
) -> Home:
    """A home with one receiver and three buttons: a cord (1), a bell (2), a remote (3)."""
    running: Home = await start_home(
        make_entry(
            receiver(municipality.url),
            button(1, entity_source("binary_sensor", "cord"), "bathroom"),
            button(2, entity_source("event", "bell"), "hallway"),
            button(3, {"type": "zha_event", "ieee": REMOTE}, "bedroom"),
        )
    )
    return running


def calls(municipality: Municipality) -> list[dict[str, Any]]:
    """The help calls that the municipality has taken, oldest first."""
    return [a for a in municipality.state(None)["alarms"] if a["kind"] == "help_call"]
