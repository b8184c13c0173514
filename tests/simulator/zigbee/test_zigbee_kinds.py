"""Every kind of device, joined to the unmodified ZHA by its real permit-join."""

from collections.abc import Sequence
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import (
    KINDS,
    BedMat,
    DoorContact,
    IasSensor,
    Lock,
    MotionSensor,
    PanicRemote,
    Press,
    Siren,
    SosButton,
    SosPullCord,
    WallButton,
)
from simulator.zigbee.zcl import ON_OFF

IEEE = "02:00:00:00:00:00:00:01"


async def state_of(hass: HomeAssistant, entity_id: str, wanted: str) -> State:
    def look() -> State | None:
        state = hass.states.get(entity_id)
        return state if state is not None and state.state == wanted else None

    return await until(look, what=f"{entity_id} to be {wanted}")


async def entity_of(
    hass: HomeAssistant, device: IasSensor | Lock | PanicRemote | Siren, domain: str
) -> str:
    return await until(lambda: zha_entity(hass, device, domain), what=f"a {domain} entity")


def commands_in(events: Sequence[Event[Any]]) -> list[str]:
    """What a home sees of a wall button.

    ZHA mirrors on and off into a cache of its own and tells of that too.
    """
    names = [str(event.data["command"]) for event in events]
    return [name for name in names if name != "attribute_updated"]


async def test_a_wall_buttons_every_pattern_is_a_zha_event(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    button = WallButton(IEEE)
    home = await pair(hass, radio, button)
    assert (home.manufacturer, home.model) == ("Kvarbo Simulated", "Wall button WB-1")
    assert (1, ON_OFF) in button.bindings
    events = async_capture_events(hass, "zha_event")
    for pattern, commands in (
        (Press.SINGLE, ["on"]),
        (Press.DOUBLE, ["off"]),
        (Press.LONG, ["move_with_on_off", "stop_with_on_off"]),
    ):
        events.clear()
        button.press(pattern)
        await until(lambda: len(commands_in(events)) >= len(commands), what="the events")  # noqa: B023
        await radio.idle()
        assert commands_in(events) == commands
        assert {event.data["device_ieee"] for event in events} == {IEEE}
        assert {event.data["device_id"] for event in events} == {home.id}


async def test_the_same_press_again_is_a_new_event(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    button = WallButton(IEEE)
    await pair(hass, radio, button)
    events = async_capture_events(hass, "zha_event")
    for _ in range(3):
        button.press()
    await until(lambda: commands_in(events) == ["on"] * 3, what="three events")


async def test_a_sos_button_says_on_and_never_off(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    button = SosButton(IEEE)
    await pair(hass, radio, button)
    zone = await entity_of(hass, button, "binary_sensor")
    await state_of(hass, zone, "off")
    button.press()
    first = await state_of(hass, zone, "on")
    button.press()
    await radio.idle()
    second = hass.states.get(zone)
    assert second is not None
    assert second.state == "on"
    # What makes it a device that the gateway must listen to more closely: in Home Assistant's
    # states the second press is not even a report.
    assert second.last_reported == first.last_reported


async def test_a_cord_stays_on_until_released(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    cord = SosPullCord(IEEE)
    await pair(hass, radio, cord)
    zone = await entity_of(hass, cord, "binary_sensor")
    cord.pull()
    await state_of(hass, zone, "on")
    sent = len(radio.frames)
    cord.pull()
    assert len(radio.frames) == sent
    cord.battery(50)
    await radio.idle()
    assert cord.pulled
    await state_of(hass, zone, "on")
    cord.release()
    await state_of(hass, zone, "off")


async def test_sensors_turn_on_and_off(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    motion, door, bed = (
        MotionSensor(IEEE),
        DoorContact("02:00:00:00:00:00:00:02"),
        BedMat("02:00:00:00:00:00:00:03"),
    )
    for sensor, on, off, device_class in (
        (motion, motion.motion, motion.clear, "motion"),
        (door, door.open, door.close, "opening"),
        (bed, bed.lie_down, bed.get_up, "opening"),
    ):
        await pair(hass, radio, sensor)
        zone = await entity_of(hass, sensor, "binary_sensor")
        assert (await state_of(hass, zone, "off")).attributes["device_class"] == device_class
        on()
        await state_of(hass, zone, "on")
        off()
        await state_of(hass, zone, "off")


async def test_battery_tamper_and_low_battery_leave_the_alarm_alone(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    door = DoorContact(IEEE)
    await pair(hass, radio, door)
    zone = await entity_of(hass, door, "binary_sensor")
    battery = await until(lambda: zha_entity(hass, door, "sensor", "battery"), what="a battery")
    door.open()
    await state_of(hass, zone, "on")
    door.battery(15.5)
    await state_of(hass, battery, "15.5")
    door.tamper(on=True)
    door.low_battery(on=True)
    await radio.idle()
    assert door.show() == {
        "battery": 15.5,
        "alarm": True,
        "tamper": True,
        "low_battery": True,
        "enrolled": True,
    }
    gateway = hass.data["zha"].gateway_proxy.gateway.application_controller
    cluster = gateway.get_device(ieee=door.ieee).endpoints[1].ias_zone
    await until(lambda: cluster.get("zone_status") == 0b1101, what="all bits in the host")
    await state_of(hass, zone, "on")
    door.tamper(on=False)
    door.low_battery(on=False)
    await until(lambda: cluster.get("zone_status") == 0b0001, what="the alarm alone")


async def test_a_key_fob_triggers_the_panel(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    fob = PanicRemote(IEEE)
    await pair(hass, radio, fob)
    panel = await entity_of(hass, fob, "alarm_control_panel")
    fob.emergency()
    await state_of(hass, panel, "triggered")


async def test_a_lock_obeys_the_host_the_hand_and_the_keypad(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    lock = Lock(IEEE)
    await pair(hass, radio, lock)
    door = await entity_of(hass, lock, "lock")
    await state_of(hass, door, "locked")
    await hass.services.async_call("lock", "unlock", {"entity_id": door}, blocking=True)
    await until(lambda: not lock.locked, what="the bolt")
    await hass.services.async_call(
        "zha",
        "set_lock_user_code",
        {"entity_id": door, "code_slot": 2, "user_code": "4711"},
        blocking=True,
    )
    lock.turn(locked=True)
    await state_of(hass, door, "locked")
    assert not lock.keypad("0000")
    assert lock.keypad("4711")
    await state_of(hass, door, "unlocked")


async def test_a_siren_sounds(hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator) -> None:
    siren = Siren(IEEE)
    await pair(hass, radio, siren)
    entity = await entity_of(hass, siren, "siren")
    await hass.services.async_call("siren", "turn_on", {"entity_id": entity}, blocking=True)
    await until(lambda: siren.show() == {"warning": "Emergency"}, what="the siren")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_kind_names_only_methods_it_has(kind: type[WallButton]) -> None:
    reserved = {"pair", "leave", "reach", "latency"}
    assert not reserved & set(kind.actions)
    for action in kind.actions:
        assert callable(getattr(kind, action))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_kind_recalls_what_it_kept(kind: type[WallButton]) -> None:
    kept = dict.fromkeys(kind(IEEE).memory(), 1)
    again = kind(IEEE)
    again.recall(kept)
    assert again.memory() == kept
