"""Medicine not taken, reminders, and the dispenser that was unplugged (R15, R17, F2)."""

from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling, ResidentState
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.medicine import Medicine
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime

from .making import START, Home

BOX = Sensor(1, Role.DISPENSER, Location.KITCHEN, 1)
PLUG = Sensor(2, Role.PLUG, Location.KITCHEN)
OK = Sensor(3, Role.CHECK_IN, Location.KITCHEN, 1)
RULE = Identity(WatcherKind.MEDICINE, 1)
#: A dose at 12:00; the home starts at 10:00.
NOON = 12 * HOUR
DOSE = START + 2 * HOUR


def home(*, known: bool = True) -> Home:
    it = Home(START, Dwelling(), (BOX, PLUG, OK), {WatcherKind.MEDICINE: Medicine}, known=known)
    it.says(PLUG)
    return it


def enrolled(it: Home | None = None, **settings: object) -> Home:
    it = it or home()
    it.enrol(RULE, **{"times": (NOON,)} | settings)  # type: ignore[arg-type]
    return it


def test_a_dose_is_reminded_of_twice_then_alarmed_and_ended_by_the_use() -> None:
    it = enrolled()
    it.pass_by(4 * HOUR)
    assert it.told == [
        (Told.WARNED, DOSE),
        (Told.WARNED, DOSE + 15 * MINUTE),
        (Told.ALARMED, DOSE + HOUR),
    ]
    verdicts = [h.verdict for h in it.heard]
    assert {v.episode for v in verdicts} == {RULE.episode(DOSE)}
    assert [v.count for v in verdicts] == [0, 1, 0]
    it.says(BOX)
    assert it.told[-1] == (Told.RECOVERED, it.at)


@pytest.mark.parametrize("repeats", [0, 1, 2, 3])
def test_a_reminder_is_repeated_as_often_as_set(repeats: int) -> None:
    it = enrolled(repeats=repeats, interval=5 * MINUTE)
    it.pass_by(4 * HOUR)
    assert [told for told, _ in it.told].count(Told.WARNED) == 1 + repeats


def test_without_a_warning_nobody_is_reminded() -> None:
    it = enrolled(warning=0)
    it.pass_by(4 * HOUR)
    assert it.told == [(Told.ALARMED, DOSE + HOUR)]


def test_the_reminder_stops_at_once_when_it_is_done_or_silenced() -> None:
    done = enrolled(repeats=3)
    done.pass_by(2 * HOUR + MINUTE)
    done.says(BOX)
    assert set(done.supervisor.slots[RULE].watcher.state.dues) == {"dose"}
    done.pass_by(4 * HOUR)
    assert done.told == [(Told.WARNED, DOSE), (Told.RECOVERED, DOSE + MINUTE)]
    silenced = enrolled(repeats=3)
    silenced.pass_by(2 * HOUR + MINUTE)
    silenced.says(OK)
    silenced.says(OK, Reading.IDLE)
    silenced.pass_by(4 * HOUR)
    assert silenced.told == [(Told.WARNED, DOSE), (Told.ALARMED, DOSE + HOUR)]


def test_at_night_a_reminder_is_dark_and_not_repeated_unless_chosen() -> None:
    for chosen, warned in ((False, [True]), (True, [False, False])):
        it = enrolled(times=(23 * HOUR,), warn_at_night=chosen)
        it.pass_by(15 * HOUR)
        verdicts = [h.verdict for h in it.heard if h.verdict.told is Told.WARNED]
        assert [v.quiet for v in verdicts] == warned
        assert len(it.alarms) == 1


def test_a_dose_may_be_taken_early_and_one_use_takes_one_dose() -> None:
    it = enrolled(times=(NOON, 12.5 * HOUR), warning=0)
    it.says(BOX, after=HOUR + 45 * MINUTE)
    it.says(BOX, Reading.IDLE, MINUTE)
    it.pass_by(4 * HOUR)
    assert [a.since for a in it.alarms] == [DOSE + 30 * MINUTE]


def test_a_use_long_before_the_time_takes_nothing() -> None:
    it = enrolled()
    it.says(BOX, after=HOUR - MINUTE)
    it.pass_by(4 * HOUR)
    assert len(it.alarms) == 1


def test_a_dose_that_is_due_takes_the_place_of_one_that_is_missing() -> None:
    it = enrolled(times=(NOON, 13 * HOUR), limit=3 * HOUR, warning=3 * HOUR, repeats=0)
    it.pass_by(8 * HOUR)
    assert it.told == [
        (Told.WARNED, DOSE),
        (Told.ALARMED, DOSE + HOUR),
        (Told.WARNED, DOSE + HOUR),
        (Told.ALARMED, DOSE + 4 * HOUR),
    ]
    assert [a.since for a in it.alarms] == [DOSE, DOSE + HOUR]


