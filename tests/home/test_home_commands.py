"""What a page is told of a home with help buttons: to each role its part, at once, and no more often than needed."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.kvarbo import home_commands
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.devices.vitals import Ailment, Vitals
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.role import Actor
from simulator.municipality import Municipality
from simulator.testing import until
from tests.home.conftest import CORD, arrived, is_received

OF_DEVICES = {"concerns", "devices", "receivers", "ways", "chain"}
OF_HOME = {"rules", "residents", "states", "seems_away_since", "morning"}
COUNTS = {"counts", "now"}
SEEN = {
    Actor.TECHNICIAN: COUNTS | OF_DEVICES,
    Actor.COORDINATOR: COUNTS | OF_DEVICES | OF_HOME,
    Actor.VIEWER: COUNTS,
    Actor.DISPLAY: COUNTS,
}

type Page = Callable[[Actor], Awaitable[Any]]


def give(hass: HomeAssistant, home: Home, user: MockUser, actor: Actor | None) -> None:
    """Give a user a role of Kvarbo's, or take it away."""
    roles = dict(home.entry.options.get("roles", {}))
    roles.pop(user.id, None)
    given = {} if actor is None else {user.id: str(actor)}
    hass.config_entries.async_update_entry(home.entry, options={"roles": roles | given})


