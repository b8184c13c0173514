"""Fifty kills of a real `hass`, at moments of a seed, with calls right before: none is lost, none comes twice.

By hand (`scripts/test --full`): about ten minutes.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from datetime import UTC, datetime
import json
from pathlib import Path
from random import Random
import sqlite3
import sys
import time
from typing import Any, Final

import pytest
import pytest_asyncio

from custom_components.kvarbo.journal.writer import JournalWriter
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.processes import DemoError
from simulator.real_home import RealHome
from simulator.testing import until
from simulator.testing_municipality import TOKEN

pytestmark = [
    pytest.mark.real_hass,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.usefixtures("socket_enabled"),
]

KILLS: Final = 50
SEED: Final = 20261127
BUTTONS: Final = tuple(f"cord_{n}" for n in range(8))
#: What the municipality does meanwhile.
FAULTS: Final[tuple[tuple[Mode, dict[str, Any]], ...]] = (
    (Mode.NONE, {}),
    (Mode.NONE, {}),
    (Mode.DOWN, {}),
    (Mode.ACCEPT_AND_DIE, {"count": 2}),
    (Mode.SLOW, {"seconds": 1}),
)


@pytest_asyncio.fixture
async def home(municipality: Municipality, tmp_path: Path) -> AsyncIterator[RealHome]:
    async with RealHome(tmp_path, switches=BUTTONS) as running:
        await running.start(onboard=True)
        await running.add_home(municipality.url, TOKEN)
        for name in BUTTONS:
            await running.add_button(f"binary_sensor.{name}")
        await running.settings_on_disk()
        yield running


def on_disk(home: RealHome) -> set[str]:
    """The help calls that the journal holds."""
    with closing(sqlite3.connect(f"file:{home.journal / 'journal.db'}?mode=ro", uri=True)) as file:
        rows = file.execute("SELECT id FROM alarm WHERE kind = 'help_call'")
        return {str(row[0]) for row in rows}


def heard(municipality: Municipality) -> list[dict[str, Any]]:
    exchanges = municipality.record.shown(0, None)["exchanges"]
    bodies = [json.loads(e["body"]) for e in exchanges if e["method"] == "POST" and e["body"]]
    return [b for b in bodies if b.get("data", {}).get("kind") == "help_call"]


async def test_fifty_kills(
    home: RealHome, municipality: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = Random(SEED)
    pulls = 0
    began = time.monotonic()
    for kill in range(KILLS):
        mode, fields = chance.choice(FAULTS)
        await municipality.set_fault(mode, **fields)
        for name in chance.sample(BUTTONS, chance.randint(1, len(BUTTONS))):
            with suppress(DemoError, OSError):
                await home.let_go(f"input_boolean.{name}")
                await home.pull(f"input_boolean.{name}")
                pulls += 1
        await asyncio.sleep(chance.choice([0.0, 0.0, 0.02, 0.2, 1.5]))
        await home.kill()
        for alarm in municipality.state(None)["alarms"]:
            if alarm["state"] != "closed":
                municipality.close_alarm(alarm["alarm"])
        await home.start()
        assert kill < KILLS
    await municipality.set_fault(Mode.NONE)
    promised = on_disk(home)
    await until(
        lambda: promised <= {a["alarm"] for a in municipality.state(None)["alarms"]}, 120, "all"
    )
    await home.stop()

    there = [a["alarm"] for a in municipality.state(None)["alarms"] if a["kind"] == "help_call"]
    assert len(there) == len(set(there))
    assert promised <= set(there)
    names: dict[str, set[str]] = {}
    for event in heard(municipality):
        if event["type"].endswith("raised"):
            names.setdefault(event["data"]["alarm"], set()).add(event["id"])
    assert [ids for ids in names.values() if len(ids) > 1] == []
    journal = JournalWriter(home.journal, now=lambda: datetime.now(UTC))
    await journal.open()
    broken = await journal.verify_audit()
    await journal.close()
    assert broken is None
    repeats = Counter(e["id"] for e in heard(municipality))
    with capsys.disabled():
        sys.stdout.write(
            f"\nseed {SEED}: {KILLS} kills of hass, {pulls} pulls, {len(promised)} alarms on disk, "
            f"{len(set(there))} at the operator, "
            f"{sum(n - 1 for n in repeats.values())} raw repeats, {time.monotonic() - began:.0f} s "
        )
