"""What Kvarbo adds to a running Home Assistant: memory, idle processor time, start-up time.

Two real Home Assistants with the same sensors: one in which Kvarbo is installed and no home is set up, so that nothing
of it is loaded, and one with a home, a receiver and a help button.

    .venv/bin/python benchmarks/footprint.py [--starts 5] [--idle 60]
"""

import argparse
import asyncio
import os
from pathlib import Path
import shutil
import statistics
import sys
import time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.municipality import Municipality
from simulator.real_home import REPOSITORY, RealHome

TOKEN = "token-of-the-benchmark"  # noqa: S105 - opens nothing but this receiver
#: After Home Assistant says that it runs, so long until what is measured has settled, seconds.
SETTLES = 20.0


def memory(pid: int) -> float:
    """Return what of a process is in memory, MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def processor(pid: int) -> float:
    """Return the processor time that a process has used, seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def started(home: RealHome) -> float:
    """Start it, and return how long that took until it ran, seconds."""
    began = time.monotonic()
    await home.start()
    return time.monotonic() - began


async def measure(home: RealHome, starts: int, idle: float) -> tuple[float, float, float]:
    """Return the start-up time (median), memory and idle processor share of a home that is set up."""
    times = []
    for _ in range(starts):
        await home.stop()
        times.append(await started(home))
    await asyncio.sleep(SETTLES)
    before, began = processor(home.pid), time.monotonic()
    await asyncio.sleep(idle)
    share = (processor(home.pid) - before) / (time.monotonic() - began)
    return statistics.median(times), memory(home.pid), share * 100


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--idle", type=float, default=60.0, help="seconds")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / ".bench")
    options = parser.parse_args()
    found = {}
    for name in ("without", "with"):
        folder = options.folder.resolve() / f"footprint-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        async with Municipality(token=TOKEN) as municipality, RealHome(folder) as home:
            await home.start(onboard=True)
            if name == "with":
                await home.add_home(municipality.url, TOKEN)
            found[name] = await measure(home, options.starts, options.idle)
        shutil.rmtree(folder, ignore_errors=True)
    for place, (what, unit) in enumerate(
        (("start-up", "s"), ("memory", "MB"), ("idle processor", "%"))
    ):
        without, with_ = found["without"][place], found["with"][place]
        print(
            f"{what:15} without {without:8.2f} {unit:3} with {with_:8.2f} {unit:3}"
            f" added {with_ - without:+7.2f} {unit}"
        )


if __name__ == "__main__":
    asyncio.run(main())
