"""A touch by real sockets: taken, refused, hung up on, nobody there; one connection that stands."""

import asyncio

import pytest

from custom_components.kvarbo.transmission.touching import Touching
from custom_components.kvarbo.transmission.tunnel import OPEN, Enforcement, Tunnel
from simulator.testing import until

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_a_connection_stands_and_is_asked_again_without_another() -> None:
    came: list[asyncio.StreamWriter] = []

    async def taken(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer)

    server = await asyncio.start_server(taken, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    touching = Touching(OPEN, "127.0.0.1", port)
    assert await touching.touch()
    assert await touching.touch()
    await until(lambda: len(came) == 1, what="the connection")
    # It hangs up: it is there all the same, and is called again.
    came[0].close()
    await came[0].wait_closed()
    await until(lambda: touching._standing is not None, what="a connection")
    for _ in range(3):
        assert await touching.touch()
        await asyncio.sleep(0)
    await until(lambda: len(came) >= 1, what="it")
    server.close()
    touching.close()
    touching.close()
    for writer in came:
        writer.close()


async def test_refused_is_reached() -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    touching = Touching(OPEN, "127.0.0.1", port)
    assert await touching.touch()
    assert touching._standing is None


@pytest.mark.parametrize(
    "tunnel",
    [
        Tunnel(enforcement=Enforcement.ROUTER),
        Tunnel(enforcement=Enforcement.INTERFACE, interface="kvarbo-none"),
    ],
)
async def test_where_nothing_may_or_can_go_nobody_is_reached(tunnel: Tunnel) -> None:
    touching = Touching(tunnel, "127.0.0.1", 9)
    with pytest.raises(OSError):  # noqa: PT011 - whichever way the kernel or the rule says it
        await touching.touch()


async def test_an_unknown_name_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    async def addresses(_self: object, _name: str) -> list[str]:
        return []

    monkeypatch.setattr(
        "custom_components.kvarbo.transmission.scaip.sip.dns.Dns.addresses", addresses
    )
    with pytest.raises(OSError, match="no address"):
        await Touching(OPEN, "larm.example.se", 9).touch()


class Standing:
    """A connection that is as it is told to be."""

    def __init__(self, said: bytes | OSError) -> None:
        self.said = said
        self.closed = False

    def recv(self, _most: int) -> bytes:
        if isinstance(self.said, OSError):
            raise self.said
        return self.said

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("said", [b"", b"x", ConnectionResetError(), TimeoutError()])
async def test_a_connection_that_does_not_stand_any_more(said: bytes | OSError) -> None:
    touching = Touching(OPEN, "127.0.0.1", 9)
    standing = Standing(said)
    touching._standing = standing  # type: ignore[assignment] # no kernel says this on command
    if isinstance(said, TimeoutError):
        with pytest.raises(TimeoutError):
            await touching.touch()
    else:
        assert await touching.touch()
    assert standing.closed
