"""Counters of a span of time: the third class of data, that no receiver can be sent (R40, R41).

A counter is a figure of a closed set, what it is of and the part of the day as words of closed sets, and a number.
There is no place in it for a text, a time of an event or an identity. The gate checks each.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ..alarm.alarm import AlarmState
from ..alarm.functions import EndReason, Outcome, WatcherKind
from ..alarm.kinds import AlarmKind, Role


class Category(StrEnum):
    """What sort of alarm it was. Sensors and rules make passive alarms, never digital supervision: that is a camera."""

    #: Somebody called.
    ACTIVE = "active"
    #: Raised without anybody doing anything: a sensor's signal or a rule.
    PASSIVE = "passive"
    TECHNICAL = "technical"


class Apart(StrEnum):
    """What is counted apart and never among the real alarms."""

    TEST = "test"
    DEMO = "demo"
    #: A rule in shadow would have raised it.
    SHADOW = "shadow"


class Part(StrEnum):
    """The part of the day, by the night hours that the dwelling states."""

    DAY = "day"
    NIGHT = "night"


class Step(StrEnum):
    """Until which of an alarm's times a response is measured, from its raise."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Merged(StrEnum):
    """What came again while its alarm was there, and was counted on it."""

    PRESSES = "presses"
    CAUSES = "causes"


class Ailing(StrEnum):
    """What ails devices."""

    SILENT = "silent"
    LOW_BATTERY = "low_battery"
    WEAK_LINK = "weak_link"
    MISSING = "missing"


class FollowUp(StrEnum):
    """When after the first day somebody is to ask how it goes (R33)."""

    DAY_7 = "day_7"
    DAY_30 = "day_30"
    DAY_90 = "day_90"


class Stands(StrEnum):
    """How far a span's counters are final."""

    RUNNING = "running"
    #: The span is over; what alarms turned out to be can still be told.
    OPEN = "open"
    SETTLED = "settled"


class Figure(StrEnum):
    """Every counter that there is."""

    SECONDS_COUNTED = "seconds_counted"
    SECONDS_UNWATCHED = "seconds_unwatched"
    GAPS = "gaps"
    LONGEST_GAP = "longest_gap"
    ALARMS = "alarms"
    ALARMS_BY_CATEGORY = "alarms_by_category"
    ALARMS_BY_KIND = "alarms_by_kind"
    APART = "apart"
    ENDS = "ends"
    MERGED = "merged"
    OUTCOMES = "outcomes"
    NOT_RATED = "not_rated"
    FALSE_BY_KIND = "false_by_kind"
    MISTAKES_BY_KIND = "mistakes_by_kind"
    RESPONSES = "responses"
    RESPONSES_NOT_KNOWN = "responses_not_known"
    RESPONSE_MEDIAN = "response_median"
    RESPONSE_P90 = "response_p90"
    STARTED = "started"
    ENDED_BY_REASON = "ended_by_reason"
    ENDED_BY_FUNCTION = "ended_by_function"
    WARNED = "warned"
    WARNED_ANSWERED = "warned_answered"
    NEAR_MISSES = "near_misses"
    DECLINED = "declined"
    RULES = "rules"
    RULES_IN_SHADOW = "rules_in_shadow"
    RESIDENTS = "residents"
    DEVICES = "devices"
    DEVICES_AILING = "devices_ailing"
    NEVER_USED = "never_used"
    DAYS_SINCE_FIRST = "days_since_first"
    FOLLOW_UP_DUE = "follow_up_due"
    FOLLOW_UPS_MADE = "follow_ups_made"
    ROWS_UNREAD = "rows_unread"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a figure is of, and whether day and night are told apart."""

    subject: type[StrEnum] | None = None
    parted: bool = False


_PLAIN: Final = Shape()
_FUNCTION: Final = Shape(WatcherKind)
_STEP: Final = Shape(Step)

#: The shape of every figure: a counter of another is refused.
SHAPES: Final[dict[Figure, Shape]] = {
    **dict.fromkeys(Figure, _PLAIN),
    Figure.ALARMS_BY_CATEGORY: Shape(Category, parted=True),
    Figure.ALARMS_BY_KIND: Shape(AlarmKind, parted=True),
    Figure.APART: Shape(Apart),
    Figure.ENDS: Shape(AlarmState),
    Figure.MERGED: Shape(Merged),
    Figure.OUTCOMES: Shape(Outcome),
    Figure.FALSE_BY_KIND: Shape(AlarmKind),
    Figure.MISTAKES_BY_KIND: Shape(AlarmKind),
    Figure.RESPONSES: _STEP,
    Figure.RESPONSES_NOT_KNOWN: _STEP,
    Figure.RESPONSE_MEDIAN: _STEP,
    Figure.RESPONSE_P90: _STEP,
    Figure.STARTED: _FUNCTION,
    Figure.ENDED_BY_REASON: Shape(EndReason),
    Figure.ENDED_BY_FUNCTION: _FUNCTION,
    Figure.WARNED: _FUNCTION,
    Figure.WARNED_ANSWERED: _FUNCTION,
    Figure.NEAR_MISSES: _FUNCTION,
    Figure.RULES: _FUNCTION,
    Figure.RULES_IN_SHADOW: _FUNCTION,
    Figure.DEVICES: Shape(Role),
    Figure.DEVICES_AILING: Shape(Ailing),
    Figure.NEVER_USED: Shape(Role),
    Figure.FOLLOW_UP_DUE: Shape(FollowUp),
    Figure.FOLLOW_UPS_MADE: Shape(FollowUp),
}

#: Every closed set that a counter can be of.
SUBJECTS: Final = tuple(
    dict.fromkeys(shape.subject for shape in SHAPES.values() if shape.subject is not None)
)


@dataclass(frozen=True, slots=True)
class Count:
    """One number: of which figure, of what, in which part of the day. None is not known."""

    figure: Figure
    value: int | None
    subject: StrEnum | None = None
    part: Part | None = None

    def fits(self) -> bool:
        """Tell whether it has the shape of its figure: exactly a member of the set that it is of."""
        shape = SHAPES[self.figure]
        subject = None if self.subject is None else type(self.subject)
        return subject is shape.subject and (self.part is not None) is shape.parted


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyAggregate:
    """A month's counters, or those of the home's first weeks (R40). Leaves by the coordinator's export alone.

    `home` is a random name of this home's own, `period` is `YYYY-MM` or `baseline`. `first` and `last` are the
    days that were counted, on the home's wall clock.
    """

    home: str
    period: str
    first: date
    last: date
    stands: Stands
    counters: tuple[Count, ...]
