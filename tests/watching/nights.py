"""A night in a running home: its sensors speak, time passes, it is stopped and started again."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
import time
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.kvarbo.alarm.clock import Clock
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.slot import Slot
from simulator.municipality import Municipality
from simulator.testing import until
from tests.watching.support import alarms, slot


class HandClock(Clock):
    """The host's clocks, moved on together as time passes, or set: then the wall's alone."""

    def __init__(self, begin: datetime) -> None:
        self.passed = 0.0
        self._ahead = begin - datetime.now(UTC)

    @override
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead + timedelta(seconds=self.passed)

    @override
    def monotonic(self) -> float:
        return time.monotonic() + self.passed

    @override
    def in_trouble(self) -> bool:
        return False

    def set_forward(self, by: float) -> None:
        """Set the wall clock forward by so many seconds."""
        self._ahead += timedelta(seconds=by)


class Night:
    """The home of one test. Clock times are UTC."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Home],
        municipality: Municipality,
        clock: HandClock,
    ) -> None:
        self.hass = hass
        self.clock = clock
        self._entry = entry
        self._municipality = municipality

    @property
    def home(self) -> Home:
        """The home that runs now."""
        home: Home = self._entry.runtime_data
        return home

    @property
    def now(self) -> float:
        """Home time, which may not be what the host's clock shows."""
        return self.home.clock.now().timestamp()

    def slot(self, text: str) -> Slot:
        return slot(self.home, text)

    async def say(self, **sensors: str) -> None:
        """Let sensors report, one after the other."""
        for name, state in sensors.items():
            self.hass.states.async_set(f"binary_sensor.{name}", state)
        await self.settle()

    async def until_clock(self, hour: int, minute: int = 0) -> None:
        """Let time pass until the clock shows this next."""
        now = self.clock.now()
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        await self.wait(((then if then > now else then + timedelta(days=1)) - now).total_seconds())

    async def wait(self, seconds: float) -> None:
        """Let time pass; all that is due in it happens in its turn."""
        end = self.now + seconds
        while True:
            await self.settle()
            left = end - self.now
            if left <= 0:
                return
            due = self.home.watching.supervisor.next_due
            self.clock.passed += left if due is None else min(left, max(0.001, due - self.now))
            self.home.watching.time_changed()

    async def stopped_for(self, seconds: float, *, set_by: float = 0.0, **sensors: str) -> None:
        """Stop the home, let so much time pass, and start it; meanwhile sensors have changed.

        The host's clock is off by `set_by` more seconds when it wakes.
        """
        assert await self.hass.config_entries.async_unload(self._entry.entry_id)
        self.clock.set_forward(set_by)
        for name, state in sensors.items():
            self.hass.states.async_set(f"binary_sensor.{name}", state)
        self.clock.passed += seconds
        assert await self.hass.config_entries.async_setup(self._entry.entry_id)
        await self.settle()

    async def arrived(self, kind: str, count: int = 1) -> list[Mapping[str, Any]]:
        """Return the alarms of a kind once there are so many, and make sure there are no more."""
        await until(lambda: len(alarms(self._municipality, kind)) >= count, 10, f"{count} {kind}")
        await self.settle()
        found: list[Mapping[str, Any]] = list(alarms(self._municipality, kind))
        assert len(found) == count
        return found

    def technical(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the alarms of a kind as the municipality has them now."""
        found: list[Mapping[str, Any]] = list(alarms(self._municipality, kind))
        return found

    async def settle(self) -> None:
        """Wait until what was told is on disk and Home Assistant has done what it can."""
        await self._work()
        slots = self.home.watching.supervisor.slots
        await until(lambda: not any(s.pending for s in slots.values()), 10, "the journal")
        await self._work()

    async def _work(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await self.hass.async_block_till_done()
