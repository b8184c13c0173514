"""R01: a person is told which other integrations talk to the outside; a way that cannot be read stops nothing."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockModule, mock_integration

from custom_components.kvarbo.home import Home
from custom_components.kvarbo.outsiders import outsiders
from custom_components.kvarbo.transmission.tunnel import Enforcement
from custom_components.kvarbo.way_out import is_way_unreadable, tunnel_of
from simulator.municipality import Municipality

from .conftest import StartHome, entity, make_entry, said
from .test_issues import gone, issues, there


def loaded(hass: HomeAssistant, domain: str, iot_class: str) -> None:
    """Let an integration be there."""
    mock_integration(hass, MockModule(domain, partial_manifest={"iot_class": iot_class}))
    hass.config.components.add(domain)


async def test_those_that_talk_to_a_cloud_are_named(
    hass: HomeAssistant, start_home: StartHome
) -> None:
    loaded(hass, "weathery", "cloud_polling")
    loaded(hass, "lampy", "local_push")
    loaded(hass, "hacs", "calculated")
    hass.config.components.add("gone")
    assert outsiders(hass) == ["hacs", "weathery"]
    home = await start_home(make_entry(demo=False))
    issue = await there(hass, "outsiders")
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_placeholders == {"integrations": "hacs, weathery"}
    for domain in ("weathery", "hacs"):
        hass.config.components.remove(domain)
    home.changed()
    await gone(hass, "outsiders")


async def test_a_demo_home_does_not_nag(hass: HomeAssistant, home: Home) -> None:
    loaded(hass, "weathery", "cloud_push")
    home.changed()
    assert "outsiders" not in issues(hass)


@pytest.mark.parametrize(
    ("way", "enforcement"),
    [
        ({"way": "carrier_pigeon"}, Enforcement.NONE),
        ({"way": "carrier_pigeon", "interface": "wg0"}, Enforcement.INTERFACE),
        ({"interface": "wg0"}, Enforcement.INTERFACE),
        ({"way": "interface", "interface": "a/b"}, Enforcement.NONE),
        ({"way": "interface", "interface": "wg0", "nameservers": "x"}, Enforcement.INTERFACE),
        ({"way": "interface", "interface": "wg0", "nameservers": ["x"]}, Enforcement.INTERFACE),
        ("wg0", Enforcement.NONE),
    ],
)
async def test_a_way_that_cannot_be_read_is_told_and_stops_nothing(
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    way: Any,
    enforcement: Enforcement,
) -> None:
    entry = make_entry(demo=False)
    object.__setattr__(entry, "data", {**entry.data, "way_out": way})
    home = await start_home(entry)
    assert tunnel_of(entry.data).enforcement is enforcement
    assert said(hass, entity(hass, home, "sensor", "way_out")) == enforcement
    await there(hass, "way_unreadable")
    assert "way_not_chosen" not in issues(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "way_out": {"way": "router"}})
    await gone(hass, "way_unreadable")
    assert not is_way_unreadable(entry.data)
