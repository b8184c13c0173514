"""Rows of a journal to count, plain ones and drawn ones."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.alarm.functions import EndReason, Outcome, WatcherKind
from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode
from custom_components.kvarbo.figures.counting import (
    CONSENT_GIVEN,
    CONSENT_WITHDRAWN,
    DECLINED,
    RATED,
    RULE_ENDED,
    WOULD_HAVE,
    Bounds,
)
from custom_components.kvarbo.journal.span import Kept, Noted, Span
from custom_components.kvarbo.supervision.wall import HOUR, WallTime, Window
from custom_components.kvarbo.transmission.aggregate import Count, Figure, Part
from tests.support.samples import sample_alarm

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
WALL: Final = WallTime(STOCKHOLM)
NIGHT: Final = Window(22 * HOUR, 7 * HOUR)
#: November 2026 on Stockholm's wall clock.
BEGIN: Final = datetime(2026, 11, 1, tzinfo=STOCKHOLM).astimezone(UTC)
END: Final = datetime(2026, 12, 1, tzinfo=STOCKHOLM).astimezone(UTC)


def is_night(at: datetime) -> bool:
    return NIGHT.contains(at.timestamp(), WALL)


def november(*, demo: bool = False) -> Bounds:
    return Bounds(BEGIN, END, is_night, demo)


def at(day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    """Return an instant of November 2026, Stockholm's wall clock."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=STOCKHOLM).astimezone(UTC)


def kept(alarm_id: str, raised_at: datetime, received: float | None = None, **fields: Any) -> Kept:
    """Return an alarm's row; `received` is seconds after its raise."""
    alarm = sample_alarm(alarm_id, raised_at=raised_at, **{"sensed_at": raised_at, **fields})
    return Kept(alarm, None if received is None else raised_at + timedelta(seconds=received))


def off(begin: datetime, end: datetime, alarm_id: str = "OFF") -> Kept:
    """Return the row that tells that the hub was off."""
    return kept(
        alarm_id,
        end,
        kind=AlarmKind.RULE_FAULT,
        reason=ReasonCode.HUB_WAS_OFF,
        sensed_at=begin,
        until=end,
        resident=0,
    )


def noted(what: str, when: datetime, alarm_id: str | None = None, **detail: Any) -> Noted:
    return Noted(what, when, alarm_id, detail)


def value(
    counts: Iterable[Count], figure: Figure, subject: str | None = None, part: Part | None = None
) -> int | None:
    """Return one count; 0 where it is not told of."""
    found = [c for c in counts if (c.figure, c.subject, c.part) == (figure, subject, part)]
    assert len(found) <= 1
    return found[0].value if found else 0


def total(counts: Iterable[Count], figure: Figure) -> int:
    """Return what all counts of a figure add up to."""
    return sum(c.value or 0 for c in counts if c.figure is figure)


#: Instants in and around November.
moments: Final = st.integers(-40 * 86_400, 40 * 86_400).map(
    lambda seconds: at(15) + timedelta(seconds=seconds)
)
_ids: Final = st.sampled_from([f"A{n}" for n in range(40)])
_kept: Final = st.builds(
    kept,
    alarm_id=_ids,
    raised_at=moments,
    received=st.none() | st.floats(-100, 10_000),
    kind=st.sampled_from(AlarmKind),
    state=st.sampled_from(AlarmState),
    test=st.booleans(),
    presses=st.integers(0, 5),
    repeats=st.integers(0, 5),
    acknowledged_at=st.none() | moments,
    ended_at=st.none() | moments,
)
_off: Final = st.builds(
    lambda begin, seconds, n: off(begin, begin + timedelta(seconds=seconds), f"OFF{n}"),
    moments,
    st.integers(900, 40 * 86_400),
    st.integers(0, 3),
)
_words: Final = st.sampled_from([*WatcherKind, "of_a_later_release", None, 7])
_noted: Final = st.one_of(
    st.builds(noted, st.just(RATED), moments, _ids, outcome=st.sampled_from([*Outcome, "x"])),
    st.builds(noted, st.sampled_from([CONSENT_GIVEN]), moments, function=_words),
    st.builds(
        noted,
        st.just(CONSENT_WITHDRAWN),
        moments,
        function=_words,
        reason=st.sampled_from(EndReason),
    ),
    st.builds(noted, st.just(RULE_ENDED), moments, rule=st.sampled_from(["lift/1/", "x", None])),
    st.builds(noted, st.sampled_from([DECLINED, WOULD_HAVE]), moments),
)
spans: Final = st.builds(
    lambda alarms, gaps, entries: Span(
        tuple({k.alarm.id: k for k in [*alarms, *gaps]}.values()), tuple(entries)
    ),
    st.lists(_kept, max_size=25),
    st.lists(_off, max_size=3),
    st.lists(_noted, max_size=25),
)
