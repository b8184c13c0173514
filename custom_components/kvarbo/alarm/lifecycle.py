"""How an alarm moves (design: raised, acknowledged, closed or cancelled). Any other move raises."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .alarm import Alarm, AlarmState

#: From each state, the states it may move to.
MOVES: Final = {
    AlarmState.RAISED: frozenset(
        {
            AlarmState.ACKNOWLEDGED,
            AlarmState.CLOSED,
            AlarmState.CANCELLED,
            AlarmState.LAPSED,
        }
    ),
    AlarmState.ACKNOWLEDGED: frozenset(
        {AlarmState.CLOSED, AlarmState.CANCELLED, AlarmState.LAPSED}
    ),
    AlarmState.LAPSED: frozenset({AlarmState.CLOSED, AlarmState.CANCELLED}),
    AlarmState.CLOSED: frozenset[AlarmState](),
    AlarmState.CANCELLED: frozenset[AlarmState](),
}


class IllegalMoveError(ValueError):
    """An alarm was asked to move where its state does not lead. Retrying cannot help."""

    def __init__(self, alarm: Alarm, target: AlarmState) -> None:
        """Name the alarm and both states."""
        super().__init__(f"alarm {alarm.id} is {alarm.state} and cannot become {target}")
        self.alarm = alarm
        self.target = target


def move(alarm: Alarm, target: AlarmState, at: datetime) -> Alarm:
    """Return the alarm in its new state, stamped `at` (aware, UTC).

    Raises `IllegalMoveError` when the life cycle has no such move.
    """
    if target not in MOVES[alarm.state]:
        raise IllegalMoveError(alarm, target)
    if target is AlarmState.ACKNOWLEDGED:
        return replace(alarm, state=target, acknowledged_at=at)
    return replace(alarm, state=target, ended_at=at)


def can_move(alarm: Alarm, target: AlarmState) -> bool:
    """Tell whether `move` would be legal."""
    return target in MOVES[alarm.state]
