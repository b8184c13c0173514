"""The medium on which every simulated Bluetooth device can hear and reach every other."""

from bumble.controller import Controller
from bumble.device import Device, DeviceConfiguration
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink

from simulator.ble.peripheral import Peripheral


class SimAir:
    """One air."""

    def __init__(self) -> None:
        self.peripherals: list[Peripheral] = []
        self._link = LocalLink()  # type: ignore[no-untyped-call]

    def make_device(self, name: str, address: str) -> Device:
        """Return a bumble device with a controller of its own on this air, powered off."""
        host = Host()
        host.controller = Controller(name, host_source=host, link=self._link)
        config = DeviceConfiguration(
            name=name, address=Address(address, Address.RANDOM_DEVICE_ADDRESS)
        )
        return Device(config=config, host=host)

    async def add[P: Peripheral](self, peripheral: P) -> P:
        """Switch a peripheral on."""
        await peripheral.power_on(self.make_device(peripheral.name, peripheral.address))
        self.peripherals.append(peripheral)
        return peripheral

    async def close(self) -> None:
        """Switch everything off."""
        for peripheral in self.peripherals:
            await peripheral.power_off()
