"""What ails a device is noticed within its own interval, over the real ZHA, and told once with its end (A8, F10)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest
import pytest_asyncio

from custom_components.kvarbo.alarm.alarm import Source
from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode, Role
from custom_components.kvarbo.alarm.request import AlarmRequest
from custom_components.kvarbo.devices import zigbee
from custom_components.kvarbo.devices.vitals import MOST, UNAVAILABLE, Ailment, Vitals
from custom_components.kvarbo.devices.zigbee import TAMPER, zigbee_signs
from custom_components.kvarbo.health import read_health
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.rounds import UNTRIED, VITALS
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.zigbee import SimCoordinator

from .conftest import CORD, StartHome, button, by_unique_id, entity_source, make_entry, receiver
from .test_issues import gone, there
from .test_real_zha import Call, paired, zigbee_home, zone

__all__ = ["paired", "zigbee_home"]

pytestmark = pytest.mark.usefixtures("quick_answers")

STEP = 600.0


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Home, float], None]:
    """Let the home make its rounds for so many seconds, ten minutes apart."""
    passed = [0.0]
    mono = SystemClock.monotonic
    monkeypatch.setattr(SystemClock, "monotonic", lambda s: mono(s) + passed[0])

    def passes(home: Home, seconds: float) -> None:
        home.check.rounds.look()
        for _ in range(round(seconds / STEP)):
            passed[0] += STEP
            home.check.rounds.look()

    return passes


@pytest_asyncio.fixture
async def corded(sources: None, municipality: Municipality, start_home: StartHome) -> Home:
    """A home with one cord, of which no radio tells anything."""
    cord = button(1, entity_source("binary_sensor", "cord"), "bathroom")
    return await start_home(make_entry(receiver(municipality.url), cord))


def alarms(municipality: Municipality, kind: str) -> list[dict[str, object]]:
    return [a for a in municipality.state(None)["alarms"] if a["kind"] == kind]


async def test_canary_the_real_zha_tells_all_that_is_asked_of_it(
    hass: HomeAssistant, zha: ConfigEntry, paired: Call, radio: SimCoordinator
) -> None:
    """Where this fails, ZHA has changed inside: see devices/zigbee.py."""
    found = zone(hass, paired.cord)
    assert found is not None
    paired.cord.lqi, paired.cord.rssi = 77, -81
    paired.cord.tamper(on=True)
    await until(
        lambda: (s := zigbee_signs(hass, str(paired.cord.ieee))) and s.zone_status & TAMPER,
        what="the tamper bit",
    )
    signs = zigbee_signs(hass, str(paired.cord.ieee))
    assert signs is not None
    assert (signs.lqi, signs.rssi) == (77, -81)
    assert signs.heard is not None
    assert abs(datetime.fromtimestamp(signs.heard, UTC) - datetime.now(UTC)) < timedelta(minutes=1)
    assert zigbee_signs(hass, "02:00:00:00:00:00:0b:99") is None


async def test_zha_that_is_not_as_expected_is_told_once_and_read_as_not_known(
    hass: HomeAssistant,
    zha: ConfigEntry,
    paired: Call,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("homeassistant.components.zha.helpers.get_zha_gateway", lambda _: object())
    monkeypatch.setattr(zigbee._Guard, "told", False)
    for _ in range(3):
        assert zigbee_signs(hass, str(paired.cord.ieee)) is None
    assert caplog.text.count("ZHA is not as expected") == 1


async def test_a_pendant_that_is_heard_no_more_is_told_and_so_is_its_return(
    hass: HomeAssistant,
    zigbee_home: Home,
    paired: Call,
    radio: SimCoordinator,
    municipality: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    passes(zigbee_home, MOST - 2 * STEP)
    assert alarms(municipality, "device_silent") == []
    # The two others are heard in time; the pendant is in a drawer somewhere else.
    paired.pendant.reachable = False
    before = zigbee_home.check.rounds.vitals[1].heard
    paired.cord.check_in()
    paired.wall.battery(90)
    await until(
        lambda: (s := zigbee_signs(hass, str(paired.cord.ieee))) and s.heard != before,
        what="the cord",
    )
    await radio.idle()
    passes(zigbee_home, 4 * STEP)
    issue = await there(hass, "device_silent_2")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["words"] == "2"
    await until(lambda: len(alarms(municipality, "device_silent")) == 1, what="the alarm")
    [alarm] = alarms(municipality, "device_silent")
    assert (alarm["device"], alarm["class"]) == (2, "technical")
    assert "not heard since" in str(alarm["reason"])
    assert read_health(zigbee_home).silent == 1
    ailing = by_unique_id(
        hass, "binary_sensor", f"{zigbee_home.device_subentries()[1].subentry_id}_ailing"
    )
    zigbee_home.changed()
    await until(lambda: hass.states.is_state(ailing, "on"), what="the entity")
    passes(zigbee_home, 24 * 3600)
    assert [a["device"] for a in alarms(municipality, "device_silent")].count(2) == 1

    paired.pendant.reachable = True
    paired.pendant.check_in()
    await until(
        lambda: zigbee_home.check.rounds.look() or not _silent(zigbee_home, 2), what="the return"
    )
    await gone(hass, "device_silent_2")
    await until(lambda: alarms(municipality, "device_silent")[0]["cleared_at"], what="the end")


def _silent(home: Home, number: int) -> bool:
    return Ailment.SILENT in home.check.rounds.vitals[number].ailments


async def test_bits_that_zha_shows_nobody_are_technical_alarms(
    hass: HomeAssistant,
    zigbee_home: Home,
    paired: Call,
    municipality: Municipality,
) -> None:
    paired.cord.tamper(on=True)
    paired.pendant.low_battery(on=True)
    rounds = zigbee_home.check.rounds
    await until(
        lambda: (rounds.look(), {1, 2} <= {n for n, v in rounds.vitals.items() if v.ailments})[1],
        what="the bits",
    )
    await there(hass, "device_tamper_1")
    await there(hass, "device_battery_2")
    await until(lambda: alarms(municipality, "device_battery"), what="the battery")
    await until(lambda: alarms(municipality, "device_tamper"), what="the tamper")
    assert alarms(municipality, "device_tamper")[0]["device"] == 1
    assert alarms(municipality, "device_battery")[0]["device"] == 2
    assert alarms(municipality, "help_call") == []
    paired.cord.tamper(on=False)
    await until(lambda: (rounds.look(), not rounds.vitals[1].ailments)[1], what="the end")
    await gone(hass, "device_tamper_1")
    await until(lambda: alarms(municipality, "device_tamper")[0]["cleared_at"], what="all clear")


async def test_a_weak_link_is_told_to_operations(
    hass: HomeAssistant,
    zigbee_home: Home,
    paired: Call,
    radio: SimCoordinator,
    municipality: Municipality,
) -> None:
    paired.cord.lqi = 9
    rounds = zigbee_home.check.rounds
    for _ in range(60):
        before = rounds.vitals[1].heard if 1 in rounds.vitals else None
        paired.cord.check_in()
        await until(
            lambda b=before: (s := zigbee_signs(hass, str(paired.cord.ieee))) and s.heard != b,  # type: ignore[misc]
            what="the check-in",
        )
        rounds.look()
        if rounds.vitals[1].ailments:
            break
    assert rounds.vitals[1].ailments == {Ailment.WEAK}
    await there(hass, "device_fault_1")
    await until(lambda: alarms(municipality, "device_fault"), what="the alarm")
    assert "badly reached" in str(alarms(municipality, "device_fault")[0]["reason"])
    assert read_health(zigbee_home).weak_links == 1


async def test_a_radio_that_is_gone_is_one_alarm_and_no_silence_of_each(
    hass: HomeAssistant,
    zha: ConfigEntry,
    zigbee_home: Home,
    municipality: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    assert await hass.config_entries.async_unload(zha.entry_id)
    passes(zigbee_home, 2 * MOST)
    await there(hass, "radio_lost_zigbee")
    await until(lambda: alarms(municipality, "radio_lost"), what="the alarm")
    assert alarms(municipality, "device_silent") == []
    assert await hass.config_entries.async_setup(zha.entry_id)
    await hass.async_block_till_done()
    passes(zigbee_home, STEP)
    await gone(hass, "radio_lost_zigbee")
    await until(lambda: alarms(municipality, "radio_lost")[0]["cleared_at"], what="the end")
    assert alarms(municipality, "device_silent") == []


async def test_what_was_learned_outlives_a_restart_and_rubbish_does_not_harm(
    hass: HomeAssistant, home: Home, passes: Callable[[Home, float], None]
) -> None:
    passes(home, 4 * STEP)
    looked = home.check.rounds.vitals[1].looked
    assert looked >= 4 * STEP
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    again: Home = home.entry.runtime_data
    assert again.check.rounds.vitals[1].looked == pytest.approx(looked, abs=STEP)
    again.ledger.markers[VITALS] = {"1": {"quiet": "x"}, "2": Vitals().to_json(), "x": {}}
    again.check.rounds.vitals.clear()
    again.check.rounds.start(again.devices)
    assert again.check.rounds.vitals.keys() == {2}


async def test_one_that_home_assistant_calls_unavailable_is_missed_after_an_hour(
    hass: HomeAssistant,
    corded: Home,
    municipality: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    hass.states.async_set(CORD, "unavailable")
    passes(corded, UNAVAILABLE - STEP)
    assert corded.check.rounds.vitals[1].ailments == frozenset()
    passes(corded, 2 * STEP)
    await there(hass, "device_silent_1")
    hass.states.async_set(CORD, "off")
    passes(corded, STEP)
    await gone(hass, "device_silent_1")


async def test_a_button_that_nobody_has_ever_tried_is_asked_about(
    hass: HomeAssistant,
    corded: Home,
    municipality: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    passes(corded, UNTRIED + STEP)
    corded.changed()
    issue = await there(hass, "never_tried_1")
    assert issue.translation_placeholders == {"number": "1"}
    assert alarms(municipality, "device_silent") == []
    hass.states.async_set(CORD, "on")
    await until(lambda: corded.check.rounds.untried() == [], what="the press")
    corded.changed()
    await gone(hass, "never_tried_1")


async def test_silence_that_a_rule_has_told_of_is_not_told_again(
    hass: HomeAssistant,
    corded: Home,
    municipality: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    """R60."""
    told = AlarmRequest(
        kind=AlarmKind.DEVICE_SILENT,
        reason=ReasonCode.SILENT,
        source=Source(1, Role.HELP_BUTTON),
        episode="fsensor_silent/0/:silent:1@1",
    )
    await corded.chain.raise_alarm(told, "watcher")
    hass.states.async_set(CORD, "unavailable")
    passes(corded, 2 * UNAVAILABLE)
    assert corded.check.rounds.vitals[1].ailments == {Ailment.SILENT}
    await hass.async_block_till_done()
    assert [a.kind for a in corded.ledger.open_alarms()] == [AlarmKind.DEVICE_SILENT]
