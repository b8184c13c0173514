"""Where each technical alarm goes and at which hour, as data (A8, R38).

Only what disables a help button, the chain or a rule that guards a life is told in the night, and then to
the alarm centre first: nobody sits at operations. All else is told to operations when somebody works.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from ..alarm.alarm import Alarm
from ..alarm.clock import Clock
from ..alarm.kinds import LIFE, AlarmClass, AlarmKind, Role


class Hour(StrEnum):
    """When a technical alarm is told."""

    #: At once, day and night.
    NOW = "now"
    #: When operations work.
    WORKING = "working"


#: Every technical kind. What is not a help button's and no life rule's goes by this.
HOURS: Final[dict[AlarmKind, Hour]] = {
    AlarmKind.RECEIVER_LOST: Hour.NOW,
    AlarmKind.PATH_LOST: Hour.NOW,
    AlarmKind.FORM_REFUSED: Hour.WORKING,
    AlarmKind.CREDENTIALS_REFUSED: Hour.NOW,
    AlarmKind.TWO_HUBS: Hour.WORKING,
    AlarmKind.JOURNAL_RESTORED: Hour.NOW,
    AlarmKind.JOURNAL_FAULT: Hour.NOW,
    AlarmKind.CLOCK_FAULT: Hour.WORKING,
    AlarmKind.RULE_FAULT: Hour.WORKING,
    AlarmKind.RADIO_LOST: Hour.NOW,
    AlarmKind.DEVICE_SILENT: Hour.WORKING,
    AlarmKind.DEVICE_BLIND: Hour.WORKING,
    AlarmKind.DEVICE_TAMPER: Hour.WORKING,
    AlarmKind.DEVICE_BATTERY: Hour.WORKING,
    AlarmKind.DEVICE_FAULT: Hour.WORKING,
    AlarmKind.LOCK_FAULT: Hour.WORKING,
    AlarmKind.ENTRY_UNGRANTED: Hour.WORKING,
    AlarmKind.MAINS_LOST: Hour.NOW,
}
#: A technical alarm of such a device is told at once, whatever its kind, but for a battery that
#: still lasts for days.
CALLS: Final = frozenset({Role.HELP_BUTTON, Role.FALL_SENSOR})

#: When operations work: Monday to Friday by the home's wall clock. Public holidays are not known.
OPENS: Final = time(7)
CLOSES: Final = time(16)
_SATURDAY: Final = 5
#: The clock is looked at this often while something waits, seconds: it may be set meanwhile.
_LOOK: Final = 1800.0


def hour_of(alarm: Alarm) -> Hour:
    """Return when an alarm is told. Personal alarms and tests: at once."""
    if alarm.alarm_class is AlarmClass.PERSONAL or alarm.test or alarm.priority >= LIFE:
        return Hour.NOW
    if alarm.source.role in CALLS and alarm.kind is not AlarmKind.DEVICE_BATTERY:
        return Hour.NOW
    return HOURS[alarm.kind]


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When operations work; `zone` returns the home's time zone."""

    zone: Callable[[], tzinfo]

    def is_open(self, at: datetime) -> bool:
        """Tell whether somebody works at a moment (aware)."""
        there = at.astimezone(self.zone())
        return there.weekday() < _SATURDAY and OPENS <= there.time() < CLOSES

    def opens(self, at: datetime) -> datetime:
        """Return the first moment after a moment outside the hours at which somebody works (UTC)."""
        there = at.astimezone(self.zone())
        day = there.date() + timedelta(days=there.time() >= CLOSES)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        return datetime.combine(day, OPENS, self.zone()).astimezone(UTC)


class Hours:
    """Holds back what can wait, and calls when the hour has come."""

    def __init__(
        self, clock: Clock, working: WorkingHours | None, come: Callable[[], None]
    ) -> None:
        """Without working hours nothing waits."""
        self._clock = clock
        self._working = working
        self._come = come
        self._timer: asyncio.TimerHandle | None = None

    def is_night(self) -> bool:
        """Tell whether nobody works at operations now."""
        return self._working is not None and not self._working.is_open(self._clock.now())

    def must_wait(self, alarm: Alarm) -> bool:
        """Tell whether an alarm is not to be begun with now."""
        return self.is_night() and hour_of(alarm) is Hour.WORKING

    def wait(self) -> None:
        """Call when the hour has come; once, however often it is asked for."""
        if self._working is None or self._timer is not None:
            return
        now = self._clock.now()
        left = (self._working.opens(now) - now).total_seconds()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(min(max(left, 1.0), _LOOK), self._look)

    def stop(self) -> None:
        """Call no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self.is_night():
            self.wait()
        else:
            self._come()
