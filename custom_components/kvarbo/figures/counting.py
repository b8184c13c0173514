"""Count a span from the journal's rows. The same rows give the same counts, in whatever order they come."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from ..alarm.alarm import Alarm, AlarmState
from ..alarm.functions import EndReason, Outcome, WatcherKind
from ..alarm.kinds import AlarmClass, AlarmKind, ReasonCode
from ..journal.span import Kept, Noted, Span
from ..supervision.identity import Identity
from ..transmission.aggregate import (
    Apart,
    Category,
    Count,
    Figure,
    FollowUp,
    Merged,
    Part,
    Step,
)

#: Entries of the audit trail that are counted.
RATED: Final = "alarm_rated"
DECLINED: Final = "alarm_declined"
CONSENT_GIVEN: Final = "consent_given"
CONSENT_WITHDRAWN: Final = "consent_withdrawn"
RULE_ENDED: Final = "rule_ended"
WOULD_HAVE: Final = "would_have_alarmed"
FOLLOWED_UP: Final = "followed_up"
COMMISSIONED: Final = "commissioning_closed"
COUNTED: Final = frozenset(
    {
        RATED,
        DECLINED,
        CONSENT_GIVEN,
        CONSENT_WITHDRAWN,
        RULE_ENDED,
        WOULD_HAVE,
        FOLLOWED_UP,
        COMMISSIONED,
    }
)

_NINETY: Final = 0.9
#: Nothing is waited for longer: the journal forgets after a year.
_LONGEST: Final = timedelta(days=400)
#: No count is larger; a row that says more is damaged.
_MOST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is counted of a span, and how: from `begin` to before `end` (aware, UTC).

    `is_night` tells the part of the day at an instant. In a demo home nothing is real.
    """

    begin: datetime
    end: datetime
    is_night: Callable[[datetime], bool]
    demo: bool = False

    def hold(self, at: datetime) -> bool:
        """Tell whether an instant lies within."""
        return self.begin <= at < self.end


@dataclass(slots=True)
class _Tally:
    """What has been counted of one figure's subjects."""

    figure: Figure
    of: Counter[tuple[StrEnum, Part | None]] = field(default_factory=Counter)

    def add(self, subject: StrEnum, part: Part | None = None) -> None:
        self.of[subject, part] += 1

    def counts(self) -> list[Count]:
        """Return what is not nothing, sorted: whatever is not told of was not there."""
        return [
            Count(self.figure, number, subject, part)
            for (subject, part), number in sorted(self.of.items(), key=_key)
        ]


def _key(item: tuple[tuple[StrEnum, Part | None], int]) -> tuple[str, str]:
    (subject, part), _ = item
    return str(subject), str(part)


def category_of(alarm: Alarm) -> Category:
    """Return what sort of alarm it is: only a call is active, whatever a sensor or a rule raises is passive."""
    if alarm.alarm_class is AlarmClass.TECHNICAL:
        return Category.TECHNICAL
    return Category.ACTIVE if alarm.kind is AlarmKind.HELP_CALL else Category.PASSIVE


def count(span: Span, bounds: Bounds) -> tuple[Count, ...]:
    """Return all that the journal's rows tell of a span."""
    mine = [kept for kept in span.alarms if bounds.hold(kept.alarm.raised_at)]
    real = [kept for kept in mine if not kept.alarm.test and not bounds.demo]
    personal = [kept for kept in real if kept.alarm.alarm_class is AlarmClass.PERSONAL]
    noted = [entry for entry in span.noted if bounds.hold(entry.at)]
    tests = sum(kept.alarm.test for kept in mine)
    return (
        *_watched(span.alarms, bounds),
        *_alarms(real, bounds),
        Count(Figure.APART, tests, Apart.TEST),
        Count(Figure.APART, len(mine) - tests - len(real), Apart.DEMO),
        Count(Figure.APART, sum(entry.what == WOULD_HAVE for entry in noted), Apart.SHADOW),
        *_ends(personal),
        *_outcomes(personal, ratings_of(span.noted)),
        *_responses(personal),
        *_functions(noted),
        *_followed_up(noted),
        Count(Figure.ROWS_UNREAD, span.unread),
    )


def ratings_of(noted: Iterable[Noted]) -> dict[str, Outcome]:
    """Return what alarms turned out to be, by their ids; the last word counts."""
    said: dict[str, Outcome] = {}
    for entry in noted:
        outcome = _member(Outcome, entry.detail.get("outcome"))
        if entry.what == RATED and entry.alarm_id is not None and outcome is not None:
            said[entry.alarm_id] = outcome
    return said


def _watched(alarms: Iterable[Kept], bounds: Bounds) -> list[Count]:
    """Count the home's own hours: a hub that was off for longer than counts as watched has told so."""
    gaps: list[timedelta] = []
    begun = 0
    for kept in alarms:
        alarm = kept.alarm
        if alarm.reason is not ReasonCode.HUB_WAS_OFF or alarm.until is None or alarm.test:
            continue
        # One that passes the turn of a month is one gap, of the month in which it began.
        begun += bounds.hold(alarm.sensed_at)
        gap = min(alarm.until, bounds.end) - max(alarm.sensed_at, bounds.begin)
        if gap > timedelta(0):
            gaps.append(gap)
    whole = max(bounds.end - bounds.begin, timedelta(0))
    return [
        Count(Figure.SECONDS_COUNTED, _seconds(whole)),
        Count(Figure.SECONDS_UNWATCHED, min(sum(map(_seconds, gaps)), _seconds(whole))),
        Count(Figure.GAPS, begun),
        Count(Figure.LONGEST_GAP, max(map(_seconds, gaps), default=0)),
    ]


