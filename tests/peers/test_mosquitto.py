"""A real Mosquitto between a home and a municipality: TLS, certificates, kills, lost receipts, access lists."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
import json
import os
from pathlib import Path
import shutil
import signal
import socket
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
import pytest

from custom_components.kvarbo.transmission.mqtt.mqtt import MqttReceiver
from custom_components.kvarbo.transmission.receiver import Answer, Fate
from custom_components.kvarbo.transmission.rest.settings import Credentials, Trust
from simulator.mqtt import Broker, Published
from simulator.municipality import Municipality
from simulator.municipality.certificates import Authority
from simulator.municipality.faults import Mode
from simulator.municipality.mqtt_port import MqttOptions
from simulator.testing import until
from tests.transmission.mqtt_sample import PASSWORD, a_receiver
from tests.transmission.rest.rest_sample import (
    CONTROLLER,
    REFERENCE,
    a_beat,
    a_delivery,
    a_dispatch,
)

from .proxy import free_port

pytestmark = [pytest.mark.peers, pytest.mark.timeout(90)]

HOME = f"kvarbo/v1/{CONTROLLER}"
PLATFORM = "platform-password"


class Foreign:
    """The municipality's side of a broker of others, in place of its own: a client in threads."""

    def __init__(self, port: int, heard: Callable[[Published], None]) -> None:
        loop = asyncio.get_running_loop()
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id="municipality",
            protocol=MQTTProtocolVersion.MQTTv5,
        )
        self.client.username_pw_set("municipality", PLATFORM)
        self.client.reconnect_delay_set(1, 1)
        self.is_listening = asyncio.Event()
        self.port = port

        def on_connect(client: Client, *_: Any) -> None:
            client.subscribe(
                [(f"kvarbo/v1/+/{what}", 1) for what in ("alarms", "signs", "presence")]
            )

        def on_message(_client: Client, _userdata: Any, message: MQTTMessage) -> None:
            told = message.properties
            published = Published(
                topic=message.topic,
                payload=message.payload,
                qos=message.qos,
                retain=message.retain,
                response_topic=getattr(told, "ResponseTopic", ""),
                correlation=getattr(told, "CorrelationData", b""),
                content_type=getattr(told, "ContentType", ""),
                expiry=getattr(told, "MessageExpiryInterval", None),
            )
            loop.call_soon_threadsafe(heard, published)

        def on_subscribe(*_: Any) -> None:
            loop.call_soon_threadsafe(self.is_listening.set)

        self.client.on_connect = on_connect
        self.client.on_message = on_message
        self.client.on_subscribe = on_subscribe
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's own
        asked.SessionExpiryInterval = 3600
        self.client.connect("127.0.0.1", port, clean_start=False, properties=asked)
        self.client.loop_start()

    def publish(
        self, topic: str, payload: bytes, *, correlation: bytes = b"", retain: bool = False
    ) -> None:
        about = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho's own
        if correlation:
            about.CorrelationData = correlation
        self.client.publish(topic, payload, qos=1, retain=retain, properties=about)

    async def up(self) -> None:
        """It is up by itself."""

    async def down(self) -> None:
        """It is taken down by its process."""

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@dataclass
class Mosquitto:
    """A broker in a folder of its own."""

    folder: Path
    authority: Authority
    tls_port: int
    plain_port: int
    certificates: bool = False
    process: asyncio.subprocess.Process | None = None

    def lay(self) -> None:
        pair = self.authority.server()
        passwords = self.folder / "passwords"
        users = {CONTROLLER: PASSWORD, "4712": PASSWORD, "municipality": PLATFORM}
        passwords.write_text("".join(f"{u}:{p}\n" for u, p in users.items()), encoding="utf-8")
        passwords.chmod(0o600)
        os.system(f"mosquitto_passwd -U {passwords}")
        (self.folder / "acl").write_text(
            "user municipality\ntopic readwrite kvarbo/#\n"
            f"user {CONTROLLER}\ntopic readwrite {HOME}/#\n"
            "user 4712\ntopic readwrite kvarbo/v1/4712/#\n",
            encoding="utf-8",
        )
        by_certificate = (
            "require_certificate true\nuse_identity_as_username true\n" if self.certificates else ""
        )
        (self.folder / "mosquitto.conf").write_text(
            "per_listener_settings false\nallow_anonymous false\nuser root\n"
            f"password_file {passwords}\nacl_file {self.folder / 'acl'}\n"
            f"persistence true\npersistence_location {self.folder}/\n"
            "autosave_interval 1\nautosave_on_changes true\n"
            f"listener {self.plain_port} 127.0.0.1\n"
            f"listener {self.tls_port} 127.0.0.1\n"
            f"cafile {self.authority.file}\ncertfile {pair.certificate}\nkeyfile {pair.key}\n"
            + by_certificate,
            encoding="utf-8",
        )

    async def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = await asyncio.create_subprocess_exec(
            program,
            "-c",
            str(self.folder / "mosquitto.conf"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await until(lambda: listens(self.plain_port) and listens(self.tls_port), 15, "Mosquitto")

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Place:
    """All that a test has."""

    mosquitto: Mosquitto
    municipality: Municipality
    platform: Foreign
    receiver: MqttReceiver

    def another(self, **changes: Any) -> MqttReceiver:
        return a_receiver(self.mosquitto.tls_port, **{**trusting(self.mosquitto), **changes})


def trusting(mosquitto: Mosquitto) -> dict[str, Any]:
    ca = mosquitto.authority.file.read_text(encoding="utf-8")
    return {
        "host": "localhost",
        "tls": True,
        "trust": Trust(ca_certificate=ca, public=False),
    }


@asynccontextmanager
async def placed(
    folder: Path, *, certificates: bool = False, **changes: Any
) -> AsyncIterator[Place]:
    mosquitto = Mosquitto(
        folder,
        Authority.in_folder(folder / "authority"),
        free_port(),
        free_port(),
        certificates=certificates,
    )
    mosquitto.lay()
    await mosquitto.start()
    async with Municipality(token="t", mqtt=MqttOptions()) as municipality:
        assert municipality.mqtt is not None
        platform = Foreign(mosquitto.plain_port, municipality.mqtt._heard)
        await municipality.mqtt.broker.close()
        municipality.mqtt.broker = platform  # type: ignore[assignment] # a broker of others
        await asyncio.wait_for(platform.is_listening.wait(), 10)
        receiver = a_receiver(mosquitto.tls_port, **{**trusting(mosquitto), **changes})
        try:
            yield Place(mosquitto, municipality, platform, receiver)
        finally:
            await receiver.close()
            platform.stop()
            await mosquitto.kill()
            municipality.mqtt.broker = Broker()


async def test_alarms_by_tls_with_a_password_and_what_became_of_them(tmp_path: Path) -> None:
    async with placed(tmp_path) as place:
        assert (await place.receiver.heartbeat(a_beat())).answer is Answer.ACCEPTED
        assert (await place.receiver.probe(a_beat())).answer is Answer.ACCEPTED
        verdict = await place.receiver.send(a_dispatch())
        assert (verdict.answer, verdict.words) == (Answer.ACCEPTED, "Mottaget")
        [alarm] = place.municipality.state(None)["alarms"]
        place.municipality.acknowledge(alarm["alarm"])
        await until(
            lambda: (f := place.receiver._fates.get(REFERENCE)) and f.by_person, what="a person"
        )
        followed = await place.receiver.follow(a_delivery())
        assert (followed.fate, followed.by_person) == (Fate.ACKNOWLEDGED, True)
        assert place.municipality.mqtt is not None
        assert place.municipality.mqtt.presence == {CONTROLLER: "online"}
        await place.receiver.close()
        told = place.municipality.mqtt.presence
        await until(lambda: told[CONTROLLER] == "offline", what="the clean end")


async def test_a_client_certificate_in_place_of_a_password(tmp_path: Path) -> None:
    async with placed(tmp_path, certificates=True, username=None, password=None) as place:
        verdict = await place.receiver.send(a_dispatch())
        # It cuts us off, and its alert is lost with what we had already said.
        assert verdict.answer in {Answer.CREDENTIALS_REFUSED, Answer.UNREACHABLE}
        pair = place.mosquitto.authority.client(CONTROLLER)
        known = place.another(
            username=None,
            password=None,
            certificate=Credentials(
                client_certificate=pair.certificate.read_text(encoding="utf-8"),
                client_key=pair.key.read_text(encoding="utf-8"),
            ),
        )
        assert (await known.send(a_dispatch())).answer is Answer.ACCEPTED
        await known.close()


async def test_who_is_not_trusted_and_who_does_not_trust_us(tmp_path: Path) -> None:
    async with placed(tmp_path) as place:
        strange = Authority.in_folder(tmp_path / "strange").file.read_text(encoding="utf-8")
        for changes, words in (
            ({"trust": Trust(ca_certificate=strange, public=False)}, "certificate is not trusted"),
            ({"trust": Trust()}, "certificate is not trusted"),
        ):
            other = place.another(**changes)
            verdict = await other.send(a_dispatch())
            assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, False)
            assert words in verdict.words
            await other.close()
        wrong = place.another(password="wrong")
        assert (await wrong.send(a_dispatch())).answer is Answer.CREDENTIALS_REFUSED
        await wrong.close()
        assert place.municipality.state(None)["alarms"] == []


async def test_the_access_list_keeps_one_home_from_anothers_topics(tmp_path: Path) -> None:
    async with placed(tmp_path) as place:
        other = place.another(username="4712", client_id="4712")
        verdict = await other.send(a_dispatch())
        assert verdict.answer is Answer.CREDENTIALS_REFUSED
        assert place.municipality.state(None)["alarms"] == []
        await other.close()


async def test_a_killed_broker_comes_back_and_the_alarm_arrives_at_once(tmp_path: Path) -> None:
    async with placed(tmp_path, answer_limit=4.0) as place:
        assert (await place.receiver.heartbeat(a_beat())).answer is Answer.ACCEPTED
        await until((place.mosquitto.folder / "mosquitto.db").exists, 10, "what is kept")
        await place.mosquitto.kill()
        await until(lambda: not place.receiver._link.is_up, 5, "the loss")
        verdict = await place.receiver.send(a_dispatch())
        assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, False)
        place.platform.is_listening.clear()
        await place.mosquitto.start()
        loop = asyncio.get_running_loop()
        back = loop.time()
        await until(lambda: place.receiver._link.is_up, 5, "the connection")
        assert loop.time() - back < 2
        await asyncio.wait_for(place.platform.is_listening.wait(), 10)
        assert (await place.receiver.send(a_dispatch())).answer is Answer.ACCEPTED
        assert len(place.municipality.state(None)["alarms"]) == 1


