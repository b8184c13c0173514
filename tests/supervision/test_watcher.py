"""The base of every watcher: faults that are told once, causes at once, limits that move."""

from typing import override

import pytest

from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.stages import FaultKind, Stage, Told
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from custom_components.kvarbo.supervision.watcher import Touch
from tests.supervision.making import DOOR, FRONT, START, DoorLeft, Home


class Patient(DoorLeft):
    """Finds, when its time has come, that the limit is later after all."""

    __slots__ = ()
    later: float | None = None

    @override
    def recheck(self, at: float) -> float | None:
        return self.later


def patient(monkeypatch: pytest.MonkeyPatch, later: float | None, warning: float) -> Home:
    monkeypatch.setattr(Patient, "later", later)
    home = Home(kinds={WatcherKind.DOOR_OPEN: Patient})
    home.enrol(DOOR, limit=HOUR, warning=warning)
    home.says(FRONT, Reading.ACTIVE)
    home.pass_by(5 * HOUR)
    return home


@pytest.mark.parametrize("warning", [0.0, 300.0])
def test_a_limit_that_is_later_after_all_moves_warning_and_alarm(
    monkeypatch: pytest.MonkeyPatch, warning: float
) -> None:
    home = patient(monkeypatch, START + 2 * HOUR, warning)
    warned = [(Told.WARNED, START + 2 * HOUR - warning)] if warning else []
    assert home.told == [*warned, (Told.ALARMED, START + 2 * HOUR)]


@pytest.mark.parametrize("later", [None, START + HOUR, START])
def test_a_limit_that_has_come_stays(monkeypatch: pytest.MonkeyPatch, later: float | None) -> None:
    home = patient(monkeypatch, later, 300)
    assert home.told == [(Told.WARNED, START + HOUR - 300), (Told.ALARMED, START + HOUR)]


def test_a_fault_is_told_once_and_its_end_once() -> None:
    home = Home()
    watcher = home.enrol(DOOR).watcher
    assert watcher.open_faults() == []
    assert watcher.set_fault(START, FaultKind.MISFIT, 3) is Touch.NOW
    assert watcher.set_fault(START + 1, FaultKind.MISFIT, 3) is Touch.NOTHING
    assert watcher.open_faults() == [(FaultKind.MISFIT, 3)]
    watcher.set_fault(START + 2, FaultKind.UNPLUGGED, 4)
    watcher.set_fault(START + 3, None)
    told = [(v.told, v.fault, v.since) for v in watcher.verdicts]
    assert told == [
        (Told.FAULT, FaultKind.MISFIT, START),
        (Told.MENDED, FaultKind.MISFIT, START),
        (Told.FAULT, FaultKind.UNPLUGGED, START + 2),
        (Told.MENDED, FaultKind.UNPLUGGED, START + 2),
    ]
    assert watcher.open_faults() == []


def test_a_signal_that_is_the_cause_alarms_at_once_and_once() -> None:
    home = Home()
    watcher = home.enrol(DOOR, warning=300).watcher
    assert watcher.fire(START + 5, START, seen_at=START - 1, sensor=3) is Touch.NOW
    assert watcher.fire(START + 6, START + 6) is Touch.NOTHING
    (alarm,) = watcher.verdicts
    assert (alarm.told, alarm.at, alarm.since, alarm.sensor) == (Told.ALARMED, START + 5, START, 3)
    assert watcher.state.stage is Stage.ALARMED
    assert watcher.verdict_of(Told.ALARMED, START + 9).since == START
    assert watcher.count(START + 7, START + 7, START + 60) is Touch.NOTHING


def test_a_cause_without_a_span_is_never_nearly_missed() -> None:
    home = Home()
    watcher = home.enrol(DOOR).watcher
    watcher.count(START, START, START)
    watcher.calm(START)
    assert watcher.verdicts == []
    assert watcher.calm(START) is Touch.NOTHING


@pytest.mark.parametrize(("hour", "quiet"), [(12, False), (23, True), (3, True)])
@pytest.mark.parametrize("at_night", [False, True])
def test_a_warning_by_night_is_dark_unless_chosen(hour: int, quiet: bool, at_night: bool) -> None:
    home = Home(START // 86400 * 86400 + hour * HOUR - HOUR)
    home.enrol(DOOR, limit=HOUR + MINUTE, warning=60, warn_at_night=at_night)
    home.says(FRONT, Reading.ACTIVE)
    home.pass_by(2 * HOUR)
    assert [h.verdict.quiet for h in home.heard] == [quiet and not at_night, False]


def test_only_so_many_unanswered_alarms_are_remembered() -> None:
    home = Home()
    watcher = home.enrol(DOOR, limit=MINUTE).watcher
    for _ in range(12):
        home.says(FRONT, Reading.ACTIVE, after=1)
        home.pass_by(MINUTE)
        home.says(FRONT, Reading.IDLE)
    assert watcher.state.unanswered == [alarm.episode for alarm in home.alarms[-8:]]
