"""Every forbidden way in is refused by its own reason; only an open, accepted, fresh alarm lets in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.access.grant import OLDEST, Refusal, Standing, why_not
from custom_components.kvarbo.alarm.alarm import Alarm, AlarmState, Source
from custom_components.kvarbo.alarm.kinds import KINDS, AlarmClass, AlarmKind, ReasonCode, Role

NOW = datetime(2026, 11, 27, 2, 10, tzinfo=UTC)
CALL = Alarm(
    id="01JDN0000000000000000000AA",
    episode="p01JDN0000000000000000000AA",
    kind=AlarmKind.HELP_CALL,
    priority=9,
    source=Source(3, Role.HELP_BUTTON),
    location=None,
    resident=1,
    reason=ReasonCode.PRESSED,
    sensed_at=NOW - timedelta(minutes=5),
    raised_at=NOW - timedelta(minutes=5),
    raised_by="help_button",
)
STANDING = Standing(now=NOW, clock_is_wrong=False, seen_live=True, is_accepted=True, is_demo=False)
NIGHT = replace(
    CALL,
    kind=AlarmKind.NIGHT_ABSENCE,
    source=Source(0, Role.RULE),
    reason=ReasonCode.WATCHED,
    raised_by="automation",
)


@pytest.mark.parametrize(
    "alarm",
    [
        CALL,
        replace(CALL, state=AlarmState.ACKNOWLEDGED),
        NIGHT,
        replace(NIGHT, raised_by="watcher"),
        replace(NIGHT, source=Source(4, Role.BED)),
    ],
)
def test_an_open_accepted_alarm_of_a_device_or_a_watcher_lets_in(alarm: Alarm) -> None:
    assert why_not(alarm, STANDING) is None


@pytest.mark.parametrize(
    ("alarm", "standing", "refusal"),
    [
        ({}, {"is_demo": True}, Refusal.DEMO),
        ({"kind": AlarmKind.DEVICE_TAMPER}, {}, Refusal.TECHNICAL),
        ({"test": True}, {}, Refusal.TEST),
        ({"reason": ReasonCode.TEST}, {}, Refusal.TEST),
        ({"reason": ReasonCode.RAISED_BY_PERSON, "raised_by": "user"}, {}, Refusal.RAISED_BY_HAND),
        ({"reason": ReasonCode.RAISED_BY_RULE}, {}, Refusal.RAISED_BY_HAND),
        ({"raised_by": "administrator"}, {}, Refusal.RAISED_BY_HAND),
        ({"source": Source(0, Role.HUB), "raised_by": "hub"}, {}, Refusal.RAISED_BY_HAND),
        ({"state": AlarmState.CANCELLED}, {}, Refusal.ENDED),
        ({"state": AlarmState.CLOSED}, {}, Refusal.ENDED),
        ({"state": AlarmState.LAPSED}, {}, Refusal.ENDED),
        ({}, {"is_accepted": False}, Refusal.NOT_ACCEPTED),
        ({"raised_at": NOW - OLDEST - timedelta(seconds=1)}, {}, Refusal.TOO_OLD),
        ({}, {"oldest": timedelta(minutes=4)}, Refusal.TOO_OLD),
        ({"raised_at": NOW + timedelta(seconds=1)}, {}, Refusal.CLOCK_WRONG),
        ({}, {"clock_is_wrong": True, "seen_live": False}, Refusal.CLOCK_WRONG),
        ({"clock_trouble": True}, {"seen_live": False}, Refusal.CLOCK_WRONG),
    ],
)
def test_every_other_way_is_refused(
    alarm: dict[str, Any], standing: dict[str, Any], refusal: Refusal
) -> None:
    assert why_not(replace(CALL, **alarm), replace(STANDING, **standing)) is refusal


def test_no_alarm_is_no_right() -> None:
    assert why_not(None, STANDING) is Refusal.UNKNOWN_ALARM


def test_an_alarm_that_began_under_our_eyes_is_timed_by_no_wall_clock() -> None:
    """Home time runs on by the monotonic clock: a wall clock that is wrong takes nothing from its age."""
    assert (
        why_not(replace(CALL, clock_trouble=True), replace(STANDING, clock_is_wrong=True)) is None
    )


@given(
    kind=st.sampled_from(AlarmKind),
    reason=st.sampled_from(ReasonCode),
    role=st.sampled_from(Role),
    state=st.sampled_from(AlarmState),
    by=st.sampled_from(["watcher", "automation", "user", "administrator", "home", *Role]),
    test=st.booleans(),
    age=st.integers(-7200, 7200),
    accepted=st.booleans(),
    demo=st.booleans(),
)
def test_whoever_is_let_in_comes_for_somebody_who_needs_help_now(
    kind: AlarmKind,
    reason: ReasonCode,
    role: Role,
    state: AlarmState,
    by: str,
    *,
    test: bool,
    age: int,
    accepted: bool,
    demo: bool,
) -> None:
    alarm = replace(
        CALL,
        kind=kind,
        reason=reason,
        source=Source(3, role),
        state=state,
        raised_by=by,
        test=test,
        raised_at=NOW - timedelta(seconds=age),
    )
    if why_not(alarm, replace(STANDING, is_accepted=accepted, is_demo=demo)) is None:
        assert KINDS[kind].alarm_class is AlarmClass.PERSONAL
        assert reason in (ReasonCode.PRESSED, ReasonCode.WATCHED)
        assert by in ("watcher", "automation", role)
        assert state in (AlarmState.RAISED, AlarmState.ACKNOWLEDGED)
        assert accepted
        assert not test
        assert not demo
        assert 0 <= age <= OLDEST.total_seconds()
