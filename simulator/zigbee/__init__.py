"""A simulated Zigbee network that the unmodified ZHA integration connects to."""

from simulator.zigbee.coordinator import JoinRefusedError, SimCoordinator
from simulator.zigbee.device import NotJoinedError, SimDevice

__all__ = ["JoinRefusedError", "NotJoinedError", "SimCoordinator", "SimDevice"]
