"""The page in the sidebar: there with the frontend, gone with the home, and never in the home's way."""

from http import HTTPStatus
from pathlib import Path

from homeassistant.components.frontend import DATA_PANELS, async_register_built_in_panel
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.kvarbo.panel import FOLDER, _digest
from simulator.municipality import Municipality
from tests.home.conftest import StartHome, make_entry, receiver


@pytest_asyncio.fixture
async def frontend(hass: HomeAssistant) -> None:
    """Home Assistant's own pages."""
    assert await async_setup_component(hass, "frontend", {})


async def test_administrators_find_the_page_and_its_files(
    frontend: None,
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    hass_client: ClientSessionGenerator,
) -> None:
    await start_home(make_entry(receiver(municipality.url)))
    panel = hass.data[DATA_PANELS]["kvarbo"]
    assert not panel.require_admin, "each command says itself who may"
    assert panel.sidebar_title == "Kvarbo"
    assert panel.config is not None
    custom = panel.config["_panel_custom"]
    assert custom["name"] == "kvarbo-panel"
    assert not custom["embed_iframe"]
    client = await hass_client()
    page = await client.get(custom["module_url"])
    assert page.status == HTTPStatus.OK
    assert "javascript" in page.headers["Content-Type"]
    assert await page.text() == (FOLDER / "panel.js").read_text(encoding="utf-8")
    base = custom["module_url"].rsplit("/", 1)[0]
    assert (await client.get(f"{base}/texts/sv.json")).status == HTTPStatus.OK
    assert (await client.get(f"{base}/../panel.py")).status == HTTPStatus.NOT_FOUND


async def test_page_goes_with_the_home_and_comes_back_with_it(
    frontend: None, hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    home = await start_home(make_entry(receiver(municipality.url)))
    before = hass.data[DATA_PANELS]["kvarbo"].config
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert "kvarbo" not in hass.data[DATA_PANELS]
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    assert hass.data[DATA_PANELS]["kvarbo"].config == before


async def test_home_without_a_frontend_has_no_page_and_runs(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    home = await start_home(make_entry(receiver(municipality.url)))
    assert home.entry.state is ConfigEntryState.LOADED
    assert "kvarbo" not in hass.data.get(DATA_PANELS, {})
    assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_page_of_somebody_else_at_the_address_stays_and_the_home_runs(
    frontend: None,
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async_register_built_in_panel(hass, "iframe", frontend_url_path="kvarbo")
    home = await start_home(make_entry(receiver(municipality.url)))
    assert home.entry.state is ConfigEntryState.LOADED
    assert "The page cannot be shown" in caplog.text
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert hass.data[DATA_PANELS]["kvarbo"].component_name == "iframe"


def test_address_changes_with_every_change_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    file = tmp_path / "texts" / "a.json"
    file.write_text("1")
    first = _digest(tmp_path)
    assert _digest(tmp_path) == first
    file.write_text("2")
    second = _digest(tmp_path)
    file.rename(tmp_path / "texts" / "b.json")
    assert len({first, second, _digest(tmp_path)}) == 3
