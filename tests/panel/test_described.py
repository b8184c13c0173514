"""What the page is told of rules: every kind with its settings, the home's own, what a replay stands on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.devices.sensor import SensorSettings
from custom_components.kvarbo.history import readings_of
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.replay_action import describe_kinds
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.settings import (
    SettingsError,
    read_settings,
    write_settings,
)
from simulator.municipality import Municipality
from tests.home.conftest import StartHome, entity_source, make_entry, receiver
from tests.watching.test_history import live


async def ask(hass: HomeAssistant, sockets: WebSocketGenerator, **command: Any) -> dict[str, Any]:
    client = await sockets(hass)
    await client.send_json_auto_id(command)
    answer: dict[str, Any] = await client.receive_json()
    return answer


def test_every_kind_is_described_as_it_is_read() -> None:
    described = {str(kind["rule"]): kind for kind in describe_kinds()}
    assert set(described) == set(KINDS)
    for kind, watcher in KINDS.items():
        settings: Any = described[kind]["settings"]
        defaults = {setting["name"]: setting["default"] for setting in settings}
        new = watcher.settings_type()
        assert defaults == write_settings(new)
        given = {name: value for name, value in defaults.items() if value is not None}
        assert read_settings(watcher.settings_type, given) == new


@pytest.mark.parametrize("kind", list(WatcherKind))
def test_bounds_are_those_that_hold(kind: WatcherKind) -> None:
    [described] = [one for one in describe_kinds() if one["rule"] == kind]
    settings: Any = described["settings"]
    looked = 0
    for setting in settings:
        name, least, most = setting["name"], setting["least"], setting["most"]
        if setting["optional"]:
            read_settings(KINDS[kind].settings_type, {name: None})
        if least is None:
            continue
        looked += 1
        for good in (least, most):
            read_settings(KINDS[kind].settings_type, {name: good})
        for bad in (least - 1, most + 1):
            with pytest.raises(SettingsError):
                read_settings(KINDS[kind].settings_type, {name: bad})
    assert looked


def test_what_a_kind_is_there_for() -> None:
    tells = {str(kind["rule"]): (kind["tells"], kind["resident"]) for kind in describe_kinds()}
    assert tells["night_absence"] == ("alarmed", 1)
    assert tells["door_open"] == ("alarmed", 0)
    assert tells["bed_exit"] == ("warned", 1)
    assert tells["sensor_silent"] == ("fault", 0)


async def test_page_is_told_kinds_and_rules(
    hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> None:
    told = (await ask(hass, hass_ws_client, type="kvarbo/rule_kinds"))["result"]
    assert told["kinds"] == describe_kinds()
    assert told["residents"] == 1
    assert told["days"] == {"default": 10, "least": 1, "most": 60}
    rules = (await ask(hass, hass_ws_client, type="kvarbo/rules"))["result"]["rules"]
    for rule in rules:
        new = KINDS[rule["rule"]].settings_type()
        assert rule["settings"] == write_settings(new)
    assert rules


@pytest.mark.parametrize("command", ["rule_kinds", "rules", "replay"])
async def test_page_tells_nobody_but_administrators(
    hass: HomeAssistant,
    home: Home,
    hass_admin_user: MockUser,
    hass_ws_client: WebSocketGenerator,
    command: str,
) -> None:
    hass_admin_user.groups = []
    more = {"rule": "lift"} if command == "replay" else {}
    answer = await ask(hass, hass_ws_client, type=f"kvarbo/{command}", **more)
    assert answer["error"]["code"] == "unauthorized"


async def test_replay_says_since_when_anything_is_recorded(
    recorder: None, hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> None:
    await live(hass)
    command = {"type": "kvarbo/replay", "rule": "night_absence", "resident": 1, "days": 30}
    told = (await ask(hass, hass_ws_client, **command))["result"]
    begin, first, end = (
        datetime.fromisoformat(told[name]) for name in ("from", "recorded_from", "to")
    )
    assert (end - begin).days == 30
    assert (end - first).days <= 3
    assert told["standing"] == "watching"


async def test_replay_of_a_rule_that_cannot_watch_says_so(
    recorder: None, hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> None:
    await live(hass)
    told = (await ask(hass, hass_ws_client, type="kvarbo/replay", rule="lift", resident=1))[
        "result"
    ]
    assert (told["standing"], told["alarms"]) == ("lacks_sensors", 0)


async def test_replay_without_settings_is_of_the_rule_as_it_runs(
    recorder: None, hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> None:
    await live(hass)
    own = next(iter(home.watching.supervisor.slots))
    told = await ask(hass, hass_ws_client, type="kvarbo/replay", rule=own.kind)
    assert told["result"]["readings"] > 0


async def test_replay_in_a_home_without_sensors_knows_nothing(
    recorder: None,
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await start_home(make_entry(receiver(municipality.url)))
    told = (await ask(hass, hass_ws_client, type="kvarbo/replay", rule="lift"))["result"]
    assert (told["readings"], told["recorded_from"]) == (0, None)
    assert told["standing"] == "lacks_sensors"
    assert [row["fault"] for row in told["told"]] == ["lacks_sensors"]


async def test_replay_without_a_recorder_says_so(
    hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> None:
    refused = await ask(hass, hass_ws_client, type="kvarbo/replay", rule="lift")
    assert refused["error"]["code"] == "no_history"


async def test_replay_without_a_home_says_so(
    hass: HomeAssistant, home: Home, hass_ws_client: WebSocketGenerator
) -> None:
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    refused = await ask(hass, hass_ws_client, type="kvarbo/replay", rule="lift")
    assert refused["error"]["code"] == "no_home"


def test_first_event_of_a_button_is_an_old_one() -> None:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    button = SensorSettings(
        sensor=Sensor(3, Role.CHECK_IN, Location.HALLWAY),
        source=entity_source("event", "bell"),
        inverted=False,
        active_above=0.0,
    )
    pressed = [begin - timedelta(hours=1), begin + timedelta(hours=1)]
    states = [
        State("event.bell", at.isoformat(), last_updated=at, last_changed=at) for at in pressed
    ]
    found = list(readings_of({"event.bell": [*states, {}]}, {"event.bell": button}, begin))
    assert [(at, number) for at, number, _ in found] == [
        (begin.timestamp(), 3),
        (pressed[1].timestamp(), 3),
    ]
    assert [reading is Reading.ACTIVE for _, _, reading in found] == [False, True]
