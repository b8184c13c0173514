"""The dialog's choice of how alarms reach the municipality: made by a person, kept, never slid from."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.kvarbo.flows.home import shown_way_out
from custom_components.kvarbo.transmission.tunnel import Enforcement, Road, Tunnel
from custom_components.kvarbo.way_out import has_second, road_problem, tunnel_of

from .conftest import SetUp
from .talk import Talk

HOME: dict[str, Any] = {"controller": "4711", "label": "Flat 12", "demo": False}
PRESENT = ("tun0", "wg0")


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    """No tunnel can be made here without root: the names stand in for the machine's own list."""
    monkeypatch.setattr("custom_components.kvarbo.flows.home.tunnels_present", lambda: PRESENT)


@pytest.mark.parametrize(
    ("way_out", "problem"),
    [
        (None, "way_needed"),
        ({}, "way_needed"),
        ({"interface": "wg0"}, "way_needed"),
        ({"way": "interface"}, "interface_needed"),
        ({"way": "interface", "interface": "  "}, "interface_needed"),
        ({"way": "interface", "interface": "a/b"}, "interface_name"),
        ({"way": "interface", "interface": "wg1"}, "interface_absent"),
        (
            {"way": "interface", "interface": "wg0", "nameservers": "dns.example"},
            "nameservers_numbers",
        ),
        (
            {"way": "interface", "interface": "wg0", "nameservers": "10.0.0.1;2"},
            "nameservers_numbers",
        ),
        (
            {"way": "interface", "interface": "wg0", "nameservers": "::1 ::2 ::3 ::4"},
            "nameservers_many",
        ),
        ({"way": "router", "second": "a/b"}, "second_name"),
        ({"way": "router", "second": "wg1"}, "second_absent"),
        ({"way": "interface", "interface": "wg0", "second": "wg0"}, "second_same"),
    ],
)
async def test_a_live_home_is_not_made_without_a_way_that_can_be(
    hass: HomeAssistant, set_up: SetUp, way_out: dict[str, Any] | None, problem: str
) -> None:
    talk = await Talk.about_home(hass)
    await talk.answer(**HOME, **({} if way_out is None else {"way_out": way_out}))
    assert talk.errors == {"way_out": problem}
    await talk.answer(**HOME, way_out={"way": "router"})
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("way_out", "tunnel"),
    [
        ({"way": "router"}, Tunnel(enforcement=Enforcement.ROUTER)),
        (
            {"way": "router", "interface": "wg0", "nameservers": "10.0.0.1"},
            Tunnel(enforcement=Enforcement.ROUTER),
        ),
        ({"way": "private"}, Tunnel(enforcement=Enforcement.PRIVATE)),
        (
            {"way": "interface", "interface": " wg0 "},
            Tunnel(enforcement=Enforcement.INTERFACE, interface="wg0"),
        ),
        (
            {"way": "interface", "interface": "tun0", "nameservers": "10.0.0.53, fd00:0::1"},
            Tunnel(
                enforcement=Enforcement.INTERFACE,
                interface="tun0",
                nameservers=("10.0.0.53", "fd00::1"),
            ),
        ),
    ],
)
async def test_the_way_that_is_chosen_is_the_way_that_is_used(
    hass: HomeAssistant, set_up: SetUp, way_out: dict[str, Any], tunnel: Tunnel
) -> None:
    talk = await Talk.about_home(hass)
    await talk.answer(**HOME, way_out=way_out)
    entry = talk.page["result"]
    assert tunnel_of(entry.data) == tunnel
    await hass.async_block_till_done()
    assert entry.runtime_data.is_running


async def test_a_demo_home_has_no_choice(hass: HomeAssistant, set_up: SetUp) -> None:
    entry = await set_up()
    assert tunnel_of(entry.data) == Tunnel(enforcement=Enforcement.DEMO)
    talk = await Talk.change_home(hass, entry)
    await talk.answer(**{**HOME, "demo": True}, way_out={"way": "router"})
    assert talk.reason == "reconfigure_successful"
    assert tunnel_of(entry.data) == Tunnel(enforcement=Enforcement.DEMO)


async def test_the_way_is_changed_by_a_person_alone(hass: HomeAssistant, set_up: SetUp) -> None:
    """What is not sent stays, also an interface that is not there at the moment."""
    entry = await set_up(demo=False)
    talk = await Talk.change_home(hass, entry)
    way = {"way": "interface", "interface": "wg0", "nameservers": "10.0.0.53"}
    await talk.answer(**HOME, way_out=way)
    assert talk.reason == "reconfigure_successful"
    chosen = tunnel_of(entry.data)
    assert (chosen.interface, chosen.nameservers) == ("wg0", ("10.0.0.53",))
    again = await Talk.change_home(hass, entry)
    await again.answer(**{**HOME, "label": "Flat 13"})
    assert entry.title == "Flat 13"
    assert tunnel_of(entry.data) == chosen


async def test_an_interface_in_use_may_be_away_while_all_else_is_changed(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await set_up(demo=False)
    talk = await Talk.change_home(hass, entry)
    await talk.answer(**HOME, way_out={"way": "interface", "interface": "wg0"})
    monkeypatch.setattr("custom_components.kvarbo.flows.home.tunnels_present", lambda: ())
    again = await Talk.change_home(hass, entry)
    await again.answer(**HOME, way_out={"way": "interface", "interface": "wg0"})
    assert again.reason == "reconfigure_successful"
    assert tunnel_of(entry.data).interface == "wg0"


async def test_a_second_interface_is_kept_shown_and_taken_away(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    entry = await set_up(demo=False)
    assert road_problem(entry.data, Road.SECOND) == "no_second_way"
    both = {"way": "interface", "interface": "wg0", "second": "tun0"}
    talk = await Talk.change_home(hass, entry)
    await talk.answer(**HOME, way_out=both)
    assert talk.reason == "reconfigure_successful"
    assert has_second(entry.data)
    assert tunnel_of(entry.data).interface == "wg0"
    assert tunnel_of(entry.data, Road.SECOND) == Tunnel(
        enforcement=Enforcement.INTERFACE, interface="tun0"
    )
    assert road_problem(entry.data, Road.SECOND) is None
    assert shown_way_out(entry.data) == {"way_out": {**both, "nameservers": ""}}
    again = await Talk.change_home(hass, entry)
    await again.answer(**HOME, way_out={"way": "interface", "interface": "wg0"})
    assert not has_second(entry.data)


@pytest.mark.parametrize("second", ["a/b", 5, ["wg0"], "", None])
def test_a_second_way_that_is_stored_broken_is_none(second: Any) -> None:
    home = {"demo": False, "way_out": {"way": "router", "second": second}}
    assert not has_second(home)
    assert road_problem(home, Road.SECOND) == "no_second_way"
    assert has_second({"demo": False, "way_out": {"way": "router", "second": "wg0"}})
    assert not has_second({"demo": True, "way_out": {"way": "router", "second": "wg0"}})
