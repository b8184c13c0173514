"""The kernel tells of an interface that goes down, comes up and is taken away, to anybody who asks."""

import asyncio
import json
from pathlib import Path
import sys

import pytest

pytestmark = [pytest.mark.peers, pytest.mark.timeout(60)]

ROOT = Path(__file__).parents[2]
#: In a network of its own, as a user without privileges beside a root who changes the interface.
LISTENER = """
import asyncio, json, sys, time
sys.path.insert(0, sys.argv[1])
import tests.journal.bare
from custom_components.kvarbo.transmission.links import LinkEvents, is_link_up

async def main():
    seen = []
    def look():
        up = is_link_up("kv0")
        if not seen or seen[-1][1] != up:
            seen.append((time.time(), up))
            print(json.dumps(seen[-1]), flush=True)
    events = LinkEvents(look)
    events.start()
    look()
    await asyncio.sleep(20)

asyncio.run(main())
"""


async def run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0, command


async def test_it_is_told_within_a_moment_without_privileges() -> None:
    network = "kvarbo-links"
    await run("ip", "netns", "add", network)
    inside = ("ip", "netns", "exec", network)
    try:
        listener = await asyncio.create_subprocess_exec(
            *(*inside, "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"),
            *(sys.executable, "-c", LISTENER, str(ROOT)),
            stdout=asyncio.subprocess.PIPE,
            cwd="/",
        )
        assert listener.stdout is not None

        async def seen() -> tuple[float, bool]:
            assert listener.stdout is not None
            line = await asyncio.wait_for(listener.stdout.readline(), 10)
            at, up = json.loads(line)
            return float(at), bool(up)

        assert (await seen())[1] is False
        await run(*inside, "ip", "tuntap", "add", "kv0", "mode", "tun")
        loop = asyncio.get_running_loop()
        for change, up in (
            (("link", "set", "kv0", "up"), True),
            (("link", "set", "kv0", "down"), False),
            (("link", "set", "kv0", "up"), True),
            (("tuntap", "del", "kv0", "mode", "tun"), False),
        ):
            began = loop.time()
            await run(*inside, "ip", *change)
            assert (await seen())[1] is up
            assert loop.time() - began < 1
        listener.kill()
        await listener.wait()
    finally:
        await run("ip", "netns", "del", network)
