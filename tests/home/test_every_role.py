"""Every role by a device of the real ZHA: heard as the role means it, and not known when it is silent (R50)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.devices.fitting import SENSOR_ROLES
from custom_components.kvarbo.devices.vitals import MOST, Ailment
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.sensing import Reading
from simulator.municipality import Municipality
from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator, SimDevice, kinds

from .conftest import StartHome, make_entry, receiver
from .test_real_zha import IEEE
from .test_rounds import STEP, passes

__all__ = ["passes"]

pytestmark = pytest.mark.usefixtures("quick_answers")


@dataclass(frozen=True, slots=True)
class Way:
    """A device that can have a role: its kind, the entity, and how it is made to say either."""

    kind: type[SimDevice]
    active: Callable[[Any], object]
    idle: Callable[[Any], object]
    domain: str = "binary_sensor"
    device_class: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def _by_power(**settings: Any) -> Way:
    return Way(
        kinds.PowerPlug,
        lambda plug: plug.draw(900),
        lambda plug: plug.draw(0),
        "sensor",
        "power",
        {"active_above": 20.0, **settings},
    )


_PLUG = Way(
    kinds.PowerPlug, lambda plug: plug.turn(on=True), lambda plug: plug.turn(on=False), "switch"
)
_DOOR = Way(kinds.DoorContact, lambda door: door.open(), lambda door: door.close())
_LAMP = Way(
    kinds.DimmableLamp, lambda lamp: lamp.turn(on=True), lambda lamp: lamp.turn(on=False), "light"
)

WAYS: dict[Role, Way] = {
    Role.MOTION: Way(kinds.MotionSensor, lambda one: one.motion(), lambda one: one.clear()),
    Role.BED: Way(kinds.BedMat, lambda mat: mat.lie_down(), lambda mat: mat.get_up()),
    Role.CHAIR: Way(kinds.ChairMat, lambda mat: mat.sit_down(), lambda mat: mat.stand_up()),
    Role.EXIT_DOOR: _DOOR,
    Role.INNER_DOOR: _DOOR,
    Role.ITEM: _LAMP,
    # A room sensor says who is there; the role is about who has left.
    Role.ROOM_SENSOR: Way(
        kinds.MotionSensor,
        lambda one: one.clear(),
        lambda one: one.motion(),
        settings={"inverted": True},
    ),
    # What a maker calls an emergency is heard as what the role says.
    Role.FALL_SENSOR: Way(kinds.SosPullCord, lambda cord: cord.pull(), lambda cord: cord.release()),
    Role.CHECK_IN: Way(kinds.SosPullCord, lambda cord: cord.pull(), lambda cord: cord.release()),
    Role.DISPENSER: Way(kinds.MedicineDispenser, lambda one: one.open(), lambda one: one.close()),
    Role.PLUG: _PLUG,
    Role.LIFT: Way(
        kinds.ToiletLift, lambda lift: lift.raise_seat(), lambda lift: lift.lower_seat()
    ),
    Role.SMOKE: Way(kinds.SmokeDetector, lambda one: one.smoke(), lambda one: one.clear()),
    Role.WATER: Way(kinds.WaterSensor, lambda one: one.wet(), lambda one: one.dry()),
    Role.HEAT: _by_power(),
    Role.MOVER: _by_power(),
    Role.MAINS: _PLUG,
    Role.ENTRY_LOCK: Way(
        kinds.Lock,
        lambda lock: lock.turn(locked=False),
        lambda lock: lock.turn(locked=True),
        "lock",
    ),
    Role.ANSWER: _LAMP,
    Role.WORN_CHARGER: _by_power(),
    Role.SCREEN_PLUG: _PLUG,
}


def test_every_role_is_tried_but_one_that_no_radio_of_ours_has() -> None:
    assert set(WAYS) == set(SENSOR_ROLES) - {Role.WORN}


@pytest.mark.parametrize("role", WAYS)
async def test_it_is_heard_both_ways_and_not_known_when_silent(
    hass: HomeAssistant,
    zha: ConfigEntry,
    radio: SimCoordinator,
    municipality: Municipality,
    start_home: StartHome,
    passes: Callable[[Home, float], None],
    role: Role,
) -> None:
    way = WAYS[role]
    device = way.kind(IEEE.format(17))
    await pair(hass, radio, device)
    entity_id = await until(
        lambda: zha_entity(hass, device, way.domain, way.device_class), what="its entity"
    )
    entry = er.async_get(hass).async_get(entity_id)
    assert entry is not None
    source = {
        "type": "entity",
        "domain": way.domain,
        "platform": "zha",
        "unique_id": entry.unique_id,
    }
    data = {
        "number": 1,
        "role": str(role),
        "location": "bathroom",
        "resident": 1,
        "source": source,
        **way.settings,
    }
    made = ConfigSubentryData(
        data=data, subentry_type="device", title="Device 1", unique_id="device-1"
    )
    home = await start_home(make_entry(receiver(municipality.url), made))
    [sensed] = home.devices.sensed.values()
    way.idle(device)
    await until(lambda: sensed.reading is Reading.IDLE, what="its rest")
    way.active(device)
    await until(lambda: sensed.reading is Reading.ACTIVE, what="its word")
    way.idle(device)
    await until(lambda: sensed.reading is Reading.IDLE, what="its rest again")
    way.active(device)
    await until(lambda: sensed.reading is Reading.ACTIVE, what="its word again")
    passes(home, MOST + 2 * STEP)
    assert Ailment.SILENT in home.check.rounds.vitals[1].ailments
    assert sensed.reading is Reading.UNKNOWN
