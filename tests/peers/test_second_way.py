"""A second interface takes over while a real tunnel is down, and tells of the loss of the first (A4, A8)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
import sys
import time

import pytest

from simulator.municipality import Municipality
from simulator.municipality.scaip_port import ScaipOptions
from tests.transmission.scaip.sip.test_sip_resolve import NameServer

from .recovery_home import PASSWORD, TOKEN
from .test_recovery import Chain
from .tunnel_lab import Lab, laid

pytestmark = [
    pytest.mark.peers,
    pytest.mark.timeout(200),
    pytest.mark.usefixtures("socket_enabled"),
]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with laid(tmp_path, NameServer) as made:
        yield made


@pytest.mark.parametrize(("way", "how"), [("rest", "interface down"), ("scaip", "far end silent")])
async def test_it_takes_over_and_gives_back(
    lab: Lab, way: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scaip = ScaipOptions(users={"4711": PASSWORD}, tls=None)
    async with Municipality(token=TOKEN, scaip=scaip) as municipality:
        assert municipality.scaip is not None
        port = municipality.scaip.ports["tcp"]
        if way == "rest":
            port = int(municipality.url.rpartition(":")[2])
        # The plain link stands in for a modem.
        chain = Chain(way, await lab.chain(way, await lab.forward(port), lab.plain))
        await chain.both_up()
        await chain.press()
        assert (await chain.told("received", 20))["by"] == way
        if how == "interface down":
            await lab.set_down()
        else:
            await lab.end_far_end()
        await chain.told("path", 30, "down")
        pressed = time.time()
        await chain.press()
        told = await chain.told("received", 20, "help_call")
        took = told["at"] - pressed
        assert told["by"] == "second"
        # The loss lasts: it is told by the way that is left.
        assert (await chain.told("received", 60, "path_lost"))["by"] == "second"
        if how == "interface down":
            await lab.mend(how)
        else:
            await lab.begin_far_end()
        await chain.told("path", 60, "up")
        # Until its receiver has answered once, alarms go both ways and either may be the faster.
        async with asyncio.timeout(20):
            by = "second"
            while by != way:
                await chain.press()
                by = (await chain.told("received", 20, "help_call"))["by"]
        with capsys.disabled():
            sys.stdout.write(f"\n{way}, {how}: by the second way in {took:.2f} s ")
        assert took < 2
