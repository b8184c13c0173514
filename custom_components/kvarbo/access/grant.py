"""Whether an alarm gives a right to come in. One rule for the code and for a receiver's command.

Everything that is not allowed here is refused, with a reason that every language can say.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..alarm.alarm import Alarm
from ..alarm.kinds import AlarmClass, ReasonCode, Role

#: How old an alarm may be by default. SCAIP tells nothing of an alarm's end, so age must end it.
OLDEST: Final = timedelta(minutes=60)

#: Reasons of alarms that a device or a watcher has raised. What a person or an automation has
#: asked for by a call opens no door, whoever it was (A11).
_FROM_THE_HOME: Final = frozenset(
    {
        ReasonCode.PRESSED,
        ReasonCode.WATCHED,
        ReasonCode.LIFT_RAISED,
        ReasonCode.LIFT_MIDWAY,
        ReasonCode.LIFT_STUCK,
        ReasonCode.LIFT_MOVING,
    }
)
#: Who, besides a device's own role, may have answered a watcher: the home itself and automations.
_BY_THE_HOME: Final = frozenset({"watcher", "automation"})


class Refusal(StrEnum):
    """Why nobody is let in."""

    NOT_ALLOWED = "not_allowed"
    DEMO = "demo"
    #: Also of a rule that runs in the shadow: it has no alarm.
    UNKNOWN_ALARM = "unknown_alarm"
    TECHNICAL = "technical"
    TEST = "test"
    RAISED_BY_HAND = "raised_by_hand"
    ENDED = "ended"
    NOT_ACCEPTED = "not_accepted"
    TOO_OLD = "too_old"
    CLOCK_WRONG = "clock_wrong"
    GIVEN_ALREADY = "given_already"
    LOCK_SILENT = "lock_silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand when an alarm is asked about.

    `now` is home time (aware UTC); it may run behind the world after a start without a clock, and
    then `clock_is_wrong`. `seen_live` says that the alarm began while this very process ran, so that
    its age is measured by the monotonic clock whatever the wall clock does. `is_accepted` says that
    a live receiver has given its receipt for the alarm.
    """

    now: datetime
    clock_is_wrong: bool
    seen_live: bool
    is_accepted: bool
    is_demo: bool
    oldest: timedelta = OLDEST


def why_not(alarm: Alarm | None, standing: Standing) -> Refusal | None:  # noqa: PLR0911 - a list of rules
    """Return why an alarm gives no right to come in, None when it does."""
    if standing.is_demo:
        return Refusal.DEMO
    if alarm is None:
        return Refusal.UNKNOWN_ALARM
    if alarm.alarm_class is not AlarmClass.PERSONAL:
        return Refusal.TECHNICAL
    if alarm.test or alarm.reason is ReasonCode.TEST:
        return Refusal.TEST
    if not _is_from_the_home(alarm):
        return Refusal.RAISED_BY_HAND
    if not alarm.is_open:
        return Refusal.ENDED
    if not standing.is_accepted:
        return Refusal.NOT_ACCEPTED
    age = standing.now - alarm.raised_at
    if age > standing.oldest:
        return Refusal.TOO_OLD
    if age < timedelta(0):
        # Raised in the future: home time never runs back, so this journal is of another clock.
        return Refusal.CLOCK_WRONG
    if not standing.seen_live and (standing.clock_is_wrong or alarm.clock_trouble):
        return Refusal.CLOCK_WRONG
    return None


def _is_from_the_home(alarm: Alarm) -> bool:
    if alarm.reason not in _FROM_THE_HOME or alarm.source.role is Role.HUB:
        return False
    return alarm.raised_by in _BY_THE_HOME or alarm.raised_by == alarm.source.role
