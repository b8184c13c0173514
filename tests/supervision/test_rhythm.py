"""How long silences usually last."""

from collections.abc import Callable
from itertools import pairwise
import json
import math
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision import rhythm as rhythm_module
from custom_components.kvarbo.supervision.rhythm import BED, CHAIR, NOWHERE, Rhythm
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime

#: A midnight in UTC.
MIDNIGHT = 1_768_867_200.0
#: Hours at which each begins; a rest may last into the third hour.
_MEALS, _RESTS = (8, 12, 15, 18, 21), (9, 13, 16, 19)
KITCHEN, LIVING, BEDROOM = Location.KITCHEN, Location.LIVING_ROOM, Location.BEDROOM


def hours(rhythm: Rhythm, clock: float, place: str, day: float = 0.0) -> float:
    return rhythm.limit(MIDNIGHT + day * DAY + clock * HOUR, place) / HOUR


def live(rhythm: Rhythm, days: int, first: int = 0, nap: float = 1.5) -> None:
    """Live ordinary days: short silences in the kitchen, rests in the living room, nights in bed."""
    for day in range(first, first + days):
        start = MIDNIGHT + day * DAY
        # No two days are alike, but the same are each time.
        varies = 1 + 0.3 * math.sin(day * 2.4)
        for hour in range(8, 22):
            at = start + hour * HOUR
            if hour in _RESTS:
                rhythm.learn(at, at + nap * HOUR * varies, LIVING)
            elif hour in _MEALS:
                rhythm.learn(at, at + 6 * MINUTE * varies, KITCHEN)
        at = start + 22.5 * HOUR
        rhythm.learn(at, at + 3.5 * HOUR * varies, BEDROOM)


@pytest.fixture
def rhythm() -> Rhythm:
    return Rhythm(WallTime())


@pytest.mark.parametrize(
    ("clock", "place", "limit"),
    [(14, LIVING, 5), (0.5, BEDROOM, 8), (0.5, KITCHEN, 8), (14, BED, 11), (14, CHAIR, 7)],
)
def test_a_new_home_has_standard_limits(
    rhythm: Rhythm, clock: float, place: str, limit: float
) -> None:
    assert hours(rhythm, clock, place) == pytest.approx(limit)
    assert hours(rhythm, clock, NOWHERE) == pytest.approx(5 if clock == 14 else 8)


def test_standard_limits_go_over_from_day_to_night_without_a_step(rhythm: Rhythm) -> None:
    limits = [hours(rhythm, step / 10, LIVING) for step in range(241)]
    assert max(abs(b - a) for a, b in pairwise(limits)) < 0.2
    assert limits[0] == pytest.approx(limits[240])


def test_limits_come_down_as_days_come(rhythm: Rhythm) -> None:
    seen = [hours(rhythm, 14, LIVING)]
    for week in range(4):
        live(rhythm, 7, 7 * week)
        seen.append(hours(rhythm, 14, LIVING, 7 * week + 7))
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == pytest.approx(5)
    longest = 1.5 * 1.3
    assert longest < seen[-1] < 3.5, "over the longest rest there was, and far below the standard"


def test_no_ordinary_silence_reaches_the_limit(rhythm: Rhythm) -> None:
    live(rhythm, 20)
    for day in range(20, 40):
        start, varies = MIDNIGHT + day * DAY, 1 + 0.3 * math.sin(day * 2.4)
        assert hours(rhythm, 13, LIVING, day) > 1.5 * varies
        assert hours(rhythm, 22.5, BEDROOM, day) > 3.5 * varies
        assert rhythm.limit(start + 12 * HOUR, KITCHEN) > 6 * MINUTE * varies
        live(rhythm, 1, day)


