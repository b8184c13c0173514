"""The Zigbee Cluster Library (ZCL) side of a simulated device.

zigpy's cluster definitions supply ids, wire types and command layouts, so that a kind of
device is written with the *names* of attributes and commands. The price is that simulator and
host share one codec: an encoding mistake in zigpy cannot be seen here.

Source: Zigbee Cluster Library specification, revision 8, chapter 2 (frames, general commands).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import zigpy.types as t
from zigpy.zcl import Cluster, foundation

# Imported for its effect: zigpy knows a cluster once its module is loaded.
import zigpy.zcl.clusters as _clusters  # noqa: F401

if TYPE_CHECKING:
    from simulator.zigbee.device import SimDevice

HOME_AUTOMATION: Final = 0x0104
"""Profile id that every endpoint of ours uses."""

BASIC: Final = 0x0000
POWER: Final = 0x0001
IDENTIFY: Final = 0x0003
SCENES: Final = 0x0005
ON_OFF: Final = 0x0006
LEVEL: Final = 0x0008
DOOR_LOCK: Final = 0x0101
IAS_ZONE: Final = 0x0500
IAS_ACE: Final = 0x0501
IAS_WARNING: Final = 0x0502

TO_CLIENT: Final = foundation.Direction.Server_to_Client
TO_SERVER: Final = foundation.Direction.Client_to_Server


class HeimanSmoke(Cluster):
    """A maker's own cluster of smoke detectors, as far as it is simulated.

    It is kept out of zigpy's registry: a host knows it by its own quirk or not at all.
    """

    _skip_registry = True
    cluster_id = t.uint16_t(0xFC90)
    ep_attribute = "heiman_smoke"

    class AttributeDefs(foundation.BaseAttributeDefs):
        """The lamp that blinks now and then to say that it lives."""

        heartbeat_indicator: Final = foundation.ZCLAttributeDef(
            id=t.uint16_t(0x1004), type=t.uint8_t, manufacturer_code=t.uint16_t(0x120B)
        )


_MAKERS: Final[Mapping[int, type[Cluster]]] = {HeimanSmoke.cluster_id: HeimanSmoke}

type CommandResult = tuple[str, Mapping[str, Any]] | foundation.Status | None
"""What a device says to a cluster command: (response command, its fields), a status for the
default response, or None for success."""


def cluster_definition(cluster_id: int) -> type[Cluster]:
    """Attributes and commands of a standard cluster, or of a maker's that is simulated.

    Raises:
        KeyError: zigpy knows no such cluster.

    """
    if cluster_id in _MAKERS:
        return _MAKERS[cluster_id]
    # The registry is private to zigpy, but its only public way in wants a host's endpoint.
    definition: type[Cluster] = Cluster._registry[cluster_id]  # noqa: SLF001
    return definition


@dataclass(slots=True)
class SimEndpoint:
    """One application of a device: its server clusters with values, and its client clusters."""

    number: int
    device_type: int
    servers: dict[int, dict[int, Any]] = field(default_factory=dict)
    """Cluster id to attribute id to value, in the attribute's wire type."""
    clients: set[int] = field(default_factory=set)

    def serve(self, cluster_id: int, **attributes: object) -> Self:
        """Add a server cluster, or give attributes of one new values, by name."""
        values = self.servers.setdefault(cluster_id, {})
        by_name = cluster_definition(cluster_id).attributes_by_name
        for name, value in attributes.items():
            definition = by_name[name]
            values[definition.id] = definition.type(value)
        return self

    def value(self, cluster_id: int, name: str) -> Any:
        """Value of an attribute.

        Raises:
            KeyError: the endpoint has no such attribute.

        """
        attribute = cluster_definition(cluster_id).attributes_by_name[name]
        return self.servers[cluster_id][attribute.id]

    def typed(self, cluster_id: int, attribute_id: int) -> foundation.TypeValue:
        """Value of an attribute with its ZCL type, as reports and read responses carry it."""
        attribute = cluster_definition(cluster_id).find_attribute(attribute_id)
        return foundation.TypeValue(
            type=attribute.zcl_type, value=self.servers[cluster_id][attribute_id]
        )


