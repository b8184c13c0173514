"""Whether the alarm chain has proved itself, by round trips and not by silence (F8, A8). Pure.

It is proved while three things hold: a receiver of alarms has taken something of ours, knowing who
we are, within its time; the journal takes what is written; and within a day the whole chain was
tested: a line written to the disk and read back from it, a sign of life with what was read taken by a
receiver, and that receipt on the disk too. No operator hears of any of it.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final

from .alarm.clock import Clock
from .faults import ACTOR
from .journal.changes import Audit, PutMarker
from .transmission.ledger import Ledger
from .transmission.lines import Line
from .transmission.outlet import Road, Takes
from .transmission.receiver import Answer
from .transmission.transmitter import Transmitter

#: The whole chain is tested so often, seconds.
DAILY: Final = 24 * 3600.0
#: A proof by test holds so long, seconds: the next one has an hour to succeed in.
HOLDS: Final = 25 * 3600.0
#: After a test that failed the next one waits so long, seconds.
AGAIN: Final = 300.0
#: A round trip counts for two heartbeats and so many seconds more.
MARGIN: Final = 60.0
#: Marks when the whole chain was last tested with success.
TESTED: Final = "chain_tested"


class ChainProof:
    """Keeps the proof, and makes the daily test."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        transmitter: Transmitter,
        read_head: Callable[[], Coroutine[Any, Any, str | None]],
        journal_in_trouble: Callable[[], bool],
    ) -> None:
        """`read_head` returns the audit chain's newest hash as it stands on the disk."""
        self._ledger = ledger
        self._clock = clock
        self._transmitter = transmitter
        self._read_head = read_head
        self._journal_in_trouble = journal_in_trouble
        self._tested: float | None = None
        self._tried: float | None = None

    def load(self) -> None:
        """Take up what the journal has kept of the last test."""
        if (at := self.tested_at) is None:
            return
        age = (self._clock.now() - at).total_seconds()
        # From the future it proves nothing.
        self._tested = self._clock.monotonic() - age if age >= 0 else None

    @property
    def tested_at(self) -> datetime | None:
        """When the whole chain was last tested with success (aware, UTC); None when it never was."""
        kept = self._ledger.markers.get(TESTED)
        try:
            at = datetime.fromisoformat(kept) if isinstance(kept, str) else None
        except ValueError:
            return None
        return at if at is not None and at.tzinfo is not None else None

    @property
    def is_proven(self) -> bool:
        """Whether the chain is proved now."""
        now = self._clock.monotonic()
        tested = self._tested is not None and now - self._tested <= HOLDS
        return tested and not self._journal_in_trouble() and any(map(self._is_live, self._alarms()))

    def is_due(self) -> bool:
        """Tell whether the whole chain is to be tested now."""
        now = self._clock.monotonic()
        if self._tried is not None and now - self._tried < AGAIN:
            return False
        return self._tested is None or now - self._tested >= DAILY

    async def test(self) -> bool:
        """Test the whole chain without an operator; return whether it holds."""
        self._tried = self._clock.monotonic()
        before = await self._read_head()
        if not await self._ledger.commit(self._entry("chain_test_begun")):
            return False
        head = await self._read_head()
        if head is None or head == before:
            # It was said to be on the disk and does not come back from it.
            return False
        self._transmitter.signs.audit_head = head
        took = []
        for line in self._alarms():
            verdict = await self._transmitter.beat(line.outlet.key)
            if verdict.answer is Answer.ACCEPTED and verdict.identified:
                took.append(line.outlet.key)
        if not took:
            return False
        marker = PutMarker(TESTED, self._clock.now().isoformat())
        if not await self._ledger.commit(marker, self._entry("chain_tested", took)):
            return False
        self._tested = self._clock.monotonic()
        return True

    def _alarms(self) -> list[Line]:
        lines = [line for line in self._transmitter.lines if line.outlet.takes is Takes.ALARMS]
        # A family's own receiver proves nothing of the municipality's chain, where there is one.
        return [line for line in lines if line.outlet.road is not Road.PRIVATE] or lines

    def _is_live(self, line: Line) -> bool:
        if line.is_lost or line.proved_at is None or line.credentials_refused:
            return False
        interval = self._transmitter.interval(line.outlet.key) or line.outlet.heartbeat
        return self._clock.monotonic() - line.proved_at <= 2 * interval + MARGIN

    def _entry(self, what: str, receivers: list[str] | None = None) -> Audit:
        return Audit(
            what=what,
            at=self._clock.now(),
            mono=self._clock.monotonic(),
            actor=ACTOR,
            alarm_id=None,
            detail=None if receivers is None else {"receivers": [*receivers]},
        )
