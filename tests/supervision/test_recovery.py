"""S3, S1: restarts at any instant, with any down-time."""

from dataclasses import dataclass

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.supervision.consent import Consent
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.keeping import (
    ALIVE,
    CONSENTS,
    HOUSEHOLD,
    PRESENCE,
    RHYTHM,
    Row,
)
from custom_components.kvarbo.supervision.recovery import LEAST_WAIT, WATCHED_DOWN_TIME, resume
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.settings import Json
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE
from tests.supervision.making import DOOR, FRONT, HALL, START, STILLNESS, DoorLeft, Home

LIMIT = 30 * MINUTE
downs = st.one_of(
    st.floats(min_value=0, max_value=WATCHED_DOWN_TIME),
    st.floats(min_value=WATCHED_DOWN_TIME, max_value=3 * DAY),
)
warnings = st.sampled_from([0.0, 60.0, 300.0])


@dataclass
class Killed:
    """A door left open at `opened`, the time since the home last lived, and the home afterwards."""

    opened: float
    down: float
    after: Home


def open_door(warning: float, lived: float, down: float) -> Killed:
    home = Home()
    home.enrol(DOOR, limit=LIMIT, warning=warning)
    home.supervisor.alive()
    home.pass_by(5 * MINUTE)
    home.says(FRONT, Reading.ACTIVE)
    opened = home.at
    home.pass_by(lived)
    # The home has said that it lives within the last minute; a crash comes at any instant of it.
    after, resumed = home.killed(down)
    alive = home.paper.rows[ALIVE].state
    assert isinstance(alive, float)
    away_for = after.at - alive
    assert (resumed.blind_from is not None) == (away_for > WATCHED_DOWN_TIME)
    assert resumed.broken == ()
    if resumed.blind_from is not None:
        assert (resumed.blind_from, resumed.blind_to) == (alive, after.at)
    return Killed(opened, away_for, after)


@given(warnings, st.floats(min_value=0, max_value=LIMIT - 1), downs)
def test_an_open_cause_alarms_after_a_restart_neither_early_nor_late(
    warning: float, lived: float, down: float
) -> None:
    killed = open_door(warning, lived, down)
    after, deadline = killed.after, killed.opened + LIMIT
    resumed_at = after.at
    after.pass_by(LIMIT + HOUR)
    at = after.alarms[0].at
    assert len(after.alarms) == 1
    assert at >= deadline
    # A tenth of a second for what floats lose.
    assert at <= deadline + killed.down + 0.1
    if killed.down > WATCHED_DOWN_TIME:
        assert at == pytest.approx(deadline + killed.down, abs=0.1)
    elif resumed_at < deadline - warning:
        assert at == deadline
    assert after.alarms[0].since == killed.opened


@given(warnings, st.floats(min_value=0, max_value=LIMIT - 1), downs)
def test_a_warning_comes_before_the_alarm_also_after_a_restart(
    warning: float, lived: float, down: float
) -> None:
    killed = open_door(warning, lived, down)
    before_crash = lived >= LIMIT - warning
    resumed_at = killed.after.at
    killed.after.pass_by(LIMIT + HOUR)
    told = killed.after.told
    warned = [at for what, at in told if what is Told.WARNED]
    (fired,) = [at for what, at in told if what is Told.ALARMED]
    assert warned or before_crash or not warning
    if warned and killed.down <= WATCHED_DOWN_TIME:
        latest = killed.opened + LIMIT + killed.down
        assert fired - warned[0] >= min(warning, latest - resumed_at) - 0.1


@given(warnings, st.floats(min_value=0, max_value=LIMIT - 1), downs)
def test_the_way_back_after_a_restart_is_no_alarm(
    warning: float, lived: float, down: float
) -> None:
    killed = open_door(warning, lived, down)
    after = killed.after
    overdue_by = after.at - (killed.opened + LIMIT)
    assert after.alarms == [] or overdue_by >= 0
    if after.alarms:
        return
    after.says(FRONT, Reading.IDLE)
    after.pass_by(DAY)
    assert after.alarms == []


def test_an_overdue_alarm_waits_for_what_the_sensors_say_first() -> None:
    killed = open_door(0.0, LIMIT - 60, 10 * MINUTE)
    assert killed.after.alarms == []
    killed.after.pass_by(LEAST_WAIT - 1)
    assert killed.after.alarms == []
    killed.after.pass_by(1)
    assert len(killed.after.alarms) == 1


