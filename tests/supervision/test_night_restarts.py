"""Restarts at any instant: what is kept of a watcher is all of it (S1, S3)."""

import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from tests.supervision.nights import (
    ACTIVE,
    BATHROOM,
    BED,
    BEDROOM,
    CHAIR,
    HALL,
    IDLE,
    KITCHEN,
    MOTION_ONLY,
    OK,
    UNKNOWN,
    WATCHERS,
    WITH_BED,
    Flat,
    again,
)

type Sensors = tuple[Sensor, ...]
type Settings = dict[str, Any]
type Steps = list[tuple[float, Sensor, Reading]]

PAUSES = st.sampled_from([2.0, 20.0, MINUTE, 4 * MINUTE, 11 * MINUTE, 35 * MINUTE, 3 * HOUR])
STEPS = st.lists(
    st.tuples(
        PAUSES,
        st.sampled_from([BED, BEDROOM, BATHROOM, KITCHEN, HALL, CHAIR, OK]),
        st.sampled_from([ACTIVE, ACTIVE, IDLE, UNKNOWN]),
    ),
    min_size=8,
    max_size=40,
)
NEED_NO_BED = {
    WatcherKind.NIGHT_ABSENCE,
    WatcherKind.NOT_UP,
    WatcherKind.BATHROOM_STAY,
    WatcherKind.ROAMING,
}
CASES = [
    (kind, sensors, settings)
    for kind in WATCHERS
    for sensors, settings in (
        (MOTION_ONLY, {}),
        (WITH_BED, {}),
        (
            WITH_BED,
            {"warning": 300.0}
            | ({"chair_counts_as_back": True} if kind is WatcherKind.NIGHT_ABSENCE else {})
            | ({"changes": 3} if kind is WatcherKind.ROAMING else {})
            | ({"longest": 2 * HOUR} if kind is WatcherKind.NO_BED_EXIT else {}),
        ),
    )
    if sensors is WITH_BED or kind in NEED_NO_BED
]


def made_anew(flat: Flat) -> None:
    """Put a new watcher in the place of the old one, made of what is kept of it."""
    old = flat.slot.watcher
    kept = json.loads(json.dumps(old.state.to_json()))
    state = old.state_type.from_json(kept)
    flat.slot.watcher = type(old)(old.identity, old.settings, old.house, state)


@pytest.mark.parametrize(("kind", "sensors", "told"), CASES)
@given(steps=STEPS)
@settings(max_examples=20, deadline=None)
def test_s3_a_watcher_made_anew_at_every_step_tells_the_same(
    kind: WatcherKind, sensors: Sensors, told: Settings, steps: Steps
) -> None:
    whole = Flat.with_watcher(kind, sensors, told)
    broken = Flat.with_watcher(kind, sensors, told)
    for flat in (whole, broken):
        flat.until(21)
        for pause, sensor, reading in steps:
            flat.says(sensor, reading, after=pause)
            if flat is broken:
                made_anew(flat)
        flat.pass_by(20 * HOUR)
    assert [h.verdict for h in broken.heard] == [h.verdict for h in whole.heard]


@pytest.mark.parametrize(("kind", "sensors", "told"), CASES)
@given(steps=STEPS, cut=st.integers(0, 39), down=st.sampled_from([0.0, 30.0, 600.0, 2 * HOUR]))
@settings(max_examples=12, deadline=None)
def test_s3_no_alarm_comes_earlier_or_only_because_of_a_restart(
    kind: WatcherKind, sensors: Sensors, told: Settings, steps: Steps, cut: int, down: float
) -> None:
    """Cut the power once, and let nothing be said afterwards: it may come later, never earlier."""
    cut = min(cut, len(steps))
    whole = Flat.with_watcher(kind, sensors, told)
    whole.until(21)
    for pause, sensor, reading in steps[:cut]:
        whole.says(sensor, reading, after=pause)
    whole.says(OK, IDLE)  # a press is no state that a restart finds again
    whole.pass_by(61)  # all that may be written late is written
    before = len(whole.alarms)
    flat = again(whole, down)
    flat.pass_by(12 * HOUR)
    whole.pass_by(12 * HOUR + down)
    expected = whole.alarms[before:]
    assert len(flat.alarms) <= len(expected)
    assert all(late.at >= alarm.at for late, alarm in zip(flat.alarms, expected, strict=False))


def test_the_steps_reach_alarms() -> None:
    """The properties above would say nothing of watchers that never alarm."""
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE)
    flat.until(22)
    for pause, sensor, reading in ((2.0, BED, ACTIVE), (3 * HOUR, BED, IDLE)):
        flat.says(sensor, reading, after=pause)
    made_anew(flat)
    flat.pass_by(HOUR)
    assert len(flat.alarms) == 1
