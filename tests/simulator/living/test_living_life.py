"""Days that are plausible: nobody in two places, no sensor that lies, and the same life again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from statistics import median

from hypothesis import given, settings, strategies as st
import pytest

from simulator.living import Activity, Changed, Event, Inhabitants, Life, Truth, Value
from simulator.living.home import BEDS, CHAIR, DOOR, FRIDGE, LIFT, MEDICINE, STOVE, TV, VACUUM
from simulator.living.sensed import AT_THE_DOOR

HOUR = 3600.0
ACTIVE = {Value.ON, Value.OPEN}

INHABITANTS = st.builds(
    Inhabitants,
    residents=st.sampled_from([1, 2]),
    pet=st.booleans(),
    robot_vacuum=st.booleans(),
    visitors=st.booleans(),
    home_care=st.sampled_from([(), (8.5, 12.0, 19.5)]),
    changed=st.sampled_from([None, Changed(1), Changed(0, -1.5, 2.0)]),
)
LIVES = st.builds(
    Life,
    seed=st.integers(0, 2**31),
    days=st.integers(1, 3),
    first_day=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    inhabitants=INHABITANTS,
)
few = settings(max_examples=25, deadline=None)


def began(events: Iterable[Event], device: str) -> list[float]:
    return [event.at for event in events if event.device == device and event.value in ACTIVE]


def of(truth: Iterable[Truth], activity: Activity) -> list[Truth]:
    return [one for one in truth if one.activity is activity]


def spans(life: Life, device: str) -> list[tuple[float, float]]:
    """From when to when a device was active."""
    edges = [event.at for event in life.events() if event.device == device]
    return list(zip(edges[::2], [*edges[1::2], life.end][: len(edges[::2])], strict=True))


def test_the_same_seed_is_the_same_life() -> None:
    one, again = Life(5, days=3), Life(5, days=3)
    assert list(one.events()) == list(again.events())
    assert one.truth() == again.truth()


def test_another_seed_is_another_life() -> None:
    assert list(Life(5, days=2).events()) != list(Life(6, days=2).events())


def test_a_longer_life_begins_as_the_shorter_one() -> None:
    short = list(Life(8, days=2).events())
    assert list(Life(8, days=3).events())[: len(short)] == short


@few
@given(LIVES)
def test_events_are_in_order_and_each_device_alternates(life: Life) -> None:
    events = list(life.events())
    assert all(one.at <= other.at for one, other in pairwise(events))
    assert all(life.start <= event.at < life.end for event in events)
    devices = {device.key: device for device in life.devices}
    said = {key: device.says(active=False) for key, device in devices.items()}
    for event in events:
        assert event.value in {
            devices[event.device].says(active=True),
            devices[event.device].says(active=False),
        }
        assert event.value is not said[event.device]
        said[event.device] = event.value


@few
@given(LIVES)
def test_everybody_does_one_thing_at_a_time_without_a_gap(life: Life) -> None:
    for resident in range(1, life.inhabitants.residents + 1):
        doings = [(start, end) for doing, start, end in life.doings(resident)]
        assert all(start < end for start, end in doings)
        assert all(one[1] == other[0] for one, other in pairwise(doings))
        assert doings[0][0] < life.start
        assert doings[-1][1] >= life.end


@few
@given(LIVES)
def test_truth_is_within_the_life_and_nobody_sleeps_and_cooks_at_once(life: Life) -> None:
    truth = life.truth()
    assert all(life.start <= one.start < one.end <= life.end for one in truth)
    for resident in range(1, life.inhabitants.residents + 1):
        mine = [one for one in truth if one.resident == resident]
        assert all(one.end <= other.start for one, other in pairwise(mine))
        assert not any(
            one.end == other.start and one.activity is other.activity
            for one, other in pairwise(mine)
        )
    alone = life.inhabitants.residents == 1
    absences = of(truth, Activity.AWAY)
    assert all(one.resident == 0 for one in absences)
    # With two, the home is empty only while both are away.
    assert not alone or len(absences) == len(
        [
            1
            for doing, start, end in life.doings(1)
            if doing.activity is Activity.AWAY and start < life.end and end > life.start
        ]
    )


@few
@given(LIVES)
def test_nobody_moves_in_an_empty_home(life: Life) -> None:
    still = replace(life, inhabitants=replace(life.inhabitants, pet=False, robot_vacuum=False))
    events = [event for event in still.events() if event.value in ACTIVE]
    for away in of(still.truth(), Activity.AWAY):
        assert [e for e in events if away.start < e.at < away.end] == []


@few
@given(LIVES)
def test_only_who_comes_or_goes_opens_the_front_door(life: Life) -> None:
    through = AT_THE_DOOR | {Activity.GUESTS, Activity.HOME_CARE}
    passages = [
        (start, end)
        for resident in range(1, life.inhabitants.residents + 1)
        for doing, start, end in life.doings(resident)
        if doing.activity in through
    ]
    for at in began(life.events(), DOOR):
        assert any(start - 0.001 <= at <= end for start, end in passages)


def test_the_bed_mat_follows_the_sleeper() -> None:
    life = Life(3, days=5)
    nights = of(life.truth(), Activity.SLEEPING)
    beds = spans(life, BEDS[0])
    assert len(beds) == len(nights)
    for night, (on, off) in zip(nights, beds, strict=True):
        assert 0 <= on - night.start < 30
        assert off == pytest.approx(night.end, abs=0.001)


def test_things_are_used_when_they_are_used() -> None:
    life = Life(11, days=6)
    truth = life.truth()
    for device, activities in (
        (MEDICINE, {Activity.MORNING_MEDS, Activity.EVENING_MEDS}),
        (STOVE, {Activity.COOK_LUNCH, Activity.COOK_DINNER}),
        (TV, {Activity.WATCH_TV}),
        (LIFT, {Activity.TOILET, Activity.BED_TO_TOILET}),
        (CHAIR, {Activity.WATCH_TV, Activity.READ, Activity.SLEEP_OUT_OF_BED}),
        (
            FRIDGE,
            {Activity.COOK_BREAKFAST, Activity.COOK_LUNCH, Activity.COOK_DINNER, Activity.SNACK},
        ),
    ):
        times = began(life.events(), device)
        assert times
        doings = [one for one in truth if one.activity in activities]
        assert all(any(d.start - 0.001 <= at < d.end for d in doings) for at in times)
    assert len(began(life.events(), MEDICINE)) == 12


def test_a_month_is_within_what_homes_show() -> None:
    for seed in (1, 2):
        life = Life(seed)
        truth, events = life.truth(), list(life.events())
        assert 400 <= len(events) / 30 <= 1000
        trips = of(truth, Activity.BED_TO_TOILET)
        assert 0.4 <= len(trips) / 30 <= 2.5
        assert 3 <= median(one.end - one.start for one in trips) / 60 <= 6
        assert max(one.end - one.start for one in trips) < 15 * 60
        absences = of(truth, Activity.AWAY)
        assert 0.3 <= len(absences) / 30 <= 1.6
        assert max(one.end - one.start for one in absences) <= 5 * HOUR
        assert 3.5 <= len(of(truth, Activity.TOILET)) / 30 <= 8
        gaps = [
            other - one
            for one, other in pairwise(sorted(event.at for event in events))
            if not any(away.start < other and one < away.end for away in absences)
        ]
        assert 7 <= sum(gap > 1800 for gap in gaps) / 30 <= 16
        assert 2.5 <= sum(gap > HOUR for gap in gaps) / 30 <= 8
        assert max(gaps) < 4.6 * HOUR


def test_no_two_days_are_alike() -> None:
    life = Life(4)
    days = [[doing.activity for doing in life.plan(1, day)] for day in range(5)]
    assert all(one != other for number, one in enumerate(days) for other in days[:number])
    bedtimes = [
        of_plan[-1].start - life.clock(day)
        for day, of_plan in enumerate(
            [
                [d for d in life.plan(1, day) if d.activity is Activity.GO_TO_SLEEP]
                for day in range(14)
            ]
        )
    ]
    assert 0.5 * HOUR < max(bedtimes) - min(bedtimes) < 4 * HOUR


def test_weekends_begin_later() -> None:
    life = Life(4, days=56)
    rising = [(life.wakes(1, day) - life.clock(day)) / HOUR for day in range(56)]
    week = [hour for day, hour in enumerate(rising) if day % 7 < 5]
    weekend = [hour for day, hour in enumerate(rising) if day % 7 >= 5]
    assert 0.2 < median(weekend) - median(week) < 0.9
    assert min(rising) >= 5.9


def test_a_changed_life_is_the_same_until_it_changes() -> None:
    plain = Life(9, days=12)
    later = replace(plain, inhabitants=Inhabitants(changed=Changed(6, later=2.5, outings=0.0)))
    # The night before, bedtime still is the old one.
    until = plain.clock(5, 20)
    assert [e for e in plain.events() if e.at < until] == [
        e for e in later.events() if e.at < until
    ]
    assert later.wakes(1, 6) - plain.wakes(1, 6) == 2.5 * HOUR
    assert [one for one in of(later.truth(), Activity.AWAY) if one.start > plain.clock(6, 12)] == []


def test_a_pet_stirs_at_night_and_touches_neither_bed_nor_door() -> None:
    plain = Life(2, days=5)
    with_pet = replace(plain, inhabitants=Inhabitants(pet=True))
    for device in (DOOR, BEDS[0], FRIDGE, CHAIR):
        assert began(with_pet.events(), device) == began(plain.events(), device)
    hours = {int((e.at - plain.start) % 86400 // HOUR) for e in with_pet.events()}
    assert hours == set(range(24))
    assert len(list(with_pet.events())) > len(list(plain.events())) + 100


def test_a_robot_vacuum_runs_at_its_time_and_sets_off_the_sensors() -> None:
    plain = Life(2, days=7)
    life = replace(plain, inhabitants=Inhabitants(robot_vacuum=True))
    runs = spans(life, VACUUM)
    assert [on for on, _ in runs] == [life.clock(day, 10) for day in (0, 2, 4)]
    assert all(35 * 60 <= off - on <= HOUR for on, off in runs)
    moved = {e.device for e in set(life.events()) - set(plain.events())}
    assert {"motion_kitchen", "motion_living_room", "motion_hall", VACUUM} <= moved


def test_home_care_comes_at_its_hours() -> None:
    life = Life(2, days=7, inhabitants=Inhabitants(home_care=(12.5, 19.0)))
    visits = of(life.truth(), Activity.HOME_CARE)
    assert 10 <= len(visits) <= 14
    assert all(5 * 60 < one.end - one.start < 40 * 60 for one in visits)
    door = began(life.events(), DOOR)
    for one in visits:
        assert sum(one.start <= at <= one.end for at in door) == 2


def test_two_residents_have_a_bed_each_and_a_rhythm_each() -> None:
    life = Life(2, days=4, inhabitants=Inhabitants(residents=2))
    one, other = spans(life, BEDS[0]), spans(life, BEDS[1])
    assert one
    assert other
    assert one != other
    assert {truth.resident for truth in life.truth()} >= {1, 2}


def test_a_home_of_two_is_empty_only_while_both_are_out() -> None:
    life = Life(2, days=20, inhabitants=Inhabitants(residents=2))
    out = [
        [
            (start, end)
            for doing, start, end in life.doings(resident)
            if doing.activity is Activity.AWAY
        ]
        for resident in (1, 2)
    ]
    absences = of(life.truth(), Activity.AWAY)
    assert 3 <= len(absences) < len(out[0])
    for away in absences:
        for mine in out:
            assert any(start <= away.start and away.end <= end for start, end in mine)


def test_days_are_on_the_wall_clock_also_when_it_changes() -> None:
    life = Life(1, days=3, first_day=date(2026, 3, 28))
    assert life.clock(2) - life.clock(1) == 23 * HOUR
    assert life.local(life.clock(1, 8)).hour == 8
    assert life.clock(0, 25) == life.clock(1, 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Life(1, days=0),
        lambda: Inhabitants(residents=3),
        lambda: Inhabitants(home_care=(3.0,)),
        lambda: Changed(3, later=9.0),
    ],
)
def test_what_cannot_be_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=r"\w"):
        make()


def test_somebody_who_is_never_calm_is_told() -> None:
    life = Life(1, days=2)
    with pytest.raises(ValueError, match="never up and alone"):
        life.calm(life.end + 2 * 86400)
