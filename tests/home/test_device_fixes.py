"""A device that ails is an issue whose fix looks at it again, or leads into its dialog for another (F10)."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.kvarbo.devices.vitals import UNAVAILABLE
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import CORD, StartHome, button, entity_source, make_entry, receiver
from .test_issues import gone, there
from .test_rounds import passes

__all__ = ["passes"]

ISSUE = "device_silent_1"
type Passes = Callable[[Home, float], None]


class Fixing:
    """Somebody at the repairs page."""

    def __init__(self, http: Any) -> None:
        self.http = http
        self.flow = ""

    async def begin(self, issue_id: str) -> dict[str, Any]:
        asked = await self.http.post(
            "/api/repairs/issues/fix", json={"handler": "kvarbo", "issue_id": issue_id}
        )
        page: dict[str, Any] = await asked.json()
        self.flow = page["flow_id"]
        return page

    async def choose(self, step: str) -> dict[str, Any]:
        url = f"/api/repairs/issues/fix/{self.flow}"
        answer = await self.http.post(url, json={"next_step_id": step})
        page: dict[str, Any] = await answer.json()
        return page


@pytest.fixture
async def fixing(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Fixing:
    assert await async_setup_component(hass, "repairs", {})
    assert await async_setup_component(hass, "config", {})
    await hass.async_block_till_done()
    return Fixing(await hass_client())


@pytest.fixture
async def silent(
    hass: HomeAssistant,
    sources: None,
    municipality: Municipality,
    start_home: StartHome,
    passes: Passes,
) -> Home:
    """A home whose cord, once pressed, has been away for more than an hour."""
    cord = button(1, entity_source("binary_sensor", "cord"), "bathroom")
    home = await start_home(make_entry(receiver(municipality.url), cord))
    hass.states.async_set(CORD, "on")
    await until(lambda: home.check.rounds.vitals.get(1), what="its being known")
    hass.states.async_set(CORD, "unavailable")
    passes(home, UNAVAILABLE + 1200)
    await there(hass, ISSUE)
    return home


async def test_look_again_says_that_it_is_still_so_or_that_it_is_well(
    hass: HomeAssistant, silent: Home, fixing: Fixing
) -> None:
    page = await fixing.begin(ISSUE)
    assert page["type"] == "menu"
    assert page["menu_options"] == ["look", "replace"]
    assert page["description_placeholders"]["words"] == "1"
    page = await fixing.choose("look")
    assert (page["type"], page["reason"]) == ("abort", "still_so")
    await there(hass, ISSUE)

    hass.states.async_set(CORD, "off")
    await fixing.begin(ISSUE)
    page = await fixing.choose("look")
    assert page["type"] == "create_entry"
    await gone(hass, ISSUE)


async def test_replacing_leads_into_its_dialog_and_keeps_number_role_and_use(
    hass: HomeAssistant, silent: Home, fixing: Fixing
) -> None:
    home = silent
    [subentry] = home.device_subentries()
    used = home.check.rounds.vitals[1].used
    await fixing.begin(ISSUE)
    page = await fixing.choose("replace")
    assert (page["type"], page["reason"]) == ("abort", "replacing")
    kind, flow_id = page["next_flow"]
    assert kind == "config_subentries_flow"
    await there(hass, ISSUE)

    er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", "new", suggested_object_id="new"
    )
    hass.states.async_set("binary_sensor.new", "off")
    flows = hass.config_entries.subentries
    await flows.async_configure(flow_id, {"next_step_id": "entity"})
    done = await flows.async_configure(
        flow_id, {"entity_id": "binary_sensor.new", "location": "bathroom", "resident": 0}
    )
    assert (done["type"], done["reason"]) == ("abort", "reconfigure_successful")
    await hass.async_block_till_done()
    assert (subentry.data["number"], subentry.data["role"]) == (1, "help_button")
    assert subentry.data["source"]["unique_id"] == "new"
    home.check.rounds.look()
    await gone(hass, ISSUE)
    assert home.check.rounds.vitals[1].used is used
    # The new one calls, under the old number.
    hass.states.async_set("binary_sensor.new", "on")
    alarm = await until(
        lambda: next((a for a in home.ledger.open_alarms() if a.kind == "help_call"), None),
        what="its call",
    )
    assert alarm.source.number == 1


async def test_one_that_has_left_the_home_meanwhile_cannot_be_replaced(
    hass: HomeAssistant, silent: Home, fixing: Fixing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fixing.begin(ISSUE)
    # The issue goes with the device; the page that was open knows nothing of it yet.
    monkeypatch.setattr(silent, "device_subentries", list)
    page = await fixing.choose("replace")
    assert (page["type"], page["reason"]) == ("abort", "no_device")


async def test_a_device_whose_source_is_gone_is_replaced_in_the_same_way(
    hass: HomeAssistant, home: Home, fixing: Fixing
) -> None:
    entry_id = er.async_get(hass).async_get(CORD)
    assert entry_id is not None
    er.async_get(hass).async_remove(CORD)
    await hass.async_block_till_done()
    subentry = next(s for s in home.device_subentries() if s.data["number"] == 1)
    issue = f"source_missing_{subentry.subentry_id}"
    await there(hass, issue)
    page = await fixing.begin(issue)
    assert page["description_placeholders"]["number"] == "1"
    page = await fixing.choose("replace")
    assert page["next_flow"][0] == "config_subentries_flow"


async def test_a_link_that_fades_is_shown_before_it_is_weak(
    hass: HomeAssistant, silent: Home
) -> None:
    vitals = silent.check.rounds.vitals[1]
    vitals.lqi, vitals.links = (
        120.0,
        dict.fromkeys(range(10), 220.0) | {10: 120, 11: 120, 12: 120},
    )
    silent.changed()
    await there(hass, "link_fading_1")
    ailing = next(e for e in hass.states.async_entity_ids("binary_sensor") if "attention" in e)
    state = hass.states.get(ailing)
    assert state is not None
    assert state.attributes["signal_change"] == -100
    vitals.links = dict.fromkeys(range(20), 120.0)
    silent.changed()
    await gone(hass, "link_fading_1")
