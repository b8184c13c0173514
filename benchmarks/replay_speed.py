"""What a sensor's word costs: all of Kvarbo's watchers beside one stock state-trigger automation.

A recorded home (or a simulated one) is replayed through every kind of watcher at once, on one core.
In the same run a Home Assistant in this process takes the same on/off changes with one automation
of its own: one that runs when a sensor goes on, and one that waits with `for:` until it has been
off for an hour. What counts is processor time, so that a busy machine does not spoil it. A third
measure is the cost of each single word in a living home, whose rows are made for the disk.

    .venv/bin/python benchmarks/replay_speed.py [HOME] [--rounds 5]
"""

import argparse
import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
import statistics
import sys
import tempfile
import time
from typing import Final, override

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from homeassistant import bootstrap, loader
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.kvarbo.supervision.catalogue import KINDS, rule_of
from custom_components.kvarbo.supervision.keeping import Keeping, Row
from custom_components.kvarbo.supervision.recording import Recording, read_recording
from custom_components.kvarbo.supervision.rerun import Rerun, Scene, rerun
from simulator.living.life import Life
from simulator.living.recording import write

#: Goals: events a second through all watchers, and microseconds a word in a living home.
GOAL: Final = 100_000
LIVE_GOAL: Final = 50.0
#: So many changes are given to Home Assistant.
CHANGES: Final = 4000
SENSOR: Final = "binary_sensor.hall"
STOCK: Final = {
    "runs at each on": {"trigger": "state", "entity_id": SENSOR, "to": "on"},
    "waits for an hour of off": {
        "trigger": "state",
        "entity_id": SENSOR,
        "to": "off",
        "for": "01:00:00",
    },
}


class Rows(Keeping):
    """Makes every row and throws it away: the disk itself is not measured."""

    @override
    def keep(self, rows: Iterable[Row]) -> None:
        list(rows)

    @override
    def commit(self, rows: Iterable[Row], done: Callable[[], None]) -> None:
        list(rows)
        done()


def replayed(recording: Recording, rounds: int) -> float:
    """Return events a second through all watchers: the best round, since others only disturb."""
    scene = Scene(
        recording.sensors,
        tuple(rule_of(kind) for kind in KINDS),
        zone=recording.zone,
        known_from_start=True,
    )
    events = list(recording.events())
    best = 0.0
    for _ in range(rounds):
        begun = time.process_time()
        rerun(scene, events, (recording.begin, recording.end))
        best = max(best, len(events) / (time.process_time() - begun))
    return best


def lived(recording: Recording) -> list[float]:
    """Return what each word costs in a living home, microseconds."""
    scene = Scene(recording.sensors, tuple(rule_of(kind) for kind in KINDS), known_from_start=True)
    home = Rerun(scene, recording.begin)
    supervisor = home.supervisor
    supervisor.keeping = Rows()
    supervisor.alive()
    supervisor.started(recording.begin)
    costs = []
    for at, number, reading in recording.events():
        # What was due before is the clock's cost, not this word's.
        supervisor.advance(at)
        begun = time.perf_counter_ns()
        supervisor.observe(at, number, reading)
        costs.append((time.perf_counter_ns() - begun) / 1000)
    return costs


async def stock(trigger: dict[str, str] | None, changes: int) -> float:
    """Return microseconds of processor time for each state change in a Home Assistant."""
    with tempfile.TemporaryDirectory() as folder:
        hass = HomeAssistant(folder)
        hass.config.skip_pip = True
        hass.config_entries = ConfigEntries(hass, {})
        loader.async_setup(hass)
        await bootstrap.async_load_base_functionality(hass)
        if trigger is not None:
            automation = {"triggers": [trigger], "actions": [{"event": "noticed"}]}
            config = {"automation": [{"alias": "stock", **automation}]}
            if not await async_setup_component(hass, "automation", config):
                raise RuntimeError("the stock automation was not set up")
        await hass.async_start()
        begun = time.process_time()
        for change in range(changes):
            hass.states.async_set(SENSOR, "off" if change % 2 else "on")
            await hass.async_block_till_done()
        cost = (time.process_time() - begun) / changes * 1e6
        await hass.async_stop(force=True)
    return cost


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, nargs="?", help="folder; default: a simulated home")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home: Path = options.home or Path(folder)
        if options.home is None:
            write(Life(seed=1), home)
        recording = read_recording(home)
        number = sum(1 for _ in recording.events())
        speed = replayed(recording, options.rounds)
        costs = lived(recording)
    each = 1e6 / speed
    print(f"{number} events of {len(recording.sensors)} sensors")
    print(f"all {len(KINDS)} watchers: {speed:,.0f} events/s, {each:.2f} us an event", flush=True)
    print(f"  goal {GOAL:,}: {'reached' if speed >= GOAL else 'missed'}")
    middle, slow = statistics.median(costs), statistics.quantiles(costs, n=100)[98]
    print(f"in a living home: median {middle:.1f} us, p99 {slow:.1f} us a word")
    print(f"  goal {LIVE_GOAL:.0f} us: {'reached' if middle <= LIVE_GOAL else 'missed'}")
    bare = asyncio.run(stock(None, CHANGES))
    print(f"Home Assistant, a state change that nothing listens to: {bare:.1f} us")
    for name, trigger in STOCK.items():
        extra = asyncio.run(stock(trigger, CHANGES)) - bare
        print(f"one stock automation that {name}: {extra:.1f} us more a change")
        print(f"  ratio, all watchers to it: {each / extra:.2f}", flush=True)


if __name__ == "__main__":
    main()
