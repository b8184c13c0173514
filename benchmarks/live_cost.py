"""What one state change costs in a running home, and beside it what Home Assistant's own part costs.

A real Home Assistant in this process has a Kvarbo home with every sensor of a simulated one, a rule
of every kind, a journal on this disk and Home Assistant's own registries. A simulated day is said
to it, state by state, at the home time at which it happens. Measured for each change is the time
from Home Assistant's calling Kvarbo until Kvarbo returns (sensor, watchers, rows handed to the
journal), and the whole of `states.async_set` for a sensor whose only follower does nothing: that is
Home Assistant's own. A second figure for Kvarbo takes in what it leaves for later in the same loop.
All is processor time of the loop's own thread, so that a busy machine does not spoil it.

    .venv/bin/python benchmarks/live_cost.py [--days 2] [--seed 1]
"""

import argparse
import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
import statistics
import sys
import tempfile
import time
from types import MappingProxyType
from typing import Any, Final, override

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from homeassistant import bootstrap, loader
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigSubentryData
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component

from custom_components.kvarbo.alarm.clock import Clock
from custom_components.kvarbo.devices.sensor import SensedDevice
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.consent import Consent
from custom_components.kvarbo.supervision.sensing import Reading
from simulator.living import Life
from tests.supervision.lives import events_of, every_rule, sensors_of
from tests.supervision.making import OPTIONS

REPOSITORY: Final = Path(__file__).resolve().parents[1]
GOAL: Final = 50.0


class LifeClock(Clock):
    """Shows the instant of the life that is being said."""

    def __init__(self, begin: float) -> None:
        """Begin here, epoch seconds."""
        self.at = begin

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @override
    def monotonic(self) -> float:
        return self.at

    @override
    def in_trouble(self) -> bool:
        return False


class Stopwatch:
    """Notes what each call of a function costs its thread, in microseconds."""

    def __init__(self) -> None:
        """Start with nothing noted."""
        self.costs: list[float] = []

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        @callback
        def timed(*arguments: Any) -> Any:
            begun = time.thread_time_ns()
            result = function(*arguments)
            self.costs.append((time.thread_time_ns() - begun) / 1000)
            return result

        return timed


def entry_of(life: Life) -> ConfigEntry[Home]:
    """Return a demo home without a receiver that follows an entity for each sensor."""
    subentries = [
        ConfigSubentryData(
            data={
                "number": s.number,
                "role": str(s.role),
                "location": str(s.room),
                "resident": 0,
                "source": {
                    "type": "entity",
                    "domain": "binary_sensor",
                    "platform": "test",
                    "unique_id": f"s{s.number}",
                },
            },
            subentry_type="device",
            title=f"Sensor {s.number}",
            unique_id=None,
        )
        for s in sensors_of(life)
    ]
    return ConfigEntry(
        data={"controller": "4711", "label": "Home 4711", "demo": True, "next_number": 99},
        discovery_keys=MappingProxyType({}),
        domain="kvarbo",
        minor_version=1,
        options={},
        source="user",
        subentries_data=subentries,
        title="Home 4711",
        unique_id="4711",
        version=1,
    )


async def start(folder: str, life: Life) -> HomeAssistant:
    """Return a Home Assistant that can load the component, with an entity for each sensor."""
    (Path(folder) / "custom_components").symlink_to(REPOSITORY / "custom_components")
    hass = HomeAssistant(folder)
    hass.config.skip_pip = True
    hass.config_entries = ConfigEntries(hass, {})
    loader.async_setup(hass)
    await bootstrap.async_load_base_functionality(hass)
    if not await async_setup_component(hass, "homeassistant", {}):
        raise RuntimeError("Home Assistant's own component was not set up")
    registry = er.async_get(hass)
    for sensor in sensors_of(life):
        name = f"s{sensor.number}"
        registry.async_get_or_create("binary_sensor", "test", name, suggested_object_id=name)
        hass.states.async_set(f"binary_sensor.{name}", "off")
    return hass


def watch(home: Home, begin: float) -> None:
    """Let a rule of every kind watch, with consent."""
    for rule in every_rule():
        given = Consent("own", "coordinator", begin)
        home.watching.give_consent(rule.identity.kind, 1, given, "admin")
        home.watching.supervisor.enrol(rule.identity, rule.settings, OPTIONS, begin)


@callback
def nothing(_event: Event[EventStateChangedData]) -> None:
    """Follow a state and do nothing."""


async def measure(life: Life) -> tuple[list[float], list[float], list[float]]:
    """Return by change: Kvarbo's part, Home Assistant's own, Kvarbo's with what it leaves behind."""
    clock = LifeClock(life.start)
    stopwatch = Stopwatch()
    sys.modules[Home.__module__].SystemClock = lambda: clock  # type: ignore[attr-defined]
    SensedDevice._state_changed = stopwatch.around(SensedDevice._state_changed)  # type: ignore[method-assign]  # noqa: SLF001
    own: list[float] = []
    whole: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        hass = await start(folder, life)
        entry = entry_of(life)
        await hass.config_entries.async_add(entry)
        home: Home = entry.runtime_data
        watch(home, life.start)
        await hass.async_start()
        async_track_state_change_event(hass, "binary_sensor.plain", nothing)
        stopwatch.costs.clear()
        for number, (at, sensor, reading) in enumerate(events_of(life)):
            clock.at = max(clock.at, at)
            home.watching.time_changed()
            await home.watching.keeping.settle()
            state = "on" if reading is Reading.ACTIVE else "off"
            before = len(stopwatch.costs)
            begun = time.thread_time_ns()
            hass.states.async_set(f"binary_sensor.s{sensor}", state, timestamp=at)
            await home.watching.keeping.settle()
            both = (time.thread_time_ns() - begun) / 1000
            begun = time.thread_time_ns()
            hass.states.async_set(
                "binary_sensor.plain", "on" if number % 2 else "off", timestamp=at
            )
            mine = (time.thread_time_ns() - begun) / 1000
            if len(stopwatch.costs) > before:
                own.append(mine)
                whole.append(max(0.0, both - mine))
        await hass.async_stop(force=True)
    return stopwatch.costs, own, whole


def line(what: str, costs: list[float]) -> str:
    """Return a line of the report."""
    middle, slow = statistics.median(costs), statistics.quantiles(costs, n=100)[98]
    return (
        f"{what:<44} median {middle:7.1f}  mean {statistics.fmean(costs):7.1f}  p99 {slow:8.1f} us"
    )


def main() -> int:
    """Measure and print; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kvarbo, own, whole = asyncio.run(measure(Life(options.seed, days=options.days)))
    print(f"{len(kvarbo)} state changes, {len(KINDS)} kinds of rule")
    print(line("Kvarbo: sensor, watchers, rows", kvarbo))
    print(line("Kvarbo: and what it leaves for later", whole))
    print(line("Home Assistant: a change nobody heeds", own))
    middle = statistics.median(kvarbo)
    print(f"goal {GOAL:.0f} us in the median: {'reached' if middle <= GOAL else 'missed'}")
    print(f"ratio to Home Assistant's own: {middle / statistics.median(own):.2f}")
    return 0 if middle <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
