"""A dispenser of any make, of which other entities of the home tell: taken is what says so and nothing else."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.kvarbo.dispensing import doses
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.sensing import Reading
from simulator.municipality import Municipality
from tests.flow.talk import Talk

from .conftest import StartHome, by_unique_id, entity_source, history, make_entry, receiver, said
from .test_issues import gone, there

FIELDS = ("missed_by", "low_by", "empty_by", "jammed_by", "power_by")


class Place:
    """A home whose dispenser is made of entities of another integration."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass
        self.home: Home
        registry = er.async_get(hass)
        for name in ("waits", *FIELDS):
            registry.async_get_or_create("binary_sensor", "test", name, suggested_object_id=name)
            hass.states.async_set(f"binary_sensor.{name}", "on" if name == "power_by" else "off")
        registry.async_get_or_create("event", "test", "taken_by", suggested_object_id="taken_by")
        hass.states.async_set("event.taken_by", "2020-01-01T00:00:00.000+00:00")

    def sources(self, *, taken: bool) -> dict[str, dict[str, str]]:
        found = {name: entity_source("binary_sensor", name) for name in FIELDS}
        return found | ({"taken_by": entity_source("event", "taken_by")} if taken else {})

    async def says(self, name: str, state: str = "on") -> None:
        domain = "event" if name == "taken_by" else "binary_sensor"
        self.hass.states.async_set(f"{domain}.{name}", state)
        await self.hass.async_block_till_done()

    async def takes(self, second: int) -> None:
        await self.says("taken_by", f"2099-01-01T00:00:{second:02d}.000+00:00")

    def entity(self, domain: str, key: str) -> str:
        [subentry] = self.home.device_subentries()
        return by_unique_id(self.hass, domain, f"{subentry.subentry_id}_{key}")

    @property
    def shown(self) -> tuple[str, str, Reading]:
        [sensed] = self.home.devices.sensed.values()
        dose, condition = (said(self.hass, self.entity("sensor", k)) for k in ("dose", "condition"))
        return dose, condition, sensed.reading


def dispenser(fields: dict[str, dict[str, str]]) -> ConfigSubentryData:
    data: dict[str, Any] = {
        "number": 1,
        "role": "dispenser",
        "location": "kitchen",
        "resident": 1,
        "source": entity_source("binary_sensor", "waits"),
        "inverted": False,
        "fields": fields,
    }
    return ConfigSubentryData(
        data=data, subentry_type="device", title="Medicine dispenser 1", unique_id="device-1"
    )


@pytest.fixture
def place(hass: HomeAssistant) -> Place:
    return Place(hass)


async def started(
    place: Place, municipality: Municipality, start_home: StartHome, *, taken: bool = True
) -> None:
    entry = make_entry(receiver(municipality.url), dispenser(place.sources(taken=taken)))
    place.home = await start_home(entry)


async def test_a_dose_that_waits_no_more_is_taken_only_when_that_is_said(
    place: Place, municipality: Municipality, start_home: StartHome
) -> None:
    await started(place, municipality, start_home)
    news = history(place.hass, place.entity("event", "dispenser"))
    assert place.shown == ("idle", "ok", Reading.IDLE)
    assert place.home.devices.sensors()[0].tells_taken
    await place.says("waits")
    assert place.shown == ("due", "ok", Reading.ACTIVE)
    await place.says("waits", "off")
    assert place.shown == ("due", "ok", Reading.ACTIVE)
    await place.says("missed_by")
    assert place.shown == ("missed", "ok", Reading.ACTIVE)
    await place.takes(1)
    assert place.shown == ("taken", "ok", Reading.IDLE)
    # The same once more is no news.
    await place.takes(1)
    await place.says("waits")
    await place.takes(2)
    # It still says that one waits: that is the dose that was taken.
    place.hass.states.async_set("binary_sensor.waits", "on", {"battery": 5})
    await place.hass.async_block_till_done()
    assert place.shown == ("taken", "ok", Reading.IDLE)
    assert [s.attributes["event_type"] for s in news] == ["due", "missed", "taken", "due", "taken"]


async def test_without_one_that_says_so_nothing_is_ever_shown_as_taken(
    place: Place, municipality: Municipality, start_home: StartHome
) -> None:
    await started(place, municipality, start_home, taken=False)
    await place.says("waits")
    assert place.shown == ("due", "ok", Reading.ACTIVE)
    await place.says("waits", "off")
    assert place.shown == ("idle", "ok", Reading.IDLE)
    assert not place.home.devices.sensors()[0].tells_taken


