"""What an entity's state says of the home: active, idle or not known (idea 4). Pure.

One table of truth for every kind of source. `devices/reading.py` is its counterpart for presses of
help buttons, which never come this way (A7).
"""

from collections.abc import Callable
from datetime import datetime
import math
from typing import Final

from ..supervision.sensing import Reading
from .reading import SAYS_NOTHING

#: The kind of source whose state is the time of its last event.
EVENT: Final = "event"
#: The kind of source whose state is a number, read against a limit.
NUMBER: Final = "sensor"
#: The kind of source whose state may be a place: it is read as at home or not, and no more (R07).
TRACKER: Final = "device_tracker"
#: What a tracker says at home, and what it says when it does not know.
_AT_HOME: Final = "home"
#: What a gone entity says.
UNAVAILABLE: Final = "unavailable"

_SWITCHED: Final = (frozenset({"on"}), frozenset({"off"}))
#: Neither shut until it is shut all the way.
_SHUT: Final = (frozenset({"open", "opening", "closing"}), frozenset({"closed"}))

#: By kind of source: what counts as active, and what as idle. Any other word is not known: a jammed
#: lock is neither locked nor open.
_WORDS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "binary_sensor": _SWITCHED,
    "input_boolean": _SWITCHED,
    "light": _SWITCHED,
    "siren": _SWITCHED,
    "media_player": (
        frozenset({"on", "playing", "paused", "buffering", "idle"}),
        frozenset({"off", "standby"}),
    ),
    "switch": _SWITCHED,
    "cover": _SHUT,
    "valve": _SHUT,
    "lock": (
        frozenset({"unlocked", "unlocking", "locking", "open", "opening"}),
        frozenset({"locked"}),
    ),
    "vacuum": (
        frozenset({"cleaning", "returning"}),
        frozenset({"docked", "idle", "paused", "error"}),
    ),
}

#: Every kind of source that can be read. Cameras and images are none (R03).
READABLE: Final = frozenset({*_WORDS, EVENT, NUMBER, TRACKER})
#: Those whose state stands, and may mean the opposite of what it seems to.
STANDING: Final = frozenset({*_WORDS, NUMBER, TRACKER})


def read_state(
    domain: str, state: str, *, inverted: bool = False, active_above: float = 0.0
) -> Reading:
    """Return what a state says.

    A tracker is active when it is not at home: where else it is, is not read. A number is active
    above `active_above` and idle at it or below. `inverted` turns active and idle
    about, never unknown. An event entity is idle whatever it says, as its state tells of the past;
    one that has never had an event is idle too. Its events are presses: see `is_news`.
    """
    if domain == EVENT:
        return Reading.UNKNOWN if state == UNAVAILABLE else Reading.IDLE
    if domain == NUMBER:
        number = read_number(state)
        if number is None:
            return Reading.UNKNOWN
        is_active = number > active_above
    elif domain == TRACKER:
        if not state or state in SAYS_NOTHING:
            return Reading.UNKNOWN
        is_active = state != _AT_HOME
    else:
        active, idle = _WORDS[domain]
        if state not in active | idle:
            return Reading.UNKNOWN
        is_active = state in active
    return Reading.ACTIVE if is_active is not inverted else Reading.IDLE


def read_number(state: str) -> float | None:
    """Return the number that a state is; None for any other, infinity and NaN among them."""
    try:
        number = float(state)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def is_news(
    last: str | None, state: str, since: datetime, parse: Callable[[str], datetime | None]
) -> bool:
    """Tell whether an event entity's state is an event that has happened under our eyes.

    `last` is what it said last since we listen, None when it has said nothing yet, and `since` when
    that began (aware). What it says first may be an event of yesterday, which Home Assistant brings
    back after a restart; after that every other time is an event, also with a clock put back.
    `parse` reads a time.
    """
    if state in SAYS_NOTHING or state == last:
        return False
    if last is not None:
        return True
    at = parse(state)
    return at is not None and at.tzinfo is not None and at >= since