@pytest_asyncio.fixture
async def page(
    hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> AsyncGenerator[Page]:
    """Open a page as somebody with a role; it is closed at the end."""
    opened: list[Any] = []

    async def as_role(actor: Actor) -> Any:
        user = MockUser(name=str(actor)).add_to_hass(hass)
        give(hass, home, user, actor)
        await hass.async_block_till_done()
        refresh = await hass.auth.async_create_refresh_token(user, "http://127.0.0.1/")
        client: Any = await hass_ws_client(hass, hass.auth.async_create_access_token(refresh))
        client.user = user
        opened.append(client)
        return client

    yield as_role
    for client in opened:
        await client.close()
    await hass.async_block_till_done()


async def ask(client: Any, command: str, **more: Any) -> dict[str, Any]:
    await client.send_json_auto_id({"type": command, **more})
    answer = await client.receive_json()
    assert answer["success"], answer
    result: dict[str, Any] = answer["result"]
    return result


async def follow(client: Any) -> dict[str, Any]:
    """Subscribe; return what is told at once."""
    await client.send_json_auto_id({"type": "kvarbo/home", "subscribe": True})
    assert (await client.receive_json())["success"]
    return await pushed(client)


async def pushed(client: Any) -> dict[str, Any]:
    message = await client.receive_json()
    assert message["type"] == "event", message
    event: dict[str, Any] = message["event"]
    return event


@pytest.mark.parametrize("actor", SEEN)
async def test_each_role_is_told_its_part_and_no_other(page: Page, actor: Actor) -> None:
    client = await page(actor)
    told = await ask(client, "kvarbo/home")
    assert set(told) == SEEN[actor]
    assert told["counts"] == {"devices": 3, "rules": 0}
    assert set((await follow(client))["home"]) == SEEN[actor]


async def test_devices_come_by_number_role_and_room_with_what_was_ever_tried(
    hass: HomeAssistant, home: Home, municipality: Municipality, page: Page
) -> None:
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    er.async_get(hass).async_remove("event.bell")
    await hass.async_block_till_done()
    client = await page(Actor.TECHNICIAN)
    told = await ask(client, "kvarbo/home", language="sv")
    devices = {device["number"]: device for device in told["devices"]}
    assert devices[1]["called"] == "larmknapp"
    assert (devices[1]["room"], devices[1]["tried"], devices[2]["tried"]) == (
        "bathroom",
        True,
        False,
    )
    # The bell has left Home Assistant: it comes first, and is what needs somebody.
    assert told["devices"][0]["number"] == 2
    [missing] = [one for one in told["concerns"] if one["kind"] == "device_missing"]
    assert (missing["device"], missing["next"]) == (2, "pair_again")


async def test_a_device_is_told_as_its_last_round_has_found_it(home: Home, page: Page) -> None:
    home.check.rounds.look()
    home.check.rounds.vitals[2] = Vitals(
        heard=5.0,
        quiet=600.0,
        lqi=33.4,
        rssi=-90.6,
        battery=12.6,
        ailments=frozenset({Ailment.BATTERY}),
    )
    client = await page(Actor.TECHNICIAN)
    told = await ask(client, "kvarbo/home")
    first, second, _ = told["devices"]
    assert (first["number"], first["signal"], first["signal_dbm"]) == (2, 33, -91)
    assert (first["battery"], first["ailments"]) == (13, ["battery"])
    ago = datetime.fromisoformat(told["now"]) - datetime.fromisoformat(first["heard_at"])
    assert timedelta(seconds=600) <= ago < timedelta(seconds=665)
    # Of what no radio of ours has heard nothing is made up.
    assert (second["heard_at"], second["signal"], second["battery"]) == (None, None, None)
    [low] = [one for one in told["concerns"] if one["kind"] == "device_battery"]
    assert (low["device"], low["next"]) == (2, "change_battery")


async def test_a_lost_receiver_is_told_by_its_place_with_since_when(
    home: Home, municipality: Municipality, page: Page
) -> None:
    key = home.receivers()[0].subentry_id
    home.chain.faults.set(AlarmKind.RECEIVER_LOST, key, is_open=True, words="no answer")
    await until(
        lambda: home.chain.faults.since(AlarmKind.RECEIVER_LOST, key) is not None, what="its alarm"
    )
    client = await page(Actor.TECHNICIAN)
    [lost] = [
        one
        for one in (await ask(client, "kvarbo/home"))["concerns"]
        if one["kind"] == "receiver_lost"
    ]
    assert (lost["receiver"], lost["next"]) == (1, "call_receiver")
    assert lost["since"] is not None
    [seen] = (await ask(client, "kvarbo/alarms"))["alarms"]
    assert (seen["what"], seen["class"]) == ("Receiver lost", "technical")


async def test_nothing_told_holds_a_name_an_address_or_a_key(
    home: Home, municipality: Municipality, page: Page
) -> None:
    client = await page(Actor.COORDINATOR)
    told = json.dumps([await ask(client, "kvarbo/home"), await ask(client, "kvarbo/alarms")])
    titles = [subentry.title for subentry in home.entry.subentries.values()]
    for secret in (*titles, home.entry.title, municipality.url, "cord", *home.entry.subentries):
        assert secret not in told, secret


async def test_who_installs_sees_the_test_with_its_receipt_and_not_the_call_for_help(
    hass: HomeAssistant, home: Home, municipality: Municipality, page: Page
) -> None:
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    hass.states.async_set(CORD, "off")
    home.chain.announce_test(2, "technician")
    technician, coordinator = await page(Actor.TECHNICIAN), await page(Actor.COORDINATOR)
    devices = (await ask(technician, "kvarbo/home"))["devices"]
    left = {device["number"]: device["test_left"] for device in devices}
    assert (left[1], left[3]) == (None, None)
    assert 100 < left[2] <= 120
    hass.states.async_set("event.bell", "2026-11-27T20:00:00.000+00:00")
    await arrived(hass, municipality, 2)
    [test] = [alarm for alarm in home.ledger.open_alarms() if alarm.test]
    await is_received(home, test.id)

    [seen] = (await ask(technician, "kvarbo/alarms"))["alarms"]
    assert (seen["alarm"], seen["mark"], seen["receiver"]) == (test.id, "TEST DEMO", 1)
    assert seen["received_at"] is not None
    newest, older = (await ask(coordinator, "kvarbo/alarms"))["alarms"]
    assert (newest["alarm"], older["what"]) == (test.id, "Help call")
    assert "help button 1 pressed" in older["why"]
    after = (await ask(technician, "kvarbo/home"))["devices"]
    assert {device["test_left"] for device in after} == {None}


async def test_who_took_an_alarm_is_told_also_when_it_has_ended(
    hass: HomeAssistant, home: Home, municipality: Municipality, page: Page
) -> None:
    raised = await home.test_hub("technician")
    await is_received(home, raised.alarm.id)
    await home.chain.cancel(raised.alarm.id, "technician")
    await until(
        lambda: not [d for d in home.ledger.deliveries.values() if d.is_waiting], what="the cancel"
    )
    for delivery in list(home.ledger.deliveries.values()):
        home.ledger.touch(replace(delivery, followed=True))
    home.ledger.forget_settled()
    assert raised.alarm.id not in home.ledger.alarms
    client = await page(Actor.TECHNICIAN)
    [seen] = (await ask(client, "kvarbo/alarms"))["alarms"]
    assert (seen["state"], seen["receiver"]) == ("cancelled", 1)


async def test_a_page_is_told_of_changes_at_once_and_then_once_a_second_at_most(
    hass: HomeAssistant, home: Home, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await page(Actor.COORDINATOR)
    assert (await follow(client))["home"]["states"] == []
    sent: list[float] = []
    tell = home_commands.tell_home

    def noted(*about: Any) -> dict[str, Any]:
        sent.append(hass.loop.time())
        return tell(*about)

    monkeypatch.setattr(home_commands, "tell_home", noted)
    for number in range(20):
        home.watching.pause(0, home.watching.now() + 3600 + number, "coordinator")
        await hass.async_block_till_done()
    last = home.watching.house.resident(0).paused_until
    told = await pushed(client)
    while told["home"]["states"][0]["paused_until"] is None:
        told = await pushed(client)
    assert len(sent) <= 2
    assert last is not None
    assert told["home"]["states"][0]["resident"] == 0


async def test_what_is_no_news_is_not_pushed(
    hass: HomeAssistant, home: Home, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_commands, "PACE", 0.0)
    client = await page(Actor.VIEWER)
    await follow(client)
    # A viewer counts: neither a pause nor an alarm is news to one.
    home.watching.pause(0, home.watching.now() + 3600, "coordinator")
    await home.test_hub("technician")
    await hass.async_block_till_done()
    await client.send_json_auto_id({"type": "kvarbo/me"})
    assert (await client.receive_json())["type"] == "result"


async def test_a_role_that_is_taken_away_ends_what_an_open_page_sees(
    hass: HomeAssistant, home: Home, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_commands, "PACE", 0.0)
    client = await page(Actor.COORDINATOR)
    assert "rules" in (await follow(client))["home"]
    give(hass, home, client.user, Actor.TECHNICIAN)
    told = await pushed(client)
    assert told["role"] == "technician"
    assert set(told["home"]) == SEEN[Actor.TECHNICIAN]
    give(hass, home, client.user, None)
    told = await pushed(client)
    assert told == {"role": "user", "running": True}


async def test_an_open_page_follows_a_home_that_is_loaded_anew(
    hass: HomeAssistant, home: Home, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_commands, "PACE", 0.0)
    before = len(home._watchers)
    client = await page(Actor.COORDINATOR)
    assert (await follow(client))["running"]
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert again is not home
    await until(lambda: len(again._watchers) == before + 1, what="the page follows the new home")
    again.watching.pause(0, again.watching.now() + 3600, "coordinator")
    while not (told := await pushed(client)).get("home", {}).get("states"):
        assert told
    assert told["home"]["states"][0]["paused_until"]


async def test_a_page_that_is_closed_is_told_no_more(
    hass: HomeAssistant, home: Home, page: Page
) -> None:
    before = len(home._watchers)
    client = await page(Actor.TECHNICIAN)
    await follow(client)
    assert len(home._watchers) == before + 1
    await client.close()
    await until(lambda: len(home._watchers) == before, what="the page has left")


async def test_without_a_home_that_is_said(hass: HomeAssistant, home: Home, page: Page) -> None:
    client = await page(Actor.COORDINATOR)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    for command in ("kvarbo/home", "kvarbo/alarms"):
        await client.send_json_auto_id({"type": command})
        answer = await client.receive_json()
        assert answer["error"]["code"] == "no_home"
    assert await follow(client) == {"role": "coordinator", "running": False}
