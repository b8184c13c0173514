"""R07, R48: no secret and no name gets into diagnostics, system health, logs, states, journal or the wire."""

from http import HTTPStatus
import json
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    get_system_health_info,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.testing_municipality import TOKEN

from .conftest import (
    CORD,
    StartHome,
    arrived,
    button,
    entity_source,
    first_receiver,
    make_entry,
    receiver,
)

#: Opens something.
SECRETS: Final = (
    "marksecret-token",
    "marksecret-profile",
    "PRIVATE KEY",
    "BEGIN CERTIFICATE",
    TOKEN,
)
#: Tells where something is.
PLACES: Final = (
    "markhost.invalid",
    "markpath",
    "markunique",
    "02:00:00:00:00:00:00:41",
    "marksnore",
)
#: Tells who or where somebody is.
NAMES: Final = ("Marklabel", "Markreceiver", "Markbutton", "Markcord", "Markarea", "Markuser")


def found(markers: tuple[str, ...], text: str) -> list[str]:
    return [marker for marker in markers if marker.lower() in text.lower()]


@pytest.fixture
async def marked(
    hass: HomeAssistant, municipality_tls: Municipality, start_home: StartHome
) -> Home:
    """A live home in which everything that has a name bears a marker."""
    maker = MockConfigEntry(domain="test", title="Markmaker")
    maker.add_to_hass(hass)
    area = ar.async_get(hass).async_create("Markarea")
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=maker.entry_id,
        identifiers={("test", "02:00:00:00:00:00:00:41")},
        name="Markcord",
    )
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    er.async_get(hass).async_get_or_create(
        "binary_sensor",
        "test",
        "markunique",
        suggested_object_id="marksnore",
        original_name="Markcord",
        config_entry=maker,
        device_id=device.id,
    )
    hass.states.async_set("binary_sensor.marksnore", "off", {"friendly_name": "Markcord"})
    assert municipality_tls.ca_file is not None
    pem = await hass.async_add_executor_job(municipality_tls.ca_file.read_text)
    subentries = [
        receiver(municipality_tls.url, ca_certificate=pem),
        receiver("https://markhost.invalid/markpath", token="marksecret-token", order=2),
        receiver(municipality_tls.url, order=3, ca_certificate=pem, profile="marksecret-profile"),
        receiver(municipality_tls.url, order=4, ca_certificate=pem, token="marksecret-token-2"),
        button(1, entity_source("binary_sensor", "markunique"), "bathroom"),
        button(2, {"type": "zha_event", "ieee": "02:00:00:00:00:00:00:41"}, "bathroom"),
        button(3, {"type": "later", "name": "markunique"}),
    ]
    for subentry in subentries:
        word = "Markreceiver" if subentry["subentry_type"] == "receiver" else "Markbutton"
        subentry["title"] = f"{word} of Markuser"
    return await start_home(make_entry(*subentries, demo=False, label="Marklabel"))