def test_passage_has_a_limit_of_its_own_only_after_two_weeks(rhythm: Rhythm) -> None:
    live(rhythm, 10)
    begun = MIDNIGHT + 10 * DAY + 12 * HOUR
    assert not rhythm.usual(begun, KITCHEN).passage
    early = rhythm.limit(begun, KITCHEN)
    live(rhythm, 8, 10)
    begun += 8 * DAY
    assert rhythm.usual(begun, KITCHEN).passage
    assert rhythm.limit(begun, KITCHEN) < min(HOUR, early / 2)
    assert not rhythm.usual(begun, LIVING).passage, "there the rests begin"
    assert hours(rhythm, 12, LIVING, 18) > 2


def test_bed_and_chair_are_never_passages_and_have_limits_of_their_own(rhythm: Rhythm) -> None:
    for day in range(30):
        start = MIDNIGHT + day * DAY
        for hour, length, place in ((9, 0.1, CHAIR), (10, 0.1, BED), (11, 2.5, LIVING)):
            rhythm.learn(start + hour * HOUR, start + (hour + length) * HOUR, place)
    at = MIDNIGHT + 30 * DAY + 10 * HOUR
    assert not rhythm.usual(at, CHAIR).passage
    assert not rhythm.usual(at, BED).passage
    fresh = Rhythm(WallTime())
    live(fresh, 28)
    assert hours(fresh, 13, BED, 28) == pytest.approx(11)


def test_only_room_of_a_home_is_never_a_passage(rhythm: Rhythm) -> None:
    for day in range(60):
        at = MIDNIGHT + day * DAY + 12 * HOUR
        rhythm.learn(at, at + 10 * MINUTE, Location.HOME)
        rhythm.learn(at + 10 * HOUR, at + 14 * HOUR, Location.HOME)
    assert not rhythm.usual(MIDNIGHT + 60 * DAY + 12 * HOUR, Location.HOME).passage


def test_long_stay_ends_a_passage(rhythm: Rhythm) -> None:
    live(rhythm, 20)
    at = MIDNIGHT + 20 * DAY + 12 * HOUR
    before = rhythm.limit(at, KITCHEN)
    for day in (20, 21, 22):
        start = MIDNIGHT + day * DAY + 12 * HOUR
        rhythm.learn(start, start + 2 * HOUR, KITCHEN)
    assert rhythm.limit(at + 3 * DAY, KITCHEN) > max(2 * HOUR, 2 * before)


def test_place_never_seen_has_what_holds_in_the_home(rhythm: Rhythm) -> None:
    live(rhythm, 28)
    anywhere = hours(rhythm, 13, NOWHERE, 28)
    assert hours(rhythm, 13, Location.STUDY, 28) == pytest.approx(anywhere)
    assert anywhere < 4


def test_life_that_changes_is_forgotten(rhythm: Rhythm) -> None:
    live(rhythm, 40, nap=3.0)
    limits = [hours(rhythm, 13, LIVING, 40)]
    for month in range(6):
        live(rhythm, 30, 40 + 30 * month, nap=1.0)
        limits.append(hours(rhythm, 13, LIVING, 70 + 30 * month))
    fresh = Rhythm(WallTime())
    live(fresh, 180, 40, nap=1.0)
    assert limits == sorted(limits, reverse=True)
    assert limits[3] < limits[0] * 0.7, "after three months"
    assert limits[6] == pytest.approx(hours(fresh, 13, LIVING, 220), rel=0.1)


def test_life_that_slows_is_learned_at_once(rhythm: Rhythm) -> None:
    live(rhythm, 40, nap=1.0)
    before = hours(rhythm, 13, LIVING, 40)
    live(rhythm, 3, 40, nap=2.5)
    assert hours(rhythm, 13, LIVING, 43) > max(2.5 * 1.3, before)


def test_one_silence_of_days_does_not_blind_for_months(rhythm: Rhythm) -> None:
    live(rhythm, 28)
    before = hours(rhythm, 13, LIVING, 28)
    at = MIDNIGHT + 28 * DAY + 13 * HOUR
    rhythm.learn(at, at + 2 * DAY, LIVING)
    after = hours(rhythm, 13, LIVING, 31)
    assert before < after < before * 2
    assert rhythm.usual(at + 3 * DAY, LIVING).longest == 2 * DAY


