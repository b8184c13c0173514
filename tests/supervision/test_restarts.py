"""Every real watcher over a crash at any instant of made-up days and of simulated lives (S1, S3)."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from hypothesis import given, settings, strategies as st

from custom_components.kvarbo.supervision.catalogue import KINDS, rule_of
from custom_components.kvarbo.supervision.identity import Identity
from custom_components.kvarbo.supervision.keeping import ALIVE, PRESENCE, RHYTHM, Row
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.recovery import LEAST_WAIT, WATCHED_DOWN_TIME
from custom_components.kvarbo.supervision.sensing import GHOSTLY, Reading
from custom_components.kvarbo.supervision.settings import write_settings
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import Stage, Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR
from simulator.living import SCENES
from tests.supervision.days import SENSORS, made_up_days
from tests.supervision.dying import Lived, Tale, tale
from tests.supervision.lives import every_rule
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
    # Of its first minute a home may have nothing on disk: where somebody has been, least of all.
    first = bisect_right([event[0] for event in events], events[0][0] + 61)
    index = first + place % (len(events) - 1 - first)
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


# -- simulated lives, in which something happens ---------------------------------------------------


@dataclass(frozen=True)
class Crash:
    """A power cut in a tale: when, for how long, and what is left of the tale before and after it.

    What is said while the power is away is lost. `said` is what sensors show after it that they did
    not show before, but for what need not have happened since.
    """

    tale: Tale
    begin: float
    at: float
    down: float

    @classmethod
    def of(cls, seed: int, name: str, after_cause: float, down: float) -> Crash:
        """Cut the power so long after a scene's cause, at least a second after any event."""
        told = tale(seed, name)
        at = max(told.life.start + 60, told.cause + after_cause)
        instants = [event[0] for event in told.events]
        while (index := bisect_right(instants, at)) and at - instants[index - 1] < 1:
            at = instants[index - 1] + 1
        return cls(told, max(told.life.start, at - BEFORE), at, down)

    @property
    def now(self) -> float:
        """When the power is back."""
        return self.at + self.down

    @property
    def until(self) -> float:
        """How far the home is looked at afterwards."""
        return self.now + AFTER_IT

    def between(self, begin: float, end: float) -> list[Event]:
        return [event for event in self.tale.events if begin < event[0] <= end]

    def said(self) -> list[Event]:
        before, after = self.tale.readings(self.at), self.tale.readings(self.now)
        roles = {sensor.number: sensor.role for sensor in self.tale.sensors}
        return [
            (self.now, number, reading)
            for number, reading in after.items()
            if reading is not before[number]
            if roles[number] not in GHOSTLY
        ]

    def dies(self) -> tuple[Lived, Lived]:
        """Return the home as it stood at the cut, and the one that came after it."""
        home = Lived.new(self.tale, self.begin)
        home.live(self.between(self.begin, self.at), self.at, beats=True)
        again = home.cut(self.tale, self.at, self.down)
        again.live(self.between(self.now, self.until), self.until)
        return home, again

    def lives(self) -> list[Lived]:
        """Return homes that were never cut off: one that heard all, and one that was deaf then."""
        found = []
        for heard in (self.between(self.at, self.now), self.said()):
            home = Lived.new(self.tale, self.begin)
            home.live(self.between(self.begin, self.at), self.at)
            home.live([*heard, *self.between(self.now, self.until)], self.until)
            found.append(home)
        return found


def of_people(told: list[tuple[Identity, float]]) -> Alarms:
    return [(str(who), at) for who, at in told if KINDS[who.kind].alarm_kind is not None]


seeds = st.integers(1, 40)
scenes = st.sampled_from(list(SCENES))
into = st.floats(min_value=-6 * HOUR, max_value=13 * HOUR)
short = st.floats(min_value=0, max_value=WATCHED_DOWN_TIME - 61)
#: How long before the cut the home is new, and how long it is looked at afterwards.
BEFORE: Final = 16 * HOUR
AFTER_IT: Final = 14 * HOUR
WARNINGS: Final = {
    str(rule.identity): max(LEAST_WAIT, rule.settings.warning) for rule in every_rule()
}


