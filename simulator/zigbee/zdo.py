"""The Zigbee Device Object (ZDO) side of a simulated device: who it is and what it has.

Source: Zigbee specification, revision 22, chapter 2.4 (device profile).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import zigpy.types as t
from zigpy.zdo import types as zdo

from simulator.zigbee import zcl

if TYPE_CHECKING:
    from simulator.zigbee.device import SimDevice

PROFILE: Final = 0x0000
MANUFACTURER_CODE: Final = 0x1234
"""Not assigned to anyone we imitate."""

_RESPONSE: Final = 0x8000
"""Bit that marks a ZDO answer."""
_BUFFER: Final = 82
"""Bytes; the usual size of a small end device."""
_STACK_REVISION: Final = 0x2C00
"""Server mask: stack compliance revision 22."""


def frame(command: zdo.ZDOCmd, values: tuple[object, ...], *, tsn: int) -> bytes:
    """A ZDO command with its fields in order; optional ones at the end may be left out."""
    types = zdo.CLUSTERS[command][1]
    fields = (
        value if isinstance(value, kind) else kind(value)
        for value, kind in zip(values, types, strict=False)
    )
    return bytes([tsn]) + b"".join(value.serialize() for value in fields)


def node_descriptor(device: SimDevice) -> zdo.NodeDescriptor:
    """What kind of node the device is."""
    flag = zdo.NodeDescriptor.MACCapabilityFlags
    capabilities = flag.AllocateAddress
    if device.mains:
        capabilities |= flag.MainsPowered
    if not device.sleepy:
        capabilities |= flag.RxOnWhenIdle
    return zdo.NodeDescriptor(
        logical_type=zdo.LogicalType.EndDevice,
        complex_descriptor_available=0,
        user_descriptor_available=0,
        reserved=0,
        aps_flags=0,
        frequency_band=zdo.NodeDescriptor.FrequencyBand.Freq2400MHz,
        mac_capability_flags=capabilities,
        manufacturer_code=MANUFACTURER_CODE,
        maximum_buffer_size=_BUFFER,
        maximum_incoming_transfer_size=_BUFFER,
        server_mask=_STACK_REVISION,
        maximum_outgoing_transfer_size=_BUFFER,
        descriptor_capability_field=zdo.NodeDescriptor.DescriptorCapability.NONE,
    )


def answer(device: SimDevice, cluster_id: int, data: bytes) -> None:
    """Let a device act on a ZDO request from the host and answer it.

    What we do not know is left unanswered, as cheap devices do.
    """
    command = zdo.ZDOCmd(cluster_id)
    handler = _REQUESTS.get(command)
    if handler is None:
        return
    args, _ = t.deserialize(data[1:], zdo.CLUSTERS[command][1])
    if (values := handler(device, args)) is None:
        return
    device.send_zdo(zdo.ZDOCmd(command | _RESPONSE), *values, tsn=data[0])
    if command == zdo.ZDOCmd.Mgmt_Leave_req:
        device.leave()


type _Handler = Callable[[SimDevice, Any], tuple[object, ...] | None]


def _node(device: SimDevice, _args: Any) -> tuple[object, ...]:
    return zdo.Status.SUCCESS, device.nwk, node_descriptor(device)


def _endpoints(device: SimDevice, _args: Any) -> tuple[object, ...]:
    return zdo.Status.SUCCESS, device.nwk, t.LVList[t.uint8_t, t.uint8_t](device.endpoints)


def _endpoint(device: SimDevice, args: Any) -> tuple[object, ...]:
    endpoint = device.endpoints.get(args[1])
    if endpoint is None:
        return zdo.Status.INVALID_EP, device.nwk
    descriptor = zdo.SizePrefixedSimpleDescriptor(
        endpoint.number,
        zcl.HOME_AUTOMATION,
        endpoint.device_type,
        1,
        list(endpoint.servers),
        sorted(endpoint.clients),
    )
    return zdo.Status.SUCCESS, device.nwk, descriptor


def _bind(device: SimDevice, args: Any) -> tuple[object, ...]:
    device.bindings.add((int(args[1]), int(args[2])))
    return (zdo.Status.SUCCESS,)


def _unbind(device: SimDevice, args: Any) -> tuple[object, ...]:
    binding = (int(args[1]), int(args[2]))
    if binding not in device.bindings:
        return (zdo.Status.NO_ENTRY,)
    device.bindings.remove(binding)
    return (zdo.Status.SUCCESS,)


def _ieee(device: SimDevice, _args: Any) -> tuple[object, ...]:
    return zdo.Status.SUCCESS, device.ieee, device.nwk


def _nwk(device: SimDevice, args: Any) -> tuple[object, ...] | None:
    # A broadcast that asks all devices: only the one that is meant answers.
    if args[0] != device.ieee:
        return None
    return zdo.Status.SUCCESS, device.ieee, device.nwk


def _leave(_device: SimDevice, _args: Any) -> tuple[object, ...]:
    return (zdo.Status.SUCCESS,)


def _unsupported(_device: SimDevice, _args: Any) -> tuple[object, ...]:
    return (zdo.Status.NOT_SUPPORTED,)


_REQUESTS: Final[Mapping[zdo.ZDOCmd, _Handler]] = {
    zdo.ZDOCmd.Node_Desc_req: _node,
    zdo.ZDOCmd.Active_EP_req: _endpoints,
    zdo.ZDOCmd.Simple_Desc_req: _endpoint,
    zdo.ZDOCmd.Bind_req: _bind,
    zdo.ZDOCmd.Unbind_req: _unbind,
    zdo.ZDOCmd.IEEE_addr_req: _ieee,
    zdo.ZDOCmd.NWK_addr_req: _nwk,
    zdo.ZDOCmd.Mgmt_Leave_req: _leave,
    zdo.ZDOCmd.Mgmt_Lqi_req: _unsupported,
    zdo.ZDOCmd.Mgmt_Rtg_req: _unsupported,
}
