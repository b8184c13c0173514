"""The receiver against real sockets: what it sends, when it says so, and what it makes of whatever comes back."""

import asyncio
from contextlib import nullcontext
import gzip
import logging
import socket
import ssl
from typing import Any, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_writer import StreamWriter
import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import Answer, Fate, Followed
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from custom_components.kvarbo.transmission.rest.session import _Begun, _Body
from custom_components.kvarbo.transmission.tunnel import Enforcement, Tunnel
from tests.support.samples import sealed
from tests.transmission.rest.rest_sample import (
    REFERENCE,
    TOKEN,
    MakeReceiver,
    a_beat,
    a_delivery,
    a_dispatch,
    changed,
)
from tests.transmission.rest.rest_server import Answer as Script, accepted, answer, serving


async def test_an_alarm_goes_as_the_profile_says_and_its_receipt_comes_back(
    make: MakeReceiver,
) -> None:
    async with serving(accepted(status="/v1/receipts/R-1", words="Mottaget")) as server:
        verdict = await make(server.url).send(a_dispatch())
    [request] = server.requests
    assert request.line == "POST /v1/events HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"] == "Kvarbo"
    assert "cookie" not in request.headers
    assert request.json["id"] == REFERENCE
    assert verdict.answer is Answer.ACCEPTED
    assert verdict.receipt == "R-1"
    assert verdict.status_address == f"{server.url}/v1/receipts/R-1"
    assert verdict.words == "Mottaget"
    assert verdict.took is not None
    assert 0 < verdict.took < 5


async def test_a_path_of_the_address_stays_before_the_path_of_the_profile(
    make: MakeReceiver,
) -> None:
    async with serving(accepted()) as server:
        await make(f"{server.url}/larm/a%20b").send(a_dispatch())
    assert server.requests[0].line == "POST /larm/a%20b/v1/events HTTP/1.1"


async def test_without_a_token_there_is_no_authorization(make: MakeReceiver) -> None:
    async with serving(accepted()) as server:
        await make(server.url, token=None).send(a_dispatch())
    assert "authorization" not in server.requests[0].headers


async def test_written_is_told_when_the_whole_request_has_left_and_before_any_answer(
    make: MakeReceiver,
) -> None:
    told: list[str] = []
    arrived, answer_now = asyncio.Event(), asyncio.Event()

    async def wait_then_accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append("arrived")
        arrived.set()
        await answer_now.wait()
        told.append("answered")
        writer.write(accepted())

    async with serving(wait_then_accept) as server:
        written = asyncio.Event()

        def hook() -> None:
            told.append("written")
            written.set()

        sending = asyncio.create_task(make(server.url).send(a_dispatch(), written=hook))
        await asyncio.wait_for(written.wait(), 5)
        await asyncio.wait_for(arrived.wait(), 5)
        assert not sending.done()
        answer_now.set()
        assert (await sending).answer is Answer.ACCEPTED
    assert told == ["written", "arrived", "answered"]


class _Writer(StreamWriter):
    """aiohttp's own writer, with a note of what happened in which order: no socket can tell it."""

    def __init__(self, told: list[str], *, broken: bool = False) -> None:
        super().__init__(BaseProtocol(asyncio.get_running_loop()), asyncio.get_running_loop())
        self.told = told
        self.broken = broken

    @override
    async def write(self, chunk: Any, *, drain: bool = True, LIMIT: int = 0x10000) -> None:
        if self.broken:
            raise ConnectionResetError
        self.told.append(f"wrote {chunk.decode()}")


@pytest.mark.parametrize("broken", [False, True])
async def test_written_is_told_after_the_last_octet_and_not_of_a_broken_one(broken: bool) -> None:
    told: list[str] = []
    begun = _Begun()
    body = _Body(sealed(b"{}"), "application/json", begun, lambda: told.append("written"))
    with nullcontext() if not broken else pytest.raises(ConnectionResetError):
        await body.write_with_length(_Writer(told, broken=broken), None)
    assert told == ([] if broken else ["wrote {}", "written"])
    # Some of it may have gone all the same.
    assert begun.at is not None


