"""The pages of technical alarms and docs/technical-alarms.md say the same of kinds and hours (R38)."""

from pathlib import Path
import re
from typing import Final

import pytest

from custom_components.kvarbo.alarm.kinds import KINDS, AlarmClass, AlarmKind
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.documents.paper import Label, Paragraph
from custom_components.kvarbo.documents.technical import TECHNICAL, technical_document
from custom_components.kvarbo.documents.words import TABLES
from custom_components.kvarbo.transmission.hours import HOURS, Hour
from tests.documents.sample import new_home

PAGE: Final = Path(__file__).parents[2] / "docs" / "technical-alarms.md"
SAME_DAY: Final = re.compile(
    r"\b(?:same (?:working )?day|next working day|samma (?:arbets)?dag|nästa arbetsdag)\b",
    re.IGNORECASE,
)


def documented() -> dict[str, str]:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")
    return {s.split("`")[1]: s for s in sections if s.startswith("`")}


def line(section: str, label: str) -> str:
    found = re.search(rf"^- \*\*{label}:\*\* (.*)$", section, re.MULTILINE)
    assert found is not None, label
    return found[1]


def said(kind: AlarmKind, language: Language, part: str) -> str:
    text = TABLES["technical"][kind][part][language]
    assert isinstance(text, str)
    return text


def deadlines(text: str) -> tuple[list[str], list[str]]:
    """The numbers in a text, and the days: same or next, working or not."""
    days = {
        "samma dag": "same day",
        "samma arbetsdag": "same working day",
        "nästa arbetsdag": "next working day",
    }
    found = [match.lower() for match in SAME_DAY.findall(text)]
    return sorted(re.findall(r"\d+", text)), sorted(days.get(one, one) for one in found)


def test_every_technical_kind_has_a_page_on_paper_and_in_the_docs() -> None:
    technical = {k for k, traits in KINDS.items() if traits.alarm_class is AlarmClass.TECHNICAL}
    assert set(TECHNICAL) == technical == set(map(AlarmKind, documented()))


@pytest.mark.parametrize("kind", TECHNICAL)
@pytest.mark.parametrize("language", Language)
def test_paper_and_docs_name_the_same_hours(kind: AlarmKind, language: Language) -> None:
    within = line(documented()[kind], "Within")
    assert deadlines(within) != ([], [])
    assert deadlines(said(kind, language, "within")) == deadlines(within)


@pytest.mark.parametrize("kind", TECHNICAL)
def test_paper_and_docs_name_the_same_people(kind: AlarmKind) -> None:
    acts, paper = (
        line(documented()[kind], "Who acts").lower(),
        said(kind, Language.EN, "acts").lower(),
    )
    for role in ("technician", "coordinator", "operations", "it department", "home care"):
        assert (role in acts) is (role in paper), role
    swedish = said(kind, Language.SV, "acts").lower()
    for role, word in (
        ("technician", "tekniker"),
        ("coordinator", "samordnare"),
        ("home care", "hemtjänst"),
    ):
        assert (role in acts) is (word in swedish), role


@pytest.mark.parametrize("kind", TECHNICAL)
def test_paper_says_when_it_is_told(kind: AlarmKind) -> None:
    [page] = [s for s in technical_document(new_home(Language.EN)).sections if s.key == kind]
    blocks = list(page.blocks)
    [at] = [n for n, b in enumerate(blocks) if isinstance(b, Label) and b.text == "When it is told"]
    told = blocks[at + 1]
    assert isinstance(told, Paragraph)
    now = HOURS[kind] is Hour.NOW
    assert told.text.startswith("At once, day and night." if now else "When operations work:")
    assert ("Monday to Friday, 7:00 to 16:00." in told.text) is not now
