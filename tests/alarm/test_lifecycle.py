"""An alarm moves only where its life leads."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import Alarm, AlarmState, DeliveryState
from custom_components.kvarbo.alarm.lifecycle import MOVES, IllegalMoveError, can_move, move
from tests.support.samples import NOON, alarms, sample_alarm, sample_delivery

OPEN = {AlarmState.RAISED, AlarmState.ACKNOWLEDGED}
LATER = NOON + timedelta(minutes=1)


@given(alarms, st.sampled_from(AlarmState))
def test_a_move_is_made_or_refused_by_name_and_never_half(alarm: Alarm, target: AlarmState) -> None:
    if can_move(alarm, target):
        moved = move(alarm, target, LATER)
        assert moved.state is target
        assert LATER in (moved.acknowledged_at, moved.ended_at)
        assert moved.is_open == (target in OPEN)
    else:
        with pytest.raises(IllegalMoveError, match=alarm.state) as caught:
            move(alarm, target, LATER)
        assert caught.value.alarm is alarm
        assert caught.value.target is target
        assert target in str(caught.value)


@given(st.lists(st.sampled_from(AlarmState), max_size=8))
def test_no_way_leads_back_to_open(targets: list[AlarmState]) -> None:
    alarm = sample_alarm()
    for target in targets:
        before = alarm
        if can_move(alarm, target):
            alarm = move(alarm, target, LATER)
        assert before.is_open or not alarm.is_open
        assert alarm.state is not AlarmState.RAISED or before is alarm


def test_every_state_says_where_it_leads() -> None:
    assert set(MOVES) == set(AlarmState)
    assert MOVES[AlarmState.CLOSED] == MOVES[AlarmState.CANCELLED] == frozenset()


def test_an_acknowledgement_ends_nothing() -> None:
    acknowledged = move(sample_alarm(), AlarmState.ACKNOWLEDGED, LATER)
    assert acknowledged.acknowledged_at == LATER
    assert acknowledged.ended_at is None
    assert acknowledged.is_open


def test_what_has_lapsed_may_still_be_closed_by_whoever_knows_better() -> None:
    lapsed = move(sample_alarm(), AlarmState.LAPSED, NOON)
    assert move(lapsed, AlarmState.CLOSED, LATER).ended_at == LATER


@pytest.mark.parametrize("state", DeliveryState)
def test_a_delivery_waits_until_the_far_end_has_answered(state: DeliveryState) -> None:
    waiting = {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD}
    assert sample_delivery(state=state).is_waiting == (state in waiting)
