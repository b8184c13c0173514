"""A device that is silent, flat, badly reached or opened is noticed within its own interval (F10, R35)."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.devices.vitals import (
    CHARGED,
    DAYS_LEFT,
    FACTOR,
    KNOWN_AFTER,
    LEAST,
    LOW,
    MOST,
    UNAVAILABLE,
    Ailment,
    Signs,
    Vitals,
)

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def lived(vitals: Vitals, hours: float, every: float, *, start: float = 0.0, **signs: Any) -> float:
    """Look each minute for so long while the device is heard so often (seconds); return its last stamp."""
    stamp = start
    for minute in range(int(hours * 60)):
        if minute * MINUTE % every == 0:
            stamp += 1
        vitals.look(Signs(heard=stamp, **signs), MINUTE)
    return stamp


def missed_after(vitals: Vitals, stamp: float) -> float:
    """Return after how many seconds of silence it is missed."""
    for minute in range(1, int(MOST / MINUTE) + 10):
        if Ailment.SILENT in vitals.look(Signs(heard=stamp), MINUTE):
            return minute * MINUTE
    raise AssertionError("it is never missed")


@pytest.mark.parametrize(
    ("every", "limit"),
    [(5 * MINUTE, LEAST), (50 * MINUTE, FACTOR * 49 * MINUTE), (6 * HOUR, FACTOR * 359 * MINUTE)],
)
def test_it_is_missed_after_its_own_interval(every: float, limit: float) -> None:
    vitals = Vitals()
    stamp = lived(vitals, 24 * 6, every)
    assert Ailment.SILENT not in vitals.ailments
    quiet = missed_after(vitals, stamp) + vitals.quiet - vitals.quiet
    assert vitals.quiet == pytest.approx(limit, abs=2 * MINUTE)
    assert quiet <= limit + 2 * MINUTE
    assert vitals.look(Signs(heard=stamp + 1), MINUTE) == frozenset()


def test_one_of_which_little_is_known_is_missed_within_a_day_and_an_hour() -> None:
    vitals = Vitals()
    assert missed_after(vitals, 1.0) == pytest.approx(MOST, abs=3 * MINUTE)
    assert vitals.gaps < KNOWN_AFTER


def test_a_hub_that_was_off_has_missed_nobody() -> None:
    vitals = Vitals()
    stamp = lived(vitals, 24 * 3, 50 * MINUTE)
    vitals.look(Signs(heard=stamp), MINUTE)
    # Days later by the clock, and a moment later by what was looked at.
    again = Vitals.from_json(json.loads(json.dumps(vitals.to_json())))
    assert again == vitals
    assert again.look(Signs(heard=stamp), MINUTE) == frozenset()


def test_a_silence_is_no_interval() -> None:
    vitals = Vitals()
    stamp = lived(vitals, 24 * 3, 5 * MINUTE)
    for _ in range(int(3 * DAY / MINUTE)):
        vitals.look(Signs(heard=stamp), MINUTE)
    assert Ailment.SILENT in vitals.ailments
    vitals.look(Signs(heard=stamp + 1), MINUTE)
    assert vitals.limit == LEAST


def test_one_whose_radio_tells_nothing_is_missed_by_its_absence_alone() -> None:
    vitals = Vitals()
    for _ in range(int(UNAVAILABLE / MINUTE)):
        assert vitals.look(Signs(is_available=False), MINUTE) == frozenset()
    assert vitals.look(Signs(is_available=False), MINUTE) == {Ailment.SILENT}
    assert vitals.look(Signs(), MINUTE) == frozenset()
    for _ in range(int(3 * DAY / MINUTE)):
        assert vitals.look(Signs(), MINUTE) == frozenset()


def test_a_battery_is_low_until_it_is_well_again() -> None:
    vitals = Vitals()
    said = {
        charge: Ailment.BATTERY in vitals.look(Signs(battery=charge), MINUTE)
        for charge in (80.0, LOW + 1, LOW, LOW + 1.5, CHARGED, CHARGED + 1)
    }
    assert list(said.values()) == [False, False, True, True, True, False]
    assert vitals.look(Signs(low=True), MINUTE) == {Ailment.BATTERY}


def test_a_battery_that_falls_is_told_two_weeks_before_its_end() -> None:
    vitals = Vitals()
    told: float | None = None
    for day in range(120):
        charge = 100.0 - 1.5 * day
        if charge <= LOW:
            break
        if Ailment.BATTERY in vitals.look(Signs(battery=charge), DAY) and told is None:
            told = charge / 1.5
    assert told == pytest.approx(DAYS_LEFT, abs=1)
    # A new one makes it well at once, and nothing is foretold from the old one.
    assert vitals.look(Signs(battery=100.0), DAY) == frozenset()
    assert vitals.days_left is None


def test_a_battery_that_stands_still_is_no_end() -> None:
    vitals = Vitals()
    for day in range(40):
        assert vitals.look(Signs(battery=45.0 - (day % 2) / 10), DAY) == frozenset()
    assert vitals.days_left is None


@pytest.mark.parametrize(
    ("good", "bad"), [({"lqi": 200.0}, {"lqi": 10.0}), ({"rssi": -60.0}, {"rssi": -99.0})]
)
def test_a_link_is_weak_by_its_mean_and_not_by_one_hearing(
    good: dict[str, Any], bad: dict[str, Any]
) -> None:
    vitals = Vitals()
    for stamp in range(40):
        vitals.look(Signs(heard=stamp, **good), MINUTE)
    assert vitals.look(Signs(heard=100.0, **bad), MINUTE) == frozenset()
    for stamp in range(200, 300):
        vitals.look(Signs(heard=stamp, **bad), MINUTE)
    assert vitals.ailments == {Ailment.WEAK}
    for stamp in range(300, 400):
        vitals.look(Signs(heard=stamp, **good), MINUTE)
    assert vitals.ailments == frozenset()


def test_what_it_says_of_itself_stands_as_long_as_it_says_it() -> None:
    vitals = Vitals()
    assert vitals.look(Signs(tamper=True, trouble=True), MINUTE) == {
        Ailment.TAMPER,
        Ailment.TROUBLE,
    }
    assert vitals.look(Signs(), MINUTE) == frozenset()


def test_what_has_no_power_is_told_after_a_quarter_of_an_hour_of_looking() -> None:
    vitals = Vitals()
    for _ in range(14):
        assert vitals.look(Signs(dark=True), MINUTE) == frozenset()
    # A moment of power begins anew.
    vitals.look(Signs(), MINUTE)
    for _ in range(14):
        assert vitals.look(Signs(dark=True), MINUTE) == frozenset()
    assert vitals.look(Signs(dark=True), MINUTE) == {Ailment.DARK}
    assert vitals.look(Signs(dark=True), 0.0) == {Ailment.DARK}
    assert vitals.look(Signs(), MINUTE) == frozenset()


def fades(vitals: Vitals) -> bool:
    return vitals.is_fading


def linked(vitals: Vitals, days: int, of: str, link: float) -> None:
    for _ in range(days * 24):
        heard = vitals.looked
        signs = Signs(heard=heard, lqi=link) if of == "lqi" else Signs(heard=heard, rssi=link)
        vitals.look(signs, HOUR)


@pytest.mark.parametrize(
    ("of", "good", "little", "much"),
    [("lqi", 200.0, 150.0, 130.0), ("rssi", -60.0, -68.0, -71.0)],
)
def test_a_link_that_has_become_much_worse_is_fading_until_that_is_how_it_is(
    of: str, good: float, little: float, much: float
) -> None:
    vitals = Vitals()
    linked(vitals, 9, of, good)
    assert vitals.to_json()["links"]
    assert not fades(vitals)
    linked(vitals, 2, of, good)
    assert vitals.link_change == pytest.approx(0)
    linked(vitals, 1, of, much)
    assert not fades(vitals), "one bad day"
    linked(vitals, 3, of, much)
    assert fades(vitals)
    assert vitals.ailments == frozenset(), "it is well enough still"
    assert vitals.link_change == pytest.approx(much - good, abs=2)
    linked(vitals, 20, of, much)
    assert not fades(vitals), "that is how it is now"

    slight = Vitals()
    linked(slight, 12, of, good)
    linked(slight, 4, of, little)
    assert not slight.is_fading


def test_what_an_older_release_has_kept_is_taken_up() -> None:
    older = {k: v for k, v in Vitals(quiet=5.0).to_json().items() if k not in ("dark", "links")}
    assert Vitals.from_json(older) == Vitals(quiet=5.0)


SIGNS = st.builds(
    Signs,
    heard=st.none() | st.floats(0, 1e9),
    lqi=st.none() | st.floats(0, 255),
    rssi=st.none() | st.floats(-128, 0),
    battery=st.none() | st.floats(0, 100),
    low=st.booleans(),
    tamper=st.booleans(),
    trouble=st.booleans(),
    dark=st.booleans(),
    is_available=st.booleans(),
)


@given(st.lists(st.tuples(SIGNS, st.floats(0, 1e6)), max_size=40))
def test_what_is_kept_is_what_was_and_is_bounded(looks: list[tuple[Signs, float]]) -> None:
    vitals = Vitals()
    for signs, passed in looks:
        vitals.look(signs, passed)
        again = Vitals.from_json(json.loads(json.dumps(vitals.to_json())))
        assert again == vitals
        assert LEAST <= vitals.limit <= MOST
        assert len(vitals.longest) <= 14
        assert len(vitals.charges) <= 60
        assert len(vitals.links) <= 28


@pytest.mark.parametrize(
    "raw",
    [None, [], {}, {**Vitals().to_json(), "quiet": "x"}, {**Vitals().to_json(), "longest": 5}],
)
def test_what_is_none_of_it_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Vitals.from_json(raw)
