"""Every kind, role, place and reason can be said in both languages (S5)."""

from collections.abc import Iterable
from enum import StrEnum
import json
from pathlib import Path
from typing import Any, Final

import pytest

from custom_components.kvarbo.alarm.kinds import (
    KINDS,
    AlarmClass,
    AlarmKind,
    Location,
    Owner,
    ReasonCode,
    Role,
)
from custom_components.kvarbo.alarm.reason import Language, Weekday
from tests.house.hassfest import find_parity_faults, text_faults
from tests.house.tree import leaves

FOLDER: Final = Path(__file__).parents[2] / "custom_components" / "kvarbo" / "alarm" / "texts"

PERSONAL: Final = {k for k, traits in KINDS.items() if traits.alarm_class is AlarmClass.PERSONAL}

#: What each section must say: the values of its closed set, and what is said besides.
SECTIONS: Final[dict[str, tuple[Iterable[StrEnum], frozenset[str]]]] = {
    "kind": (AlarmKind, frozenset()),
    "role": (Role, frozenset()),
    "owner": (Owner, frozenset()),
    "location": (Location, frozenset()),
    "where": (Location, frozenset()),
    "weekday": (Weekday, frozenset()),
    "reason": (ReasonCode, frozenset({"pressed_times", "hub_was_off_since"})),
    #: What a rule may find: all that is about a person.
    "watched": (PERSONAL, frozenset()),
    "last": ((), frozenset({"both", "place", "time"})),
}


def read(language: Language) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return tree


def find_unsaid(tree: dict[str, Any]) -> list[str]:
    """Return what a closed set holds and the texts do not, and the other way round."""
    findings = []
    for section, (values, besides) in SECTIONS.items():
        wanted: Iterable[str] = {*values, *besides}
        there = set(tree.get(section, {}))
        findings += [f"{section}.{key} is not said" for key in sorted(set(wanted) - there)]
        findings += [f"{section}.{key} is in no set" for key in sorted(there - set(wanted))]
    return findings


@pytest.mark.parametrize("language", Language)
def test_all_can_be_said(language: Language) -> None:
    tree = read(language)
    assert find_unsaid(tree) == []
    assert [f"{path} {fault}" for path, text in leaves(tree) for fault in text_faults(text)] == []


def test_both_languages_say_the_same() -> None:
    assert find_parity_faults(read(Language.EN), read(Language.SV)) == []


def test_what_is_not_said_is_named() -> None:
    tree = read(Language.EN)
    del tree["kind"]["fall"], tree["reason"]["pressed_times"]
    tree["location"]["moon"] = "moon"
    assert find_unsaid(tree) == [
        "kind.fall is not said",
        "location.moon is in no set",
        "reason.pressed_times is not said",
    ]


def test_every_language_of_ours_is_a_file() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(Language)
