"""The alarm desk of a home in Home Assistant: it also passes on what the home's other parts wait for."""

from collections.abc import Callable
from typing import override

from .chain import Chain
from .transmission.outlet import Reach
from .transmission.receiver import Followed


class AlarmDesk(Chain):
    """Tells when a receiver is reached for the first time (no fault then), and when one asks for the door."""

    on_reach: Callable[[], None]
    #: Called with the alarm's id and the request's own name.
    on_door: Callable[[str, str], None]

    @override
    def reach_changed(self, key: str, reach: Reach) -> None:
        super().reach_changed(key, reach)
        self.on_reach()

    @override
    def fate(self, alarm_id: str, followed: Followed) -> None:
        super().fate(alarm_id, followed)
        if followed.door is not None:
            # After the rest: an alarm that was closed in the same breath opens no door.
            self.on_door(alarm_id, followed.door)
