"""A running home is stopped and started again in the middle of what it watches (S1, S3, S4, S8, S11).

The home is set up from its own journal each time; automations, consents and sensors are Home
Assistant's own. Alarms are those that the municipality has received.
"""

from contextlib import closing
from datetime import UTC, datetime, timedelta
import sqlite3
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
import pytest_asyncio

from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Stage
from simulator.municipality import Municipality
from simulator.testing import until
from tests.home.conftest import StartHome, entity_source, make_entry, receiver, stalled_disk
from tests.watching.conftest import SENSORS, sensor
from tests.watching.nights import HandClock, Night
from tests.watching.support import RAISE, Coordinator, automate, issues, rule, trigger

HOUR: Final = 3600.0
MINUTE: Final = 60.0
ABSENCE: Final = "night_absence/1/"
#: The rule of these tests: a warning of five minutes within its twenty.
WARNED: Final = {"limit": "00:20", "warning": "00:05"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    """The home's clock: eight in the evening, two days from now."""
    day = (datetime.now(UTC) + timedelta(days=2)).replace(hour=20, minute=0, second=0)
    clock = HandClock(day)
    monkeypatch.setattr("custom_components.kvarbo.home.SystemClock", lambda: clock)
    return clock


@pytest_asyncio.fixture
async def night(
    hass: HomeAssistant,
    municipality: Municipality,
    sensors: None,
    clock: HandClock,
    start_home: StartHome,
    coordinator: Coordinator,
) -> Night:
    """A home in the evening; the resident has consented to what is asked of these rules."""
    await hass.config.async_set_time_zone("UTC")
    entry = make_entry(
        receiver(municipality.url),
        *(
            sensor(number, role, place, entity_source("binary_sensor", name))
            for number, (name, role, place) in enumerate(SENSORS, 1)
        ),
    )
    await start_home(entry)
    for function in ("night_absence", "inactivity"):
        await coordinator.consent(function)
    return Night(hass, entry, municipality, clock)


async def watch(hass: HomeAssistant, *actions: dict[str, Any], **settings: Any) -> None:
    """Let an automation listen to the night absence."""
    options = rule("night_absence", settings=settings or WARNED)
    await automate(hass, *(actions or (RAISE,)), triggers=[trigger("alarmed", options)])


async def gets_up(night: Night) -> float:
    """Go to bed at half past ten and be up at ten past two; return when that was."""
    await night.until_clock(22, 30)
    await night.say(bed="on")
    await night.until_clock(2, 10)
    await night.say(bed="off")
    up = night.now
    assert night.slot(ABSENCE).watcher.state.stage is Stage.COUNTING
    return up


def since(alarm: Any) -> float:
    return datetime.fromisoformat(alarm["sensed_at"]).timestamp()


async def test_counting_goes_on(hass: HomeAssistant, night: Night) -> None:
    """Five minutes without power in the middle of the twenty: the alarm comes at its time."""
    await watch(hass)
    up = await gets_up(night)
    await night.wait(8 * MINUTE)
    await night.stopped_for(5 * MINUTE)
    state = night.slot(ABSENCE).watcher.state
    assert state.stage is Stage.COUNTING
    assert state.since == pytest.approx(up, abs=2)
    await night.wait(up + 19 * MINUTE - night.now)
    await night.arrived("night_absence", 0)
    await night.wait(2 * MINUTE)
    [alarm] = await night.arrived("night_absence")
    assert since(alarm) == pytest.approx(up, abs=2)
    # It is one alarm, and the return ends it in the home that came after.
    await night.say(bed="on")
    await until(lambda: night.slot(ABSENCE).watcher.state.stage is Stage.CALM, what="the return")
    await night.wait(HOUR)
    await night.arrived("night_absence")


async def test_warning_is_given_again(hass: HomeAssistant, night: Night) -> None:
    """No alarm falls on somebody unwarned, nor later than its old time and the time without power.

    That is five minutes here, and up to one more in which the home may have lived and not said so.
    """
    await watch(hass)
    up = await gets_up(night)
    await night.wait(16 * MINUTE)
    assert night.slot(ABSENCE).watcher.state.stage is Stage.WARNED
    await night.stopped_for(5 * MINUTE)
    await night.wait(up + 24.5 * MINUTE - night.now)
    assert night.slot(ABSENCE).watcher.state.stage is Stage.WARNED
    await night.arrived("night_absence", 0)
    await night.wait(up + 26.1 * MINUTE - night.now)
    await night.arrived("night_absence")


async def test_home_raises_what_nobody_had_answered(hass: HomeAssistant, night: Night) -> None:
    """Told just before the stop to an automation that says nothing: the alarm goes all the same (S8)."""
    await watch(hass, {"delay": "00:00:00"}, limit="00:20")
    up = await gets_up(night)
    await night.wait(20 * MINUTE + 5)
    state = night.slot(ABSENCE).watcher.state
    assert (state.stage, state.answered) == (Stage.ALARMED, False)
    await night.stopped_for(10 * MINUTE)
    await night.wait(3 * MINUTE)
    [alarm] = await night.arrived("night_absence")
    assert since(alarm) == pytest.approx(up, abs=2)
    await night.stopped_for(MINUTE)
    await night.wait(10 * MINUTE)
    await night.arrived("night_absence")


async def test_return_while_the_home_was_off(hass: HomeAssistant, night: Night) -> None:
    await watch(hass)
    await gets_up(night)
    await night.wait(8 * MINUTE)
    await night.stopped_for(5 * MINUTE, bed="on")
    await night.wait(2 * HOUR)
    await night.arrived("night_absence", 0)


async def test_long_stop_is_told_and_is_no_absence(hass: HomeAssistant, night: Night) -> None:
    """Two hours without power are no two hours out of bed: what is left of the limit is waited for."""
    await watch(hass)
    await gets_up(night)
    await night.wait(8 * MINUTE)
    await night.stopped_for(2 * HOUR)
    [told] = await night.arrived("rule_fault")
    assert told["class"] == "technical"
    await night.wait(11 * MINUTE)
    await night.arrived("night_absence", 0)
    await night.wait(3 * MINUTE)
    await night.arrived("night_absence")


async def test_row_that_cannot_be_read(hass: HomeAssistant, night: Night) -> None:
    """Its rule begins anew when its trigger attaches, a person is told, and the others go on (S9)."""
    await watch(hass)
    await night.until_clock(22, 30)
    await night.say(bed="on")
    journal = night.home.folder / "journal.db"
    entry = night.home.entry
    assert await hass.config_entries.async_unload(entry.entry_id)

    def spoil() -> int:
        with closing(sqlite3.connect(journal)) as file:
            spoiled = file.execute(
                "UPDATE watcher SET state = '{\"state\": 1}' WHERE identity = ?", (ABSENCE,)
            )
            file.commit()
            return spoiled.rowcount

    assert await hass.async_add_executor_job(spoil) == 1
    assert await hass.config_entries.async_setup(entry.entry_id)
    await night.settle()
    assert night.home.watching.broken == (ABSENCE,)
    assert "rule_unreadable" in issues(hass)
    assert night.slot(ABSENCE).standing is Standing.WATCHING
    await night.until_clock(2, 10)
    await night.say(bed="off")
    await night.wait(21 * MINUTE)
    await night.arrived("night_absence")


async def test_disk_that_stalls_silences_no_rule(hass: HomeAssistant, night: Night) -> None:
    """Nothing is armed before it is on disk, unless the disk does not answer (A1, S3)."""
    await watch(hass, limit="00:20")
    await night.until_clock(22, 30)
    await night.say(bed="on")
    await night.until_clock(2, 10)
    with stalled_disk(night.home):
        hass.states.async_set("binary_sensor.bed", "off")
        await hass.async_block_till_done()
        slot = night.slot(ABSENCE)
        assert slot.pending == 1
        assert slot.due is None
        await until(lambda: not slot.pending, 10, "the disk to be given up")
        await night.wait(21 * MINUTE)
        await night.arrived("night_absence")


async def test_sensors_that_are_unavailable(hass: HomeAssistant, night: Night) -> None:
    """A home that cannot see says so, counts nothing meanwhile, and says when it sees again (S4)."""
    await watch(hass)
    await gets_up(night)
    await night.wait(8 * MINUTE)
    unknown = {name: "unavailable" for name, _, _ in SENSORS}
    await night.say(**unknown)
    assert night.slot(ABSENCE).standing is Standing.BLIND
    await night.wait(14 * MINUTE)
    await night.arrived("rule_fault", 0)
    await night.wait(2 * MINUTE)
    assert "rule_blind" in issues(hass)
    assert FaultKind.BLIND in night.slot(ABSENCE).faults
    told = await night.arrived("rule_fault", len(blind(night)))
    await night.wait(3 * HOUR)
    await night.arrived("night_absence", 0)
    await night.say(**dict.fromkeys(unknown, "off"))
    assert "rule_blind" not in issues(hass)
    await until(
        lambda: all(a["cleared_at"] for a in night.technical("rule_fault")), what="the all-clear"
    )
    assert told
    await night.wait(10 * MINUTE)
    await night.arrived("night_absence", 0)
    await night.wait(3 * MINUTE)
    await night.arrived("night_absence")


def blind(night: Night) -> list[str]:
    """Return the rules that say that they cannot see."""
    slots = night.home.watching.supervisor.slots.values()
    return [slot.key for slot in slots if FaultKind.BLIND in slot.faults]


async def test_clock_that_is_set_forward_makes_nobody_still(
    hass: HomeAssistant, night: Night, clock: HandClock
) -> None:
    options = rule("inactivity", settings={"limit": "04:00"})
    await automate(hass, RAISE, triggers=[trigger("alarmed", options)])
    await night.say(kitchen_motion="on")
    await night.say(kitchen_motion="off")
    moved = night.now
    await night.wait(HOUR)
    clock.set_forward(6 * HOUR)
    night.home.watching.time_changed()
    await night.wait(2 * HOUR)
    await night.arrived("inactivity", 0)
    assert night.now - moved > 8 * HOUR
    await night.wait(HOUR + 2 * MINUTE)
    await night.arrived("inactivity")


async def test_boot_without_time(hass: HomeAssistant, night: Night, clock: HandClock) -> None:
    """A hub that wakes ten hours in the past counts on, and is not confused when it learns the time."""
    await watch(hass)
    up = await gets_up(night)
    await night.wait(8 * MINUTE)
    newest = night.now
    await night.stopped_for(5 * MINUTE, set_by=-10 * HOUR)
    assert newest - MINUTE <= night.now < newest + MINUTE, "home time goes on from the newest row"
    state = night.slot(ABSENCE).watcher.state
    assert state.stage is Stage.COUNTING
    await night.wait(10 * MINUTE)
    await night.arrived("night_absence", 0)
    await night.wait(3 * MINUTE)
    [alarm] = await night.arrived("night_absence")
    assert since(alarm) == pytest.approx(up, abs=2)
    await night.say(bed="on")
    clock.set_forward(10 * HOUR)
    night.home.watching.time_changed()
    assert night.now >= up + 20 * MINUTE
    await night.wait(HOUR)
    await night.arrived("night_absence")
