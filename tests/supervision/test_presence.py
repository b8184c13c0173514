"""Signs of life, and who seems to have left."""

import json
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.presence import Presence
from custom_components.kvarbo.supervision.rhythm import BED, CHAIR, NOWHERE
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE, WallTime

from .making import START

HALL = Sensor(1, Role.MOTION, Location.HALLWAY)
KITCHEN = Sensor(2, Role.MOTION, Location.KITCHEN)
FRONT = Sensor(3, Role.EXIT_DOOR, Location.HALLWAY)
BED_MAT = Sensor(4, Role.BED, Location.BEDROOM)
SEAT = Sensor(5, Role.CHAIR, Location.LIVING_ROOM)
KETTLE = Sensor(6, Role.ITEM, Location.KITCHEN)
FRIDGE = Sensor(7, Role.INNER_DOOR, Location.KITCHEN)
OK = Sensor(8, Role.CHECK_IN, Location.LIVING_ROOM)
LEAK = Sensor(9, Role.WATER, Location.BATHROOM)
TERRACE = Sensor(10, Role.EXIT_DOOR, Location.LIVING_ROOM)
LIVING = Sensor(11, Role.MOTION, Location.LIVING_ROOM)
ALL = (HALL, KITCHEN, FRONT, BED_MAT, SEAT, KETTLE, FRIDGE, OK, LEAK, TERRACE, LIVING)
ON, OFF, UNKNOWN = Reading.ACTIVE, Reading.IDLE, Reading.UNKNOWN


class Seen:
    """A presence with its clock."""

    def __init__(self) -> None:
        self.at = START
        self.presence = Presence(WallTime(ZoneInfo("Europe/Stockholm")))

    def says(self, sensor: Sensor, reading: Reading, after: float = 0.0) -> Presence:
        self.pass_by(after)
        self.presence.observe(self.at, sensor, reading)
        return self.presence

    def away_since(self) -> float | None:
        return self.presence.inferred_away_since

    def pass_by(self, seconds: float) -> None:
        until = self.at + seconds
        if self.presence.due is not None and self.presence.due <= until:
            self.presence.tick(self.presence.due)
        self.at = until

    def goes_out(self) -> None:
        self.says(HALL, ON)
        self.says(FRONT, ON, 4)
        self.says(HALL, OFF, 2)
        self.says(FRONT, OFF, 3)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.mark.parametrize(
    ("sensor", "reading", "is_sign"),
    [
        (HALL, ON, True),
        (HALL, OFF, True),
        (FRONT, ON, True),
        (FRONT, OFF, True),
        (FRIDGE, ON, True),
        (FRIDGE, OFF, True),
        (KETTLE, ON, True),
        (KETTLE, OFF, False),
        (BED_MAT, ON, True),
        (BED_MAT, OFF, True),
        (SEAT, ON, True),
        (OK, ON, True),
        (OK, OFF, False),
        (LEAK, ON, False),
    ],
)
def test_what_is_a_sign_of_life(
    seen: Seen, sensor: Sensor, reading: Reading, *, is_sign: bool
) -> None:
    presence = seen.says(sensor, reading)
    assert (presence.last_life == seen.at) is is_sign
    assert presence.last_room == (sensor.room if is_sign else None)


def test_machine_that_ends_by_itself_is_no_sign(seen: Seen) -> None:
    began = seen.says(KETTLE, ON).last_life
    assert seen.says(KETTLE, OFF, 11 * MINUTE).last_life == began


def test_appliance_put_away_soon_is_a_sign(seen: Seen) -> None:
    seen.says(KETTLE, ON)
    assert seen.says(KETTLE, OFF, 9 * MINUTE).last_life == seen.at


def test_sensor_that_trails_does_not_move_anybody(seen: Seen) -> None:
    seen.says(HALL, ON)
    seen.says(KITCHEN, ON, 5)
    presence = seen.says(HALL, OFF, 5)
    assert presence.last_life == seen.at
    assert presence.place == Location.KITCHEN


