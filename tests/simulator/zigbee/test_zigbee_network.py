"""The network around the devices: joining, leaving, and what goes wrong with a radio."""

import asyncio

import aiohttp
from homeassistant.config_entries import SOURCE_HARDWARE, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
import zigpy.types as t
from zigpy.util import convert_install_code
from zigpy_ziggurat.zigbee import protocol

from simulator.testing import pair, until, zha_device, zha_entity
from simulator.zigbee import JoinRefusedError, NotJoinedError, SimCoordinator
from simulator.zigbee.coordinator import Way
from simulator.zigbee.kinds import DoorContact, Lock, SosButton, WallButton
from simulator.zigbee.zcl import IAS_ZONE, command_frame
from simulator.zigbee.ziggurat import network_state

IEEE = "02:00:00:00:00:00:00:01"
HOME = "dd:dd:dd:dd:dd:dd:dd:dd"


async def open_network(hass: HomeAssistant, seconds: int) -> None:
    await hass.services.async_call("zha", "permit", {"duration": seconds}, blocking=True)


async def test_a_closed_network_refuses(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    button = WallButton(IEEE)
    with pytest.raises(JoinRefusedError, match="closed"):
        radio.join(button)
    assert button.network is None
    with pytest.raises(NotJoinedError):
        button.press()
    await open_network(hass, 60)
    assert radio.joining_allowed
    await open_network(hass, 0)
    with pytest.raises(JoinRefusedError, match="closed"):
        radio.join(button)
    assert zha_device(hass, button) is None


async def test_a_waiting_device_joins_when_the_network_opens(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    door = DoorContact(IEEE)
    waiting = asyncio.create_task(radio.join_when_open(door))
    await open_network(hass, 60)
    async with asyncio.timeout(5):
        await waiting
    await until(lambda: zha_entity(hass, door, "binary_sensor"), what="its zone")
    await until(lambda: door.settled, what="its enrolment")


async def test_an_install_code_must_be_announced(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    code = bytes.fromhex("83FED3407A939723A5C639B26916D505C3B5")
    button = SosButton(IEEE, link_key=convert_install_code(code))
    await open_network(hass, 60)
    with pytest.raises(JoinRefusedError, match="install code"):
        radio.join(button)
    await hass.services.async_call(
        "zha",
        "permit",
        {"duration": 60, "source_ieee": IEEE, "install_code": code.hex()},
        blocking=True,
    )
    radio.join(button)
    await until(lambda: button.enrolled, what="its enrolment")


async def test_a_device_out_of_reach_fails_the_hosts_command_and_is_not_heard(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    lock = Lock(IEEE)
    await pair(hass, radio, lock)
    entity = await until(lambda: zha_entity(hass, lock, "lock"), what="a lock")
    await until(lambda: hass.states.is_state(entity, "locked"), what="the lock's state")
    await radio.idle()
    lock.reachable = False
    with pytest.raises(HomeAssistantError, match="NWK_NO_ACK"):
        await hass.services.async_call("lock", "unlock", {"entity_id": entity}, blocking=True)
    lock.turn(locked=False)
    assert radio.frames[-1].way is Way.LOST
    assert lock.locked is False
    assert hass.states.is_state(entity, "locked")
    lock.reachable = True
    lock.turn(locked=False)
    await until(lambda: hass.states.is_state(entity, "unlocked"), what="the lock's report")


async def test_a_lost_radio_makes_all_unavailable_and_comes_back(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    door = DoorContact(IEEE)
    await pair(hass, radio, door)
    zone = await until(lambda: zha_entity(hass, door, "binary_sensor"), what="a zone")
    await radio.idle()
    await radio.drop_connection()
    await until(lambda: hass.states.is_state(zone, "unavailable"), what="unavailable")
    await until(lambda: hass.states.is_state(zone, "off"), 30, "the zone to come back")
    door.open()
    await until(lambda: hass.states.is_state(zone, "on"), what="an event after the loss")


async def test_a_radio_that_stays_away_is_found_again(
    hass: HomeAssistant, radio_may_be_away: None, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    await radio.idle()
    await radio.drop_connection(seconds=60)
    await until(lambda: zha.state is ConfigEntryState.SETUP_RETRY, what="ZHA to try in vain")
    await radio.drop_connection()
    await hass.config_entries.async_reload(zha.entry_id)
    assert zha.state is ConfigEntryState.LOADED


async def test_a_radio_can_stay_away(radio: SimCoordinator) -> None:
    await radio.drop_connection(seconds=60)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await session.ws_connect(radio.path)
        await radio.drop_connection()
        async with session.ws_connect(radio.path) as host:
            assert (await host.receive(timeout=5)).type is aiohttp.WSMsgType.BINARY


async def test_latency_of_radio_and_device_delays_a_frame(radio: SimCoordinator) -> None:
    door = DoorContact(IEEE, latency=0.1)
    radio.latency = 0.1
    radio.adopt(door, 0x1001, HOME)
    enrol = command_frame(
        IAS_ZONE,
        "enroll_response",
        {"enroll_response_code": 0, "zone_id": 0},
        tsn=1,
        from_client=True,
    )
    begin = asyncio.get_running_loop().time()
    status = radio.transmit(0x1001, None, IAS_ZONE, 1, enrol)
    assert status == protocol.SendStatus.SUCCESS
    assert not door.enrolled
    await until(lambda: door.enrolled, what="the frame")
    assert asyncio.get_running_loop().time() - begin >= 0.2


async def test_a_removed_device_has_left(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    door = DoorContact(IEEE)
    await pair(hass, radio, door)
    await hass.services.async_call("zha", "remove", {"ieee": IEEE}, blocking=True)
    await until(lambda: door.network is None, what="its leaving")
    await until(lambda: zha_device(hass, door) is None, what="its removal")
    assert radio.devices == {}


async def test_another_network_knows_no_devices(radio: SimCoordinator) -> None:
    door = DoorContact(IEEE)
    radio.adopt(door, 0x1001, HOME)
    radio.preform()
    assert radio.devices == {0x1001: door}
    other = network_state(radio.ieee)
    other.extended_pan_id = t.ExtendedPanId(bytes(range(8)))
    radio.configure(other)
    assert door.network is None
    assert radio.devices == {}


@pytest.mark.parametrize("nwk", [0, 0x1001, 0xFFF8])
async def test_an_address_is_given_once(radio: SimCoordinator, nwk: int) -> None:
    radio.adopt(DoorContact(IEEE), 0x1001, HOME)
    with pytest.raises(ValueError, match="taken or reserved"):
        radio.adopt(DoorContact("02:00:00:00:00:00:00:02"), nwk, HOME)


async def test_one_click_forms_a_network(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hardware flow: what the demo uses, from a radio that nobody has configured."""
    monkeypatch.setattr("homeassistant.components.zha.radio_manager.CONNECT_DELAY_S", 0)
    assert await async_setup_component(hass, "homeassistant", {})
    radio = SimCoordinator()
    await radio.start()
    try:
        flows = hass.config_entries.flow
        result = await flows.async_init(
            "zha",
            context={"source": SOURCE_HARDWARE},
            data={
                "name": "Simulated radio",
                "port": {"path": radio.path},
                "radio_type": "ziggurat",
                "flow_strategy": "recommended",
            },
        )
        while result["type"] not in {FlowResultType.CREATE_ENTRY, FlowResultType.ABORT}:
            if result["type"] is FlowResultType.SHOW_PROGRESS:
                await hass.async_block_till_done()
                result = await flows.async_configure(result["flow_id"])
            else:
                result = await flows.async_configure(result["flow_id"], {})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        entry = result["result"]
        assert entry.state is ConfigEntryState.LOADED
        button = WallButton(IEEE)
        await pair(hass, radio, button)
        events = async_capture_events(hass, "zha_event")
        button.press()
        await until(lambda: events, what="the press")
        await radio.idle()
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()
    finally:
        await radio.stop()


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        (bytes([0xEE, 4, 0]), protocol.Status.UNKNOWN_COMMAND),
        (bytes([protocol.RequestCommand.PERMIT_JOINS, 4, 0]), protocol.Status.MALFORMED_PAYLOAD),
        (bytes([protocol.RequestCommand.GET_NETWORK_INFO, 4, 0]), protocol.Status.OK),
    ],
)
async def test_a_bad_frame_is_answered_and_the_radio_lives(
    radio: SimCoordinator, frame: bytes, status: protocol.Status
) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(radio.path) as host:
        hello = await host.receive_bytes(timeout=5)
        assert hello[0] == protocol.NotificationCommand.HELLO
        await host.send_bytes(b"\x01")
        await host.send_str("no radio speaks text")
        await host.send_bytes(frame)
        answer = await host.receive_bytes(timeout=5)
        header, body = protocol.Header.deserialize(answer)
        assert header.frame_type == protocol.FrameType.RESPONSE
        assert header.request_id == 1
        assert body[0] == status
