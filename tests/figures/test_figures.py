"""Months close, settle and stay when the journal has forgotten; ratings, restarts and a disk that fails (R29, R33)."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from custom_components.kvarbo.alarm.functions import Outcome, WatcherKind
from custom_components.kvarbo.alarm.kinds import AlarmKind, Owner, Role
from custom_components.kvarbo.figures.figures import BOOK, CLOSED, RatingError
from custom_components.kvarbo.figures.periods import UnknownPeriodError
from custom_components.kvarbo.journal.changes import Audit
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import Identity
from custom_components.kvarbo.supervision.roster import Heard
from custom_components.kvarbo.supervision.slot import RuleOptions
from custom_components.kvarbo.supervision.watcher import AnyWatcher
from custom_components.kvarbo.transmission.aggregate import (
    Apart,
    Count,
    Figure,
    FollowUp,
    Stands,
    Step,
)

from .counted import Counted, Hands
from .sample import at, value

DAY = timedelta(days=1)
#: A year, as the home keeps.
RETENTION = timedelta(days=365)


type Make = Any


@pytest_asyncio.fixture
async def make(tmp_path: Path) -> AsyncGenerator[Make]:
    """Start a home's figures, and again as after a restart."""
    homes: list[Counted] = []

    async def start(now: datetime, *, demo: bool = False) -> Counted:
        for home in homes:
            await home.journal.close()
        homes.append(Counted(tmp_path / "home", Hands(now), demo=demo))
        return await homes[-1].start()

    yield start
    for home in homes:
        await home.journal.close()


async def test_a_home_has_a_random_name_that_stays(make: Make, tmp_path: Path) -> None:
    """R07: it is made of nothing, so nothing can be found by it."""
    home = await make(at(10))
    name = home.figures.name
    assert len(name) == 16
    assert int(name, 16) >= 0
    assert home.figures.since == date(2026, 11, 10)
    again = await make(at(20))
    assert again.figures.name == name
    assert again.figures.since == date(2026, 11, 10)
    other = Counted(tmp_path / "other", Hands(at(10)), demo=False)
    await other.start()
    assert other.figures.name != name
    await other.journal.close()


async def test_a_home_from_before_is_counted_from_where_its_journal_begins(make: Make) -> None:
    home = await make(at(10))
    await home.raised("A1")
    # As a journal looks that has never been counted.
    home.ledger.markers.pop(BOOK)
    home.hands.to(at(30) + 40 * DAY)
    await home.figures.keep()
    assert home.figures.since == date(2026, 11, 10)
    assert home.figures.first_day == date(2026, 11, 10)
    assert home.kept("2026-11")["settled"] is True
    assert value((await home.figures.of("2026-11")).counters, Figure.ALARMS) == 1


@pytest.mark.parametrize(
    "fields", [{"test": True}, {"kind": AlarmKind.RADIO_LOST}], ids=["test", "technical"]
)
async def test_the_first_day_is_the_first_consent_or_the_first_real_alarm(
    make: Make, fields: dict[str, Any]
) -> None:
    home = await make(at(5))
    await home.raised("A1", **fields)
    await home.at(at(6))
    assert home.figures.first_day is None
    await home.at(at(7))
    await home.raised("A2")
    await home.at(at(9))
    await home.consents()
    await home.at(at(9, 13))
    assert home.figures.first_day == date(2026, 11, 7)
    assert (await make(at(12))).figures.first_day == date(2026, 11, 7)


@pytest.mark.parametrize("what", ["consent_given", "commissioning_closed"])
async def test_a_quiet_beginning_is_one_too(make: Make, what: str) -> None:
    home = await make(at(5))
    await home.ledger.commit(Audit(what, home.clock.now(), 1.0, "technician"))
    await home.at(at(6))
    assert home.figures.first_day == date(2026, 11, 5)


async def test_the_month_that_runs_is_counted_live(make: Make) -> None:
    home = await make(at(10, 0))
    await home.raised("A1", received=3)
    home.hands.to(at(10, 6))
    month = await home.figures.of()
    assert (month.period, month.stands) == ("2026-11", Stands.RUNNING)
    assert (month.first, month.last) == (date(2026, 11, 10), date(2026, 11, 10))
    assert value(month.counters, Figure.ALARMS) == 1
    assert value(month.counters, Figure.RESPONSE_MEDIAN, Step.RECEIVED) == 3
    assert value(month.counters, Figure.SECONDS_COUNTED) == 6 * 3600
    assert value(month.counters, Figure.DEVICES, Role.MOTION) == 3
    await home.raised("A2")
    home.hands.to(at(10, 7))
    assert value((await home.figures.of("2026-11")).counters, Figure.ALARMS) == 2
    assert home.kept("2026-11") is None


