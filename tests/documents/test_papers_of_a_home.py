"""Each document: what stands on it, alike in both languages, and nothing that could do harm."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from html import escape
from html.parser import HTMLParser
from typing import override

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location, Owner, Role
from custom_components.kvarbo.alarm.reason import Language, kind_text, rule_text
from custom_components.kvarbo.documents import documents, file_name, is_file_name
from custom_components.kvarbo.documents.facts import (
    ConsentFacts,
    DeviceFacts,
    HomeFacts,
    ReceiverFacts,
    RuleState,
    review_day,
)
from custom_components.kvarbo.documents.markup import made_at, render
from custom_components.kvarbo.documents.paper import (
    Audience,
    Blanks,
    Bullets,
    Document,
    DocumentName,
    Label,
    Paragraph,
    Section,
    Table,
)
from custom_components.kvarbo.documents.spelling import duration
from custom_components.kvarbo.documents.technical import TECHNICAL
from custom_components.kvarbo.documents.words import TABLES, Words
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.transmission.receiver import Takes
from custom_components.kvarbo.transmission.tunnel import Enforcement, Road
from tests.documents.sample import EVERYTHING, MADE_AT, full_home, home, new_home, rule


def text(facts: HomeFacts, name: DocumentName, resident: int = 0) -> str:
    [document] = [d for d in documents(facts) if d.name is name and d.resident == resident]
    return render(document, facts)


@pytest.mark.parametrize("make", [full_home, new_home])
def test_both_languages_have_the_same_sections(make: Callable[[Language], HomeFacts]) -> None:
    shapes = [
        [
            (d.stem, [(s.key, [type(b).__name__ for b in s.blocks]) for s in d.sections])
            for d in documents(make(language))
        ]
        for language in Language
    ]
    assert shapes[0] == shapes[1]


def test_every_text_is_in_both_languages_and_asks_for_the_same() -> None:
    def leaves(table: dict[str, object]) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for value in table.values():
            assert isinstance(value, dict)
            found += [value] if "en" in value else leaves(value)
        return found

    for table in TABLES.values():
        for leaf in leaves(table):
            assert set(leaf) == set(Language)
            assert all(said.strip() for said in leaf.values())
            assert leaf["en"].count("{") == leaf["sv"].count("{")


HOSTILE = '<script>alert("1")</script>&\'"><img src=x onerror=y>'


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


@pytest.mark.parametrize("language", Language)
def test_hostile_words_stay_words(language: Language) -> None:
    hostile = replace(
        rule(WatcherKind.NIGHT_ABSENCE, EVERYTHING),
        name=HOSTILE,
        consents=(ConsentFacts(1, HOSTILE, HOSTILE, date(2026, 1, 1)),),
    )
    facts = home(
        language,
        hostile,
        controller=HOSTILE,
        receivers=(ReceiverFacts(1, HOSTILE, Takes.ALARMS, Road.HOME),),
    )
    for document in documents(facts):
        html = render(document, facts)
        tags = Tags()
        tags.feed(html)
        assert not tags.seen & {"script", "img", "link", "a", "svg", "iframe"}
        assert escape(HOSTILE) in html
    assert escape(HOSTILE.upper()) in text(facts, DocumentName.RECORD)


def test_every_block_escapes_what_it_is_given() -> None:
    blocks = (
        Paragraph(HOSTILE),
        Paragraph(HOSTILE, is_strong=True),
        Label(HOSTILE),
        Bullets((HOSTILE,)),
        Bullets((HOSTILE,), are_steps=True),
        Table((HOSTILE,), ((HOSTILE,),)),
        Blanks((HOSTILE,)),
    )
    section = Section(HOSTILE, HOSTILE, blocks)
    document = Document(DocumentName.STAFF, Audience.STAFF, HOSTILE, HOSTILE, (section,))
    html = render(document, home(Language.EN, controller=HOSTILE))
    # Beside the blocks: title twice, lead, key and title of the section, footer.
    assert html.count(escape(HOSTILE)) == len(blocks) + 1 + 6
    assert "<script" not in html
    assert "<img" not in html


@given(st.text(max_size=60))
def test_whatever_stands_in_a_number_no_tag_comes_of_it(controller: str) -> None:
    facts = home(Language.EN, controller=controller)
    plain = home(Language.EN, controller="1")
    for hostile, harmless in zip(documents(facts), documents(plain), strict=True):
        assert render(hostile, facts).count("<") == render(harmless, plain).count("<")


@pytest.mark.parametrize("language", Language)
def test_a_resident_has_a_section_for_each_function_in_use(language: Language) -> None:
    facts = full_home(language)
    [document] = [d for d in documents(facts) if d.name is DocumentName.RESIDENT]
    about = [s.key for s in document.sections if "/" in s.key]
    wanted = [f"{r.kind}/{r.resident}/" for r in facts.rules if not KINDS[r.kind].technical]
    assert about[: len(wanted)] == wanted
    assert about[len(wanted) :] == ["entry/18"]
    assert {"worn", "screen"} <= {s.key for s in document.sections}
    for state in set(RuleState) - {RuleState.LIVE}:
        none = replace(facts, rules=tuple(replace(r, state=state) for r in facts.rules))
        assert not set(wanted) & {
            s.key for d in documents(none) for s in d.sections if d.name is DocumentName.RESIDENT
        }


def test_what_is_taken_in_of_others_things_is_on_the_sheet_of_whom_it_is_about() -> None:
    facts = home(
        residents=2,
        devices=(
            DeviceFacts(1, Role.WORN, Location.HOME, resident=1),
            DeviceFacts(2, Role.SCREEN_PLUG, Location.BEDROOM),
        ),
    )
    first, second = (
        {s.key for s in d.sections} for d in documents(facts) if d.name is DocumentName.RESIDENT
    )
    assert {"worn", "screen"} <= first
    assert "screen" in second
    assert "worn" not in second


def test_each_section_says_what_when_to_whom_and_how_to_stop_it() -> None:
    facts = home(Language.SV, rule(WatcherKind.BATHROOM_STAY, EVERYTHING, owner=Owner.HOME_CARE))
    said = text(facts, DocumentName.RESIDENT)
    for words in (
        "Rörelse i sovrummet, i hallen, i köket och i badrummet.",
        "Larmet går när du har varit i badrummet längre än 45 minuter.",
        "På natten, från klockan 22.00 till klockan 6.00, går det efter 30 minuter.",
        "Det är hemtjänsten som ska ta hand om det.",
        "Gå ut ur badrummet. Du kan också trycka på OK-knappen.",
        "Då slutar det inom en minut.",
    ):
        assert words in said
    without = tuple(d for d in EVERYTHING if d.role is not Role.CHECK_IN)
    facts = home(Language.SV, rule(WatcherKind.BATHROOM_STAY, without), devices=without)
    assert "OK-knappen" not in text(facts, DocumentName.RESIDENT)


def test_a_trial_and_a_pause_are_said_so() -> None:
    until = datetime(2026, 10, 6, 8, 0, tzinfo=MADE_AT.tzinfo)
    one = replace(rule(WatcherKind.ROAMING, EVERYTHING), is_shadow=True, paused_until=until)
    facts = home(Language.EN, one)
    sheet = text(facts, DocumentName.RESIDENT)
    assert "This is paused until 6 October 2026, 8:00." in sheet
    assert "This is a trial, and no alarm is sent." in sheet
    assert "should act on it" not in sheet
    reserve = text(facts, DocumentName.RESERVE)
    assert "Roaming at night: trial, sends nothing: paused until 6 October 2026, 8:00" in reserve


def test_two_residents_have_a_sheet_each_and_the_home_rules_on_both() -> None:
    there = (
        DeviceFacts(1, Role.BED, Location.BEDROOM, 1),
        DeviceFacts(2, Role.WATER, Location.HOME),
    )
    mine = rule(WatcherKind.BED_EMPTY, there)
    water = rule(WatcherKind.WATER, there)
    facts = home(Language.EN, mine, water, residents=2, devices=there)
    sheets = [d for d in documents(facts) if d.name is DocumentName.RESIDENT]
    assert [d.stem for d in sheets] == ["resident-1", "resident-2"]
    keys = [{s.key for s in d.sections if "/" in s.key} for d in sheets]
    assert keys == [{"bed_empty/1/", "water/0/"}, {"water/0/"}]


def test_nothing_in_use_is_said_so() -> None:
    facts = home(Language.SV, devices=())
    assert "Inget är på" in text(facts, DocumentName.RESIDENT)
    assert "Ingen larmknapp och ingen bevakning är i bruk." in text(facts, DocumentName.RESERVE)
    assert "Inga. Det är också ett bra val." in text(facts, DocumentName.RECORD)


def test_relatives_read_of_what_goes_to_them_and_of_nothing_else() -> None:
    theirs = rule(WatcherKind.NOT_RETURNED, EVERYTHING, owner=Owner.RELATIVE)
    other = rule(WatcherKind.MEDICINE, EVERYTHING, owner=Owner.NURSE)
    said = text(home(Language.SV, theirs, other), DocumentName.RELATIVES)
    assert rule_text(WatcherKind.NOT_RETURNED, Language.SV) in said
    assert rule_text(WatcherKind.MEDICINE, Language.SV) not in said
    silent = text(home(Language.SV, replace(theirs, is_shadow=True)), DocumentName.RELATIVES)
    assert "Inget larm är ställt till dig." in silent


def test_the_reserve_routine_says_what_stops_of_what_is_there() -> None:
    facts = new_home(Language.SV)
    said = text(facts, DocumentName.RESERVE)
    assert "Larmknapp 1 i badrummet och 2 i sovrummet" in said
    assert "larmet väntar i hemmet" in said
    assert "Lås, med nyckel" in said
    assert "Toalettlyft" not in said
    assert said.count('class="blank"') == 8
    everything = text(full_home(Language.SV), DocumentName.RESERVE)
    for words in ("Toalettlyft", "Läkemedelsautomat", "bara den andra vägen", "ta med nyckel"):
        assert words in everything
    assert "Hubben säger själv till" in everything
    assert "Hubben säger själv till" not in said


def test_the_record_has_every_device_rule_and_receiver_and_room_for_hands() -> None:
    facts = full_home(Language.SV)
    said = text(facts, DocumentName.RECORD)
    for device in facts.devices:
        assert f"<td>{device.number}</td>" in said
    for one in facts.rules:
        assert rule_text(one.kind, Language.SV) in said
    assert "<td>SCAIP</td><td>Larm</td><td>Hemmets väg</td>" in said
    assert "<td>REST</td><td>Tekniska larm och kontrollsignaler</td>" in said
    assert "31 augusti 2026, eget beslut, inhämtat av samordnare" in said
    assert "<td>28 februari 2027</td>" in said
    assert "Adress, uppläst och återläst av trygghetscentralen" in said
    assert said.count('class="blank"') == 11


@pytest.mark.parametrize("way", Enforcement)
def test_the_record_says_what_keeps_alarms_in(way: Enforcement) -> None:
    said = {text(home(Language.EN, way=one), DocumentName.RECORD) for one in Enforcement}
    assert len(said) == len(Enforcement)
    leaf = TABLES["pages"]["record"][f"way_{way}"]
    assert leaf["en"] in text(home(Language.EN, way=way), DocumentName.RECORD)


def test_both_consents_of_two_are_recorded() -> None:
    both = tuple(ConsentFacts(n, "own", "nurse", date(2026, n, 1)) for n in (1, 2))
    one = replace(rule(WatcherKind.WATER, EVERYTHING), consents=both)
    said = text(home(Language.EN, one, residents=2), DocumentName.RECORD)
    assert "Resident 1: 1 January 2026, own decision, by nurse" in said
    assert "; resident 2: 1 February 2026" in said


def test_the_page_for_staff_speaks_of_a_lock_only_where_there_is_one() -> None:
    assert "vem som kom in" in text(full_home(Language.SV), DocumentName.STAFF)
    assert "vem som kom in" not in text(new_home(Language.SV), DocumentName.STAFF)


@pytest.mark.parametrize("language", Language)
def test_each_technical_alarm_has_a_page(language: Language) -> None:
    [document] = [d for d in documents(full_home(language)) if d.name is DocumentName.TECHNICAL]
    assert [s.key for s in document.sections] == [str(kind) for kind in TECHNICAL]
    assert [s.title for s in document.sections] == [kind_text(k, language) for k in TECHNICAL]
    assert [s.begins_page for s in document.sections] == [False] + [True] * (len(TECHNICAL) - 1)


@pytest.mark.parametrize("name", [DocumentName.RESERVE, DocumentName.RESIDENT])
def test_a_demonstration_is_marked(name: DocumentName) -> None:
    mark = Words(Language.SV).say("demo")
    assert mark in text(home(Language.SV, is_demo=True), name)
    assert mark not in text(home(Language.SV), name)


@pytest.mark.parametrize("language", Language)
def test_only_papers_for_residents_are_in_large_print(language: Language) -> None:
    for document in documents(full_home(language)):
        large = document.name in (DocumentName.RESIDENT, DocumentName.RELATIVES)
        assert (document.audience is Audience.RESIDENT) is large


def test_the_support_is_promised_and_no_more() -> None:
    for name in (DocumentName.RESIDENT, DocumentName.RELATIVES):
        assert "ingen garanti" in text(full_home(Language.SV), name)


def test_a_paper_says_when_it_was_made_and_is_read_back() -> None:
    said = text(new_home(Language.SV), DocumentName.STAFF)
    assert "5 oktober 2026 klockan 14.30" in said
    assert made_at(said) == MADE_AT
    assert made_at(said.replace("2026-10-05T", "then")) is None
    assert made_at("nothing of ours") is None


def test_files_are_known_by_their_names() -> None:
    for document in documents(full_home(Language.SV)):
        assert is_file_name(file_name(document, Language.SV))
    assert is_file_name("resident-2.en.html")
    for other in ("journal.db", "resident.html", "resident.sv.html.tmp", "notes.sv.html"):
        assert not is_file_name(other)


@pytest.mark.parametrize(
    ("given_on", "review"),
    [
        (date(2026, 1, 15), date(2026, 7, 15)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2026, 12, 1), date(2027, 6, 1)),
    ],
)
def test_a_review_is_due_half_a_year_later(given_on: date, review: date) -> None:
    assert review_day(given_on) == review


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 minuter"),
        (45, "45 sekunder"),
        (60, "1 minut"),
        (3660, "1 timme och 1 minut"),
        (36 * 3600, "36 timmar"),
        (3 * 86400 + 7200 + 60, "3 dygn och 2 timmar"),
    ],
)
def test_spans_are_said_in_their_two_largest_units(seconds: float, said: str) -> None:
    assert duration(seconds, Words(Language.SV)) == said
