"""An event loop on which an hour takes no time.

The alarm chain waits by `asyncio` alone and takes its clock as an argument, so a loop that jumps to
the next timer whenever nothing is ready runs it at full speed and exactly: an alarm's whole day of
retries in milliseconds, every time the same. By hand, since the packages that do this (looptime,
asyncio's own test utilities, freezing the `time` module) either patch the loop that Home Assistant's
test plugin brings, or stand still where code waits: forty lines that we understand are less to lean
on.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
import selectors
from typing import Any, Final, override

from custom_components.kvarbo.alarm.clock import Clock

#: When virtual time begins, by home time.
BEGINNING: Final = datetime(2027, 3, 1, 8, tzinfo=UTC)


class NothingLeftError(RuntimeError):
    """What is awaited can never happen: no timer is set and nothing is ready."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting for the next timer, moves the loop's time to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise NothingLeftError
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time runs only when there is nothing else to do."""

    def __init__(self) -> None:
        self._virtual = _JumpingSelector()
        super().__init__(self._virtual)

    @override
    def time(self) -> float:
        return self._virtual.now


def run_virtual[T](work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time; tasks that are left are cancelled as in `asyncio.run`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


class VirtualClock(Clock):
    """The host's clocks by virtual time. `ahead` is what the wall clock was set forward or back."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    @override
    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.monotonic()) + self.ahead

    @override
    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    @override
    def in_trouble(self) -> bool:
        return False


class VirtualExecutor(Executor):
    """A thread that is none: work is done `latency` virtual seconds after it was handed over.

    One piece at a time and in order, as on the journal's own thread. Before and after each piece
    `around` is told, which is where a power cut can be.
    """

    def __init__(self, latency: float = 0.005) -> None:
        self.latency = latency
        self.around: Callable[[bool], None] = lambda _done: None
        self._free_at = 0.0
        self._stopped = False

    @override
    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        loop = asyncio.get_running_loop()
        self._free_at = max(loop.time(), self._free_at) + self.latency

        def work() -> None:
            if self._stopped:
                return
            self.around(False)
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - a thread pool hands over whatever it was
                future.set_exception(error)
            self.around(True)

        loop.call_at(self._free_at, work)
        return future

    def kill(self) -> None:
        """Do nothing more, as when the power is gone."""
        self._stopped = True
