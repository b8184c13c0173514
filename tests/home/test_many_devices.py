"""A home full of devices: forty at once on the real ZHA, and an air full of nonsense (bounded, from a seed)."""

from functools import partial
import random
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.kvarbo.const import SUBENTRY_DEVICE
from custom_components.kvarbo.supervision.sensing import Reading
from simulator.ble import BthomeSensor
from simulator.municipality import Municipality
from simulator.testing import until, zha_device
from simulator.testing_ble import Listening, ble
from simulator.zigbee import SimCoordinator, SimDevice
from simulator.zigbee.kinds import DoorContact, MotionSensor, SosPullCord, WallButton

from .conftest import StartHome, arrived, button, make_entry, receiver
from .test_real_zha import Call, paired, zigbee_home, zone

__all__ = ["ble", "paired", "zigbee_home"]

pytestmark = pytest.mark.usefixtures("quick_answers")

KINDS: Final = (SosPullCord, WallButton, MotionSensor, DoorContact)
COUNT: Final = 40
IEEE: Final = "02:00:00:00:00:00:0d:{:02X}"
SEED: Final = 20261127
#: Clusters on which a device of the home calls: on-off, IAS zone and ACE.
CALLING: Final = frozenset({0x0006, 0x0500, 0x0501})


def sensor(number: int, role: str, source: dict[str, str]) -> ConfigSubentryData:
    data = {"number": number, "role": role, "location": "kitchen", "resident": 1, "source": source}
    return ConfigSubentryData(
        data=data, subentry_type=SUBENTRY_DEVICE, title=f"Sensor {number}", unique_id=None
    )


async def test_forty_devices_join_at_once_and_each_is_heard(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    start_home: StartHome,
) -> None:
    devices = [KINDS[n % len(KINDS)](IEEE.format(n + 1).lower()) for n in range(COUNT)]
    await hass.services.async_call("zha", "permit", {"duration": 254}, blocking=True)
    for device in devices:
        radio.join(device)
    await until(lambda: all(device.settled for device in devices), 90, "all to be enrolled")
    await until(lambda: all(zha_device(hass, device) for device in devices), 90, "all of them")

    async def entity(device: SimDevice) -> er.RegistryEntry:
        return await until(partial(zone, hass, device), 60, f"the zone of {device.model}")

    made = []
    for number, device in enumerate(devices, 1):
        if isinstance(device, WallButton):
            made.append(button(number, {"type": "zha_event", "ieee": str(device.ieee)}, "hallway"))
            continue
        found = await entity(device)
        source = {
            "type": "entity",
            "domain": found.domain,
            "platform": "zha",
            "unique_id": found.unique_id,
        }
        if isinstance(device, SosPullCord):
            made.append(button(number, source, "bathroom"))
        else:
            role = "motion" if isinstance(device, MotionSensor) else "exit_door"
            made.append(sensor(number, role, source))
    home = await start_home(make_entry(receiver(municipality.url), *made))
    assert len(home.devices.buttons) + len(home.devices.sensed) == COUNT

    cords = [device for device in devices if isinstance(device, SosPullCord)]
    for cord in cords:
        cord.pull()
    for device in devices:
        if isinstance(device, WallButton):
            device.press()
        elif isinstance(device, DoorContact):
            device.open()
        elif isinstance(device, MotionSensor):
            device.motion()
    calls = await arrived(hass, municipality, COUNT // 2)
    wanted = {n for n, d in enumerate(devices, 1) if isinstance(d, SosPullCord | WallButton)}
    assert {call["device"] for call in calls} == wanted
    assert all(call["attempts"] == 1 for call in calls)
    await until(
        lambda: all(s.reading is Reading.ACTIVE for s in home.devices.sensed.values()),
        what="every sensor",
    )
    home.check.rounds.look()
    assert len(home.check.rounds.vitals) == COUNT
    assert all(v.heard is not None for v in home.check.rounds.vitals.values())


async def test_nonsense_by_zigbee_calls_nobody_and_costs_nobody_a_call(
    hass: HomeAssistant,
    zigbee_home: Any,
    paired: Call,
    radio: SimCoordinator,
    municipality: Municipality,
) -> None:
    """Frames that are no ZCL, or stop in the middle of it, from devices of the home and to every cluster."""
    fuzz = random.Random(SEED)
    clusters = (0x0000, 0x0001, 0x0006, 0x0020, 0x0101, 0x0500, 0x0501, 0x0502, 0xFC11)
    for _ in range(300):
        device = fuzz.choice((paired.cord, paired.pendant, paired.wall))
        cluster = fuzz.choice(clusters)
        octets = bytearray(fuzz.randrange(256) for _ in range(fuzz.randrange(12)))
        if cluster in CALLING and octets and octets[0] & 3 == 1:
            # A command of its own on such a cluster says truly that somebody calls.
            octets[0] ^= 2
        device.send(cluster, 1, bytes(octets))
    await radio.idle(timeout=30)
    await hass.async_block_till_done()
    assert zigbee_home.ledger.open_alarms() == []
    for count, press in enumerate((paired.cord.pull, paired.pendant.press), 1):
        press()
        assert (await arrived(hass, municipality, count))[-1]["device"] == count


async def test_nonsense_by_bluetooth_calls_nobody_and_costs_nobody_a_call(
    hass: HomeAssistant, ble: Listening, municipality: Municipality, start_home: StartHome
) -> None:
    key = bytes(range(16))
    pendant = await ble.air.add(
        BthomeSensor("C0:00:00:00:04:01", "Call 1", key=key, triggered=True)
    )
    flows = hass.config_entries.flow
    flow = await until(
        lambda: next(iter(flows.async_progress_by_handler("bthome")), None), what="bthome"
    )
    await flows.async_configure(flow["flow_id"], {"bindkey": key.hex()})
    await pendant.press()
    await until(lambda: hass.states.async_entity_ids("event"), what="its first press")
    source = {
        "type": "entity",
        "domain": "event",
        "platform": "bthome",
        "unique_id": f"{pendant.address}-button",
    }
    home = await start_home(make_entry(receiver(municipality.url), button(1, source, "bathroom")))
    fuzz = random.Random(SEED)
    for _ in range(100):
        pendant.forged = bytes(fuzz.randrange(256) for _ in range(fuzz.randrange(18)))
        await pendant.advertise()
    pendant.forged = None
    await hass.async_block_till_done()
    assert home.ledger.open_alarms() == []
    await pendant.press()
    await arrived(hass, municipality, 1)
