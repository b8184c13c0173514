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
    `priority` None takes the kind's own. `sensed_at` is aware, None for now.
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

    def checked(self) -> AlarmRequest:
        """Return the request with its time in UTC.

        Raises `BadRequestError` for a priority, resident, episode or time that cannot be.
        """
        priority = self.priority
        if priority is not None and not LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
            raise BadRequestError("priority", "out_of_range")
        if not 0 <= self.resident <= HIGHEST_RESIDENT:
            raise BadRequestError("resident", "out_of_range")
        if len(self.episode) > EPISODE_LENGTH or not self.episode.isprintable():
            raise BadRequestError("episode", "bad_text")
        if self.sensed_at is None:
            return self
        if self.sensed_at.utcoffset() is None:
            raise BadRequestError("sensed_at", "no_time_zone")
        return replace(self, sensed_at=self.sensed_at.astimezone(UTC))
