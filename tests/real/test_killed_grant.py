"""A real `hass` killed by SIGKILL in the middle of a grant: the door locks itself again, and opens no second time.

The lock is a process of its own, as the radio is: it stays as it was while nobody commands it.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
import json
import os
from pathlib import Path
import sqlite3
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from simulator.demo.home import set_up_radio
from simulator.demo.pairing import Technician
from simulator.hass import Json
from simulator.municipality import Municipality
from simulator.processes import Child
from simulator.real_home import REPOSITORY, RealHome
from simulator.testing import until
from simulator.testing_municipality import TOKEN
from tests.real.test_killed import polled

pytestmark = [pytest.mark.real_hass, pytest.mark.peers, pytest.mark.timeout(300)]

CORD, LOCK = "02:00:00:00:00:00:0d:01", "02:00:00:00:00:00:0d:02"


@dataclass
class Place:
    """A live home with a cord and an outer door, and the hands in it."""

    home: RealHome
    municipality: Municipality
    session: aiohttp.ClientSession
    control: str

    async def do(self, path: str, body: Json) -> Json:
        async with self.session.post(self.control + path, json=body) as answer:
            assert answer.status < 300, await answer.text()
            said: Json = await answer.json()
            return said

    async def listing(self) -> Json:
        async with self.session.get(f"{self.control}/sim") as answer:
            said: Json = await answer.json()
            return said

    async def is_locked(self) -> bool:
        devices = (await self.listing())["devices"]
        return bool(next(d for d in devices if d["ieee"] == LOCK)["state"]["locked"])

    async def becomes(self, *, locked: bool, limit: float) -> None:
        async for _ in polled(limit):
            if await self.is_locked() is locked:
                return

    async def calls(self) -> str:
        """Pull the cord; return the alarm when the municipality has it."""
        await self.do(f"/sim/{CORD}/pull", {})
        await until(self._calls, 30, "the call")
        return str(self._calls()[-1]["alarm"])

    def _calls(self) -> list[dict[str, Any]]:
        shown = self.municipality.state(None)["alarms"]
        return [alarm for alarm in shown if alarm["kind"] == "help_call"]

    def told(self, what: str) -> list[dict[str, Any]]:
        """The audit chain's entries of one kind, from the disk of a home that does not run."""
        with sqlite3.connect(self.home.journal / "journal.db") as journal:
            rows = journal.execute("SELECT body FROM audit ORDER BY seq").fetchall()
        return [e for e in (json.loads(row[0]) for row in rows) if e["what"] == what]


@pytest_asyncio.fixture
async def place(
    municipality_tls: Municipality, tmp_path: Path, socket_enabled: None
) -> AsyncGenerator[Place]:
    radio = Child("radio", tmp_path / "radio.log")
    kept = ("PATH", "HOME", "COVERAGE_PROCESS_START")
    started = await radio.start(
        ["-m", "simulator.zigbee", "--port", "0", "--control-port", "0"],
        cwd=REPOSITORY,
        env={name: os.environ[name] for name in kept if name in os.environ},
        says=True,
    )
    assert municipality_tls.ca_file is not None
    ca = municipality_tls.ca_file.read_text()
    try:
        async with aiohttp.ClientSession() as session, RealHome(tmp_path) as home:
            await home.start(onboard=True)
            await set_up_radio(home.hass, started["radio"])
            await home.add_home(municipality_tls.url, TOKEN, ca=ca, with_button=False)
            made = Place(home, municipality_tls, session, started["control"])
            technician = Technician(home.hass, home.entry_id, made.do, made.listing)
            where: Json = {"location": "bathroom", "resident": 1}
            await technician.pair(("SosPullCord", CORD), "help_button", where)
            where = {"location": "front_door", "resident": 0}
            bolt: Json = {
                "relock_minutes": 1,
                "relock_always": False,
                "door_contact": "0",
                "unlocked_minutes": 0,
            }
            access: Json = {
                "by_command": True,
                "by_code": False,
                "code_slot": 1,
                "alarm_minutes": 60,
            }
            await technician.pair(
                ("Lock", LOCK),
                "entry_lock",
                where,
                bolt=bolt,
                access=access,
                sensor_ready=_once("access"),
            )
            await home.settings_on_disk()
            await home.become_live()
            yield made
    finally:
        await radio.end()


def _once(step: str) -> Any:
    """Choose a step of the last menu once, then finish."""
    chosen = [step]

    def choose(_shown: Json) -> Json:
        return {"next_step_id": chosen.pop() if chosen else "finish"}

    return choose


async def test_killed_while_the_door_is_open_it_is_locked_after_the_restart(place: Place) -> None:
    alarm = await place.calls()
    place.municipality.open_door(alarm)
    await place.becomes(locked=False, limit=60)
    await place.home.kill()
    assert len(place.told("entry_granted")) == 1
    assert not await place.is_locked()
    await place.home.start()
    await place.becomes(locked=True, limit=120)
    await place.home.kill()
    # The same request is answered once, also by a hub that has been started anew.
    assert len(place.told("entry_granted")) == 1
    assert len(place.told("entry_locked")) == 1


async def test_killed_while_the_bolt_is_under_way_it_ends_locked(place: Place) -> None:
    alarm = await place.calls()
    await place.do(f"/sim/{LOCK}/latency", {"seconds": 3})
    place.municipality.open_door(alarm)
    # On disk before the lock is told: then the power goes, with the command on the air or not.
    async for _ in polled(60):
        if place.told("entry_granted"):
            break
    await place.home.kill()
    await place.do(f"/sim/{LOCK}/latency", {"seconds": 0})
    await place.home.start()
    await place.becomes(locked=True, limit=120)
    async for _ in polled(120):
        if place.told("entry_locked"):
            break
    assert await place.is_locked()
    assert len(place.told("entry_granted")) == 1