async def test_a_month_closes_settles_and_outlives_its_rows(make: Make) -> None:
    """The journal forgets after a year; the figures do not."""
    home = await make(at(20))
    await home.raised("A1")
    await home.closed("A1")
    turn = at(30) + timedelta(hours=13)
    await home.at(turn)
    home.figures.standing = lambda: (Count(Figure.DEVICES, 9, Role.MOTION),)
    assert home.kept("2026-11")["settled"] is False
    # Said in December of an alarm of November.
    await home.figures.rate("A1", Outcome.FALSE, "administrator")
    month = await home.figures.of("2026-11")
    assert month.stands is Stands.OPEN
    assert value(month.counters, Figure.OUTCOMES, Outcome.FALSE) == 1
    assert value(month.counters, Figure.DEVICES, Role.MOTION) == 3
    assert month.last == date(2026, 11, 30)
    await home.at(turn + 29 * DAY)
    assert home.kept("2026-11")["settled"] is False
    await home.at(turn + 31 * DAY)
    assert home.kept("2026-11")["settled"] is True
    await home.at(turn + RETENTION + 60 * DAY)
    pruned = await home.journal.prune(home.clock.now() - RETENTION)
    assert pruned is not None
    assert pruned.alarms == 1
    again = await make(turn + RETENTION + 61 * DAY)
    month = await again.figures.of("2026-11")
    assert month.stands is Stands.SETTLED
    assert value(month.counters, Figure.ALARMS) == 1
    assert value(month.counters, Figure.OUTCOMES, Outcome.FALSE) == 1
    assert value(month.counters, Figure.DEVICES, Role.MOTION) == 3
    baseline = await again.figures.of("baseline")
    assert value(baseline.counters, Figure.ALARMS) == 1
    assert (baseline.first, baseline.last) == (date(2026, 11, 20), date(2026, 12, 17))


async def test_a_hub_that_was_off_at_the_turn_closes_the_month_when_it_is_back(make: Make) -> None:
    home = await make(at(20))
    await home.raised("A1")
    soon = await make(at(30) + 2 * DAY)
    assert soon.kept("2026-11") is not None
    month = await soon.figures.of("2026-11")
    assert value(month.counters, Figure.ALARMS) == 1
    assert value(month.counters, Figure.DEVICES, Role.MOTION) == 3


async def test_how_a_home_stands_says_nothing_of_a_turn_long_ago(make: Make) -> None:
    home = await make(at(20))
    await home.raised("A1")
    late = await make(at(30) + 75 * DAY)
    for name in ("2026-11", "2026-12"):
        month = await late.figures.of(name)
        assert value(month.counters, Figure.DEVICES, Role.MOTION) == 0
    assert late.kept("2026-11")["settled"] is True
    assert value((await late.figures.of("2026-11")).counters, Figure.ALARMS) == 1


async def test_what_is_kept_is_not_written_again(make: Make, monkeypatch: Any) -> None:
    """An SD card wears."""
    home = await make(at(20))
    await home.raised("A1")
    await home.at(at(30) + 3 * DAY)
    written: list[Any] = []
    monkeypatch.setattr(home.journal, "post", lambda *changes: written.extend(changes))
    for hours in range(1, 50):
        await home.at(at(30) + 3 * DAY + timedelta(hours=hours))
    await home.figures.of("2026-11")
    assert written == []


def watcher(home: Counted, kind: WatcherKind) -> AnyWatcher:
    kinds = KINDS[kind]
    settings = replace(kinds.settings_type(), warning=600.0)
    return kinds(Identity(kind, 1), settings, home.house, kinds.state_type())


def tell(home: Counted, of: AnyWatcher, *, shadow: bool = False) -> None:
    """Let the figures hear what a watcher has told, as the supervisor hands it on."""
    options = RuleOptions(owner=Owner.HOME_CARE, suitable=True, shadow=shadow)
    for verdict in of.verdicts:
        home.figures.told(Heard(of.identity, options, verdict, of))
    of.verdicts.clear()


def live(home: Counted, kind: WatcherKind, until: str, *, shadow: bool = False) -> None:
    """Let a cause come and go: near a warning, after one, or after the alarm."""
    of = watcher(home, kind)
    now = home.clock.now().timestamp()
    of.count(now, now, now + 1600)
    ends = {"early": 10, "near": 999, "warned": 1001, "alarmed": 1601}[until]
    if until in ("warned", "alarmed"):
        of.tick(now + 1000)
    if until == "alarmed":
        of.tick(now + 1600)
    tell(home, of, shadow=shadow)
    of.calm(now + ends)
    tell(home, of, shadow=shadow)


