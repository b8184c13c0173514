"""What the running shell offers is what its files describe."""

from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import probatio
import pytest

from custom_components.kvarbo.actions import RAISABLE
from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.const import DOMAIN
from tests.house.tree import at, load

COMPONENT: Final = Path(__file__).parents[2] / "custom_components" / "kvarbo"


@pytest.fixture
async def actions(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, DOMAIN, {})
    return {
        name: service.schema
        for name, service in hass.services.async_services_for_domain(DOMAIN).items()
    }


async def test_each_action_takes_the_fields_that_are_described(actions: dict[str, Any]) -> None:
    described = load(COMPONENT, "services.yaml")
    assert actions.keys() == described.keys()
    for name, schema in actions.items():
        taken = {str(key): isinstance(key, probatio.Required) for key in schema.schema}
        fields = described[name].get("fields") or {}
        told = {field: bool(body.get("required")) for field, body in fields.items()}
        assert taken == told, name


@pytest.mark.parametrize(
    ("field", "words"),
    [("kind", RAISABLE), ("location", tuple(Location))],
    ids=["kind", "location"],
)
def test_an_action_offers_what_it_takes(field: str, words: tuple[str, ...]) -> None:
    options = at(
        load(COMPONENT, "services.yaml"), f"raise_alarm.fields.{field}.selector.select.options"
    )
    assert set(options) == {str(word) for word in words}
