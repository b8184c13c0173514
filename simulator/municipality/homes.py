"""The homes that send signs of life, and what their silence and their hubs' identities tell."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from .contract import Event, EventType
from .fields import span, stamp

#: How far back two hubs that alternate under one controller id are a conflict (A12), in seconds.
CONFLICT_WITHIN: Final = 600.0
#: A home is silent when its heartbeat has been missing for so many of its own intervals.
SILENT_AFTER: Final = 2
#: Homes that are remembered; the one silent longest goes.
MAX_HOMES: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Turn:
    """From when on a hub has been the one that is heard."""

    hub: str
    until: datetime


@dataclass(slots=True)
class Home:
    """One controller id and the hubs heard under it."""

    controller: str
    beat: Event | None = None
    beat_at: datetime | None = None
    probe_at: datetime | None = None
    hubs: dict[str, datetime] = field(default_factory=dict)
    _turns: deque[_Turn] = field(default_factory=lambda: deque(maxlen=16))

    def heard(self, event: Event, now: datetime) -> None:
        """Take note of a heartbeat or a probe."""
        # SCAIP has no word for which hub it is.
        if (hub := event.data.get("hub")) is not None:
            self._speaks(str(hub), now)
        if event.type is EventType.HEARTBEAT:
            self.beat, self.beat_at = event, now
        else:
            self.probe_at = now

    def _speaks(self, hub: str, now: datetime) -> None:
        self.hubs.pop(hub, None)
        self.hubs[hub] = now
        if len(self.hubs) > (self._turns.maxlen or 0):
            del self.hubs[next(iter(self.hubs))]
        if self._turns and self._turns[-1].hub == hub:
            self._turns.pop()
        self._turns.append(_Turn(hub, now))

    def conflict(self, now: datetime) -> bool:
        """Whether two hubs have alternated within ten minutes: seen A, then B, then A again.

        A then B alone is a hub that was replaced or restored.
        """
        within = [turn.hub for turn in self._turns if now - turn.until <= span(CONFLICT_WITHIN)]
        return len(within) > len(set(within))

    def silent(self, now: datetime) -> bool:
        """Whether the heartbeat has been missing for two of its intervals."""
        if self.beat is None or self.beat_at is None:
            return False
        return now - self.beat_at > span(SILENT_AFTER * self.beat.data["interval"])

    def shown(self, now: datetime) -> dict[str, Any]:
        """The home in JSON's types."""
        beat = {} if self.beat is None else self.beat.data
        return {
            "home": self.controller,
            "hubs": [{"hub": hub, "last_at": stamp(at)} for hub, at in self.hubs.items()],
            "last_heartbeat": stamp(self.beat_at),
            "last_probe": stamp(self.probe_at),
            "interval": beat.get("interval"),
            "version": beat.get("version"),
            "undelivered": beat.get("undelivered"),
            "audit_head": beat.get("audit_head"),
            **{name: beat.get(name) for name in HEALTH},
            "conflict": self.conflict(now),
            "silent": self.silent(now),
        }


#: What operations are told of a home's devices.
HEALTH: Final = (
    "devices",
    "devices_missing",
    "devices_silent",
    "low_batteries",
    "weak_links",
    "open_items",
)


class Homes:
    """Every home that has been heard."""

    def __init__(self) -> None:
        self._homes: dict[str, Home] = {}

    def heard(self, event: Event, now: datetime) -> Home:
        """Take note of a sign of life and return its home."""
        home = self._homes.pop(event.controller, None) or Home(event.controller)
        self._homes[event.controller] = home
        if len(self._homes) > MAX_HOMES:
            del self._homes[next(iter(self._homes))]
        home.heard(event, now)
        return home

    def shown(self, now: datetime) -> list[dict[str, Any]]:
        """All homes in JSON's types, by controller id."""
        return [self._homes[controller].shown(now) for controller in sorted(self._homes)]
