"""A Bluetooth proxy for Home Assistant whose radio is bumble's: what it hears and connects to is the simulated air.

It is a scanner as ESPHome's proxies are one to Home Assistant, with connections; nothing above it knows that the
air is not real.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, override

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bluetooth_data_tools import monotonic_time_coarse
from bumble import core, hci
from bumble.device import Connection, Device, Peer
from habluetooth import BaseHaRemoteScanner, BluetoothScanningMode, HaBluetoothConnector

_MTU: Final = 247
_HEADER: Final = 3
_LEAST_MTU: Final = 23
#: By bit of a characteristic's properties (Core 3.G.3.3.1.1).
_PROPERTIES: Final[tuple[CharacteristicPropertyName, ...]] = (
    "broadcast",
    "read",
    "write-without-response",
    "write",
    "notify",
    "indicate",
    "authenticated-signed-writes",
    "extended-properties",
)
_SHORT_UUID: Final = "{:08x}-0000-1000-8000-00805f9b34fb"
_LONG: Final = 16


class Proxy(BaseHaRemoteScanner):
    """Hears the air of a bumble device, and connects for Home Assistant; `slots` links at once."""

    def __init__(self, source: str, name: str, device: Device, slots: int = 5) -> None:
        self.links: set[_Client] = set()
        #: A bumble host can begin one connection at a time.
        self.turn = asyncio.Lock()
        self.device = device
        #: How strongly it hears some addresses, in dBm; others as the air carries them.
        self.rssi: dict[str, int] = {}
        self._types: dict[str, int] = {}
        connector = HaBluetoothConnector(
            client=partial(_Client, self),  # type: ignore[arg-type]
            source=source,
            can_connect=lambda: len(self.links) < slots,
        )
        super().__init__(
            source,
            name,
            connector,
            connectable=True,
            requested_mode=BluetoothScanningMode.ACTIVE,
            current_mode=BluetoothScanningMode.ACTIVE,
        )

    async def start(self) -> None:
        """Switch it on and listen."""
        await self.device.power_on()
        self.device.on("advertisement", self._heard)
        await self.device.start_scanning(active=True, filter_duplicates=False)

    async def stop(self) -> None:
        """Switch it off; links are lost."""
        for link in list(self.links):
            await link.disconnect()
        await self.device.power_off()

    def peer(self, address: str) -> hci.Address:
        """Return the address as it was heard.

        Raises:
            BleakDeviceNotFoundError: nothing of this address was heard.
        """
        if address not in self._types:
            raise BleakDeviceNotFoundError(address)
        return hci.Address(address, hci.AddressType(self._types[address]))

    def _heard(self, advert: Any) -> None:
        address = advert.address.to_string(with_type_qualifier=False).upper()
        kind = int(advert.address.address_type)
        self._types[address] = kind
        self._async_on_raw_advertisement(
            address,
            self.rssi.get(address, advert.rssi),
            bytes(advert.data_bytes),
            {"address_type": kind},
            monotonic_time_coarse(),
        )


class _Client(BaseBleakClient):
    """One link, as bleak has it."""

    def __init__(self, proxy: Proxy, address_or_device: Any, **options: Any) -> None:
        super().__init__(address_or_device, **options)
        self._proxy = proxy
        self._connection: Connection | None = None
        self._heard: dict[int, Callable[[bytes], None]] = {}
        self._asked: set[asyncio.Future[Any]] = set()

    @property
    @override
    def name(self) -> str:
        return str(self.address)

    @property
    @override
    def mtu_size(self) -> int:
        return _LEAST_MTU if self._connection is None else int(self._connection.att_mtu)

    @property
    @override
    def is_connected(self) -> bool:
        return self._connection is not None

    @override
    async def connect(self, pair: bool, **_options: Any) -> None:
        peer = self._proxy.peer(self.address)
        self._proxy.links.add(self)
        try:
            async with self._proxy.turn:
                self._connection = await self._proxy.device.connect(peer, timeout=self._timeout)
            self._connection.on("disconnection", self._lost)
            found = Peer(self._connection)
            await found.request_mtu(_MTU)
            if pair:
                await self._connection.pair()
            await self._discover(found)
        except BaseException as err:
            self._proxy.links.discard(self)
            if self._connection is not None:
                await self._connection.disconnect()
            if isinstance(err, core.BaseBumbleError):
                # bleak's own, or whoever waits for it will not try again.
                raise BleakError(f"connection failed: {err}") from err
            raise

    async def _discover(self, peer: Peer) -> None:
        self.services = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            ours = BleakGATTService(service, service.handle, _uuid(service.uuid))
            self.services.add_service(ours)
            for found in await service.discover_characteristics():
                bits = int(found.properties)
                names = [name for bit, name in enumerate(_PROPERTIES) if bits & 1 << bit]
                one = BleakGATTCharacteristic(
                    found,
                    found.handle,
                    _uuid(found.uuid),
                    names,
                    lambda: self.mtu_size - _HEADER,
                    ours,
                )
                self.services.add_characteristic(one)
                for below in await found.discover_descriptors():
                    descriptor = BleakGATTDescriptor(below, below.handle, _uuid(below.type), one)
                    self.services.add_descriptor(descriptor)

    def _lost(self, _reason: int) -> None:
        self._connection = None
        self._proxy.links.discard(self)
        for task in self._asked:
            task.cancel()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    @override
    async def disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect()

    @override
    async def pair(self, *_args: Any, **_options: Any) -> None:
        connection = self._connection
        if connection is not None:
            await self._do(connection.pair)

    @override
    async def unpair(self) -> None:
        if self._proxy.device.keystore is not None:
            await self._proxy.device.keystore.delete(self.address)

    async def _do[T](self, work: Callable[[], Awaitable[T]]) -> T:
        if self._connection is None:
            raise BleakError("not connected")
        # Whoever is tired of waiting does not take back what the radio has been asked.
        task = asyncio.ensure_future(work())
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        await asyncio.wait({task})
        if task.cancelled():
            raise BleakError("disconnected")
        try:
            return task.result()
        except core.BaseBumbleError as err:
            raise BleakError(str(err)) from err

    @override
    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, **_options: Any
    ) -> bytearray:
        return bytearray(await self._do(characteristic.obj.read_value))

    @override
    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, **_options: Any
    ) -> bytearray:
        return bytearray(await self._do(descriptor.obj.read_value))

    @override
    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        await self._do(lambda: characteristic.obj.write_value(bytes(data), with_response=response))

    @override
    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        await self._do(lambda: descriptor.obj.write_value(bytes(data), with_response=True))

    @override
    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_options: Any
    ) -> None:
        def heard(octets: bytes) -> None:
            callback(bytearray(octets))

        self._heard[characteristic.handle] = heard
        await self._do(lambda: characteristic.obj.subscribe(heard))

    @override
    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        heard = self._heard.pop(characteristic.handle)
        await self._do(lambda: characteristic.obj.unsubscribe(heard))


def _uuid(uuid: core.UUID) -> str:
    octets = uuid.to_bytes()
    if len(octets) == _LONG:
        return uuid.to_hex_str("-").lower()
    return _SHORT_UUID.format(int.from_bytes(octets, "little"))
