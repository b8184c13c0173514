"""A home in the test's own Home Assistant, with a municipality that answers on loopback."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
import shutil
import sqlite3
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, ConfigSubentryData
from homeassistant.const import CONF_LOCATION, CONF_TOKEN, CONF_URL
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
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
from custom_components.kvarbo.devices.help_button import HelpButton
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until
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


def add_subentry(hass: HomeAssistant, home: Home, data: ConfigSubentryData) -> ConfigSubentry:
    """Add a receiver or a device to a home that runs, as its flow does."""
    subentry = ConfigSubentry(
        data=MappingProxyType(data["data"]),
        subentry_type=data["subentry_type"],
        title=data["title"],
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(home.entry, subentry)
    return subentry


def entity_source(domain: str, unique_id: str) -> dict[str, str]:
    return {"type": "entity", "domain": domain, "platform": "test", "unique_id": unique_id}


def make_entry(
    *subentries: ConfigSubentryData, demo: bool = True, label: str = "Home 4711"
) -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title=label,
        unique_id="4711",
        data={
            CONF_CONTROLLER: "4711",
            CONF_LABEL: label,
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


type StartHome = Callable[[MockConfigEntry], Awaitable[Home]]


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


@pytest.fixture
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the home ask what became of an alarm every twentieth of a second, not every other one."""
    pace = ((timedelta(minutes=2), 0.05),)
    monkeypatch.setattr("custom_components.kvarbo.transmission.follow.PACE", pace)


def calls(municipality: Municipality) -> list[dict[str, Any]]:
    """The help calls that the municipality has taken, oldest first."""
    return [a for a in municipality.state(None)["alarms"] if a["kind"] == "help_call"]


async def arrived(
    hass: HomeAssistant, municipality: Municipality, count: int
) -> list[dict[str, Any]]:
    """Wait for so many help calls at the municipality, and make sure that there are no more."""
    await until(lambda: len(calls(municipality)) >= count, 10, f"{count} help calls")
    await hass.async_block_till_done()
    assert len(calls(municipality)) == count
    return calls(municipality)


async def is_received(home: Home, alarm_id: str) -> None:
    """Wait until the home knows that an alarm has been receipted."""
    await until(
        lambda: home.ledger.first_receipt(alarm_id) is not None, what=f"a receipt for {alarm_id}"
    )


def entity(hass: HomeAssistant, home: Home, domain: str, key: str) -> str:
    """Return the entity id of one of the home's own entities."""
    return by_unique_id(hass, domain, f"{home.entry.entry_id}_{key}")


def by_unique_id(hass: HomeAssistant, domain: str, unique_id: str) -> str:
    """Return an entity id of Kvarbo's."""
    entity_id = er.async_get(hass).async_get_entity_id(domain, DOMAIN, unique_id)
    assert entity_id is not None
    return entity_id


def said(hass: HomeAssistant, entity_id: str) -> str:
    """Return an entity's state."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


def running_button(home: Home, number: int) -> HelpButton:
    """Return a help button of the home."""
    button = home.devices.by_number(number)
    assert button is not None
    return button


def first_receiver(home: Home) -> str:
    """Return the key of the receiver that is tried first."""
    return home.receivers()[0].subentry_id


def history(hass: HomeAssistant, entity_id: str) -> list[State]:
    """Return a list that every further state of an entity is added to."""
    states: list[State] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            states.append(state)

    async_track_state_change_event(hass, entity_id, note)
    return states


@contextmanager
def stalled_disk(home: Home) -> Generator[None]:
    """Keep the journal from writing, as a disk does that does not answer, while the block runs.

    Another connection holds the database's write lock; the journal's thread waits for it.
    """
    with closing(sqlite3.connect(home.folder / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def restore(home: Home) -> None:
    """Put the journal's files back as a restore does: the same content in other files."""
    for name in ("journal.db", "journal.db-wal"):
        file = home.folder / name
        if file.exists():
            copy = file.with_suffix(".restored")
            shutil.copyfile(file, copy)
            copy.replace(file)


def on_disk(file: Path) -> list[str]:
    """Return the ids of the alarms in a journal's file."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as journal:
        return [str(row[0]) for row in journal.execute("SELECT id FROM alarm ORDER BY id")]
