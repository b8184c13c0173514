"""An entry lock over the real ZHA: who is let in, who is not, and a door that locks itself again (R11, A11)."""

from collections.abc import Callable
from datetime import timedelta
import json

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo.access.door import Bolt, Code
from custom_components.kvarbo.access.grant import Refusal
from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.const import SUBENTRY_DEVICE
from custom_components.kvarbo.devices import zigbee_lock
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import pair, until
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import DoorContact

from .conftest import by_unique_id, said
from .entry_place import MINUTE, PIN, MakePlace, make_place, passes
from .test_diagnostics import untouched
from .test_issues import gone, there
from .test_real_zha import IEEE, zone

__all__ = ["make_place", "passes", "untouched"]

pytestmark = pytest.mark.usefixtures("quick_answers", "untouched")


# -- the adapter -----------------------------------------------------------------------------------


async def test_canary_the_real_zha_lets_a_lock_be_asked_what_zha_does_not_ask(
    hass: HomeAssistant, make_place: MakePlace
) -> None:
    """Where this fails, ZHA has changed inside: see devices/zigbee_lock.py."""
    place = await make_place()
    ieee = str(place.lock.ieee)
    assert zigbee_lock.is_zigbee_lock(hass, ieee)
    assert not zigbee_lock.is_zigbee_lock(hass, str(place.cord.ieee))
    assert await zigbee_lock.set_code(hass, ieee, 4, PIN)
    # Stored, and not working before somebody says so.
    assert not place.lock.keypad(PIN)
    assert await zigbee_lock.let_code_work(hass, ieee, 4, is_open=True)
    assert place.lock.keypad(PIN)
    assert await zigbee_lock.let_code_work(hass, ieee, 4, is_open=False)
    assert not place.lock.keypad(PIN)
    # ZHA takes this no for a yes.
    assert not await zigbee_lock.let_code_work(hass, ieee, 9, is_open=True)
    place.lock.catch()
    await until(lambda: zigbee_lock.is_not_fully_locked(hass, ieee), what="the state")
    assert place.entrance.bolt is Bolt.AJAR
    assert not await zigbee_lock.set_code(hass, "02:00:00:00:00:00:0b:99", 4, PIN)


