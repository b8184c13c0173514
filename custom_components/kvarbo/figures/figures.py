"""A home's figures: counted while it runs, closed when a month ends, kept as one small row each (R33, R40).

The month that runs is counted from the journal when somebody asks. One that is over is kept at its turn, with how
the home stood, and again when it settles: until then the coordinator can still say what its alarms turned out to
be. The journal forgets after a year; these rows stay.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
import logging
import secrets
from typing import Any, Final, Protocol

from ..alarm.alarm import Alarm
from ..alarm.clock import Clock
from ..alarm.functions import Outcome, WatcherKind
from ..alarm.kinds import AlarmClass
from ..journal.changes import Audit, Json, PutMarker
from ..journal.refusal import JournalRefusedError
from ..journal.span import Query, Span, alarm_by_id, span_of
from ..journal.trouble import TroubleKind
from ..supervision.house import House
from ..supervision.stages import Told
from ..supervision.supervisor import Heard
from ..transmission.aggregate import Count, Figure, FollowUp, MonthlyAggregate, Stands
from ..transmission.ledger import Ledger
from .counting import COMMISSIONED, CONSENT_GIVEN, COUNTED, FOLLOWED_UP, RATED, Bounds, count
from .kept import Closed
from .periods import (
    BASELINE,
    Period,
    baseline_of,
    day_of,
    due,
    follow_ups,
    month_of,
    named,
    periods,
)

_LOGGER = logging.getLogger(__name__)

#: Marks this home's name in figures, its first days, and what rules have told so far.
BOOK: Final = "figures"
#: Marks a span that is over.
CLOSED: Final = "figures/"
#: How the home stands says something of a turn that was not longer ago.
_AT_THE_TURN: Final = timedelta(days=2)
#: Beside a real alarm, what makes a day the home's first.
_BEGINNINGS: Final = frozenset({CONSENT_GIVEN, COMMISSIONED})
#: Seconds that what waits for the disk is waited for.
_PATIENCE: Final = 5.0
#: What rules tell that no row of the journal holds.
_STAGES: Final = (Figure.WARNED, Figure.WARNED_ANSWERED, Figure.NEAR_MISSES)


class Reader(Protocol):
    """The journal as figures use it."""

    async def flush(self, limit: float) -> bool:
        """Wait until everything is on disk; False when the disk does not take it."""

    async def read[T](self, query: Query[T]) -> T:
        """Return what a query finds; raises JournalRefusedError."""


class RatingError(ValueError):
    """An alarm cannot be rated; `problem` is a key of the texts."""

    def __init__(self, problem: str) -> None:
        """Say why."""
        super().__init__(problem)
        self.problem = problem


class Figures:
    """Counts one home. `load` reads what the journal has kept, `keep` does what is due, hourly."""

    def __init__(
        self, journal: Reader, ledger: Ledger, clock: Clock, house: House, *, demo: bool
    ) -> None:
        """Count by this home's wall clock and its dwelling's night hours."""
        #: How devices and rules stand at this moment; the shell, which sees them, sets it.
        self.standing: Callable[[], tuple[Count, ...]] = tuple
        self._journal = journal
        self._ledger = ledger
        self._clock = clock
        self._house = house
        self._demo = demo
        self._turn = asyncio.Lock()
        #: Until when the journal has been looked through for the first day.
        self._looked: datetime | None = None

    # -- what is kept of it ----------------------------------------------------------------------

    @property
    def name(self) -> str | None:
        """This home's name in figures: random, and the same for as long as its journal lives (R07)."""
        name = self._book().get("home")
        return name if isinstance(name, str) else None

    @property
    def since(self) -> date | None:
        """The day from which the home can be counted."""
        begun = self._begun
        return None if begun is None else day_of(begun, self._house.wall)

    @property
    def _begun(self) -> datetime | None:
        """The instant from which the home can be counted: it was not watched before it was there."""
        raw = self._book().get("since")
        with suppress(ValueError):
            begun = datetime.fromisoformat(raw) if isinstance(raw, str) else None
            return begun if begun is not None and begun.tzinfo is not None else None
        return None

    @property
    def first_day(self) -> date | None:
        """The day of the first consent, of the installation's closing, or of the first real alarm about a person."""
        return _day(self._book().get("first_day"))

    @property
    def followed_up(self) -> frozenset[FollowUp]:
        """The follow-ups that were made."""
        made = self._book().get("followed_up")
        words = made if isinstance(made, list) else []
        return frozenset(each for each in FollowUp if str(each) in words)

    def follow_up_due(self) -> FollowUp | None:
        """Return which follow-up somebody should make now (R33)."""
        return due(self.first_day, self._today(), self.followed_up)

    def follow_up_made(self, follow_up: FollowUp, actor: str) -> None:
        """Note that somebody has asked how it goes."""
        made: list[Json] = [*sorted(map(str, self.followed_up | {follow_up}))]
        entry = self._entry(FOLLOWED_UP, actor, detail={"after": str(follow_up)})
        self._ledger.post(self._with(followed_up=made), entry)

    # -- while the home runs ---------------------------------------------------------------------

    def told(self, heard: Heard) -> None:
        """Count what a rule tells of its stages; nobody was warned by one in shadow."""
        if self.name is None:
            # The journal has not been read yet: what was kept here would take the place of what it holds.
            return
        verdict, state = heard.verdict, heard.watcher.state
        match verdict.told:
            case _ if heard.options.shadow:
                return
            case Told.NEAR_MISS:
                figure = Figure.NEAR_MISSES
            case Told.WARNED if verdict.count <= 1:
                figure = Figure.WARNED
            case Told.RECOVERED if state.fired_at is None or state.fired_at < verdict.since:
                # It was warned of, and what was waited for came before the alarm.
                figure = Figure.WARNED_ANSWERED
            case _:
                return
        self._count_stage(figure, heard.identity.kind)

    def _count_stage(self, figure: Figure, kind: WatcherKind) -> None:
        today = self._today()
        # A rule that tells something is in use: a home without a first day has it now.
        baseline = baseline_of(self.first_day or today)
        names = [month_of(today).name, *([BASELINE] if baseline.holds(today) else [])]
        stages = self._stages()
        for name in names:
            of = stages.setdefault(name, {}).setdefault(str(figure), {})
            of[str(kind)] = of.get(str(kind), 0) + 1
        self._ledger.post(self._with(stages=_plain(stages)))

    async def keep(self) -> None:
        """Close what has ended, and settle what is final; what the disk refuses waits an hour.

        Called before the journal is pruned: a hub that was off for long must count before it forgets.
        """
        try:
            async with self._turn:
                await self._keep()
        except JournalRefusedError as error:
            _LOGGER.warning("The figures could not be kept yet: %s", error)
        except Exception as error:  # noqa: BLE001 - figures must cost the home none of its upkeep
            _LOGGER.error("The figures failed inside: %s", type(error).__name__)

    async def _keep(self) -> None:
        await self._begin()
        now = self._clock.now()
        ended = [p for p in self._periods() if p.stands(now, self._house.wall) != Stands.RUNNING]
        for period in ended:
            is_final = period.stands(now, self._house.wall) is Stands.SETTLED
            closed = self._closed(period)
            if closed is not None and closed.settled >= is_final:
                continue
            counts = await self._count(period)
            standing: tuple[Count, ...] = () if closed is None else closed.standing
            if closed is None and now - period.ends(self._house.wall) < _AT_THE_TURN:
                standing = self.standing()
            row = Closed(counts, standing, settled=is_final).to_json()
            self._ledger.post(PutMarker(f"{CLOSED}{period.name}", row))
        self._forget_stages()

    async def _begin(self) -> None:
        """Find this home's name, and from when on it can be counted."""
        now = self._clock.now()
        if self.name is None or self.since is None:
            span = await self._read(now, now)
            begun = min(span.oldest or now, now)
            self._ledger.post(
                self._with(home=self.name or secrets.token_hex(8), since=begun.isoformat())
            )
        if self.first_day is None and self._begun is not None:
            looked = self._looked or self._begun
            span = await self._read(looked, now)
            self._looked = now
            if (first := self._first(span)) is not None:
                day = day_of(first, self._house.wall)
                self._ledger.post(self._with(first_day=day.isoformat()))

    def _first(self, span: Span) -> datetime | None:
        # Not alarms alone: a quiet month without an alarm is as much of a beginning as a bad one.
        return min(
            [
                *(entry.at for entry in span.noted if entry.what in _BEGINNINGS),
                *(kept.alarm.raised_at for kept in span.alarms if self._is_rateable(kept.alarm)),
            ],
            default=None,
        )

    # -- what the coordinator asks ---------------------------------------------------------------

    async def of(self, name: str | None = None) -> MonthlyAggregate:
        """Return a span's counts; without a name those of the month that runs.

        Raises:
            UnknownPeriodError: the home has no such span.
            JournalRefusedError: the journal cannot be read now.
        """
        async with self._turn:
            await self._keep()
            now, today = self._clock.now(), self._today()
            since = self.since or today
            period = named(name or month_of(today).name, since, self.first_day, today)
            stands = period.stands(now, self._house.wall)
            closed = self._closed(period)
            if closed is not None and closed.settled:
                counts, standing = closed.counts, closed.standing
            else:
                counts = await self._count(period)
                standing = self.standing() if closed is None else closed.standing
        return MonthlyAggregate(
            home=self.name or "",
            period=period.name,
            first=max(period.first, since),
            last=min(period.end - timedelta(days=1), today),
            stands=stands,
            counters=(*counts, *standing),
        )

    def names(self) -> list[str]:
        """Return the names of all spans of this home's life, oldest first."""
        return [period.name for period in self._periods()]

    async def rate(self, alarm_id: str, outcome: Outcome, actor: str) -> Alarm:
        """Note what an alarm turned out to be; the last word counts. Return the alarm.

        Raises:
            RatingError: there is no such alarm, it is a test or technical, or its month is settled.
            JournalRefusedError: the journal cannot be read now.
        """
        alarm = self._ledger.alarms.get(alarm_id)
        if alarm is None:
            alarm = await self._journal.read(alarm_by_id(alarm_id))
        if alarm is None:
            raise RatingError("unknown_alarm")
        if not self._is_rateable(alarm):
            raise RatingError("alarm_not_rateable")
        wall = self._house.wall
        month = month_of(day_of(alarm.raised_at, wall))
        if month.stands(self._clock.now(), wall) is Stands.SETTLED:
            raise RatingError("month_settled")
        await self._ledger.commit(self._entry(RATED, actor, alarm.id, {"outcome": str(outcome)}))
        return alarm

    def exported(self, month: MonthlyAggregate, actor: str) -> None:
        """Note that figures have been handed out, and to which role (A10)."""
        self._ledger.post(self._entry("figures_exported", actor, detail={"period": month.period}))

    # -- its own ---------------------------------------------------------------------------------

    async def _count(self, period: Period) -> tuple[Count, ...]:
        wall = self._house.wall
        begin = max(period.begins(wall), self._begun or period.begins(wall))
        # The instant itself has been lived too.
        end = min(period.ends(wall), self._clock.now() + timedelta.resolution)
        span = await self._read(begin, end)
        bounds = Bounds(begin, end, self._is_night, self._demo)
        return (*count(span, bounds), *self._told_of(period), *self._days(period))

    def _told_of(self, period: Period) -> list[Count]:
        stages = self._stages().get(period.name, {})
        return [
            Count(figure, number, kind)
            for figure in _STAGES
            for kind in WatcherKind
            if (number := stages.get(str(figure), {}).get(str(kind), 0))
        ]

    def _days(self, period: Period) -> list[Count]:
        first = self.first_day
        if first is None:
            return [Count(Figure.DAYS_SINCE_FIRST, None)]
        last = min(period.end - timedelta(days=1), self._today())
        return [
            Count(Figure.DAYS_SINCE_FIRST, max((last - first).days, 0)),
            *(
                Count(Figure.FOLLOW_UP_DUE, int(period.holds(day)), follow_up)
                for follow_up, day in follow_ups(first).items()
            ),
        ]

    async def _read(self, begin: datetime, end: datetime) -> Span:
        # What was just raised may still wait for the disk, and would be missing from the count.
        if not await self._journal.flush(_PATIENCE):
            raise JournalRefusedError(TroubleKind.STALLED, "not everything is on the disk")
        return await self._journal.read(span_of(begin, max(begin, end), COUNTED))

    def _is_rateable(self, alarm: Alarm) -> bool:
        return alarm.alarm_class is AlarmClass.PERSONAL and not alarm.test and not self._demo

    def _is_night(self, at: datetime) -> bool:
        return self._house.is_night(at.timestamp())

    def _today(self) -> date:
        return day_of(self._clock.now(), self._house.wall)

    def _periods(self) -> list[Period]:
        today = self._today()
        return list(periods(self.since or today, self.first_day, today))

    def _closed(self, period: Period) -> Closed | None:
        return Closed.from_json(self._ledger.markers.get(f"{CLOSED}{period.name}"))

    def _forget_stages(self) -> None:
        """Forget what rules have told of spans that are settled: it stands in their rows."""
        stages = self._stages()
        kept = {
            period.name
            for period in self._periods()
            if (closed := self._closed(period)) is None or not closed.settled
        }
        if not stages.keys() <= kept:
            self._ledger.post(
                self._with(stages=_plain({n: of for n, of in stages.items() if n in kept}))
            )

    def _stages(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return what rules have told, by span, figure and function."""
        return {
            str(name): {
                str(figure): {str(kind): n for kind, n in of.items() if type(n) is int}
                for figure, of in figures.items()
                if isinstance(of, Mapping)
            }
            for name, figures in _mapping(self._book().get("stages")).items()
            if isinstance(figures, Mapping)
        }

    def _book(self) -> Mapping[str, Any]:
        return _mapping(self._ledger.markers.get(BOOK))

    def _with(self, **changes: Json) -> PutMarker:
        return PutMarker(BOOK, {**self._book(), **changes})

    def _entry(
        self,
        what: str,
        actor: str,
        alarm_id: str | None = None,
        detail: dict[str, Json] | None = None,
    ) -> Audit:
        now, mono = self._clock.now(), self._clock.monotonic()
        return Audit(what, now.astimezone(UTC), mono, actor, alarm_id, detail)


def _mapping(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _day(raw: object) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(raw) if isinstance(raw, str) else None
    return None


def _plain(stages: dict[str, dict[str, dict[str, int]]]) -> dict[str, Json]:
    return {name: {figure: {**of} for figure, of in of_.items()} for name, of_ in stages.items()}
