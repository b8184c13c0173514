"""A BTHome v2 device (bthome.io/format): sensors and buttons that advertise, plain or encrypted."""

import struct
from typing import Final, override

from bumble.core import AdvertisingData
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from simulator.ble.peripheral import Peripheral

#: The service data's UUID 0xFCD2, as on the air.
_UUID: Final = b"\xd2\xfc"
#: Version 2, and the bits for a device that speaks only when something happens and for encryption.
_VERSION, _TRIGGERED, _ENCRYPTED = 0x40, 0x04, 0x01
_PACKET_ID, _BATTERY, _BUTTON = 0x00, 0x01, 0x3A
_TAG: Final = 4
#: Binary sensors by name: object ids.
BINARY: Final = {
    "motion": 0x21,
    "moisture": 0x20,
    "occupancy": 0x23,
    "opening": 0x11,
    "tamper": 0x2B,
}


class BthomeSensor(Peripheral):
    """Tells what it senses in its adverts. `key` are the 16 octets of one that encrypts."""

    connectable = False

    def __init__(
        self, address: str, name: str, *, key: bytes | None = None, triggered: bool = False
    ) -> None:
        super().__init__(address, name)
        self.key = key
        self.counter = 1
        #: In place of what it senses: octets of somebody who pretends to be it.
        self.forged: bytes | None = None
        self._info = _VERSION | (_TRIGGERED if triggered else 0) | (_ENCRYPTED if key else 0)
        self._packet = 0
        self._objects = bytes([_BATTERY, 100])

    async def press(self, event: int = 1) -> None:
        """Press its button: 1 once, 2 twice, 4 long."""
        await self.send(bytes([_BUTTON, event]))

    async def say(self, name: str, *, on: bool, battery: int = 100) -> None:
        """Tell of a binary sensor, and of the battery in percent."""
        await self.send(bytes([_BATTERY, battery, BINARY[name], int(on)]))

    async def send(self, objects: bytes) -> None:
        """Advertise these objects, in rising order of their ids, as news."""
        self._objects = objects
        self._packet = (self._packet + 1) & 0xFF
        self.counter += 1
        await self.advertise()

    async def repeat(self) -> None:
        """Advertise the same once more, as a device does for who has missed it: no news."""
        await self.advertise()

    async def replay(self, counter: int) -> None:
        """Advertise the last objects under an old counter, as somebody who has recorded them would."""
        self.counter = counter
        await self.advertise()

    @override
    def advert(self) -> list[tuple[int, bytes]]:
        if self.forged is not None:
            return [(AdvertisingData.SERVICE_DATA_16_BIT_UUID, _UUID + self.forged)]
        payload = bytes([_PACKET_ID, self._packet]) + self._objects
        if self.key is not None:
            count = struct.pack("<I", self.counter)
            nonce = (
                bytes.fromhex(self.address.replace(":", "")) + _UUID + bytes([self._info]) + count
            )
            sealed = AESCCM(self.key, tag_length=_TAG).encrypt(nonce, payload, None)
            payload = sealed[:-_TAG] + count + sealed[-_TAG:]
        return [(AdvertisingData.SERVICE_DATA_16_BIT_UUID, _UUID + bytes([self._info]) + payload)]
