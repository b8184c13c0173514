"""What an opened journal brings into a home, also into one that had to begin without it. Pure."""

from dataclasses import dataclass, replace
from typing import override

from ..alarm.clock import Clock
from ..journal.changes import (
    Audit,
    Change,
    PutAlarm,
    PutDelivery,
    PutMessage,
    Recovered,
)
from .ledger import Ledger, Writer
from .quarantine import held_back


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What is new to the home, and what must be committed in the turn in which it is loaded."""

    news: Recovered
    changes: tuple[Change, ...] = ()


def take_over(ledger: Ledger, recovered: Recovered, clock: Clock, actor: str) -> TakeOver:
    """Return what a journal brings to what the home knows: memory is never behind the disk.

    Of a restored or copied journal what it brings is held back (A12), and nothing that the home
    itself has raised meanwhile.
    """
    news = _unknown_to(ledger, recovered)
    if not recovered.restored:
        return TakeOver(news)
    brought = Ledger(_Nowhere())
    brought.load(news)
    brought.markers |= ledger.markers
    now = clock.now()
    held, changes = held_back(brought, now)
    entry = Audit(
        what="journal_restored",
        at=now,
        mono=clock.monotonic(),
        actor=actor,
        detail={"undelivered": len(held)},
    )
    return TakeOver(news, (*changes, entry))


def as_changes(ledger: Ledger) -> tuple[Change, ...]:
    """Return all that memory holds of alarms, as it would be written to another file (A5)."""
    return (
        *map(PutAlarm, ledger.alarms.values()),
        *map(PutMessage, ledger.messages.values()),
        *map(PutDelivery, ledger.deliveries.values()),
    )


def _unknown_to(ledger: Ledger, recovered: Recovered) -> Recovered:
    alarms = tuple(a for a in recovered.alarms if ledger.episode(a.episode) is None)
    ids = {alarm.id for alarm in alarms}
    return replace(
        recovered,
        alarms=alarms,
        messages=tuple(m for m in recovered.messages if m.alarm_id in ids),
        deliveries=tuple(d for d in recovered.deliveries if d.alarm_id in ids),
        markers={
            key: value
            for key, value in (recovered.markers or {}).items()
            if key not in ledger.markers
        },
    )


class _Nowhere(Writer):
    """A journal for values that are only looked at."""

    @override
    async def commit(self, *changes: Change, limit: float = 1.0) -> bool:
        return False

    @override
    def post(self, *changes: Change) -> None:
        """Write nothing."""