async def test_doses_that_events_tell_of_are_due_one_by_one(
    hass: HomeAssistant, place: Place, municipality: Municipality, start_home: StartHome
) -> None:
    er.async_get(hass).async_get_or_create("event", "test", "lid", suggested_object_id="lid")
    hass.states.async_set("event.lid", "2020-01-01T00:00:00.000+00:00")
    for taken in (True, False):
        data = dispenser(place.sources(taken=taken))
        data["data"]["source"] = entity_source("event", "lid")  # type: ignore[index]
        place.home = await start_home(make_entry(receiver(municipality.url), data))
        heard: list[Reading] = []
        place.home.watching.sense = lambda _, reading, heard=heard: heard.append(reading)  # type: ignore[method-assign, misc]
        for second in (1, 2):
            at = f"209{int(taken)}-02-01T00:00:{second:02d}.000+00:00"
            hass.states.async_set("event.lid", at)
            await hass.async_block_till_done()
            assert place.shown[0] == "due"
            if taken:
                await place.takes(second)
                assert place.shown[0] == "taken"
        # By events alone each is a use, as it is of one of which nothing else tells.
        uses = [Reading.ACTIVE, Reading.IDLE] * 2 if taken else [Reading.ACTIVE] * 2
        assert heard == uses
        assert await hass.config_entries.async_remove(place.home.entry.entry_id)
        await hass.async_block_till_done()


async def test_what_waited_before_a_restart_waits_after_it(
    place: Place, municipality: Municipality, start_home: StartHome
) -> None:
    await started(place, municipality, start_home)
    await place.says("waits")
    await place.says("waits", "off")
    entry = place.home.entry
    assert await place.hass.config_entries.async_reload(entry.entry_id)
    await place.hass.async_block_till_done()
    place.home = entry.runtime_data
    assert place.shown == ("due", "ok", Reading.ACTIVE)
    await place.takes(1)
    assert await place.hass.config_entries.async_reload(entry.entry_id)
    await place.hass.async_block_till_done()
    place.home = entry.runtime_data
    assert place.shown == ("taken", "ok", Reading.IDLE)


async def test_troubles_are_shown_and_told_and_silence_is_neither(
    hass: HomeAssistant,
    place: Place,
    municipality: Municipality,
    start_home: StartHome,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await place.says("jammed_by")
    await started(place, municipality, start_home)
    rounds = place.home.check.rounds
    assert place.shown == ("idle", "jammed", Reading.IDLE)
    rounds.look()
    await there(hass, "device_fault_1-trouble")
    await place.says("jammed_by", "unavailable")
    assert place.shown[1] == "jammed"
    await place.says("jammed_by", "off")
    assert place.shown[1] == "ok"
    rounds.look()
    await gone(hass, "device_fault_1-trouble")
    for name, condition in (("low_by", "low"), ("empty_by", "empty")):
        await place.says(name)
        assert place.shown[1] == condition
    await place.says("power_by", "off")
    assert place.shown[1] == "no_power"
    await place.says("empty_by", "off")
    rounds.look()
    assert not place.home.chain.faults.open
    monkeypatch.setattr(doses, "POWER_GRACE", 0.0)
    rounds.look()
    await there(hass, "device_fault_1-trouble")
    await place.says("waits", "unavailable")
    assert place.shown == ("unknown", "offline", Reading.UNKNOWN)
    await place.says("waits", "off")
    assert place.shown == ("idle", "no_power", Reading.IDLE)


async def test_they_are_chosen_in_the_dialog_each_for_one_thing(
    hass: HomeAssistant, place: Place, municipality: Municipality, start_home: StartHome
) -> None:
    er.async_get(hass).async_get_or_create("camera", "test", "eye", suggested_object_id="eye")
    home = await start_home(make_entry(receiver(municipality.url)))
    talk = await Talk.add(hass, home.entry, "device")
    await talk.answer(role="dispenser")
    await talk.answer(entity_id="binary_sensor.waits", location="kitchen", resident=1)
    await talk.answer(inverted=False)
    talk.at("sensor_ready")
    await talk.choose("fields")
    await talk.answer(taken_by="binary_sensor.low_by", low_by="binary_sensor.low_by")
    assert talk.errors == {"base": "told_twice"}
    await talk.answer(taken_by="event.taken_by", jammed_by="binary_sensor.gone")
    assert talk.errors == {"jammed_by": "unknown_entity"}
    await talk.answer(taken_by="event.taken_by", power_by="binary_sensor.power_by")
    talk.at("sensor_ready")
    await talk.choose("finish")
    await hass.async_block_till_done()
    place.home = home
    [subentry] = home.device_subentries()
    assert subentry.data["fields"] == {
        "taken_by": entity_source("event", "taken_by"),
        "power_by": entity_source("binary_sensor", "power_by"),
    }
    assert place.shown == ("idle", "ok", Reading.IDLE)
    talk = await Talk.change(hass, home.entry, subentry)
    await talk.choose("fields")
    assert talk.filled_in() == {
        "taken_by": "event.taken_by",
        "power_by": "binary_sensor.power_by",
    }
