"""A home that is set by home files, in the test's own Home Assistant, with its automations.yaml on disk."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo import home_file_apply
from custom_components.kvarbo.const import DOMAIN
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.home_file.record import Record, is_stored, load

#: An automation of a person's, as an editor leaves it: not ours to touch.
THEIRS: Final = """\
# Written by hand; keep this line.
- id: '1700000000001'
  alias: Evening lamp   # Eva's
  triggers:
  - trigger: event
    event_type: evening   # not a clock's
  actions: []
"""

#: Sensors of another integration, by object id.
SOURCES: Final = ("bed", "hall", "mat", "cord")


def file_of(url: str) -> str:
    """Return a home file with a receiver at an address and something in every section."""
    return f"""\
kvarbo_home: 1
home:
  controller: "4711"
  label: Flat 12
  review: 2099-05-01
  next_number: 12
dwelling:
  residents: 1
  visits: true
  night_from: "21:30"
  night_to: "06:30"
receivers:
  - name: centre
    protocol: rest
    url: {url}
    language: en
devices:
  - number: 1
    role: help_button
    location: bathroom
    resident: 1
  - number: 4
    role: bed
    location: bedroom
    resident: 1
    source: {{type: entity, domain: binary_sensor, platform: test, unique_id: bed}}
  - number: 7
    role: fall_sensor
    location: bathroom
    resident: 1
consents:
  - function: fall_signal
    resident: 1
    basis: own
    taken_by: nurse
    given: 2026-01-01T10:00:00+01:00
  - function: night_absence
    resident: 1
    basis: own
    taken_by: nurse
    given: 2026-01-01T10:00:00+01:00
rules:
  - rule: night_absence
    resident: 1
    owner: night_patrol
    suitable: true
    priority: 6
    settings:
      limit: 00:25:00
      weekdays: [mon, sun]
    inputs:
      warning_lights: [light.hall]
      warning_pause: 00:01:30
  - rule: fall_signal
    resident: 1
    owner: alarm_centre
    suitable: true
"""


class Filed:
    """The home, whoever may manage it, and its files on disk."""

    def __init__(self, hass: HomeAssistant, user: MockUser, home: Home) -> None:
        self.hass = hass
        self.home = home
        self._context = Context(user_id=user.id)

    @property
    def automations(self) -> Path:
        return Path(self.hass.config.path("automations.yaml"))

    async def text(self) -> str:
        """Return what automations.yaml holds."""
        return await self.hass.async_add_executor_job(self.automations.read_text, "utf-8")

    async def call(self, action: str, **data: Any) -> dict[str, Any]:
        response = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, context=self._context, return_response=True
        )
        assert response is not None
        await self.hass.async_block_till_done()
        return dict(response)

    async def apply(self, settings: str, **more: Any) -> dict[str, Any]:
        return await self.call("apply_settings", settings=settings, **more)

    async def export(self) -> str:
        return str((await self.call("export_settings"))["settings"])

    async def record(self) -> Record:
        return await self.hass.async_add_executor_job(load, self.home.folder)

    async def in_force(self) -> None:
        """Wait until the home has noted that all is on the disk."""
        for _ in range(100):
            if (await self.record()).in_force:
                return
            await until_soon(self.hass)
        raise AssertionError("the file is not in force")

    def state(self, automation: str) -> str | None:
        """Return the state of an automation by its id in the file."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            "automation", "automation", automation
        )
        state = self.hass.states.get(entity_id) if entity_id else None
        return None if state is None else state.state

    def devices(self) -> dict[int, Mapping[str, Any]]:
        return {d.data["number"]: d.data for d in self.home.device_subentries()}

    def rules(self) -> set[str]:
        slots = self.home.watching.supervisor.slots
        return {str(i) for i in slots if not str(i.kind).startswith("sensor_")}


def write_through(
    monkeypatch: pytest.MonkeyPatch, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """Let Home Assistant's entries reach a disk, soon.

    Its test fixture keeps them in a dictionary, in place of the file that it writes otherwise.
    """

    def stored(path: Path, entry_id: str, modified_at: str) -> bool:
        if (entries := hass_storage.get("core.config_entries")) is not None:
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(entries), encoding="utf-8")
        return is_stored(path, entry_id, modified_at)

    monkeypatch.setattr(home_file_apply, "is_stored", stored)
    monkeypatch.setattr(home_file_apply, "_SOON", 0.05)
    monkeypatch.setattr("homeassistant.config_entries.SAVE_DELAY", 0.05)


async def until_soon(hass: HomeAssistant) -> None:
    """Let a tenth of a second pass: a disk is looked at by time, and what stays away tells nobody."""
    await asyncio.sleep(0.1)
    await hass.async_block_till_done()


async def prepare(hass: HomeAssistant) -> None:
    """Let Home Assistant have automations in a file of their own, and sensors of another integration."""
    await hass.config.async_set_time_zone("UTC")
    folder = Path(hass.config.config_dir)

    def write() -> None:
        (folder / "configuration.yaml").write_text("automation: !include automations.yaml\n")
        (folder / "automations.yaml").write_text(THEIRS, encoding="utf-8")

    await hass.async_add_executor_job(write)
    registry = er.async_get(hass)
    for name in SOURCES:
        registry.async_get_or_create("binary_sensor", "test", name, suggested_object_id=name)
        hass.states.async_set(f"binary_sensor.{name}", "off")
    for domain in ("homeassistant", "scene", "automation"):
        assert await async_setup_component(hass, domain, {domain: {}})
    await hass.services.async_call("automation", "reload", blocking=True)
    await hass.async_block_till_done()
