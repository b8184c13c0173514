"""A Bluetooth LE air without hardware: peripherals, and the proxy by which Home Assistant hears them.

The link layer, ATT and SMP are bumble's own; the proxy plugs into Home Assistant's real bluetooth. What the
peripherals speak is held to the protocol by unmodified integrations: `bthome` and `idasen_desk`.
"""

from simulator.ble.air import SimAir
from simulator.ble.bthome import BthomeSensor
from simulator.ble.column import Column
from simulator.ble.dispenser import Dispenser
from simulator.ble.peripheral import Peripheral
from simulator.ble.proxy import Proxy

__all__ = ["BthomeSensor", "Column", "Dispenser", "Peripheral", "Proxy", "SimAir"]
