"""Whether what a source reports is a press (R12, A2, A7, idea 4: unknown is a value). Pure.

One table of truth for each kind of source. What must survive a restart, so that a cord which stays
pulled is one call and a press made while the hub was deaf is not lost, is the source's *mark*.
"""

from dataclasses import dataclass
from typing import Final

#: States of an entity that say nothing about the thing behind it.
SAYS_NOTHING: Final = frozenset({"unavailable", "unknown"})
#: What a binary sensor says while the button is pressed or the cord is pulled.
ACTIVE: Final = "on"

#: Cluster commands that arrive as `zha_event` without anybody having pressed anything.
NOT_A_PRESS: Final = frozenset(
    {
        "attribute_updated",
        "checkin",
        "device_offline",
        "enroll",
        "get_profile",
        "query_next_image",
        "image_block",
        "upgrade_end",
        "configure_reporting",
        "get_panel_status",
        "get_zone_status",
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a report means: whether somebody has pressed, and the mark to keep."""

    pressed: bool
    mark: str | None


def read_binary(mark: str | None, state: str) -> Reading:
    """Read a binary sensor's state against the last one that said anything.

    `off` or nothing known before, then `on`: a press, also out of `unavailable` and at start, since
    a help button that was silent for long and speaks again does so because somebody pressed it.
    `on` before and `on` now: the cord is still pulled, whatever lay between.
    """
    if state in SAYS_NOTHING:
        return Reading(pressed=False, mark=mark)
    return Reading(pressed=state == ACTIVE and mark != ACTIVE, mark=state)


def read_event(mark: str | None, state: str) -> Reading:
    """Read an event entity's state: the time of its last event, which outlives a restart.

    A time that is not the marked one is a press. With no mark at all the source is new here, and
    what it last did was before our time.
    """
    if state in SAYS_NOTHING:
        return Reading(pressed=False, mark=mark if mark is not None else "")
    return Reading(pressed=mark is not None and state != mark, mark=state)


def read_command(command: object) -> bool:
    """Tell whether a `zha_event` command is a press: all are, but for the known chatter."""
    return isinstance(command, str) and command not in NOT_A_PRESS