def test_long_absence_leads_back_to_the_standard(rhythm: Rhythm) -> None:
    live(rhythm, 28)
    before = hours(rhythm, 13, LIVING, 28)
    rhythm.see(MIDNIGHT + 58 * DAY, LIVING)
    month = hours(rhythm, 13, LIVING, 58)
    rhythm.see(MIDNIGHT + 208 * DAY, LIVING)
    assert before < month < hours(rhythm, 13, LIVING, 208) == pytest.approx(5)


def test_what_teaches_nothing(rhythm: Rhythm) -> None:
    live(rhythm, 10)
    kept = rhythm.to_json()
    at = MIDNIGHT + 9 * DAY + 23.9 * HOUR + 6 * HOUR
    rhythm.learn(at, at + 59, KITCHEN)
    rhythm.learn(at, at + HOUR, NOWHERE)
    rhythm.see(at, NOWHERE)
    rhythm.learn(MIDNIGHT + HOUR, MIDNIGHT + 9 * HOUR, LIVING)
    assert rhythm.to_json() == kept


def test_two_watchers_teach_once() -> None:
    one, two = Rhythm(WallTime()), Rhythm(WallTime())
    for day in range(20):
        at = MIDNIGHT + day * DAY + 13 * HOUR
        one.learn(at, at + HOUR, LIVING)
        two.learn(at, at + HOUR, LIVING)
        two.learn(at, at + HOUR, LIVING)
    assert one.to_json() == two.to_json()


def test_it_tells_why(rhythm: Rhythm) -> None:
    live(rhythm, 20)
    at = MIDNIGHT + 20 * DAY + 13 * HOUR
    usual = rhythm.usual(at, LIVING)
    assert usual.limit == rhythm.limit(at, LIVING)
    assert usual.standard == 5 * HOUR
    assert 1.9 * HOUR < usual.longest <= 1.95 * HOUR
    assert 10 < usual.days < 20
    assert rhythm.days == pytest.approx(usual.days, abs=1)
    nothing = rhythm.usual(at, Location.SAUNA)
    assert (nothing.longest, nothing.days) == (0, 0)


def test_longest_silence_is_told_of_for_six_weeks(rhythm: Rhythm) -> None:
    live(rhythm, 20, nap=3.0)
    live(rhythm, 60, 20, nap=1.0)
    usual = rhythm.usual(MIDNIGHT + 80 * DAY + 13 * HOUR, LIVING)
    assert usual.longest < 1.4 * HOUR


def test_hours_are_those_of_the_wall() -> None:
    """The same life, two hours later in UTC, in a zone two hours ahead and over a change of clocks."""
    zone = WallTime(ZoneInfo("Europe/Stockholm"))
    here, there = Rhythm(WallTime()), Rhythm(zone)
    first = WallTime().day(1_774_000_000.0)
    for day in range(first, first + 25):
        for hour, minutes, place in ((9, 70, LIVING), (12, 5, KITCHEN), (22, 240, BEDROOM)):
            for rhythm, wall in ((here, here.wall), (there, zone)):
                at = wall.instant(day, hour * HOUR)
                rhythm.learn(at, at + minutes * MINUTE, place)
    for hour in range(24):
        for place in (LIVING, KITCHEN, BEDROOM):
            day = first + 25
            ours = here.limit(here.wall.instant(day, hour * HOUR), place)
            theirs = there.limit(zone.instant(day, hour * HOUR), place)
            assert ours == pytest.approx(theirs)


