"""A real WireGuard tunnel, broken: nothing of ours leaves by the plain link (docs/vpn.md).

In every state an open socket is seen on the plain link, so that the capture could have failed.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.transmission.scaip.sip.test_sip_resolve import NameServer

from .tunnel_lab import ECHO, NAMES, PLATFORM, SILENT, Client, Frame, Lab, laid, mark
from .tunnel_receivers import WAYS

pytestmark = [pytest.mark.peers, pytest.mark.timeout(120)]

KNOWN = ["192.0.2.1", "2001:db8::1"]
AT_ONCE = 0.5
BROKEN = ("route missing", "interface down", "interface gone")


@pytest.fixture
async def lab(tmp_path: Path, socket_enabled: None) -> AsyncIterator[Lab]:
    async with laid(tmp_path, NameServer) as made:
        yield made


async def break_it(lab: Lab, state: str) -> None:
    match state:
        case "route missing":
            await lab.drop_route()
        case "interface down":
            await lab.set_down()
        case "interface gone":
            await lab.remove_tunnel()


def leaks(frames: list[Frame]) -> list[Frame]:
    """Return the packets that are of the platform or that are ours, outside the tunnel.

    A reset without anything in it is the kernel's own.
    """
    return [
        frame
        for frame in frames
        if b"KVARBO-MARK" in frame.octets
        or (PLATFORM in (frame.source, frame.target) and not frame.is_bare_reset)
    ]


async def assert_an_open_socket_leaks(lab: Lab, client: Client) -> None:
    """The control: without a tunnel's interface the same words are seen on the plain link."""
    async with lab.capture() as frames:
        for kind in ("tcp", "udp"):
            assert (await client.do(kind))["echo"] == mark("").decode()
    seen = [frame.protocol for frame in leaks(frames) if mark("") in frame.octets]
    assert {6, 17} <= set(seen)


async def test_the_tunnel_carries_all_and_the_plain_link_sees_wireguard_alone(lab: Lab) -> None:
    client = await lab.client(lab.interface)
    async with lab.capture() as frames:
        for kind in ("tcp", "udp"):
            assert (await client.do(kind)).get("echo") == mark(lab.interface).decode()
        assert (await client.do("dns"))["addresses"] == KNOWN
    assert leaks(frames) == []
    assert any(frame.is_wireguard for frame in frames)
    assert [f for f in frames if not (f.is_wireguard or f.is_neighbours)] == []


@pytest.mark.parametrize("state", BROKEN)
async def test_in_a_broken_tunnel_no_socket_goes_by_the_plain_link(lab: Lab, state: str) -> None:
    client, control = await lab.client(lab.interface), await lab.client()
    await client.do("udp")
    await break_it(lab, state)
    async with lab.capture() as frames:
        results = [await client.do(kind) for kind in ("tcp", "udp")]
    assert leaks(frames) == []
    assert [f for f in frames if f.target_port == ECHO] == []
    if state == "route missing":
        # The kernel takes what it has no route for as being at the interface's far end.
        assert [r.get("echo") for r in results] == [mark(lab.interface).decode()] * 2
        assert any(frame.is_wireguard for frame in frames)
    else:
        error = "ENODEV" if state == "interface gone" else "ENETUNREACH"
        assert [r.get("error") for r in results] == [error] * 2
        assert max(r["took"] for r in results) < AT_ONCE
    await assert_an_open_socket_leaks(lab, control)


@pytest.mark.parametrize("state", BROKEN)
async def test_in_a_broken_tunnel_no_receiver_is_spoken_to_by_the_plain_link(
    lab: Lab, state: str
) -> None:
    """REST, SCAIP by TCP and UDP, and MQTT, as they run in a home."""
    client, control = await lab.client(lab.interface), await lab.client()
    for way in WAYS:
        assert (await client.do(f"speak {way}"))["words"], (
            "the tunnel is whole: the echo says something"
        )
    await break_it(lab, state)
    async with lab.capture() as frames:
        results = {way: (await client.do(f"speak {way}"))["words"] for way in WAYS}
    assert leaks(frames) == []
    if state != "route missing":
        why = "No such device" if state == "interface gone" else "Network is unreachable"
        assert all(why in words for words in results.values()), results
    for way in WAYS:
        async with lab.capture() as frames:
            await control.do(f"speak {way}")
        assert any(mark("") in frame.octets for frame in leaks(frames)), way


@pytest.mark.parametrize("state", BROKEN)
async def test_a_connection_that_was_open_when_the_tunnel_broke_stays_in_it(
    lab: Lab, state: str
) -> None:
    client = await lab.client(lab.interface)
    for kind in ("tcp", "udp"):
        assert "echo" in await client.do(f"keep {kind}")
    async with lab.capture() as frames:
        await break_it(lab, state)
        results = [await client.do(f"again {kind}") for kind in ("tcp", "udp")]
    assert leaks(frames) == []
    assert all(("echo" in r) == (state == "route missing") for r in results), results


async def test_of_an_interface_made_anew_old_sockets_are_dead_and_new_ones_live(lab: Lab) -> None:
    client = await lab.client(lab.interface)
    for kind in ("tcp", "udp"):
        assert "echo" in await client.do(f"keep {kind}")
    await lab.remove_tunnel()
    await lab.raise_tunnel()
    async with lab.capture() as frames:
        old = [await client.do(f"again {kind}") for kind in ("tcp", "udp")]
        new = [await client.do(kind) for kind in ("tcp", "udp")]
    assert all(r.get("error") in ("ENODEV", "ENETUNREACH", "TIMEOUT") for r in old), old
    assert [r.get("echo") for r in new] == [mark(lab.interface).decode()] * 2
    assert leaks(frames) == []


@pytest.mark.parametrize("state", BROKEN)
async def test_in_a_broken_tunnel_no_name_is_asked_for_by_the_plain_link(
    lab: Lab, state: str
) -> None:
    client, control = await lab.client(lab.interface), await lab.client()
    assert (await client.do("dns"))["addresses"] == KNOWN
    await break_it(lab, state)
    async with lab.capture() as frames:
        result = await client.do("dns")
    assert leaks(frames) == []
    assert [f for f in frames if NAMES in (f.source_port, f.target_port)] == []
    assert result["addresses"] == (KNOWN if state == "route missing" else [])
    async with lab.capture() as frames:
        assert (await control.do("dns"))["addresses"] == KNOWN
    assert [f for f in leaks(frames) if f.target_port == NAMES] != []


@pytest.mark.parametrize("state", BROKEN[1:])
async def test_a_tunnel_that_breaks_while_a_silent_name_server_is_asked_sends_the_next_none(
    lab: Lab, state: str
) -> None:
    """The next server's question needs a socket of its own, seconds after the first was made."""
    client, loop = await lab.client(lab.interface), asyncio.get_running_loop()
    async with lab.capture() as frames:
        asked = asyncio.create_task(client.do(f"dns {SILENT} {PLATFORM}"))
        try:
            await asyncio.wait_for(loop.sock_recv(lab.silent, 1000), 10)
            await break_it(lab, state)
        finally:
            result = await asked
    assert [f for f in frames if NAMES in (f.source_port, f.target_port)] == []
    assert leaks(frames) == []
    assert result["addresses"] == []
