"""How the way out stands, as a person sees it: sensor, repair issue, technical alarm."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
import pytest
import pytest_asyncio

from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.municipality.scaip_port import ScaipOptions
from simulator.testing import until

from .conftest import StartHome, entity, make_entry, said
from .test_issues import gone, there

LO = {"way": "interface", "interface": "lo"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a loss be told after a moment."""
    for name, seconds in (
        ("TOUCH", 0.1),
        ("HURRIED", 0.05),
        ("LOST_AFTER", 0.2),
        ("BACK_AFTER", 0.2),
    ):
        monkeypatch.setattr(f"custom_components.kvarbo.transmission.sentry.{name}", seconds)


def change_way(hass: HomeAssistant, home: Home, way_out: dict[str, Any]) -> None:
    hass.config_entries.async_update_entry(home.entry, data={**home.entry.data, "way_out": way_out})


@pytest_asyncio.fixture
async def municipality(socket_enabled: None) -> AsyncGenerator[Municipality]:
    """Takes SCAIP by plain TCP: what is touched and says nothing is nothing new there."""
    options = ScaipOptions(users={"4711": "s3cret"}, tls=None)
    async with Municipality(token="t", scaip=options) as running:
        yield running


def live_entry(municipality: Municipality, way: dict[str, Any]) -> Any:
    assert municipality.scaip is not None
    port = municipality.scaip.ports["tcp"]
    scaip = {
        "protocol": "scaip",
        "url": f"sip:larm@127.0.0.1:{port};transport=tcp",
        "username": "4711",
        "password": "s3cret",
        "takes": "alarms",
        "language": "en",
        "profile": "mrq",
        "heartbeat": 300,
        "order": 1,
    }
    entry = make_entry(
        ConfigSubentryData(data=scaip, subentry_type="receiver", title="SCAIP", unique_id=None),
        demo=False,
    )
    object.__setattr__(entry, "data", {**entry.data, "way_out": way})
    return entry


async def test_up_by_an_interface_down_where_nothing_may_be_reached_and_up_again(
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    quick: None,
) -> None:
    home = await start_home(live_entry(municipality, LO))
    path = entity(hass, home, "sensor", "path")
    await until(lambda: said(hass, path) == "up", what="the way")
    # By a router's VPN only private addresses may be spoken to, and this machine's own is none.
    change_way(hass, home, {"way": "router"})
    await until(lambda: said(hass, path) == "down", what="the loss")
    issue = await there(hass, "path_lost_hub")
    assert issue.translation_placeholders is not None
    change_way(hass, home, LO)
    await until(lambda: said(hass, path) == "up", what="the return")
    await gone(hass, "path_lost_hub")
    await until(
        lambda: any(a["kind"] == "Path lost" for a in municipality.state(None)["alarms"]),
        what="the technical alarm",
    )


async def test_an_interface_that_is_not_there(
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    quick: None,
) -> None:
    home = await start_home(
        live_entry(municipality, {"way": "interface", "interface": "kvarbo-none"})
    )
    path = entity(hass, home, "sensor", "path")
    await until(lambda: said(hass, path) == "down", what="the loss")
    issue = await there(hass, "path_lost_hub")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["words"] == "kvarbo-none"
    assert municipality.record.received == 0


async def test_a_demo_home_has_no_way_to_watch(hass: HomeAssistant, home: Home) -> None:
    assert said(hass, entity(hass, home, "sensor", "path")) == "unknown"