@given(st.floats(min_value=0, max_value=2 * HOUR), downs)
def test_a_home_without_a_cause_alarms_at_no_restart(lived: float, down: float) -> None:
    home = Home()
    home.enrol(DOOR, limit=LIMIT)
    home.supervisor.alive()
    home.pass_by(lived)
    after, _ = home.killed(down)
    after.pass_by(DAY)
    assert after.told == []


@given(st.lists(st.floats(min_value=1, max_value=3000), max_size=6), downs)
def test_a_sliding_deadline_is_never_earlier_than_without_the_crash(
    gaps: list[float], down: float
) -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.supervisor.alive()
    home.pass_by(1)
    for gap in gaps:
        home.moves(after=gap)
    silent_since = home.at if gaps else START
    after, _ = home.killed(down)
    after.pass_by(2 * HOUR + down)
    (alarm,) = after.alarms
    # Up to a minute of life may not have been written; recovery gives back what was down-time of it.
    assert alarm.at >= silent_since + HOUR - 60
    assert alarm.at <= silent_since + HOUR + 60 + down + 60 + 0.1


def test_somebody_who_stirred_just_before_the_crash_is_not_taken_for_still() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.supervisor.alive()
    home.pass_by(50 * MINUTE)
    home.moves(after=1)
    after, _ = home.killed(30)
    after.pass_by(50 * MINUTE)
    assert after.alarms == []
    after.pass_by(20 * MINUTE)
    assert len(after.alarms) == 1


def test_a_door_closed_just_before_the_crash_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home()
    home.enrol(DOOR, limit=LIMIT)
    home.supervisor.alive()
    home.says(FRONT, Reading.ACTIVE)
    home.says(FRONT, Reading.IDLE, after=MINUTE)
    after, _ = home.killed(30, known=False)
    # Nobody says again that it is closed.
    monkeypatch.setattr(DoorLeft, "hears_ghosts", False)
    after.says(FRONT, Reading.IDLE)
    after.pass_by(DAY)
    assert after.told == []


@given(st.integers(min_value=1, max_value=12), st.floats(min_value=1, max_value=60))
def test_a_home_that_crashes_again_and_again_still_alarms(times: int, down: float) -> None:
    home = Home()
    home.enrol(DOOR, limit=HOUR)
    home.supervisor.alive()
    home.says(FRONT, Reading.ACTIVE)
    opened = home.at
    for _ in range(times):
        home.pass_by(61)
        home, resumed = home.killed(down)
        assert resumed.blind_from is None
    home.pass_by(2 * HOUR)
    assert [alarm.at for alarm in home.alarms] == [opened + HOUR]


@given(st.floats(min_value=0, max_value=600), st.floats(min_value=0, max_value=120))
def test_sensors_that_come_late_after_a_start_add_only_that_time(down: float, late: float) -> None:
    home = Home()
    home.enrol(DOOR, limit=HOUR)
    home.supervisor.alive()
    home.says(FRONT, Reading.ACTIVE)
    opened = home.at
    home.pass_by(10 * MINUTE)
    after, _ = home.killed(down, known=False)
    slot = after.supervisor.slots[DOOR]
    assert slot.standing is Standing.BLIND
    after.pass_by(late)
    after.says(FRONT, Reading.ACTIVE)
    after.pass_by(2 * HOUR)
    ((_, at),) = after.told
    assert at == pytest.approx(opened + HOUR + late, abs=0.1)


def test_a_watcher_that_was_blind_at_the_crash_counts_its_blindness_once() -> None:
    home = Home()
    home.enrol(DOOR, limit=HOUR)
    home.supervisor.alive()
    home.says(FRONT, Reading.ACTIVE)
    opened = home.at
    home.pass_by(10 * MINUTE)
    home.says(FRONT, Reading.UNKNOWN)
    home.pass_by(10 * MINUTE)
    after, _ = home.killed(HOUR, known=False)
    after.pass_by(10 * MINUTE)
    after.says(FRONT, Reading.ACTIVE)
    after.pass_by(3 * HOUR)
    ((_, at),) = after.told
    assert at == pytest.approx(opened + HOUR + 80 * MINUTE, abs=0.1)