async def live_a_little(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    """Let everything happen that could let a marker slip."""
    user = MockUser(name="Markuser").add_to_hass(hass)
    hass.states.async_set("binary_sensor.marksnore", "on", {"friendly_name": "Markcord"})
    await arrived(hass, municipality, 1)
    for data in ({"kind": "Markuser"}, {"kind": "fall", "device": 8}):
        with pytest.raises(ServiceValidationError):
            await hass.services.async_call("kvarbo", "raise_alarm", data, blocking=True)
    await hass.services.async_call(
        "kvarbo", "raise_alarm", {"kind": "fall"}, blocking=True, context=Context(user_id=user.id)
    )
    for line in home.chain.transmitter.lines:
        await line.watch.beat()
        await line.watch.beat()
    await until(
        lambda: len(home.chain.faults.open) == 2, what="a receiver lost, and one that refuses"
    )
    assert await home.journal.flush(5)


def everything_on_disk(folder: Path) -> str:
    return " ".join(
        file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()
    )


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No touch of the receiver: asyncio's TLS server reports one that says nothing as an error of the loop's."""

    async def touch(_self: object) -> bool:
        return True

    monkeypatch.setattr("custom_components.kvarbo.transmission.touching.Touching.touch", touch)


async def test_nothing_slips(
    hass: HomeAssistant,
    untouched: None,
    marked: Home,
    municipality_tls: Municipality,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await live_a_little(hass, marked, municipality_tls)
    assert await async_setup_component(hass, "diagnostics", {})
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()

    http = await hass_client()
    response = await http.get(f"/api/diagnostics/config_entry/{marked.entry.entry_id}")
    assert response.status == HTTPStatus.OK
    diagnostics = await response.text()
    assert '"controller": "4711"' in diagnostics
    assert found((*SECRETS, *PLACES, *NAMES), diagnostics) == []

    health = json.dumps(await get_system_health_info(hass, "kvarbo"))
    assert "4711" in health
    assert found((*SECRETS, *PLACES, *NAMES), health) == []

    logs = "\n".join(
        record.getMessage()
        for record in caplog.get_records("setup") + caplog.get_records("call")
        if record.name.startswith("custom_components.kvarbo")
    )
    assert "cannot be listened to" in logs
    assert "does not answer" in logs
    assert found((*SECRETS, *PLACES, *NAMES), logs) == []

    ours = {e.entity_id for e in er.async_get(hass).entities.values() if e.platform == "kvarbo"}
    states = [state for state in hass.states.async_all() if state.entity_id in ours]
    assert len(states) == len(ours) == 27
    for state in states:
        # How a thing is called in its own home stays in the home; no secret is part of a name.
        shown = {k: v for k, v in state.attributes.items() if k != "friendly_name"}
        assert found((*SECRETS, *PLACES, *NAMES), f"{state.state} {shown}") == []
        assert found(SECRETS, str(state.attributes)) == []

    wire = json.dumps(municipality_tls.record.shown())
    assert municipality_tls.record.dropped == 0
    assert "help_call" in wire
    # Each receiver gets its own token and no other's: the last one got what it refuses.
    own = [s for s in SECRETS if s != "marksecret-token"]
    assert found((*own, *PLACES, *NAMES), wire) == []

    disk = await hass.async_add_executor_job(everything_on_disk, marked.folder)
    assert "help_call" in disk
    assert found((*SECRETS, *PLACES, *NAMES), disk) == []


async def test_what_support_sees(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    hass_client: ClientSessionGenerator,
) -> None:
    await home.chain.transmitter.beat(first_receiver(home))
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    await until(lambda: home.last_receipt() is not None, what="the receipt")
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, home.entry)
    assert told["home"] == {
        "controller": "4711",
        "label": "**REDACTED**",
        "demo": True,
        "next_number": 9,
    }
    [its] = told["receivers"]
    assert its["reached"] is True
    assert its["in_use"] is True
    assert its["took"] > 0
    assert its["settings"]["url"] == its["settings"]["token"] == "**REDACTED**"
    assert its["settings"]["protocol"] == "rest"
    assert [(d["number"], d["location"], d["missing"]) for d in told["devices"]] == [
        (1, "bathroom", False),
        (2, "hallway", False),
        (3, "bedroom", False),
    ]
    assert told["alarms"]["open"] == 1
    assert told["alarms"]["undelivered"] == told["alarms"]["not_on_disk"] == 0
    last = home.last_receipt()
    assert last is not None
    assert told["alarms"]["last_receipt"] == last.isoformat()
    assert told["faults"] == []
    assert told["journal"] == {"in_trouble": False, "set_aside": False, "restored_alarms": 0}


async def test_what_support_sees_of_a_home_that_cannot_call(
    hass: HomeAssistant,
    municipality: Municipality,
    hass_client: ClientSessionGenerator,
    start_home: StartHome,
) -> None:
    home = await start_home(make_entry(receiver(municipality.url, heartbeat=1)))
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, home.entry)
    [its] = told["receivers"]
    assert (its["in_use"], its["reached"], its["took"]) == (False, None, None)
    assert told["alarms"]["last_receipt"] is None
