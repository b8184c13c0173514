"""A lifting column with a LINAK-type control, as desks, care beds and toilet lifts have it.

It moves only while it is told to, again and again: the dead-man's rule of its reference input.
"""

import asyncio
import struct
from typing import Final, override

from bumble.core import UUID, AdvertisingData
from bumble.gatt import Service
from bumble.pairing import PairingConfig, PairingDelegate

from simulator.ble.peripheral import Peripheral, characteristic

_UUID: Final = "99fa{:04x}-338a-1024-8a49-009c0215f78a"
_CONTROL, _COMMAND = 0x01, 0x02
_DPG_SERVICE, _DPG = 0x10, 0x11
_OUT, _HEIGHT = 0x20, 0x21
_IN, _REFERENCE = 0x30, 0x31

_UP, _DOWN, _WAKE = 0x47, 0x46, 0xFE
_KEEP_GOING: Final = 0x8001
#: A command moves it for so long, a reference for so long, seconds; then it must be told again.
_BY_COMMAND, _BY_REFERENCE = 1.0, 0.5
_STEP: Final = 0.05


class Column(Peripheral):
    """Heights are tenths of a millimetre above the lowest; `speed` is in tenths a second."""

    def __init__(self, address: str, name: str, *, speed: int = 380) -> None:
        super().__init__(address, name)
        self.top = 6500
        self.speed = speed
        self.position = 1000.0
        #: Blocked: it is told to move, and does not.
        self.stuck = False
        self._target = 0
        self._until = 0.0
        self._moves: asyncio.Task[None] | None = None

    @override
    def build(self) -> None:
        self._height = characteristic(_UUID.format(_HEIGHT), read=self._said, notify=True)
        services = (
            (
                _CONTROL,
                characteristic(_UUID.format(_COMMAND), write=self._command, without_response=True),
            ),
            (
                _DPG_SERVICE,
                characteristic(_UUID.format(_DPG), write=_heed_not, without_response=True),
            ),
            (_OUT, self._height),
            (
                _IN,
                characteristic(_UUID.format(_REFERENCE), write=self._refer, without_response=True),
            ),
        )
        self.device.add_services(
            [Service(UUID(_UUID.format(number)), [only]) for number, only in services]
        )
        self.device.pairing_config_factory = lambda _connection: PairingConfig(
            mitm=False, delegate=PairingDelegate(PairingDelegate.NO_OUTPUT_NO_INPUT)
        )

    @override
    def advert(self) -> list[tuple[int, bytes]]:
        uuid = UUID(_UUID.format(_CONTROL)).to_bytes()
        return [(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, uuid)]

    @override
    async def power_off(self) -> None:
        if self._moves is not None:
            self._moves.cancel()
        await super().power_off()

    @property
    def moving(self) -> int:
        """1 upwards, -1 downwards, 0 at rest."""
        if self.stuck or asyncio.get_running_loop().time() > self._until:
            return 0
        return (self._target > self.position) - (self._target < self.position)

    def raise_by_hand(self, target: int) -> None:
        """Use its own handset, held until it is there."""
        self._go(target, abs(target - self.position) / self.speed + 1)

    def _said(self) -> bytes:
        return struct.pack("<Hh", round(self.position), self.moving * self.speed)

    def _command(self, octets: bytes) -> None:
        match octets[0]:
            case x if x == _UP:
                self._go(self.top, _BY_COMMAND)
            case x if x == _DOWN:
                self._go(0, _BY_COMMAND)
            case x if x == _WAKE:
                pass  # it wakes up
            case _:
                self._go(round(self.position), _BY_COMMAND)

    def _refer(self, octets: bytes) -> None:
        goal = struct.unpack("<H", octets)[0]
        self._go(self._target if goal == _KEEP_GOING else goal, _BY_REFERENCE)

    def _go(self, target: int, seconds: float) -> None:
        self._target = target
        self._until = asyncio.get_running_loop().time() + seconds
        if self.moving and self._moves is None:
            self._moves = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while direction := self.moving:
            await asyncio.sleep(_STEP)
            left = self._target - self.position
            step = direction * self.speed * _STEP
            self.position = self._target if abs(left) <= abs(step) else self.position + step
            await self.device.notify_subscribers(self._height, self._said())
        self._moves = None
        await self.device.notify_subscribers(self._height, self._said())


def _heed_not(_octets: bytes) -> None:
    """Take what a control panel says of itself."""
