"""The journal as the event loop sees it: nothing here waits for the disk but who asks to (A1).

Changes go to the journal's thread in the order in which they come. What comes while the thread is
busy goes together, in one transaction. What the disk refuses stays in memory, ahead of all that
comes later, and is tried again every five seconds and with everything new.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
import logging
from pathlib import Path
import time
from typing import Final

from ulid_transform import ulid_at_time

from .backlog import Backlog, Unit
from .changes import Change, Recovered
from .disk import JournalFile, rejection
from .hearers import Hearers
from .refusal import JournalRefusedError
from .retention import Pruned
from .rows import Row, UnfitChangeError, name_of, rows_of
from .span import Query
from .times import Times
from .trouble import JournalTrouble, Rejected, TroubleKind
from .worker import Outcome, Worker

_LOGGER = logging.getLogger(__name__)

#: Seconds until the disk counts as stalled, and between attempts while it refuses.
STALL_LIMIT: Final = 1.0
RETRY_EVERY: Final = 5.0
#: Seconds that a caller waits for a disk that has refused before: it refuses at once or is back.
_BRIEFLY: Final = 0.1
#: Rows that go in one transaction at most.
_GROUP: Final = 2000

type Job[T] = Callable[[JournalFile, Callable[[], None]], T]


class JournalWriter:
    """The journal of one home. Make it anywhere; everything else belongs to one event loop."""

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        host: Callable[[], str] = str,
        executor: Executor | None = None,
        on_trouble: Callable[[JournalTrouble | None], None] | None = None,
        on_opened: Callable[[Recovered], None] | None = None,
        on_rejected: Callable[[Rejected], None] | None = None,
    ) -> None:
        """Touch nothing yet.

        `now` is home time (aware, UTC), called from the loop and from the thread, as is
        `monotonic`; `host` returns the machine's fingerprint and is called in the thread. An
        `executor` that is handed in must run one thing at a time, and stays the caller's.

        All three are called on the loop: `on_trouble` when a trouble begins, changes and (None)
        ends, which it does when all that was refused is on disk; `on_opened` with what the journal
        held when it could be opened at last, or had to be opened anew; `on_rejected` for a change
        that can never be written as it is.
        """
        self._times = Times(now, monotonic)
        self._worker = Worker(folder, self._times, host, self._report)
        self._own_executor = executor is None
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="kvarbo-journal")
        self._hearers = Hearers(on_trouble, on_opened, on_rejected)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Future[Recovered] | None = None
        self._units: list[Unit] = []
        self._backlog = Backlog()
        self._in_flight: list[Unit] | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._retry_timer: asyncio.TimerHandle | None = None
        self._idle: list[asyncio.Future[bool]] = []
        self._trouble: JournalTrouble | None = None
        self._has_begun = False
        self._is_open = False
        self._is_closed = False
        self._has_let_go = False
        self._head: str | None = None

    @property
    def trouble(self) -> JournalTrouble | None:
        """What is wrong with the disk, None when all that was committed is on it."""
        return self._trouble

    @property
    def backlog(self) -> int:
        """How many rows are in memory alone because the disk would not take them."""
        return len(self._backlog)

    async def open(self, limit: float = 10.0) -> Recovered:
        """Open the journal and return what it held.

        When it cannot be opened, or not within `limit` seconds, `not_open` says why; everything
        then stays in memory, opening is tried again, and `on_opened` tells when it succeeds. What
        was brought before is written now.
        """
        if self._has_begun:
            raise RuntimeError("a journal is opened once")
        self._has_begun = True
        loop = self._loop = asyncio.get_running_loop()
        self._opening = loop.create_future()
        self._kick()
        await asyncio.wait({self._opening}, timeout=limit)
        opening, self._opening = self._opening, None
        if opening.done():
            return opening.result()
        words = f"the disk has not answered within {limit:g} s"
        self._set_trouble(TroubleKind.NOT_OPEN, words)
        incarnation = ulid_at_time(self._times.now().timestamp())
        return Recovered(incarnation=incarnation, markers={}, not_open=words)

    async def commit(self, *changes: Change, limit: float = STALL_LIMIT) -> bool:
        """Return True when all changes are on disk.

        False when the disk refused or did not answer within `limit` seconds: they stay in memory
        and are written when it answers. Also False when one of them can never be written. A caller
        that is cancelled takes nothing back.
        """
        unit = self._take_in(changes)
        if unit is None:
            return False
        if self._trouble is not None:
            known_stall = self._trouble.kind is TroubleKind.STALLED
            limit = 0.0 if known_stall else min(limit, _BRIEFLY)
        self._kick()
        await asyncio.wait({unit.done}, timeout=limit)
        if not unit.done.done():
            # The caller will go on from memory: the trouble must be known, and its end be told.
            self._stall()
        return unit.done.done() and unit.done.result()

    def post(self, *changes: Change) -> None:
        """Write in order with everything else, without waiting."""
        if self._take_in(changes) is not None:
            self._kick()

    async def flush(self, limit: float) -> bool:
        """Wait until everything is on disk; False when the disk refuses or `limit` seconds pass."""
        if self._loop is None:
            return True
        done = self._loop.create_future()
        self._idle.append(done)
        self._kick()
        self._tell_idle()
        await asyncio.wait({done}, timeout=limit)
        return done.done() and done.result()

    async def prune(self, before: datetime, limit: float = 10.0) -> Pruned | None:
        """Take away what ended before `before` (aware), see `retention`; what was taken away.

        None when the disk does not do it now, or is not done within `limit` seconds (it goes on):
        another day will do.
        """
        try:
            return await asyncio.wait_for(
                self._run(lambda file, pause: file.prune(before, pause)), limit
            )
        except (JournalRefusedError, TimeoutError) as error:
            _LOGGER.warning("Old alarms could not be taken away yet: %s", error)
            return None

    async def audit_head(self, limit: float = STALL_LIMIT) -> str | None:
        """Return the newest hash on disk of the audit chain (A10), None where none is known."""
        with suppress(JournalRefusedError, TimeoutError):
            head = await asyncio.wait_for(self._run(lambda file, _: file.audit_head()), limit)
            self._head = head.hash
        return self._head

    async def verify_audit(self) -> int | None:
        """Return where the audit chain does not hold, None when it holds.

        Raises:
            JournalRefusedError: the disk refused.
        """
        return await self._run(lambda file, _: file.verify_audit())

    async def copy_to(self, target: Path) -> None:
        """Write a consistent copy, marked as one, while alarms pass (A12).

        Raises:
            JournalRefusedError: the disk refused; `target` is as it was.
        """
        await self._run(lambda file, pause: file.copy_to(target, pause))

    async def export_audit(
        self, target: Path, *, since: datetime | None = None, until: datetime | None = None
    ) -> int:
        """Write the audit trail to `target` as JSON lines; return the number of entries (R08).

        Raises:
            JournalRefusedError: the disk refused; `target` is as it was.
        """
        return await self._run(
            lambda file, pause: file.export_audit(target, since=since, until=until, pause=pause)
        )

    async def read[T](self, query: Query[T]) -> T:
        """Return what a query of `span` finds on the disk.

        Raises:
            JournalRefusedError: the disk refused, or the journal is not open.
        """
        return await self._run(lambda file, pause: file.read(query, pause))

    async def close(self, limit: float = 5.0) -> None:
        """Write what waits, if the disk takes it within `limit` seconds, and let go of the file.

        Nothing depends on it being called: what was said to be on disk is.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._loop is None:
            return
        until = self._loop.time() + limit
        self._cancel_retry()
        await self.flush(limit)
        self._cancel_retry()
        self._has_let_go = True
        done = await self._let_go(max(until - self._loop.time(), 0.1))
        self._cancel_stall()
        if self._own_executor and isinstance(self._executor, ThreadPoolExecutor):
            # An idle thread ends at once; one that the disk holds cannot be waited for.
            self._executor.shutdown(wait=done)
        left = len(self._backlog) + sum(len(unit.rows) for unit in self._in_flight or ())
        if left:
            _LOGGER.error("The journal closes with %d rows that the disk would not take", left)

    async def _let_go(self, limit: float) -> bool:
        assert self._loop is not None  # noqa: S101 - `open` has set it
        try:
            closing = self._loop.run_in_executor(self._executor, self._worker.close)
        except RuntimeError:  # the interpreter is going down, and the file with it
            return False
        done, _ = await asyncio.wait({closing}, timeout=limit)
        return bool(done)

    # -- into the thread -----------------------------------------------------------------------

    def _take_in(self, changes: tuple[Change, ...]) -> Unit | None:
        if self._is_closed:
            _LOGGER.error("The journal is closed; %d changes are in memory alone", len(changes))
            return None
        self._loop = self._loop or asyncio.get_running_loop()
        rows: list[Row] = []
        whole = True
        for index, change in enumerate(changes):
            try:
                rows += rows_of(change)
            except UnfitChangeError as error:
                whole = False
                table, key = name_of(change)
                rejected = Rejected(index, table, key, str(error))
                self._hearers.tell_rejected(rejected)
                rows += rows_of(rejection(self._times, rejected))
        unit = Unit(tuple(rows), self._loop.create_future(), whole)
        self._units.append(unit)
        stalled = self._trouble is not None and self._trouble.kind is TroubleKind.STALLED
        if stalled or not self._has_begun:
            self._give_up_waiting()
        return unit

    def _kick(self) -> None:
        """Hand the thread what waits, unless it is busy."""
        if self._in_flight is not None or not self._has_begun or self._has_let_go:
            return
        assert self._loop is not None  # noqa: S101 - `open` has set it
        if self._is_open and not self._backlog and not self._units:
            return
        rows = self._backlog.take(_GROUP)
        taken: list[Unit] = []
        while self._units and not self._backlog and len(rows) < _GROUP:
            unit = self._units.pop(0)
            taken.append(unit)
            rows += unit.rows
        self._in_flight = taken
        self._cancel_retry()
        if self._opening is None:
            self._stall_timer = self._loop.call_later(STALL_LIMIT, self._stall)
        self._worker.hand(rows)
        try:
            self._executor.submit(self._worker.work)
        except RuntimeError as error:  # the interpreter is going down
            refusal = JournalRefusedError(TroubleKind.REFUSED_OTHER, str(error), retry=False)
            self._written(Outcome(rows, refusal=refusal, is_open=self._is_open))

    async def _run[T](self, job: Job[T]) -> T:
        if self._loop is None or self._is_closed or not self._is_open:
            raise JournalRefusedError(TroubleKind.NOT_OPEN, "the journal is not open")
        return await self._loop.run_in_executor(self._executor, self._worker.run, job)

    # -- out of the thread ---------------------------------------------------------------------

    def _report(self, outcome: Outcome) -> None:
        """Called in the thread."""
        assert self._loop is not None  # noqa: S101 - nothing is handed over before `open`
        with suppress(RuntimeError):  # the loop is gone, and with it whoever asked
            self._loop.call_soon_threadsafe(self._written, outcome)

    def _written(self, outcome: Outcome) -> None:
        units, self._in_flight = self._in_flight or [], None
        self._cancel_stall()
        self._is_open = outcome.is_open
        self._head = outcome.head or self._head
        self._tell_opened(outcome)
        if outcome.refusal is not None:
            self._refused(outcome.refusal, outcome.rows, units)
            return
        self._answer(outcome, units)
        if not self._backlog:
            self._set_trouble(None)
        self._kick()
        self._tell_idle()

    def _refused(self, refusal: JournalRefusedError, rows: list[Row], units: list[Unit]) -> None:
        self._backlog.put_back(rows)
        for unit in units:
            unit.answer(durable=False)
        self._give_up_waiting()
        kind = refusal.kind if self._is_open else TroubleKind.NOT_OPEN
        self._set_trouble(kind, refusal.words)
        for waiter in self._idle:
            if not waiter.done():
                waiter.set_result(False)
        self._idle.clear()
        if refusal.retry and not self._is_closed and self._loop is not None:
            self._cancel_retry()
            self._retry_timer = self._loop.call_later(RETRY_EVERY, self._kick)

    def _answer(self, outcome: Outcome, units: list[Unit]) -> None:
        for rejected in outcome.rejected:
            self._hearers.tell_rejected(rejected)
        spoiled = {rejected.index for rejected in outcome.rejected}
        # The units' rows stand at the end of the group, behind what waited before.
        start = len(outcome.rows) - sum(len(unit.rows) for unit in units)
        for unit in units:
            end = start + len(unit.rows)
            unit.answer(durable=spoiled.isdisjoint(range(start, end)))
            start = end

    def _give_up_waiting(self) -> None:
        """Let nobody wait: what they brought stays in the backlog, in order."""
        for unit in self._units:
            self._backlog.add(unit.rows)
            unit.answer(durable=False)
        self._units.clear()

    def _stall(self) -> None:
        if self._in_flight is None:
            return
        if self._trouble is None:
            self._set_trouble(
                TroubleKind.STALLED, f"the disk has not answered within {STALL_LIMIT:g} s"
            )
        self._give_up_waiting()

    # -- telling -------------------------------------------------------------------------------

    def _tell_opened(self, outcome: Outcome) -> None:
        recovered = outcome.opened[-1] if outcome.opened else outcome.glimpsed
        if recovered is None:
            return
        if self._opening is not None and not self._opening.done():
            self._opening.set_result(recovered)
        elif outcome.opened:
            self._hearers.tell_opened(recovered)

    def _set_trouble(self, kind: TroubleKind | None, words: str = "") -> None:
        trouble = None if kind is None else JournalTrouble(kind, words)
        former, self._trouble = self._trouble, trouble
        if (former and former.kind) != kind:
            self._hearers.tell_trouble(trouble)

    def _tell_idle(self) -> None:
        if self._in_flight is None and not self._backlog and not self._units:
            for waiter in self._idle:
                if not waiter.done():
                    waiter.set_result(True)
            self._idle.clear()

    def _cancel_stall(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _cancel_retry(self) -> None:
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None