async def test_a_lost_receipt_is_one_alarm_in_the_end(tmp_path: Path) -> None:
    async with placed(tmp_path, answer_limit=1.0) as place:
        await place.receiver.heartbeat(a_beat())
        await place.municipality.set_fault(Mode.ACCEPT_AND_DIE)
        verdict = await place.receiver.send(a_dispatch())
        assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, True)
        assert "broker has it" in verdict.words
        await place.municipality.set_fault(Mode.NONE)
        again = a_dispatch()
        again = replace(again, delivery=replace(again.delivery, attempts=2))
        assert (await place.receiver.send(again)).answer is Answer.ACCEPTED
        [alarm] = place.municipality.state(None)["alarms"]
        [message] = alarm["messages"]
        assert message["repeats"] == 1


async def test_where_nobody_listens_the_broker_says_so(tmp_path: Path) -> None:
    async with placed(tmp_path, answer_limit=3.0) as place:
        await place.receiver.heartbeat(a_beat())
        place.platform.client.unsubscribe("kvarbo/v1/+/alarms")
        verdict = await until_not_taken(place.receiver)
        assert "no receiver listens" in verdict.words
        assert not verdict.maybe_heard


async def until_not_taken(receiver: MqttReceiver) -> Any:
    for _ in range(10):
        verdict = await receiver.send(a_dispatch())
        if verdict.answer is not Answer.ACCEPTED:
            return verdict
    raise AssertionError("it was taken ten times")