@pytest.mark.parametrize(
    ("until", "warned", "answered", "near"),
    [("early", 0, 0, 0), ("near", 0, 0, 1), ("warned", 1, 1, 0), ("alarmed", 1, 0, 0)],
)
async def test_what_rules_tell_is_counted_by_function(
    make: Make, until: str, warned: int, answered: int, near: int
) -> None:
    home = await make(at(20))
    await home.consents()
    await home.figures.keep()
    kind = WatcherKind.DOOR_OPEN
    live(home, kind, until)
    live(home, kind, until, shadow=True)
    # Once more, so that an alarm of before is not taken for one of this cause.
    live(home, kind, until)
    live(home, WatcherKind.BATHROOM_STAY, "early")
    again = await make(at(21))
    for name in ("2026-11", "baseline"):
        counts = (await again.figures.of(name)).counters
        assert value(counts, Figure.WARNED, kind) == 2 * warned
        assert value(counts, Figure.WARNED_ANSWERED, kind) == 2 * answered
        assert value(counts, Figure.NEAR_MISSES, kind) == 2 * near
        assert value(counts, Figure.NEAR_MISSES, WatcherKind.BATHROOM_STAY) == 0


async def test_a_warning_after_an_alarm_of_before_was_answered(make: Make) -> None:
    home = await make(at(20))
    of = watcher(home, WatcherKind.DOOR_OPEN)
    now = home.clock.now().timestamp()
    for begin, ticks in ((now, 2), (now + 50_000, 1)):
        of.count(begin, begin, begin + 1600)
        of.tick(begin + 1000)
        if ticks == 2:
            of.tick(begin + 1600)
        of.calm(begin + 1601)
        tell(home, of)
    counts = (await home.figures.of()).counters
    assert value(counts, Figure.WARNED, WatcherKind.DOOR_OPEN) == 2
    assert value(counts, Figure.WARNED_ANSWERED, WatcherKind.DOOR_OPEN) == 1


async def test_what_rules_told_stands_in_the_months_row_in_the_end(make: Make) -> None:
    home = await make(at(20))
    await home.consents()
    live(home, WatcherKind.DOOR_OPEN, "near")
    await home.at(at(30) + 80 * DAY)
    assert home.ledger.markers[BOOK]["stages"] == {}
    for name in ("2026-11", "baseline"):
        counts = (await home.figures.of(name)).counters
        assert value(counts, Figure.NEAR_MISSES, WatcherKind.DOOR_OPEN) == 1


async def test_before_the_journal_is_read_nothing_takes_its_place(
    make: Make, tmp_path: Path
) -> None:
    """A home that begins without its disk must not lose its name in figures when the disk is back."""
    home = await make(at(20))
    await home.consents()
    await home.figures.keep()
    await home.journal.close()
    blind = Counted(tmp_path / "home", Hands(at(21)), demo=False)
    live(blind, WatcherKind.DOOR_OPEN, "near")
    assert BOOK not in blind.ledger.markers
    await blind.start()
    assert blind.figures.name == home.figures.name
    assert blind.figures.first_day == date(2026, 11, 20)
    await blind.journal.close()


