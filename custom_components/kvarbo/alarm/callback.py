"""A receiver's wish to speak with the home, and until when it stands (R23)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Voice(StrEnum):
    """Which way a receiver wants sound to travel."""

    DUPLEX = "duplex"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What a receiver has asked for. Nothing is opened by it: it is kept and shown.

    `minutes` is how long the home is to take its call, None where the home itself is asked to call:
    `address` then says whom, or None for whom it has been told before.
    """

    voice: Voice
    minutes: int | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackWindow:
    """A wish about one alarm that stands until `until` (home time, aware UTC)."""

    alarm_id: str
    callback: Callback
    until: datetime
