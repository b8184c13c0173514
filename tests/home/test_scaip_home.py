"""A home whose first receiver speaks SCAIP and whose second speaks REST (A3, A4, R23)."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
import pytest_asyncio

from custom_components.kvarbo.const import DOMAIN
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.municipality.faults import By, Mode
from simulator.municipality.scaip_port import ScaipOptions
from simulator.testing import until
from simulator.testing_municipality import TOKEN

from .conftest import (
    CORD,
    StartHome,
    button,
    by_unique_id,
    entity,
    entity_source,
    make_entry,
    receiver,
    said,
)


@pytest_asyncio.fixture
async def municipality(socket_enabled: None) -> AsyncGenerator[Municipality]:
    options = ScaipOptions(users={"4711": "s3cret"}, domain="localhost", tls=None)
    async with Municipality(token=TOKEN, scaip=options) as running:
        yield running


def scaip(municipality: Municipality, **more: Any) -> ConfigSubentryData:
    assert municipality.scaip is not None
    data = {
        "protocol": "scaip",
        "url": f"sip:larm@127.0.0.1:{municipality.scaip.ports['tcp']};transport=tcp",
        "username": "4711",
        "password": "s3cret",
        "takes": "alarms",
        "language": "en",
        "heartbeat": 300,
        "order": 1,
        **more,
    }
    return ConfigSubentryData(data=data, subentry_type="receiver", title="SCAIP", unique_id=None)


@pytest_asyncio.fixture
async def home(
    hass: HomeAssistant, municipality: Municipality, sources: None, start_home: StartHome
) -> Home:
    return await start_home(
        make_entry(
            scaip(municipality),
            receiver(municipality.url, order=2),
            button(1, entity_source("binary_sensor", "cord"), "bathroom"),
        )
    )


def taken(municipality: Municipality) -> list[tuple[str, str]]:
    """Personal alarms there, by the way they came."""
    return [
        (alarm.get("protocol", "REST"), alarm["messages"][0]["type"].split(".")[-1])
        for alarm in municipality.state()["alarms"]
        if alarm["class"] == "personal"
    ]


async def test_a_press_goes_to_the_first_and_to_nobody_else(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    hass.states.async_set(CORD, "on")
    await until(lambda: not home.ledger.undelivered() and taken(municipality), what="a receipt")
    assert taken(municipality) == [("SCAIP", "raised")]
    assert municipality.scaip is not None
    assert municipality.scaip.complaints == []


@pytest.mark.parametrize("mode", [Mode.BUSY, Mode.NOT_TREATED])
async def test_whoever_says_no_is_left_for_the_next_at_once(
    hass: HomeAssistant, home: Home, municipality: Municipality, mode: Mode
) -> None:
    await municipality.set_fault(mode, by=By.SCAIP)
    hass.states.async_set(CORD, "on")
    await until(lambda: taken(municipality), 5, what="the second receiver")
    assert taken(municipality) == [("REST", "raised")]


async def test_refused_credentials_ask_a_person_and_the_alarm_goes_on(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    await municipality.set_fault(Mode.CREDENTIALS, by=By.SCAIP)
    hass.states.async_set(CORD, "on")
    await until(lambda: taken(municipality), 5, what="the second receiver")
    assert taken(municipality) == [("REST", "raised")]

    def asked() -> bool:
        flows = hass.config_entries.flow.async_progress()
        issues = ir.async_get(hass).issues
        return bool(flows) or any(domain == DOMAIN for domain, _ in issues)

    await until(asked, what="a person to be asked")


async def test_a_refused_form_is_sent_in_its_least_form(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    await municipality.set_fault(Mode.REFUSE_FULL, by=By.SCAIP, snu=3)
    hass.states.async_set(CORD, "on")
    await until(lambda: taken(municipality), 5, what="the minimal form")
    assert taken(municipality) == [("SCAIP", "raised")]
    (alarm, *_) = municipality.state()["alarms"]
    assert alarm["messages"][0]["minimal"]


async def test_a_call_that_is_expected_is_shown_until_its_window_ends(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    shown = entity(hass, home, "binary_sensor", "callback")
    assert said(hass, shown) == "off"
    await municipality.set_fault(Mode.CALLBACK, by=By.SCAIP, only="alarm", minutes=3)
    hass.states.async_set(CORD, "on")
    await until(lambda: said(hass, shown) == "on", what="the window")
    state = hass.states.get(shown)
    assert state is not None
    told = state.attributes
    assert (told["voice"], told["we_call"], told["address"]) == ("duplex", False, None)
    key = next(s.subentry_id for s in home.entry.subentries.values() if s.title == "SCAIP")
    reached = hass.states.get(by_unique_id(hass, "binary_sensor", f"{key}_reached"))
    assert reached is not None
    assert reached.attributes["heartbeat_interval"] == 180
    assert home.chain.transmitter.interval(key) == 180
    # A restart in the middle does not close it.
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    await until(lambda: said(hass, shown) == "on", what="the window after the restart")
    again: Home = home.entry.runtime_data
    again.clock.skip(timedelta(minutes=4))
    again.changed()
    await until(lambda: said(hass, shown) == "off", what="its end")
