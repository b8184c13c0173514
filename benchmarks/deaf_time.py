"""How long the home is deaf while Home Assistant restarts or boots cold, and what a press then does.

A real Home Assistant with ZHA on a simulated radio has twenty wall buttons, which send a press once,
and twenty pull cords, which stay pulled. At each of twenty moments of a restart one of each is
pressed; afterwards it is seen which alarms arrived, and when. The same for a cold boot: Home
Assistant and the radio are killed, and started again together.

    .venv/bin/python benchmarks/deaf_time.py [--every 1.5]
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
import shutil
import sys
import time
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import aiohttp

from simulator.demo.home import set_up_radio
from simulator.hass import Json, until
from simulator.municipality import Municipality
from simulator.processes import Child, claim_port
from simulator.real_home import REPOSITORY, RealHome

MOMENTS: Final = 20
#: After Home Assistant says that it runs, so long is waited for what is still to come.
AFTER: Final = 45.0
TOKEN: Final = "token-of-the-benchmark"  # noqa: S105 - opens nothing but this receiver


def button(moment: int) -> str:
    """Return the address of the wall button that is pressed at a moment."""
    return f"02:00:00:00:00:00:05:{moment:02x}"


def cord(moment: int) -> str:
    """Return the address of the cord that is pulled at a moment."""
    return f"02:00:00:00:00:00:06:{moment:02x}"


class Radio:
    """The simulated radio's process; remembers its devices over a restart."""

    def __init__(self, folder: Path) -> None:
        """Choose its ports."""
        self.port = claim_port("--port", 0)
        self.control = claim_port("--control-port", 0)
        self._folder = folder
        self._child = Child("radio", folder / "radio.log")

    async def start(self) -> None:
        """Start it, or start it again."""
        self._child = Child("radio", self._folder / "radio.log")
        arguments = ["-m", "simulator.zigbee", "--port", str(self.port)]
        arguments += ["--control-port", str(self.control), "--state", str(self._folder / "radio")]
        await self._child.start(arguments, cwd=REPOSITORY, env={"PATH": "/usr/bin"}, says=True)

    async def end(self) -> None:
        """End it."""
        await self._child.end()

    async def ask(self, path: str, body: Json) -> Json:
        """Move a hand in the home."""
        url = f"http://127.0.0.1:{self.control}{path}"
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
            said: Json = await answer.json()
            return said


async def pair(home: RealHome, radio: Radio) -> None:
    """Pair forty devices and tell Kvarbo what they are for."""
    await home.hass.call("POST", "/api/services/zha/permit", {"duration": 200})
    for moment in range(MOMENTS):
        await radio.ask("/sim/join", {"kind": "WallButton", "ieee": button(moment)})
        await radio.ask("/sim/join", {"kind": "SosPullCord", "ieee": cord(moment)})
    await home.hass.connect_if_needed()

    async def paired() -> dict[str, Json] | None:
        devices = {d["ieee"]: d for d in await home.hass.ask("zha/devices")}
        states = {s["entity_id"] for s in await home.hass.call("GET", "/api/states")}
        for moment in range(MOMENTS):
            if button(moment) not in devices or not sensor(devices.get(cord(moment)), states):
                return None
        return devices

    devices: dict[str, Json] = await until(paired, 150, "the devices have not joined")
    states = {s["entity_id"] for s in await home.hass.call("GET", "/api/states")}
    for moment in range(MOMENTS):
        device_id = devices[button(moment)]["device_reg_id"]
        await add(home, "remote", {"device_id": device_id})
        await add(home, "entity", {"entity_id": sensor(devices[cord(moment)], states)})


def sensor(device: Json | None, states: set[str]) -> str | None:
    """Return a device's binary sensor, once it has a state."""
    entities = [] if device is None else device.get("entities", [])
    found = [e["entity_id"] for e in entities if e["entity_id"].startswith("binary_sensor.")]
    return next((entity_id for entity_id in found if entity_id in states), None)


