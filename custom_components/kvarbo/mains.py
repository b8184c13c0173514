"""Mains power lost and back, as what feeds the hub tells it (R36). Pure.

The sensor is any that shows whether the hub has mains power: that of a UPS, a smart plug, a relay.
"""

import asyncio
from collections.abc import Collection
from typing import Final

from .alarm.kinds import AlarmKind
from .faults import Faults
from .supervision.sensing import Reading

#: A dip shorter than this is told to nobody, seconds.
DIP: Final = 5.0


class Mains:
    """Follows the home's sensors of mains power."""

    def __init__(self, faults: Faults) -> None:
        """Start with none."""
        self._faults = faults
        self._dark: dict[int, asyncio.TimerHandle] = {}
        self._numbers: frozenset[int] = frozenset()

    def set_sensors(self, numbers: Collection[int]) -> None:
        """These are the home's sensors of mains power, by short number; what others told is over."""
        self._numbers = frozenset(numbers)
        for number in self._dark.keys() - self._numbers:
            self._dark.pop(number).cancel()
        self._faults.only(AlarmKind.MAINS_LOST, {str(number) for number in numbers})

    def sense(self, number: int, reading: Reading) -> None:
        """Take what a sensor says. Unknown changes nothing: a UPS may fall silent as the power goes."""
        if number not in self._numbers:
            return
        match reading:
            case Reading.UNKNOWN:
                pass
            case Reading.IDLE if number not in self._dark:
                loop = asyncio.get_running_loop()
                self._dark[number] = loop.call_later(DIP, self._lost, number)
            case Reading.ACTIVE:
                if (timer := self._dark.pop(number, None)) is not None:
                    timer.cancel()
                self._faults.set(AlarmKind.MAINS_LOST, str(number), is_open=False)
            case _:
                pass

    def stop(self) -> None:
        """Wait for nothing any more."""
        for timer in self._dark.values():
            timer.cancel()
        self._dark.clear()

    def _lost(self, number: int) -> None:
        self._faults.set(AlarmKind.MAINS_LOST, str(number), is_open=True)
