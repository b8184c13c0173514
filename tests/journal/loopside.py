"""The journal's loop side under test: threads that can be held up, and what was told."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
import sqlite3
import threading
import time
from typing import override

from custom_components.kvarbo.journal.changes import Recovered
from custom_components.kvarbo.journal.trouble import JournalTrouble, Rejected, TroubleKind
from custom_components.kvarbo.journal.writer import JournalWriter

type Make = Callable[..., JournalWriter]


class GatedThread(Executor):
    """One real thread that can be blocked, as a disk that does not answer blocks it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gated")
        self._open = threading.Event()
        self._open.set()
        self.jobs = 0

    def block(self) -> None:
        """Hold up all that comes from now on; what is under way ends first."""
        if self._open.is_set():
            self._thread.submit(int).result(60)
            self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    @override
    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        def gated() -> T:
            assert self._open.wait(60), "the test never let go"
            self.jobs += 1
            return fn(*args, **kwargs)

        return self._thread.submit(gated)

    @override
    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._open.set()
        self._thread.shutdown(wait=wait, cancel_futures=cancel_futures)


class Inline(Executor):
    """No thread: everything at once, for event loops whose time is not real."""

    @override
    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the future carries it
            future.set_exception(error)
        return future


class Heard:
    """What the writer told."""

    def __init__(self) -> None:
        self.troubles: list[TroubleKind | None] = []
        self.opened: list[Recovered] = []
        self.rejected: list[Rejected] = []

    def trouble(self, trouble: JournalTrouble | None) -> None:
        self.troubles.append(None if trouble is None else trouble.kind)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until it is so."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never became so"
        await asyncio.sleep(0.002)


def on_disk(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM alarm")}
