"""The firewall of docs/vpn.md, loaded as it stands there: by the plain link goes the VPN alone, whoever sends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import re
import socket

import pytest

from simulator.municipality import Municipality
from simulator.real_home import RealHome
from simulator.testing import until
from tests.transmission.scaip.sip.test_sip_resolve import NameServer

from .test_tunnel import BROKEN, assert_an_open_socket_leaks, break_it
from .test_whole_home import calls, home, municipality, set_up, strangers
from .tunnel_lab import PLAIN_HOME, PLAIN_PLATFORM, WIREGUARD, Lab, _made_in, laid, mark, run

__all__ = ["home", "municipality"]

pytestmark = [
    pytest.mark.peers,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("socket_enabled"),
]

VPN_PAGE = Path(__file__).parents[2] / "docs/vpn.md"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with laid(tmp_path, NameServer) as made:
        yield made


def recipe(lab: Lab) -> str:
    """Return the rules of the page with the lab's own names at the top."""
    [found] = re.findall(r"```nft\n(.*?)```", VPN_PAGE.read_text(encoding="utf-8"), re.DOTALL)
    rules = str(found)
    for name, value in (
        ("LINK", f'"{lab.plain}"'),
        ("VPN_SERVER", PLAIN_PLATFORM),
        ("VPN_PORT", str(WIREGUARD)),
    ):
        rules, changed = re.subn(rf"(?m)^define {name} = .*$", f"define {name} = {value}", rules)
        assert changed == 1, name
    return rules


@pytest.mark.parametrize("state", BROKEN)
async def test_what_is_not_tied_stays_in_too(lab: Lab, state: str) -> None:
    tied, loose = await lab.client(lab.interface), await lab.client()
    await break_it(lab, state)
    await assert_an_open_socket_leaks(lab, loose)
    await lab.load_firewall(recipe(lab))
    async with lab.capture() as frames:
        for kind in ("tcp", "udp"):
            assert "echo" not in await loose.do(kind)
            await tied.do(kind)
        await loose.do("dns")
    assert strangers(frames) == []


async def test_the_page_is_answered_and_the_tunnel_carries_all(lab: Lab) -> None:
    await lab.load_firewall(recipe(lab))
    # Twice: loading it anew must not pile up.
    await lab.load_firewall(recipe(lab))
    client = await lab.client(lab.interface)
    for kind in ("tcp", "udp"):
        assert (await client.do(kind)).get("echo") == mark(lab.interface).decode()
    [page] = await asyncio.to_thread(_made_in, lab.home, (socket.SOCK_STREAM, PLAIN_HOME, 8123))
    page.listen()
    page.setblocking(False)
    reading = asyncio.create_task(
        run(
            *("ip", "netns", "exec", lab.platform, "bash", "-c"),
            f"cat </dev/tcp/{PLAIN_HOME}/8123",
        )
    )
    loop = asyncio.get_running_loop()
    with page:
        answering, _ = await asyncio.wait_for(loop.sock_accept(page), 10)
        with answering:
            await loop.sock_sendall(answering, b"the page")
    assert await reading == "the page"


@pytest.mark.real_hass
async def test_a_whole_home_behind_it(lab: Lab, home: RealHome, municipality: Municipality) -> None:
    """Also what Home Assistant sends without Kvarbo is gone, and an alarm arrives."""
    await lab.load_firewall(recipe(lab))
    async with lab.capture() as frames:
        await home.stop()
        await home.start()
        await set_up(home, lab, municipality)
        await home.pull("input_boolean.bell")
        await until(lambda: len(calls(municipality)) == 1, 40, "the call")
    assert any(frame.is_wireguard for frame in frames)
    assert strangers(frames) == []
