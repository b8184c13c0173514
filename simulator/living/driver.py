"""Plays a life onto the simulated radio, through the control API of its Zigbee network.

It works as the hand in the home: motion before a sensor, a door opened, somebody in the bed. What
Home Assistant makes of it is what the radio carries. Home time may run faster than the clock on
the wall.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
import time
from typing import Any, Final

import aiohttp

from simulator.living import home
from simulator.living.home import Device
from simulator.living.inhabitants import FOREVER
from simulator.living.life import Life
from simulator.living.sensed import Event, Value

_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "MotionSensor": ("motion", "clear"),
    "DoorContact": ("open", "close"),
    "BedMat": ("lie_down", "get_up"),
    "ChairMat": ("sit_down", "stand_up"),
    "WaterSensor": ("wet", "dry"),
    "SmokeDetector": ("smoke", "clear"),
    "ToiletLift": ("raise_seat", "lower_seat"),
    "MedicineDispenser": ("open", "close"),
}
"""What a hand does to each kind of sensor, and how it is undone."""
_WATTS: Final[Mapping[str, float]] = {
    home.KETTLE: 2000,
    home.STOVE: 1500,
    home.TV: 90,
    home.VACUUM: 30,
    home.MAINS: 4,
}
_REACH: Final = frozenset({Value.GONE, Value.BACK})
_ACTIVE: Final = frozenset({Value.ON, Value.OPEN})
_PATIENCE: Final = 2.0
"""Seconds on the wall that an event may be late."""
_ANSWER: Final = aiohttp.ClientTimeout(total=10.0)
_TURN: Final = 500
"""Events that are passed over before others get their turn."""


class PlayError(Exception):
    """The radio's control API did not do what it was asked."""


@dataclass(slots=True)
class Played:
    """What has been played so far."""

    told: int = 0
    """Events that reached a device."""
    unheard: int = 0
    """Of these, with no host listening to the radio."""
    merged: int = 0
    """Events overtaken by a newer one of the same device while the radio was behind."""
    latest: float = 0.0
    """Seconds on the wall that the latest event was late."""


def hand(device: Device, value: Value) -> tuple[str, dict[str, Any]] | None:
    """What makes a simulated device say this.

    Args:
        device: The device.
        value: What it is to say.

    Returns:
        Action and body for the control API, or None if nothing is to be done: a button that has
        been let go.

    Raises:
        KeyError: No hand can work this kind of device.

    """
    if value in _REACH:
        return "reach", {"on": value is Value.BACK}
    active = value in _ACTIVE
    match device.zigbee:
        case "PowerPlug":
            return "draw", {"watts": _WATTS[device.key] if active else 0}
        case "WallButton":
            return ("press", {}) if active else None
        case kind:
            return _ACTIONS[kind][0 if active else 1], {}


class Driver:
    """A life under way on the radio.

    Events wait in the life itself, which makes them as they are asked for. If the radio is slower
    than the life, only the newest of each device is kept to be told: a backlog has no more entries
    than the home has devices.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        control: str,
        addresses: Mapping[str, str],
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Know the radio and its devices; nothing is played yet.

        Args:
            session: To ask with.
            control: Address of the control API, without a slash at the end.
            addresses: IEEE address of each device by its key; a device without one is left out.
            speed: Home seconds per second on the wall.
            clock: Seconds on the wall.
            sleep: Waits so many of them.

        Raises:
            ValueError: The speed is not above 0.

        """
        if not speed > 0:
            raise ValueError("home time runs forward: the speed must be above 0")
        self.played = Played()
        self.home_time = 0.0
        """Epoch seconds that the life has reached."""
        self._session, self._control, self._addresses = session, control, dict(addresses)
        self._speed, self._clock, self._sleep = speed, clock, sleep
        self._devices: dict[str, Device] = {}
        self._waiting: dict[tuple[str, bool], Event] = {}
        """Newest event by device and whether it is about reach, not yet told."""
        self._told: dict[tuple[str, bool], Value] = {}

    async def play(self, life: Life, start: float, until: float = FOREVER) -> Played:
        """Play a life; may be cancelled at any time.

        At first every device is put into the state that it has at `start`. A driver plays one
        life, or stretches of one, in order.

        Args:
            life: The life.
            start: Home instant to begin at, epoch seconds within the life.
            until: Home instant to end before.

        Returns:
            What was played, once the life or `until` is reached.

        Raises:
            PlayError: The radio refused or did not answer.
            ValueError: The life does not hold that instant.

        """
        if not life.start <= start < life.end:
            raise ValueError("the life does not hold that instant")
        self._devices = {device.key: device for device in life.devices}
        events = (event for event in life.events() if event.device in self._addresses)
        pending = await self._skip_to(start, events)
        began, self.home_time = self._clock(), start
        while pending is not None and pending.at < until:
            late = self._clock() - began - (pending.at - start) / self._speed
            if late < 0:
                await self._tell_waiting()
                late = self._clock() - began - (pending.at - start) / self._speed
            if late < 0:
                await self._sleep(-late)
            self.played.latest = max(self.played.latest, late)
            self.home_time = pending.at
            self._wait(pending)
            if late <= _PATIENCE:
                await self._tell_waiting()
            else:
                await asyncio.sleep(0)
            pending = next(events, None)
        await self._tell_waiting()
        return self.played

    async def _skip_to(self, start: float, events: Iterator[Event]) -> Event | None:
        """Take up the states before an instant; give the first event from it on."""
        for number, event in enumerate(events):
            if event.at >= start:
                self.played.merged = 0
                return event
            self._wait(event)
            if number % _TURN == 0:
                await asyncio.sleep(0)
        return None

    def _wait(self, event: Event) -> None:
        about = (event.device, event.value in _REACH)
        if self._waiting.pop(about, None) is not None:
            self.played.merged += 1
        # At the end: what is newest is told last.
        self._waiting[about] = event

    async def _tell_waiting(self) -> None:
        while self._waiting:
            about = next(iter(self._waiting))
            event = self._waiting.pop(about)
            if self._told.get(about) is not event.value:
                await self._tell(event)
                self._told[about] = event.value

    async def _tell(self, event: Event) -> None:
        done = hand(self._devices[event.device], event.value)
        if done is None:
            return
        action, body = done
        url = f"{self._control}/sim/{self._addresses[event.device]}/{action}"
        try:
            async with self._session.post(url, json=body, timeout=_ANSWER) as answer:
                said = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise PlayError(f"{event.device}: the radio did not answer: {error!r}") from error
        if "error" in said:
            raise PlayError(f"{event.device}: {said['error']['field']} {said['error']['message']}")
        self.played.told += 1
        self.played.unheard += not said["heard"]