async def test_a_second_hub_under_the_same_name_is_told_of(tmp_path: Path) -> None:
    """This broker cuts the first one off without a word; the application hears both hubs."""
    async with placed(tmp_path) as place:
        assert not (await place.receiver.heartbeat(a_beat())).conflict
        twin = place.another()
        other = a_beat(hub="01JD8ZQ3N4V5W6X7Y8Z9A0B1C9")
        assert (await twin.heartbeat(other)).answer is Answer.ACCEPTED
        await twin.close()
        await until(lambda: place.receiver._link.is_up, 5, "the connection again")
        assert (await place.receiver.heartbeat(a_beat())).conflict


async def test_a_foreign_client_reads_what_we_publish(tmp_path: Path) -> None:
    async with placed(tmp_path) as place:
        reading = await asyncio.create_subprocess_exec(
            *("mosquitto_sub", "-V", "mqttv5", "-h", "127.0.0.1"),
            *("-p", str(place.mosquitto.plain_port), "-u", "municipality", "-P", PLATFORM),
            *("-t", f"{HOME}/alarms", "-q", "1", "-C", "1", "-F", "%j", "-W", "20"),
            stdout=asyncio.subprocess.PIPE,
        )
        await until_read(place, reading)
        assert reading.stdout is not None
        said = json.loads(await reading.stdout.read())
        await reading.wait()
        assert (said["topic"], said["qos"], said["retain"]) == (f"{HOME}/alarms", 1, 0)
        told = said["properties"]
        assert told["content-type"] == "application/cloudevents+json"
        assert told["response-topic"] == f"{HOME}/receipts"
        assert told["correlation-data"] == REFERENCE
        assert "message-expiry-interval" not in told
        event = json.loads(said["payload"]) if isinstance(said["payload"], str) else said["payload"]
        assert event["id"] == REFERENCE