@given(
    seeds, scenes, into, st.one_of(short, st.floats(min_value=WATCHED_DOWN_TIME, max_value=3 * DAY))
)
@settings(max_examples=12, deadline=None)
def test_no_alarm_comes_of_a_restart_alone(
    seed: int, name: str, after_cause: float, down: float
) -> None:
    """Nor sooner than without it by more than a minute, of any rule, in any scene (S3)."""
    crash = Crash.of(seed, name, after_cause, down)
    home, again = crash.dies()
    alarms = of_people(again.told(crash.now))
    others = crash.lives() if alarms else []
    unbroken = [alarm for other in others for alarm in of_people(other.told(crash.at - 1))]
    for who, at in alarms:
        # Of one that stood when the power went nobody is told a second time without a recovery.
        assert any(w == who and crash.at - 1 <= t <= at + 61 for w, t in unbroken), (who, at)
    assert again.was_blind == (crash.now - alive_at(home) > WATCHED_DOWN_TIME)


@given(seeds, scenes, into, short)
@settings(max_examples=12, deadline=None)
def test_no_alarm_is_lost_or_late_by_more_than_the_down_time(
    seed: int, name: str, after_cause: float, down: float
) -> None:
    """And a minute, and the warning in full (S3)."""
    crash = Crash.of(seed, name, after_cause, down)
    _, again = crash.dies()
    alive, unheard = crash.lives()
    deaf, alarms = of_people(unheard.told(crash.at - 1)), of_people(again.told(crash.now))
    ended = of_people(alive.told(crash.at, Told.RECOVERED))
    for who, at in of_people(alive.told(crash.at)):
        late = crash.down + WARNINGS[who] + 61
        both = [t for w, t in deaf if w == who and abs(t - at) <= late]
        latest = max([at, *both]) + late
        if not both or latest > crash.until:
            # Without what was said in the dark there is no such alarm; or it is yet to come.
            continue
        if not any(w == who and at <= t <= latest for w, t in ended):
            # What was said in the dark is not known: then the deaf home's time is the earliest.
            soon = min([at, *both]) - 61
            assert any(w == who and soon <= t <= latest for w, t in alarms), (who, at)


@given(seeds, scenes, into, st.floats(min_value=0, max_value=3 * DAY))
@settings(max_examples=12, deadline=None)
def test_nothing_that_was_kept_is_lost(
    seed: int, name: str, after_cause: float, down: float
) -> None:
    """Rules, settings, causes, stages and what waits for an answer stand as they were (S1, S8)."""
    crash = Crash.of(seed, name, after_cause, down)
    home, again = crash.dies()
    rows = {key: row.state for key, row in home.disk.rows.items() if not key.startswith("~")}
    assert set(rows) == {str(rule.identity) for rule in every_rule()}
    for key, raw in rows.items():
        assert isinstance(raw, dict)
        kept, taken = raw["state"], again.taken_up[key]
        assert isinstance(kept, dict)
        slot = again.home.supervisor.slots[Identity.parse(key)]
        assert write_settings(slot.watcher.settings) == raw["settings"]
        assert slot.options.to_json() == raw["options"]
        assert taken["unanswered"] == kept["unanswered"]
        if kept["stage"] == Stage.CALM:
            continue
        assert taken["since"] == kept["since"]
        assert (taken["stage"] == Stage.ALARMED) == (kept["stage"] == Stage.ALARMED)
        if kept["alarm_at"] is not None and raw["standing"] == Standing.WATCHING:
            assert isinstance(kept["alarm_at"], float)
            assert isinstance(taken["alarm_at"], float)
            dead = crash.now - alive_at(home)
            # A time in which nothing was seen is no stillness; a short one counts as watched (S3).
            least = kept["alarm_at"] + (dead if again.was_blind else 0)
            assert least <= taken["alarm_at"] + 1
            assert taken["alarm_at"] <= max(kept["alarm_at"] + max(dead, 60), crash.now) + 1


def alive_at(home: Lived) -> float:
    alive = home.disk.rows[ALIVE].state
    assert isinstance(alive, float)
    return alive


@given(st.integers(1, 6), st.floats(min_value=0.5, max_value=50))
@settings(max_examples=5, deadline=None)
def test_who_has_just_left_is_missed_after_a_crash(seed: int, after_cause: float) -> None:
    """The outing is on disk at once, and who seems to be in may not be older than it."""
    crash = Crash.of(seed, "leaves and does not return", after_cause, 200)
    _, again = crash.dies()
    missed = [at for who, at in of_people(again.told(crash.now)) if who == "not_returned/1/"]
    assert len(missed) == 1
    assert crash.tale.cause + 12 * HOUR - 1 <= missed[0] <= crash.now + 12 * HOUR + 61