@pytest.mark.parametrize("hold", [3.0, 30.0, 90.0, 180.0])
def test_sensor_that_holds_for_long_does_not_move_anybody_back(seen: Seen, hold: float) -> None:
    """Each sensor's time to come to rest is found out: no movement later than that is newer."""
    for _ in range(2):
        seen.says(HALL, ON, HOUR)
        seen.says(HALL, OFF, hold)
    seen.says(HALL, ON, HOUR)
    seen.says(KITCHEN, ON, 4)
    assert seen.says(HALL, OFF, max(0.0, hold - 4)).place == Location.KITCHEN
    # It stays on for far longer than it holds: there somebody moved after the other was silent.
    seen.says(HALL, ON, HOUR)
    seen.says(KITCHEN, ON, 4)
    assert seen.says(HALL, OFF, 2 * hold + 20).place == Location.HALLWAY


def test_bed_holds_whoever_lies_in_it(seen: Seen) -> None:
    assert seen.says(BED_MAT, ON).place == BED
    assert seen.says(KITCHEN, ON, 60).place == BED
    assert seen.says(BED_MAT, OFF, 60).place == Location.BEDROOM


def test_chair_gives_way_to_the_bed(seen: Seen) -> None:
    assert seen.says(SEAT, ON).place == CHAIR
    assert seen.says(BED_MAT, ON, 60).place == BED
    assert seen.says(BED_MAT, OFF, 60).place == CHAIR


def test_who_goes_out_seems_to_have_left(seen: Seen) -> None:
    seen.goes_out()
    presence = seen.presence
    assert presence.left
    assert presence.due == seen.at + 300
    gone_at = seen.at
    assert seen.away_since() is None
    seen.pass_by(6 * MINUTE)
    assert seen.away_since() == gone_at


def test_what_the_hall_tells_late_is_no_return(seen: Seen) -> None:
    seen.goes_out()
    seen.says(HALL, ON, 10)
    # A sensor that holds for minutes: its rest is no sign at all once somebody has left.
    last = seen.presence.last_life
    seen.says(HALL, OFF, 3 * MINUTE)
    assert seen.presence.left
    assert seen.presence.last_life == last


@pytest.mark.parametrize(("sensor", "after"), [(KITCHEN, 7.0), (HALL, 20.0), (FRIDGE, 7.0)])
def test_who_is_seen_inside_after_the_door_is_home(
    seen: Seen, sensor: Sensor, after: float
) -> None:
    seen.goes_out()
    seen.says(sensor, ON, after)
    seen.says(sensor, OFF, 20)
    seen.says(sensor, ON, 20)
    presence = seen.presence
    assert not presence.left
    assert presence.place == sensor.room
    seen.pass_by(HOUR)
    assert presence.inferred_away_since is None


def test_room_of_another_exit_is_by_the_door(seen: Seen) -> None:
    seen.says(TERRACE, ON)
    seen.says(TERRACE, OFF, 5)
    assert seen.says(LIVING, ON, 10).left


def test_lone_sign_leaves_open_where_anybody_is(seen: Seen) -> None:
    seen.goes_out()
    seen.pass_by(HOUR)
    since = seen.presence.inferred_away_since
    presence = seen.says(KITCHEN, ON)
    seen.says(KITCHEN, OFF, 2)
    assert not presence.left
    assert presence.place == NOWHERE
    assert presence.inferred_away_since == since
    # Much later again one alone: still no more is known.
    assert seen.says(KITCHEN, ON, HOUR).place == NOWHERE


def test_second_sign_confirms_a_lone_one(seen: Seen) -> None:
    seen.goes_out()
    seen.pass_by(HOUR)
    seen.says(KITCHEN, ON)
    presence = seen.says(LIVING, ON, 20)
    assert presence.place == Location.LIVING_ROOM
    assert presence.inferred_away_since is None


def test_thing_used_in_an_empty_home_is_never_lone(seen: Seen) -> None:
    seen.goes_out()
    seen.pass_by(HOUR)
    presence = seen.says(FRIDGE, ON)
    assert presence.place == Location.KITCHEN
    assert presence.inferred_away_since is None


def test_who_comes_home_is_home_at_the_first_step(seen: Seen) -> None:
    seen.goes_out()
    seen.pass_by(HOUR)
    seen.says(FRONT, ON)
    assert seen.presence.left, "the door alone may be anybody's"
    presence = seen.says(HALL, ON, 2)
    assert not presence.left
    assert presence.place == Location.HALLWAY
    assert not seen.says(FRONT, OFF, 3).left, "it only falls shut behind them"