def test_each_day_and_only_on_its_weekdays() -> None:
    it = enrolled(weekdays=(1, 3), warning=0)
    it.pass_by(7 * DAY)
    assert [a.since for a in it.alarms] == [DOSE, DOSE + 2 * DAY]


def test_a_dose_in_the_hour_that_a_spring_night_lacks_is_due_after_it() -> None:
    wall = WallTime(ZoneInfo("Europe/Stockholm"))
    it = Home(
        1774735200.0, Dwelling(), (BOX, PLUG, OK), {WatcherKind.MEDICINE: Medicine}, wall=wall
    )
    it.says(PLUG)
    enrolled(it, times=(2.5 * HOUR,), warning=0)
    it.pass_by(12 * HOUR)
    assert [a.since for a in it.alarms] == [1774735200.0 + 3 * HOUR]


def test_by_the_dispensers_own_schedule_active_waits_and_idle_is_taken() -> None:
    it = enrolled(times=(), own_schedule=True, repeats=0)
    it.says(BOX, after=HOUR)
    it.pass_by(2 * HOUR)
    assert it.told == [(Told.WARNED, START + HOUR), (Told.ALARMED, START + 2 * HOUR)]
    it.says(BOX, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)
    it.says(BOX, after=HOUR)
    it.says(BOX, Reading.IDLE, 10 * MINUTE)
    assert it.told[-1][0] is Told.RECOVERED


def test_two_dispensers_are_both_to_be_empty() -> None:
    second = Sensor(4, Role.DISPENSER, Location.KITCHEN, 1)
    it = Home(START, Dwelling(), (BOX, second), {WatcherKind.MEDICINE: Medicine})
    enrolled(it, times=(), own_schedule=True, warning=0)
    it.says(BOX)
    it.says(second)
    it.says(BOX, Reading.IDLE, MINUTE)
    it.pass_by(2 * HOUR)
    assert len(it.alarms) == 1


def test_a_late_use_is_a_near_miss_where_nobody_was_reminded() -> None:
    it = enrolled(warning=0)
    it.says(BOX, after=2 * HOUR + 50 * MINUTE)
    assert it.told == [(Told.NEAR_MISS, it.at)]


@pytest.mark.parametrize("what", ["plug", "box"])
def test_unplugged_is_a_technical_fault_and_never_a_missed_dose(what: str) -> None:
    sensor, off = (PLUG, Reading.IDLE) if what == "plug" else (BOX, Reading.UNKNOWN)
    it = enrolled()
    it.says(sensor, off, HOUR)
    it.pass_by(15 * MINUTE)
    fault = it.heard[-1].verdict
    assert (fault.told, fault.fault, fault.sensor) == (
        Told.FAULT,
        FaultKind.UNPLUGGED,
        sensor.number,
    )
    it.pass_by(5 * HOUR)
    assert it.told == []
    it.says(sensor, Reading.ACTIVE if what == "plug" else Reading.IDLE)
    assert it.faults[-1] == (Told.MENDED, FaultKind.UNPLUGGED)
    it.pass_by(DAY)
    assert len(it.alarms) == 1, "the next dose counts again"


def test_unplugged_while_a_dose_is_counted_ends_the_counting() -> None:
    it = enrolled(repeats=0)
    it.says(PLUG, Reading.IDLE, 2 * HOUR + 50 * MINUTE)
    it.pass_by(3 * HOUR)
    assert it.told == [(Told.WARNED, DOSE), (Told.RECOVERED, DOSE + 65 * MINUTE)]
    assert it.faults == [(Told.FAULT, FaultKind.UNPLUGGED)]


def test_power_that_is_back_within_the_grace_alarms_a_little_later() -> None:
    it = enrolled(repeats=0)
    it.says(PLUG, Reading.IDLE, 2 * HOUR + 50 * MINUTE)
    it.says(PLUG, Reading.ACTIVE, 12 * MINUTE)
    it.pass_by(HOUR)
    assert it.faults == []
    assert [a.at for a in it.alarms] == [DOSE + HOUR + 15 * MINUTE + 1]


def test_a_dispenser_plugged_in_again_with_a_dose_waiting_counts_from_then() -> None:
    it = enrolled(times=(), own_schedule=True, warning=0)
    it.says(BOX)
    it.says(PLUG, Reading.IDLE)
    it.pass_by(3 * HOUR)
    assert it.told == []
    it.says(PLUG)
    it.pass_by(2 * HOUR)
    assert [a.since for a in it.alarms] == [START + 3 * HOUR]


