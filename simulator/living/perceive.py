"""From what happens in a home to what its sensors say, with their hold times and faults."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
import heapq
from random import Random

from simulator.living.home import Device
from simulator.living.inhabitants import FOREVER
from simulator.living.sensed import Event, Value
from simulator.living.sensing import Sensing
from simulator.living.traces import Signal


def perceive(
    signals: Iterable[Signal],
    devices: Mapping[str, Device],
    sensing: Sensing,
    rng: Random,
    until: float,
) -> Iterator[Event]:
    """Tell what the sensors say.

    Args:
        signals: What happens, by start.
        devices: By key.
        sensing: How well they see.
        rng: Source of chance for messages that get lost.
        until: No event from this instant on, epoch seconds.

    Yields:
        Events in time order. Without faults each device alternates between active and not.

    """
    eyes = _Eyes(devices, sensing)
    marks = sorted(
        [
            *(Event(gap.start, gap.device, Value.GONE) for gap in sensing.outages),
            *(Event(gap.end, gap.device, Value.BACK) for gap in sensing.outages),
        ],
        key=lambda mark: mark.at,
    )
    air = _Air(devices, sensing.missed, rng)
    for event in heapq.merge(marks, eyes.see(signals), key=lambda event: event.at):
        if event.at >= until:
            return
        yield from air.carry(event)


class _Eyes:
    """The sensors themselves: how many things hold each active, and when the last lets go."""

    def __init__(self, devices: Mapping[str, Device], sensing: Sensing) -> None:
        self.devices, self.sensing = devices, sensing
        self.active: Counter[str] = Counter()
        self.still: dict[str, float] = {}
        """Motion sensor to the instant at which it goes off, unless somebody moves."""
        self.blinking: dict[str, float] = {}
        """Motion sensor to the instant until which it rests."""
        self.ends: list[tuple[float, str]] = []

    def see(self, signals: Iterable[Signal]) -> Iterator[Event]:
        for signal in signals:
            yield from self.let_go(signal.start)
            if signal.moves:
                yield from self.movement(signal.start, signal.device)
            else:
                yield from self.begin(signal)
        yield from self.let_go(FOREVER)

    def let_go(self, before: float) -> Iterator[Event]:
        """End what ends before an instant."""
        while self.ends and self.ends[0][0] < before:
            at, device = heapq.heappop(self.ends)
            if device in self.still:
                if (off := self.still[device]) > at:
                    heapq.heappush(self.ends, (off, device))
                    continue
                del self.still[device]
                self.blinking[device] = at + self.sensing.rest
            elif (stuck := self.stuck_until(device, at)) > at:
                if stuck < FOREVER:
                    heapq.heappush(self.ends, (stuck, device))
                continue
            self.active[device] -= 1
            if not self.active[device]:
                yield self.event(at, device, active=False)

    def stuck_until(self, device: str, at: float) -> float:
        return max((w.end for w in self.sensing.sticky if w.holds(device, at)), default=at)

    def movement(self, at: float, device: str) -> Iterator[Event]:
        if any(window.holds(device, at) for window in self.sensing.blind):
            return
        if device in self.still:
            self.still[device] = at + self.sensing.hold
        elif at >= self.blinking.get(device, at):
            self.still[device] = at + self.sensing.hold
            heapq.heappush(self.ends, (at + self.sensing.hold, device))
            self.active[device] += 1
            yield self.event(at, device, active=True)

    def begin(self, signal: Signal) -> Iterator[Event]:
        heapq.heappush(self.ends, (signal.end, signal.device))
        self.active[signal.device] += 1
        if self.active[signal.device] == 1:
            yield self.event(signal.start, signal.device, active=True)

    def event(self, at: float, device: str, *, active: bool) -> Event:
        return Event(round(at, 3), device, self.devices[device].says(active=active))


class _Air:
    """The way from sensor to home: loses messages, and passes on only what is news."""

    def __init__(self, devices: Mapping[str, Device], missed: float, rng: Random) -> None:
        self.missed, self.rng = missed, rng
        self.is_so = {key: device.says(active=False) for key, device in devices.items()}
        self.said = dict(self.is_so)
        self.gone: Counter[str] = Counter()

    def carry(self, event: Event) -> Iterator[Event]:
        key = event.device
        match event.value:
            case Value.GONE:
                self.gone[key] += 1
                if self.gone[key] == 1:
                    yield event
            case Value.BACK:
                self.gone[key] -= 1
                if not self.gone[key]:
                    yield event
                    yield from self.news(event.at, key)
            case _:
                self.is_so[key] = event.value
                lost = self.missed and self.rng.random() < self.missed
                if not (lost or self.gone[key]):
                    yield from self.news(event.at, key)

    def news(self, at: float, key: str) -> Iterator[Event]:
        if self.said[key] is not self.is_so[key]:
            self.said[key] = self.is_so[key]
            yield Event(at, key, self.is_so[key])
