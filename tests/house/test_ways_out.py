"""Nothing of Kvarbo speaks to the network but by the tunnel's sockets; and the check can fail."""

from pathlib import Path
from typing import Final

import pytest

from tests.house.ways_out import find_other_ways_out

from .test_walls import build

ROOT: Final = Path(__file__).parents[2]


def test_there_is_one_way_out() -> None:
    assert find_other_ways_out(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "import socket\nx = socket.socket()",
        "import socket\nx = socket.create_connection(('a', 1))",
        "import aiohttp\nx = aiohttp.ClientSession()",
        "from homeassistant.helpers.aiohttp_client import async_get_clientsession",
        "x = async_get_clientsession(hass)",
        "import urllib.request",
        "import requests",
        "async def f(): await loop.create_connection(g, 'host', 1)",
        "async def f(): await asyncio.open_connection('host', 1)",
        "async def f(): await loop.create_datagram_endpoint(g, remote_addr=('a', 1))",
        "async def f(): await loop.getaddrinfo('host', 1)",
        "import aiodns\nx = aiodns.DNSResolver()",
        "from paho.mqtt import client",
    ],
)
def test_another_way_out_is_named(tmp_path: Path, text: str) -> None:
    build(tmp_path, devices__leak=text)
    found = find_other_ways_out(tmp_path)
    assert found
    assert all(finding.startswith("devices/leak.py:") for finding in found)


def test_a_session_without_the_tunnels_sockets_is_named(tmp_path: Path) -> None:
    build(tmp_path, transmission__x="")
    path = tmp_path / "custom_components/kvarbo/transmission/rest/session.py"
    path.parent.mkdir()
    path.write_text("import aiohttp\nx = aiohttp.TCPConnector(ssl=tls)\n")
    assert find_other_ways_out(tmp_path) == [
        "transmission/rest/session.py:2: aiohttp.TCPConnector without the tunnel's sockets"
    ]
