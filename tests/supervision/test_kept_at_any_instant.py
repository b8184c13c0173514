"""Nothing outside its state matters to a watcher: kept and read at every step it tells the same (S1)."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from typing import Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.check_in import CheckIn
from custom_components.kvarbo.supervision.door import DoorOpen
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.leaving import LeftHome, NotReturned
from custom_components.kvarbo.supervision.lift import Lift
from custom_components.kvarbo.supervision.medicine import Medicine
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.signals import FallSignal, Heat, LeftRoom, Water
from custom_components.kvarbo.supervision.silence import SensorBlind, SensorSilent
from custom_components.kvarbo.supervision.stages import Told, Verdict
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE
from custom_components.kvarbo.supervision.watcher import AnyWatcher

from .making import START, Home

_ROLES: Final = (
    (Role.MOTION, Location.HALLWAY),
    (Role.MOTION, Location.KITCHEN),
    (Role.EXIT_DOOR, Location.HALLWAY),
    (Role.EXIT_DOOR, Location.BACK_DOOR),
    (Role.BED, Location.BEDROOM),
    (Role.ITEM, Location.KITCHEN),
    (Role.DISPENSER, Location.KITCHEN),
    (Role.PLUG, Location.KITCHEN),
    (Role.CHECK_IN, Location.KITCHEN),
    (Role.LIFT, Location.BATHROOM),
    (Role.FALL_SENSOR, Location.BEDROOM),
    (Role.ROOM_SENSOR, Location.BEDROOM),
    (Role.WATER, Location.BATHROOM),
    (Role.HEAT, Location.KITCHEN),
)
SENSORS: Final = tuple(Sensor(n, role, room) for n, (role, room) in enumerate(_ROLES, 1))
KINDS: Final[Mapping[WatcherKind, type[AnyWatcher]]] = {
    kind.kind: kind
    for kind in (
        LeftHome,
        NotReturned,
        DoorOpen,
        Medicine,
        CheckIn,
        Lift,
        FallSignal,
        LeftRoom,
        Water,
        Heat,
        SensorSilent,
        SensorBlind,
    )
}
#: Settings under which hours suffice for what else takes days.
SETTINGS: Final[Mapping[WatcherKind, Mapping[str, object]]] = {
    WatcherKind.LEFT_HOME: {"warning": 60.0, "night_from": 0.0, "night_to": 0.0},
    WatcherKind.NOT_RETURNED: {"limit": HOUR, "home_by": 20 * HOUR, "stated_too": True},
    WatcherKind.DOOR_OPEN: {"warning": 120.0, "misfit_minutes": 1},
    WatcherKind.MEDICINE: {"times": tuple(h * HOUR for h in range(0, 24, 3)), "repeats": 2},
    WatcherKind.CHECK_IN: {"opens": 11 * HOUR, "by": 13 * HOUR},
    WatcherKind.LEFT_ROOM: {"begin": 11 * HOUR, "end": 23 * HOUR},
    WatcherKind.SENSOR_SILENT: {"learning": 1, "least": 600.0},
    WatcherKind.SENSOR_BLIND: {"learning": 10, "least": HOUR},
}


@dataclass(frozen=True)
class Step:
    after: float
    sensor: Sensor
    reading: Reading


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from([0.0, 1.0, 20.0, 2 * MINUTE, 9 * MINUTE, 31 * MINUTE, 2 * HOUR, 13 * HOUR]),
        st.sampled_from(SENSORS),
        st.sampled_from([Reading.ACTIVE] * 4 + [Reading.IDLE] * 3 + [Reading.UNKNOWN]),
    ),
    max_size=40,
)


def tells(kind: WatcherKind, stream: list[Step], *, kept: bool) -> list[Verdict]:
    it = Home(START, Dwelling(), SENSORS, KINDS)
    identity = Identity(kind)
    slot = it.enrol(identity, **SETTINGS.get(kind, {}))  # type: ignore[arg-type]
    for step in stream:
        if kept:
            old = slot.watcher
            row = json.loads(json.dumps(old.state.to_json()))
            state = old.state_type.from_json(row)
            slot.watcher = type(old)(identity, old.settings, it.house, state)
        it.says(step.sensor, step.reading, step.after)
    it.pass_by(DAY)
    return [h.verdict for h in it.heard]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(stream=steps)
def test_kept_and_read_at_every_step_it_tells_the_same(
    kind: WatcherKind, stream: list[Step]
) -> None:
    assert tells(kind, stream, kept=True) == tells(kind, stream, kept=False)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(stream=steps)
def test_what_was_told_of_ends_once_and_in_order(kind: WatcherKind, stream: list[Step]) -> None:
    stages = [
        v
        for v in tells(kind, stream, kept=False)
        if v.told in (Told.WARNED, Told.ALARMED, Told.RECOVERED)
    ]
    assert [v.at for v in stages] == sorted(v.at for v in stages)
    open_episodes: dict[str, Told] = {}
    for verdict in stages:
        before = open_episodes.get(verdict.episode)
        match verdict.told:
            case Told.WARNED:
                assert before in (None, Told.WARNED)
            case Told.ALARMED:
                assert before in (None, Told.WARNED)
            case _:
                assert before in (Told.WARNED, Told.ALARMED)
        if verdict.told is Told.RECOVERED:
            del open_episodes[verdict.episode]
        else:
            open_episodes[verdict.episode] = verdict.told


#: Whether somebody is out the home's presence says, which is kept by itself and in its own time.
_BY_ITSELF: Final = [
    kind
    for kind, watcher in KINDS.items()
    if watcher.alarm_kind and kind is not WatcherKind.NOT_RETURNED
]


@pytest.mark.parametrize("kind", _BY_ITSELF)
@settings(max_examples=25, deadline=None)
@given(stream=steps, killed=st.integers(0, 40))
def test_a_crash_without_down_time_loses_and_adds_no_alarm(
    kind: WatcherKind, stream: list[Step], killed: int
) -> None:
    it = Home(START, Dwelling(), SENSORS, KINDS)
    it.enrol(Identity(kind), **SETTINGS.get(kind, {}))  # type: ignore[arg-type]
    alarms = []
    for n, step in enumerate(stream):
        if n == killed:
            # What only moves later is on disk within a minute (S3).
            it.pass_by(MINUTE)
            alarms += it.alarms
            it, _ = it.killed()
        it.says(step.sensor, step.reading, step.after)
    it.pass_by(DAY)
    alarms += it.alarms
    whole = Home(START, Dwelling(), SENSORS, KINDS)
    whole.enrol(Identity(kind), **SETTINGS.get(kind, {}))  # type: ignore[arg-type]
    for n, step in enumerate(stream):
        if n == killed:
            whole.pass_by(MINUTE)
        whole.says(step.sensor, step.reading, step.after)
    whole.pass_by(DAY)
    assert [a.episode for a in alarms] == [a.episode for a in whole.alarms]
