"""The journal's own thread: opens, writes, reopens, and lets alarms pass between long jobs."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
import logging
from pathlib import Path

from .changes import Recovered
from .disk import JournalFile
from .glimpse import glimpse
from .refusal import JournalRefusedError
from .rows import Row
from .times import Times
from .trouble import Rejected, TroubleKind

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What became of a group of rows.

    `opened` when the journal was opened on the way, `glimpsed` when it would not open: what could
    be read of it. `head` is the newest hash of the audit chain.
    """

    rows: list[Row]
    rejected: tuple[Rejected, ...] = ()
    refusal: JournalRefusedError | None = None
    opened: list[Recovered] = field(default_factory=list)
    glimpsed: Recovered | None = None
    is_open: bool = False
    head: str | None = None


class Worker:
    """Everything here but `hand` runs in the journal's thread."""

    def __init__(
        self,
        folder: Path,
        times: Times,
        host: Callable[[], str],
        report: Callable[[Outcome], None],
    ) -> None:
        """Touch nothing yet; `report` is called in the thread for every group."""
        self._folder = folder
        self._times = times
        self._host = host
        self._report = report
        self._file: JournalFile | None = None
        self._handed: deque[list[Row]] = deque()
        self._has_job = False
        self._glimpsed = False

    def hand(self, rows: list[Row]) -> None:
        """Hand over a group; `work` must then be called in the thread. From any thread."""
        self._handed.append(rows)

    def work(self) -> None:
        """Write what was handed over, unless a job has let it pass already."""
        self._pass()
        if self._file is not None and not self._handed:
            self._file.tidy()

    def run[T](self, job: Callable[[JournalFile, Callable[[], None]], T]) -> T:
        """Do something long; the job calls its second argument between its steps.

        Raises:
            JournalRefusedError: the disk refused, or the journal is not open.
        """
        file = self._file
        if file is None:
            raise JournalRefusedError(TroubleKind.NOT_OPEN, "the journal is not open")
        self._has_job = True
        try:
            return job(file, self._pass)
        finally:
            self._has_job = False

    def close(self) -> None:
        """Close the file, if it is open."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _pass(self) -> None:
        while self._handed:
            self._report(self._write(self._handed.popleft()))

    def _write(self, rows: list[Row]) -> Outcome:
        outcome = Outcome(rows)
        try:
            self._write_or_reopen(rows, outcome)
        except JournalRefusedError as error:
            outcome.refusal = error
            if self._file is None and not self._glimpsed:
                # Once, at the start: later the home knows more than the disk does.
                self._glimpsed = True
                outcome.glimpsed = glimpse(self._folder, self._times, self._host(), error)
        except Exception as error:
            # A fault of ours must not lose an alarm either: kept, and tried again.
            _LOGGER.exception("The journal failed in a way that it should not")
            outcome.refusal = JournalRefusedError(TroubleKind.REFUSED_OTHER, type(error).__name__)
        outcome.is_open = self._file is not None
        return outcome

    def _write_or_reopen(self, rows: list[Row], outcome: Outcome) -> None:
        file = self._opened(outcome)
        try:
            self._write_to(file, rows, outcome)
        except JournalRefusedError as error:
            # While a job runs on the file it stays as it is; the next attempt comes after it.
            if not error.reopen or self._has_job:
                raise
            _LOGGER.error("The journal is opened anew: %s", error.words)
            self._file = None
            file.abandon()
            self._write_to(self._opened(outcome), rows, outcome)

    def _opened(self, outcome: Outcome) -> JournalFile:
        if self._file is None:
            self._file, recovered = JournalFile.open(
                self._folder, times=self._times, host=self._host()
            )
            outcome.opened.append(recovered)
            self._glimpsed = True
        return self._file

    def _write_to(self, file: JournalFile, rows: list[Row], outcome: Outcome) -> None:
        if rows:
            outcome.rejected = file.write_rows(rows)
        outcome.head = file.audit_head().hash
