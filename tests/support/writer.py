"""A journal in memory that can be told to refuse or to stall.

Where the disk itself is not what is tested: the crash tests run on the real journal. It writes in
order, one after the other, and takes later what it refused, as the real one does.
"""

import asyncio
from collections.abc import Callable
from typing import override

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState
from custom_components.kvarbo.journal.changes import (
    Audit,
    Change,
    Json,
    PutAlarm,
    PutDelivery,
    PutMarker,
    PutMessage,
    Recovered,
    Settled,
)
from custom_components.kvarbo.transmission.ledger import Writer


class MemoryWriter(Writer):
    """What is in `rows` is on disk."""

    def __init__(self, latency: float = 0.002) -> None:
        self.latency = latency
        self.rows: list[Change] = []
        #: What was handed over together.
        self.batches: list[tuple[Change, ...]] = []
        self.refuses = False
        self.stalls = False
        self.fails = False
        self.on_caught_up: Callable[[], None] = lambda: None
        self._waiting: list[tuple[Change, ...]] = []

    @override
    async def commit(self, *changes: Change, limit: float = 1.0) -> bool:
        if self.fails:
            raise OSError("a fault of the journal's own")
        self.batches.append(changes)
        self._waiting.append(changes)
        if self.refuses:
            await asyncio.sleep(self.latency)
        elif self.stalls:
            await asyncio.sleep(limit)
        else:
            await asyncio.sleep(self.latency)
            self._write()
        return not any(batch is changes for batch in self._waiting)

    @override
    def post(self, *changes: Change) -> None:
        self.batches.append(changes)
        self._waiting.append(changes)
        if not self.refuses and not self.stalls and not self.fails:
            asyncio.get_running_loop().call_later(self.latency, self._write)

    def mend(self) -> None:
        """The disk answers again."""
        self.refuses = self.stalls = self.fails = False
        self._write()
        self.on_caught_up()

    def _write(self) -> None:
        if self.refuses or self.stalls:
            return
        for changes in self._waiting:
            self.rows += changes
        self._waiting.clear()

    def entries(self, what: str | None = None) -> list[Audit]:
        """What the audit trail says."""
        found = [row for row in self.rows if isinstance(row, Audit)]
        return [entry for entry in found if what is None or entry.what == what]

    def recover(self, *, restored: bool = False) -> Recovered:
        """What a start now would find."""
        alarms = {r.alarm.id: r.alarm for r in self.rows if isinstance(r, PutAlarm)}
        messages = {r.message.id: r.message for r in self.rows if isinstance(r, PutMessage)}
        deliveries = {
            r.delivery.reference: r.delivery for r in self.rows if isinstance(r, PutDelivery)
        }
        markers: dict[str, Json] = {}
        settled = False
        for row in self.rows:
            if isinstance(row, PutMarker):
                markers.pop(row.key, None)
                if row.value is not None:
                    markers[row.key] = row.value
            settled |= isinstance(row, Settled)
        ended = {AlarmState.CLOSED, AlarmState.CANCELLED, AlarmState.LAPSED}
        kept = {a.id for a in alarms.values() if a.state not in ended}
        kept |= {
            d.alarm_id
            for d in deliveries.values()
            if d.is_waiting or (d.state is DeliveryState.RECEIVED and not d.followed)
        }
        return Recovered(
            incarnation="incarnation",
            alarms=tuple(a for a in alarms.values() if a.id in kept),
            ended=tuple(a for a in alarms.values() if a.id not in kept),
            messages=tuple(m for m in messages.values() if m.alarm_id in kept),
            deliveries=tuple(d for d in deliveries.values() if d.alarm_id in kept),
            markers=markers,
            newest=max((e.at for e in self.entries()), default=None),
            restored=restored and not settled,
        )
