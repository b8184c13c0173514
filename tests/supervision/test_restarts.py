"""Every real watcher over a crash at any instant of made-up days (S3)."""

from bisect import bisect_right
from typing import Final

from hypothesis import given, settings, strategies as st

from custom_components.kvarbo.supervision.catalogue import KINDS, rule_of
from custom_components.kvarbo.supervision.keeping import PRESENCE, RHYTHM, Row
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.recovery import WATCHED_DOWN_TIME
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR
from tests.supervision.days import SENSORS, made_up_days
from tests.supervision.making import OPTIONS, Home

MIDNIGHT: Final = 1_768_867_200.0
DAYS: Final = 3
#: After a crash a home is looked at for so long.
AFTER: Final = 12 * HOUR

type Alarms = list[tuple[str, float]]


def lives(home: Home, events: list[Event], until: float) -> None:
    for at, number, reading in events:
        home.supervisor.observe(at, number, reading)
    home.at = until
    home.supervisor.advance(until)


def new_home() -> Home:
    home = Home(MIDNIGHT, sensors=SENSORS, kinds=KINDS)
    for kind in KINDS:
        rule = rule_of(kind)
        home.supervisor.enrol(rule.identity, rule.settings, OPTIONS, MIDNIGHT)
    home.supervisor.alive()
    return home


def alarms(home: Home, since: float) -> Alarms:
    return [
        (str(h.identity), h.verdict.at)
        for h in home.heard
        if h.verdict.told is Told.ALARMED and h.verdict.at >= since
    ]


def keep_learned(home: Home) -> None:
    """Keep what a living home keeps now and then."""
    rows = [Row(PRESENCE, None, home.house.presence.to_json())]
    rows += [Row(f"{RHYTHM}/{n}", None, r.to_json()) for n, r in home.house.rhythms.items()]
    home.paper.keep(rows)


def crashed(seed: int, place: int, into: float, down: float) -> tuple[Alarms, Alarms, float, float]:
    """Return the alarms after an instant with and without a crash at it, the instant, the down-time.

    Nothing happens in the home while it is down: the crash lies between two events.
    """
    events = made_up_days(MIDNIGHT, DAYS, seed)
    index = place % (len(events) - 1)
    before, after = events[index][0], events[index + 1][0]
    at = before + (after - before) * into
    down = min(down, after - at)
    index = bisect_right([event[0] for event in events], at)
    until = at + down + AFTER
    rest = [event for event in events[index:] if event[0] < until]
    lived = new_home()
    lives(lived, [*events[:index], *rest], until)
    died = new_home()
    lives(died, events[:index], at)
    keep_learned(died)
    home, _ = died.killed(down)
    lives(home, rest, until)
    return alarms(lived, at), alarms(home, at), at, down


def counterpart(alarm: tuple[str, float], among: Alarms, early: float, late: float) -> bool:
    who, at = alarm
    return any(w == who and at - early <= t <= at + late for w, t in among)


places = st.integers(min_value=0, max_value=10_000)
shares = st.floats(min_value=0.01, max_value=0.99)


@given(
    st.integers(1, 500), places, shares, st.floats(min_value=0, max_value=WATCHED_DOWN_TIME - 61)
)
@settings(max_examples=12, deadline=None)
def test_a_short_crash_takes_no_alarm_away_and_makes_none(
    seed: int, place: int, into: float, down: float
) -> None:
    lived, home, _, down = crashed(seed, place, into, down)
    for alarm in home:
        # Up to a minute of life may not have been written (S3).
        assert counterpart(alarm, lived, early=down + 61, late=61)
    for alarm in lived:
        assert counterpart(alarm, home, early=61, late=down + 61)


@given(st.integers(1, 500), places, shares, st.floats(min_value=WATCHED_DOWN_TIME, max_value=DAY))
@settings(max_examples=12, deadline=None)
def test_no_alarm_comes_of_a_long_crash_alone(
    seed: int, place: int, into: float, down: float
) -> None:
    lived, home, at, _ = crashed(seed, place, into, down)
    for alarm in home:
        assert counterpart(alarm, lived, early=alarm[1] - at, late=61)


def test_the_sensors_of_the_made_up_home_say_something_else_each() -> None:
    said = {(number, reading) for _, number, reading in made_up_days(MIDNIGHT, DAYS, 1)}
    assert {number for number, _ in said} == {sensor.number for sensor in SENSORS}
    assert {reading for _, reading in said} == {Reading.ACTIVE, Reading.IDLE}
