"""The reserve routine (R37): one page for when the equipment does not work, numbers filled in by hand."""

from collections.abc import Iterator
from typing import Final

from ..alarm.kinds import Role
from ..alarm.reason import rule_text
from .facts import HomeFacts, RuleFacts
from .paper import (
    Audience,
    Blanks,
    Block,
    Bullets,
    Document,
    DocumentName,
    Paragraph,
    Section,
    Table,
)
from .spelling import moment
from .words import Words, capital

_STEPS: Final = ("do_call", "do_look", "do_support", "do_after")
_PHONES: Final = (
    "phone_resident",
    "phone_centre",
    "phone_care",
    "phone_night",
    "phone_support",
    "phone_coordinator",
    "phone_relative",
    "phone_key",
)


def reserve_document(home: HomeFacts) -> Document:
    """Return the reserve routine of a home as it is set up now."""
    words = Words(home.language, "reserve")
    blanks = Blanks(tuple(words.say(key) for key in _PHONES), columns=2)
    steps = Bullets(tuple(words.say(key) for key in _STEPS), are_steps=True)
    outage: tuple[Block, ...] = (
        Table(
            tuple(words.say(key) for key in ("of", "power", "network", "hub")),
            tuple(_outages(words, home)),
        ),
        Paragraph(words.say("mains" if home.has_mains else "no_mains")),
        Paragraph(words.say("late")),
    )
    return Document(
        DocumentName.RESERVE,
        Audience.STAFF,
        words.say("title", controller=home.controller),
        words.say("lead"),
        (
            Section("do", words.say("do"), (*_demo(words, home), steps)),
            Section("phones", words.say("phones"), (blanks,)),
            Section("outage", words.say("outage"), outage),
            # Last, since it alone grows: the rest stands on the first page in every home.
            Section("watched", words.say("watched"), _watched(words, home)),
        ),
    )


def _demo(words: Words, home: HomeFacts) -> tuple[Block, ...]:
    return (Paragraph(words.say("demo"), is_strong=True),) if home.is_demo else ()


def _watched(words: Words, home: HomeFacts) -> tuple[Block, ...]:
    rows: list[tuple[str, ...]] = []
    if buttons := home.of_role(Role.HELP_BUTTON):
        where = capital("; ".join(words.devices(buttons, numbered=True)))
        rows.append((words.say("help_call"), where, capital(words.say("receiver"))))
    for rule in home.rules:
        if rule.is_active:
            devices = home.of_numbers(rule.needs)
            where = capital("; ".join(words.devices(devices, numbered=True)))
            owner = words.say(f"owner_{rule.owner}") if rule.may_alarm else words.say("dash")
            rows.append((_named(words, home, rule), where, capital(owner)))
    if not rows:
        return (Paragraph(words.say("watched_nothing")),)
    head = tuple(words.say(key) for key in ("watched_what", "watched_by", "watched_owner"))
    return (Table(head, tuple(rows)),)


def _named(words: Words, home: HomeFacts, rule: RuleFacts) -> str:
    name = rule_name(words, home, rule)
    if rule.is_shadow:
        name = words.say("shadow", rule=name)
    if rule.paused_until is not None:
        name = words.say("paused", rule=name, until=moment(rule.paused_until, words))
    return name


def rule_name(words: Words, home: HomeFacts, rule: RuleFacts) -> str:
    """Return a rule in words, told apart from another of its kind by its name and whose it is."""
    name = rule_text(rule.kind, home.language)
    if rule.name:
        name = words.say("rule_named", rule=name, name=rule.name)
    if rule.resident and len(home.persons) > 1:
        name = words.say("rule_named", rule=name, name=whose(words, rule.resident))
    return name


def whose(words: Words, resident: int) -> str:
    """Return a resident by number, or the home."""
    return words.say("resident_n", number=resident) if resident else words.say("resident_0")


def _outages(words: Words, home: HomeFacts) -> Iterator[tuple[str, ...]]:
    """Yield a row for each thing that this home has: what becomes of it without power, network, hub."""
    works = words.say("works")
    second = "_second" if home.has_second_way else ""
    if home.of_role(Role.HELP_BUTTON):
        yield _row(words, "buttons", second)
    if any(rule.is_active for rule in home.rules):
        yield _row(words, "rules", second)
    yield (words.say("key"), works, works, works)
    if any(lock.entry is not None for lock in home.of_role(Role.ENTRY_LOCK)):
        yield _row(words, "entry", "")
    for role, key in ((Role.LIFT, "lift"), (Role.DISPENSER, "dispenser")):
        if home.of_role(role):
            yield (words.say(key), words.say("own_battery"), works, works)
    yield (words.say("phone"), words.say("phone_power"), words.say("phone_network"), works)


def _row(words: Words, key: str, second: str) -> tuple[str, ...]:
    return (
        words.say(key),
        words.say(f"{key}_power"),
        words.say(f"{key}_network{second}"),
        words.say(f"{key}_hub"),
    )
