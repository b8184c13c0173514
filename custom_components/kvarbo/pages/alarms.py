"""The newest alarms as a page shows them: what, why in words, where, when, and who has it. Pure; no names (R07)."""

from collections.abc import Collection
from datetime import tzinfo
from typing import Any, Final

from ..alarm.alarm import Alarm, Delivery
from ..alarm.kinds import AlarmClass
from ..alarm.reason import Language, kind_text, mark_text, reason_text
from .facts import Sight, plain

#: So many are shown.
MOST: Final = 50


def is_seen(alarm: Alarm, sights: Collection[str]) -> bool:
    """Tell whether somebody with these sights may look at an alarm.

    Who installs sees what equipment tells, and tests; an alarm about a person is the coordinator's.
    """
    if Sight.HOME in sights:
        return True
    return Sight.DEVICES in sights and (alarm.test or alarm.alarm_class is AlarmClass.TECHNICAL)


def describe_alarm(
    alarm: Alarm,
    taken: Delivery | None,
    place: int | None,
    *,
    demo: bool,
    language: Language,
    zone: tzinfo,
) -> dict[str, Any]:
    """Return an alarm as a page takes it.

    `taken` is the delivery that brought its first receipt, `place` that receiver's place in the home's order; both
    None where nobody has receipted it, or where it is not known any more.
    """
    told: dict[str, Any] = plain(
        {
            "alarm": alarm.id,
            "kind": alarm.kind,
            "class": alarm.alarm_class,
            "state": alarm.state,
            "device": alarm.source.number,
            "room": alarm.location,
            "resident": alarm.resident,
            "owner": alarm.owner,
            "sensed_at": alarm.sensed_at,
            "raised_at": alarm.raised_at,
            "received_at": None if taken is None else taken.received_at,
            "receiver": place,
            "acknowledged_at": alarm.acknowledged_at,
            "cleared_at": alarm.cleared_at,
            "ended_at": alarm.ended_at,
            "test": alarm.test,
            "demo": demo,
        },
        zone,
    )
    return told | {
        "what": kind_text(alarm.kind, language),
        "why": reason_text(alarm, language, zone),
        "mark": mark_text(language, test=alarm.test, demo=demo),
    }
