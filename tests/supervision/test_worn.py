"""A worn alarm that is out of the home: waited for as who left by a door is, never a sign of life (S6)."""

from collections.abc import Iterable

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import OUT_SETTLES, Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE

from .nights import BATHROOM, BED, IDLE, KITCHEN, WITH_BED, Flat
from .stillness import MORNING, OFF, ON, SENSORS, Still, still

WORN = Sensor(20, Role.WORN, Location.HOME, resident=1)
CHARGER = Sensor(21, Role.WORN_CHARGER, Location.BEDROOM, resident=1)
THEIRS = Sensor(22, Role.WORN, Location.HOME, resident=2)
LIMIT = 4 * HOUR


def wearing(*more: Sensor, dwelling: Dwelling | None = None) -> Still:
    made = still(dwelling, sensors=(*SENSORS, WORN, CHARGER, *more), limit=LIMIT)
    for sensor in (WORN, CHARGER, *more):
        made.home.says(sensor, OFF)
    return made


def alarms(made: Still) -> list[float]:
    made.home.pass_by(DAY)
    return [alarm.at - MORNING for alarm in made.home.alarms]


def test_who_is_out_with_it_is_waited_for_and_then_told_as_well() -> None:
    made = wearing()
    made.home.says(WORN, ON, 10 * MINUTE)
    assert alarms(made) == [6 * HOUR]


def test_at_home_or_unknown_it_changes_nothing() -> None:
    assert alarms(wearing()) == [LIMIT]
    made = wearing()
    made.home.says(WORN, ON, 10 * MINUTE)
    made.home.says(WORN, Reading.UNKNOWN, MINUTE)
    assert alarms(made) == [LIMIT]


def test_one_that_drifts_as_somebody_lies_on_the_floor_is_no_sign_of_life() -> None:
    made = wearing()
    for _ in range(20):
        made.home.says(WORN, ON, 6 * MINUTE)
        made.home.says(WORN, OFF, 4 * MINUTE)
    assert alarms(made) == [LIMIT]


def test_one_that_went_out_a_moment_ago_may_only_have_lost_its_way() -> None:
    made = wearing()
    made.home.says(WORN, ON, LIMIT - OUT_SETTLES + 1)
    assert alarms(made) == [LIMIT]
    made = wearing()
    made.home.says(WORN, ON, LIMIT - OUT_SETTLES)
    assert alarms(made) == [6 * HOUR]


def test_one_on_its_charger_tells_of_nobody() -> None:
    made = wearing()
    made.home.says(CHARGER, ON)
    made.home.says(WORN, ON, 10 * MINUTE)
    assert alarms(made) == [LIMIT]


def test_who_is_seen_at_home_while_it_is_out_has_not_taken_it_along() -> None:
    made = wearing()
    made.home.says(WORN, ON, 10 * MINUTE)
    made.home.moves(SENSORS[1], 10 * MINUTE)
    assert alarms(made) == [20 * MINUTE + LIMIT]


@pytest.mark.parametrize(
    ("out", "limit"), [((THEIRS,), LIMIT), ((WORN,), 6 * HOUR), ((WORN, THEIRS), 6 * HOUR)]
)
def test_in_a_home_of_two_each_has_their_own(out: Iterable[Sensor], limit: float) -> None:
    made = wearing(THEIRS, dwelling=Dwelling(residents=2))
    # Only what is theirs shows life in a home of two: the bed is left.
    made.home.says(SENSORS[4], ON)
    made.home.says(SENSORS[4], OFF)
    for sensor in out:
        made.home.says(sensor, ON, 5 * MINUTE)
    assert alarms(made) == [limit]


def test_one_that_is_of_nobody_in_particular_tells_nothing_of_one_of_two() -> None:
    anybodys = Sensor(23, Role.WORN, Location.HOME)
    made = wearing(anybodys, dwelling=Dwelling(residents=2))
    made.home.says(SENSORS[4], ON)
    made.home.says(SENSORS[4], OFF)
    made.home.says(anybodys, ON, 5 * MINUTE)
    assert made.home.house.out_since(made.home.at + HOUR, 1) is None
    assert made.home.house.out_since(made.home.at + HOUR, 0) is None
    alone = wearing(anybodys)
    alone.home.says(anybodys, ON, 5 * MINUTE)
    assert alone.home.house.out_since(alone.home.at + HOUR, 1) == alone.home.at


@pytest.mark.parametrize("is_out", [True, False])
def test_who_slept_elsewhere_is_not_told_as_not_up(is_out: bool) -> None:
    flat = Flat.with_watcher(WatcherKind.NOT_UP, (*WITH_BED, WORN), {"by": "10:00"})
    flat.says(WORN, IDLE)
    flat.until(20)
    flat.walks(KITCHEN)
    flat.says(WORN, Reading.ACTIVE if is_out else Reading.IDLE, HOUR)
    flat.until(10)
    flat.pass_by(HOUR)
    assert (Told.ALARMED in [told for told, _ in flat.told]) is not is_out


@pytest.mark.parametrize("is_out", [True, False])
def test_who_has_gone_out_in_the_night_is_waited_for(is_out: bool) -> None:
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, (*WITH_BED, WORN))
    flat.says(WORN, IDLE)
    flat.until(23)
    flat.says(BED)
    flat.pass_by(2 * HOUR)
    flat.says(BED, IDLE)
    flat.walks(BATHROOM)
    flat.says(WORN, Reading.ACTIVE if is_out else Reading.IDLE, MINUTE)
    flat.pass_by(40 * MINUTE)
    assert (Told.ALARMED in [told for told, _ in flat.told]) is not is_out