def test_settings_and_standing_are_as_they_were() -> None:
    home = Home()
    home.enrol(limit=2 * HOUR, warning=120)
    home.house.resident(1).away_since = home.at
    home.supervisor.restand(home.at)
    home.paper.keep([Row(HOUSEHOLD, None, {"1": {"away_since": home.at}})])
    after, _ = home.killed(60)
    slot = after.supervisor.slots[STILLNESS]
    assert slot.to_json() == home.supervisor.slots[STILLNESS].to_json()
    assert slot.standing is Standing.AWAY
    assert after.told == []


def test_consents_are_recovered_before_anything_arms() -> None:
    home = Home()
    home.enrol()
    home.paper.keep([Row(CONSENTS, None, home.consents.to_json())])
    after = Home(consented=False, known=False, paper=home.paper)
    resume(after.supervisor, list(home.paper.rows.values()), after.at)
    assert after.consents.held() == home.consents.held()
    after.all_idle()
    assert after.supervisor.slots[STILLNESS].standing is Standing.WATCHING
    home.consents.give(WatcherKind.INACTIVITY, 1, Consent("not_established", "coordinator", 0))
    other = Home(consented=False, paper=home.paper)
    home.paper.keep([Row(CONSENTS, None, home.consents.to_json())])
    resume(other.supervisor, list(home.paper.rows.values()), other.at)
    assert other.supervisor.slots[STILLNESS].standing is Standing.NO_CONSENT


def test_presence_and_rhythm_come_back() -> None:
    home = Home()
    home.enrol()
    home.moves(after=60)
    house = home.house
    home.paper.keep(
        [
            Row(PRESENCE, None, house.presence.to_json()),
            Row(f"{RHYTHM}/1", None, house.rhythm(1).to_json()),
        ]
    )
    after, resumed = home.killed(60)
    assert resumed.broken == ()
    assert after.house.presence.to_json() == house.presence.to_json()
    assert set(after.house.rhythms) == {1}


@pytest.mark.parametrize(
    ("key", "state"),
    [
        ("inactivity/1/", "no mapping"),
        ("inactivity/1/", {"settings": {"limit": "never"}}),
        ("inactivity/1/", {"settings": {}, "options": {"owner": "nobody"}}),
        ("lift/0/", {}),
        ("no watcher", {}),
        ("inactivity/x/", {}),
        (HOUSEHOLD, "no mapping"),
        (HOUSEHOLD, {"x": {}}),
        (HOUSEHOLD, {"1": 5}),
        (PRESENCE, "no mapping"),
        (f"{RHYTHM}/x", {}),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_live(key: str, state: Json) -> None:
    home = Home()
    home.enrol(DOOR)
    home.paper.keep([Row(key, None, state)])
    after, resumed = home.killed(60)
    assert resumed.broken == (key,)
    assert set(after.supervisor.slots) == {DOOR}


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "asleep"},
        {"alarm_at": float("nan")},
        {"alarm_at": "soon"},
        {"since": None},
        {"ran": 1},
        {"unanswered": {}},
        {"seen_in": ["hall"]},
        {"seen_in": "moon"},
    ],
)
def test_a_state_that_cannot_be_is_no_state(change: dict[str, Json]) -> None:
    home = Home()
    home.enrol(DOOR)
    state = home.paper.rows[str(DOOR)].state
    assert isinstance(state, dict)
    inner = state["state"]
    assert isinstance(inner, dict)
    home.paper.keep([Row(str(DOOR), None, {**state, "state": {**inner, **change}})])
    _, resumed = home.killed(60)
    assert resumed.broken == (str(DOOR),)


def test_a_later_release_may_have_kept_more() -> None:
    home = Home()
    home.enrol(DOOR)
    state = home.paper.rows[str(DOOR)].state
    assert isinstance(state, dict)
    home.paper.keep([Row(str(DOOR), None, {**state, "more": 1})])
    after, resumed = home.killed(60)
    assert resumed.broken == ()
    assert after.supervisor.slots[DOOR].standing is Standing.WATCHING


def test_a_home_that_has_kept_nothing_begins_anew() -> None:
    home = Home()
    resumed = resume(home.supervisor, [], home.at)
    assert (resumed.blind_from, resumed.broken) == (None, ())
    home.says(HALL, after=1)
    assert home.supervisor.slots == {}
