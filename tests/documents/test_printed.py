"""The papers as a browser prints them: A4, as many pages as they should be, readable."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from pathlib import Path
import re

import pytest
import pytest_asyncio

from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.documents import documents, file_name
from custom_components.kvarbo.documents.facts import HomeFacts
from custom_components.kvarbo.documents.markup import render
from custom_components.kvarbo.documents.paper import Document, DocumentName
from custom_components.kvarbo.documents.technical import TECHNICAL
from tests.documents.sample import full_home, new_home
from tests.simulator.municipality.browser import CHROMIUM, Browser, browser

pytestmark = [pytest.mark.peers, pytest.mark.timeout(300)]

#: A4 in points; a browser rounds to its own pixels.
A4 = (595.3, 841.9)


@pytest_asyncio.fixture
async def tab(tmp_path: Path, socket_enabled: None) -> AsyncGenerator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: no paper was printed")
    async with browser(tmp_path / "profile") as opened:
        yield opened
        assert opened.complaints == []


async def printed(tab: Browser, folder: Path, facts: HomeFacts, document: Document) -> bytes:
    """A paper as PDF, on whatever sheet its own style asks for."""
    path = folder / file_name(document, facts.language)
    await asyncio.to_thread(path.write_text, render(document, facts), encoding="utf-8")
    await tab.open(path.as_uri())
    await tab.until(f"document.title && location.href === '{path.as_uri()}'")
    answer = await tab.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    return base64.b64decode(answer["data"])


def sheets(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    return [(float(width), float(height)) for width, height in boxes]


@pytest.mark.parametrize("language", Language)
async def test_every_page_is_a4(tab: Browser, tmp_path: Path, language: Language) -> None:
    facts = full_home(language)
    for document in documents(facts):
        pages = sheets(await printed(tab, tmp_path, facts, document))
        assert pages
        for page in pages:
            assert page == pytest.approx(A4, abs=1.0)
        # Nothing runs over the edge of the sheet.
        width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await tab.value(width)


@pytest.mark.parametrize("language", Language)
async def test_papers_are_as_long_as_they_should_be(
    tab: Browser, tmp_path: Path, language: Language
) -> None:
    facts = new_home(language)
    pages = {
        document.name: len(sheets(await printed(tab, tmp_path, facts, document)))
        for document in documents(facts)
    }
    # The reserve routine hangs on a wall: one page (R37). A technical alarm is one page each (R38).
    assert pages[DocumentName.RESERVE] == 1
    assert pages[DocumentName.RELATIVES] == 1
    assert pages[DocumentName.STAFF] == 1
    assert pages[DocumentName.TECHNICAL] == len(TECHNICAL)
    assert pages[DocumentName.RESIDENT] <= 1 + len(facts.rules)


async def test_a_residents_sheet_is_printed_in_large_letters(tab: Browser, tmp_path: Path) -> None:
    facts = full_home(Language.SV)
    for document in documents(facts):
        await printed(tab, tmp_path, facts, document)
        # CSS pixels are 96 to the inch, points 72.
        smallest = await tab.value(
            "Math.min(...[...document.body.querySelectorAll('*')].filter(e => e.textContent.trim())"
            ".map(e => parseFloat(getComputedStyle(e).fontSize))) * 72 / 96"
        )
        large = document.name in (DocumentName.RESIDENT, DocumentName.RELATIVES)
        assert (smallest >= 14) is large
