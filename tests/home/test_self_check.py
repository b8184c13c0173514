"""What the home checks of itself, as a person sees it: the proven chain, the clock, the mains."""

from datetime import timedelta

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_LOCATION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.const import (
    CONF_NUMBER,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    SUBENTRY_DEVICE,
)
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.proven import ChainProof
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import (
    StartHome,
    entity,
    entity_source,
    first_receiver,
    make_entry,
    receiver,
    said,
)
from .test_issues import gone, there

UPS = "binary_sensor.ups"


def ups() -> ConfigSubentryData:
    return ConfigSubentryData(
        data={
            CONF_NUMBER: 5,
            CONF_ROLE: "mains",
            CONF_LOCATION: "hallway",
            CONF_RESIDENT: 0,
            CONF_SOURCE: entity_source("binary_sensor", "ups"),
        },
        subentry_type=SUBENTRY_DEVICE,
        title="UPS",
        unique_id=None,
    )


def of_kind(municipality: Municipality, kind: str) -> list[dict[str, object]]:
    return [a for a in municipality.state(None)["alarms"] if a["kind"] == kind]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the home look at itself each twentieth of a second."""
    monkeypatch.setattr("custom_components.kvarbo.self_check.LOOK_EVERY", timedelta(seconds=0.05))


async def test_the_chain_is_proven_by_a_test_that_no_operator_hears_of(
    hass: HomeAssistant, often: None, home: Home, municipality: Municipality
) -> None:
    proven = entity(hass, home, "binary_sensor", "chain_proven")
    await until(lambda: said(hass, proven) == "on", what="the proof")
    state = hass.states.get(proven)
    assert state is not None
    assert state.attributes["tested_at"] == home.ledger.markers["chain_tested"]
    assert [a["kind"] for a in municipality.state(None)["alarms"]] == []

    await municipality.set_fault(Mode.DOWN)
    for _ in range(2):
        await home.chain.transmitter.beat(first_receiver(home))
    await until(lambda: said(hass, proven) == "off", what="the end of the proof")

    await municipality.set_fault(Mode.NONE)
    await home.chain.transmitter.beat(first_receiver(home))
    await until(lambda: said(hass, proven) == "on", what="the proof again")
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    await until(lambda: said(hass, proven) == "on", what="the proof after a restart")


async def test_a_clock_that_leaps_is_told_and_ends(
    hass: HomeAssistant, home: Home, municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = [timedelta(0)]
    passed = [0.0]
    wall, mono = SystemClock.now, SystemClock.monotonic
    monkeypatch.setattr(
        SystemClock, "now", lambda s: wall(s) + ahead[0] + timedelta(seconds=passed[0])
    )
    monkeypatch.setattr(SystemClock, "monotonic", lambda s: mono(s) + passed[0])
    home.check.look()
    assert of_kind(municipality, "clock_fault") == []
    ahead[0] = timedelta(hours=3)
    home.check.look()
    issue = await there(hass, "clock_fault_hub")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["words"].endswith("UTC")
    await until(lambda: len(of_kind(municipality, "clock_fault")) == 1, what="the alarm")
    for _ in range(11):
        passed[0] += 60
        home.check.look()
    await gone(hass, "clock_fault_hub")
    await until(lambda: of_kind(municipality, "clock_fault")[0]["cleared_at"], what="the all-clear")


async def test_mains_lost_and_back(
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.kvarbo.mains.DIP", 0.05)
    er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", "ups", suggested_object_id="ups"
    )
    hass.states.async_set(UPS, "on")
    home = await start_home(make_entry(receiver(municipality.url), ups()))
    hass.states.async_set(UPS, "off")
    await there(hass, "mains_lost_5")
    await until(lambda: len(of_kind(municipality, "mains_lost")) == 1, what="the alarm")
    [alarm] = of_kind(municipality, "mains_lost")
    assert alarm["class"] == "technical"
    assert "on" in str(alarm["reason"])
    hass.states.async_set(UPS, "on")
    await gone(hass, "mains_lost_5")
    await until(lambda: of_kind(municipality, "mains_lost")[0]["cleared_at"], what="the all-clear")
    assert home.chain.faults.open == {}


async def test_proof_that_comes_or_goes_is_shown_at_the_next_look(
    hass: HomeAssistant, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = entity(hass, home, "binary_sensor", "chain_proven")
    for stands in (True, False):
        monkeypatch.setattr(ChainProof, "is_proven", stands)
        home.check.look()
        await hass.async_block_till_done()
        assert said(hass, proven) == ("on" if stands else "off")


async def test_failed_test_is_logged_once_until_one_succeeds(
    hass: HomeAssistant,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    results = [False, False, True, False]

    async def test(_self: ChainProof) -> bool:
        return results.pop(0)

    monkeypatch.setattr(ChainProof, "is_due", lambda _: bool(results))
    monkeypatch.setattr(ChainProof, "test", test)
    logged = []
    while results:
        home.check.look()
        await hass.async_block_till_done(wait_background_tasks=True)
        logged.append(caplog.text.count("daily test of the alarm chain has failed"))
    assert logged == [1, 1, 1, 2]
