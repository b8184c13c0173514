"""The sheets of those who live with it: the resident's, one section a function (R05), and the relatives' (R56)."""

from collections.abc import Iterator
from typing import Final

from ..alarm.kinds import Owner, Role
from ..alarm.reason import rule_text
from .facts import DeviceFacts, HomeFacts, RuleFacts
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
from .said import alarm_sentences, sense_sentences, stop_sentences
from .spelling import duration, moment
from .words import Words

#: Whose alarm the residents and those near to them are told of by name of the function, not of a device.
_CALLS: Final = Role.HELP_BUTTON


def resident_document(home: HomeFacts, resident: int) -> Document:
    """Return the sheet of one resident: what is on for that resident and for the home as a whole."""
    words = Words(home.language, "resident")
    own = tuple(r for r in home.rules if r.is_active and r.resident in (0, resident))
    buttons = home.of_role(_CALLS, resident=resident)
    sections = [
        Section("call", words.say("call"), _call(words, home)),
        *([_button(words, buttons)] if buttons else []),
        *(_function(words, home, rule) for rule in own),
        *_entries(words, home),
        *_things(words, home, resident),
    ]
    if len(sections) == 1:
        nothing = (Paragraph(words.say("nothing_text")),)
        sections.append(Section("nothing", words.say("nothing"), nothing))
    sections += [
        _listed(words, "leaves", "leaves_alarm", "leaves_status", "leaves_counts", "leaves_never"),
        _listed(words, "decide", "decide_no", "decide_wiped", "decide_pause"),
        _listed(words, "outage", "outage_alarm", "outage_home", "outage_plug"),
    ]
    return Document(
        DocumentName.RESIDENT,
        Audience.RESIDENT,
        words.say("title"),
        words.say("lead"),
        tuple(sections),
        resident if len(home.persons) > 1 else 0,
    )


def relatives_document(home: HomeFacts) -> Document:
    """Return the relatives' sheet: it names what is set to go to them, and no other function."""
    words = Words(home.language, "pages")
    theirs = [r for r in home.rules if r.is_active and r.may_alarm and r.owner is Owner.RELATIVE]
    named = tuple(dict.fromkeys(rule_text(rule.kind, home.language) for rule in theirs))
    hear: list[Block] = [Paragraph(words.say("relatives.hear_none"))]
    if named:
        hear = [
            Paragraph(words.say("relatives.hear_these")),
            Bullets(named),
            Paragraph(words.say("relatives.hear_by")),
        ]
    return Document(
        DocumentName.RELATIVES,
        Audience.RESIDENT,
        words.say("relatives.title"),
        words.say("relatives.lead"),
        (
            Section("hear", words.say("relatives.hear"), tuple(hear)),
            _listed(
                words.of("pages"),
                "relatives.never",
                "relatives.never_day",
                "relatives.never_picture",
                "relatives.never_staff",
                "relatives.never_login",
            ),
            _listed(words, "relatives.not", "relatives.not_silence", "promise"),
            _listed(words, "relatives.agree", "relatives.agree_text"),
            Section(
                "relatives.ask",
                words.say("relatives.ask"),
                (
                    Paragraph(words.say("relatives.ask_text")),
                    Blanks((words.say("phone"),), are_large=True),
                ),
            ),
        ),
    )


def _call(words: Words, home: HomeFacts) -> tuple[Block, ...]:
    blocks: list[Block] = [
        Blanks((words.say("phone"),), are_large=True),
        Paragraph(words.say("danger"), is_strong=True),
        Paragraph(words.say("promise")),
    ]
    if home.is_demo:
        blocks.insert(0, Paragraph(words.say("demo"), is_strong=True))
    return tuple(blocks)


def _button(words: Words, buttons: tuple[DeviceFacts, ...]) -> Section:
    return Section(
        "button",
        words.say("button"),
        (
            Label(words.say("senses")),
            Paragraph(words.say("button_senses")),
            Bullets(words.devices(buttons, numbered=False)),
            Label(words.say("alarms")),
            Paragraph(words.say("button_alarms")),
            Label(words.say("told")),
            Paragraph(words.say("button_told")),
            Label(words.say("stop")),
            Paragraph(words.say("button_stop")),
        ),
    )


def _function(words: Words, home: HomeFacts, rule: RuleFacts) -> Section:
    rules = words.of("rules")
    blocks: list[Block] = []
    if rule.paused_until is not None:
        until = moment(rule.paused_until, words)
        blocks.append(Paragraph(rules.say("paused", until=until), is_strong=True))
    blocks += [
        Label(words.say("senses")),
        Paragraph(" ".join(sense_sentences(rule, home))),
        Bullets(words.devices(home.of_numbers(rule.hears), numbered=False)),
        Label(words.say("alarms")),
        Paragraph(" ".join(alarm_sentences(rule, home))),
        Label(words.say("told")),
        Paragraph(_told(rules, rule)),
        Label(words.say("stop")),
        Paragraph(" ".join((*stop_sentences(rule, home), rules.say("for_good")))),
    ]
    return Section(str_key(rule), rules.say(f"{rule.kind}.title"), tuple(blocks))


def str_key(rule: RuleFacts) -> str:
    """Return the key of a rule's section: its identity."""
    return f"{rule.kind}/{rule.resident}/{rule.name}"


def _told(rules: Words, rule: RuleFacts) -> str:
    if rule.is_shadow:
        return rules.say("told_shadow")
    if not rule.may_alarm:
        return rules.say("told_nobody")
    return rules.say("told", owner=rules.say(f"owner_{rule.owner}"))


def _entries(words: Words, home: HomeFacts) -> Iterator[Section]:
    """Yield a section for each lock that lets anybody in: R05 holds for a door as for a sensor."""
    for device in home.of_role(Role.ENTRY_LOCK):
        entry = device.entry
        if entry is None or not (entry.by_code or entry.by_command):
            continue
        said = [words.say("entry_by_code")] if entry.by_code else []
        if entry.by_code and entry.visits:
            said.append(words.say("entry_visits", visits=words.joined(entry.visits)))
        if entry.by_command:
            said.append(words.say("entry_by_command"))
        said.append(words.say("entry_relock", relock=duration(entry.relock_after, words)))
        said.append(words.say("entry_key"))
        said.append(words.of("rules").say("for_good"))
        yield Section(f"entry/{device.number}", words.say("entry"), (Paragraph(" ".join(said)),))


def _things(words: Words, home: HomeFacts, resident: int) -> Iterator[Section]:
    """Yield a section for each thing of others of which the home takes in a little."""
    for key, role in (("worn", Role.WORN), ("screen", Role.SCREEN_PLUG)):
        if home.of_role(role, resident=resident):
            yield Section(key, words.say(key), (Paragraph(words.say(f"{key}_text")),))


def _listed(words: Words, title: str, *keys: str) -> Section:
    return Section(title, words.say(title), (Bullets(tuple(words.say(key) for key in keys)),))
