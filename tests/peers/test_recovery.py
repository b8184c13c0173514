"""F1: how soon after a mend an alarm that was raised in the outage arrives, by each kind of receiver.

`KVARBO_EXPLORE=1` cuts for 200 s too.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
import json
import os
from pathlib import Path
import sys
import time
from typing import Any, Final

import pytest

from simulator.municipality import Municipality
from simulator.municipality.mqtt_port import MqttOptions
from simulator.municipality.scaip_port import ScaipOptions
from tests.transmission.scaip.sip.test_sip_resolve import NameServer

from .recovery_home import PASSWORD, TOKEN
from .tunnel_lab import Lab, laid

pytestmark = [pytest.mark.peers, pytest.mark.timeout(400)]

CUTS: Final = (60, 200) if os.environ.get("KVARBO_EXPLORE") else (60,)
#: A break shorter than a try's own time-out and the cut's last touch leave this much; seconds.
AFTER_A_CUT: Final = 6.0
#: WireGuard's own timers: it notices after 10 s and 5 s more that the far end has forgotten it.
AFTER_A_RESTART: Final = 20.0
WAYS: Final = ("rest", "scaip", "mqtt")


@dataclass
class Chain:
    """A home's chain in the lab."""

    way: str
    program: asyncio.subprocess.Process

    async def press(self) -> None:
        assert self.program.stdin is not None
        self.program.stdin.write(b"press\n")
        await self.told("pressed", 10)

    async def told(self, what: str, within: float, value: Any = None) -> dict[str, Any]:
        """Wait until it tells something."""
        assert self.program.stdout is not None
        async with asyncio.timeout(within):
            while True:
                said: dict[str, Any] = json.loads(await self.program.stdout.readline())
                if what in said and value in (None, said[what]):
                    return said

    async def both_up(self) -> None:
        """Wait until both ways are, in whichever order."""
        assert self.program.stdout is not None
        up: set[str] = set()
        async with asyncio.timeout(20):
            while len(up) < 2:
                said: dict[str, Any] = json.loads(await self.program.stdout.readline())
                up |= {name for name in ("path", "second") if said.get(name) == "up"}


@pytest.fixture
async def lab(tmp_path: Path, socket_enabled: None) -> AsyncIterator[Lab]:
    async with laid(tmp_path, NameServer) as made:
        yield made


@pytest.fixture
async def chains(lab: Lab) -> AsyncIterator[list[Chain]]:
    """One home for each kind of receiver; each has delivered one alarm by a whole tunnel."""
    scaip = ScaipOptions(users={"4711": PASSWORD}, tls=None)
    mqtt = MqttOptions(users={"4711": PASSWORD})
    async with Municipality(token=TOKEN, scaip=scaip, mqtt=mqtt) as municipality:
        assert municipality.scaip is not None
        assert municipality.mqtt is not None
        ports = {
            "rest": int(municipality.url.rpartition(":")[2]),
            "scaip": municipality.scaip.ports["tcp"],
            "mqtt": municipality.mqtt.broker.port,
        }
        made = [Chain(w, await lab.chain(w, await lab.forward(ports[w]))) for w in WAYS]
        for chain in made:
            await chain.told("path", 20, "up")
            await chain.press()
            await chain.told("received", 20)
        yield made


async def recovered(chains: list[Chain], mended: float, within: float) -> dict[str, float]:
    """Return how long after the mend each alarm was receipted."""
    told = await asyncio.gather(*(chain.told("received", within) for chain in chains))
    return {
        chain.way: round(said["at"] - mended, 2) for chain, said in zip(chains, told, strict=True)
    }


@pytest.mark.parametrize("seconds", CUTS)
async def test_after_a_silent_cut(
    lab: Lab, chains: list[Chain], seconds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await lab.cut(is_cut=True)
    began = time.time()
    await asyncio.gather(*(chain.press() for chain in chains))
    downs = await asyncio.gather(*(chain.told("path", 30, "down") for chain in chains))
    noticed = {c.way: round(said["at"] - began, 1) for c, said in zip(chains, downs, strict=True)}
    await asyncio.sleep(max(0.0, began + seconds - time.time()))
    await lab.cut(is_cut=False)
    took = await recovered(chains, time.time(), AFTER_A_CUT + 60)
    with capsys.disabled():
        sys.stdout.write(f"\nafter {seconds} s: noticed {noticed}, received {took} ")
    assert max(took.values()) < AFTER_A_CUT


async def test_after_the_far_end_of_the_tunnel_was_started_anew(
    lab: Lab, chains: list[Chain], capsys: pytest.CaptureFixture[str]
) -> None:
    await lab.end_far_end()
    await lab.begin_far_end()
    mended = time.time()
    await asyncio.gather(*(chain.press() for chain in chains))
    took = await recovered(chains, mended, AFTER_A_RESTART + 60)
    with capsys.disabled():
        sys.stdout.write(f"\nafter the far end's restart: received {took} ")
    assert max(took.values()) < AFTER_A_RESTART