async def test_zha_that_is_not_as_expected_lets_nobody_in(
    hass: HomeAssistant, make_place: MakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await make_place()
    monkeypatch.setattr("homeassistant.components.zha.helpers.get_zha_gateway", lambda _: object())
    ieee = str(place.lock.ieee)
    assert not zigbee_lock.is_zigbee_lock(hass, ieee)
    assert not zigbee_lock.is_not_fully_locked(hass, ieee)
    assert not await zigbee_lock.let_code_work(hass, ieee, 1, is_open=True)


class Odd:
    """What the cluster of a ZHA that has changed inside might be like."""

    def get(self, _name: str) -> int:
        raise LookupError("lock_state")

    async def set_user_status(self, *_: object) -> list[object]:
        return []


async def test_a_lock_that_answers_otherwise_than_expected_has_not_said_yes(
    hass: HomeAssistant, make_place: MakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await make_place()
    monkeypatch.setattr(zigbee_lock, "_cluster", lambda *_: Odd())
    ieee = str(place.lock.ieee)
    assert not zigbee_lock.is_not_fully_locked(hass, ieee)
    assert not await zigbee_lock.let_code_work(hass, ieee, 1, is_open=True)
    assert place.entrance.bolt is Bolt.LOCKED


# -- by the receiver's command ---------------------------------------------------------------------


async def test_a_receiver_that_has_the_alarm_has_the_door_opened_and_it_locks_itself(
    hass: HomeAssistant,
    make_place: MakePlace,
    municipality_tls: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    place = await make_place(by_command=True, relock_minutes=2)
    alarm = await place.calls(municipality_tls)
    assert place.lock.locked
    municipality_tls.open_door(alarm)
    await place.is_locked(locked=False)
    [granted] = await place.told("entry_granted")
    assert granted["alarm_id"] == alarm
    assert granted["actor"] == "receiver"
    assert granted["detail"] == {"lock": 2, "by": "command", "why": "help_call"}
    entry = by_unique_id(hass, "sensor", f"{place.entrance.device.subentry_id}_entry")
    await until(lambda: said(hass, entry) == "alarm", what="the entity")

    passes(place.home, MINUTE)
    assert not place.lock.locked
    passes(place.home, MINUTE + 5)
    await place.is_locked(locked=True)
    await until(lambda: place.entrance.door.kept.relock_at is None, what="the end")
    place.home.changed()
    assert said(hass, entry) == "nobody"
    # Twice is once too often, by whatever name it is asked.
    municipality_tls.open_door(alarm)
    await until(lambda: place.entrance.refused is Refusal.GIVEN_ALREADY, what="the no")
    await hass.async_block_till_done()
    assert place.lock.locked
    assert len(await place.told("entry_granted")) == 1
    place.home.changed()
    state = hass.states.get(entry)
    assert state is not None
    assert state.attributes["refused"] == "given_already"
    # Nobody was told of an opening without a grant: this was one.
    assert await place.told("entry_ungranted") == []


async def test_a_restart_in_the_middle_locks_the_door_all_the_same(
    hass: HomeAssistant,
    make_place: MakePlace,
    municipality_tls: Municipality,
    passes: Callable[[Home, float], None],
) -> None:
    place = await make_place(by_command=True, relock_minutes=3)
    municipality_tls.open_door(await place.calls(municipality_tls))
    await place.is_locked(locked=False)
    entry = place.home.entry
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    place.home = entry.runtime_data
    read = municipality_tls.record.received
    await until(lambda: municipality_tls.record.received > read + 3, what="the answer read anew")
    passes(place.home, 2 * MINUTE)
    assert not place.lock.locked
    passes(place.home, MINUTE + 5)
    await place.is_locked(locked=True)
    # The receiver's word stands at its address still; it was answered.
    assert len(await place.told("entry_granted")) == 1
    assert await place.told("entry_refused") == []


async def test_the_bolt_waits_for_the_door(
    hass: HomeAssistant,
    make_place: MakePlace,
    municipality_tls: Municipality,
    radio: SimCoordinator,
    passes: Callable[[Home, float], None],
) -> None:
    contact = DoorContact(IEEE.format(3))
    await pair(hass, radio, contact)
    its = await until(lambda: zone(hass, contact), what="the contact")
    source = {
        "type": "entity",
        "domain": "binary_sensor",
        "platform": "zha",
        "unique_id": its.unique_id,
    }
    door = ConfigSubentryData(
        data={
            "number": 3,
            "role": "exit_door",
            "location": "front_door",
            "resident": 0,
            "source": source,
        },
        subentry_type=SUBENTRY_DEVICE,
        title="Outer door 3",
        unique_id=None,
    )
    place = await make_place(door, by_command=True, relock_minutes=1, door_contact=3)
    municipality_tls.open_door(await place.calls(municipality_tls))
    await place.is_locked(locked=False)
    contact.open()
    await until(lambda: hass.states.is_state(its.entity_id, "on"), what="the open door")
    passes(place.home, 5 * MINUTE)
    await radio.idle()
    assert not place.lock.locked
    contact.close()
    await until(lambda: hass.states.is_state(its.entity_id, "off"), what="the shut door")
    passes(place.home, 10)
    await place.is_locked(locked=True)


# -- by a code -------------------------------------------------------------------------------------


async def test_a_code_works_only_while_an_alarm_is_open(
    hass: HomeAssistant, make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place(by_code=True, code_slot=4)
    assert await zigbee_lock.set_code(hass, str(place.lock.ieee), 4, PIN)
    assert not place.lock.keypad(PIN)
    alarm = await place.calls(municipality_tls)
    await until(lambda: place.entrance.door.kept.code is Code.OPEN, what="the code")
    await until(lambda: place.lock.keypad(PIN), what="the door")
    await until(lambda: place.entrance.door.kept.relock_at, what="the relock")
    [allowed] = await place.told("entry_allowed")
    assert allowed["alarm_id"] == alarm
    assert allowed["detail"] == {"lock": 2, "by": "code", "why": "help_call"}
    [used] = await place.told("entry_used")
    # R11: who it was is known to nobody.
    assert used["actor"] == "code"
    assert used["detail"] == {"lock": 2}

    municipality_tls.close_alarm(alarm)
    await until(lambda: place.entrance.door.kept.code is Code.SHUT, what="the code's end")
    place.lock.turn(locked=True)
    assert not place.lock.keypad(PIN)
    assert len(await place.told("entry_ended")) == 1
    assert PIN not in json.dumps(municipality_tls.record.shown())
    files = [f for f in place.home.folder.iterdir() if f.is_file()]
    for file in files:
        content = await hass.async_add_executor_job(file.read_bytes)
        assert PIN.encode() not in content


async def test_a_code_works_in_a_visit_and_not_after_it(
    hass: HomeAssistant, make_place: MakePlace, passes: Callable[[Home, float], None]
) -> None:
    await hass.config.async_set_time_zone("UTC")
    now = SystemClock().now()
    visit = f"{now - timedelta(minutes=1):%H:%M}-{now + timedelta(minutes=10):%H:%M}"
    place = await make_place(by_code=True, code_slot=4, visits=visit)
    assert await zigbee_lock.set_code(hass, str(place.lock.ieee), 4, PIN)
    # The lock had no code in that place before: only now can it be let work.
    passes(place.home, 60)
    await until(lambda: place.lock.keypad(PIN), what="the door")
    place.home.changed()
    entry = by_unique_id(hass, "sensor", f"{place.entrance.device.subentry_id}_entry")
    await until(lambda: said(hass, entry) == "visit", what="the entity")
    assert (await place.told("entry_allowed"))[-1]["detail"]["why"] == "visit"
    passes(place.home, 11 * MINUTE)
    await until(lambda: place.entrance.door.kept.code is Code.SHUT, what="the end of the visit")
    assert not place.lock.keypad(PIN)


async def test_a_code_whose_lock_was_away_is_shut_when_it_is_back_and_that_is_told(
    hass: HomeAssistant,
    make_place: MakePlace,
    municipality_tls: Municipality,
    passes: Callable[[Home, float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = await make_place(by_code=True, code_slot=4)
    assert await zigbee_lock.set_code(hass, str(place.lock.ieee), 4, PIN)
    alarm = await place.calls(municipality_tls)
    await until(lambda: place.entrance.door.kept.code is Code.OPEN, what="the code")
    monkeypatch.setattr(zigbee_lock, "_ANSWERS_IN", 0.1)
    place.lock.reachable = False
    municipality_tls.close_alarm(alarm)
    await until(lambda: not place.home.ledger.open_alarms(), what="the close")
    for _ in range(4):
        passes(place.home, MINUTE)
        await until(lambda: not place.entrance.is_acting, 20, "the try")
    await there(hass, "lock_fault_2-code_stuck")
    assert place.entrance.door.kept.code is Code.OPEN
    place.lock.reachable = True
    monkeypatch.setattr(zigbee_lock, "_ANSWERS_IN", 15.0)
    passes(place.home, 5 * MINUTE)
    await until(lambda: place.entrance.door.kept.code is Code.SHUT, what="the code's end")
    assert not place.lock.keypad(PIN)
    await gone(hass, "lock_fault_2-code_stuck")


# -- every forbidden way ---------------------------------------------------------------------------


async def test_by_default_no_alarm_opens_the_door(
    make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place()
    municipality_tls.open_door(await place.calls(municipality_tls))
    assert await place.refused() == "not_allowed"
    assert place.entrance.door.kept.code is not Code.OPEN


async def test_a_test_opens_no_door(make_place: MakePlace, municipality_tls: Municipality) -> None:
    place = await make_place(by_command=True, by_code=True)
    place.home.chain.announce_test(1, "administrator")
    municipality_tls.open_door(await place.calls(municipality_tls))
    assert await place.refused() == "test"
    assert place.entrance.door.kept.code is not Code.OPEN


async def test_a_demo_opens_no_door(
    hass: HomeAssistant, make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place(demo=True, by_command=True, by_code=True, visits="00:00-23:59")
    municipality_tls.open_door(await place.calls(municipality_tls))
    assert await place.refused() == "demo"
    assert place.entrance.door.kept.code is not Code.OPEN


async def test_a_technical_alarm_opens_no_door(
    hass: HomeAssistant, make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place(by_command=True, by_code=True)
    place.home.chain.faults.set(AlarmKind.JOURNAL_FAULT, "hub", is_open=True)
    alarm = await until(
        lambda: next(iter(place.home.ledger.open_alarms()), None), what="the technical alarm"
    )
    await until(lambda: place.home.ledger.first_receipt(alarm.id), what="the receipt")
    municipality_tls.open_door(alarm.id)
    assert await place.refused() == "technical"
    place.home.chain.faults.set(AlarmKind.JOURNAL_FAULT, "hub", is_open=False)


@pytest.mark.parametrize("is_admin", [False, True])
async def test_what_a_person_raises_by_a_call_opens_no_door_whoever_it_is(
    hass: HomeAssistant,
    make_place: MakePlace,
    municipality_tls: Municipality,
    *,
    is_admin: bool,
) -> None:
    place = await make_place(by_command=True, by_code=True)
    user = MockUser(is_owner=is_admin).add_to_hass(hass)
    raised = await hass.services.async_call(
        "kvarbo",
        "raise_alarm",
        {"kind": "help_call", "device": 1},
        blocking=True,
        return_response=True,
        context=Context(user_id=user.id),
    )
    assert raised is not None
    alarm = str(raised["alarm"])
    await until(lambda: place.home.ledger.first_receipt(alarm), what="the receipt")
    municipality_tls.open_door(alarm)
    assert await place.refused() == "raised_by_hand"
    assert place.entrance.door.kept.code is not Code.OPEN


async def test_a_cancelled_alarm_opens_no_door(
    make_place: MakePlace, municipality_tls: Municipality
) -> None:
    place = await make_place(by_command=True)
    alarm = await place.calls(municipality_tls)
    await place.home.chain.cancel(alarm, "administrator")
    place.home.entrances.asked(alarm, "late")
    assert await place.refused() == "ended"


async def test_an_alarm_that_no_receiver_has_taken_opens_no_door(make_place: MakePlace) -> None:
    place = await make_place(live=False, by_command=True, by_code=True)
    place.cord.pull()
    alarm = await until(
        lambda: next((a for a in place.home.ledger.open_alarms() if a.kind == "help_call"), None),
        what="the alarm",
    )
    place.home.entrances.asked(alarm.id, "early")
    assert await place.refused() == "not_accepted"
    assert place.entrance.door.kept.code is not Code.OPEN


async def test_an_old_alarm_opens_no_door_whatever_the_clock_says(
    make_place: MakePlace,
    municipality_tls: Municipality,
    passes: Callable[[Home, float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = await make_place(by_command=True)
    alarm = await place.calls(municipality_tls)
    passes(place.home, 61 * MINUTE)
    # Somebody puts the clock back to where the alarm was young.
    now = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda s: now(s) - timedelta(minutes=61))
    place.home.entrances.asked(alarm, "late")
    assert await place.refused() == "too_old"


async def test_after_a_start_without_a_clock_no_alarm_of_before_opens_the_door(
    hass: HomeAssistant,
    make_place: MakePlace,
    municipality_tls: Municipality,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = await make_place(by_command=True)
    alarm = await place.calls(municipality_tls)
    entry = place.home.entry
    assert await hass.config_entries.async_unload(entry.entry_id)
    now = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda s: now(s) - timedelta(days=2))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    place.home = entry.runtime_data
    municipality_tls.open_door(alarm)
    assert await place.refused() == "clock_wrong"


async def test_an_alarm_that_never_was_opens_no_door(make_place: MakePlace) -> None:
    """A rule in the shadow tells what it would have raised, and raises nothing."""
    place = await make_place(by_command=True)
    place.home.entrances.asked("01JDN0000000000000000000ZZ", "x")
    assert await place.refused() == "unknown_alarm"


async def test_settings_that_cannot_be_read_let_nobody_in(
    make_place: MakePlace, municipality_tls: Municipality, caplog: pytest.LogCaptureFixture
) -> None:
    place = await make_place(by_command=True, by_code=True, relock_minutes=9999)
    assert "is shut" in caplog.text
    municipality_tls.open_door(await place.calls(municipality_tls))
    assert await place.refused() == "not_allowed"
