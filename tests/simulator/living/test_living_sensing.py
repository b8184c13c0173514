"""What sensors make of what happens: hold times, and the faults that real ones have."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest

from simulator.living import Event, Life, Sensing, Value, Window
from simulator.living.home import DOOR, MOTION, Area, Device, devices
from simulator.living.perceive import perceive
from simulator.living.traces import Signal, moved

HALL: Final = MOTION[Area.ENTRY]
DEVICES: Final[Mapping[str, Device]] = {
    device.key: device for device in devices(residents=1, robot_vacuum=False)
}


def seen(signals: list[Signal], until: float = 1e6, **sensing: Any) -> list[tuple[float, str, str]]:
    events = perceive(signals, DEVICES, Sensing(**sensing), Random(1), until)
    return [(event.at, event.device, event.value.value) for event in events]


def hall(*times: float) -> list[Signal]:
    return [moved(at, Area.ENTRY) for at in times]


def door(*spans: tuple[float, float]) -> list[Signal]:
    return [Signal(start, end, DOOR) for start, end in spans]


def test_movement_begins_the_hold_anew() -> None:
    assert seen(hall(10, 25, 100), hold=20) == [
        (10, HALL, "on"),
        (45, HALL, "off"),
        (100, HALL, "on"),
        (120, HALL, "off"),
    ]


def test_movement_at_the_end_of_the_hold_is_no_new_event() -> None:
    assert seen(hall(10, 30), hold=20) == [(10, HALL, "on"), (50, HALL, "off")]


def test_a_resting_sensor_sees_nothing() -> None:
    assert seen(hall(10, 22, 31), hold=10, rest=10) == [
        (10, HALL, "on"),
        (20, HALL, "off"),
        (31, HALL, "on"),
        (41, HALL, "off"),
    ]


def test_two_who_use_one_thing_are_one_use() -> None:
    assert seen(door((10, 30), (20, 40), (40, 50))) == [(10, DOOR, "open"), (50, DOOR, "closed")]


def test_a_sticky_contact_stays_open_until_it_comes_loose() -> None:
    stuck = (Window(DOOR, 25, 200),)
    assert seen(door((1, 5), (10, 30), (100, 110), (300, 310)), sticky=stuck) == [
        (1, DOOR, "open"),
        (5, DOOR, "closed"),
        (10, DOOR, "open"),
        (200, DOOR, "closed"),
        (300, DOOR, "open"),
        (310, DOOR, "closed"),
    ]


def test_a_contact_may_stick_for_good() -> None:
    assert seen(door((10, 30), (300, 310)), sticky=(Window(DOOR, 25),)) == [(10, DOOR, "open")]


def test_a_blind_sensor_is_there_and_sees_nothing() -> None:
    assert seen(hall(10, 100, 200), hold=5, blind=(Window(HALL, 50, 150),)) == [
        (10, HALL, "on"),
        (15, HALL, "off"),
        (200, HALL, "on"),
        (205, HALL, "off"),
    ]


def test_a_sensor_that_comes_back_tells_what_has_changed() -> None:
    out = (Window(DOOR, 20, 100), Window(DOOR, 50, 120))
    assert seen(door((10, 30)), outages=out) == [
        (10, DOOR, "open"),
        (20, DOOR, "gone"),
        (120, DOOR, "back"),
        (120, DOOR, "closed"),
    ]


def test_a_sensor_that_comes_back_unchanged_tells_nothing_more() -> None:
    assert seen(door((30, 40)), outages=(Window(DOOR, 20, 100),)) == [
        (20, DOOR, "gone"),
        (100, DOOR, "back"),
    ]


def test_nothing_is_said_after_the_end() -> None:
    assert seen(door((10, 30)), until=30) == [(10, DOOR, "open")]


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 0.9), st.integers(0, 1000))
def test_with_messages_lost_a_home_still_hears_only_news(missed: float, seed: int) -> None:
    signals = [
        signal
        for at in range(0, 3000, 30)
        for signal in (Signal(at, at + 9.0, DOOR), moved(at + 1.0, Area.ENTRY))
    ]
    whole = list(perceive(signals, DEVICES, Sensing(hold=5), Random(seed), 1e6))
    heard = list(perceive(signals, DEVICES, Sensing(hold=5, missed=missed), Random(seed), 1e6))
    assert set(heard) <= set(whole)
    last: dict[str, Value] = {}
    for event in heard:
        assert last.get(event.device) is not event.value
        last[event.device] = event.value


def test_a_life_is_seen_through_its_sensors() -> None:
    life = Life(3, days=2)
    lossy = life.with_sensing(Sensing(missed=0.2))
    assert 0.5 < len(list(lossy.events())) / len(list(life.events())) < 0.95
    assert lossy.truth() == life.truth()
    quick = replace(life, sensing=Sensing(hold=2))
    assert len(list(quick.events())) > 2 * len(list(life.events()))
    gap = Window(HALL, life.clock(0, 12), life.clock(1, 12))
    out = life.with_sensing(Sensing(outages=(gap,)))
    inside = [e for e in out.events() if e.device == HALL and gap.start <= e.at < gap.end]
    assert inside == [Event(gap.start, HALL, Value.GONE)]


@pytest.mark.parametrize("wrong", [{"hold": 0.5}, {"rest": -1.0}, {"missed": 1.0}])
def test_sensors_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"sensor|share"):
        Sensing(**wrong)  # type: ignore[arg-type]
