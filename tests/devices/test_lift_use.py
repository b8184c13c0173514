"""A toilet lift's visits as counters, also over restarts, silence and summer time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.devices.lift_use import SAME_VISIT, LiftUse
from custom_components.kvarbo.supervision.sensing import Reading

STOCKHOLM = ZoneInfo("Europe/Stockholm")
START = datetime(2026, 10, 23, 8, 0, tzinfo=STOCKHOLM)
MINUTE = timedelta(minutes=1)
UP, DOWN, UNKNOWN = Reading.ACTIVE, Reading.IDLE, Reading.UNKNOWN


def visit(it: LiftUse, at: datetime, minutes: float = 5) -> None:
    it.take(UP, at)
    it.take(DOWN, at + minutes * MINUTE)


def test_each_visit_is_one_and_has_its_length() -> None:
    assert LiftUse().last_minutes is None
    it = LiftUse()
    visit(it, START, 7.5)
    assert (it.uses, it.in_week(START), it.last_minutes) == (1, 1, 7.5)
    it.take(UP, START + 3 * 60 * MINUTE)
    assert it.uses == 2
    assert it.last_minutes is None


def test_up_and_down_by_a_plug_is_one_visit() -> None:
    it = LiftUse()
    visit(it, START, 0.5)
    visit(it, START + 10 * MINUTE, 0.5)
    assert (it.uses, it.last_minutes) == (1, 10.5)
    visit(it, START + 10.5 * MINUTE + SAME_VISIT + MINUTE)
    assert it.uses == 2


def test_silence_is_no_use_and_ends_none() -> None:
    it = LiftUse()
    it.take(UP, START)
    assert not it.take(UNKNOWN, START + MINUTE)
    assert not it.take(UP, START + 60 * MINUTE)
    it.take(DOWN, START + 61 * MINUTE)
    assert (it.uses, it.last_minutes) == (1, 61)


def test_a_week_is_seven_days_also_where_one_has_25_hours() -> None:
    it = LiftUse()
    for day in range(9):
        visit(it, START + timedelta(days=day))
    now = START + timedelta(days=8, hours=1)
    assert (it.uses, it.in_week(now)) == (9, 7)
    assert it.in_week(now + timedelta(days=6)) == 1
    assert it.in_week(now + timedelta(days=7)) == 0


def test_a_clock_that_was_put_back_counts_a_visit_and_loses_none() -> None:
    it = LiftUse()
    visit(it, START)
    visit(it, START - timedelta(days=2))
    assert it.uses == 2
    assert it.last_minutes == 5


@given(
    st.lists(st.tuples(st.sampled_from(Reading), st.integers(0, 3000)), max_size=40),
    st.integers(0, 39),
)
def test_a_restart_changes_nothing(said: list[tuple[Reading, int]], restart: int) -> None:
    whole, halved, now = LiftUse(), LiftUse(), START
    for step, (reading, minutes) in enumerate(said):
        now += minutes * MINUTE
        if step == restart:
            halved = LiftUse.from_text(halved.to_text(), now)
        assert whole.take(reading, now) is halved.take(reading, now)
        assert whole == halved
        assert len(whole.to_text()) < 200
        assert whole.uses >= whole.in_week(now)


@pytest.mark.parametrize(
    "text", [None, "", "[", "{}", "[1,2]", '["x",0,[],null,null,0]', "[1,0,[],1e99,0,0]"]
)
def test_what_cannot_be_read_is_counted_anew(text: str | None) -> None:
    assert LiftUse.from_text(text, datetime.now(UTC)) == LiftUse()
