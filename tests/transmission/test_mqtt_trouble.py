"""What can stand in the way of an MQTT receiver that no good broker does: each has its words."""

import asyncio
from pathlib import Path
import ssl
from typing import Any

import pytest

from custom_components.kvarbo.transmission.gate import GateError, Refusal
from custom_components.kvarbo.transmission.mqtt import link, mqtt
from custom_components.kvarbo.transmission.mqtt.dial import why
from custom_components.kvarbo.transmission.mqtt.wire import Wire
from custom_components.kvarbo.transmission.receiver import Answer
from custom_components.kvarbo.transmission.rest.session import UnansweredError
from custom_components.kvarbo.transmission.rest.settings import (
    Credentials,
    SettingError,
    SettingProblem,
    Trust,
)
from custom_components.kvarbo.transmission.rest.words import Said
from simulator.municipality.certificates import Authority, server_context
from simulator.testing import until
from tests.transmission.mqtt_sample import a_receiver, behind_a_broker
from tests.transmission.rest.rest_sample import a_beat, a_dispatch

pytestmark = pytest.mark.usefixtures("socket_enabled")


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "x")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), Said.OWN_CERTIFICATE_REFUSED),
        (alert("WRONG_VERSION_NUMBER"), Said.TLS),
        (ssl.SSLCertVerificationError(1, "x"), Said.CERTIFICATE),
        (ConnectionRefusedError(), Said.REFUSED),
        (ConnectionResetError(), Said.CUT_OFF),
        (OSError(101, "Network is unreachable"), Said.UNREACHABLE),
        (ValueError(), Said.NOT_MQTT),
        (UnansweredError(Said.NO_NAME, maybe_heard=False), Said.NO_NAME),
    ],
)
def test_why_there_is_no_connection(error: Exception, said: Said) -> None:
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed"
    assert why(error).said is said


async def test_a_name_is_asked_for_and_may_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def addresses(_self: object, name: str) -> list[str]:
        return ["127.0.0.1"] if name == "localhost" else []

    monkeypatch.setattr(
        "custom_components.kvarbo.transmission.scaip.sip.dns.Dns.addresses", addresses
    )
    async with behind_a_broker(host="localhost") as (_, _, receiver):
        assert (await receiver.send(a_dispatch())).answer is Answer.ACCEPTED
    nowhere = a_receiver(1, host="larm.example.se")
    assert "name" in (await nowhere.send(a_dispatch())).words
    await nowhere.close()


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    context = server_context(Authority.in_folder(tmp_path / "a").server(), None)
    strange = Authority.in_folder(tmp_path / "b").file.read_text(encoding="utf-8")
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    receiver = a_receiver(port, tls=True, trust=Trust(ca_certificate=strange, public=False))
    verdict = await receiver.send(a_dispatch())
    assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, False)
    assert "not trusted" in verdict.words
    await receiver.close()
    server.close()


async def test_a_far_end_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "CONNECT_LIMIT", 0.2)
    held: list[object] = []
    server = await asyncio.start_server(lambda *ends: held.extend(ends), "127.0.0.1", 0)
    receiver = a_receiver(server.sockets[0].getsockname()[1])
    verdict = await receiver.send(a_dispatch())
    assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, False)
    await receiver.close()
    assert not receiver._link.is_up
    with pytest.raises(UnansweredError):
        await receiver._link.up()
    server.close()


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (SettingError("client_key", SettingProblem.NOT_PEM), Answer.CREDENTIALS_REFUSED),
        (SettingError("ca_certificate", SettingProblem.NOT_PEM), Answer.UNREACHABLE),
        (GateError(Refusal.TYPE, "x"), Answer.UNREACHABLE),
        (RuntimeError("x"), Answer.UNREACHABLE),
        (
            UnansweredError(Said.OWN_CERTIFICATE_REFUSED, "x", maybe_heard=False),
            Answer.CREDENTIALS_REFUSED,
        ),
    ],
)
async def test_a_fault_of_ours_is_a_verdict(
    monkeypatch: pytest.MonkeyPatch, error: Exception, answer: Answer
) -> None:
    async def up(_self: object) -> None:
        raise error

    monkeypatch.setattr(link.Link, "up", up)
    receiver = a_receiver(1)
    verdict = await receiver.send(a_dispatch())
    assert verdict.answer is answer
    assert verdict.maybe_heard is isinstance(error, RuntimeError)
    await receiver.close()


async def test_what_fails_once_inside_does_not_end_the_keeping(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link, "_TICK", 0.02)
    monkeypatch.setattr(link, "AGAIN", (0.01, 0.02))
    async with behind_a_broker() as (_, port, receiver):
        await receiver.heartbeat(a_beat())
        real, failures = link.Link.up, [ValueError("x"), ValueError("y")]

        async def up(self: link.Link) -> None:
            if failures:
                raise failures.pop()
            await real(self)

        monkeypatch.setattr(link.Link, "up", up)
        client = receiver._link._client
        assert client is not None

        def broken() -> Any:
            raise ValueError("z")

        monkeypatch.setattr(client, "loop_misc", broken)
        await until(lambda: port.broker.connects == 2, 5, "the new connection")
        await until(lambda: receiver._link.is_up, 5, "the connection")
        assert "The library failed inside" in caplog.text
        assert "could not be made anew" in caplog.text


async def test_only_so_many_fates_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "_MOST_FATES", 2)
    async with behind_a_broker() as (_, port, receiver):
        await receiver.heartbeat(a_beat())
        for name in ("R1", "R2", "R3"):
            port.broker.publish(f"kvarbo/v1/4711/states/{name}", b'{"state": "received"}')
        await until(lambda: "R3" in receiver._fates, 5, "the last")
        assert list(receiver._fates) == ["R2", "R3"]


def test_a_wire_without_a_connection() -> None:
    lost: list[Exception | None] = []
    wire = Wire(lambda: None, lost.append)
    assert wire.fileno() == -1
    with pytest.raises(BlockingIOError):
        wire.recv(1)
    with pytest.raises(ConnectionResetError):
        wire.send(b"x")
    wire.close()
    wire.connection_lost(None)
    wire.connection_lost(None)
    assert lost == [None]
    assert wire.recv(1) == b""


async def test_a_certificate_of_no_use_is_told_as_ours() -> None:
    receiver = a_receiver(
        1,
        tls=True,
        certificate=Credentials(client_certificate="-----BEGIN x", client_key="-----BEGIN x"),
    )
    assert (await receiver.send(a_dispatch())).answer is Answer.CREDENTIALS_REFUSED
    await receiver.close()