def _alarms(real: list[Kept], bounds: Bounds) -> list[Count]:
    categories = Counter[tuple[Category, Part]]()
    kinds = _Tally(Figure.ALARMS_BY_KIND)
    for kept in real:
        part = Part.NIGHT if bounds.is_night(kept.alarm.raised_at) else Part.DAY
        categories[category_of(kept.alarm), part] += 1
        kinds.add(kept.alarm.kind, part)
    return [
        Count(Figure.ALARMS, len(real)),
        *(
            Count(Figure.ALARMS_BY_CATEGORY, categories[category, part], category, part)
            for category in Category
            for part in Part
        ),
        *kinds.counts(),
        _again(Merged.PRESSES, (kept.alarm.presses for kept in real)),
        _again(Merged.CAUSES, (kept.alarm.repeats for kept in real)),
    ]


def _again(what: Merged, times: Iterable[int]) -> Count:
    return Count(Figure.MERGED, min(sum(max(n - 1, 0) for n in times), _MOST), what)


def _ends(personal: list[Kept]) -> list[Count]:
    ends = Counter(kept.alarm.state for kept in personal)
    return [Count(Figure.ENDS, ends[state], state) for state in AlarmState]


def _outcomes(personal: list[Kept], ratings: Mapping[str, Outcome]) -> list[Count]:
    of = Counter[Outcome]()
    by_kind = {
        Outcome.FALSE: _Tally(Figure.FALSE_BY_KIND),
        Outcome.MISTAKE: _Tally(Figure.MISTAKES_BY_KIND),
    }
    for kept in personal:
        if (outcome := ratings.get(kept.alarm.id)) is None:
            continue
        of[outcome] += 1
        if (tally := by_kind.get(outcome)) is not None:
            tally.add(kept.alarm.kind)
    return [
        *(Count(Figure.OUTCOMES, of[outcome], outcome) for outcome in Outcome),
        Count(Figure.NOT_RATED, len(personal) - of.total()),
        *(count for tally in by_kind.values() for count in tally.counts()),
    ]


def _responses(personal: list[Kept]) -> list[Count]:
    counts: list[Count] = []
    for step in Step:
        known = sorted(
            seconds for kept in personal if (seconds := response_of(kept, step)) is not None
        )
        counts += [
            Count(Figure.RESPONSES, len(known), step),
            Count(Figure.RESPONSES_NOT_KNOWN, len(personal) - len(known), step),
            Count(Figure.RESPONSE_MEDIAN, percentile(known, 0.5), step),
            Count(Figure.RESPONSE_P90, percentile(known, _NINETY), step),
        ]
    return counts


def response_of(kept: Kept, step: Step) -> int | None:
    """Return whole seconds from an alarm's raise until a step; None where that is not known."""
    alarm = kept.alarm
    at = {
        Step.RECEIVED: kept.received_at,
        Step.ACKNOWLEDGED: alarm.acknowledged_at,
        Step.CLOSED: alarm.ended_at if alarm.state is AlarmState.CLOSED else None,
    }[step]
    if at is None or not timedelta(0) <= at - alarm.raised_at <= _LONGEST:
        # A clock that was set meanwhile gives no time at all.
        return None
    return _seconds(at - alarm.raised_at)


def percentile(known: list[int], part: float) -> int | None:
    """Return the nearest rank of sorted seconds: a time that was really needed. None of nothing."""
    return known[max(ceil(part * len(known)), 1) - 1] if known else None


def _functions(noted: list[Noted]) -> list[Count]:
    started, ended = _Tally(Figure.STARTED), _Tally(Figure.ENDED_BY_FUNCTION)
    reasons = Counter[EndReason]()
    for entry in noted:
        function = _member(WatcherKind, entry.detail.get("function"))
        if entry.what == CONSENT_GIVEN and function is not None:
            started.add(function)
        elif entry.what == CONSENT_WITHDRAWN and function is not None:
            ended.add(function)
            if (reason := _member(EndReason, entry.detail.get("reason"))) is not None:
                reasons[reason] += 1
        elif entry.what == RULE_ENDED and (rule := _rule(entry.detail.get("rule"))) is not None:
            ended.add(rule)
    return [
        *started.counts(),
        *ended.counts(),
        *(Count(Figure.ENDED_BY_REASON, reasons[reason], reason) for reason in EndReason),
        Count(Figure.DECLINED, sum(entry.what == DECLINED for entry in noted)),
    ]


def _followed_up(noted: list[Noted]) -> list[Count]:
    made = Counter(
        _member(FollowUp, entry.detail.get("after")) for entry in noted if entry.what == FOLLOWED_UP
    )
    return [Count(Figure.FOLLOW_UPS_MADE, made[each], each) for each in FollowUp]


def _rule(text: object) -> WatcherKind | None:
    try:
        return Identity.parse(str(text)).kind
    except ValueError:
        return None


def _member[E: StrEnum](kind: type[E], word: object) -> E | None:
    """Return a word of a closed set; what a later release has written is none of ours."""
    try:
        return kind(str(word))
    except ValueError:
        return None


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
