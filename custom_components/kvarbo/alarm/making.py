"""How an alarm begins: from a request or a press to a value that can be committed."""

from datetime import datetime

from .alarm import Alarm, Source
from .kinds import HIGHEST_PRIORITY, KINDS, AlarmKind, Location, ReasonCode
from .request import AlarmRequest


def requested_alarm(
    request: AlarmRequest, alarm_id: str, now: datetime, actor: str, *, clock_trouble: bool
) -> Alarm:
    """Return the alarm that a checked request asks for. Without an episode it is its own."""
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
    )


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