async def add(home: RealHome, step: str, source: Json) -> None:
    """Add a help button."""
    form = {**source, "location": "hallway", "resident": 1}
    await home.hass.walk(
        "subentries/flow",
        {"handler": [home.entry_id, "device"]},
        {
            "user": {"role": "help_button"},
            "heard_by": {"next_step_id": step},
            step: form,
            "ready": {"next_step_id": "finish"},
        },
    )


async def press_through(
    radio: Radio, again: Callable[[], Awaitable[None]], every: float
) -> tuple[list[float], float]:
    """Press at each moment while `again` runs; return when each was, and when `again` was done."""
    pressed: list[float] = []
    began = time.time()
    restarting = asyncio.ensure_future(again())
    for moment in range(MOMENTS):
        await asyncio.sleep(max(0.0, began + (moment + 0.5) * every - time.time()))
        pressed.append(time.time())
        for path in (f"/sim/{button(moment)}/press", f"/sim/{cord(moment)}/pull"):
            try:
                await radio.ask(path, {})
            except aiohttp.ClientError:
                # The radio itself is down at this moment: so is a stick in a hub without power.
                continue
    await restarting
    return pressed, time.time() - began


def tell(
    title: str, municipality: Municipality, began: list[float], took: float, every: float
) -> None:
    """Print what became of each press."""
    alarms: list[dict[str, Any]] = municipality.state(None)["alarms"]
    arrived = {
        a["device"]: datetime.fromisoformat(a["received_at"]).timestamp()
        for a in alarms
        if a["kind"] == "help_call"
    }
    print(f"\n{title}: Home Assistant runs again after {took:.1f} s")
    print("  pressed at   sent once         stays pulled")
    lost: dict[str, list[int]] = {"once": [], "stays": []}
    for moment, at in enumerate(began):
        words = []
        # Devices are numbered in the order in which they were added: button, cord, button, ...
        for name, number in (("once", 2 * moment + 1), ("stays", 2 * moment + 2)):
            when = arrived.get(number)
            if when is None:
                lost[name].append(moment)
            words.append("lost" if when is None else f"+{when - at:.2f} s")
        print(f"  {(moment + 0.5) * every:7.1f} s   {words[0]:16}  {words[1]}")
    for name, moments in lost.items():
        span = (max(moments) - min(moments) + 1) * every if moments else 0.0
        print(f"  {name}: {len(moments)} of {MOMENTS} lost, deaf for about {span:.1f} s")
    sys.stdout.flush()


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=float, default=1.5, help="seconds between two moments")
    parser.add_argument("--folder", type=Path, default=REPOSITORY / ".bench")
    options = parser.parse_args()
    for title, is_cold in (("restart", False), ("cold boot", True)):
        folder = options.folder.resolve() / "deaf"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        radio = Radio(folder)
        await radio.start()
        async with Municipality(token=TOKEN) as municipality, RealHome(folder) as home:
            try:
                await measure(title, home, radio, municipality, options.every, is_cold=is_cold)
            finally:
                await radio.end()
        shutil.rmtree(folder, ignore_errors=True)


async def measure(
    title: str,
    home: RealHome,
    radio: Radio,
    municipality: Municipality,
    every: float,
    *,
    is_cold: bool,
) -> None:
    """Set up, press through a restart or a cold boot, and tell."""
    await home.start(onboard=True)
    await set_up_radio(home.hass, f"ws://127.0.0.1:{radio.port}/")
    await home.add_home(municipality.url, TOKEN, with_button=False)
    await pair(home, radio)
    await home.settings_on_disk()

    async def again() -> None:
        if is_cold:
            await home.kill()
            await radio.end()
            await asyncio.gather(radio.start(), home.start())
        else:
            await home.stop()
            await home.start()

    began, took = await press_through(radio, again, every)
    await asyncio.sleep(AFTER)
    tell(title, municipality, began, took, every)


if __name__ == "__main__":
    asyncio.run(main())
