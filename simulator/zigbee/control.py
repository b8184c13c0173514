"""The control API of a simulated Zigbee network: what a hand in the home does, and what breaks.

Bodies and answers are JSON objects, errors as in ``simulator.control``::

    GET  /sim                                        the network, its devices, the kinds there are
    POST /sim/join            {kind, ieee?, model?}  a new device, its pairing button pressed
    POST /sim/radio/drop      {seconds?}             the host loses its radio
    POST /sim/radio/latency   {seconds}              every frame to a device takes this long
    POST /sim/<ieee>/<action> {...}                  operate a device, as its kind allows
    POST /sim/<ieee>/pair     {}                     press its pairing button again
    POST /sim/<ieee>/leave    {}                     it leaves the network
    POST /sim/<ieee>/reach    {on}                   false: out of range or without power
    POST /sim/<ieee>/latency  {seconds}              frames to it take this long

Operating a device also answers ``heard``: false if a host missed what the device sent at once,
as while Home Assistant restarts. A long press sends its end later, which is not counted.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web
import probatio

from simulator.control import (
    ControlError,
    Number,
    application,
    describe,
    read_object,
    validate,
)
from simulator.zigbee.device import NotJoinedError, SimDevice
from simulator.zigbee.household import IEEE, KIND, MODEL, Household
from simulator.zigbee.kinds import KINDS

_MAX_SECONDS: Final = 3600
_MAX_LATENCY: Final = 60

_JOIN: Final = probatio.Schema(
    {
        probatio.Required("kind"): KIND,
        probatio.Optional("ieee"): IEEE,
        probatio.Optional("model"): MODEL,
    }
)
_DROP: Final = probatio.Schema({probatio.Optional("seconds", default=0): Number(0, _MAX_SECONDS)})
_LATENCY: Final = probatio.Schema({probatio.Required("seconds"): Number(0, _MAX_LATENCY)})
_REACH: Final = probatio.Schema({probatio.Required("on"): bool})
_NOTHING: Final = probatio.Schema({})


def control_application(household: Household) -> web.Application:
    """The API for one household, to be served on loopback."""
    api = _Api(household)
    app = application()
    app.add_routes(
        [
            web.get("/sim", api.listing),
            web.post("/sim/join", api.join),
            web.post("/sim/radio/drop", api.drop),
            web.post("/sim/radio/latency", api.latency),
            web.post("/sim/{ieee}/{action}", api.operate),
        ]
    )
    return app


class _Api:
    def __init__(self, household: Household) -> None:
        self._household = household
        self._radio = household.coordinator
        self._common: Final[Mapping[str, tuple[probatio.Schema, Callable[..., None]]]] = {
            "pair": (_NOTHING, household.pair),
            "leave": (_NOTHING, _leave),
            "reach": (_REACH, _reach),
            "latency": (_LATENCY, _device_latency),
        }

    def _row(self, device: SimDevice) -> dict[str, Any]:
        return {
            "ieee": str(device.ieee),
            "kind": type(device).__name__,
            "model": device.model,
            "joined": device.network is not None,
            "pairing": self._household.pairing(device),
            "settled": device.settled,
            "reachable": device.reachable,
            "latency": device.latency,
            "actions": list(device.actions),
            "state": device.show(),
        }

    async def listing(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "radio": self._radio.path,
                "host_connected": self._radio.host_connected,
                "started": self._radio.started,
                "open": self._radio.joining_allowed,
                "latency": self._radio.latency,
                "kinds": {
                    name: {action: describe(schema) for action, schema in kind.actions.items()}
                    for name, kind in KINDS.items()
                },
                "devices": [self._row(device) for device in self._household.devices.values()],
            }
        )

    async def join(self, request: web.Request) -> web.Response:
        device = self._household.add(**validate(_JOIN, await read_object(request)))
        self._household.pair(device)
        return web.json_response(self._row(device), status=201)

    async def drop(self, request: web.Request) -> web.Response:
        await self._radio.drop_connection(**validate(_DROP, await read_object(request)))
        return web.json_response({"host_connected": self._radio.host_connected})

    async def latency(self, request: web.Request) -> web.Response:
        self._radio.latency = validate(_LATENCY, await read_object(request))["seconds"]
        return web.json_response({"latency": self._radio.latency})

    async def operate(self, request: web.Request) -> web.Response:
        ieee, action = request.match_info["ieee"].lower(), request.match_info["action"]
        device = self._household.devices.get(ieee)
        if device is None:
            raise ControlError("ieee", "no device of this address is in the home", 404)
        body = await read_object(request)
        lost = self._radio.lost
        try:
            if action in self._common:
                schema, do = self._common[action]
                do(device, **validate(schema, body))
            elif action in device.actions:
                getattr(device, action)(**validate(device.actions[action], body))
            else:
                known = ", ".join([*device.actions, *self._common])
                message = f"a {type(device).__name__} knows only {known}"
                raise ControlError("action", message, 404)
        except NotJoinedError:
            message = "has joined no network yet: open the host's network first"
            raise ControlError("device", message, 409) from None
        return web.json_response({**self._row(device), "heard": self._radio.lost == lost})


def _leave(device: SimDevice) -> None:
    if device.network is None:
        raise NotJoinedError
    device.leave()


def _reach(device: SimDevice, *, on: bool) -> None:
    device.reachable = on


def _device_latency(device: SimDevice, *, seconds: float) -> None:
    device.latency = seconds