async def test_written_is_not_told_when_nobody_listens(
    make: MakeReceiver, unused_tcp_port: int
) -> None:
    told: list[str] = []
    receiver = make(f"http://127.0.0.1:{unused_tcp_port}")
    verdict = await receiver.send(a_dispatch(), written=lambda: told.append("written"))
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words == "Connection refused"
    assert not verdict.maybe_heard
    assert told == []


async def test_no_alarm_waits_for_the_answer_to_another(make: MakeReceiver) -> None:
    arrived: list[asyncio.StreamWriter] = []
    everyone = asyncio.Event()

    async def wait_for_all(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(writer)
        if len(arrived) == 120:
            everyone.set()
        await everyone.wait()
        writer.write(accepted())

    async with serving(wait_for_all) as server:
        receiver = make(server.url, answer_limit=20)
        verdicts = await asyncio.gather(*(receiver.send(a_dispatch()) for _ in range(120)))
    assert {verdict.answer for verdict in verdicts} == {Answer.ACCEPTED}


async def test_a_connection_is_used_again_at_once(make: MakeReceiver) -> None:
    async with serving(accepted()) as server:
        receiver = make(server.url)
        for _ in range(3):
            await receiver.send(a_dispatch())
    assert server.connections == 1


async def test_cookies_are_neither_kept_nor_sent(make: MakeReceiver) -> None:
    baked = answer(200, {"verdict": "accepted", "receipt": "R-1"}, Set_Cookie="a=b; Path=/")
    async with serving(baked) as server:
        receiver = make(server.url)
        await receiver.send(a_dispatch())
        await receiver.send(a_dispatch())
    assert "cookie" not in server.requests[1].headers


async def test_proxies_and_passwords_of_the_environment_are_not_used(
    make: MakeReceiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login resident password planted\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serving(accepted()) as server:
        verdict = await make(server.url, token=None).send(a_dispatch())
    assert verdict.answer is Answer.ACCEPTED
    assert "authorization" not in server.requests[0].headers


async def _close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def _trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    whole = accepted()
    for position in range(len(whole)):
        writer.write(whole[position : position + 1])
        await asyncio.sleep(0.05)


async def _endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
        await writer.drain()


async def _endless_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"a" * 1000 + b"\r\n")
        await writer.drain()


async def _half(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (_close, "The connection ended without a whole answer"),
        (_reset, "The connection ended without a whole answer"),
        (_half, "The connection ended without a whole answer"),
        (_silent, "No answer within 0.5 s"),
        (_trickle, "No answer within 0.5 s"),
        (_endless, "The answer is too large"),
        (_endless_headers, "The answer is not HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "The answer is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "The answer is not HTTP"),
        (answer(200, b"x" * (64 * 1024 + 1)), "The answer is too large"),
        (answer(200), "The answer cannot be read (HTTP 200)"),
        (answer(200, b"<html>\xff"), "The answer cannot be read (HTTP 200)"),
        (answer(200, b"[" * 65536), "The answer cannot be read (HTTP 200)"),
        (answer(200, {}), "The answer holds no verdict (HTTP 200)"),
        (answer(200, {"verdict": "accepted"}), "The answer holds no receipt (HTTP 200)"),
        (answer(500, b"<html>"), "HTTP 500"),
        (answer(404, {"words": "Nothing is here"}), "HTTP 404: Nothing is here"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value)[:30],
)
async def test_no_answer_that_counts_means_again_and_perhaps_heard(
    make: MakeReceiver, script: Script, words: str
) -> None:
    async with serving(script) as server:
        verdict = await make(server.url, answer_limit=0.5).send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words == words
    assert verdict.maybe_heard
    assert verdict.receipt is None
    assert verdict.status_address is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_redirect_is_never_followed(make: MakeReceiver, status: int, method: str) -> None:
    profile = parse_profile(changed(lambda d: d.update(method=method)))
    async with serving(accepted()) as elsewhere:
        away = answer(status, {"words": "gone"}, Location=f"{elsewhere.url}/v1/events")
        async with serving(away) as server:
            verdict = await make(server.url, profile=profile).send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.maybe_heard
    assert str(status) in verdict.words
    assert "not followed" in verdict.words
    assert elsewhere.requests == []


async def test_a_put_is_not_repeated_behind_the_transmitters_back(make: MakeReceiver) -> None:
    profile = parse_profile(changed(lambda d: d.update(method="PUT")))
    async with serving(_close) as server:
        verdict = await make(server.url, profile=profile).send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert len(server.requests) == 1


async def test_a_compressed_answer_is_not_unpacked(make: MakeReceiver) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    async with serving(answer(200, bomb, Content_Encoding="gzip")) as server:
        verdict = await make(server.url).send(a_dispatch())
    assert verdict.words == "The answer cannot be read (HTTP 200)"


class _NoNames(AbstractResolver):
    """A name service that knows nobody; the real one would be asked over the network."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(None, "planted: no such name")

    @override
    async def close(self) -> None:
        pass


async def test_an_unknown_name_is_surely_not_heard(make: MakeReceiver) -> None:
    def connector(tls: ssl.SSLContext, _tunnel: Tunnel) -> aiohttp.BaseConnector:
        return aiohttp.TCPConnector(ssl=tls, resolver=_NoNames())

    verdict = await make("https://larm.invalid", connector=connector).send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words == "The name of the receiver is not known to the network"
    assert not verdict.maybe_heard


@pytest.mark.parametrize("interface", ["kvarbo-none", "lo"])
async def test_a_tunnel_is_the_only_way_out(make: MakeReceiver, interface: str) -> None:
    """A confined socket that cannot be had (A8: the tunnel is down) is no way out by another."""
    tunnel = Tunnel(enforcement=Enforcement.INTERFACE, interface=interface)
    async with serving(accepted()) as server:
        verdict = await make(server.url, tunnel=tunnel).send(a_dispatch())
    if interface == "lo":
        assert verdict.answer is Answer.ACCEPTED
        return
    assert server.connections == 0
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words == "The network does not lead there (No such device)"
    assert not verdict.maybe_heard


async def test_a_name_is_not_asked_for_where_the_tunnel_is_gone(make: MakeReceiver) -> None:
    tunnel = Tunnel(enforcement=Enforcement.INTERFACE, interface="kvarbo-none")
    verdict = await make("https://larm.example", tunnel=tunnel).send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words == "The name of the receiver is not known to the network"
    assert not verdict.maybe_heard


async def test_words_about_a_failure_are_in_the_receivers_language(
    make: MakeReceiver, unused_tcp_port: int
) -> None:
    receiver = make(f"http://127.0.0.1:{unused_tcp_port}", language=Language.SV)
    assert (await receiver.send(a_dispatch())).words == "Anslutningen nekades"


async def test_a_cancelled_sending_is_cancelled(make: MakeReceiver) -> None:
    async with serving(_silent) as server:
        sending = asyncio.create_task(make(server.url).send(a_dispatch()))
        await server.received()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_after_closing_nothing_is_sent_and_closing_twice_is_well(
    make: MakeReceiver,
) -> None:
    async with serving(accepted()) as server:
        receiver = make(server.url)
        await receiver.send(a_dispatch())
        await receiver.close()
        await receiver.close()
        verdict = await receiver.send(a_dispatch())
        assert await receiver.follow(a_delivery(status_address=f"{server.url}/x")) == Followed(
            Fate.NOT_KNOWN
        )
    assert len(server.requests) == 1
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words == "The receiver is no longer in use"
    assert not verdict.maybe_heard


async def test_closing_while_an_answer_is_awaited_is_a_verdict(make: MakeReceiver) -> None:
    async with serving(_silent) as server:
        receiver = make(server.url)
        sending = asyncio.create_task(receiver.send(a_dispatch()))
        await server.received()
        await receiver.close()
        verdict = await sending
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.maybe_heard


async def test_a_fault_of_ours_is_a_verdict_and_is_reported(
    make: MakeReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: ssl.SSLContext, _tunnel: Tunnel) -> aiohttp.BaseConnector:
        raise ZeroDivisionError

    receiver = make("https://127.0.0.1", connector=broken)
    verdict = await receiver.send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.maybe_heard
    assert verdict.words == "A fault inside Kvarbo (ZeroDivisionError)"
    address = "https://127.0.0.1/v1/receipts/R-1"
    assert await receiver.follow(a_delivery(status_address=address)) == Followed(Fate.NOT_KNOWN)
    assert caplog.text.count("ZeroDivisionError") >= 2


async def test_a_minimal_message_follows_a_refused_form(make: MakeReceiver) -> None:
    async with serving(accepted()) as server:
        receiver = make(server.url)
        await receiver.send(a_dispatch(delivery={"minimal": True}))
        await receiver.send(a_dispatch(MessageKind.UPDATE, delivery={"minimal": True}))
    full, update = (request.json for request in server.requests)
    assert full["id"] == REFERENCE
    assert full["type"] == "org.kvarbo.alarm.raised"
    assert update["type"] == "org.kvarbo.alarm.updated"
    least = {"schema", "alarm", "kind", "class", "priority", "test", "demo", "raised_at"}
    assert full["data"].keys() == update["data"].keys() == least


async def test_a_token_never_comes_out_again(
    make: MakeReceiver, caplog: pytest.LogCaptureFixture, unused_tcp_port: int
) -> None:
    """A far end that repeats the token wherever it can; a far end that is not there."""
    caplog.set_level(logging.DEBUG)
    echo = {
        "verdict": "accepted",
        "receipt": f"R-{TOKEN}",
        "status": f"/v1/receipts/{TOKEN}",
        "words": f"you said Bearer {TOKEN} " + TOKEN * 50,
        "retry_after": TOKEN,
    }
    said: list[str] = []
    for status in (200, 307, 400, 401, 404, 429, 500):
        async with serving(answer(status, echo, Location=f"/{TOKEN}", X_Echo=TOKEN)) as server:
            receiver = make(server.url)
            said.append(repr(await receiver.send(a_dispatch())))
            said.append(repr(await receiver.heartbeat(a_beat())))
            delivery = a_delivery(status_address=f"{server.url}/v1/receipts/{TOKEN}")
            said.append(repr(await receiver.follow(delivery)))
            said.append(repr(receiver))
    async with serving(f"HTTP/1.1 {TOKEN}\r\n\r\n".encode()) as server:
        said.append(repr(await make(server.url).send(a_dispatch())))
    said.append(repr(await make(f"http://127.0.0.1:{unused_tcp_port}").send(a_dispatch())))
    assert TOKEN not in "".join(said)
    assert TOKEN not in caplog.text
    assert "receipt='R-***'" in said[0]
    assert "you said Bearer ***" in said[0]
    assert "status_address=None" in said[0]


async def test_a_sign_of_life_needs_a_verdict_but_no_receipt(make: MakeReceiver) -> None:
    async with serving(answer(200, {"verdict": "accepted", "conflict": True})) as server:
        receiver = make(server.url)
        beat, probe = await receiver.heartbeat(a_beat()), await receiver.probe(a_beat())
    assert [r.json["type"] for r in server.requests] == [
        "org.kvarbo.heartbeat",
        "org.kvarbo.probe",
    ]
    assert server.requests[0].json["id"] != server.requests[1].json["id"]
    for verdict in (beat, probe):
        assert verdict.answer is Answer.ACCEPTED
        assert verdict.receipt is None
        assert verdict.conflict
