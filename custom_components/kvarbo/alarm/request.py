"""What a caller may ask to be raised, and what is refused with the name of the field."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from .alarm import Source
from .kinds import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    AlarmKind,
    Location,
    Owner,
    ReasonCode,
    Role,
)

#: The hub itself as a source.
HUB: Final = Source(0, Role.HUB)
#: An episode is at most this long.
EPISODE_LENGTH: Final = 200
#: Persons are numbered from 1; 0 is the home.
HIGHEST_RESIDENT: Final = 9


class BadRequestError(ValueError):
    """A request that cannot be honoured as it is. `field` names what is wrong; no retry helps."""

    def __init__(self, field: str, problem: str) -> None:
        """Name the field and the problem, both keys for translation."""
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRequest:
    """What a caller asks to be raised.

    `episode` names the cause: the same twice gives one alarm (A2); empty makes a new one.
    `priority` None takes the kind's own. `sensed_at` is when the cause came, aware, None for now.
    `owner`, `seen_at`, `seen_in` and `until` are as in `Alarm`; times are aware. What was seen of a
    person is left out of a technical alarm: it may go to operations.
    """

    kind: AlarmKind
    source: Source = HUB
    location: Location | None = None
    resident: int = 0
    reason: ReasonCode = ReasonCode.RAISED_BY_PERSON
    episode: str = ""
    priority: int | None = None
    sensed_at: datetime | None = None
    test: bool = False
    owner: Owner | None = None
    seen_at: datetime | None = None
    seen_in: Location | None = None
    until: datetime | None = None

    def checked(self) -> AlarmRequest:
        """Return the request with its times in UTC.

        Raises `BadRequestError` for a priority, resident, episode or time that cannot be.
        """
        priority = self.priority
        if priority is not None and not LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
            raise BadRequestError("priority", "out_of_range")
        if not 0 <= self.resident <= HIGHEST_RESIDENT:
            raise BadRequestError("resident", "out_of_range")
        if len(self.episode) > EPISODE_LENGTH or not self.episode.isprintable():
            raise BadRequestError("episode", "bad_text")
        if self.sensed_at is None and self.seen_at is None and self.until is None:
            return self
        return replace(
            self,
            sensed_at=in_utc("sensed_at", self.sensed_at),
            seen_at=in_utc("seen_at", self.seen_at),
            until=in_utc("until", self.until),
        )


def in_utc(field: str, at: datetime | None) -> datetime | None:
    """Return an aware time in UTC, None for None; `BadRequestError` names the field otherwise."""
    if at is None:
        return None
    if at.utcoffset() is None:
        raise BadRequestError(field, "no_time_zone")
    return at.astimezone(UTC)