def test_who_comes_home_and_goes_again_has_left(seen: Seen) -> None:
    seen.goes_out()
    seen.pass_by(HOUR)
    seen.says(FRONT, ON)
    seen.says(HALL, ON, 2)
    seen.says(FRONT, OFF, 3)
    seen.says(KITCHEN, ON, 60)
    seen.says(FRONT, ON, 5 * MINUTE)
    assert seen.says(FRONT, OFF, 5).left


def test_door_used_twice_is_one_departure(seen: Seen) -> None:
    seen.goes_out()
    seen.says(FRONT, ON, 60)
    assert seen.says(HALL, ON, 5).left


@pytest.mark.parametrize("held", [BED_MAT, SEAT])
def test_door_used_while_bed_or_chair_is_taken_is_somebody_elses(seen: Seen, held: Sensor) -> None:
    seen.says(held, ON)
    seen.says(FRONT, ON, HOUR)
    presence = seen.says(FRONT, OFF, 5)
    assert not presence.left
    assert presence.due is None


def test_bed_taken_ends_an_absence(seen: Seen) -> None:
    seen.goes_out()
    seen.pass_by(HOUR)
    presence = seen.says(BED_MAT, ON)
    assert not presence.left
    assert presence.inferred_away_since is None


def test_door_opened_from_outside(seen: Seen) -> None:
    seen.says(KITCHEN, ON)
    assert seen.says(FRONT, ON, 60).entered_at is None, "somebody went to it"
    seen.says(KITCHEN, ON, HOUR)
    assert seen.says(FRONT, ON, HOUR).entered_at == seen.at


def test_silence_that_ended_is_told(seen: Seen) -> None:
    seen.says(KITCHEN, ON)
    began = seen.at
    presence = seen.says(HALL, ON, HOUR)
    assert presence.ended == (began, Location.KITCHEN, False, True)


def test_silence_with_a_blind_part_is_not_whole(seen: Seen) -> None:
    seen.says(KITCHEN, ON)
    seen.presence.was_blind(seen.at, seen.at + 60)
    presence = seen.says(HALL, ON, HOUR)
    assert presence.ended is not None
    assert presence.ended[3] is False
    assert presence.whole, "the next one is seen from its beginning"


def test_stated_return_is_a_sign_of_life(seen: Seen) -> None:
    seen.goes_out()
    seen.pass_by(HOUR)
    presence = seen.presence
    presence.set_away(seen.at, away=True)
    assert presence.inferred_away_since is None
    seen.pass_by(HOUR)
    presence.set_away(seen.at, away=False)
    assert presence.last_life == seen.at
    assert presence.place == Location.HALLWAY
    assert not seen.says(FRONT, OFF, 5).left, "it falls shut behind who has come home"


def test_unknown_bed_holds_nobody(seen: Seen) -> None:
    seen.says(BED_MAT, ON)
    seen.presence.seen_again(seen.at, BED_MAT, UNKNOWN, ghost=False)
    seen.says(FRONT, ON, HOUR)
    assert seen.presence.left


def test_ghost_is_no_sign_and_a_mat_that_speaks_again_is(seen: Seen) -> None:
    presence = seen.presence
    presence.seen_again(seen.at, KITCHEN, ON, ghost=True)
    assert presence.last_life is None
    presence.seen_again(seen.at, BED_MAT, OFF, ghost=False)
    assert presence.last_life is None
    presence.seen_again(seen.at, BED_MAT, ON, ghost=False)
    assert presence.place == BED


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(ALL),
            st.sampled_from([ON, OFF]),
            st.sampled_from([0.0, 3.0, 12.0, 60.0, 301.0, 2000.0, 8000.0]),
        ),
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_it_goes_on_after_a_restart_as_if_there_had_been_none(
    story: list[tuple[Sensor, Reading, float]], cut: int
) -> None:
    through, broken = Seen(), Seen()
    for number, (sensor, reading, after) in enumerate(story):
        if number == cut:
            kept = json.loads(json.dumps(broken.presence.to_json()))
            broken.presence = Presence.from_json(broken.presence.wall, kept)
        through.says(sensor, reading, after)
        broken.says(sensor, reading, after)
    assert broken.presence.to_json() == through.presence.to_json()
    assert not (through.presence.left and through.presence.place in (BED, CHAIR))


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {"last_life": "yesterday"},
        {"last_life": True},
        {"last_room": "moon"},
        {"occupied": [1]},
        {"used_at": {"x": 1}},
    ],
)
def test_what_is_no_presence_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Presence.from_json(WallTime(), raw)
