"""How an alarm begins: from a request or a press to a value that can be committed."""

from dataclasses import replace
from datetime import datetime

from .alarm import Alarm, Source
from .kinds import HIGHEST_PRIORITY, KINDS, AlarmClass, AlarmKind, Location, ReasonCode
from .request import AlarmRequest


def requested_alarm(
    request: AlarmRequest, alarm_id: str, now: datetime, actor: str, *, clock_trouble: bool
) -> Alarm:
    """Return the alarm that a checked request asks for. Without an episode it is its own.

    A technical alarm tells nothing of what a person did: the last sign of life is left out.
    """
    personal = KINDS[request.kind].alarm_class is AlarmClass.PERSONAL
    priority = KINDS[request.kind].priority if request.priority is None else request.priority
    return Alarm(
        id=alarm_id,
        episode=request.episode or f"e{alarm_id}",
        kind=request.kind,
        priority=priority,
        source=request.source,
        location=request.location,
        resident=request.resident,
        reason=request.reason,
        sensed_at=request.sensed_at or now,
        raised_at=now,
        raised_by=actor,
        clock_trouble=clock_trouble,
        test=request.test,
        owner=request.owner,
        seen_at=request.seen_at if personal else None,
        seen_in=request.seen_in if personal else None,
        until=request.until,
    )


def repeated_alarm(alarm: Alarm, seen_at: datetime | None, seen_in: Location | None) -> Alarm:
    """Return an open alarm whose cause has come once more (R60): counted, and no longer cleared.

    A last sign of life takes the place of the former one, whole; without any the former stands.
    """
    again = replace(alarm, repeats=alarm.repeats + 1, cleared_at=None)
    if alarm.alarm_class is AlarmClass.TECHNICAL or (seen_at is None and seen_in is None):
        return again
    return replace(again, seen_at=seen_at, seen_in=seen_in)


def pressed_alarm(
    source: Source,
    location: Location | None,
    resident: int,
    alarm_id: str,
    now: datetime,
    *,
    test: bool,
    clock_trouble: bool,
) -> Alarm:
    """Return the help call of a press (R12, A2); with `test` the announced one (A9)."""
    return Alarm(
        id=alarm_id,
        episode=f"p{alarm_id}",
        kind=AlarmKind.HELP_CALL,
        priority=HIGHEST_PRIORITY,
        source=source,
        location=location,
        resident=resident,
        reason=ReasonCode.TEST if test else ReasonCode.PRESSED,
        sensed_at=now,
        raised_at=now,
        raised_by=source.role,
        clock_trouble=clock_trouble,
        test=test,
        last_press_at=now,
    )
