"""Faults of single devices, several at a time."""

from custom_components.kvarbo.supervision.device_faults import DeviceState
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.silence import SensorSilent
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.watcher import Touch

from .making import START, Home

RULE = Identity(WatcherKind.SENSOR_SILENT)


def watcher() -> SensorSilent:
    it = Home(kinds={WatcherKind.SENSOR_SILENT: SensorSilent})
    made = it.enrol(RULE).watcher
    assert isinstance(made, SensorSilent)
    return made


def told(by: SensorSilent) -> list[tuple[Told, int, FaultKind | None]]:
    return [(v.told, v.sensor, v.fault) for v in by.verdicts]


def test_each_device_has_a_fault_of_its_own_and_is_told_once() -> None:
    it = watcher()
    assert it.set_fault(START, FaultKind.SILENT, 1) is Touch.NOW
    assert it.set_fault(START, FaultKind.SILENT, 1) is Touch.NOTHING
    assert it.set_fault(START, FaultKind.SILENT, 2) is Touch.NOW
    assert it.set_fault(START, None, 1) is Touch.NOW
    assert it.set_fault(START, None, 1) is Touch.NOTHING
    assert told(it) == [
        (Told.FAULT, 1, FaultKind.SILENT),
        (Told.FAULT, 2, FaultKind.SILENT),
        (Told.MENDED, 1, FaultKind.SILENT),
    ]


def test_another_fault_of_one_device_takes_the_place_of_the_first() -> None:
    it = watcher()
    it.set_fault(START, FaultKind.SILENT, 1)
    it.set_fault(START + 1, FaultKind.MISFIT, 1)
    it.set_fault(START + 2, None)
    assert told(it) == [
        (Told.FAULT, 1, FaultKind.SILENT),
        (Told.MENDED, 1, FaultKind.SILENT),
        (Told.FAULT, 1, FaultKind.MISFIT),
        (Told.MENDED, 1, FaultKind.MISFIT),
    ]
    assert [v.since for v in it.verdicts] == [START, START, START + 1, START + 1]


def test_faults_survive_being_kept() -> None:
    state = DeviceState(faults={3: ["silent", START]})
    assert state.to_json()["faults"] == {"3": ["silent", START]}
    assert DeviceState.from_json(state.to_json()) == state
