"""The words of the figures' table, English and Swedish; those of kinds, rules and roles are the alarms' own.

Sensors and rules are *passivt larm*. No word here speaks of *tillsyn*, which is by camera and not ours to count.
"""

from enum import StrEnum
from typing import Final

from ..alarm.alarm import AlarmState
from ..alarm.functions import EndReason, Outcome, WatcherKind
from ..alarm.kinds import AlarmKind, Role
from ..alarm.reason import Language, kind_text, role_text, rule_text
from ..transmission.aggregate import (
    Ailing,
    Apart,
    Category,
    Figure,
    FollowUp,
    Merged,
    Part,
    Stands,
    Step,
)

#: The headings, in the order of the columns.
HEADINGS: Final = {
    Language.EN: (
        "Home",
        "Period",
        "First day",
        "Last day",
        "State",
        "Figure",
        "Of",
        "Part of the day",
        "Value",
    ),
    Language.SV: (
        "Hem",
        "Period",
        "Första dag",
        "Sista dag",
        "Läge",
        "Mått",
        "Avser",
        "Del av dygnet",
        "Värde",
    ),
}

#: English, Swedish.
_FIGURES: Final = {
    Figure.SECONDS_COUNTED: ("Seconds counted", "Räknade sekunder"),
    Figure.SECONDS_UNWATCHED: (
        "Seconds in which the hub was off",
        "Sekunder då hubben var avstängd",
    ),
    Figure.GAPS: ("Times that the hub was off", "Gånger hubben var avstängd"),
    Figure.LONGEST_GAP: (
        "Longest time that the hub was off, seconds",
        "Längsta tid hubben var avstängd, sekunder",
    ),
    Figure.ALARMS: ("Alarms", "Larm"),
    Figure.ALARMS_BY_CATEGORY: ("Alarms by category", "Larm per kategori"),
    Figure.ALARMS_BY_KIND: ("Alarms by kind", "Larm per larmtyp"),
    Figure.APART: ("Not among the alarms", "Inte bland larmen"),
    Figure.ENDS: ("Personal alarms by how they ended", "Personlarm efter hur de avslutades"),
    Figure.MERGED: ("Counted on an alarm that was there", "Räknade till ett larm som redan fanns"),
    Figure.OUTCOMES: (
        "Personal alarms by what they turned out to be",
        "Personlarm efter vad de visade sig vara",
    ),
    Figure.NOT_RATED: ("Personal alarms not rated", "Personlarm utan bedömning"),
    Figure.FALSE_BY_KIND: ("False alarms by kind", "Falska larm per larmtyp"),
    Figure.MISTAKES_BY_KIND: (
        "Alarms set off by mistake, by kind",
        "Larm utlösta av misstag per larmtyp",
    ),
    Figure.RESPONSES: ("Personal alarms with a known time until", "Personlarm med känd tid till"),
    Figure.RESPONSES_NOT_KNOWN: (
        "Personal alarms without a known time until",
        "Personlarm utan känd tid till",
    ),
    Figure.RESPONSE_MEDIAN: (
        "Median time from alarm, seconds, until",
        "Mediantid från larm, sekunder, till",
    ),
    Figure.RESPONSE_P90: (
        "90th percentile from alarm, seconds, until",
        "90:e percentil från larm, sekunder, till",
    ),
    Figure.STARTED: ("Consents to functions", "Samtycken till funktioner"),
    Figure.ENDED_BY_REASON: ("Ended functions by reason", "Avslutade funktioner efter skäl"),
    Figure.ENDED_BY_FUNCTION: ("Ended functions", "Avslutade funktioner"),
    Figure.WARNED: ("Warnings in the home", "Varningar i hemmet"),
    Figure.WARNED_ANSWERED: (
        "Warnings that ended before an alarm",
        "Varningar som upphörde före larm",
    ),
    Figure.NEAR_MISSES: ("Near misses", "Nära larm"),
    Figure.DECLINED: (
        "Rules answered without an alarm",
        "Bevakningar som besvarades utan larm",
    ),
    Figure.RULES: ("Rules in use", "Bevakningar i bruk"),
    Figure.RULES_IN_SHADOW: ("Rules run without alarms", "Provkörningar utan larm"),
    Figure.RESIDENTS: ("Residents", "Brukare"),
    Figure.DEVICES: ("Devices", "Enheter"),
    Figure.DEVICES_AILING: ("Devices that ail", "Enheter med fel"),
    Figure.NEVER_USED: ("Devices never used", "Enheter som aldrig använts"),
    Figure.DAYS_SINCE_FIRST: ("Days since the first day", "Dagar sedan första dagen"),
    Figure.FOLLOW_UP_DUE: ("Follow-up falls in this period", "Uppföljning infaller i perioden"),
    Figure.FOLLOW_UPS_MADE: ("Follow-ups made in this period", "Gjorda uppföljningar i perioden"),
    Figure.ROWS_UNREAD: ("Rows that could not be read", "Rader som inte kunde läsas"),
}

