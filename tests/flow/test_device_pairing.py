"""A new Zigbee device is paired from our own dialog, with the real ZHA: step by step, for a bounded time, judged."""

from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest

from custom_components.kvarbo.devices import zigbee
from custom_components.kvarbo.flows import pairing
from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import (
    BlinkingSmokeDetector,
    DoorContact,
    SosPullCord,
    WallButton,
)

from .talk import Talk

IEEE = "02:00:00:00:00:00:0c:{:02}"
PLACE = {"location": "bathroom", "resident": 1}


async def at_pairing(hass: HomeAssistant, home: ConfigEntry[Any], role: str) -> Talk:
    """Stand in the dialog with the network open."""
    talk = await Talk.add(hass, home, "device")
    await talk.answer(role=role)
    await talk.choose("pair")
    await talk.begin()
    assert talk.page["progress_action"] == "pair_waiting", talk.page
    return talk


def is_open(radio: SimCoordinator) -> bool:
    return radio.joining_allowed


async def test_a_pull_cord_is_paired_approved_and_calls(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    talk = await at_pairing(hass, demo_home, "help_button")
    assert is_open(radio)
    cord = SosPullCord(IEEE.format(1))
    radio.join(cord)
    await talk.settle()
    talk.at("paired")
    assert talk.told["name"] != "-"
    assert talk.told["signal"] == "180"
    await until(lambda: not is_open(radio), what="the network to be closed")
    assert talk.page["menu_options"] == ["entity", "remote", "pair"]
    await talk.choose("entity")
    picked = talk.filled_in()["entity_id"]
    assert picked.startswith("binary_sensor.")
    await talk.answer(entity_id=picked, **PLACE)
    await talk.choose("finish")
    await hass.async_block_till_done()
    cord.pull()
    await until(
        lambda: hass.states.is_state("binary_sensor.flat_12_open_alarm", "on"),
        what="the home to hear it",
    )


async def test_each_step_of_the_way_is_shown(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    talk = await at_pairing(hass, demo_home, "exit_door")
    stages: list[str] = []
    move = pairing.Pairing._move

    def moved(self: pairing.Pairing, stage: pairing.Stage) -> None:
        stages.append(stage)
        move(self, stage)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairing.Pairing, "_move", moved)
        radio.join(DoorContact(IEEE.format(2)))
        await talk.settle()
    assert stages == ["pair_joined", "pair_interviewed", "pair_done"]
    talk.at("paired")
    assert talk.page["menu_options"] == ["entity", "pair"]


async def test_a_wall_button_is_suggested_by_its_commands(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    talk = await at_pairing(hass, demo_home, "help_button")
    radio.join(WallButton(IEEE.format(3)))
    await talk.settle()
    talk.at("paired")
    await talk.choose("remote")
    await talk.answer(device_id=talk.filled_in()["device_id"], **PLACE)
    await talk.choose("finish")
    [subentry] = demo_home.subentries.values()
    assert subentry.data["source"] == {"type": "zha_event", "ieee": IEEE.format(3)}


async def test_one_that_is_badly_reached_is_not_approved_until_it_is(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    """R39."""
    talk = await at_pairing(hass, demo_home, "help_button")
    cord = SosPullCord(IEEE.format(4))
    cord.lqi = 12
    radio.join(cord)
    await talk.settle()
    talk.at("weak_signal")
    assert talk.told["signal"] == "12"
    assert talk.page["menu_options"] == ["pair_done", "pair"]
    await talk.choose("pair_done")
    talk.at("weak_signal")
    cord.lqi = 200
    cord.check_in()
    await until(
        lambda: (s := zigbee.zigbee_signs(hass, str(cord.ieee))) and s.lqi == 200, what="the move"
    )
    await talk.choose("pair_done")
    talk.at("paired")


async def test_one_that_fits_nothing(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    talk = await at_pairing(hass, demo_home, "bed")
    radio.join(WallButton(IEEE.format(5)))
    await talk.settle()
    talk.at("nothing_fits")


async def test_nobody_comes_and_another_try_is_offered(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    zha: ConfigEntry[Any],
    radio: SimCoordinator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pairing, "OPEN_FOR", 1)
    talk = await at_pairing(hass, demo_home, "help_button")
    await talk.settle()
    talk.at("nobody_joined")
    await until(lambda: not is_open(radio), what="the network to be closed")
    await talk.choose("pair")
    await talk.begin()
    radio.join(SosPullCord(IEEE.format(6)))
    monkeypatch.setattr(pairing, "OPEN_FOR", 60)
    await talk.settle()
    talk.at("paired")


async def test_one_that_stops_in_the_interview_is_told_as_that(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    zha: ConfigEntry[Any],
    radio: SimCoordinator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pairing, "OPEN_FOR", 1)
    monkeypatch.setattr(pairing, "COMES_WITHIN", 0.5)
    talk = await at_pairing(hass, demo_home, "help_button")
    cord = SosPullCord(IEEE.format(7))
    radio.join(cord)
    cord.reachable = False
    await talk.settle()
    talk.at("pair_stopped")


async def test_the_dialogs_end_closes_the_network(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    talk = await at_pairing(hass, demo_home, "help_button")
    assert is_open(radio)
    await talk.close()
    await until(lambda: not is_open(radio), what="the network to be closed")


async def test_a_radio_that_is_gone(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any]
) -> None:
    talk = await Talk.add(hass, demo_home, "device")
    await talk.answer(role="help_button")
    assert await hass.config_entries.async_unload(zha.entry_id)
    await talk.choose("pair")
    await talk.answer()
    talk.at("no_radio")
    assert await hass.config_entries.async_setup(zha.entry_id)


@pytest.mark.parametrize(
    "typed",
    [
        {"code": "rubbish"},
        {"code": "83FED3407A939723A5C639B26916D505C3B5", "address": "no address"},
        {"code": "83FED3407A939723A5C639B26916D505C3B6", "address": "00:12:4b:00:1c:a1:b2:c3"},
        {"address": "00:12:4b:00:1c:a1:b2:c3"},
    ],
)
async def test_a_code_that_is_none_is_refused_at_its_field_and_nothing_opened(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    zha: ConfigEntry[Any],
    radio: SimCoordinator,
    typed: dict[str, str],
) -> None:
    talk = await Talk.add(hass, demo_home, "device")
    await talk.answer(role="help_button")
    await talk.choose("pair")
    await talk.answer(**typed)
    assert talk.errors == {"code": "bad_code"}
    assert not is_open(radio)


async def test_a_device_of_the_home_that_comes_back_is_not_taken_for_the_new_one(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    old = SosPullCord(IEEE.format(8))
    await pair(hass, radio, old)
    talk = await Talk.add(hass, demo_home, "device")
    await talk.answer(role="help_button")
    await talk.choose("entity")
    [cord] = [e for e in hass.states.async_entity_ids("binary_sensor") if "pull" in e or "sos" in e]
    await talk.answer(entity_id=cord, **PLACE)
    await talk.choose("finish")
    await hass.async_block_till_done()
    talk = await at_pairing(hass, demo_home, "help_button")
    radio.join(old)
    await radio.idle()
    assert talk._manager._progress[talk.page["flow_id"]]._pairing.stage == "pair_waiting"
    new = SosPullCord(IEEE.format(9))
    radio.join(new)
    await talk.settle()
    talk.at("paired")
    assert talk._manager._progress[talk.page["flow_id"]]._pairing.ieee == str(new.ieee)


async def test_a_radio_that_refuses_is_told_and_one_that_does_not_close_is_logged(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    zha: ConfigEntry[Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def refuses(_hass: HomeAssistant, seconds: int, _code: object) -> None:
        raise HomeAssistantError(f"no {seconds}")

    monkeypatch.setattr(pairing, "open_network", refuses)
    talk = await Talk.add(hass, demo_home, "device")
    await talk.answer(role="help_button")
    await talk.choose("pair")
    await talk.answer()
    talk.at("no_radio")
    await until(lambda: "does not close the network: no 0" in caplog.text, what="the log")
    assert "does not open the network: no 60" in caplog.text


async def test_a_second_newcomer_is_not_mixed_up_with_the_first(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    talk = await at_pairing(hass, demo_home, "help_button")
    under_way = talk._manager._progress[talk.page["flow_id"]]._pairing
    first, second = SosPullCord(IEEE.format(10)), SosPullCord(IEEE.format(11))
    radio.join(first)
    await until(lambda: under_way.ieee, what="the first")
    radio.join(second)
    await talk.settle()
    talk.at("paired")
    assert under_way.ieee == str(first.ieee)
    await radio.idle()


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"type": "group_added", "zha_group": {}},
        {"type": "device_joined", "device_info": None},
        {"type": "device_joined", "device_info": {"pairing_status": "PAIRED"}},
        {"type": "device_removed", "device_info": {"pairing_status": "PAIRED", "ieee": "x"}},
    ],
)
async def test_what_zha_says_that_is_no_join_is_heard_as_none(
    hass: HomeAssistant, message: Any
) -> None:
    heard: list[zigbee.Joining] = []
    stop = zigbee.follow_joins(hass, heard.append)
    async_dispatcher_send(hass, "zha_gateway_message", message)
    good = {"ieee": "x", "pairing_status": "PAIRED"}
    async_dispatcher_send(
        hass, "zha_gateway_message", {"type": "device_joined", "device_info": good}
    )
    await hass.async_block_till_done()
    stop()
    assert heard == [zigbee.Joining(ieee="x", stage=zigbee.Joined.JOINED)]


async def test_without_zha_nothing_is_known(hass: HomeAssistant) -> None:
    assert not zigbee.is_zigbee_up(hass)
    assert zigbee.zigbee_signs(hass, "x") is None


async def test_a_radio_that_is_killed_in_the_middle_is_told_at_once_and_tried_again(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    zha: ConfigEntry[Any],
    radio: SimCoordinator,
    radio_may_be_away: None,
) -> None:
    talk = await at_pairing(hass, demo_home, "help_button")
    cord = SosPullCord(IEEE.format(14))
    # Before its interview, and in a quiet moment: zigpy-ziggurat forgets the answers that it waits
    # for then, and Home Assistant's harness fails a test for that.
    await radio.idle()
    await radio.drop_connection(seconds=600)
    await talk.settle()
    talk.at("no_radio")
    await until(lambda: zha.state is ConfigEntryState.SETUP_RETRY, what="ZHA to try in vain")
    await radio.drop_connection()
    await hass.config_entries.async_reload(zha.entry_id)
    await talk.choose("pair")
    await talk.begin()
    radio.join(cord)
    await talk.settle()
    talk.at("paired")


async def test_a_new_devices_own_lamp_is_put_out(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    """R16."""
    talk = await at_pairing(hass, demo_home, "smoke")
    detector = BlinkingSmokeDetector(IEEE.format(20))
    radio.join(detector)
    await talk.settle()
    talk.at("paired")
    await until(lambda: hass.states.async_entity_ids("switch"), what="the lamp's setting")
    await talk.choose("entity")
    await talk.answer(entity_id=talk.filled_in()["entity_id"], **PLACE)
    assert detector.blinks
    await talk.answer(inverted=False)
    talk.at("sensor_ready")
    assert talk.told["lamp"] == "Its own lamp has been put out."
    assert not detector.blinks


async def test_one_that_does_not_take_it_and_one_without_a_setting_are_said_so(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], zha: ConfigEntry[Any], radio: SimCoordinator
) -> None:
    detector, contact = BlinkingSmokeDetector(IEEE.format(21)), DoorContact(IEEE.format(22))
    await pair(hass, radio, detector)
    await pair(hass, radio, contact)
    await until(lambda: hass.states.async_entity_ids("switch"), what="the lamp's setting")
    detector.reachable = False
    for device, role, begins in (
        (detector, "smoke", "Its own lamp could not be put out"),
        (contact, "exit_door", "Kvarbo finds no setting"),
    ):
        talk = await Talk.add(hass, demo_home, "device")
        await talk.answer(role=role)
        await talk.choose("entity")
        entity = await until(partial(zha_entity, hass, device, "binary_sensor"), what="it")
        await talk.answer(entity_id=entity, **PLACE)
        await talk.answer(inverted=False)
        assert talk.told["lamp"].startswith(begins)
        await talk.choose("finish")