def command_frame(
    cluster_id: int, name: str, fields: Mapping[str, Any], *, tsn: int, from_client: bool
) -> bytes:
    """A cluster-specific command, from our client cluster or from our server cluster."""
    cluster = cluster_definition(cluster_id)
    commands = cluster.ServerCommandDefs if from_client else cluster.ClientCommandDefs
    command: foundation.ZCLCommandDef = getattr(commands, name).with_compiled_schema()
    header = foundation.ZCLHeader.cluster(
        tsn, command.id, direction=TO_SERVER if from_client else TO_CLIENT
    )
    return header.serialize() + command.schema(**fields).serialize()


def general_frame(
    command: foundation.GeneralCommand,
    fields: Mapping[str, Any],
    *,
    tsn: int,
    direction: foundation.Direction = TO_CLIENT,
    manufacturer: int | None = None,
) -> bytes:
    """A general command (read, report, default response, ...)."""
    header = foundation.ZCLHeader.general(
        tsn, command, manufacturer=manufacturer, direction=direction
    )
    schema = foundation.GENERAL_COMMANDS[command].schema
    return header.serialize() + schema(**fields).serialize()


def answer(device: SimDevice, endpoint: SimEndpoint, cluster_id: int, frame: bytes) -> None:
    """Let a device act on a ZCL frame from the host and answer it."""
    header, body = foundation.ZCLHeader.deserialize(frame)
    if header.frame_control.is_general:
        _answer_general(device, endpoint, cluster_id, header, body)
    else:
        _answer_command(device, endpoint, cluster_id, header, body)


def _answer_command(
    device: SimDevice,
    endpoint: SimEndpoint,
    cluster_id: int,
    header: foundation.ZCLHeader,
    body: bytes,
) -> None:
    try:
        cluster = cluster_definition(cluster_id)
    except KeyError:
        table: Mapping[int, foundation.ZCLCommandDef] = {}
    else:
        to_server = header.direction == TO_SERVER
        table = cluster.server_commands if to_server else cluster.client_commands

    result: CommandResult = foundation.Status.UNSUP_CLUSTER_COMMAND
    if (command := table.get(header.command_id)) is not None:
        fields = command.schema.deserialize(body)[0].as_dict()
        device.received.append((cluster_id, command.name, fields))
        result = device.command(endpoint, cluster_id, command.name, fields)

    if isinstance(result, tuple):
        name, answer_fields = result
        device.send_command(endpoint.number, cluster_id, name, tsn=header.tsn, **answer_fields)
    elif not header.frame_control.disable_default_response:
        device.send_general(
            endpoint.number,
            cluster_id,
            foundation.GeneralCommand.Default_Response,
            {
                "command_id": header.command_id,
                "status": foundation.Status.SUCCESS if result is None else result,
            },
            tsn=header.tsn,
            direction=header.direction.flip(),
        )


def _answer_general(
    device: SimDevice,
    endpoint: SimEndpoint,
    cluster_id: int,
    header: foundation.ZCLHeader,
    body: bytes,
) -> None:
    command = foundation.GeneralCommand(header.command_id)
    if command in _RESPONSES:
        return
    handler = _GENERAL.get(command)
    if handler is None:
        reply, fields = (
            foundation.GeneralCommand.Default_Response,
            {"command_id": command, "status": foundation.Status.UNSUP_GENERAL_COMMAND},
        )
    else:
        request = foundation.GENERAL_COMMANDS[command].schema.deserialize(body)[0]
        reply, fields = handler(device, endpoint, cluster_id, header, request)
    if command != foundation.GeneralCommand.Write_Attributes_No_Response:
        device.send_general(
            endpoint.number,
            cluster_id,
            reply,
            fields,
            tsn=header.tsn,
            direction=header.direction.flip(),
            manufacturer=header.manufacturer,
        )