async def test_a_fault_of_the_figures_own_costs_the_home_nothing(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    home = await make(at(20))

    def fails() -> tuple[Count, ...]:
        raise RuntimeError("Karin")

    home.figures.standing = fails
    await home.at(at(30) + DAY)
    assert "failed inside: RuntimeError" in caplog.text
    assert "Karin" not in caplog.text


async def test_after_the_first_weeks_the_baseline_grows_no_more(make: Make) -> None:
    home = await make(at(1, 0))
    await home.consents()
    await home.figures.keep()
    await home.at(at(28, 23))
    await home.raised("A1")
    live(home, WatcherKind.DOOR_OPEN, "near")
    await home.at(at(29, 1))
    await home.raised("A2")
    live(home, WatcherKind.DOOR_OPEN, "near")
    await home.at(at(29, 2))
    baseline = await home.figures.of("baseline")
    assert value(baseline.counters, Figure.ALARMS) == 1
    assert value(baseline.counters, Figure.NEAR_MISSES, WatcherKind.DOOR_OPEN) == 1
    assert value(baseline.counters, Figure.SECONDS_COUNTED) == 28 * 86_400
    assert value((await home.figures.of()).counters, Figure.ALARMS) == 2


async def test_an_alarm_that_memory_has_forgotten_is_rated(make: Make) -> None:
    home = await make(at(20))
    await home.raised("A1")
    await home.closed("A1")
    assert "A1" not in home.ledger.alarms
    alarm = await home.figures.rate("A1", Outcome.MISTAKE, "administrator")
    assert alarm.id == "A1"
    await home.figures.rate("A1", Outcome.REAL, "administrator")
    counts = (await home.figures.of()).counters
    assert value(counts, Figure.OUTCOMES, Outcome.REAL) == 1
    assert value(counts, Figure.OUTCOMES, Outcome.MISTAKE) == 0


@pytest.mark.parametrize(
    ("alarm_id", "problem"),
    [
        ("nobody", "unknown_alarm"),
        ("TEST", "alarm_not_rateable"),
        ("TECHNICAL", "alarm_not_rateable"),
        ("OLD", "month_settled"),
    ],
)
async def test_what_cannot_be_rated(make: Make, alarm_id: str, problem: str) -> None:
    home = await make(at(20))
    await home.raised("OLD")
    await home.at(at(30) + 31 * DAY)
    await home.raised("TEST", test=True)
    await home.raised("TECHNICAL", kind=AlarmKind.RADIO_LOST)
    head = await home.journal.audit_head()
    with pytest.raises(RatingError) as caught:
        await home.figures.rate(alarm_id, Outcome.FALSE, "administrator")
    assert caught.value.problem == problem
    assert await home.journal.audit_head() == head


async def test_nothing_of_a_demo_is_real(make: Make) -> None:
    home = await make(at(20), demo=True)
    await home.raised("A1")
    await home.at(at(21))
    counts = (await home.figures.of()).counters
    assert value(counts, Figure.ALARMS) == 0
    assert value(counts, Figure.APART, Apart.DEMO) == 1
    assert home.figures.first_day is None
    with pytest.raises(RatingError):
        await home.figures.rate("A1", Outcome.FALSE, "administrator")


async def test_a_disk_that_refuses_costs_no_figure(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home = await make(at(20))
    await home.raised("A1")
    home.hands.to(at(30) + 3 * DAY)

    async def refuses(limit: float) -> bool:
        return False

    with monkeypatch.context() as broken:
        broken.setattr(home.journal, "flush", refuses)
        await home.figures.keep()
        assert "could not be kept yet" in caplog.text
        assert home.kept("2026-11") is None
        with pytest.raises(JournalRefusedError):
            await home.figures.of("2026-11")
    await home.figures.keep()
    assert home.kept("2026-11") is not None


@pytest.mark.parametrize("name", ["2026-10", "2027-11", "baseline", "karin"])
async def test_a_month_that_was_not_lived_here(make: Make, name: str) -> None:
    home = await make(at(20))
    with pytest.raises(UnknownPeriodError):
        await home.figures.of(name)


async def test_somebody_asks_how_it_goes(make: Make) -> None:
    """R33."""
    home = await make(at(2))
    await home.consents()
    await home.at(at(8))
    assert home.figures.follow_up_due() is None
    await home.at(at(9))
    assert home.figures.follow_up_due() is FollowUp.DAY_7
    home.figures.follow_up_made(FollowUp.DAY_7, "administrator")
    assert home.figures.follow_up_due() is None
    again = await make(at(10))
    assert again.figures.follow_up_due() is None
    counts = (await again.figures.of()).counters
    assert value(counts, Figure.FOLLOW_UPS_MADE, FollowUp.DAY_7) == 1
    assert value(counts, Figure.FOLLOW_UP_DUE, FollowUp.DAY_7) == 1
    assert value(counts, Figure.FOLLOW_UP_DUE, FollowUp.DAY_30) == 0
    assert value(counts, Figure.DAYS_SINCE_FIRST) == 8
    await again.at(at(2) + 31 * DAY)
    assert again.figures.follow_up_due() is FollowUp.DAY_30


@pytest.mark.parametrize(
    "row",
    [
        None,
        7,
        {
            "home": 7,
            "since": "x",
            "first_day": [],
            "stages": {"2026-11": 3, "x": {"y": {"z": "w"}}},
        },
        {"counts": [["of_a_later_release", 3, None, None], 4, ["alarms", "Karin", None, None]]},
    ],
)
async def test_what_cannot_be_read_again_stops_nothing(make: Make, row: Any) -> None:
    home = await make(at(20))
    home.ledger.markers[BOOK] = row
    home.ledger.markers[f"{CLOSED}2026-11"] = row
    await home.figures.keep()
    month = await home.figures.of()
    assert value(month.counters, Figure.ALARMS) == 0
    assert len(month.home) == 16
    assert month.stands is Stands.RUNNING