def test_what_comes_out_of_unknown_open_is_no_use() -> None:
    it = enrolled(power_grace=HOUR, repeats=0)
    it.pass_by(2 * HOUR)
    it.says(BOX, Reading.UNKNOWN)
    it.says(BOX, Reading.ACTIVE, MINUTE)
    it.pass_by(HOUR)
    assert len(it.alarms) == 1


def test_the_third_unplugging_within_a_month_is_counted() -> None:
    it = enrolled(times=(NOON,), warning=0)
    for _ in range(4):
        it.says(PLUG, Reading.IDLE, HOUR)
        it.pass_by(HOUR)
        it.says(PLUG)
    counts = [h.verdict.count for h in it.heard if h.verdict.told is Told.FAULT]
    assert counts == [1, 2, 3, 4]
    it.pass_by(31 * DAY)
    it.says(PLUG, Reading.IDLE)
    it.pass_by(HOUR)
    assert it.heard[-1].verdict.count == 1


def test_a_dispenser_that_is_unknown_when_a_dose_is_due_is_looked_at() -> None:
    it = home(known=False)
    enrolled(it)
    assert it.supervisor.slots[RULE].standing is Standing.WATCHING
    it.pass_by(6 * HOUR)
    assert it.told == []
    assert it.faults == [(Told.FAULT, FaultKind.UNPLUGGED)]


def test_a_dose_whose_time_passed_unseen_is_not_judged() -> None:
    for down, alarms in ((3 * HOUR, 0), (12 * MINUTE, 1)):
        it = enrolled(warning=0)
        it.pass_by(2 * HOUR - 5 * MINUTE)
        after, _ = it.killed(down)
        after.pass_by(6 * HOUR)
        assert len(after.alarms) == alarms


def test_a_pause_forgets_the_dose_and_the_reminder() -> None:
    it = enrolled(repeats=3)
    it.pass_by(2 * HOUR + MINUTE)
    it.house.residents[1] = ResidentState(away_since=it.at)
    it.supervisor.restand(it.at)
    it.pass_by(4 * HOUR)
    assert it.told == [(Told.WARNED, DOSE), (Told.RECOVERED, DOSE + MINUTE)]
    it.house.residents[1] = ResidentState()
    it.supervisor.restand(it.at)
    it.pass_by(DAY)
    assert len(it.alarms) == 1


def test_the_repeat_moves_with_what_could_not_be_seen() -> None:
    it = enrolled()
    it.pass_by(2 * HOUR + MINUTE)
    it.supervisor.slots[RULE].watcher.shift(5 * MINUTE)
    it.supervisor.restand(it.at)
    it.pass_by(HOUR + 10 * MINUTE)
    assert it.told[1:] == [
        (Told.WARNED, DOSE + 20 * MINUTE),
        (Told.ALARMED, DOSE + 65 * MINUTE),
    ]


def test_new_times_count_at_once() -> None:
    it = enrolled(warning=0)
    it.says(PLUG)
    it.supervisor.leave(RULE, it.at)
    enrolled(it, warning=0, times=(11 * HOUR,))
    it.pass_by(4 * HOUR)
    assert [a.since for a in it.alarms] == [START + HOUR]


def test_without_times_it_refuses() -> None:
    it = enrolled(times=())
    assert it.supervisor.slots[RULE].standing is Standing.REFUSED


TELLER = Sensor(1, Role.DISPENSER, Location.KITCHEN, 1, tells_taken=True)


def telling() -> Home:
    it = Home(START, Dwelling(), (TELLER, PLUG, OK), {WatcherKind.MEDICINE: Medicine})
    it.says(PLUG)
    it.says(TELLER, Reading.IDLE)
    return enrolled(it)


def test_of_one_that_tells_what_was_taken_a_dose_that_waits_is_none() -> None:
    it = telling()
    it.pass_by(1.5 * HOUR)
    it.says(TELLER, Reading.ACTIVE)
    it.pass_by(2 * HOUR)
    assert it.told[-1] == (Told.ALARMED, DOSE + HOUR)
    it.says(TELLER, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_of_one_that_tells_what_was_taken_an_early_dose_counts_and_a_skipped_one_does_not() -> None:
    for skipped in (False, True):
        it = telling()
        it.pass_by(1.5 * HOUR)
        it.says(TELLER, Reading.ACTIVE)
        if skipped:
            it.says(TELLER, Reading.UNKNOWN)
        it.says(TELLER, Reading.IDLE)
        it.pass_by(3 * HOUR)
        assert (Told.ALARMED in [told for told, _ in it.told]) is skipped
