"""What a rule would have sent over the home's own days, from a real recorder (S12)."""

from datetime import timedelta
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.kvarbo.home import Home
from tests.watching.support import Coordinator

BED = "binary_sensor.bed"
KITCHEN = "binary_sensor.kitchen_motion"


@pytest_asyncio.fixture
async def recorder(hass: HomeAssistant, tmp_path: Path) -> None:
    """Home Assistant's own recorder, with a database of its own, before there is a home."""
    config = {"recorder": {"db_url": f"sqlite:///{tmp_path}/recorder.db", "commit_interval": 0}}
    recorder_helper.async_initialize_recorder(hass)
    assert await async_setup_component(hass, "recorder", config)
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)


async def live(hass: HomeAssistant) -> str:
    """Let the recorder hold a night in which somebody was up at 02:10 for two hours; return when."""
    day = dt_util.utcnow().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    up = day + timedelta(hours=2, minutes=10)
    for at, entity_id, state in (
        (day - timedelta(hours=3), KITCHEN, "off"),
        (day - timedelta(hours=2), BED, "on"),
        (up, BED, "off"),
        (up + timedelta(minutes=2), KITCHEN, "on"),
        (up + timedelta(minutes=3), KITCHEN, "off"),
        (up + timedelta(hours=2), BED, "on"),
    ):
        hass.states.async_set(entity_id, state, timestamp=at.timestamp(), force_update=True)
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)
    return up.isoformat(timespec="seconds")


async def test_night_that_would_have_alarmed(
    recorder: None,
    hass: HomeAssistant,
    home: Home,
    coordinator: Coordinator,
) -> None:
    up = await live(hass)
    told = await coordinator.call(
        "replay_rule", rule="night_absence", resident=1, settings={"limit": "00:20"}, days=3
    )
    [alarm] = [row for row in told["told"] if row["stage"] == "alarmed"]
    assert (alarm["since"], alarm["seen_in"]) == (up, "kitchen")
    assert told["alarms"] == 1
    quiet = await coordinator.call(
        "replay_rule", rule="night_absence", resident=1, settings={"limit": "02:30"}, days=3
    )
    assert quiet["alarms"] == 0
    assert quiet["readings"] == told["readings"] > 0


async def test_page_asks_by_websocket(
    recorder: None,
    hass: HomeAssistant,
    home: Home,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await live(hass)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "kvarbo/rules"})
    rules = (await client.receive_json())["result"]["rules"]
    assert {rule["rule"] for rule in rules} == {"sensor_silent", "sensor_blind"}
    await client.send_json_auto_id(
        {"type": "kvarbo/replay", "rule": "night_absence", "resident": 1}
    )
    assert (await client.receive_json())["result"]["alarms"] == 1
    await client.send_json_auto_id({"type": "kvarbo/replay", "rule": "dragons"})
    refused = await client.receive_json()
    assert refused["error"]["message"] == "rule: unknown_choice"


async def test_refusals(
    recorder: None, hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    for data, key in (
        ({"rule": "dragons"}, "bad_rule"),
        ({"rule": "lift", "days": 0}, "bad_days"),
        ({"rule": "lift", "days": 61}, "bad_days"),
        ({"rule": "night_absence", "settings": {"limit": "soon"}}, "bad_rule"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await coordinator.call("replay_rule", **data)
        assert refused.value.translation_key == key


async def test_home_without_a_recorder(
    hass: HomeAssistant, home: Home, coordinator: Coordinator
) -> None:
    with pytest.raises(HomeAssistantError) as refused:
        await coordinator.call("replay_rule", rule="night_absence")
    assert refused.value.translation_key == "no_history"
