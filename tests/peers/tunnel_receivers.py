"""Real receivers' signs of life from inside the home's namespace, each with a mark in its octets.

The far end only echoes, so that none is ever answered as it should be: what counts is where they went.
"""

import asyncio
from datetime import UTC, datetime
from typing import Final

from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.mqtt.mqtt import MqttReceiver
from custom_components.kvarbo.transmission.mqtt.profile import (
    built_in as built_in_mqtt,
    parse_profile as parse_mqtt_profile,
)
from custom_components.kvarbo.transmission.mqtt.settings import MqttSettings
from custom_components.kvarbo.transmission.receiver import Heartbeat, Receiver
from custom_components.kvarbo.transmission.rest.profile import built_in
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from custom_components.kvarbo.transmission.rest.rest import RestReceiver
from custom_components.kvarbo.transmission.rest.settings import Credentials, Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import ScaipSettings, read_credentials
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from custom_components.kvarbo.transmission.tunnel import Tunnel

#: One of each, by how they are spoken to.
WAYS: Final = ("rest", "scaip-tcp", "scaip-udp", "mqtt")
_PATIENCE: Final = 1.5


def _rest(tunnel: Tunnel, host: str, port: int, mark: str) -> Receiver:
    return RestReceiver(
        profile=parse_profile(built_in("kvarbo")),
        url=f"http://{host}:{port}",
        credentials=Credentials(token=mark),
        trust=Trust(),
        language=Language.EN,
        controller="4711",
        clock=SystemClock(),
        tunnel=tunnel,
    )


def _scaip(tunnel: Tunnel, host: str, port: int, mark: str, transport: str) -> Receiver:
    address = SipUri(host=host, user=mark)
    return ScaipReceiver(
        settings=ScaipSettings(
            receiver=address,
            own=SipUri(host=host, user=mark),
            route=SipUri(host=host, port=port, params={"transport": transport}),
            credentials=read_credentials("4711", "s3cret"),
            registers=True,
            instance="00000000-0000-4000-8000-000000000001",
            trust=Trust(),
        ),
        profile=ScaipProfile(name="mrq", dialect=Dialect.MRQ),
        language=Language.EN,
        controller="4711",
        clock=SystemClock(),
        tunnel=tunnel,
    )


def _mqtt(tunnel: Tunnel, host: str, port: int, mark: str) -> Receiver:
    return MqttReceiver(
        profile=parse_mqtt_profile(built_in_mqtt("kvarbo")),
        settings=MqttSettings(
            host=host,
            port=port,
            tls=False,
            client_id="kvarbo-4711",
            username=mark,
            certificate=Credentials(),
            trust=Trust(),
        ),
        language=Language.EN,
        controller="4711",
        clock=SystemClock(),
        tunnel=tunnel,
    )


async def speak(way: str, tunnel: Tunnel, host: str, port: int, mark: str) -> str:
    """Send a heartbeat and a probe; return what was said of the first, or "waited" where nothing was."""
    kind, _, transport = way.partition("-")
    make = (tunnel, host, port, mark)
    match kind:
        case "rest":
            receiver = _rest(*make)
        case "mqtt":
            receiver = _mqtt(*make)
        case _:
            receiver = _scaip(*make, transport)
    beat = Heartbeat(hub="h", version="1", interval=300, undelivered=0, sent_at=datetime.now(UTC))
    try:
        async with asyncio.timeout(_PATIENCE):
            verdict = await receiver.heartbeat(beat)
            await receiver.probe(beat)
    except TimeoutError:
        return "waited"
    finally:
        await receiver.close()
    return verdict.words
