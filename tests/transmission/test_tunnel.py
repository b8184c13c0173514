"""The only way out: sockets are tied before they are connected, or there are none (R01, R02).

That nothing leaves by the plain link is proved by captures, with a real WireGuard tunnel, in
tests/peers/test_tunnel.py.
"""

import asyncio
import errno
from ipaddress import ip_address, ip_network
from pathlib import Path
import socket
from typing import Any, override
from unittest.mock import AsyncMock

from aiohttp.abc import AbstractResolver
from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.transmission.rest.session import _Names
from custom_components.kvarbo.transmission.scaip.sip import dns
from custom_components.kvarbo.transmission.scaip.sip.dns import Dns
from custom_components.kvarbo.transmission.tunnel import (
    OPEN,
    USER_TIMEOUT,
    Enforcement,
    OutsideError,
    Tunnel,
    is_interface_name,
    tunnels_present,
)

ROUTER = Tunnel(enforcement=Enforcement.ROUTER)
DEMO = Tunnel(enforcement=Enforcement.DEMO)
LOOP = Tunnel(enforcement=Enforcement.INTERFACE, interface="lo")
GONE = Tunnel(enforcement=Enforcement.INTERFACE, interface="kvarbo-none")
#: What RFC 1918, 6598 and 4193 keep from the open internet, written here a second time.
PRIVATE = [
    ip_network(text)
    for text in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """These tests are about sockets; none of them sends anything but to this machine."""


def opened(tunnel: Tunnel, host: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    proto = socket.IPPROTO_TCP if kind == socket.SOCK_STREAM else socket.IPPROTO_UDP
    return tunnel.open_socket(family, kind, proto, host)


def bound_to(made: socket.socket) -> bytes:
    return made.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0")


def test_an_interface_without_a_name_leads_nowhere() -> None:
    """The kernel takes an empty name as the word to untie."""
    with pytest.raises(OutsideError):
        opened(Tunnel(enforcement=Enforcement.INTERFACE, interface=""), "127.0.0.1")


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_socket_is_tied_before_it_is_connected(kind: int) -> None:
    with opened(LOOP, "127.0.0.1", kind) as made:
        assert bound_to(made) == b"lo"
        assert made.getblocking() is False
    with opened(OPEN, "127.0.0.1", kind) as made:
        assert bound_to(made) == b""


@pytest.mark.parametrize("tunnel", [OPEN, LOOP, DEMO])
def test_a_connection_sends_at_once_and_notices_a_dead_end(tunnel: Tunnel) -> None:
    with opened(tunnel, "127.0.0.1") as made:
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == USER_TIMEOUT == 5000
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_without_the_interface_there_is_no_socket(kind: int) -> None:
    with pytest.raises(OSError, match="No such device") as caught:
        opened(GONE, "127.0.0.1", kind)
    assert caught.value.errno == errno.ENODEV


@given(st.ip_addresses())
def test_by_a_router_only_private_addresses_are_spoken_to(address: object) -> None:
    host = str(address)
    if any(ip_address(host) in network for network in PRIVATE):
        opened(ROUTER, host).close()
    else:
        with pytest.raises(OutsideError, match="private networks"):
            opened(ROUTER, host)


@pytest.mark.parametrize(
    ("host", "is_private"),
    [
        *((str(network[0]), True) for network in PRIVATE),
        *((str(network[-1]), True) for network in PRIVATE),
        ("::ffff:10.1.2.3", True),
        ("::ffff:192.0.2.1", False),
        ("11.0.0.0", False),
        ("172.32.0.0", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("169.254.1.1", False),
    ],
)
def test_the_bounds_of_the_private_networks_are_exact(host: str, is_private: bool) -> None:
    if is_private:
        opened(ROUTER, host).close()
    else:
        with pytest.raises(OutsideError):
            opened(ROUTER, host)


def test_a_demo_home_speaks_to_its_own_machine_alone() -> None:
    """A9: by the socket too, since a name may lead anywhere."""
    for host in ("127.0.0.1", "127.9.9.9", "::1"):
        opened(DEMO, host).close()
    for host in ("10.0.0.1", "192.0.2.1", "2001:db8::1", "0.0.0.0"):
        with pytest.raises(OutsideError, match="demo"):
            opened(DEMO, host)


class Questions(asyncio.DatagramProtocol):
    """Notes that somebody asks, and answers 192.0.2.7 to A and nothing to all else."""

    asked = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self.transport = transport

    @override
    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked += 1
        end = data.index(b"\0", 12) + 5
        found = data[end - 4 : end - 2] == b"\0\1"
        answer = data[:2] + b"\x81\x80\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0"
        answer += data[12:end]
        if found:
            answer += b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes([192, 0, 2, 7])
        self.transport.sendto(answer, addr)


async def test_names_are_asked_for_by_the_tunnel_or_not_at_all() -> None:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(Questions, local_addr=("127.0.0.1", 0))
    own = (f"127.0.0.1:{transport.get_extra_info('sockname')[1]}",)
    try:
        gone = Tunnel(enforcement=Enforcement.INTERFACE, interface="kvarbo-none", nameservers=own)
        assert await Dns(tunnel=gone, limit=1).addresses("larm.example") == []
        assert await Dns(tunnel=gone, limit=1).srv("_sip._tcp.larm.example") == []
        assert server.asked == 0
        there = Tunnel(enforcement=Enforcement.INTERFACE, interface="lo", nameservers=own)
        assert await Dns(tunnel=there, limit=1).addresses("larm.example") == ["192.0.2.7"]
        assert server.asked > 0
        names: AbstractResolver = _Names(there)
        (found,) = await names.resolve("larm.example", 443, socket.AF_UNSPEC)
        assert (found["host"], found["port"]) == ("192.0.2.7", 443)
        with pytest.raises(OSError, match="no address"):
            await names.resolve("larm.example", 443, socket.AF_INET6)
        await names.close()
    finally:
        transport.close()


async def test_the_next_name_server_is_asked_where_one_is_silent_and_none_where_one_says_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(Questions, local_addr=("127.0.0.1", 0))
    other, other_server = await loop.create_datagram_endpoint(
        Questions, local_addr=("127.0.0.1", 0)
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        own = [
            f"127.0.0.1:{port}"
            for port in (
                silent.getsockname()[1],
                transport.get_extra_info("sockname")[1],
                other.get_extra_info("sockname")[1],
            )
        ]
        tunnel = Tunnel(enforcement=Enforcement.INTERFACE, interface="lo", nameservers=tuple(own))
        try:
            # It has no answer to AAAA and says so: that is an answer, and nobody else is asked.
            assert await Dns(tunnel=tunnel, limit=0.9).addresses("larm.example") == ["192.0.2.7"]
            assert (server.asked, other_server.asked) == (2, 0)
            # Without servers of the tunnel's own the host's are asked, by the tunnel.
            monkeypatch.setattr(dns, "_servers_of_the_host", AsyncMock(return_value=own[1:]))
            assert await Dns(tunnel=LOOP).addresses("larm.example") == ["192.0.2.7"]
            assert (server.asked, other_server.asked) == (4, 0)
            assert await Dns(tunnel=tunnel).addresses("x" * 64 + ".example") == []
        finally:
            transport.close()
            other.close()


async def test_the_hosts_own_name_servers_can_be_asked_one_by_one() -> None:
    """None is asked here: each is only what the library takes as one server."""
    servers = await dns._servers_of_the_host()
    assert servers
    for server in servers:
        async with dns._asking([server]) as resolver:
            assert resolver.nameservers == [server]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("wg0", True),
        ("wg-kommun.1", True),
        ("x" * 15, True),
        ("x" * 16, False),
        ("", False),
        (".", False),
        ("..", False),
        ("a/b", False),
        ("a b", False),
        ("wg0:1", False),
        ("wg0\n", False),
        ("våg", False),
    ],
)
def test_only_what_linux_takes_is_the_name_of_an_interface(text: str, fits: bool) -> None:
    assert is_interface_name(text) is fits


def test_only_tunnels_and_modems_are_offered(tmp_path: Path) -> None:
    def interface(name: str, kind: str, uevent: str = "", *files: str) -> None:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "type").write_text(f"{kind}\n")
        (folder / "uevent").write_text(uevent)
        for file in files:
            (folder / file).write_text("0x1002\n")

    interface("lo", "772")
    interface("eth0", "1")
    interface("wlan0", "1", "DEVTYPE=wlan\n")
    interface("docker0", "1", "DEVTYPE=bridge\n")
    interface("wg0", "65534", "DEVTYPE=wireguard\n")
    interface("tun0", "65534", "", "tun_flags")
    interface("tap0", "1", "", "tun_flags")
    interface("wwan0", "1", "DEVTYPE=wwan\n")
    interface("ppp0", "512", "DEVTYPE=ppp\n")
    (tmp_path / "half-gone").mkdir()
    assert tunnels_present(tmp_path) == ("ppp0", "tap0", "tun0", "wg0", "wwan0")
    assert tunnels_present(tmp_path / "no-such-folder") == ()
    assert "lo" not in tunnels_present()
