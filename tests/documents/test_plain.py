"""The check of plain language (R22): every paper passes it, and it bites."""

from dataclasses import replace

import pytest

from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.documents import documents
from custom_components.kvarbo.documents.markup import render
from custom_components.kvarbo.documents.paper import Audience, Document, DocumentName, Paragraph
from custom_components.kvarbo.documents.plain import Problem, find_hard, lix
from tests.documents.sample import full_home, home, new_home


def papers(language: Language) -> list[tuple[Document, str]]:
    return [
        (document, render(document, facts))
        for facts in (full_home(language), new_home(language), home(language, devices=()))
        for document in documents(facts)
    ]


@pytest.mark.parametrize("language", Language)
def test_every_paper_is_plain(language: Language) -> None:
    found = {
        (str(document.stem), finding.problem, finding.where)
        for document, html in papers(language)
        for finding in find_hard(html, language, document.audience)
    }
    assert found == set()


def sheet(text: str, language: Language = Language.SV) -> tuple[str, Document]:
    """A resident's sheet on which one thing more is said."""
    facts = new_home(language)
    document = next(d for d in documents(facts) if d.name is DocumentName.RESIDENT)
    first = document.sections[0]
    more = replace(first, blocks=(*first.blocks, Paragraph(text)))
    document = replace(document, sections=(more, *document.sections[1:]))
    return render(document, facts), document


@pytest.mark.parametrize(
    ("text", "language", "problem"),
    [
        ("Det " + "och det " * 20 + "slutar aldrig.", Language.SV, Problem.LONG_SENTENCE),
        ("It " + "and it " * 20 + "never ends.", Language.EN, Problem.LONG_SENTENCE),
        ("Välfärdsteknikenheten ringer.", Language.SV, Problem.LONG_WORD),
        ("Scanna QR-koden, eller skriv qr.", Language.SV, Problem.FORBIDDEN_WORD),
        ("Det är en övervakning.", Language.SV, Problem.FORBIDDEN_WORD),
        ("Hubben sover.", Language.SV, Problem.FORBIDDEN_WORD),
        ("Brukaren går upp.", Language.SV, Problem.FORBIDDEN_WORD),
        ("Press the alarm.", Language.SV, Problem.FORBIDDEN_WORD),
        ("Ask Home Assistant.", Language.EN, Problem.FORBIDDEN_WORD),
        ("The gateway sleeps.", Language.EN, Problem.FORBIDDEN_WORD),
    ],
)
def test_a_hard_sentence_is_found(text: str, language: Language, problem: Problem) -> None:
    html, document = sheet(text, language)
    before, _ = sheet("Bra.", language)
    assert find_hard(before, language, document.audience) == []
    assert problem in {one.problem for one in find_hard(html, language, document.audience)}


def test_a_text_of_long_words_is_hard_to_read() -> None:
    text = "Utrustningens tillförlitlighet kontrolleras fortlöpande. " * 200
    html, _ = sheet(text)
    assert Problem.HARD_TO_READ in {
        one.problem for one in find_hard(html, Language.SV, Audience.RESIDENT)
    }
    assert lix(["Du kan ta det lugnt nu."]) < 10
    assert lix([text]) > 60


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("font-size: 15pt", "font-size: 13.5pt", Problem.SMALL_PRINT),
        ("font-size: 14pt", "font-size: 1em", Problem.SMALL_PRINT),
        ("font-size: 14pt", "font: 12pt serif", Problem.SMALL_PRINT),
        ("</h1>", '</h1><img alt="">', Problem.NOT_PLAIN_PAPER),
        ("</h1>", "</h1><svg></svg>", Problem.NOT_PLAIN_PAPER),
        ("</h1>", "</h1><script>1</script>", Problem.NOT_PLAIN_PAPER),
        ("</head>", '<link rel="stylesheet"></head>', Problem.NOT_PLAIN_PAPER),
        ("body {", "body { background: url(x.png);", Problem.NOT_PLAIN_PAPER),
        ('class="blank large"', 'class="blank"', Problem.NO_LARGE_PHONE),
    ],
)
def test_a_paper_in_a_bad_form_is_found(old: str, new: str, problem: Problem) -> None:
    html, document = sheet("Bra.")
    assert old in html
    found = find_hard(html.replace(old, new), Language.SV, document.audience)
    assert problem in {one.problem for one in found}


def test_swedish_says_du() -> None:
    page = '<style>p{font-size:15pt}</style><p class="blank large">Den boende ringer.</p>'
    [finding] = find_hard(page, Language.SV, Audience.RESIDENT)
    assert finding.problem is Problem.NO_DU
    assert find_hard(page.replace("Den boende", "Du"), Language.SV, Audience.RESIDENT) == []
