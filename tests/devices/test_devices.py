"""The devices of a home: help buttons apart from sensors, each settings change its own."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.devices.desk import Desk
from custom_components.kvarbo.devices.devices import sensors_of
from custom_components.kvarbo.supervision.sensing import Reading, Sensor

from .conftest import REMOTE, Entity, Place, device, source_of

MAT = source_of("binary_sensor.mat")
DOOR = source_of("binary_sensor.door")


@pytest.fixture(autouse=True)
def sources(place: Place, entity: Entity) -> None:
    for name in ("mat", "door", "cord"):
        place.say(entity(f"binary_sensor.{name}"), "off")


def test_sensors_come_by_number(place: Place) -> None:
    place.apply(device("exit_door", DOOR, 12), device("bed", MAT, 3))
    assert [sensor.number for sensor in place.devices.sensors()] == [3, 12]
    assert [number for number, _ in place.noted.said] == [0, 12, 3], "told of before they speak"
    assert place.noted.sensors_changed == 1


async def test_a_help_button_is_no_sensor_and_its_press_is_not_sensed(place: Place) -> None:
    """A7."""
    place.apply(device("bed", MAT, 1), device("help_button", source_of("binary_sensor.cord"), 2))
    assert [sensor.number for sensor in place.devices.sensors()] == [1]
    assert place.devices.by_number(2) is not None
    assert place.devices.by_number(1) is None
    assert place.devices.of("device-1") == []
    [button] = place.devices.of("device-2")
    assert button.number == 2
    place.noted.take()
    place.say("binary_sensor.cord", "on")
    await place.hass.async_block_till_done()
    assert place.noted.pressed == [2]
    assert place.noted.take() == []


def test_what_is_the_same_runs_on(place: Place) -> None:
    mat = device("bed", MAT, 1)
    place.apply(mat)
    place.say("binary_sensor.mat", "on")
    running = place.devices.sensed["device-1"]
    place.noted.take()
    place.apply(mat, device("exit_door", DOOR, 2))
    assert place.devices.sensed["device-1"] is running
    assert place.noted.said == [(0, Reading.UNKNOWN), (2, Reading.IDLE)]
    assert place.noted.sensors_changed == 2
    place.apply(mat, device("exit_door", DOOR, 2))
    assert place.noted.sensors_changed == 2, "nothing came and nothing went"


def test_a_changed_setting_is_no_event_in_the_home(place: Place) -> None:
    """What it said is unknown first, so that no watcher takes a person at a form for the resident."""
    place.apply(device("bed", MAT, 1))
    place.noted.take()
    place.apply(device("bed", MAT, 1, inverted=True))
    assert place.noted.said == [(1, Reading.UNKNOWN), (1, Reading.ACTIVE)]
    assert place.noted.sensors_changed == 1, "the same sensor, read otherwise"
    place.apply(device("bed", MAT, 1, inverted=True, location="bedroom"))
    assert place.noted.sensors_changed == 2
    assert place.devices.sensors() == [Sensor(1, Role.BED, Location.BEDROOM, 0)]


def test_a_removed_sensor_says_nothing_more(place: Place) -> None:
    place.apply(device("bed", MAT, 1))
    place.apply()
    assert place.devices.sensors() == []
    assert place.noted.sensors_changed == 2
    place.noted.take()
    place.say("binary_sensor.mat", "on")
    assert place.noted.take() == []


BROKEN: list[dict[str, Any]] = [
    {"role": "hub"},
    {"role": "rule"},
    {"role": "spaceship"},
    {"location": None},
    {"location": "moon"},
    {"number": "one"},
    {"resident": "Anna"},
    {"source": {}},
    {"source": {"type": "telepathy"}},
    {"source": {**MAT, "unique_id": 5}},
    {"source": {**MAT, "domain": "camera"}},
    {"source": {**MAT, "domain": "image"}},
    {"source": {**MAT, "domain": "weather"}},
    {"source": REMOTE},
    {"active_above": "much"},
    {"active_above": float("nan")},
]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_used_silences_nobody_else(place: Place, broken: dict[str, Any]) -> None:
    """R03 among them: a camera that was put into the store by hand is not listened to."""
    good = device("bed", MAT, 1)
    bad = replace(good, data=MappingProxyType({**good.data, **broken}))
    stored = [bad, device("exit_door", DOOR, 2)]
    place.apply(*stored)
    assert list(place.devices.deaf) == [stored[0].subentry_id]
    assert [sensor.number for sensor in place.devices.sensors()] == [2]
    assert sensors_of(stored) == place.devices.sensors()


def test_sensors_are_known_before_they_run(place: Place) -> None:
    stored = [
        device("exit_door", DOOR, 5),
        device("help_button", MAT, 4),
        device("bed", source_of("binary_sensor.gone"), 3),
    ]
    assert [sensor.number for sensor in sensors_of(stored)] == [3, 5]
    place.apply(*stored)
    assert sensors_of(stored) == place.devices.sensors()


async def test_a_desk_needs_nobody_who_watches(place: Place) -> None:
    async def press(*_: Any) -> None:
        raise AssertionError

    desk = Desk(mark=lambda _: None, keep=lambda *_: None, press=press, changed=lambda: None)
    place.devices._desk = desk
    place.apply(device("bed", MAT, 1))
    place.say("binary_sensor.mat", "on")
    assert place.devices.sensed["device-1"].reading is Reading.ACTIVE
