"""R13: the resident hears whether the press was heard, arrived, is stuck, and that help is coming."""

from datetime import timedelta
from functools import partial
import time

from homeassistant.core import HomeAssistant, State
import pytest

from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import (
    BELL,
    CORD,
    arrived,
    by_unique_id,
    calls,
    entity,
    first_receiver,
    history,
    is_received,
    running_button,
    said,
    stalled_disk,
)

pytestmark = pytest.mark.usefixtures("quick_answers")


class Told:
    """What the home's answers have said since the start of a test, in the home and at each button."""

    def __init__(self, hass: HomeAssistant, home: Home) -> None:
        self.hass = hass
        self.ids = {
            0: (entity(hass, home, "event", "answer"), entity(hass, home, "sensor", "answer"))
        }
        for number in (1, 2, 3):
            key = running_button(home, number).subentry_id
            self.ids[number] = (
                by_unique_id(hass, "event", f"{key}_answer"),
                by_unique_id(hass, "sensor", f"{key}_answer_now"),
            )
        self._events = {number: history(hass, ids[0]) for number, ids in self.ids.items()}

    def events(self, number: int) -> list[str]:
        return [state.attributes["event_type"] for state in self._events[number]]

    def last(self, number: int) -> State:
        return self._events[number][-1]

    def now(self, number: int) -> str:
        return said(self.hass, self.ids[number][1])

    async def until_now(self, answer: str, *numbers: int) -> None:
        for number in numbers:
            await until(partial(self._is_now, number, answer), what=f"{answer} at {number}")

    def _is_now(self, number: int, answer: str) -> bool:
        return self.now(number) == answer


@pytest.fixture
def told(hass: HomeAssistant, home: Home) -> Told:
    return Told(hass, home)


async def test_heard_and_arrived(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    assert [told.now(n) for n in range(4)] == ["idle"] * 4
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    await told.until_now("arrived", 0, 1)
    for number in (0, 1):
        assert told.events(number) == ["heard", "arrived"]
        said_last = told.last(number).attributes
        assert said_last["alarm"] == call["alarm"]
        assert said_last["test"] is False
        assert said_last["durable"] is True
    # The other buttons have nothing to say.
    for number in (2, 3):
        assert told.events(number) == []
        assert told.now(number) == "idle"


async def test_help_is_coming_only_when_a_person_has_acknowledged(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    municipality.acknowledge(call["alarm"], by="system")
    await until(
        lambda: home.ledger.alarms[call["alarm"]].state == "acknowledged", what="the system's word"
    )
    assert (told.now(0), told.now(1)) == ("arrived", "arrived")
    municipality.acknowledge(call["alarm"])
    await told.until_now("help_coming", 0, 1)
    assert told.events(1) == ["heard", "arrived", "help_coming"]


async def test_idle_when_the_alarm_is_closed(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    told: Told,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    municipality.acknowledge(call["alarm"])
    await told.until_now("help_coming", 0, 1)
    municipality.close_alarm(call["alarm"])
    await told.until_now("idle", 0, 1)
    # A lamp goes dark without being told anything new.
    assert told.events(0) == ["heard", "arrived", "help_coming"]
    assert home.ledger.open_alarms() == []
    assert "A hearer failed" not in caplog.text


async def test_not_getting_through_and_then_arrived(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    await until(lambda: home.any_reached() is True, what="the first sign of life")
    await municipality.set_fault(Mode.DOWN)
    hass.states.async_set(CORD, "on")
    await told.until_now("not_getting_through", 0, 1)
    assert told.events(1) == ["heard", "not_getting_through"]
    await home.chain.transmitter.beat(first_receiver(home))
    await municipality.set_fault(Mode.NONE)
    await home.chain.transmitter.beat(first_receiver(home))
    await told.until_now("arrived", 0, 1)
    assert told.events(1) == ["heard", "not_getting_through", "arrived"]
    await arrived(hass, municipality, 1)


async def test_newest_call_in_the_home_speaks_for_it(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    hass.states.async_set(CORD, "on")
    [first] = await arrived(hass, municipality, 1)
    municipality.acknowledge(first["alarm"])
    await told.until_now("help_coming", 0, 1)
    hass.states.async_set(BELL, "2026-11-22T02:00:00.000+00:00")
    await arrived(hass, municipality, 2)
    await told.until_now("arrived", 0, 2)
    assert told.now(1) == "help_coming"
    # What becomes of the older one is news at its own button alone.
    municipality.close_alarm(first["alarm"])
    await told.until_now("idle", 1)
    assert (told.now(0), told.now(2)) == ("arrived", "arrived")


async def test_acknowledged_older_call_does_not_speak_for_the_home(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    hass.states.async_set(CORD, "on")
    [first] = await arrived(hass, municipality, 1)
    hass.states.async_set(BELL, "2026-11-22T02:00:00.000+00:00")
    await arrived(hass, municipality, 2)
    await told.until_now("arrived", 0, 2)
    municipality.acknowledge(first["alarm"])
    await told.until_now("help_coming", 1)
    assert (told.now(0), told.now(2)) == ("arrived", "arrived")


async def test_each_later_press_is_answered(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    """A press that is news about the same call says once more what has been reached."""
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    [alarm] = home.ledger.open_alarms()
    await is_received(home, alarm.id)
    # Six seconds pass for the home: no longer the same movement of a shaking hand (A2).
    home.clock.raise_floor(home.clock.now() + timedelta(seconds=6))
    hass.states.async_set(CORD, "off")
    hass.states.async_set(CORD, "on")
    await until(lambda: len(calls(municipality)[0]["messages"]) == 2, what="the update")
    assert calls(municipality)[0]["presses"] == 2
    assert told.events(1) == ["heard", "arrived", "arrived"]


async def test_heard_also_when_the_disk_does_not_answer(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    """A1 and R13: within two seconds, and saying that it is not on disk."""
    await until(
        lambda: home.chain.transmitter.signs.audit_head is not None, what="the first upkeep"
    )
    with stalled_disk(home):
        began = time.monotonic()
        hass.states.async_set(CORD, "on")
        await until(lambda: told.events(1)[:1] == ["heard"], 3, "heard")
        assert time.monotonic() - began < 2
        assert told._events[1][0].attributes["durable"] is False
        [call] = await arrived(hass, municipality, 1)
        assert call["durable"] is False
    await told.until_now("arrived", 0, 1)


async def test_answer_that_stands_outlives_a_restart(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    await told.until_now("arrived", 0, 1)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    assert (told.now(0), told.now(1), told.now(2)) == ("arrived", "arrived", "idle")
    municipality.acknowledge(call["alarm"])
    await told.until_now("help_coming", 0, 1)


async def test_answer_that_fails_to_be_shown_stops_nothing(
    hass: HomeAssistant, home: Home, municipality: Municipality, told: Told
) -> None:
    """A lamp that cannot be told keeps neither the others from hearing nor the alarm from leaving."""

    def broken(*_: object) -> None:
        raise RuntimeError("a lamp that fails")

    home._watchers.insert(0, broken)
    home.answers._hearers.insert(0, broken)
    home.chain._hearers.insert(0, broken)
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    await until(lambda: told.events(1) == ["heard", "arrived"], what="both answers")
    assert said(hass, entity(hass, home, "binary_sensor", "open_alarm")) == "on"
