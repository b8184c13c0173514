"""One page for each technical alarm (R38): what it means, who acts, how fast. Its hours are the chain's own."""

from typing import Final

from ..alarm.kinds import KINDS, AlarmClass, AlarmKind, Role
from ..alarm.reason import kind_text
from ..supervision.wall import HOUR
from ..transmission.hours import CALLS, CLOSES, HOURS, OPENS, Hour
from .facts import HomeFacts
from .paper import (
    Audience,
    Blanks,
    Block,
    Bullets,
    Document,
    DocumentName,
    Label,
    Paragraph,
    Section,
)
from .spelling import clock
from .words import Words, capital

#: Every technical kind, in the order of its closed set.
TECHNICAL: Final = tuple(
    k for k, traits in KINDS.items() if traits.alarm_class is AlarmClass.TECHNICAL
)
#: Kinds that are about one device: told at once of what calls for help, but for a battery that still
#: lasts for days (`hour_of`).
_OF_A_DEVICE: Final = frozenset(
    {
        AlarmKind.DEVICE_SILENT,
        AlarmKind.DEVICE_BLIND,
        AlarmKind.DEVICE_TAMPER,
        AlarmKind.DEVICE_FAULT,
    }
)
#: Whose devices a page lists, where it is not about all of them.
_CONCERNS: Final = {
    AlarmKind.LOCK_FAULT: (Role.ENTRY_LOCK,),
    AlarmKind.ENTRY_UNGRANTED: (Role.ENTRY_LOCK,),
    AlarmKind.MAINS_LOST: (Role.MAINS,),
}


def technical_document(home: HomeFacts) -> Document:
    """Return all technical alarms, a page each."""
    words = Words(home.language, "technical")
    return Document(
        DocumentName.TECHNICAL,
        Audience.STAFF,
        words.say("title", controller=home.controller),
        words.say("lead"),
        tuple(_page(words, home, kind) for kind in TECHNICAL),
    )


def _page(words: Words, home: HomeFacts, kind: AlarmKind) -> Section:
    blocks: list[Block] = []
    for part in ("means", "acts", "within", "ends", "look"):
        blocks += [Label(words.say(part)), Paragraph(words.say(f"{kind}.{part}"))]
        if part == "within":
            blocks += [Label(words.say("told")), Paragraph(" ".join(_told(words, kind)))]
    if roles := _CONCERNS.get(kind):
        there = tuple(map(capital, words.devices(home.of_role(*roles), numbered=True)))
        blocks += [Label(words.say("devices")), Bullets(there or (words.say("none"),))]
    blocks += [
        Label(words.say("code")),
        Paragraph(str(kind)),
        Blanks((words.say("decided"), words.say("phone"))),
    ]
    return Section(
        str(kind),
        kind_text(kind, home.language),
        tuple(blocks),
        begins_page=kind is not TECHNICAL[0],
    )


def _told(words: Words, kind: AlarmKind) -> tuple[str, ...]:
    if HOURS[kind] is Hour.NOW:
        return (words.say("told_now"),)
    hours = {
        name: clock(at.hour * HOUR, words) for name, at in (("opens", OPENS), ("closes", CLOSES))
    }
    said = [words.say("told_working", **hours)]
    if kind in _OF_A_DEVICE and CALLS:
        said.append(words.say("told_calls"))
    if kind is AlarmKind.RULE_FAULT:
        said.append(words.say("told_life"))
    return tuple(said)
