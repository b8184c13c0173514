"""Each scene: the life until then, the cause at its instant, and the alarm that is due."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind
from simulator.living import SCENES, Activity, Event, Inhabitants, Life, Scene, Value, play
from simulator.living.changes import Changes, Detour, Swap
from simulator.living.home import BEDS, BUTTON, DOOR, LIFT, MAINS, MEDICINE, STOVE, Area
from simulator.living.plan import Doing

LIFE = Life(21, days=6)
DAY = 3
HOUR = 3600.0
MINUTE = 60.0
FALL = 9.0
"""Seconds that the last steps and the fall itself may set off sensors."""
ACTIVE = {Value.ON, Value.OPEN}
FOR_GOOD = (
    "up at 02:10 and not back",
    "does not get up",
    "leaves at night",
    "falls behind the closing door after staff have left",
    "falls in the living room",
    "leaves and does not return",
    "long bathroom stay",
)
GOES_ON = tuple(name for name in SCENES if name not in FOR_GOOD)


@cache
def scene(name: str) -> Scene:
    return play(name, LIFE, DAY)


@cache
def events_of(life: Life) -> tuple[Event, ...]:
    return tuple(life.events())


def changes(life: Life, device: str, start: float, end: float) -> list[tuple[float, Value]]:
    return [
        (event.at, event.value)
        for event in events_of(life)
        if event.device == device and start <= event.at < end
    ]


def state(life: Life, device: str, at: float) -> bool:
    """Whether a device is active just after an instant."""
    said = [e.value for e in events_of(life) if e.device == device and e.at <= at]
    return bool(said) and said[-1] in ACTIVE


def doing(life: Life, at: float) -> Activity:
    """What the resident does just after an instant."""
    found = [one.activity for one in life.truth() if one.start <= at < one.end]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("name", SCENES)
def test_the_alarm_is_one_that_the_chain_knows(name: str) -> None:
    assert AlarmKind(scene(name).alarm)
    assert scene(name).name == name
    devices = {device.key for device in LIFE.devices}
    assert scene(name).device is None or scene(name).device in devices


@pytest.mark.parametrize("name", SCENES)
def test_until_the_scene_it_is_the_same_life(name: str) -> None:
    begins = scene(name).begins
    assert LIFE.clock(DAY - 1, 20) <= begins <= scene(name).cause < LIFE.clock(DAY + 1, 1)
    assert scene(name).cause - begins <= 70 * MINUTE
    before = [event for event in events_of(LIFE) if event.at < begins]
    assert [event for event in events_of(scene(name).life) if event.at < begins] == before
    assert events_of(scene(name).life) != events_of(LIFE)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_life_has_a_place_for_it(name: str, seed: int) -> None:
    for day in (1, 2):
        played = play(name, Life(seed, days=4), day)
        doings = [(start, end) for _, start, end in played.life.doings(1)]
        assert all(one[1] == other[0] for one, other in pairwise(doings))
        events = list(played.life.events())
        assert all(one.at <= other.at for one, other in pairwise(events))


@pytest.mark.parametrize("name", FOR_GOOD)
def test_there_is_no_way_back(name: str) -> None:
    played = scene(name)
    last = played.life.truth()[-1]
    assert last.end == LIFE.end
    assert last.start <= played.cause + 4 * MINUTE
    if last.activity is not Activity.SLEEPING:
        quiet = [
            e for e in events_of(played.life) if e.at > last.start + FALL and e.value in ACTIVE
        ]
        assert quiet == []


@pytest.mark.parametrize("name", GOES_ON)
def test_life_goes_on(name: str) -> None:
    """The next day is the planned one, but for what the scene is about."""
    tomorrow = LIFE.clock(DAY + 1, 6)
    device = scene(name).device
    assert [e for e in events_of(scene(name).life) if e.at > tomorrow and e.device != device] == [
        e for e in events_of(LIFE) if e.at > tomorrow and e.device != device
    ]


def test_up_at_night_and_not_back() -> None:
    played = scene("up at 02:10 and not back")
    cause = played.cause
    assert LIFE.local(cause).isoformat() == "2026-01-08T02:10:00"
    assert state(played.life, BEDS[0], cause - 1)
    assert changes(played.life, BEDS[0], cause, LIFE.end) == [(cause, Value.OFF)]
    last = [e for e in events_of(played.life) if e.value in ACTIVE][-1]
    assert last.device == "motion_hall"
    assert cause < last.at < cause + 5 * MINUTE


def test_does_not_get_up() -> None:
    played = scene("does not get up")
    assert played.cause == LIFE.wakes(1, DAY)
    assert changes(played.life, BEDS[0], played.cause, LIFE.end) == []
    assert state(played.life, BEDS[0], played.cause)


@pytest.mark.parametrize("name", ["leaves at night", "leaves and does not return"])
def test_leaves(name: str) -> None:
    played = scene(name)
    door = changes(played.life, DOOR, played.cause - 60, LIFE.end)
    assert [value for _, value in door] == [Value.OPEN, Value.CLOSED]
    assert played.cause - 2 < door[-1][0] <= played.cause
    assert doing(played.life, played.cause) is Activity.AWAY
    assert not state(played.life, BEDS[0], played.cause)


def test_roams_at_night() -> None:
    played = scene("roams at night")
    moved = [
        e.device
        for e in events_of(played.life)
        if e.device.startswith("motion")
        and e.value is Value.ON
        and played.cause <= e.at < played.cause + 70 * MINUTE
    ]
    assert sum(one != other for one, other in pairwise(moved)) > 60
    beds = changes(played.life, BEDS[0], played.cause, LIFE.clock(DAY, 12))
    assert [value for _, value in beds] == [Value.OFF, Value.ON, Value.OFF]


def test_bed_empty_all_night() -> None:
    played = scene("bed empty all night")
    assert changes(played.life, BEDS[0], played.cause, LIFE.clock(DAY, 12)) == []
    assert not state(played.life, BEDS[0], played.cause)
    assert state(played.life, "chair", LIFE.clock(DAY, 3))


def test_falls_behind_the_closing_door() -> None:
    played = scene("falls behind the closing door after staff have left")
    door = changes(played.life, DOOR, played.begins, LIFE.end)
    assert [value for _, value in door] == [Value.OPEN, Value.CLOSED] * 2
    assert 55 < played.cause - door[-1][0] < 65
    assert doing(played.life, played.cause) is Activity.FALLEN
    assert doing(played.life, played.begins) is Activity.HOME_CARE
    quiet = [e for e in events_of(played.life) if e.at > played.cause + FALL and e.value in ACTIVE]
    assert quiet == []


def test_falls_in_the_living_room() -> None:
    played = scene("falls in the living room")
    assert doing(played.life, played.cause - 1) is Activity.HOUSEKEEPING
    assert doing(played.life, played.cause) is Activity.FALLEN


def test_long_bathroom_stay() -> None:
    played = scene("long bathroom stay")
    last = [e for e in events_of(played.life) if e.value is Value.ON][-1]
    assert last.device in {"motion_bathroom", LIFT}
    assert 0 < last.at - played.cause < 3 * MINUTE


@pytest.mark.parametrize(
    ("name", "device", "hours"),
    [
        ("door left open", DOOR, 2.5),
        ("lift left raised", LIFT, 6.0),
        ("stove left on", STOVE, 5.0),
        ("water on the floor", "water_bathroom", 12.0),
    ],
)
def test_something_is_left(name: str, device: str, hours: float) -> None:
    played = scene(name)
    assert played.device == device
    [(on, _), (off, _)] = changes(played.life, device, played.cause - 1, LIFE.end)[:2]
    assert on == pytest.approx(played.cause, abs=0.001)
    # Somebody may be using it when its time is up.
    assert 0 <= off - on - hours * HOUR < HOUR


def test_what_is_left_was_in_use() -> None:
    for name, device, activity, before in (
        ("door left open", DOOR, Activity.STEP_OUT, [Value.OPEN, Value.CLOSED]),
        ("lift left raised", LIFT, Activity.TOILET, []),
        ("stove left on", STOVE, Activity.COOK_LUNCH, []),
    ):
        played = scene(name)
        assert doing(played.life, played.cause) is activity
        used = changes(played.life, device, played.begins, played.cause - 0.01)
        assert [value for _, value in used] == before


@pytest.mark.parametrize(
    ("name", "device"), [("medicine missed", MEDICINE), ("check-in missed", BUTTON)]
)
def test_something_is_not_done(name: str, device: str) -> None:
    played = scene(name)
    usual = changes(LIFE, device, played.cause, played.cause + HOUR)
    assert len(usual) == 2
    rest = [e for e in events_of(LIFE) if not (e.device == device and e.at in dict(usual))]
    heard = [e for e in events_of(played.life) if e.device == device]
    assert heard == [e for e in rest if e.device == device]
    swap = played.life.changes.swaps[0]
    assert not any(
        one.activity is swap.activity and swap.start <= one.start < swap.end
        for one in played.life.truth()
    )


def test_dispenser_unplugged() -> None:
    played = scene("dispenser unplugged")
    assert changes(played.life, MAINS, LIFE.start, LIFE.end) == [
        (LIFE.start, Value.ON),
        (played.cause, Value.OFF),
    ]


def test_a_sensor_that_dies_is_gone_and_one_that_is_turned_away_is_not() -> None:
    dead, blind = scene("sensor dies"), scene("sensor turned away")
    assert dead.device == blind.device == "motion_kitchen"
    for played, left in ((dead, [Value.GONE]), (blind, [])):
        assert played.device
        heard = changes(played.life, played.device, played.cause, LIFE.end)
        # One that was on when it was turned away still goes off.
        assert [value for _, value in heard if value is not Value.OFF] == left


def test_a_contact_sticks_while_the_door_is_shut() -> None:
    played = scene("contact sticks")
    assert played.device == DOOR
    door = changes(played.life, DOOR, played.cause - 1, LIFE.end)
    assert door[0][0] == pytest.approx(played.cause, abs=0.001)
    assert [value for _, value in door[:2]] == [Value.OPEN, Value.CLOSED]
    assert door[1][0] - door[0][0] >= 5 * HOUR - 1
    # In truth the resident is inside and the door shut.
    assert doing(played.life, played.cause + MINUTE) is Activity.READ


@pytest.mark.parametrize(
    ("life", "day", "message"),
    [
        (LIFE, 0, "a day before"),
        (LIFE, 5, "a day before"),
        (replace(LIFE, inhabitants=Inhabitants(residents=2)), DAY, "alone"),
        (LIFE.changed(Changes(unplugged=1.0)), DAY, "one scene"),
    ],
)
def test_a_life_without_a_place_for_it_is_refused(life: Life, day: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        play("roams at night", life, day)


def test_an_unknown_scene_is_refused() -> None:
    with pytest.raises(ValueError, match="no such scene: x; there are: up at"):
        play("x", LIFE, DAY)


def test_a_detour_has_no_gap() -> None:
    doings = (
        Doing(1.0, 2.0, Activity.READ, Area.KITCHEN),
        Doing(2.5, 3.0, Activity.READ, Area.KITCHEN),
    )
    for made, resume in ((doings, 3.0), (doings[:1], 2.5), ((), 1.0)):
        with pytest.raises(ValueError, match="join"):
            Detour(made, resume)
    assert Detour(doings[:1], 2.0).start == 1.0


def test_the_plan_is_left_and_taken_up_in_the_midst_of_a_doing() -> None:
    reads = Doing(0.0, 10.0, Activity.READ, Area.KITCHEN)
    cooks = Doing(10.0, 20.0, Activity.COOK_LUNCH, Area.KITCHEN)
    tv = Doing(20.0, 30.0, Activity.WATCH_TV, Area.KITCHEN)
    roams = Doing(4.0, 25.0, Activity.ROAMING, Area.ENTRY)
    changed = Changes(detour=Detour((roams,), 25.0))
    assert list(changed.doings([reads, cooks, tv])) == [
        (reads, 0.0, 4.0),
        (roams, 4.0, 25.0),
        (tv, 25.0, 30.0),
    ]


def test_a_swap_ends() -> None:
    dose = Doing(10.0, 20.0, Activity.EVENING_MEDS, Area.KITCHEN)
    changed = Changes(swaps=(Swap(Activity.EVENING_MEDS, Activity.READ, 5.0, 10.0),))
    assert list(changed.doings([dose])) == [(dose, 10.0, 20.0)]