#: By closed set: members of two sets may be the same text, and would be the same key.
_WORDS: Final[dict[type[StrEnum], dict[StrEnum, tuple[str, str]]]] = {
    Category: {
        Category.ACTIVE: ("Active alarm", "Aktivt larm"),
        Category.PASSIVE: ("Passive alarm", "Passivt larm"),
        Category.TECHNICAL: ("Technical alarm", "Tekniskt larm"),
    },
    Apart: {
        Apart.TEST: ("Test", "Prov"),
        Apart.DEMO: ("Demo", "Demo"),
        Apart.SHADOW: ("In shadow", "Vid provkörning utan larm"),
    },
    Part: {
        Part.DAY: ("Day", "Dag"),
        Part.NIGHT: ("Night", "Natt"),
    },
    Step: {
        Step.RECEIVED: ("received", "kvitterat av larmplattformen"),
        Step.ACKNOWLEDGED: ("acknowledged", "mottaget av en larmoperatör"),
        Step.CLOSED: ("closed", "avslutat"),
    },
    Merged: {
        Merged.PRESSES: ("Presses", "Tryckningar"),
        Merged.CAUSES: ("Same cause again", "Samma orsak igen"),
    },
    Ailing: {
        Ailing.SILENT: ("Silent", "Tyst"),
        Ailing.LOW_BATTERY: ("Low battery", "Svagt batteri"),
        Ailing.WEAK_LINK: ("Badly reached by radio", "Dålig radiokontakt"),
        Ailing.MISSING: ("Missing", "Saknas"),
    },
    FollowUp: {
        FollowUp.DAY_7: ("After 7 days", "Efter 7 dagar"),
        FollowUp.DAY_30: ("After 30 days", "Efter 30 dagar"),
        FollowUp.DAY_90: ("After 90 days", "Efter 90 dagar"),
    },
    Stands: {
        Stands.RUNNING: ("Running", "Pågår"),
        Stands.OPEN: ("Over, can be rated", "Avslutad, kan bedömas"),
        Stands.SETTLED: ("Final", "Slutlig"),
    },
    AlarmState: {
        AlarmState.RAISED: ("Nobody has acknowledged", "Ingen har tagit emot"),
        AlarmState.ACKNOWLEDGED: ("Acknowledged, not ended", "Mottaget, inte avslutat"),
        AlarmState.CLOSED: ("Closed", "Avslutat"),
        AlarmState.CANCELLED: ("Cancelled", "Återkallat"),
        AlarmState.LAPSED: ("Not followed any more", "Följs inte längre"),
    },
    Outcome: {
        Outcome.REAL: ("Real", "Verkligt"),
        Outcome.FALSE: ("False alarm", "Falskt larm"),
        Outcome.MISTAKE: ("By mistake", "Av misstag"),
        Outcome.UNKNOWN: ("Not known", "Inte känt"),
    },
    EndReason: {
        EndReason.UNCOMFORTABLE: ("Uncomfortable", "Känns obehagligt"),
        EndReason.IRRITATING: ("Irritating", "Irriterande"),
        EndReason.NOT_WORKING: ("Not working", "Fungerar inte"),
        EndReason.NO_NEED: ("No need", "Behövs inte"),
    },
}


def figure_text(figure: Figure, language: Language) -> str:
    """Return a figure in words."""
    return _FIGURES[figure][language is Language.SV]


def word_text(word: StrEnum, language: Language) -> str:
    """Return a word of a closed set in words."""
    match word:
        case AlarmKind():
            return kind_text(word, language)
        case WatcherKind():
            return rule_text(word, language)
        case Role():
            return role_text(word, language)
        case _:
            return _WORDS[type(word)][word][language is Language.SV]
