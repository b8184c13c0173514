"""A home's alarm chain inside the home's namespace, with one real receiver by the tunnel.

`WAY INTERFACE HOST PORT [SECOND]`: with a second interface the same receiver is reached by that one too.

Takes `press` on its standard input; tells by lines of JSON when an alarm was received, and each change of the path.
"""

import asyncio
import json
import sys
import time
from typing import Any

from custom_components.kvarbo.alarm.alarm import DeliveryState
from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.chain import Happening, What
from custom_components.kvarbo.path_check import PathCheck
from custom_components.kvarbo.transmission.mqtt.mqtt import MqttReceiver
from custom_components.kvarbo.transmission.mqtt.profile import (
    built_in as built_in_mqtt,
    parse_profile as parse_mqtt_profile,
)
from custom_components.kvarbo.transmission.mqtt.settings import MqttSettings
from custom_components.kvarbo.transmission.outlet import Outlet
from custom_components.kvarbo.transmission.receiver import Receiver
from custom_components.kvarbo.transmission.rest.profile import built_in
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from custom_components.kvarbo.transmission.rest.rest import RestReceiver
from custom_components.kvarbo.transmission.rest.settings import Credentials, Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import ScaipSettings, read_credentials
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from custom_components.kvarbo.transmission.tunnel import Enforcement, Road, Tunnel
from tests.support.pure_home import PureHome

PASSWORD = "s3cret"
TOKEN = "t"


def receiver_of(way: str, tunnel: Tunnel, host: str, port: int) -> Receiver:
    """The receiver of a way, as the home's shell makes it."""
    common: dict[str, Any] = {
        "language": Language.EN,
        "controller": "4711",
        "clock": SystemClock(),
        "tunnel": tunnel,
    }
    match way:
        case "rest":
            return RestReceiver(
                profile=parse_profile(built_in("kvarbo")),
                url=f"http://{host}:{port}",
                credentials=Credentials(token=TOKEN),
                trust=Trust(),
                **common,
            )
        case "mqtt":
            return MqttReceiver(
                profile=parse_mqtt_profile(built_in_mqtt("kvarbo")),
                settings=MqttSettings(
                    host=host,
                    port=port,
                    tls=False,
                    client_id="kvarbo-4711",
                    username="4711",
                    password=PASSWORD,
                    certificate=Credentials(),
                    trust=Trust(),
                ),
                **common,
            )
        case _:
            address = SipUri(host=host, user="larm")
            return ScaipReceiver(
                settings=ScaipSettings(
                    receiver=address,
                    own=SipUri(host="localhost", user="4711"),
                    route=SipUri(host=host, port=port, params={"transport": "tcp"}),
                    credentials=read_credentials("4711", PASSWORD),
                    registers=True,
                    instance="00000000-0000-4000-8000-000000000001",
                    trust=Trust(),
                ),
                profile=ScaipProfile(name="mrq", dialect=Dialect.MRQ),
                **common,
            )


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps({"at": time.time(), **words}) + "\n")
    sys.stdout.flush()


async def main(way: str, interface: str, host: str, port: int, second: str = "") -> None:
    home = PureHome(host=SystemClock())
    tunnel = Tunnel(enforcement=Enforcement.INTERFACE, interface=interface)
    check = PathCheck(home.chain, lambda: say(path=check.state))
    said: set[str] = set()

    def happened(happening: Happening) -> None:
        if happening.what is What.RECEIVED and happening.alarm.id not in said:
            said.add(happening.alarm.id)
            message = home.ledger.alarm_message(happening.alarm.id)
            deliveries = home.ledger.deliveries_of(message.id)
            [by, *_] = [d.receiver for d in deliveries if d.state is DeliveryState.RECEIVED]
            say(received=happening.alarm.kind, number=happening.alarm.source.number, by=by)

    home.chain.hear(happened)
    outlets = [Outlet(key=way, receiver=receiver_of(way, tunnel, host, port))]
    other = PathCheck(home.chain, lambda: say(second=other.state), Road.SECOND)
    beside = Tunnel(enforcement=Enforcement.INTERFACE, interface=second) if second else None
    if beside is not None:
        made = receiver_of(way, beside, host, port)
        outlets.append(Outlet(key="second", receiver=made, road=Road.SECOND))
    await home.start(*outlets)
    await check.apply(tunnel)
    if beside is not None:
        await other.apply(beside)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    number = 0
    while await reader.readline():
        number += 1
        await home.press(number)
        say(pressed=number)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), *sys.argv[5:]))
