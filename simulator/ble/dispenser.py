"""A medicine dispenser by docs/ble-profile.md: written from that page, not from Kvarbo's own reading of it."""

import asyncio
from dataclasses import dataclass
import struct
from typing import Any, Final, override

from bumble.core import UUID, AdvertisingData
from bumble.device import Connection
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.pairing import PairingConfig, PairingDelegate

from simulator.ble.peripheral import Peripheral

_UUID: Final = "6b766172-626f-4d44-8001-0000000000{:02x}"
_SERVICE, _STATE, _EVENT, _ACKNOWLEDGE = 0x10, 0x11, 0x12, 0x13
_VERSION: Final = 1
#: By name, the numbers of the profile.
DOSES: Final = {"idle": 0, "due": 1, "dispensed": 2, "taken": 3, "missed": 4, "skipped": 5}
TROUBLES: Final = {"low": 0, "empty": 1, "jammed": 2, "no_power": 3}
_TROUBLE, _OVER = 0x10, 0x80
#: So many events are kept for a hub that is away.
_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class _Happened:
    counter: int
    what: int
    at: float


class Dispenser(Peripheral):
    """`doses` is what is left in it. It keeps what happened until a hub has acknowledged it."""

    def __init__(self, address: str, name: str, *, doses: int = 14) -> None:
        super().__init__(address, name)
        self.dose = "idle"
        self.troubles: set[str] = set()
        self.battery = 100
        self.doses = doses
        self.counter = 0
        #: What no hub has acknowledged yet.
        self.kept: list[_Happened] = []
        #: In place of its next words: octets of one that is broken.
        self.garbled: bytes | None = None
        #: Clear while it hangs: it answers nothing that it is asked.
        self.answers = asyncio.Event()
        self.answers.set()
        #: The counter acknowledged last.
        self.acknowledged = 0
        #: Whether a hub takes what happens.
        self.listens = False
        self._says = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @override
    def build(self) -> None:
        properties, permissions = Characteristic.Properties, Characteristic.Permissions
        self._state = Characteristic[Any](
            UUID(_UUID.format(_STATE)),
            properties.READ | properties.NOTIFY,
            permissions.READ_REQUIRES_ENCRYPTION,
            CharacteristicValue(read=self._read),
        )
        self._event = Characteristic[Any](
            UUID(_UUID.format(_EVENT)), properties.INDICATE, permissions(0), b""
        )
        self._event.on(Characteristic.EVENT_SUBSCRIPTION, self._subscribed)
        acknowledge = Characteristic[Any](
            UUID(_UUID.format(_ACKNOWLEDGE)),
            properties.WRITE,
            permissions.WRITE_REQUIRES_ENCRYPTION,
            CharacteristicValue(write=self._acknowledged),
        )
        self.device.add_service(
            Service(UUID(_UUID.format(_SERVICE)), [self._state, self._event, acknowledge])
        )
        self.device.pairing_config_factory = lambda _connection: PairingConfig(
            sc=True,
            mitm=False,
            bonding=True,
            delegate=PairingDelegate(PairingDelegate.NO_OUTPUT_NO_INPUT),
        )

    @override
    def advert(self) -> list[tuple[int, bytes]]:
        uuid = UUID(_UUID.format(_SERVICE)).to_bytes()
        return [(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, uuid)]

    # -- what a person or its clockwork does ---------------------------------------------------

    async def due(self) -> None:
        """The time of a dose has come."""
        await self._step("due")

    async def hand_out(self) -> None:
        """The dose lies in the hatch; nobody has taken it."""
        self.doses -= 1
        await self._step("dispensed")

    async def take(self) -> None:
        """Somebody takes the dose out."""
        await self._step("taken")

    async def miss(self) -> None:
        """Nobody took it in its time."""
        await self._step("missed")

    async def skip(self) -> None:
        """Whoever looks after it lets a dose be."""
        await self._step("skipped")

    async def ails(self, trouble: str, *, on: bool = True) -> None:
        """Let a trouble begin or end: `low`, `empty`, `jammed`, `no_power`."""
        if on is (trouble in self.troubles):
            return
        self.troubles ^= {trouble}
        await self._happen((_TROUBLE + TROUBLES[trouble]) | (0 if on else _OVER))

    async def forgets(self) -> None:
        """Lose all that was kept for a hub."""
        self.kept.clear()

    async def _step(self, dose: str) -> None:
        self.dose = dose
        await self._happen(DOSES[dose])

    async def _happen(self, what: int) -> None:
        self.counter += 1
        self.kept = [*self.kept, _Happened(self.counter, what, self._now())][-_KEPT:]
        await self._speak()

    # -- the profile ---------------------------------------------------------------------------

    async def _read(self, _connection: Connection) -> bytes:
        await self.answers.wait()
        return self._said()

    def _said(self) -> bytes:
        bits = sum(1 << TROUBLES[trouble] for trouble in self.troubles)
        dose = DOSES[self.dose]
        said = struct.pack("<BBBBHI", _VERSION, dose, bits, self.battery, self.doses, self.counter)
        return self.garbled or said

    def _subscribed(self, _connection: Connection, _notify: bool, indicate: bool) -> None:  # noqa: FBT001 - bumble's
        self.listens = indicate
        if indicate:
            task = asyncio.create_task(self._speak())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _speak(self) -> None:
        """Indicate what is kept, the oldest first, to a hub that listens by an encrypted link."""
        async with self._says:
            for happened in list(self.kept):
                links = [c for c in self.device.connections.values() if c.is_encrypted]
                if not self.listens or not links:
                    self.listens = False
                    return
                ago = round(self._now() - happened.at)
                said = struct.pack("<BBII", _VERSION, happened.what, happened.counter, ago)
                await self.device.indicate_subscriber(
                    links[0], self._event, self.garbled or said, force=False
                )
            await self.device.notify_subscribers(self._state, self._said())

    def _acknowledged(self, _connection: Connection, octets: bytes) -> None:
        [self.acknowledged] = struct.unpack("<I", octets[:4])
        self.kept = [one for one in self.kept if one.counter > self.acknowledged]

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
