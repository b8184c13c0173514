"""An MQTT receiver against the simulator's municipality, for the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.mqtt.mqtt import MqttReceiver
from custom_components.kvarbo.transmission.mqtt.profile import built_in, parse_profile
from custom_components.kvarbo.transmission.mqtt.settings import MqttSettings, client_id_of
from custom_components.kvarbo.transmission.rest.settings import Credentials, Trust
from custom_components.kvarbo.transmission.tunnel import OPEN, Tunnel
from simulator.municipality import Municipality
from simulator.municipality.mqtt_port import MqttOptions, MqttPort
from tests.transmission.rest.rest_sample import CONTROLLER

KVARBO = parse_profile(built_in("kvarbo"))
PASSWORD = "planted-password-0123456789"


def a_receiver(port: int, *, tunnel: Tunnel = OPEN, **changes: Any) -> MqttReceiver:
    """A receiver at a broker on loopback."""
    limit = changes.pop("answer_limit", 5.0)
    profile = changes.pop("profile", KVARBO)
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "tls": False,
        "client_id": client_id_of(CONTROLLER, f"mqtt://127.0.0.1:{port}"),
        "username": CONTROLLER,
        "password": PASSWORD,
        "certificate": Credentials(),
        "trust": Trust(),
        **changes,
    }
    return MqttReceiver(
        profile=profile,
        settings=MqttSettings(**given),
        language=Language.EN,
        controller=CONTROLLER,
        clock=SystemClock(),
        tunnel=tunnel,
        answer_limit=limit,
    )


@asynccontextmanager
async def behind_a_broker(
    **changes: Any,
) -> AsyncIterator[tuple[Municipality, MqttPort, MqttReceiver]]:
    """The municipality behind its broker, and a home's receiver there."""
    options = MqttOptions(users={CONTROLLER: PASSWORD})
    async with Municipality(token="t", mqtt=options) as municipality:
        port = municipality.mqtt
        assert port is not None
        receiver = a_receiver(port.broker.port, **changes)
        try:
            yield municipality, port, receiver
        finally:
            await receiver.close()
        assert port.broker.complaints == []
