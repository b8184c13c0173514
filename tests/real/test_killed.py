"""A5 with a real `hass` killed by SIGKILL: nothing accepted is lost, and nothing gets a second identity.

The moments are chosen from outside, by what the far end does; there is no hook in what ships.
"""

import asyncio
from collections.abc import AsyncGenerator
import json
from pathlib import Path
import time
from typing import Any

import pytest
import pytest_asyncio

from simulator.municipality import Municipality
from simulator.municipality.faults import Fault
from simulator.real_home import RealHome
from simulator.testing import until
from simulator.testing_municipality import TOKEN

pytestmark = pytest.mark.real_hass


@pytest_asyncio.fixture
async def home(
    municipality: Municipality, tmp_path: Path, socket_enabled: None
) -> AsyncGenerator[RealHome]:
    async with RealHome(tmp_path) as running:
        await running.start(onboard=True)
        await running.add_home(municipality.url, TOKEN)
        yield running


def alarms(municipality: Municipality) -> list[dict[str, Any]]:
    shown = municipality.state(None)["alarms"]
    return [alarm for alarm in shown if alarm["kind"] == "help_call"]


def heard(municipality: Municipality) -> list[dict[str, Any]]:
    """All events of help calls that reached the alarm port, answered or not."""
    return [
        json.loads(exchange["body"])
        for exchange in municipality.record.shown(0, None)["exchanges"]
        if exchange["method"] == "POST" and "help_call" in (exchange["body"] or "")
    ]


async def undelivered(home: RealHome) -> int:
    return int(await home.state(await home.kvarbo_entity("undelivered", "sensor")))


async def pulled_and_on_disk(home: RealHome) -> None:
    await home.pull()
    async for _ in polled():
        if await undelivered(home) >= 1:
            return


async def polled(limit: float = 30) -> AsyncGenerator[None]:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        yield
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited {limit:g} s in vain")


async def test_killed_after_commit_before_send(home: RealHome, municipality: Municipality) -> None:
    """The alarm is on disk and the receiver cannot be reached at all: then the power goes."""
    await municipality.set_fault(Fault.read({"mode": "down"}))
    await pulled_and_on_disk(home)
    assert heard(municipality) == []
    await home.kill()
    await municipality.set_fault(Fault.read({"mode": "none"}))
    await home.start()
    await until(lambda: alarms(municipality), 30, "the alarm")
    assert len(alarms(municipality)) == 1
    assert alarms(municipality)[0]["repeats"] == 0


async def test_killed_while_sending(home: RealHome, municipality: Municipality) -> None:
    """The receiver has the whole message and has not answered: then the power goes."""
    await municipality.set_fault(Fault.read({"mode": "silent", "only": "alarm"}))
    await home.pull()
    await until(lambda: heard(municipality), 30, "the message on the wire")
    await home.kill()
    await municipality.set_fault(Fault.read({"mode": "none"}))
    await home.start()
    await until(lambda: alarms(municipality), 30, "the alarm")
    assert len(alarms(municipality)) == 1
    assert len({event["id"] for event in heard(municipality)}) == 1


async def test_killed_between_acceptance_and_knowing(
    home: RealHome, municipality: Municipality
) -> None:
    """The receiver has accepted and its answer is lost: then the power goes. The raw repeat comes."""
    await municipality.set_fault(Fault.read({"mode": "accept_and_die", "only": "alarm"}))
    await home.pull()
    await until(lambda: alarms(municipality), 30, "the alarm")
    await home.kill()
    await municipality.set_fault(Fault.read({"mode": "none"}))
    await home.start()
    await until(lambda: alarms(municipality)[0]["repeats"] >= 1, 30, "the repeat")
    assert len(alarms(municipality)) == 1
    assert len({event["id"] for event in heard(municipality)}) == 1
    assert len({event["subject"] for event in heard(municipality)}) == 1
    async for _ in polled():
        if await undelivered(home) == 0:
            break
