"""Each blueprint in a real Home Assistant: its need arises, and the alarm arrives."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from simulator.testing import until
from tests.blueprints import shelf
from tests.blueprints.living import Living

type Scene = Callable[[Living], Awaitable[None]]


async def up_and_not_back(living: Living) -> None:
    await living.say(bed="on")
    await living.until_clock(2, 10)
    await living.say(bed="off")
    await living.wait(minutes=21)


async def does_not_get_up(living: Living) -> None:
    await living.say(bed="on")
    await living.until_clock(10, 1)


async def lies_still(living: Living) -> None:
    await living.moves("kitchen")
    await living.wait(hours=12, minutes=1)


async def leaves_at_night(living: Living) -> None:
    await living.until_clock(23, 30)
    await living.moves("hall")
    await living.say(door="on")
    await living.say(door="off")
    await living.wait(minutes=5)


async def stays_away(living: Living) -> None:
    await living.moves("hall")
    await living.say(door="on")
    await living.say(door="off")
    living.home.watching.set_away(1, away=True, actor="admin")
    await living.wait(hours=13)


async def leaves_the_door_open(living: Living) -> None:
    await living.say(door="on")
    await living.wait(minutes=11)


async def stays_in_the_bathroom(living: Living) -> None:
    await living.moves("hall")
    await living.moves("bathroom")
    await living.wait(minutes=61)


async def roams(living: Living) -> None:
    await living.moves("bedroom")
    await living.until_clock(23, 50)
    for _ in range(8):
        await living.moves("hall")
        await living.wait(minutes=2)
        await living.moves("kitchen")
        await living.wait(minutes=2)


async def lies_for_long(living: Living) -> None:
    await living.say(bed="on")
    await living.wait(hours=14, minutes=1)


async def is_not_in_bed(living: Living) -> None:
    await living.until_clock(23, 31)


async def forgets_medicine(living: Living) -> None:
    await living.until_clock(22, 1)


async def does_not_press(living: Living) -> None:
    await living.until_clock(10, 1)


async def sits_on_the_lift(living: Living) -> None:
    await living.say(lift="on")
    await living.wait(minutes=31)


async def falls(living: Living) -> None:
    await living.say(fall="on")


async def leaves_the_room(living: Living) -> None:
    await living.until_clock(22, 30)
    await living.say(room="on")
    await living.wait(minutes=16)


async def floods(living: Living) -> None:
    await living.say(leak="on")


async def burns_the_porridge(living: Living) -> None:
    await living.say(smoke="on")


async def forgets_the_stove(living: Living) -> None:
    await living.say(stove="on")
    await living.wait(minutes=21)


SCENES: dict[str, tuple[Scene, str, dict[str, Any]]] = {
    "night_absence": (up_and_not_back, "night_absence", {}),
    "not_up": (does_not_get_up, "not_up", {}),
    "inactivity": (lies_still, "inactivity", {}),
    "left_home": (leaves_at_night, "left_home", {}),
    "not_returned": (stays_away, "not_returned", {"stated_too": True}),
    "door_open": (leaves_the_door_open, "door_open", {}),
    "bathroom_stay": (stays_in_the_bathroom, "bathroom_stay", {}),
    "roaming": (roams, "roaming", {}),
    "no_bed_exit": (lies_for_long, "no_bed_exit", {}),
    "bed_empty": (is_not_in_bed, "bed_empty", {}),
    "medicine": (forgets_medicine, "medicine_missed", {"times": ["21:00"]}),
    "check_in": (does_not_press, "check_in_missed", {}),
    "lift": (sits_on_the_lift, "lift_stopped", {}),
    "fall_signal": (falls, "fall", {}),
    "left_room": (leaves_the_room, "left_room", {}),
    "water": (floods, "flood", {}),
    "smoke": (burns_the_porridge, "smoke", {}),
    "heat": (forgets_the_stove, "heat_left_on", {}),
}


def test_every_blueprint_that_alarms_is_lived_through() -> None:
    assert {f"{name}.yaml" for name in SCENES} == set(shelf.ENGLISH) - {"path_light.yaml"}


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("name", SCENES)
async def test_the_need_arises_and_the_alarm_arrives(
    name: str, language: str, living: Living
) -> None:
    scene, kind, inputs = SCENES[name]
    file = f"{name}.yaml"
    await living.use(shelf.swedish(file) if language == "sv" else file, priority=8, **inputs)
    await living.alarms()
    await scene(living)
    alarm = (await living.alarms(kind))[0]
    assert alarm["priority"] == 8
    # The automation has raised it, and not the home in its place.
    assert "rule_fault" not in living.technical()
    state = living.hass.states.get("automation.one")
    assert state is not None
    assert state.attributes["last_triggered"] is not None


async def test_without_the_step_that_raises_it_the_home_raises_it_and_says_so(
    living: Living,
) -> None:
    """S8; and shows that the tests above would see it."""
    await living.use("water.yaml", edit=("action: kvarbo.raise_alarm", "action: test.nothing"))
    await living.say(leak="on")
    await living.alarms()
    await living.wait(minutes=2)
    await living.alarms("flood")
    await until(lambda: "rule_fault" in living.technical(), what="the fault")
