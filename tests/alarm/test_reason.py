"""An alarm says in plain words what it is, in both languages, from tables alone (S5, R07, A9)."""

import string

import pytest

from custom_components.kvarbo.alarm.alarm import Alarm
from custom_components.kvarbo.alarm.kinds import (
    HIGHEST_PRIORITY,
    KINDS,
    LOWEST_PRIORITY,
    AlarmClass,
    AlarmKind,
    Location,
    ReasonCode,
    Role,
)
from custom_components.kvarbo.alarm.reason import (
    Language,
    kind_text,
    location_text,
    mark_text,
    reason_text,
    role_text,
)
from tests.support.samples import sample_alarm


@pytest.mark.parametrize("language", Language)
def test_every_word_is_there_and_its_own(language: Language) -> None:
    kinds = [kind_text(kind, language) for kind in AlarmKind]
    assert all(kinds)
    assert len(set(kinds)) == len(kinds)
    assert all(location_text(location, language) for location in Location)
    assert all(role_text(role, language) for role in Role)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", ReasonCode)
def test_every_reason_reads_as_a_sentence(reason: ReasonCode, language: Language) -> None:
    for alarm in (sample_alarm(reason=reason), sample_alarm(reason=reason, location=None)):
        text = reason_text(alarm, language)
        assert text
        assert not set("{}") & set(text)


@pytest.mark.parametrize(
    ("language", "alarm", "text"),
    [
        (Language.EN, sample_alarm(), "help button 3 pressed, bedroom"),
        (Language.SV, sample_alarm(), "larmknapp 3 tryckt, sovrum"),
        (Language.EN, sample_alarm(presses=3), "help button 3 pressed 3 times, bedroom"),
        (Language.EN, sample_alarm(location=None), "help button 3 pressed, home"),
    ],
)
def test_s5_the_reason_names_role_number_and_place(
    language: Language, alarm: Alarm, text: str
) -> None:
    assert reason_text(alarm, language) == text


@pytest.mark.parametrize("language", Language)
def test_a9_nobody_can_mistake_the_mark(language: Language) -> None:
    assert mark_text(language, test=False, demo=False) == ""
    marked = {
        mark_text(language, test=True, demo=False),
        mark_text(language, test=False, demo=True),
        mark_text(language, test=True, demo=True),
    }
    assert len(marked) == 3
    for mark in marked:
        assert mark == mark.upper()
        assert set(mark) <= {*string.ascii_uppercase, *"ÅÄÖ "}


def test_a3_only_a_person_who_calls_has_fallen_or_cannot_breathe_goes_first() -> None:
    first = {kind for kind, traits in KINDS.items() if traits.first}
    assert first == {
        AlarmKind.HELP_CALL,
        AlarmKind.FALL,
        AlarmKind.SMOKE,
        AlarmKind.CARBON_MONOXIDE,
        AlarmKind.GAS,
    }
    assert set(KINDS) == set(AlarmKind)
    for traits in KINDS.values():
        assert LOWEST_PRIORITY <= traits.priority <= HIGHEST_PRIORITY
        assert not traits.first or traits.alarm_class is AlarmClass.PERSONAL
