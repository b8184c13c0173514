"""Hold back what a restored or copied journal has as undelivered (A12)."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from ..alarm.alarm import Alarm, AlarmState, DeliveryState
from ..alarm.lifecycle import move
from ..journal.changes import Change, Finding, Json, PutAlarm, PutDelivery, PutMarker, Settled
from .ledger import Ledger

#: Under this marker stand the ids that a restored journal held as undelivered.
RESTORED_MARKER: Final = "restored"


def held_back(ledger: Ledger, now: datetime) -> tuple[list[Alarm], list[Change]]:
    """Return what is undelivered, and the changes that keep it from being sent.

    It was made by another life of this home: a person reads the list, nothing of it is sent, and
    open alarms are no longer followed. `Settled` goes into the same commit: were the power to go
    before, the journal would be found restored again.
    """
    held = ledger.undelivered()
    changes: list[Change] = []
    for delivery in ledger.deliveries.values():
        if delivery.is_waiting:
            withdrawn = replace(delivery, state=DeliveryState.WITHDRAWN, followed=True)
            changes.append(PutDelivery(withdrawn))
        elif not delivery.followed:
            changes.append(PutDelivery(replace(delivery, followed=True)))
    changes += [PutAlarm(move(a, AlarmState.LAPSED, now)) for a in ledger.open_alarms()]
    unread = ledger.markers.get(RESTORED_MARKER)
    listed: list[Json] = [str(item) for item in unread] if isinstance(unread, list) else []
    listed += [alarm.id for alarm in held]
    changes += [PutMarker(RESTORED_MARKER, listed), Settled(Finding.RESTORED)]
    return held, changes
