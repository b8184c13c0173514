"""The demo's processes: started in order, ended together, and never left behind.

Each child asks the kernel for a signal when its parent dies, so that a demo killed half-way leaves
nothing running; a lock on the demo's folder keeps two demos apart.
"""

import asyncio
from collections.abc import Mapping, Sequence
import contextlib
import ctypes
import fcntl
import json
from pathlib import Path
import shutil
import signal
import socket
import sys
from typing import IO, Any, Final

_PR_SET_PDEATHSIG: Final = 1
#: How long a child may take to end before it is killed, seconds.
_END: Final = 20.0
_START: Final = 30.0


class DemoError(Exception):
    """Why the demo cannot go on, in words for a person."""


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent is gone. Runs in the child."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def claim_port(option: str, port: int) -> int:
    """Return a port that can be listened on: the given one, or any when 0.

    Raises `DemoError` when it is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as err:
            raise DemoError(
                f"Port {port} on 127.0.0.1 is taken. Free it, or choose another: {option} PORT "
                f"(0 takes any free one)."
            ) from err
        return int(probe.getsockname()[1])


class Folder:
    """The demo's own folder, held by one demo at a time and emptied at each start."""

    def __init__(self, path: Path) -> None:
        """Claim the folder. Raises `DemoError` when another demo holds it or it cannot be made."""
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock: IO[str] = (path / "lock").open("w", encoding="utf-8")
        except OSError as err:
            raise DemoError(f"The demo's folder {path} cannot be used: {err.strerror}.") from err
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            raise DemoError(
                f"Another demo is running in {path}. End it first, or choose another folder: "
                "--folder PATH."
            ) from err
        for entry in path.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def close(self) -> None:
        """Let another demo have it."""
        self._lock.close()


class Child:
    """One process of the demo; what it says goes to a log file in the demo's folder."""

    def __init__(self, name: str, log: Path) -> None:
        """Name it for messages."""
        self.name = name
        self.log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        says: bool,
        by: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Start a Python module; return the one JSON line that it prints when it listens (`says`).

        `by` is a program that starts it, as another user or in another network.

        Raises `DemoError` with the child's own words when it ends instead.
        """
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *by,
                sys.executable,
                *arguments,
                cwd=cwd,
                env=dict(env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if says else log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        if not says or self._process.stdout is None:
            return {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START):
                line = await self._process.stdout.readline()
                if line:
                    said: dict[str, Any] = json.loads(line)
                    return said
        raise DemoError(f"The {self.name} did not start. {self.last_words()}")

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None  # noqa: S101
        return self._process.pid

    def check(self) -> None:
        """Raise `DemoError` when it has ended by itself."""
        if self._process is not None and self._process.returncode is not None:
            raise DemoError(
                f"The {self.name} ended by itself (code {self._process.returncode}). "
                f"{self.last_words()}"
            )

    def last_words(self) -> str:
        """Return the end of its log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        tail = "\n  ".join(lines[-8:])
        return f"Its log ({self.log}) ends:\n  {tail}" if tail else f"Its log is {self.log}."

    async def gone(self) -> None:
        """Wait until it has ended."""
        if self._process is not None:
            await self._process.wait()

    async def end(self) -> None:
        """End it, kindly first."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(_END):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
