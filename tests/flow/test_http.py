"""The dialogs as the browser gets them: no secret in a page, and a wrong type named by its field."""

from http import HTTPStatus
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.testing_municipality import TOKEN

from .talk import Talk

FLOWS = "/api/config/config_entries/flow"
SUBFLOWS = "/api/config/config_entries/subentries/flow"


@pytest.fixture(autouse=True)
async def config_api(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "config", {})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"controller": 4711, "label": "Flat 12"}, "controller"),
        ({"controller": "4711", "label": ["Flat 12"]}, "label"),
        ({"label": "Flat 12"}, "controller"),
        ({"controller": None, "label": "Flat 12"}, "controller"),
    ],
)
async def test_a_wrong_type_about_the_home_is_named(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, typed: dict[str, Any], field: str
) -> None:
    client = await hass_client()
    page = await (await client.post(FLOWS, json={"handler": "kvarbo"})).json()
    answer = await client.post(f"{FLOWS}/{page['flow_id']}", json=typed)
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert list((await answer.json())["errors"]) == [field]
    assert not hass.config_entries.async_entries("kvarbo")


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"url": 5}, "url"),
        ({"token": {"a": 1}}, "token"),
        ({"takes": "everything"}, "takes"),
        ({"takes": 1}, "takes"),
        ({"language": "fi"}, "language"),
    ],
)
async def test_a_wrong_type_about_a_receiver_is_named(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    demo_home: ConfigEntry[Any],
    basic: dict[str, Any],
    other: dict[str, Any],
    field: str,
) -> None:
    client = await hass_client()
    handler = [demo_home.entry_id, "receiver"]
    page = await (await client.post(SUBFLOWS, json={"handler": handler})).json()
    flow = f"{SUBFLOWS}/{page['flow_id']}"
    await client.post(flow, json={"next_step_id": "rest"})
    answer = await client.post(flow, json={**basic, **other})
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert list((await answer.json())["errors"]) == [field]
    assert not demo_home.subentries


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"entity_id": 5, "location": "home"}, "entity_id"),
        ({"entity_id": "no entity", "location": "home"}, "entity_id"),
        ({"entity_id": "event.bell", "location": "moon"}, "location"),
        ({"entity_id": "event.bell", "location": "home", "resident": "Anna"}, "resident"),
    ],
)
async def test_a_wrong_type_about_a_device_is_named(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    demo_home: ConfigEntry[Any],
    typed: dict[str, Any],
    field: str,
) -> None:
    client = await hass_client()
    handler = [demo_home.entry_id, "device"]
    page = await (await client.post(SUBFLOWS, json={"handler": handler})).json()
    await client.post(f"{SUBFLOWS}/{page['flow_id']}", json={"role": "help_button"})
    answer = await client.post(f"{SUBFLOWS}/{page['flow_id']}", json=typed)
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert list((await answer.json())["errors"]) == [field]
    assert demo_home.data["next_number"] == 1


@pytest.mark.parametrize("role", ["hub", "rule", "camera", 5, None])
async def test_what_is_no_role_of_a_device_is_named(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    demo_home: ConfigEntry[Any],
    role: object,
) -> None:
    client = await hass_client()
    handler = [demo_home.entry_id, "device"]
    page = await (await client.post(SUBFLOWS, json={"handler": handler})).json()
    answer = await client.post(f"{SUBFLOWS}/{page['flow_id']}", json={"role": role})
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert list((await answer.json())["errors"]) == ["role"]


async def test_no_page_holds_a_secret(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    demo_home: ConfigEntry[Any],
    basic: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**basic)
    await talk.answer()
    [subentry] = demo_home.subentries.values()
    client = await hass_client()
    change = {"handler": [demo_home.entry_id, "receiver"], "subentry_id": subentry.subentry_id}
    opened = await client.post(SUBFLOWS, json=change)
    page = await opened.json()
    pages = [await opened.text()]
    for typed in (
        {**basic, "url": "nowhere"},
        {**basic, "advanced": True},
        {"heartbeat": 0, "order": 1, "client_key": "secret-key"},
    ):
        answer = await client.post(f"{SUBFLOWS}/{page['flow_id']}", json=typed)
        assert answer.status == HTTPStatus.OK
        pages.append(await answer.text())
    for secret in (TOKEN, "secret-key"):
        assert not any(secret in text for text in pages)
        assert secret not in caplog.text
