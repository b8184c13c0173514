"""What the resident is told after a press (R13).

Heard, arrived, not getting through, help is coming: four answers and no more, since a person on the
floor has no use for a fifth. Each is said only when it is true: *arrived* on a receipt from the far
end, *help is coming* when a human being there has acknowledged.
"""

from enum import StrEnum


class ResidentAnswer(StrEnum):
    """What a lamp, a speaker or a screen may tell the resident."""

    IDLE = "idle"
    HEARD = "heard"
    ARRIVED = "arrived"
    NOT_GETTING_THROUGH = "not_getting_through"
    HELP_COMING = "help_coming"
