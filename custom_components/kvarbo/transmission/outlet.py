"""A receiver as the home has set it up, and what the transmitter reports back."""

from dataclasses import dataclass
from typing import Final, Protocol

from ..alarm.alarm import Delivery
from .receiver import Followed, Receiver, Takes
from .tunnel import Road

__all__ = [
    "ANSWER_LIMIT",
    "CEILING",
    "HEARTBEAT",
    "HOLD_LIMIT",
    "Listener",
    "Outlet",
    "Reach",
    "Road",
    "Takes",
]

#: The next receiver is tried when one has not answered for this long, seconds (A4).
ANSWER_LIMIT: Final = 20.0
#: A receiver that says `hold` may do so for this long, seconds; SS 91100 allows at most 30 minutes.
HOLD_LIMIT: Final = 1800.0
#: A receiver keeps its own, far shorter limit for an answer. What has not come back after this long
#: is stuck inside, and is given up so that the alarm is tried again, seconds.
CEILING: Final = 90.0
#: Seconds between heartbeats unless set otherwise (field.md).
HEARTBEAT: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One receiver of the home. `key` never changes; limits in seconds."""

    key: str
    receiver: Receiver
    takes: Takes = Takes.ALARMS
    road: Road = Road.HOME
    answer_limit: float = ANSWER_LIMIT
    hold_limit: float = HOLD_LIMIT
    heartbeat: int = HEARTBEAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether a receiver answers.

    `reached` None: not tried yet. `words` say why not. `took` is the last round trip in seconds.
    """

    reached: bool | None = None
    words: str = ""
    took: float | None = None


class Listener(Protocol):
    """What the transmitter tells the alarm desk.

    All are called on the event loop and must not wait.
    """

    def received(self, alarm_id: str, delivery: Delivery) -> None:
        """Take note that a receiver has receipted the alarm itself."""

    def stuck(self, alarm_id: str) -> None:
        """Take note that no receiver has answered for the alarm.

        All that could be tried at once has been.
        """

    def fate(self, alarm_id: str, followed: Followed) -> None:
        """Take note of what the far end has done with the alarm."""

    def lapsed(self, alarm_id: str) -> None:
        """Take note that the alarm has been followed for its whole time."""

    def reach_changed(self, key: str, reach: Reach) -> None:
        """Take note that a receiver is lost, or back (A8)."""

    def form_refused(self, key: str, delivery: Delivery, words: str) -> None:
        """Take note that a receiver refused a message's form (A6)."""

    def credentials(self, key: str, words: str | None) -> None:
        """Take note that a receiver refuses our credentials, or (None) takes them again."""

    def conflict(self, key: str, *, is_open: bool) -> None:
        """Take note that the far end hears two hubs under one number, or no longer (A12)."""

    def delivery_changed(self, delivery: Delivery) -> None:
        """Take note of any move of a delivery."""
