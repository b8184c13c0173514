"""A medicine dispenser of our own profile over the real bluetooth: what it says, once each, and what it never says."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
import pytest
import pytest_asyncio

from custom_components.kvarbo.devices import dispenser_link
from custom_components.kvarbo.devices.dispenser import Dispenser as ByBluetooth
from custom_components.kvarbo.dispensing import doses
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.sensing import Reading
from simulator.ble import Dispenser
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.testing_ble import Listening, ble

from .conftest import StartHome, make_entry, receiver
from .test_issues import gone, there

__all__ = ["ble"]

pytestmark = pytest.mark.usefixtures("quick_answers")

ADDRESS = "C0:00:00:00:05:01"


def dispenser_entry() -> ConfigSubentryData:
    data = {
        "number": 1,
        "role": "dispenser",
        "location": "kitchen",
        "resident": 1,
        "source": {"type": "dispenser", "address": ADDRESS},
    }
    return ConfigSubentryData(
        data=data, subentry_type="device", title="Medicine dispenser 1", unique_id="device-1"
    )


class Place:
    """A home with one dispenser, and what is told of it."""

    def __init__(self, hass: HomeAssistant, home: Home, dispenser: Dispenser) -> None:
        self.hass, self.home, self.dispenser = hass, home, dispenser
        self.news: list[str] = []
        self.told: list[dict[str, Any]] = []
        async_track_state_change_event(hass, self.entity("event", "dispenser"), self._event)

    @callback
    def _event(self, event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None and state.state != "unavailable":
            self.news.append(state.attributes["event_type"])
            self.told.append(dict(state.attributes))

    def entity(self, domain: str, key: str) -> str:
        [subentry] = self.home.device_subentries()
        entity_id = er.async_get(self.hass).async_get_entity_id(
            domain, "kvarbo", f"{subentry.subentry_id}_{key}"
        )
        assert entity_id is not None
        return entity_id

    def shows(self, key: str) -> str:
        state = self.hass.states.get(self.entity("sensor", key))
        assert state is not None
        return state.state

    async def until_shown(self, key: str, value: str) -> None:
        await until(lambda: self.shows(key) == value, what=f"{key} {value}: {self.shows(key)}")

    @property
    def reading(self) -> Reading:
        [sensed] = self.home.devices.sensed.values()
        return sensed.reading


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for a dispenser that is away without a pause, and wait shortly for what it has forgotten."""
    monkeypatch.setattr(dispenser_link, "RETRY", 0.05)
    monkeypatch.setattr(dispenser_link, "CATCH_UP", 0.3)


@pytest_asyncio.fixture
async def place(
    hass: HomeAssistant, ble: Listening, municipality: Municipality, start_home: StartHome
) -> Place:
    dispenser = await ble.air.add(Dispenser(ADDRESS, "Pills"))
    home = await start_home(make_entry(receiver(municipality.url), dispenser_entry()))
    made = Place(hass, home, dispenser)
    await made.until_shown("condition", "ok")
    await until(lambda: dispenser.listens, what="the hub to listen")
    return made


async def test_each_step_of_a_dose_is_told_once_and_acknowledged(place: Place) -> None:
    assert (place.shows("dose"), place.shows("doses_left"), place.reading) == (
        "idle",
        "14",
        Reading.IDLE,
    )
    one = place.dispenser
    for does, dose, reading in (
        (one.due, "due", Reading.ACTIVE),
        (one.hand_out, "dispensed", Reading.ACTIVE),
        (one.take, "taken", Reading.IDLE),
        (one.due, "due", Reading.ACTIVE),
        (one.miss, "missed", Reading.ACTIVE),
        (one.skip, "skipped", Reading.IDLE),
    ):
        await does()
        await place.until_shown("dose", dose)
        assert place.reading is reading
    await until(lambda: one.acknowledged == 6 and not one.kept, what="the acknowledgement")
    assert place.news == ["due", "dispensed", "taken", "due", "missed", "skipped"]
    assert place.shows("doses_left") == "13"
    # It says nothing to a link that is not: the hub has asked for it.
    assert all(link.is_encrypted for link in one.device.connections.values())


async def test_what_happened_without_a_link_is_told_when_it_is_back_and_not_twice(
    place: Place,
) -> None:
    one = place.dispenser
    await one.due()
    await place.until_shown("dose", "due")
    await one.silence()
    await place.until_shown("condition", "offline")
    assert (place.shows("dose"), place.shows("doses_left"), place.reading) == (
        "unknown",
        "unknown",
        Reading.UNKNOWN,
    )
    await one.hand_out()
    await one.take()
    assert len(one.kept) >= 2
    await one.advertise()
    await place.until_shown("dose", "taken")
    assert place.news == ["due", "offline", "dispensed", "taken"]
    assert all(told["seconds_ago"] >= 0 for told in place.told)
    await until(lambda: not one.kept, what="the acknowledgement")


async def test_a_restart_tells_nothing_twice_and_what_came_meanwhile_once(
    hass: HomeAssistant, place: Place
) -> None:
    one = place.dispenser
    await one.due()
    await place.until_shown("dose", "due")
    await until(lambda: not one.kept, what="the acknowledgement")
    # As if the word of it had been lost on the way.
    entry = place.home.entry
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not one.device.connections, what="the link's end")
    await one.take()
    place.news.clear()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await place.until_shown("dose", "taken")
    assert place.news[-1:] == ["taken"]
    assert place.news.count("taken") == 1


