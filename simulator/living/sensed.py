"""What a simulated home's sensors say, and what in truth went on: the values of this package."""

from dataclasses import dataclass
from enum import StrEnum


class Value(StrEnum):
    """What a device says."""

    ON = "on"
    OFF = "off"
    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"
    """It is out of reach or without power from here on. A fact, not a message: a home learns of
    it hours later, or never."""
    BACK = "back"
    """It can be heard again; its state follows as an event if it has changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Event:
    """A device says something."""

    at: float
    """Epoch seconds, UTC, whole milliseconds."""
    device: str
    """Key of the device in its home."""
    value: Value


class Activity(StrEnum):
    """What somebody does; the names that recorded homes are annotated with, and a few more."""

    SLEEPING = "Sleeping"
    BED_TO_TOILET = "Bed_to_Toilet"
    WAKE_UP = "Wake_Up"
    TOILET = "Toilet"
    BATHE = "Bathe"
    DRESS = "Dress"
    COOK_BREAKFAST = "Cook_Breakfast"
    EAT_BREAKFAST = "Eat_Breakfast"
    COOK_LUNCH = "Cook_Lunch"
    EAT_LUNCH = "Eat_Lunch"
    COOK_DINNER = "Cook_Dinner"
    EAT_DINNER = "Eat_Dinner"
    WASH_DISHES = "Wash_Dishes"
    SNACK = "Snack"
    MORNING_MEDS = "Morning_Meds"
    EVENING_MEDS = "Evening_Meds"
    CHECK_IN = "Check_In"
    """Presses the button that says "I am fine"."""
    WATCH_TV = "Watch_TV"
    READ = "Read"
    HOUSEKEEPING = "Housekeeping"
    PERSONAL_HYGIENE = "Personal_Hygiene"
    GO_TO_SLEEP = "Go_To_Sleep"
    SLEEP_OUT_OF_BED = "Sleep_Out_Of_Bed"
    STEP_OUT = "Step_Out"
    """Out for minutes, to the letter box; not counted as away, as in the recorded homes."""
    LEAVE_HOME = "Leave_Home"
    AWAY = "Away"
    ENTER_HOME = "Enter_Home"
    GUESTS = "Entertain_Guests"
    HOME_CARE = "Home_Care"
    ROAMING = "Roaming"
    FALLEN = "Fallen"
    """Lies on the floor and cannot get up."""


OUTSIDE = frozenset({Activity.AWAY, Activity.STEP_OUT})
"""Doings with nobody of theirs inside the home."""
IN_BED = frozenset({Activity.SLEEPING})
"""Doings on the bed mat."""
AT_THE_DOOR = frozenset({Activity.LEAVE_HOME, Activity.ENTER_HOME, *OUTSIDE})
"""Doings that use the front door."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What somebody did in truth.

    `start` and `end` are epoch seconds, UTC. `resident` is 1 or 2, or 0 for the home as a whole:
    ``Away`` is of the home, since it means that nobody is there.
    """

    start: float
    end: float
    activity: Activity
    resident: int