def test_it_is_small(rhythm: Rhythm) -> None:
    places = [*Location, BED, CHAIR]
    for day in range(100):
        for number, place in enumerate(places):
            at = MIDNIGHT + day * DAY + number * 1.2 * HOUR
            rhythm.learn(at, at + HOUR, place)
    size = len(json.dumps(rhythm.to_json(), separators=(",", ":")))
    assert size < 1024 * len(places)
    live_in = Rhythm(WallTime())
    live(live_in, 100)
    assert len(json.dumps(live_in.to_json(), separators=(",", ":"))) < 3072


PLACES = st.sampled_from([KITCHEN, LIVING, BEDROOM, BED, CHAIR])
STORY = st.lists(st.tuples(st.floats(60, 12 * HOUR), PLACES), max_size=60)


def _tell(rhythm: Rhythm, story: list[tuple[float, str]]) -> float:
    at = MIDNIGHT
    for length, place in story:
        rhythm.learn(at, at + length, place)
        at += length + 2 * HOUR
    return at


@settings(max_examples=100, deadline=None)
@given(STORY, PLACES, st.floats(0, 24))
def test_limits_are_sane_and_survive_being_kept(
    story: list[tuple[float, str]], place: str, clock: float
) -> None:
    rhythm = Rhythm(WallTime())
    at = _tell(rhythm, story) + clock * HOUR
    limit = rhythm.limit(at, place)
    assert MINUTE < limit < 3 * DAY
    again = Rhythm.from_json(WallTime(), json.loads(json.dumps(rhythm.to_json())))
    assert again.limit(at, place) == pytest.approx(limit, rel=0.01)
    assert again.usual(at, place).longest == rhythm.usual(at, place).longest


@settings(max_examples=100, deadline=None)
@given(STORY, st.floats(0, 24), st.floats(1.5, 6))
def test_longer_silences_never_make_the_homes_limit_shorter(
    story: list[tuple[float, str]], clock: float, times: float
) -> None:
    one, other = Rhythm(WallTime()), Rhythm(WallTime())
    at = MIDNIGHT
    for length, place in story:
        one.learn(at, at + length, place)
        other.learn(at, at + length * times, place)
        at += 4 * DAY / 24 + length * times
    after = at + clock * HOUR
    assert other.limit(after, NOWHERE) >= one.limit(after, NOWHERE) * 0.999


def _spoil(key: str, value: object) -> Callable[[dict[str, object]], None]:
    return lambda raw: raw.update({key: value})


@pytest.mark.parametrize(
    "spoil",
    [
        _spoil("days", "many"),
        _spoil("days", -1),
        _spoil("days", math.nan),
        _spoil("day", True),
        _spoil("places", [1]),
        _spoil("places", {"kitchen": 3}),
        _spoil("places", {"kitchen": {"weight": [1.0]}}),
    ],
)
def test_what_is_no_rhythm_is_refused(
    rhythm: Rhythm, spoil: Callable[[dict[str, object]], None]
) -> None:
    live(rhythm, 3)
    raw: dict[str, object] = dict(rhythm.to_json())
    spoil(raw)
    with pytest.raises(ValueError, match=r"."):
        Rhythm.from_json(WallTime(), raw)


def test_nothing_kept_is_nothing_learned(rhythm: Rhythm) -> None:
    assert Rhythm.from_json(WallTime(), {}).to_json() == rhythm.to_json()
    with pytest.raises(ValueError, match="mapping"):
        Rhythm.from_json(WallTime(), [])


def test_place_of_a_later_release_is_passed_over(rhythm: Rhythm) -> None:
    live(rhythm, 3)
    raw = json.loads(json.dumps(rhythm.to_json()))
    raw["places"]["winter_garden"] = {"anything": 1}
    assert Rhythm.from_json(WallTime(), raw).to_json() == rhythm.to_json()


def test_budget_decides_how_near_the_limit_comes(
    rhythm: Rhythm, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(rhythm, 28)
    before = hours(rhythm, 13, LIVING, 28)
    monkeypatch.setattr(rhythm_module, "BUDGET", 0.1)
    assert hours(rhythm, 13, LIVING, 28) > before
