"""A real `hass` killed by SIGKILL while a home file is applied: the old home or the new one, never half."""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
import json
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
import pytest_asyncio

from simulator.municipality import Municipality
from simulator.processes import DemoError
from simulator.real_home import RealHome
from simulator.testing_municipality import TOKEN

pytestmark = [pytest.mark.real_hass, pytest.mark.timeout(600)]

#: Seconds after the call at which the power goes: before the first step, among them, and after the last
#: while Home Assistant has not yet written its entries.
MOMENTS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.9, 2.0)

CONSENTS: Final = """\
consents:
  - {function: inactivity, resident: 1, basis: own, taken_by: nurse, given: 2026-01-01T10:00:00+01:00}
"""
RULE: Final = "  - {{rule: {rule}, resident: {resident}, owner: nurse, suitable: true}}\n"


def file_of(label: str, consents: str, *rules: tuple[str, int], more: str = "") -> str:
    said = "".join(RULE.format(rule=rule, resident=resident) for rule, resident in rules)
    return (
        f"kvarbo_home: 1\nhome: {{controller: '4711', label: {label}}}\n"
        "devices:\n  - {number: 1, role: help_button, location: bathroom, resident: 1}\n"
        f"{more}{consents}rules:\n{said}"
    )


OLD: Final = file_of("Old", CONSENTS, ("inactivity", 1), ("water", 0))
NEW: Final = file_of(
    "New",
    "consents: []\n",
    ("water", 0),
    ("smoke", 0),
    more="  - {number: 6, role: motion, location: hallway}\n",
)


@pytest_asyncio.fixture
async def home(
    municipality: Municipality, tmp_path: Path, socket_enabled: None
) -> AsyncGenerator[RealHome]:
    more = "automation: !include automations.yaml\n"
    async with RealHome(tmp_path, more=more) as running:
        (running.config / "automations.yaml").write_text("[]\n")
        await running.start(onboard=True)
        await running.add_home(municipality.url, TOKEN)
        yield running


async def apply(home: RealHome, settings: str, *, check_only: bool = False) -> dict[str, Any]:
    path = "/api/services/kvarbo/apply_settings?return_response"
    body = {"settings": settings, "check_only": check_only}
    answer = await home.hass.call("POST", path, body)
    told: dict[str, Any] = answer["service_response"]
    return told


async def in_force(home: RealHome) -> None:
    record = home.journal / "home_file.json"
    for _ in range(300):
        if json.loads(record.read_text(encoding="utf-8"))["in_force"]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the file is not in force")


async def automations(home: RealHome) -> set[str]:
    states = await home.hass.call("GET", "/api/states")
    return {
        s["attributes"]["id"]
        for s in states
        if s["entity_id"].startswith("automation.") and s["state"] == "on"
    }


async def test_the_power_goes_at_any_moment(home: RealHome) -> None:
    found: list[str] = []
    for moment in MOMENTS:
        await apply(home, OLD)
        await in_force(home)
        work = asyncio.create_task(apply(home, NEW))
        await asyncio.sleep(moment)
        await home.kill()
        with contextlib.suppress(aiohttp.ClientError, DemoError, OSError):
            await work
        await home.start()
        is_old = not (await apply(home, OLD, check_only=True))["changes"]
        is_new = not (await apply(home, NEW, check_only=True))["changes"]
        assert is_old is not is_new, f"half a home after {moment} s"
        found.append("old" if is_old else "new")
        for _ in range(50):
            rules = {"inactivity_1", "water_0"} if is_old else {"water_0", "smoke_0"}
            if await automations(home) == {f"kvarbo_file_{rule}" for rule in rules}:
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError(f"half the automations after {moment} s")
        await in_force(home)
    # Both have been seen, or the moments tell nothing.
    assert {"old", "new"} <= set(found), found
