"""An entry lock over the real ZHA: what others do at it is told, and what goes wrong with the door (R11)."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant
import pytest
from zigpy.zcl.clusters.closures import UserStatus

from custom_components.kvarbo.access.door import BOLT_TIME, Bolt, Code
from custom_components.kvarbo.access.grant import Refusal
from custom_components.kvarbo.alarm.alarm import Alarm, Source
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Role
from custom_components.kvarbo.alarm.reason import Language, reason_text
from custom_components.kvarbo.devices import zigbee_lock
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.zigbee import SimCoordinator

from .entry_place import MINUTE, PIN, MakePlace, make_place, passes
from .test_diagnostics import untouched
from .test_issues import gone, there

__all__ = ["make_place", "passes", "untouched"]

pytestmark = pytest.mark.usefixtures("quick_answers", "untouched")


# -- what others do --------------------------------------------------------------------------------


def ungranted(home: Home) -> list[Alarm]:
    """The technical alarms about it; they wait in the home until operations work."""
    return [a for a in home.ledger.alarms.values() if a.kind is AlarmKind.ENTRY_UNGRANTED]


async def test_what_home_assistant_unlocks_is_told_once_and_journalled_each_time(
    hass: HomeAssistant,
    make_place: MakePlace,
    radio: SimCoordinator,
    passes: Callable[[Home, float], None],
) -> None:
    place = await make_place(by_command=True)
    lock = place.entrance.device.entity_id
    await hass.services.async_call("lock", "unlock", {"entity_id": lock}, blocking=True)
    await place.is_locked(locked=False)
    await hass.services.async_call("lock", "lock", {"entity_id": lock}, blocking=True)
    await place.is_locked(locked=True)
    await hass.services.async_call("lock", "unlock", {"entity_id": "all"}, blocking=True)
    await place.is_locked(locked=False)
    told = await place.told("entry_ungranted")
    assert [entry["actor"] for entry in told] == ["home_assistant", "home_assistant"]
    [alarm] = ungranted(place.home)
    assert (alarm.source, alarm.location) == (Source(2, Role.ENTRY_LOCK), Location.FRONT_DOOR)
    assert "without a grant" in reason_text(alarm, Language.EN)
    assert alarm.cleared_at is not None
    # By the radio, past Home Assistant's own action.
    place.lock.turn(locked=True)
    await place.is_locked(locked=True)
    passes(place.home, MINUTE)
    await zigbee_lock._cluster(hass, str(place.lock.ieee)).unlock_door()
    await place.is_locked(locked=False)
    await radio.idle()
    await hass.async_block_till_done()
    assert [entry["actor"] for entry in await place.told("entry_ungranted")][2:] == ["radio"]
    # Within ten minutes of the first it is in the journal alone.
    assert len(ungranted(place.home)) == 1


async def test_the_key_the_knob_and_a_code_of_ones_own_are_nobodys_business(
    hass: HomeAssistant, make_place: MakePlace, radio: SimCoordinator
) -> None:
    place = await make_place(by_code=True, code_slot=4)
    assert await zigbee_lock.set_code(hass, str(place.lock.ieee), 7, "2468")
    assert await zigbee_lock.let_code_work(hass, str(place.lock.ieee), 7, is_open=True)
    place.lock.turn(locked=False)
    await place.is_locked(locked=False)
    place.lock.turn(locked=True)
    await place.is_locked(locked=True)
    assert place.lock.keypad("2468")
    await place.is_locked(locked=False)
    await radio.idle()
    await hass.async_block_till_done()
    assert await place.told("entry_ungranted") == []
    assert await place.told("entry_used") == []
    assert place.entrance.door.kept.relock_at is None


# -- what goes wrong -------------------------------------------------------------------------------


async def test_a_door_that_cannot_be_locked_is_told_and_tried_until_it_is(
    hass: HomeAssistant,
    make_place: MakePlace,
    municipality_tls: Municipality,
    passes: Callable[[Home, float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.kvarbo.entrance.MOVES_IN", 0.2)
    place = await make_place(by_command=True, relock_minutes=1)
    municipality_tls.open_door(await place.calls(municipality_tls))
    await place.is_locked(locked=False)
    place.lock.jam(on=True)
    for _ in range(4):
        passes(place.home, max(MINUTE, BOLT_TIME))
        await until(lambda: not place.entrance.is_acting, 20, "the try")
    issue = await there(hass, "lock_fault_2-jammed")
    assert issue.translation_key == "lock_jammed"
    assert await place.told("entry_not_locked")
    place.lock.jam(on=False)
    passes(place.home, 6 * MINUTE)
    await place.is_locked(locked=True)
    place.home.entrances.look()
    await gone(hass, "lock_fault_2-jammed")


async def test_a_lock_that_does_not_open_is_a_no_and_not_a_grant(
    make_place: MakePlace, municipality_tls: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.kvarbo.entrance.MOVES_IN", 0.2)
    place = await make_place(by_command=True)
    place.lock.jam(on=True)
    alarm = await place.calls(municipality_tls)
    municipality_tls.open_door(alarm)
    await until(lambda: place.entrance.refused is Refusal.LOCK_SILENT, what="the no")
    place.lock.jam(on=False)
    municipality_tls.open_door(alarm)
    await place.is_locked(locked=False)
    await until(lambda: place.entrance.refused is None, what="the grant")


async def test_a_bolt_that_is_neither_in_nor_out_is_told(
    hass: HomeAssistant, make_place: MakePlace, passes: Callable[[Home, float], None]
) -> None:
    place = await make_place()
    place.lock.catch()
    await until(lambda: place.entrance.bolt is Bolt.AJAR, what="the state")
    passes(place.home, 2 * MINUTE)
    await there(hass, "lock_fault_2-ajar")
    place.lock.turn(locked=True)
    await place.is_locked(locked=True)
    place.home.entrances.look()
    await gone(hass, "lock_fault_2-ajar")


async def test_what_the_lock_says_is_heard_at_once(
    make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place(by_command=True)
    municipality_tls.open_door(await place.calls(municipality_tls))
    await place.is_locked(locked=False)
    await until(lambda: not place.entrance.is_acting, what="the grant")
    place.lock.turn(locked=True)
    # Not at the next round, two seconds later.
    await until(lambda: place.entrance.door.kept.relock_at is None, 1.0, "the end of the grant")


async def test_a_further_alarm_is_a_grant_of_its_own(
    hass: HomeAssistant, make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place(by_code=True, code_slot=4)
    assert await zigbee_lock.set_code(hass, str(place.lock.ieee), 4, PIN)
    first = await place.calls(municipality_tls)
    await until(lambda: place.entrance.door.kept.code is Code.OPEN, what="the code")
    raised = await place.home.chain.press(Source(9, Role.HELP_BUTTON), None, 1)
    second = raised.alarm.id
    await until(lambda: place.home.ledger.first_receipt(second), what="the receipt")
    await hass.async_block_till_done()
    assert [entry["alarm_id"] for entry in await place.told("entry_allowed")] == [first, second]


async def test_what_was_wrong_with_a_lock_is_over_when_it_is_taken_away(
    hass: HomeAssistant, make_place: MakePlace, passes: Callable[[Home, float], None]
) -> None:
    place = await make_place()
    place.lock.catch()
    await until(lambda: place.entrance.bolt is Bolt.AJAR, what="the state")
    passes(place.home, 2 * MINUTE)
    await there(hass, "lock_fault_2-ajar")
    key = place.entrance.device.subentry_id
    hass.config_entries.async_remove_subentry(place.home.entry, key)
    await gone(hass, "lock_fault_2-ajar")
    assert place.home.entrances.all == {}


async def test_a_code_that_works_stops_when_another_place_is_set(
    hass: HomeAssistant, make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place(by_code=True, code_slot=4)
    assert await zigbee_lock.set_code(hass, str(place.lock.ieee), 4, PIN)
    await place.calls(municipality_tls)
    await until(lambda: place.entrance.door.kept.code is Code.OPEN, what="the code")
    await until(lambda: not place.entrance.is_acting, what="the grant")
    key = place.entrance.device.subentry_id
    subentry = place.home.entry.subentries[key]
    hass.config_entries.async_update_subentry(
        place.home.entry, subentry, data={**subentry.data, "code_slot": 5}
    )
    await until(lambda: place.lock.users[3][0] is UserStatus.Disabled, what="the old place")
    assert not place.lock.keypad(PIN)
