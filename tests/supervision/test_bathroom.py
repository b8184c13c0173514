"""In the bathroom for too long, with no sign of life anywhere else."""

from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE, WallTime
from tests.supervision.nights import (
    BATHROOM,
    BED,
    BEDROOM,
    FLUSH,
    HALL,
    IDLE,
    KITCHEN,
    OK,
    UNKNOWN,
    WITH_BED,
    Flat,
    again,
)


def visit(hour: int = 14, **settings: float) -> Flat:
    """Return a home in which somebody has just gone into the bathroom at the full hour."""
    flat = Flat.with_watcher(WatcherKind.BATHROOM_STAY, settings=settings)
    flat.until(hour)
    flat.walks(HALL, BATHROOM)
    return flat


def test_too_long_warns_alarms_and_recovers_at_a_sign_of_life_elsewhere() -> None:
    flat = visit(warning=300.0)
    flat.until(14, 30)
    flat.walks(BATHROOM)  # movement in there puts nothing off
    flat.until(15)
    flat.walks(BATHROOM)
    flat.walks(HALL)
    assert flat.tale == [("warned", "14:40"), ("alarmed", "14:45"), ("recovered", "15:00")]
    (alarm,) = flat.alarms
    assert (flat.clock(alarm.since), alarm.seen_in) == ("14:00", Location.BATHROOM)
    assert flat.clock(alarm.seen_at) == "14:30"


def test_by_night_the_limit_is_shorter() -> None:
    flat = visit(2)
    flat.until(12)
    assert flat.tale == [("alarmed", "02:30")]
    flat = visit(21, night_limit=10 * MINUTE)
    flat.until(12)
    assert flat.tale == [("alarmed", "21:45")]  # it began before the night


@pytest.mark.parametrize("sign", [HALL, KITCHEN, BEDROOM, BED])
def test_s2_a_sign_of_life_elsewhere_cancels(sign: Sensor) -> None:
    flat = visit()
    flat.says(sign, after=10 * MINUTE)
    flat.until(20)
    assert flat.tale == []


def test_late_out_is_a_near_miss() -> None:
    flat = visit()
    flat.walks(HALL, pause=40 * MINUTE)
    assert flat.tale == [("near_miss", "14:40")]


def test_s2_the_ok_press_ends_this_visit_and_the_next_one_counts() -> None:
    flat = visit()
    flat.says(OK, after=30 * MINUTE)
    flat.walks(BATHROOM, BATHROOM)
    flat.until(20)
    assert flat.tale == []
    flat.walks(HALL, BATHROOM)
    flat.until(21)
    flat.says(OK, IDLE)
    flat.says(OK)
    assert flat.tale == [("alarmed", "20:45"), ("recovered", "21:00")]


def test_a_motion_sensor_that_fires_once_by_itself_is_no_visit() -> None:
    flat = Flat.with_watcher(WatcherKind.BATHROOM_STAY)
    flat.walks(KITCHEN)
    flat.walks(BATHROOM, pause=HOUR)
    flat.until(14)
    flat.walks(BATHROOM)
    flat.until(16)
    assert flat.tale == []
    flat.walks(BATHROOM)
    flat.says(FLUSH, after=9 * MINUTE)
    flat.until(18)
    assert flat.tale == [("alarmed", "16:45")]  # two signs: somebody is in there


@pytest.mark.parametrize(
    ("dwelling", "sensors", "standing"),
    [
        (Dwelling(), WITH_BED, Standing.WATCHING),
        (Dwelling(), (FLUSH, HALL), Standing.LACKS_SENSORS),
        (Dwelling(), (BATHROOM, FLUSH), Standing.LACKS_SENSORS),
        (Dwelling(residents=2), WITH_BED, Standing.REFUSED),
        (Dwelling(pet=True), WITH_BED, Standing.REFUSED),
    ],
)
def test_s6_what_cannot_tell_who_is_in_there_is_refused(
    dwelling: Dwelling, sensors: tuple[Sensor, ...], standing: Standing
) -> None:
    flat = Flat.with_watcher(WatcherKind.BATHROOM_STAY, sensors, dwelling=dwelling)
    assert flat.standing is standing


def test_s4_what_could_not_be_seen_is_no_staying() -> None:
    flat = visit()
    flat.says(BATHROOM, UNKNOWN, after=10 * MINUTE)
    assert flat.standing is Standing.BLIND
    flat.says(BATHROOM, IDLE, after=HOUR)
    flat.until(20)
    assert flat.tale == [("alarmed", "15:45")]


@pytest.mark.parametrize(("down", "alarm"), [(MINUTE, "14:45"), (HOUR, "15:45")])
def test_s3_a_restart_in_the_middle_keeps_the_visit(down: float, alarm: str) -> None:
    flat = visit()
    flat.pass_by(5 * MINUTE)
    flat = again(flat, down)
    flat.until(20)
    assert [told for told, _ in flat.tale] == ["alarmed"]
    late = flat.alarms[0].at - flat.wall.instant(flat.wall.day(flat.at), _second(alarm))
    assert 0 <= late <= MINUTE


def _second(clock: str) -> float:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def test_after_a_pause_it_begins_anew() -> None:
    flat = visit()
    state = flat.house.resident(1)
    state.paused_since, state.paused_until = flat.at, flat.at + HOUR
    flat.supervisor.restand(flat.at)
    flat.until(20)
    assert flat.tale == []


def test_s1_an_edited_night_holds_for_the_next_visit() -> None:
    flat = visit()
    flat.walks(HALL)
    flat.supervisor.leave(flat.slot.watcher.identity, flat.at)
    flat.enrol(flat.slot.watcher.identity, night_begin=13 * HOUR)
    flat.walks(BATHROOM)
    flat.until(20)
    assert flat.tale == [("alarmed", "14:30")]


def test_s11_a_limit_is_real_minutes_when_clocks_change() -> None:
    flat = Flat.with_watcher(
        WatcherKind.BATHROOM_STAY,
        at=1_774_695_600.0,
        wall=WallTime(ZoneInfo("Europe/Stockholm")),
    )
    flat.until(1, 50)  # 29 March 2026: 02:00 becomes 03:00
    flat.walks(HALL, BATHROOM)
    flat.pass_by(HOUR)
    assert flat.tale == [("alarmed", "03:20")]
