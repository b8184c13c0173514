"""What all simulated Bluetooth devices have in common: an address, a name, adverts, services."""

from collections.abc import Callable
from typing import Any

from bumble.core import UUID, AdvertisingData
from bumble.device import AdvertisingType, Device
from bumble.gatt import Characteristic, CharacteristicValue

_INTERVAL_MS = 100.0
#: General discoverable, no classic Bluetooth.
_FLAGS = b"\x06"
_LONGEST_NAME = 8


class Peripheral:
    """A device; what it is made of comes with its class.

    `address` is a static random one, its two highest bits set, such as `C0:00:00:00:00:01`.
    """

    connectable = True

    def __init__(self, address: str, name: str) -> None:
        self.address = address
        self.name = name
        self.device: Device

    def build(self) -> None:
        """Add services to `device`; one that only advertises has none."""

    def advert(self) -> list[tuple[int, bytes]]:
        """Return what is advertised beside the flags and the name."""
        return []

    async def power_on(self, device: Device) -> None:
        """Begin to live as this bumble device."""
        self.device = device
        self.build()
        await device.power_on()
        await self.advertise()

    async def power_off(self) -> None:
        """End for good."""
        await self.silence()
        await self.device.power_off()

    async def advertise(self) -> None:
        """Advertise what `advert` says now, on and on."""
        kind = (
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
            if self.connectable
            else AdvertisingType.UNDIRECTED
        )
        parts = [
            (AdvertisingData.FLAGS, _FLAGS),
            *self.advert(),
            (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()[:_LONGEST_NAME]),
        ]
        await self.device.start_advertising(
            advertising_type=kind,
            auto_restart=True,
            advertising_data=bytes(AdvertisingData(parts)),
            advertising_interval_min=_INTERVAL_MS,
            advertising_interval_max=_INTERVAL_MS,
        )

    async def silence(self) -> None:
        """Battery out: links are lost, and nothing is advertised until `advertise`."""
        # Before the links: a lost one would let bumble advertise again; and after them, in case it has.
        await self.device.stop_advertising()
        for connection in list(self.device.connections.values()):
            await connection.disconnect()
        await self.device.stop_advertising()


def characteristic(
    uuid: str,
    *,
    read: Callable[[], bytes] | None = None,
    write: Callable[[bytes], None] | None = None,
    without_response: bool = False,
    notify: bool = False,
) -> Characteristic[Any]:
    """Return a GATT characteristic of functions."""
    properties = Characteristic.Properties(0)
    permissions = Characteristic.Permissions(0)
    if read is not None:
        properties |= Characteristic.Properties.READ
        permissions |= Characteristic.Permissions.READABLE
    if write is not None:
        properties |= Characteristic.Properties.WRITE
        permissions |= Characteristic.Permissions.WRITEABLE
        if without_response:
            properties |= Characteristic.Properties.WRITE_WITHOUT_RESPONSE
    if notify:
        properties |= Characteristic.Properties.NOTIFY
    value = CharacteristicValue(
        read=None if read is None else lambda _connection: read(),
        write=None if write is None else lambda _connection, octets: write(bytes(octets)),
    )
    return Characteristic(UUID(uuid), properties, permissions, value)