async def until_read(place: Place, reading: asyncio.subprocess.Process) -> None:
    """Say it until the foreign reader, which tells nobody when it listens, has read it."""
    for _ in range(40):
        await place.receiver.send(a_dispatch())
        try:
            await asyncio.wait_for(asyncio.shield(reading.wait()), 0.25)
        except TimeoutError:
            continue
        return


async def test_our_own_broker_is_one_to_foreign_clients() -> None:
    broker = Broker({"u": "p"})
    await broker.open()
    common = ("-V", "mqttv5", "-h", "127.0.0.1", "-p", str(broker.port), "-u", "u", "-P", "p")
    reading = await asyncio.create_subprocess_exec(
        *("mosquitto_sub", *common, "-t", "a/+/c", "-q", "1", "-C", "2", "-W", "20", "-v"),
        stdout=asyncio.subprocess.PIPE,
    )
    await until(lambda: any(s.filters for s in broker.sessions.values()), 10, "the reader")
    for payload in ("one", "two"):
        saying = await asyncio.create_subprocess_exec(
            *("mosquitto_pub", *common, "-t", "a/b/c", "-q", "1", "-m", payload, "-r"),
            *("-D", "publish", "content-type", "text/plain"),
        )
        assert await saying.wait() == 0
    assert reading.stdout is not None
    assert (await reading.stdout.read()).decode().split() == ["a/b/c", "one", "a/b/c", "two"]
    assert await reading.wait() == 0
    assert broker.retained["a/b/c"].payload == b"two"
    assert broker.published[0].content_type == "text/plain"
    refused = await asyncio.create_subprocess_exec(
        *("mosquitto_pub", *common[:-1], "wrong", "-t", "x", "-m", "y"),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await refused.wait() != 0
    assert broker.complaints == []
    await broker.close()
