"""What a rule is set to stands on paper: change it, and the paper changes (R05)."""

from collections.abc import Iterator
from dataclasses import replace
import string
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.documents.markup import render
from custom_components.kvarbo.documents.record import record_document
from custom_components.kvarbo.documents.resident import resident_document
from custom_components.kvarbo.documents.words import TABLES, Words
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.settings import Setting, setting_fields
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from custom_components.kvarbo.supervision.watcher import WatcherSettings
from tests.documents.sample import EVERYTHING, home, rule, settings_of

PERSONAL: Final = [kind for kind in KINDS if not KINDS[kind].technical]
#: Settings under which more is said than under those that a rule comes with.
BASES: Final[dict[WatcherKind, list[dict[str, Any]]]] = {
    WatcherKind.INACTIVITY: [
        {"limit": 4 * HOUR, "night_limit": 6 * HOUR},
        {"window_from": 8 * HOUR, "window_to": 20 * HOUR},
    ],
    WatcherKind.NO_BED_EXIT: [{"by": 11 * HOUR}],
    WatcherKind.NOT_UP: [{"by_weekend": 11 * HOUR}],
    WatcherKind.NOT_RETURNED: [{"home_by": 21 * HOUR}],
    WatcherKind.MEDICINE: [{"times": (8 * HOUR,), "repeats": 2}],
    WatcherKind.CHECK_IN: [{"repeats": 2}],
    WatcherKind.LIFT: [{"tells_movement": True}],
}
#: What a resident's sheet does not say of a rule, and why. A new setting must be decided upon here.
UNSAID: Final = {
    # It is told at the very instant: a warning before it there is none.
    WatcherKind.BED_EXIT: {"warning"},
}


def other(setting: Setting, value: Any) -> Any:
    """Another value of a setting, within its bounds."""
    match setting.unit:
        case "flag":
            return not value
        case "weekdays":
            return (0, 2)
        case "clocks":
            return (7 * HOUR, 19 * HOUR)
        case "count":
            least, most = setting.least or 0, setting.most or 0
            return value + 1 if value + 1 <= most else least
        case "clock":
            return 12 * HOUR + 34 * MINUTE if value is None else (value + 17 * MINUTE) % (24 * HOUR)
        case _:
            least, most = setting.least or 0.0, setting.most or 0.0
            step = 7 * MINUTE if value is not None else least + 3 * MINUTE
            wanted = (value or 0.0) + step
            return wanted if wanted <= most else max(least, most - 2 * MINUTE)


def altered(base: WatcherSettings, name: str, setting: Setting) -> WatcherSettings:
    change: dict[str, Any] = {name: other(setting, getattr(base, name))}
    return replace(base, **change)


def bases(kind: WatcherKind) -> Iterator[WatcherSettings]:
    for more in ({}, *BASES.get(kind, [])):
        yield settings_of(kind, **more)
        yield settings_of(kind, **more, warning=10 * MINUTE)
        yield settings_of(kind, **more, warning=10 * MINUTE, warn_at_night=True)


def fields(kinds: list[WatcherKind]) -> list[tuple[WatcherKind, str]]:
    return [(kind, name) for kind in kinds for name in setting_fields(KINDS[kind].settings_type)]


def sheet(kind: WatcherKind, settings: WatcherSettings, language: Language) -> str:
    facts = home(language, rule(kind, EVERYTHING, settings))
    return render(resident_document(facts, 1), facts)


def record(kind: WatcherKind, settings: WatcherSettings, language: Language) -> str:
    facts = home(language, rule(kind, EVERYTHING, settings))
    return render(record_document(facts), facts)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("kind", "name"), fields(PERSONAL))
def test_resident_reads_every_setting(kind: WatcherKind, name: str, language: Language) -> None:
    setting = setting_fields(KINDS[kind].settings_type)[name]
    changes = False
    for base in bases(kind):
        changed = altered(base, name, setting)
        changes |= sheet(kind, changed, language) != sheet(kind, base, language)
    # A night absence by movement says other things than one by a bed: a home of its own, below.
    by_movement = kind is WatcherKind.NIGHT_ABSENCE and name in ("quiet_for", "awake_limit")
    assert changes is not (name in UNSAID.get(kind, ()) or by_movement)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["quiet_for", "awake_limit"])
def test_a_night_by_movement_says_what_counts_there(name: str, language: Language) -> None:
    there = tuple(device for device in EVERYTHING if device.role != "bed")
    texts = []
    for value in (41 * MINUTE, 47 * MINUTE):
        settings = settings_of(WatcherKind.NIGHT_ABSENCE, **{name: value})
        facts = home(language, rule(WatcherKind.NIGHT_ABSENCE, there, settings), devices=there)
        texts.append(render(resident_document(facts, 1), facts))
        assert Words(language).counted("minute", int(value / MINUTE)) in texts[-1]
    assert texts[0] != texts[1]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("kind", "name"), fields(list(KINDS)))
def test_the_record_leaves_no_setting_out(kind: WatcherKind, name: str, language: Language) -> None:
    base = KINDS[kind].settings_type()
    setting = setting_fields(type(base))[name]
    changed = altered(base, name, setting)
    assert record(kind, changed, language) != record(kind, base, language)


@given(minutes=st.integers(min_value=1, max_value=360))
def test_a_limit_is_said_in_hours_and_minutes(minutes: int) -> None:
    settings = settings_of(WatcherKind.NIGHT_ABSENCE, limit=minutes * MINUTE)
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} {'hour' if hours == 1 else 'hours'}"] if hours else []
    parts += [f"{rest} {'minute' if rest == 1 else 'minutes'}"] if rest else []
    said = f"longer than {' and '.join(parts)} and are not back"
    assert said in sheet(WatcherKind.NIGHT_ABSENCE, settings, Language.EN)


def test_times_are_said_as_clocks_show_them() -> None:
    settings = settings_of(
        WatcherKind.CHECK_IN,
        opens=6 * HOUR,
        by=9 * HOUR + 5 * MINUTE,
        weekdays=(0, 1, 5),
    )
    swedish = sheet(WatcherKind.CHECK_IN, settings, Language.SV)
    assert "från klockan 6.00 till klockan 9.05, på måndagar, tisdagar och lördagar." in swedish
    english = sheet(WatcherKind.CHECK_IN, settings, Language.EN)
    assert "from 6:00 to 9:05, on Mondays, Tuesdays and Saturdays." in english


def test_hours_that_are_all_hours_are_said_so() -> None:
    settings = settings_of(WatcherKind.LEFT_ROOM, begin=0.0, end=0.0)
    assert "Det gäller hela dygnet." in sheet(WatcherKind.LEFT_ROOM, settings, Language.SV)


@pytest.mark.parametrize("kind", PERSONAL)
def test_each_kind_has_all_its_texts_in_both_languages(kind: WatcherKind) -> None:
    table = TABLES["rules"][kind]
    assert {"title", "senses", "stop"} <= set(table)
    for leaf in table.values():
        assert set(leaf) == set(Language)
        names = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in leaf.values()
        ]
        assert names[0] == names[1]
