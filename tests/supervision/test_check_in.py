"""The daily button (R15, R17)."""

from zoneinfo import ZoneInfo

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.check_in import CheckIn
from custom_components.kvarbo.supervision.house import Dwelling, ResidentState
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime

from .making import START, Home

BUTTON = Sensor(1, Role.CHECK_IN, Location.KITCHEN, 1)
RULE = Identity(WatcherKind.CHECK_IN, 1)
#: 10:00 on the next day.
BY = START + DAY


def home(at: float = START, wall: WallTime | None = None, *, known: bool = True) -> Home:
    return Home(
        at,
        Dwelling(),
        (BUTTON,),
        {WatcherKind.CHECK_IN: CheckIn},
        wall=wall or WallTime(),
        known=known,
    )


def test_no_press_is_reminded_of_alarmed_and_ended_by_the_press_alone() -> None:
    it = home()
    it.enrol(RULE)
    it.pass_by(DAY + HOUR)
    assert it.told == [
        (Told.WARNED, BY - 30 * MINUTE),
        (Told.WARNED, BY - 15 * MINUTE),
        (Told.ALARMED, BY),
    ]
    assert it.alarms[0].since == BY - 6 * HOUR
    it.says(BUTTON, Reading.IDLE)
    assert len(it.told) == 3
    it.says(BUTTON)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_a_press_in_its_hours_is_all_and_no_near_miss() -> None:
    it = home()
    it.enrol(RULE)
    for _ in range(5):
        it.says(BUTTON, after=DAY - HOUR)
        it.says(BUTTON, Reading.IDLE)
        it.pass_by(HOUR)
    assert it.told == []


def test_a_press_before_its_hours_does_not_count() -> None:
    it = home()
    it.enrol(RULE)
    it.says(BUTTON, after=17 * HOUR)
    it.pass_by(7 * HOUR)
    assert len(it.alarms) == 1


def test_each_day_anew_also_where_nobody_answered_the_last() -> None:
    it = home()
    it.enrol(RULE, warning=0)
    it.pass_by(3 * DAY)
    assert it.told == [(Told.ALARMED, BY + n * DAY) for n in range(3)]
    assert len({alarm.episode for alarm in it.alarms}) == 3


def test_only_on_its_weekdays() -> None:
    it = home()
    it.enrol(RULE, warning=0, weekdays=(2, 5))  # type: ignore[arg-type]
    it.pass_by(7 * DAY)
    assert [alarm.at for alarm in it.alarms] == [BY, BY + 3 * DAY]


def test_the_day_on_which_it_starts_counts_if_time_is_left() -> None:
    for hour, first in ((8, BY - DAY), (9.5, BY)):
        it = home(START + (hour - 10) * HOUR)
        it.enrol(RULE, warning=0)
        it.pass_by(26 * HOUR)
        assert it.alarms[0].at == first


def test_a_button_that_nobody_has_pressed_yet_is_watched_once_it_is_known() -> None:
    it = home(known=False)
    it.enrol(RULE, warning=0)
    it.says(BUTTON, after=MINUTE)
    it.pass_by(DAY)
    assert len(it.alarms) == 1


def test_who_is_away_is_not_asked() -> None:
    it = home()
    it.enrol(RULE)
    it.house.residents[1] = ResidentState(away_since=it.at)
    it.supervisor.restand(it.at)
    it.pass_by(3 * DAY)
    assert it.told == []


def test_a_button_that_could_not_be_heard_has_more_time() -> None:
    it = home()
    it.enrol(RULE, warning=0)
    it.says(BUTTON, Reading.UNKNOWN, DAY - HOUR)
    it.says(BUTTON, Reading.IDLE, 2 * HOUR)
    it.pass_by(3 * HOUR)
    assert [alarm.at for alarm in it.alarms] == [BY + 2 * HOUR]


def test_new_times_count_at_once() -> None:
    it = home()
    it.enrol(RULE, warning=0)
    it.supervisor.leave(RULE, it.at)
    it.enrol(RULE, warning=0, opens=11 * HOUR, by=12 * HOUR)
    it.pass_by(3 * HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + 2 * HOUR]


def test_hours_that_a_spring_night_swallows_are_passed_over() -> None:
    wall = WallTime(ZoneInfo("Europe/Stockholm"))
    it = home(1774735200.0, wall)
    it.enrol(RULE, warning=0, opens=2.2 * HOUR, by=2.8 * HOUR)
    it.pass_by(12 * HOUR)
    assert it.told == []
    it.pass_by(DAY)
    assert len(it.alarms) == 1
