"""No sign of life for too long."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.inactivity import InactivitySettings
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.settings import SettingsError, read_settings
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE

from .stillness import (
    BED,
    FRIDGE,
    HALL,
    KITCHEN,
    LIVING,
    MORNING,
    OFF,
    OK,
    ON,
    SENSORS,
    live,
    still,
)


def test_new_home_alarms_after_the_standard_limit() -> None:
    made = still()
    home, began = made.home, made.home.at
    home.pass_by(5 * HOUR - 1)
    assert home.told == []
    home.pass_by(1)
    assert home.told == [(Told.ALARMED, began + 5 * HOUR)]
    verdict = home.alarms[0]
    assert (verdict.since, verdict.seen_at, verdict.seen_in) == (began, began, Location.LIVING_ROOM)
    assert verdict.limit == 5 * HOUR
    assert verdict.sensor == LIVING.number
    home.moves(KITCHEN, HOUR)
    assert home.told[-1] == (Told.RECOVERED, home.at)
    home.pass_by(5 * HOUR)
    assert len(home.alarms) == 2


@pytest.mark.parametrize(
    ("sensor", "reading"), [(HALL, ON), (FRIDGE, ON), (FRIDGE, OFF), (BED, ON), (OK, ON)]
)
def test_any_sign_of_life_begins_anew(sensor: Sensor, reading: Reading) -> None:
    made = still(limit=2 * HOUR, night_limit=2 * HOUR)
    made.home.says(sensor, reading, HOUR)
    began = made.home.at
    made.home.pass_by(DAY)
    assert [alarm.at for alarm in made.home.alarms] == [began + 2 * HOUR]


def test_door_that_stands_open_and_kettle_that_boils_are_none() -> None:
    kettle = Sensor(8, Role.ITEM, Location.KITCHEN)
    made = still(sensors=(*SENSORS, kettle), limit=2 * HOUR)
    home = made.home
    home.says(kettle, ON, HOUR)
    began = home.at
    home.says(kettle, OFF, HOUR)
    home.pass_by(HOUR)
    assert [alarm.at for alarm in home.alarms] == [began + 2 * HOUR]


def test_learned_limit_is_far_shorter_where_nobody_stays() -> None:
    made = still()
    live(made, 28)
    home = made.home
    assert home.alarms == [], "an ordinary life alarms nobody"
    began = home.at
    home.moves(KITCHEN, 60)
    home.pass_by(2 * HOUR)
    assert [alarm.at - began for alarm in home.alarms] == [60 + 40 * MINUTE]


def test_learned_limit_is_between_floor_and_ceiling() -> None:
    made = still(ceiling=2 * HOUR, floor=90 * MINUTE)
    began = made.home.at
    made.home.pass_by(HOUR * 3)
    assert made.home.alarms[0].at == began + 2 * HOUR
    assert made.watcher.usual() is not None
    fixed = still(limit=HOUR)
    assert fixed.watcher.usual() is None


@pytest.mark.parametrize(
    ("begins", "alarms"),
    [
        # By day 3 h, from 22 to 7 at night 6 h.
        (9.0, 12.0),
        (18.5, 21.5),
        # It would be due at 22:30, when the night's limit holds: 01:30.
        (19.5, 25.5),
        (23.0, 29.0),
        # Due at 9 by the night's limit, but the day begins at 7 with more than 3 h gone.
        (27.0, 31.0),
        (29.0, 32.0),
    ],
)
def test_day_and_night_apart(begins: float, alarms: float) -> None:
    midnight = MORNING - 10 * HOUR
    made = still(at=midnight + begins * HOUR, limit=3 * HOUR, night_limit=6 * HOUR)
    made.home.pass_by(DAY)
    assert made.home.alarms[0].at == midnight + alarms * HOUR


def test_night_alone_may_be_fixed() -> None:
    made = still(at=MORNING + 13 * HOUR, night_limit=4 * HOUR)
    began = made.home.at
    made.home.pass_by(DAY)
    assert made.home.alarms[0].at == began + 4 * HOUR


def test_window_without_a_sign_alarms_at_its_end() -> None:
    made = still(window_from=6 * HOUR, window_to=11 * HOUR)
    home, midnight = made.home, MORNING - 10 * HOUR
    home.pass_by(18 * HOUR)
    assert home.told == [], "today's window had a sign of life"
    home.pass_by(7 * HOUR)
    assert [alarm.at for alarm in home.alarms] == [midnight + DAY + 11 * HOUR]
    home.moves(KITCHEN)
    home.moves(KITCHEN, midnight + 2 * DAY + 10.9 * HOUR - home.at)
    home.pass_by(12 * HOUR)
    assert len(home.alarms) == 1


def test_window_is_watched_on_its_weekdays() -> None:
    made = still(window_from=6 * HOUR, window_to=11 * HOUR, weekdays=(3,))
    made.home.pass_by(7 * DAY)
    # Thursday.
    assert made.home.alarms[0].at == MORNING + 2 * DAY + HOUR


def test_limit_alarms_on_its_weekdays_alone() -> None:
    made = still(limit=2 * HOUR, weekdays=(2, 4))
    made.home.pass_by(7 * DAY)
    # Wednesday begins.
    assert made.home.alarms[0].at == MORNING + 14 * HOUR


def test_warning_comes_before_the_alarm_and_any_sign_takes_it_back() -> None:
    made = still(limit=2 * HOUR, warning=15 * MINUTE)
    home = made.home
    home.moves(LIVING, HOUR)
    began = home.at
    home.pass_by(110 * MINUTE)
    assert home.told == [(Told.WARNED, began + 105 * MINUTE)]
    assert home.heard[-1].verdict.since == began
    home.moves(KITCHEN)
    assert home.told[-1] == (Told.RECOVERED, home.at)
    began = home.at
    home.pass_by(3 * HOUR)
    assert home.told[2:] == [
        (Told.WARNED, began + 105 * MINUTE),
        (Told.ALARMED, began + 120 * MINUTE),
    ]


def test_learned_limit_warns_too() -> None:
    made = still(warning=30 * MINUTE)
    began = made.home.at
    made.home.pass_by(6 * HOUR)
    assert made.home.told == [
        (Told.WARNED, began + 4.5 * HOUR),
        (Told.ALARMED, began + 5 * HOUR),
    ]


def test_silence_that_nearly_alarmed_is_told() -> None:
    made = still()
    home, began = made.home, made.home.at
    home.moves(LIVING, 4.4 * HOUR)
    assert home.told == [], "an ordinary rest"
    began = home.at
    home.moves(LIVING, 4.6 * HOUR)
    assert home.told == [(Told.NEAR_MISS, home.at)]
    verdict = home.heard[-1].verdict
    assert verdict.since == began
    assert verdict.limit == pytest.approx(4.6 * HOUR)


def test_settings_are_read_with_their_bounds() -> None:
    read = read_settings(
        InactivitySettings,
        {"limit": {"hours": 5}, "window_from": "06:00", "window_to": "10:00", "weekdays": ["mon"]},
    )
    assert read.limit == 5 * HOUR
    assert read.window is not None
    assert InactivitySettings(window_from=6 * HOUR).window is None
    with pytest.raises(SettingsError):
        read_settings(InactivitySettings, {"floor": 5})