type _Reply = tuple[foundation.GeneralCommand, dict[str, Any]]
type _Handler = Callable[[SimDevice, SimEndpoint, int, foundation.ZCLHeader, Any], _Reply]


def _known(endpoint: SimEndpoint, cluster_id: int, header: foundation.ZCLHeader, id_: int) -> bool:
    """Whether the device has this attribute; one of a maker is asked for under the maker's number."""
    if id_ not in endpoint.servers.get(cluster_id, {}):
        return False
    asked = header.manufacturer if header.frame_control.is_manufacturer_specific else None
    maker = cluster_definition(cluster_id).find_attribute(id_).manufacturer_code
    return asked == (maker if isinstance(maker, int) else None)


def _read(
    _device: SimDevice,
    endpoint: SimEndpoint,
    cluster_id: int,
    header: foundation.ZCLHeader,
    request: Any,
) -> _Reply:
    records = t.List[foundation.ReadAttributeRecord]()
    for id_ in request.attribute_ids:
        if _known(endpoint, cluster_id, header, id_):
            records.append(
                foundation.ReadAttributeRecord(
                    id_, foundation.Status.SUCCESS, endpoint.typed(cluster_id, id_)
                )
            )
        else:
            records.append(
                foundation.ReadAttributeRecord(id_, foundation.Status.UNSUPPORTED_ATTRIBUTE)
            )
    return foundation.GeneralCommand.Read_Attributes_rsp, {"status_records": records}


def _write(
    device: SimDevice,
    endpoint: SimEndpoint,
    cluster_id: int,
    header: foundation.ZCLHeader,
    request: Any,
) -> _Reply:
    records = []
    for record in request.attributes:
        status = foundation.Status.UNSUPPORTED_ATTRIBUTE
        if _known(endpoint, cluster_id, header, record.attrid):
            attribute = cluster_definition(cluster_id).find_attribute(record.attrid)
            endpoint.serve(cluster_id, **{attribute.name: record.value.value})
            device.attribute_written(endpoint, cluster_id, attribute.name)
            status = foundation.Status.SUCCESS
        records.append(foundation.WriteAttributesStatusRecord(status, record.attrid))
    return foundation.GeneralCommand.Write_Attributes_rsp, {
        "status_records": foundation.WriteAttributesResponse(records)
    }


def _configure_reporting(
    device: SimDevice,
    endpoint: SimEndpoint,
    cluster_id: int,
    header: foundation.ZCLHeader,
    request: Any,
) -> _Reply:
    records = foundation.ConfigureReportingResponse()
    for record in request.config_records:
        status = foundation.Status.UNSUPPORTED_ATTRIBUTE
        if _known(endpoint, cluster_id, header, record.attrid):
            device.reporting[endpoint.number, cluster_id, int(record.attrid)] = record
            status = foundation.Status.SUCCESS
        records.append(
            foundation.ConfigureReportingResponseRecord(
                status=status, direction=record.direction, attrid=record.attrid
            )
        )
    return foundation.GeneralCommand.Configure_Reporting_rsp, {"status_records": records}


_GENERAL: Final[Mapping[foundation.GeneralCommand, _Handler]] = {
    foundation.GeneralCommand.Read_Attributes: _read,
    foundation.GeneralCommand.Write_Attributes: _write,
    foundation.GeneralCommand.Write_Attributes_Undivided: _write,
    foundation.GeneralCommand.Write_Attributes_No_Response: _write,
    foundation.GeneralCommand.Configure_Reporting: _configure_reporting,
}
_RESPONSES: Final = frozenset(
    {
        foundation.GeneralCommand.Default_Response,
        foundation.GeneralCommand.Read_Attributes_rsp,
        foundation.GeneralCommand.Write_Attributes_rsp,
        foundation.GeneralCommand.Configure_Reporting_rsp,
    }
)
