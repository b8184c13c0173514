"""Living in a home: sensors say something, time passes, an automation is made of a blueprint."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any, Protocol

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.core import HomeAssistant

from custom_components.kvarbo.blueprint_offer import async_offer_blueprints
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until
from tests.blueprints import shelf


class Moved(Protocol):
    """A clock that a test moves on."""

    passed: float

    def now(self) -> datetime:
        """Return its time."""


class Living:
    """The home of one test."""

    def __init__(
        self,
        hass: HomeAssistant,
        home: Home,
        municipality: Municipality,
        clock: Moved,
        device_id: str,
    ) -> None:
        self.hass = hass
        self.home = home
        self.clock = clock
        self._municipality = municipality
        self._device_id = device_id

    async def use(self, name: str, edit: tuple[str, str] | None = None, **inputs: Any) -> None:
        """Make an automation of a blueprint, as the offered copy in Home Assistant has it.

        `edit` replaces words in that copy first.
        """
        given = {"home": self._device_id, **shelf.GIVEN, **inputs}
        path = f"kvarbo/{name}"
        config = {
            "id": "one",
            "alias": "One",
            "use_blueprint": {"path": path, "input": given},
        }
        await async_offer_blueprints(self.hass)
        if edit is not None:
            copy = Path(self.hass.config.path("blueprints/automation", path))
            text = await self.hass.async_add_executor_job(copy.read_text, "utf-8")
            assert edit[0] in text
            await self.hass.async_add_executor_job(copy.write_text, text.replace(*edit), "utf-8")
        # JSON is YAML too.
        written = Path(self.hass.config.path("configuration.yaml"))
        await self.hass.async_add_executor_job(
            written.write_text, json.dumps({"automation": [config]})
        )
        await self.hass.services.async_call("automation", "reload", blocking=True)
        await self._settle()
        assert await async_get_blueprints(self.hass).async_get_blueprint(path)
        state = self.hass.states.get("automation.one")
        assert state is not None
        assert state.state == "on"

    async def say(self, **sensors: str) -> None:
        """Let sensors report, one after the other."""
        for name, state in sensors.items():
            self.hass.states.async_set(f"binary_sensor.{name}", state)
        await self._settle()

    async def moves(self, room: str) -> None:
        """Let somebody be seen in a room for a moment."""
        await self.say(**{room: "on"})
        await self.say(**{room: "off"})

    async def wait(self, **span: float) -> None:
        """Let time pass; all that is due in it happens in its turn."""
        await self.until_time(self.clock.now() + timedelta(**span))

    async def until_clock(self, hour: int, minute: int = 0) -> None:
        """Let time pass until the clock says so."""
        now = self.clock.now()
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        await self.until_time(then if then > now else then + timedelta(days=1))

    async def until_time(self, moment: datetime) -> None:
        """Let time pass until a moment."""
        while True:
            await self._settle()
            due = self.home.watching.supervisor.next_due
            left = (moment - self.clock.now()).total_seconds()
            if left <= 0:
                return
            ahead = left
            if due is not None:
                wanted = datetime.fromtimestamp(due, UTC) - self.clock.now()
                ahead = min(left, max(0.001, wanted.total_seconds()))
            self.clock.passed += ahead
            self.home.watching.time_changed()

    async def alarms(self, *kinds: str) -> list[Mapping[str, Any]]:
        """Return the alarms that have arrived, once there are those kinds and no more."""
        await self._settle()
        await until(lambda: len(self._arrived()) >= len(kinds), 10, f"alarms {kinds}")
        await self._settle()
        assert [alarm["kind"] for alarm in self._arrived()] == list(kinds)
        return self._arrived()

    def lamp(self, name: str) -> tuple[str, int | None]:
        """Return whether a lamp is on, and how bright."""
        state = self.hass.states.get(f"light.{name}")
        assert state is not None
        return state.state, state.attributes.get("brightness")

    def technical(self) -> list[str]:
        """Return the kinds of the technical alarms that have arrived."""
        alarms: list[Mapping[str, Any]] = self._municipality.state(None)["alarms"]
        return [alarm["kind"] for alarm in alarms if alarm["class"] == "technical"]

    def _arrived(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._municipality.state(None)["alarms"]
        return [alarm for alarm in found if alarm["class"] == "personal"]

    async def _settle(self) -> None:
        """Wait until what was told is on disk and the automations have run."""
        slots = self.home.watching.supervisor.slots
        await self._work()
        await until(lambda: not any(s.pending for s in slots.values()), 10, "the journal")
        await self._work()

    async def _work(self) -> None:
        """Let Home Assistant do what it can; an automation that waits is not waited for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await self.hass.async_block_till_done()
