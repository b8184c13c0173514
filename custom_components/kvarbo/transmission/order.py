"""Who goes first on the wire among what waits for one receiver (A3).

Help calls and fall signals, then personal by priority and age, then technical, then the rest. Never
sent goes before sent in vain, so that a long outage's retries do not stand in front of what is new.
"""

from ..alarm.alarm import Alarm, Delivery, Message, MessageKind
from ..alarm.kinds import KINDS, AlarmClass

type SortKey = tuple[int, int, bool, str, str]


def sort_key(alarm: Alarm, message: Message, delivery: Delivery) -> SortKey:
    """Return a key that sorts first what must be sent first.

    Only an alarm itself can be urgent; what is said of it afterwards goes with the personal ones.
    ULIDs sort by age.
    """
    if alarm.alarm_class is AlarmClass.TECHNICAL or alarm.test:
        rank = 2
    elif KINDS[alarm.kind].first and message.kind is MessageKind.ALARM:
        rank = 0
    else:
        rank = 1
    priority = 0 if rank == 0 else -alarm.priority
    return (rank, priority, delivery.attempts > 0, alarm.id, message.id)
