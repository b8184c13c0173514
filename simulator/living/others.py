"""Who else moves in a home: a pet, and a robot vacuum."""

from collections.abc import Callable
from random import Random
from typing import Final

from simulator.living.home import VACUUM, Area
from simulator.living.inhabitants import MINUTE
from simulator.living.traces import Signal, moved

_PET_ROOMS: Final = (Area.KITCHEN, Area.LIVING_ROOM, Area.LIVING_ROOM, Area.ENTRY, Area.BEDROOM)
_PET_BOUTS: Final = 20
"""How often a day it stirs, on average."""
_RUN_DAYS: Final = frozenset({0, 2, 4})
"""Monday, Wednesday, Friday."""
_RUN_AT: Final = 10.0
"""Local hour."""


def pet_on_day(rng: Random, clock: Callable[[float], float]) -> list[Signal]:
    """Movements of a cat or dog in a day: at any hour, on no mat, through no door.

    Args:
        rng: Source of chance, of this day alone.
        clock: Local hour of the day, 0 to 24, to epoch seconds.

    Returns:
        Signals by start, within the day.

    """
    signals: list[Signal] = []
    for _ in range(rng.randint(_PET_BOUTS // 2, _PET_BOUTS * 3 // 2)):
        at = clock(rng.uniform(0, 24))
        end = min(at + rng.uniform(0.5, 5) * MINUTE, clock(24))
        room = rng.choice(_PET_ROOMS)
        while at < end:
            signals.append(moved(at, room))
            at += rng.uniform(2, 30)
            if rng.random() < 0.1:  # noqa: PLR2004
                room = rng.choice(_PET_ROOMS)
    return sorted(signals, key=lambda signal: signal.start)


def vacuum_on_day(rng: Random, clock: Callable[[float], float], weekday: int) -> list[Signal]:
    """A robot vacuum's run at its set time: its state, and the motion sensors that it sets off.

    Args:
        rng: Source of chance, of this day alone.
        clock: Local hour of the day to epoch seconds.
        weekday: 0 is Monday.

    Returns:
        Signals by start; none on its days off.

    """
    if weekday not in _RUN_DAYS:
        return []
    start = clock(_RUN_AT)
    end = start + rng.uniform(35, 60) * MINUTE
    signals = [Signal(start, end, VACUUM)]
    rooms = (Area.LIVING_ROOM, Area.KITCHEN, Area.ENTRY)
    at = start + 20.0
    while at < end:
        part = int((at - start) / (end - start) * len(rooms))
        signals.append(moved(at, rooms[part]))
        at += rng.uniform(15, 180)
    return signals
