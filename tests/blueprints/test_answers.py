"""The blueprint of the answers over the real ZHA: what a lamp, a siren and a shaker tell who has pressed (R13, R23)."""

from collections.abc import Callable
from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, ServiceCall, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import async_mock_service
from zigpy.zcl.clusters.security import WarningMode

from custom_components.kvarbo.blueprint_offer import async_offer_blueprints
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import DimmableLamp, PowerPlug, Siren
from tests.blueprints import shelf
from tests.home.conftest import (
    CORD,
    StartHome,
    arrived,
    button,
    entity,
    entity_source,
    make_entry,
    quick_answers,
    receiver,
    sources,
    start_home,
)

__all__ = ["quick_answers", "sources", "start_home"]

pytestmark = pytest.mark.usefixtures("quick_answers")

IEEE = "02:00:00:00:00:00:0c:{:02}"
DAY = {"night_from": "00:00:00", "night_to": "00:00:00"}
NIGHT = {"night_from": "00:00:00", "night_to": "23:59:59"}


class Room:
    """Where the resident is, with what can be seen, heard and felt there."""

    def __init__(self, hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
        self.hass, self.home, self.municipality = hass, home, municipality
        self.lamp = DimmableLamp(IEEE.format(1))
        self.siren = Siren(IEEE.format(2))
        self.shaker = PowerPlug(IEEE.format(3))
        self.ids: dict[str, str] = {}
        #: What the lamp has shown and the shaker has done, in order.
        self.shown: list[str] = []
        self.shaken: list[str] = []
        self.sounded: list[ServiceCall] = []

    async def furnish(self, radio: SimCoordinator) -> None:
        for name, device, domain in (
            ("lamp", self.lamp, "light"),
            ("siren", self.siren, "siren"),
            ("shaker", self.shaker, "switch"),
        ):
            await pair(self.hass, radio, device)
            self.ids[name] = await until(
                lambda device=device, domain=domain: zha_entity(self.hass, device, domain),  # type: ignore[misc]
                what=name,
            )
        self.shaker.turn(on=False)
        self.lamp.turn(on=False)
        for name, noted in (("lamp", self.shown), ("shaker", self.shaken)):
            await until(lambda n=name: self.hass.states.is_state(self.ids[n], "off"), what=name)  # type: ignore[misc]
            async_track_state_change_event(self.hass, self.ids[name], _noting(noted))

    async def use(self, language: str = "en", **inputs: Any) -> None:
        """Make the automation of the offered blueprint, its pulses short."""
        name = shelf.ANSWERS if language == "en" else shelf.swedish(shelf.ANSWERS)
        await async_offer_blueprints(self.hass)
        copy = Path(self.hass.config.path("blueprints/automation/kvarbo", name))

        def write() -> None:
            text = copy.read_text("utf-8")
            assert "milliseconds: 700" in text or "milliseconds: 60" in text
            copy.write_text(text.replace("milliseconds: 700", "milliseconds: 60"), "utf-8")
            given = {"answer": entity(self.hass, self.home, "sensor", "answer"), **DAY, **inputs}
            made = {
                "id": "one",
                "alias": "One",
                "use_blueprint": {"path": f"kvarbo/{name}", "input": given},
            }
            written = Path(self.hass.config.path("configuration.yaml"))
            written.write_text(json.dumps({"automation": [made]}), "utf-8")

        await self.hass.async_add_executor_job(write)
        await self.hass.services.async_call("automation", "reload", blocking=True)
        await self.hass.async_block_till_done()
        assert self.hass.states.is_state("automation.one", "on")

    async def calls(self) -> str:
        self.hass.states.async_set(CORD, "off")
        self.hass.states.async_set(CORD, "on")
        return str((await arrived(self.hass, self.municipality, 1))[0]["alarm"])

    async def is_done(self) -> None:
        """Wait until the automation has done what the last answer asked for."""
        await until(
            lambda: self.hass.states.get("automation.one").attributes["current"] == 0,  # type: ignore[union-attr]
            what="the end of the run",
        )

    def pulses(self) -> int:
        return self.shaken.count("on")


def _noting(noted: list[str]) -> Callable[[Event[EventStateChangedData]], None]:
    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            level = state.attributes.get("brightness")
            noted.append(state.state if level is None else f"{state.state} {level}")

    return note


@pytest_asyncio.fixture
async def room(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    sources: None,
    start_home: StartHome,
) -> Room:
    for domain in ("scene", "automation"):
        assert await async_setup_component(hass, domain, {})
    home = await start_home(
        make_entry(
            receiver(municipality.url),
            button(1, entity_source("binary_sensor", "cord"), "bathroom"),
        )
    )
    room = Room(hass, home, municipality)
    await room.furnish(radio)
    return room


@pytest.mark.parametrize("language", ["en", "sv"])
async def test_each_answer_is_told_by_its_pulses_and_the_lamp_is_put_back(
    hass: HomeAssistant, room: Room, language: str
) -> None:
    await room.use(language, lamps=[room.ids["lamp"]], shakers=[room.ids["shaker"]], brightness=80)
    alarm = await room.calls()
    answer = entity(hass, room.home, "sensor", "answer")
    await until(lambda: hass.states.is_state(answer, "arrived"), what="the receipt")
    await until(lambda: room.pulses() >= 2, what="two pulses")
    await room.is_done()
    # *Heard* may have been cut off by *arrived*; then come two whole pulses, and the lamp stays lit.
    assert room.pulses() in (2, 3)
    assert room.shaken[-1] == "off"
    assert hass.states.get(room.ids["lamp"]).attributes["brightness"] == 204  # type: ignore[union-attr]
    # Each pulse dims down in between.
    assert any(" 40" in shown or " 41" in shown for shown in room.shown)

    before = room.pulses()
    room.municipality.acknowledge(alarm)
    await until(lambda: hass.states.is_state(answer, "help_coming"), what="a person")
    await until(lambda: room.pulses() == before + 3, what="three pulses")
    await room.is_done()
    assert room.pulses() == before + 3

    room.municipality.close_alarm(alarm)
    await until(lambda: hass.states.is_state(room.ids["lamp"], "off"), what="the lamp put back")
    await room.is_done()
    assert hass.states.async_entity_ids("scene") == []


async def test_what_does_not_get_through_is_four_pulses(hass: HomeAssistant, room: Room) -> None:
    await room.use(lamps=[room.ids["lamp"]], shakers=[room.ids["shaker"]])
    await room.municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "off")
    hass.states.async_set(CORD, "on")
    answer = entity(hass, room.home, "sensor", "answer")
    await until(
        lambda: hass.states.is_state(answer, "not_getting_through"), 30, "not getting through"
    )
    await until(lambda: room.pulses() >= 4, what="four pulses")
    await room.is_done()
    assert room.pulses() in (4, 5)
    await room.municipality.set_fault()