async def test_one_that_has_forgotten_what_happened_is_believed_in_how_it_stands(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    one = place.dispenser
    await one.silence()
    await place.until_shown("condition", "offline")
    await one.due()
    await one.take()
    await one.forgets()
    await one.advertise()
    await place.until_shown("dose", "taken")
    [sensed] = place.home.devices.sensed.values()
    assert sensed.dispenser is not None
    assert sensed.dispenser.doses.missing == 2
    assert place.news == ["offline"]
    assert "has forgotten 2 events" in caplog.text


async def test_jammed_is_a_technical_alarm_that_ends_and_never_a_missed_dose(
    hass: HomeAssistant, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, home = place.dispenser, place.home
    await one.ails("low")
    await place.until_shown("condition", "low")
    home.check.rounds.look()
    assert not home.chain.faults.open
    await one.ails("jammed")
    await place.until_shown("condition", "jammed")
    home.check.rounds.look()
    await there(hass, "device_fault_1-trouble")
    [fault] = await until(
        lambda: [a for a in home.ledger.open_alarms() if a.kind == "device_fault"],
        what="the technical alarm",
    )
    assert (fault.source.number, fault.source.role) == (1, "dispenser")
    await one.ails("jammed", on=False)
    await place.until_shown("condition", "low")
    home.check.rounds.look()
    await gone(hass, "device_fault_1-trouble")
    assert place.told[-1]["trouble"] == "jammed"
    # Pulled out to be cleaned: nobody is called before its grace is over.
    await one.ails("no_power")
    await place.until_shown("condition", "no_power")
    home.check.rounds.look()
    assert not home.chain.faults.open
    monkeypatch.setattr(doses, "POWER_GRACE", 0.0)
    home.check.rounds.look()
    await there(hass, "device_fault_1-trouble")
    assert place.news == ["low", "jammed", "well", "no_power"]
    assert not [a for a in home.ledger.alarms.values() if a.kind == "medicine_missed"]


async def test_garbled_words_lose_nothing(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    one = place.dispenser
    one.garbled = b"\x01\x63" + bytes(8)
    await one.due()
    await until(lambda: "what: 0x63" in caplog.text or "counter: 0" in caplog.text, what="a word")
    assert place.reading is Reading.IDLE
    one.garbled = None
    await one.hand_out()
    await place.until_shown("dose", "dispensed")
    assert place.news == ["due", "dispensed"]


async def test_one_that_hangs_is_told_as_not_heard(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispenser_link, "ANSWER", 0.3)
    monkeypatch.setattr(dispenser_link, "ASK", 0.1)
    place.dispenser.answers.clear()
    await place.dispenser.due()
    await place.until_shown("condition", "offline")
    place.dispenser.answers.set()
    await place.until_shown("dose", "due")


async def test_a_dead_proxy_takes_the_link_along_and_another_brings_it_back(
    ble: Listening, place: Place
) -> None:
    await ble.dies(ble.proxy)
    await place.until_shown("condition", "offline")
    await place.dispenser.due()
    await ble.listen()
    await place.until_shown("dose", "due")
    assert place.news == ["offline", "due"]


async def test_its_own_words_are_its_health(place: Place) -> None:
    one, rounds = place.dispenser, place.home.check.rounds
    [sensed] = place.home.devices.sensed.values()
    assert sensed.dispenser is not None
    one.battery = 42
    await one.due()
    await until(lambda: sensed.dispenser.doses.battery == 42, what="its battery")  # type: ignore[union-attr]
    rounds.look()
    assert rounds.vitals[1].battery == 42
    # A link that lasts has no adverts: what it says by it is what is heard.
    assert isinstance(sensed.dispenser, ByBluetooth)
    assert rounds.vitals[1].heard == sensed.dispenser.heard
    assert rounds.vitals[1].away == 0
    await one.silence()
    await place.until_shown("condition", "offline")
    rounds.look()
    assert rounds.vitals[1].away > 0


async def test_a_skipped_dose_is_none_that_waits_and_none_that_was_taken(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Reading] = []
    monkeypatch.setattr(place.home.watching, "sense", lambda _number, reading: said.append(reading))
    [sensor] = place.home.devices.sensors()
    assert sensor.tells_taken
    await place.dispenser.due()
    await place.dispenser.take()
    await place.until_shown("dose", "taken")
    await place.dispenser.due()
    await place.dispenser.skip()
    await place.until_shown("dose", "skipped")
    assert said == [
        Reading.ACTIVE,
        Reading.IDLE,
        Reading.ACTIVE,
        Reading.UNKNOWN,
        Reading.IDLE,
    ]


async def test_one_that_leaves_the_home_takes_along_what_was_kept_of_it(
    hass: HomeAssistant, place: Place
) -> None:
    await place.dispenser.due()
    await place.until_shown("dose", "due")
    assert f"dispenser:{ADDRESS}" in place.home.ledger.markers
    [subentry] = place.home.device_subentries()
    hass.config_entries.async_remove_subentry(place.home.entry, subentry.subentry_id)
    await until(lambda: not place.dispenser.device.connections, what="the link's end")
    assert f"dispenser:{ADDRESS}" not in place.home.ledger.markers
