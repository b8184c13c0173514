"""Devices as subentries, on a desk that notes what it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.kvarbo.devices.desk import Desk
from custom_components.kvarbo.devices.devices import Devices
from custom_components.kvarbo.supervision.sensing import Reading

IEEE = "02:00:00:00:00:00:00:42"


@dataclass
class Noted:
    """What a desk has been told, oldest first."""

    said: list[tuple[int, Reading]] = field(default_factory=list)
    pressed: list[int] = field(default_factory=list)
    changed: int = 0
    sensors_changed: int = 0
    marks: dict[str, str | None] = field(default_factory=dict)

    def take(self) -> list[Reading]:
        """Return what was said since the last look."""
        taken, self.said = self.said, []
        return [reading for _, reading in taken]


@dataclass
class Place:
    """Devices and their desk."""

    hass: HomeAssistant
    noted: Noted
    devices: Devices

    def apply(self, *subentries: ConfigSubentry) -> None:
        self.devices.apply(subentries)

    def say(self, entity_id: str, state: str, **more: Any) -> None:
        """Let an entity say something."""
        self.hass.states.async_set(entity_id, state, **more)


@pytest.fixture
def place(hass: HomeAssistant) -> Place:
    noted = Noted()

    async def press(source: Any, *_: Any) -> None:
        noted.pressed.append(source.number)

    def changed() -> None:
        noted.changed += 1

    def sensors_changed() -> None:
        noted.sensors_changed += 1
        noted.said.append((0, Reading.UNKNOWN))  # so that the order is seen

    desk = Desk(
        mark=noted.marks.get,
        keep=noted.marks.__setitem__,
        press=press,
        changed=changed,
        sense=lambda number, reading: noted.said.append((number, reading)),
        sensors_changed=sensors_changed,
    )
    return Place(hass, noted, Devices(hass, desk))


type Entity = Callable[[str], str]


@pytest.fixture
def entity(hass: HomeAssistant) -> Entity:
    """Make an entity of another integration: `domain.x`; its unique id is `x`."""

    def make(entity_id: str) -> str:
        domain, name = entity_id.split(".")
        return (
            er.async_get(hass)
            .async_get_or_create(domain, "other", name, suggested_object_id=name)
            .entity_id
        )

    return make


def source_of(entity_id: str) -> dict[str, str]:
    domain, name = entity_id.split(".")
    return {"type": "entity", "domain": domain, "platform": "other", "unique_id": name}


REMOTE = {"type": "zha_event", "ieee": IEEE}


def device(role: str, source: dict[str, str], number: int = 1, **more: Any) -> ConfigSubentry:
    data = {
        "number": number,
        "role": role,
        "location": "kitchen",
        "resident": 0,
        "source": source,
        **more,
    }
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type="device",
        subentry_id=f"device-{number}",
        title=f"Device {number}",
        unique_id=None,
    )
