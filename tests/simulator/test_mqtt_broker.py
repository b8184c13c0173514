"""The simulated broker, held to the protocol by a client of others: subscriptions come, have names, and go."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
import pytest

from simulator.mqtt import Broker
from simulator.testing import until


@pytest.fixture
async def broker(socket_enabled: None) -> AsyncIterator[Broker]:
    made = Broker()
    await made.open(0)
    yield made
    await made.close()


async def test_subscriptions_with_and_without_a_name(broker: Broker) -> None:
    got: list[tuple[str, list[int]]] = []
    done: list[str] = []
    client = Client(
        CallbackAPIVersion.VERSION2, client_id="foreign", protocol=MQTTProtocolVersion.MQTTv5
    )

    def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
        got.append((message.topic, list(getattr(message.properties, "SubscriptionIdentifier", []))))

    client.on_message = on_message
    client.on_connect = lambda *_: done.append("connected")
    client.on_subscribe = lambda *_: done.append("subscribed")
    client.on_unsubscribe = lambda *_: done.append("unsubscribed")
    client.connect_async("127.0.0.1", broker.port)
    client.loop_start()
    try:
        await until(lambda: "connected" in done, what="the connection")
        named = Properties(PacketTypes.SUBSCRIBE)  # type: ignore[no-untyped-call] # paho's own
        named.SubscriptionIdentifier = 300
        client.subscribe("a/+", qos=1, properties=named)
        client.subscribe("b", qos=1)
        await until(lambda: done.count("subscribed") == 2, what="the subscriptions")
        broker.publish("a/x", b"1")
        broker.publish("b", b"2")
        await until(lambda: len(got) == 2, what="both")
        assert sorted(got) == [("a/x", [300]), ("b", [])]
        client.unsubscribe("a/+")
        client.unsubscribe("never")
        await until(lambda: done.count("unsubscribed") == 2, what="the end of the subscription")
        broker.publish("a/y", b"3")
        broker.publish("b", b"4")
        await until(lambda: len(got) == 3, what="the other")
        await asyncio.sleep(0)
        assert [topic for topic, _ in got[2:]] == ["b"]
        assert broker.complaints == []
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
