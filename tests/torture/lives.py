"""The processes of a run, as the driver holds them: one home after the other, and the municipality."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import json
import os
from pathlib import Path
import signal
import sys
from typing import Any, Final

import aiohttp

from .disks import Disk

ROOT: Final = Path(__file__).parents[2]
#: How long anything may take to come up, seconds.
_UP: Final = 60.0
_LINE: Final = 2**22


class DiedError(Exception):
    """A process ended that nobody had ended."""


class Life:
    """One process of the home: from its start until it is killed or stopped."""

    def __init__(
        self, process: asyncio.subprocess.Process, hear: Callable[[dict[str, Any]], None]
    ) -> None:
        self.process = process
        self.ready: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._hear = hear
        self._said: dict[str, asyncio.Event] = {}
        self.last: dict[str, dict[str, Any]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def begin(
        cls,
        disk: Disk,
        lines: dict[str, int],
        off: float,
        log: Path,
        hear: Callable[[dict[str, Any]], None],
    ) -> Life:
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.torture.home",
                str(disk.journal), json.dumps(lines), str(off),
                cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=errors, limit=_LINE,
            )  # fmt: skip
        disk.born(process.pid)
        return cls(process, hear)

    @property
    def pid(self) -> int:
        return self.process.pid

    def ask(self, **asked: Any) -> None:
        """Hand over a command; a dead or frozen home hears it later or never."""
        assert self.process.stdin is not None
        with suppress(ConnectionError):
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")

    async def told(self, what: str, within: float) -> dict[str, Any]:
        """Wait until it says something.

        Raises:
            TimeoutError: it did not within so many seconds.
            DiedError: it is dead.
        """
        event = self._said.setdefault(what, asyncio.Event())
        waiting = asyncio.create_task(event.wait())
        done, _ = await asyncio.wait(
            {waiting, self._reading}, timeout=within, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        if event.is_set():
            return self.last[what]
        if self._reading in done:
            raise DiedError(f"the home ended by itself, code {await self.process.wait()}")
        raise TimeoutError(f"the home has not said {what!r} within {within:g} s")

    async def kill(self) -> None:
        """Kill it and hear its last words."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        await self._reading

    async def stop(self) -> None:
        """Stop it as a host does: what has not ended after half a minute is killed."""
        self.ask(do="stop")
        try:
            async with asyncio.timeout(30):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await self._reading

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            if not line.endswith(b"\n"):
                return  # cut off by the kill: it was not told
            said = json.loads(line)
            self.last[said["said"]] = said
            self._hear(said)
            self._said.setdefault(said["said"], asyncio.Event()).set()


class Far:
    """The municipality, which remembers in a file what it has taken."""

    def __init__(self, path: Path, log: Path) -> None:
        self.path = path
        self._log = log
        self.ports: dict[str, int] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        env = {**os.environ, "PYTHONHASHSEED": "0"}
        with self._log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.torture.far", str(self.path), json.dumps(self.ports),
                cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        assert self._process.stdout is not None
        async with asyncio.timeout(_UP):
            line = await self._process.stdout.readline()
        if not line:
            raise DiedError(f"the municipality did not start: {self._log.read_text()[-500:]}")
        self.ports = json.loads(line)

    async def restart(self, seconds: float) -> None:
        """Kill it, and start it again after so many seconds."""
        async with self._changing:
            assert self._process is not None
            self._process.kill()
            await self._process.wait()
            await asyncio.sleep(seconds)
            await self.start()

    async def set_fault(self, fields: dict[str, Any]) -> None:
        async with self._changing, aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{self.ports['operator']}/operator/faults"
            async with session.post(url, json=fields) as answer:
                assert answer.status == 200, await answer.text()

    async def close_all(self) -> None:
        async with self._changing:
            assert self._process is not None
            self._process.send_signal(signal.SIGUSR1)

    async def end(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    def written(self) -> list[dict[str, Any]]:
        """All that it has written down, oldest first."""
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
