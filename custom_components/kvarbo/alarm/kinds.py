"""The closed sets of the alarm chain: kinds, classes, roles and locations.

Kinds are chosen so that each maps onto one row of device type and status in SS 91100 / CLC/TS
50134-9 (SCAIP). Adding a kind is additive; a kind that has ever been journalled is never renamed,
since the journal outlives a release.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AlarmClass(StrEnum):
    """Whom an alarm is about (needs.md, three classes of data)."""

    PERSONAL = "personal"
    TECHNICAL = "technical"


class AlarmKind(StrEnum):
    """What has happened."""

    # A person calls, or seems to have fallen: first on the wire (A3), held back by nothing (A7).
    HELP_CALL = "help_call"
    FALL = "fall"
    SMOKE = "smoke"
    CARBON_MONOXIDE = "carbon_monoxide"
    GAS = "gas"
    # Passive alarms: a rule found something, or missed something.
    INACTIVITY = "inactivity"
    NIGHT_ABSENCE = "night_absence"
    NOT_UP = "not_up"
    LEFT_HOME = "left_home"
    NOT_RETURNED = "not_returned"
    DOOR_OPEN = "door_open"
    BATHROOM_STAY = "bathroom_stay"
    ROAMING = "roaming"
    BED_EMPTY = "bed_empty"
    NO_BED_EXIT = "no_bed_exit"
    LEFT_ROOM = "left_room"
    MEDICINE_MISSED = "medicine_missed"
    CHECK_IN_MISSED = "check_in_missed"
    LIFT_STOPPED = "lift_stopped"
    FLOOD = "flood"
    HEAT_LEFT_ON = "heat_left_on"
    # Technical alarms: something the chain leans on is gone or lies. Each ends with an all-clear
    # (A8).
    RECEIVER_LOST = "receiver_lost"
    PATH_LOST = "path_lost"
    FORM_REFUSED = "form_refused"
    CREDENTIALS_REFUSED = "credentials_refused"
    TWO_HUBS = "two_hubs"
    JOURNAL_RESTORED = "journal_restored"
    JOURNAL_FAULT = "journal_fault"
    CLOCK_FAULT = "clock_fault"
    RULE_FAULT = "rule_fault"
    RADIO_LOST = "radio_lost"
    DEVICE_SILENT = "device_silent"
    DEVICE_BLIND = "device_blind"
    DEVICE_TAMPER = "device_tamper"
    DEVICE_BATTERY = "device_battery"
    DEVICE_FAULT = "device_fault"
    LOCK_FAULT = "lock_fault"
    #: A lock was opened from afar by what is not the home's own grant.
    ENTRY_UNGRANTED = "entry_ungranted"
    MAINS_LOST = "mains_lost"


#: A technical alarm of this priority or above disables what guards a life.
LIFE: Final = 5
#: Priorities run as in SCAIP: 0 lowest ... 9 highest.
LOWEST_PRIORITY: Final = 0
HIGHEST_PRIORITY: Final = 9


@dataclass(frozen=True, slots=True)
class KindTraits:
    """What holds for every alarm of a kind.

    `first` puts it before all else on the wire (A3): a person has called, fallen, or cannot
    breathe.
    """

    alarm_class: AlarmClass
    priority: int
    first: bool = False


def _traits(kind: AlarmKind) -> KindTraits:
    match kind:
        case (
            AlarmKind.HELP_CALL
            | AlarmKind.FALL
            | AlarmKind.SMOKE
            | AlarmKind.CARBON_MONOXIDE
            | AlarmKind.GAS
        ):
            return KindTraits(AlarmClass.PERSONAL, 9, first=True)
        case (
            AlarmKind.NIGHT_ABSENCE
            | AlarmKind.INACTIVITY
            | AlarmKind.BATHROOM_STAY
            | AlarmKind.LEFT_HOME
            | AlarmKind.NOT_RETURNED
        ):
            return KindTraits(AlarmClass.PERSONAL, 7)
        case (
            AlarmKind.NOT_UP
            | AlarmKind.DOOR_OPEN
            | AlarmKind.ROAMING
            | AlarmKind.BED_EMPTY
            | AlarmKind.NO_BED_EXIT
            | AlarmKind.LEFT_ROOM
            | AlarmKind.MEDICINE_MISSED
            | AlarmKind.CHECK_IN_MISSED
            | AlarmKind.LIFT_STOPPED
            | AlarmKind.FLOOD
            | AlarmKind.HEAT_LEFT_ON
        ):
            return KindTraits(AlarmClass.PERSONAL, 6)
        case (
            AlarmKind.RECEIVER_LOST
            | AlarmKind.PATH_LOST
            | AlarmKind.TWO_HUBS
            | AlarmKind.JOURNAL_FAULT
            | AlarmKind.RADIO_LOST
        ):
            return KindTraits(AlarmClass.TECHNICAL, 4)
        case _:
            return KindTraits(AlarmClass.TECHNICAL, 3)


#: Every kind and its traits.
KINDS: Final = {kind: _traits(kind) for kind in AlarmKind}


class Role(StrEnum):
    """What a source of alarms is for (its role before its make; R50)."""

    HUB = "hub"
    RULE = "rule"
    HELP_BUTTON = "help_button"
    # What tells of life in the home.
    MOTION = "motion"
    BED = "bed"
    CHAIR = "chair"
    EXIT_DOOR = "exit_door"
    INNER_DOOR = "inner_door"
    #: Anything whose use shows that somebody is up: a tap, a flush, a kettle, a light switch.
    ITEM = "item"
    CHECK_IN = "check_in"
    # What is watched for its own sake.
    FALL_SENSOR = "fall_sensor"
    ROOM_SENSOR = "room_sensor"
    DISPENSER = "dispenser"
    #: Mains of a dispenser, a lift or a hub: off means unplugged (F2, R36).
    PLUG = "plug"
    LIFT = "lift"
    WATER = "water"
    SMOKE = "smoke"
    HEAT = "heat"
    #: What moves by itself: a robot vacuum (S6).
    MOVER = "mover"
    #: Whether the hub is fed by the mains or by its battery.
    MAINS = "mains"
    #: The lock of the door by which people come in.
    ENTRY_LOCK = "entry_lock"
    #: A lamp, siren or speaker that tells the resident what became of a call (R13).
    ANSWER = "answer"
    #: An alarm that is worn also outdoors, with a way of its own to whoever takes it; never its position (R07).
    WORN = "worn"
    #: The charger of one: while it lies there nobody wears it.
    WORN_CHARGER = "worn_charger"
    #: Mains of a night camera or a tablet of others: that it has power, and nothing else (R03).
    SCREEN_PLUG = "screen_plug"


class Owner(StrEnum):
    """Who is expected to act on an alarm of a rule (R27, R28). A role, never a person."""

    HOME_CARE = "home_care"
    NIGHT_PATROL = "night_patrol"
    ALARM_CENTRE = "alarm_centre"
    NURSE = "nurse"
    RELATIVE = "relative"
    OPERATIONS = "operations"


class Location(StrEnum):
    """Where in the home; the set that SCAIP location codes can tell apart."""

    HOME = "home"
    BATHROOM = "bathroom"
    BEDROOM = "bedroom"
    LIVING_ROOM = "living_room"
    KITCHEN = "kitchen"
    HALLWAY = "hallway"
    DINING_ROOM = "dining_room"
    STUDY = "study"
    LAUNDRY = "laundry"
    SAUNA = "sauna"
    STAIRS = "stairs"
    BASEMENT = "basement"
    LOFT = "loft"
    GARAGE = "garage"
    GARDEN = "garden"
    FRONT_DOOR = "front_door"
    BACK_DOOR = "back_door"


class ReasonCode(StrEnum):
    """Why an alarm was raised, in a form that every language can say (S5)."""

    PRESSED = "pressed"
    RAISED_BY_RULE = "raised_by_rule"
    RAISED_BY_PERSON = "raised_by_person"
    NO_ANSWER = "no_answer"
    NO_PATH = "no_path"
    REFUSED = "refused"
    RESTORED = "restored"
    DISK = "disk"
    SECOND_HUB = "second_hub"
    CLOCK = "clock"
    ON_BATTERY = "on_battery"
    TEST = "test"
    #: A rule found something; the words come from the alarm's kind.
    WATCHED = "watched"
    # Of technical alarms about rules and their sensors (S4, S8, S9).
    NOT_ANSWERED = "not_answered"
    BLIND = "blind"
    NOT_ATTACHED = "not_attached"
    SETTINGS_DIFFER = "settings_differ"
    LACKS_SENSORS = "lacks_sensors"
    #: The rule's sensors cannot tell apart who lives in the home (S6).
    CANNOT_TELL = "cannot_tell"
    RULE_BROKEN = "rule_broken"
    #: More non-urgent alarms in a night than the home's ceiling (R60).
    CEILING = "ceiling"
    #: A contact that does not fit the motion around it.
    MISFIT = "misfit"
    UNPLUGGED = "unplugged"
    SILENT = "silent"
    #: A sensor that no longer sees what it used to see (F5).
    SEES_NOTHING = "sees_nothing"
    # Of devices, by their own word or their radio's.
    LOW_BATTERY = "low_battery"
    OPENED = "opened"
    WEAK_LINK = "weak_link"
    TROUBLE = "trouble"
    NO_RADIO = "no_radio"
    # How a toilet lift stood when it was told.
    LIFT_RAISED = "lift_raised"
    LIFT_MIDWAY = "lift_midway"
    LIFT_STUCK = "lift_stuck"
    LIFT_MOVING = "lift_moving"
    # Of an entry lock.
    JAMMED = "jammed"
    AJAR = "ajar"
    LEFT_UNLOCKED = "left_unlocked"
    CODE_STUCK = "code_stuck"
    UNGRANTED = "ungranted"
    #: The home was not watched from one time to another (S3).
    HUB_WAS_OFF = "hub_was_off"
