"""The hub's signs of life: what each receiver is told with its next heartbeat (R35, A10)."""

from collections.abc import Callable
from dataclasses import dataclass

from ..alarm.clock import Clock
from .outlet import Outlet
from .receiver import Health, Heartbeat, Takes


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFacts:
    """What is said of the hub.

    `hub` is the journal's incarnation (A12), `demo` marks a demo home (A9, R32).
    """

    hub: str
    version: str
    demo: bool = False


class SignsOfLife:
    """Makes heartbeats."""

    def __init__(self, clock: Clock, undelivered: Callable[[], int]) -> None:
        """`undelivered` counts what should have been taken by now."""
        #: The newest hash of the audit chain; goes out with one heartbeat a day (A10).
        self.audit_head: str | None = None
        #: Returns what operations may know of the devices.
        self.health: Callable[[], Health] | None = None
        self._clock = clock
        self._undelivered = undelivered
        self._head_told: dict[str, str] = {}

    def make(self, outlet: Outlet, facts: HubFacts, interval: int | None) -> Heartbeat:
        """Return the sign of life that a receiver gets now; `interval` is what it has asked for."""
        now = self._clock.now()
        told_today = self._head_told.get(outlet.key) == now.date().isoformat()
        is_operations = outlet.takes is Takes.OPERATIONS
        return Heartbeat(
            hub=facts.hub,
            version=facts.version,
            interval=interval or outlet.heartbeat,
            undelivered=self._undelivered(),
            sent_at=now,
            audit_head=None if told_today else self.audit_head,
            to=outlet.takes,
            health=self.health() if self.health is not None and is_operations else None,
        )

    def taken(self, outlet: Outlet, beat: Heartbeat) -> None:
        """Take note that a receiver has taken one."""
        if beat.audit_head is not None:
            self._head_told[outlet.key] = beat.sent_at.date().isoformat()
