"""A receiver that is down for ten minutes, then up: how long until all is delivered, in which order.

A real Home Assistant raises alarms of every kind while the receiver refuses connections. Then the
receiver returns. Afterwards an old alarm is held by the receiver while a help call is raised.

    .venv/bin/python benchmarks/outage.py [--minutes 10] [--alarms 40]
"""

import argparse
import asyncio
from datetime import datetime, timedelta
import itertools
from pathlib import Path
import random
import shutil
import sys
import time
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.municipality import Mode, Municipality
from simulator.real_home import REPOSITORY, RealHome

#: What is raised: kind and its priority, help calls among them.
KINDS: Final = (
    ("help_call", 9),
    ("night_absence", 7),
    ("inactivity", 7),
    ("medicine_missed", 6),
    ("door_open", 6),
    ("fall", 9),
)
#: What a message tells of time.
MILLISECOND: Final = timedelta(milliseconds=1)
TOKEN: Final = "token-of-the-benchmark"  # noqa: S105 - opens nothing but this receiver


def rank(alarm: dict[str, Any]) -> tuple[int, int, str]:
    """Return where an alarm belongs by A3: help calls and falls, then priority, then age."""
    if alarm["class"] == "technical":
        return (2, -alarm["priority"], alarm["alarm"])
    if alarm["kind"] in ("help_call", "fall"):
        return (0, 0, alarm["alarm"])
    return (1, -alarm["priority"], alarm["alarm"])


async def raise_alarms(home: RealHome, count: int, seconds: float) -> dict[str, str]:
    """Raise alarms spread over a time; return when each was raised, by its id."""
    raised: dict[str, str] = {}
    chance = random.Random(4711)
    for number in range(count):
        kind, _ = KINDS[chance.randrange(len(KINDS))]
        answer = await home.hass.call(
            "POST",
            "/api/services/kvarbo/raise_alarm?return_response",
            {"kind": kind, "episode": f"bench{number}"},
        )
        told = answer["service_response"]
        raised[told["alarm"]] = told["raised_at"]
        await asyncio.sleep(seconds / count)
    return raised


async def returned(municipality: Municipality, raised: dict[str, str]) -> None:
    """Let the receiver return; print how long all took and whether order and times were kept."""
    began = time.monotonic()
    await municipality.set_fault()
    while True:
        alarms = {a["alarm"]: a for a in municipality.state(None)["alarms"]}
        if raised.keys() <= alarms.keys():
            break
        if time.monotonic() - began > 120:  # noqa: PLR2004
            raise SystemExit(f"after two minutes {len(raised.keys() - alarms.keys())} are missing")
        await asyncio.sleep(0.01)
    print(f"  all {len(raised)} delivered {time.monotonic() - began:.2f} s after the return")
    sent = sorted((alarms[a] for a in raised), key=lambda alarm: alarm["received_at"])
    ranks = [rank(alarm) for alarm in sent]
    out = sum(later < earlier for earlier, later in itertools.pairwise(ranks))
    # One whose own retry finds the receiver back comes before its turn: it is the sign of return.
    print(f"  places where A3's order is broken: {out} of {len(sent)}")
    urgent = [place for place, r in enumerate(ranks) if r[0] == 0]
    print(f"  the {len(urgent)} help calls and falls were the first {max(urgent) + 1}")
    kept = all(
        abs(datetime.fromisoformat(alarms[a]["raised_at"]) - datetime.fromisoformat(at))
        < MILLISECOND
        and alarms[a]["delayed"] is True
        for a, at in raised.items()
    )
    print(f"  original times kept, each marked as delayed: {kept}")
    print(f"  taken more than once: {sum(a['repeats'] for a in alarms.values())}", flush=True)


async def held(home: RealHome, municipality: Municipality) -> None:
    """Let an old alarm be held, then raise a help call; print what that one took."""
    await municipality.set_fault(Mode.HOLD, retry_after=10, count=1, only="alarm")
    await raise_alarms_once(home, "door_open", "held")
    await municipality.until(lambda m: m.desk.fault.mode is Mode.NONE)
    began = time.monotonic()
    await raise_alarms_once(home, "help_call", "newer")
    print(f"  a help call beside a held alarm: {(time.monotonic() - began) * 1000:.0f} ms to disk")
    await municipality.until(
        lambda m: any(
            a["kind"] == "help_call" and not a["delayed"] for a in m.state(None)["alarms"]
        )
    )
    print(f"  ... and {(time.monotonic() - began) * 1000:.0f} ms to the receiver", flush=True)


async def raise_alarms_once(home: RealHome, kind: str, episode: str) -> None:
    """Raise one alarm."""
    await home.hass.call(
        "POST", "/api/services/kvarbo/raise_alarm", {"kind": kind, "episode": episode}
    )


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--alarms", type=int, default=40)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / ".bench")
    options = parser.parse_args()
    folder = options.folder.resolve() / "outage"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    async with Municipality(token=TOKEN) as municipality, RealHome(folder) as home:
        await home.start(onboard=True)
        await home.add_home(municipality.url, TOKEN)
        began = time.monotonic()
        await municipality.set_fault(Mode.DOWN)
        raised = await raise_alarms(home, options.alarms, options.minutes * 60 * 0.8)
        await asyncio.sleep(max(0.0, options.minutes * 60 - (time.monotonic() - began)))
        print(f"receiver down for {(time.monotonic() - began) / 60:.1f} minutes")
        await returned(municipality, raised)
        await held(home, municipality)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
