"""The functions that a home can have, why one ends, and what an alarm turned out to be: closed sets.

They stand here, among the words of alarms, since figures name them where they leave the home: whatever may
leave is told from closed sets below the gate. A word that has ever been journalled is never renamed.
"""

from enum import StrEnum


class WatcherKind(StrEnum):
    """The needs that a rule can meet."""

    NIGHT_ABSENCE = "night_absence"
    BED_EXIT = "bed_exit"
    BED_EMPTY = "bed_empty"
    NO_BED_EXIT = "no_bed_exit"
    INACTIVITY = "inactivity"
    NOT_UP = "not_up"
    LEFT_HOME = "left_home"
    NOT_RETURNED = "not_returned"
    DOOR_OPEN = "door_open"
    BATHROOM_STAY = "bathroom_stay"
    ROAMING = "roaming"
    MEDICINE = "medicine"
    CHECK_IN = "check_in"
    LIFT = "lift"
    FALL_SIGNAL = "fall_signal"
    LEFT_ROOM = "left_room"
    WATER = "water"
    SMOKE = "smoke"
    HEAT = "heat"
    SENSOR_SILENT = "sensor_silent"
    SENSOR_BLIND = "sensor_blind"


class EndReason(StrEnum):
    """Why a function was ended (R19): counted, never explained by free text."""

    UNCOMFORTABLE = "uncomfortable"
    IRRITATING = "irritating"
    NOT_WORKING = "not_working"
    NO_NEED = "no_need"


class Outcome(StrEnum):
    """What an alarm turned out to be, as the coordinator has heard of those who went (R29)."""

    #: Somebody needed somebody.
    REAL = "real"
    #: The technology was wrong: nothing of the kind had happened.
    FALSE = "false"
    #: A person set it off without meaning to: a button leant on, a visitor on the mat.
    MISTAKE = "mistake"
    #: Nobody knows.
    UNKNOWN = "unknown"
