"""A home with an entry lock over the real ZHA, for the tests of who comes in and how the door is locked."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
import json
import sqlite3
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
import pytest_asyncio

from custom_components.kvarbo.access.door import Bolt
from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.const import SUBENTRY_DEVICE
from custom_components.kvarbo.entrance import Entrance
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator
from simulator.zigbee.kinds import Lock, SosPullCord

from .conftest import StartHome, arrived, button, make_entry, receiver
from .test_real_zha import IEEE, zone

PIN = "7193"
MINUTE = 60.0


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Home, float], None]:
    """Let so many seconds of home time pass, a moment at a time as the locks are looked at."""
    passed = [0.0]
    mono, now = SystemClock.monotonic, SystemClock.now
    monkeypatch.setattr(SystemClock, "monotonic", lambda s: mono(s) + passed[0])
    monkeypatch.setattr(SystemClock, "now", lambda s: now(s) + timedelta(seconds=passed[0]))

    def passes(home: Home, seconds: float) -> None:
        for _ in range(round(seconds / 5)):
            passed[0] += 5
            home.entrances.look()

    return passes


class Place:
    """A home with a cord (1), an entry lock (2), and the outer door's contact (3)."""

    def __init__(self, hass: HomeAssistant, home: Home, lock: Lock, cord: SosPullCord) -> None:
        self.hass, self.home, self.lock, self.cord = hass, home, lock, cord

    @property
    def entrance(self) -> Entrance:
        [entrance] = self.home.entrances.all.values()
        return entrance

    async def calls(self, municipality: Municipality, count: int = 1) -> str:
        """Pull the cord; return the alarm once the home knows that it has arrived."""
        self.cord.pull()
        alarm = str((await arrived(self.hass, municipality, count))[-1]["alarm"])
        await until(lambda: self.home.ledger.first_receipt(alarm), what="the receipt")
        self.cord.release()
        return alarm

    async def is_locked(self, *, locked: bool) -> None:
        await until(
            lambda: (
                self.lock.locked is locked
                and self.entrance.bolt is (Bolt.LOCKED if locked else Bolt.UNLOCKED)
            ),
            what=f"locked: {locked}",
        )

    async def told(self, what: str) -> list[dict[str, Any]]:
        """Return the entries of the audit chain about the entry that are of this kind, from the disk."""
        assert await self.home.journal.flush(5)

        def read() -> list[dict[str, Any]]:
            file = f"file:{self.home.folder / 'journal.db'}?mode=ro"
            with closing(sqlite3.connect(file, uri=True)) as journal:
                rows = journal.execute("SELECT body FROM audit ORDER BY seq").fetchall()
            entries = (json.loads(row[0]) for row in rows)
            return [entry for entry in entries if entry["what"] == what]

        return await self.hass.async_add_executor_job(read)

    async def refused(self) -> str:
        """Wait for a refusal; return why, and make sure that the door has stayed locked."""
        await until(lambda: self.entrance.refused, what="a refusal")
        [*_, last] = await self.told("entry_refused")
        assert self.lock.locked
        assert await self.told("entry_granted") == []
        assert last["detail"]["lock"] == 2
        return str(last["detail"]["why"])


def entry_lock(source: str, **settings: Any) -> ConfigSubentryData:
    data = {
        "number": 2,
        "role": "entry_lock",
        "location": "front_door",
        "resident": 0,
        "source": {"type": "entity", "domain": "lock", "platform": "zha", "unique_id": source},
        **settings,
    }
    return ConfigSubentryData(
        data=data, subentry_type=SUBENTRY_DEVICE, title="Entry lock 2", unique_id=None
    )


type MakePlace = Callable[..., Any]


@pytest_asyncio.fixture
async def make_place(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality_tls: Municipality,
    start_home: StartHome,
) -> MakePlace:
    cord, lock = SosPullCord(IEEE.format(1)), Lock(IEEE.format(2))
    for device in (cord, lock):
        await pair(hass, radio, device)
    its = await until(lambda: zone(hass, cord), what="the cord's zone")
    source = {
        "type": "entity",
        "domain": "binary_sensor",
        "platform": "zha",
        "unique_id": its.unique_id,
    }
    entity_id = await until(lambda: zha_entity(hass, lock, "lock"), what="the lock")
    assert municipality_tls.ca_file is not None
    pem = await hass.async_add_executor_job(municipality_tls.ca_file.read_text)

    async def make(
        *more: ConfigSubentryData, demo: bool = False, live: bool = True, **settings: Any
    ) -> Place:
        url = municipality_tls.url if live else "https://127.0.0.1:1"
        found = er.async_get(hass).async_get(entity_id)
        assert found is not None
        home = await start_home(
            make_entry(
                receiver(url, ca_certificate=pem),
                button(1, source, "bathroom"),
                entry_lock(found.unique_id, **settings),
                *more,
                demo=demo,
            )
        )
        if live:
            [line] = home.chain.transmitter.lines
            await until(lambda: line.watch.reach.reached, what="the receiver")
        return Place(hass, home, lock, cord)

    return make
