"""From the state change in Home Assistant to the receiver's read: Kvarbo beside a stock automation.

Both run in one real Home Assistant process and send to one receiver, press by press in turn, so that
whatever slows one slows the other. Kvarbo commits to its journal on this disk before it sends; the
stock automation (`rest_command`) sends and forgets. A second run adds 20 ms to each commit, as an SD
card does.

    .venv/bin/python benchmarks/alarm_latency.py [--presses 300] [--folder DIR]
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime
import json
import os
from pathlib import Path
import shutil
import statistics
import sys
import time
from typing import Any, Final

from aiohttp import web

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.hass import Json
from simulator.real_home import REPOSITORY, RealHome

#: So many buttons take turns: a button's next press must not be news about its last alarm.
BUTTONS: Final = 50
SWITCHES: Final = tuple(
    f"{who}_{number}" for who in ("kvarbo", "stock") for number in range(1, BUTTONS + 1)
)
#: Between two presses, seconds: one chain at a time, as in a home.
PAUSE: Final = 0.12
SLOWER: Final = 0.020
GOAL: Final = 1.2

_SLOW_DISK: Final = '''
"""Adds time to each commit of Kvarbo's journal, in the journal's own thread. For measuring only."""

import time

from custom_components.kvarbo.journal.disk import JournalFile

DOMAIN = "slow_disk"


async def async_setup(hass, config):
    write = JournalFile.write_rows

    def slow(self, *args, **kwargs):
        time.sleep({seconds})
        return write(self, *args, **kwargs)

    JournalFile.write_rows = slow
    return True
'''


class Far:
    """The receiver: notes when it has read a message, receipts at once, closes at the first question."""

    def __init__(self) -> None:
        """Listen on any port."""
        self.read_at: dict[str, float] = {}
        self.arrived = asyncio.Event()
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin to listen."""
        app = web.Application()
        app.router.add_post("/v1/events", self._event)
        app.router.add_get("/v1/receipts/{receipt}", self._receipt)
        app.router.add_post("/stock", self._stock)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = site.port

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _event(self, request: web.Request) -> web.Response:
        body = await request.read()
        read_at = time.time()
        event = json.loads(body)
        if event["type"] == "org.kvarbo.alarm.raised":
            self.read_at[f"kvarbo:{event['data']['device']}"] = read_at
            self.arrived.set()
        receipt = f"R-{event['id']}"
        answer = {"verdict": "accepted", "receipt": receipt, "status": f"/v1/receipts/{receipt}"}
        return web.json_response(answer)

    async def _receipt(self, _request: web.Request) -> web.Response:
        return web.json_response({"state": "closed", "by": "person"})

    async def _stock(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.read_at[f"stock:{json.loads(body)['device']}"] = time.time()
        self.arrived.set()
        return web.json_response({})


def configuration(port: int, *, slow: bool) -> str:
    """Return the stock automation and its command."""
    triggers = "".join(f"        - binary_sensor.stock_{n}\n" for n in range(1, BUTTONS + 1))
    return f"""\
rest_command:
  alarm:
    url: http://127.0.0.1:{port}/stock
    method: post
    content_type: application/json
    payload: '{{"device": {{{{ device }}}}, "kind": "help_call"}}'
automation:
  - id: stock
    mode: parallel
    max: 20
    triggers:
      - trigger: state
        entity_id:
{triggers}
        to: "on"
    actions:
      - action: rest_command.alarm
        data:
          device: "{{{{ trigger.entity_id.split('_')[-1] }}}}"
{"slow_disk:" if slow else ""}
"""


class Bench:
    """One run."""

    def __init__(self, folder: Path, far: Far) -> None:
        """Remember where and to whom."""
        self.folder = folder
        self.far = far
        self.changed_at: dict[str, float] = {}

    async def run(self, presses: int, *, slow: bool) -> tuple[list[float], list[float]]:
        """Return latencies in seconds: Kvarbo's, the stock automation's."""
        more = configuration(self.far.port, slow=slow)
        async with RealHome(self.folder, switches=SWITCHES, more=more) as home:
            if slow:
                self._lay_slow_disk(home)
            await home.start(onboard=True)
            url = f"http://127.0.0.1:{self.far.port}"
            await home.add_home(url, "token-of-the-benchmark")
            for number in range(1, BUTTONS + 1):
                # Number 1 is the harness's own button; ours follow.
                await home.add_button(f"binary_sensor.kvarbo_{number}")
            await home.hass.connect_if_needed()
            await home.hass.subscribe(self._changed, event_type="state_changed")
            taken: dict[str, list[float]] = {"kvarbo": [], "stock": []}
            for turn in range(presses):
                number = turn % BUTTONS + 1
                for who in ("kvarbo", "stock") if turn % 2 else ("stock", "kvarbo"):
                    device = number + 1 if who == "kvarbo" else number
                    taken[who].append(await self._press(home, who, number, device))
        return taken["kvarbo"], taken["stock"]

    def _lay_slow_disk(self, home: RealHome) -> None:
        folder = home.config / "custom_components" / "slow_disk"
        folder.mkdir()
        (folder / "__init__.py").write_text(_SLOW_DISK.format(seconds=SLOWER), encoding="utf-8")
        manifest = {"domain": "slow_disk", "name": "Slow disk", "version": "0.0.0"}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    async def _press(self, home: RealHome, who: str, number: int, device: int) -> float:
        name, key = f"{who}_{number}", f"{who}:{device}"
        self.far.read_at.pop(key, None)
        self.changed_at.pop(name, None)
        await home.pull(f"input_boolean.{name}")
        async with asyncio.timeout(30):
            while key not in self.far.read_at or name not in self.changed_at:
                self.far.arrived.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self.far.arrived.wait()
                except TimeoutError:
                    continue
        await home.let_go(f"input_boolean.{name}")
        await asyncio.sleep(PAUSE)
        return self.far.read_at[key] - self.changed_at[name]

    def _changed(self, event: Json) -> None:
        data: dict[str, Any] = event["data"]
        state = data["new_state"]
        if state and state["entity_id"].startswith("binary_sensor.") and state["state"] == "on":
            name = state["entity_id"].split(".")[1]
            self.changed_at[name] = _seconds(state["last_changed"])


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def fsync_p50(folder: Path, times: int = 200) -> float:
    """Return the median time of a 4 KiB append and fsync on this disk, seconds."""
    taken = []
    path = folder / "fsync"
    with path.open("wb") as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    path.unlink()
    return statistics.median(taken)


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def tell(title: str, kvarbo: Sequence[float], stock: Sequence[float]) -> float:
    """Print one run; return the ratio of the medians."""
    ratio = statistics.median(kvarbo) / statistics.median(stock)
    print(f"{title} ({len(kvarbo)} presses each)")
    for name, values in (("Kvarbo", kvarbo), ("stock rest_command", stock)):
        p50 = statistics.median(values) * 1000
        print(f"  {name:20} p50 {p50:7.2f} ms   p99 {p99(values) * 1000:7.2f} ms")
    print(f"  ratio of p50: {ratio:.2f}", flush=True)
    return ratio


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=300)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / ".bench")
    options = parser.parse_args()
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    far = Far()
    await far.start()
    try:
        print(f"fsync of 4 KiB on {folder}: p50 {fsync_p50(folder) * 1000:.2f} ms", flush=True)
        kvarbo, stock = await Bench(folder / "plain", far).run(options.presses, slow=False)
        ratio = tell("this disk", kvarbo, stock)
        print(f"  goal {GOAL}: {'reached' if ratio <= GOAL else 'missed'}")
        slow = await Bench(folder / "slow", far).run(max(50, options.presses // 3), slow=True)
        tell(f"each commit {SLOWER * 1000:.0f} ms slower", *slow)
    finally:
        await far.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
