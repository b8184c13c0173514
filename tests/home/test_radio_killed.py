"""The radio is killed in the middle of an alarm, a grant and a pairing: nothing is lost, and what is so is told."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.access.door import Bolt, Code
from custom_components.kvarbo.devices import zigbee_lock
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.rounds import LOST_AFTER
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.zigbee import SimCoordinator

from .conftest import arrived, is_received
from .entry_place import MINUTE, PIN, MakePlace, make_place, passes
from .test_diagnostics import untouched
from .test_issues import gone, there
from .test_real_zha import Call, paired, zigbee_home

__all__ = ["make_place", "paired", "passes", "untouched", "zigbee_home"]

pytestmark = pytest.mark.usefixtures("quick_answers", "untouched", "radio_may_be_away")


async def killed(radio: SimCoordinator, zha: ConfigEntry) -> None:
    """Kill the radio's process; return when ZHA has noticed."""
    await radio.drop_connection(seconds=600)
    await until(lambda: zha.state is ConfigEntryState.SETUP_RETRY, what="ZHA to try in vain")


async def back(hass: HomeAssistant, radio: SimCoordinator, zha: ConfigEntry) -> None:
    """Start it again, and ZHA on it: it tries by itself, in a while."""
    await radio.drop_connection()
    await hass.config_entries.async_reload(zha.entry_id)
    assert zha.state is ConfigEntryState.LOADED
    await hass.async_block_till_done()


async def test_in_the_middle_of_an_alarm_it_arrives_once_and_the_radio_is_told(
    hass: HomeAssistant,
    zigbee_home: Home,
    zha: ConfigEntry,
    paired: Call,
    radio: SimCoordinator,
    municipality: Municipality,
) -> None:
    paired.cord.pull()
    await until(zigbee_home.ledger.open_alarms, what="the call")
    await killed(radio, zha)
    [call] = await arrived(hass, municipality, 1)
    await is_received(zigbee_home, call["alarm"])
    for _ in range(LOST_AFTER):
        zigbee_home.check.rounds.look()
    await there(hass, "radio_lost_zigbee")
    await back(hass, radio, zha)
    zigbee_home.check.rounds.look()
    await gone(hass, "radio_lost_zigbee")
    # It is pulled still, as it was before: no second call.
    await radio.idle()
    await hass.async_block_till_done()
    assert len(await arrived(hass, municipality, 1)) == 1
    paired.pendant.press()
    await arrived(hass, municipality, 2)


async def test_in_the_middle_of_a_grant_the_door_is_locked_when_the_radio_is_back(
    hass: HomeAssistant,
    make_place: MakePlace,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality_tls: Municipality,
    passes: Callable[[Home, float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.kvarbo.entrance.MOVES_IN", 5)
    place = await make_place(by_command=True, relock_minutes=2)
    municipality_tls.open_door(await place.calls(municipality_tls))
    await place.is_locked(locked=False)
    await until(lambda: not place.entrance.is_acting, what="the grant")
    await killed(radio, zha)
    assert place.entrance.bolt is Bolt.UNKNOWN
    passes(place.home, 10 * MINUTE)
    # Honestly: it is not known to be locked, and the wish to lock it stands.
    assert place.entrance.door.kept.relock_at is not None
    assert not place.lock.locked
    await back(hass, radio, zha)
    await until(lambda: place.entrance.bolt is not Bolt.UNKNOWN, what="the lock's word")
    passes(place.home, 10)
    await place.is_locked(locked=True)
    await until(lambda: place.entrance.door.kept.relock_at is None, what="the end")


async def test_in_the_middle_of_a_grant_the_code_is_shut_when_the_radio_is_back(
    hass: HomeAssistant,
    make_place: MakePlace,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality_tls: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    place = await make_place(by_code=True, code_slot=4)
    assert await zigbee_lock.set_code(hass, str(place.lock.ieee), 4, PIN)
    alarm = await place.calls(municipality_tls)
    await until(lambda: place.entrance.door.kept.code is Code.OPEN, what="the code")
    await until(lambda: not place.entrance.is_acting, what="the grant")
    await killed(radio, zha)
    municipality_tls.close_alarm(alarm)
    await until(lambda: not place.home.ledger.open_alarms(), what="the close")
    for _ in range(4):
        passes(place.home, MINUTE)
        await until(lambda: not place.entrance.is_acting, 20, "the try")
    await there(hass, "lock_fault_2-code_stuck")
    assert place.entrance.door.kept.code is Code.OPEN
    await back(hass, radio, zha)
    passes(place.home, 5 * MINUTE)
    await until(lambda: place.entrance.door.kept.code is Code.SHUT, what="the code's end")
    assert not place.lock.keypad(PIN)
    await gone(hass, "lock_fault_2-code_stuck")


async def test_a_request_that_comes_while_the_radio_is_away_is_refused_and_a_later_one_is_not(
    hass: HomeAssistant,
    make_place: MakePlace,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality_tls: Municipality,
) -> None:
    place = await make_place(by_command=True)
    alarm = await place.calls(municipality_tls)
    await killed(radio, zha)
    municipality_tls.open_door(alarm)
    assert await place.refused() == "lock_silent"
    await back(hass, radio, zha)
    await until(lambda: place.entrance.bolt is Bolt.LOCKED, what="the lock's word")
    municipality_tls.open_door(alarm)
    await place.is_locked(locked=False)