async def test_at_night_it_is_dim_and_silent(hass: HomeAssistant, room: Room) -> None:
    spoken = async_mock_service(hass, "tts", "speak")
    async_mock_service(hass, "media_player", "media_stop")
    await room.use(
        lamps=[room.ids["lamp"]],
        sirens=[room.ids["siren"]],
        players=["media_player.room"],
        voice="tts.one",
        night_brightness=10,
        **NIGHT,
    )
    await room.calls()
    answer = entity(hass, room.home, "sensor", "answer")
    await until(lambda: hass.states.is_state(answer, "arrived"), what="the receipt")
    await until(lambda: "on 26" in room.shown, what="a dim light")
    await room.is_done()
    assert room.shown[-1] == "on 26"
    assert room.siren.warning is WarningMode.Stop
    assert spoken == []


async def test_nothing_is_said_unless_a_voice_was_chosen_and_then_the_words_of_the_answer(
    hass: HomeAssistant, room: Room
) -> None:
    # A mock: no loudspeaker and no text-to-speech can run here.
    spoken = async_mock_service(hass, "tts", "speak")
    stopped = async_mock_service(hass, "media_player", "media_stop")
    await room.use(players=["media_player.room"])
    alarm = await room.calls()
    answer = entity(hass, room.home, "sensor", "answer")
    await until(lambda: hass.states.is_state(answer, "arrived"), what="the receipt")
    await room.is_done()
    assert spoken == []
    await room.use(players=["media_player.room"], voice="tts.one", say_coming="They are coming.")
    room.municipality.acknowledge(alarm)
    await until(lambda: spoken, what="the words")
    assert spoken[-1].data["message"] == "They are coming."
    assert spoken[-1].data["entity_id"] == ["tts.one"]
    await room.is_done()
    assert stopped


async def test_a_siren_sounds_for_a_moment_and_a_press_silences_what_sounds_and_shakes(
    hass: HomeAssistant, room: Room
) -> None:
    hass.states.async_set("binary_sensor.fine", "off")
    stopped = async_mock_service(hass, "media_player", "media_stop")
    await room.use(
        sirens=[room.ids["siren"]],
        siren_for=10,
        shakers=[room.ids["shaker"]],
        players=["media_player.room"],
        silence=["binary_sensor.fine"],
    )
    await room.calls()
    await until(lambda: room.siren.warning is not WarningMode.Stop, what="the siren")
    await room.is_done()
    # One that only comes back into the network is no press.
    stopped.clear()
    hass.states.async_set("binary_sensor.fine", "unavailable")
    hass.states.async_set("binary_sensor.fine", "on")
    await hass.async_block_till_done()
    assert stopped == []
    hass.states.async_set("binary_sensor.fine", "off")
    hass.states.async_set("binary_sensor.fine", "on")
    await until(lambda: room.siren.warning is WarningMode.Stop, what="silence")
    await until(lambda: stopped, what="silence from the loudspeaker")


async def test_a_press_that_is_answered_as_the_last_one_is_told_once_more(
    hass: HomeAssistant, room: Room
) -> None:
    await room.use(shakers=[room.ids["shaker"]])
    await room.calls()
    answer = entity(hass, room.home, "sensor", "answer")
    await until(lambda: hass.states.is_state(answer, "arrived"), what="the receipt")
    await room.is_done()
    before = room.pulses()
    [alarm] = room.home.ledger.open_alarms()
    at = room.home.clock.now
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(room.home.clock, "now", lambda: at() + timedelta(seconds=10))
        hass.states.async_set(CORD, "off")
        hass.states.async_set(CORD, "on")
        await until(
            lambda: room.home.ledger.alarms[alarm.id].presses == 2,
            what="the second press",
        )
    await until(lambda: room.pulses() == before + 2, what="two pulses more")
