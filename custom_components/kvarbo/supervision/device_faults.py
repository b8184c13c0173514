"""Watchers that tell faults of single devices, several at a time (S4, R35)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, override

from .planned import Planned, PlannedState
from .stages import FaultKind, Told, Verdict
from .watcher import Touch, WatcherSettings


@dataclass(slots=True)
class DeviceState(PlannedState):
    """Beside what all keep: the open faults by sensor number, each its kind and its first instant."""

    faults: dict[int, list[Any]] = field(default_factory=dict)

    @classmethod
    @override
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; raises ValueError for what is none."""
        state = super().from_json(raw)
        state.faults = by_number(state.faults, _fault)
        return state


class DeviceWatcher[S: WatcherSettings, T: DeviceState](Planned[S, T]):
    """A watcher whose faults name a sensor. One fault at a time is open for each sensor."""

    __slots__ = ()

    def open_fault(
        self, at: float, number: int, fault: FaultKind, since: float, *, times: int = 0
    ) -> Touch:
        """Tell a sensor's fault once; `times` is the how manieth it is within 30 days."""
        faults = self.state.faults
        if (held := faults.get(number)) is not None:
            if held[0] == fault:
                return Touch.NOTHING
            self.mend(at, number)
        faults[number] = [str(fault), since]
        self._tell_of(Told.FAULT, at, number, faults[number], times=times)
        return Touch.NOW

    def mend(self, at: float, number: int) -> Touch:
        """Tell that a sensor's fault is gone, if one is open."""
        held = self.state.faults.pop(number, None)
        if held is None:
            return Touch.NOTHING
        self._tell_of(Told.MENDED, at, number, held)
        return Touch.NOW

    @override
    def set_fault(self, at: float, fault: FaultKind | None, sensor: int = 0) -> Touch:
        """Open a sensor's fault, or end its fault; with neither sensor nor fault: all of them."""
        if fault is not None:
            return self.open_fault(at, sensor, fault, at)
        touch = Touch.NOTHING
        for number in [sensor] if sensor else list(self.state.faults):
            touch = max(touch, self.mend(at, number))
        return touch

    def _tell_of(
        self, told: Told, at: float, number: int, held: list[Any], *, times: int = 0
    ) -> None:
        fault, since = FaultKind(held[0]), float(held[1])
        self.tell(Verdict(told=told, at=at, since=since, sensor=number, fault=fault, count=times))


def by_number[V](raw: object, read: Callable[[Any], V]) -> dict[int, V]:
    """Return a kept mapping with sensor numbers for keys; raises ValueError for what is none."""
    if not isinstance(raw, dict):
        raise ValueError("by number")
    try:
        return {int(key): read(value) for key, value in raw.items()}
    except TypeError as err:
        raise ValueError("by number") from err


def _fault(raw: object) -> list[Any]:
    match raw:
        case [str() as fault, int() | float() as since]:
            return [str(FaultKind(fault)), float(since)]
        case _:
            raise ValueError("fault")
