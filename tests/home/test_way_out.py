"""How alarms go out is shown, and a home that has not chosen goes on and says so."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.kvarbo.diagnostics import async_get_config_entry_diagnostics
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.transmission.tunnel import Enforcement
from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import StartHome, make_entry, receiver

WAY = "sensor.home_4711_way_out"


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue("kvarbo", "way_not_chosen")


def change_way(hass: HomeAssistant, home: Home, way_out: dict[str, Any]) -> None:
    hass.config_entries.async_update_entry(home.entry, data={**home.entry.data, "way_out": way_out})


async def test_a_home_from_before_the_choice_goes_on_and_says_so(
    hass: HomeAssistant,
    start_home: StartHome,
) -> None:
    """An update never stops alarms: the way is as it was, visibly."""
    home = await start_home(make_entry(demo=False))
    await until(lambda: issue(hass) is not None, what="the issue")
    state = hass.states.get(WAY)
    assert state is not None
    assert state.state == Enforcement.NONE
    change_way(hass, home, {"way": "router"})
    await until(lambda: issue(hass) is None, what="the end of the issue")
    state = hass.states.get(WAY)
    assert state is not None
    assert state.state == Enforcement.ROUTER


async def test_support_sees_the_way_and_no_inner_address(
    hass: HomeAssistant, start_home: StartHome
) -> None:
    """R48."""
    home = await start_home(make_entry(demo=False))
    way = {"way": "interface", "interface": "wg0", "nameservers": ["10.9.8.7"]}
    change_way(hass, home, way)
    seen = await async_get_config_entry_diagnostics(hass, home.entry)
    assert seen["home"]["way_out"]["interface"] == "wg0"
    assert "10.9.8.7" not in str(seen)


async def test_a_demo_home_has_no_issue(hass: HomeAssistant, home: Home) -> None:
    assert issue(hass) is None
    state = hass.states.get(WAY)
    assert state is not None
    assert state.state == Enforcement.DEMO


@pytest.mark.parametrize(
    ("way_out", "words"),
    [
        ({"way": "router"}, "address outside the private networks"),
        ({"way": "interface", "interface": "kvarbo-none"}, "No such device"),
    ],
)
async def test_another_way_makes_new_receivers_and_is_never_slid_from(
    hass: HomeAssistant,
    start_home: StartHome,
    municipality: Municipality,
    way_out: dict[str, Any],
    words: str,
) -> None:
    """The receiver is there, on loopback; this way does not lead to it, so nothing reaches it."""
    url = municipality.url.replace("http://", "https://")
    home = await start_home(make_entry(receiver(url), demo=False))
    (before,) = [line.outlet for line in home.chain.transmitter.lines]
    change_way(hass, home, way_out)
    await until(lambda: home.chain.transmitter.lines[0].outlet is not before, what="a new receiver")
    key = home.receivers()[0].subentry_id
    await until(lambda: (r := home.reach(key)) is not None and words in r.words, what="its words")
    assert home.any_reached() is False
