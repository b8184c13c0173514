"""A home as its figures see it, on a real journal, with a host's clock that is set by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, override

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState
from custom_components.kvarbo.alarm.clock import Clock, HomeClock
from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.figures.figures import CLOSED, Figures
from custom_components.kvarbo.journal.changes import Audit, PutAlarm, PutDelivery, PutMessage
from custom_components.kvarbo.journal.writer import JournalWriter
from custom_components.kvarbo.supervision.house import Dwelling, House
from custom_components.kvarbo.supervision.presence import Presence
from custom_components.kvarbo.transmission.aggregate import (
    Count,
    Figure,
)
from custom_components.kvarbo.transmission.ledger import Ledger
from tests.support.samples import sample_alarm, sample_delivery, sample_message

from .sample import WALL


class Hands(Clock):
    """The host's clock, set by hand."""

    def __init__(self, now: datetime) -> None:
        self.wall = now
        self.mono = 1000.0

    def to(self, now: datetime) -> None:
        self.mono += (now - self.wall).total_seconds()
        self.wall = now

    @override
    def now(self) -> datetime:
        return self.wall

    @override
    def monotonic(self) -> float:
        return self.mono

    @override
    def in_trouble(self) -> bool:
        return False


class Counted:
    """A home as its figures see it, on a real journal."""

    def __init__(self, folder: Path, hands: Hands, *, demo: bool) -> None:
        self.hands = hands
        self.clock = HomeClock(hands)
        self.journal = JournalWriter(folder, now=self.clock.now, monotonic=hands.monotonic)
        self.ledger = Ledger(self.journal)
        self.house = House(WALL, Dwelling(), Presence(WALL))
        self.figures = Figures(self.journal, self.ledger, self.clock, self.house, demo=demo)
        self.figures.standing = lambda: (Count(Figure.DEVICES, 3, Role.MOTION),)

    async def start(self) -> Counted:
        recovered = await self.journal.open()
        self.ledger.load(recovered)
        await self.figures.keep()
        return self

    async def raised(self, alarm_id: str, received: float = 2.0, **fields: Any) -> None:
        """Let an alarm be raised now, and be received."""
        now = self.clock.now()
        given = {"raised_at": now, "sensed_at": now, **fields}
        alarm = sample_alarm(alarm_id, **given)
        message = sample_message(f"M{alarm_id}", alarm_id, created_at=now)
        delivery = sample_delivery(
            f"D{alarm_id}",
            alarm_id,
            message_id=message.id,
            queued_at=now,
            state=DeliveryState.RECEIVED,
            received_at=now + timedelta(seconds=received),
            followed=True,
        )
        await self.ledger.commit(PutAlarm(alarm), PutMessage(message), PutDelivery(delivery))

    async def closed(self, alarm_id: str) -> None:
        now = self.clock.now()
        alarm = replace(self.ledger.alarms[alarm_id], state=AlarmState.CLOSED, ended_at=now)
        await self.ledger.commit(PutAlarm(alarm))
        self.ledger.forget_settled()

    async def consents(self, function: str = "inactivity") -> None:
        now = self.clock.now()
        detail: dict[str, Any] = {"function": function, "resident": 1}
        entry = Audit("consent_given", now, self.hands.mono, "administrator", detail=detail)
        await self.ledger.commit(entry)

    async def at(self, now: datetime) -> None:
        """Let it be so late, with the hourly upkeep."""
        self.hands.to(now)
        await self.figures.keep()

    def kept(self, name: str) -> Any:
        return self.ledger.markers.get(f"{CLOSED}{name}")
