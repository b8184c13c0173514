"""Whether a paper that was made is plain (R22): its sentences, its words, and for a resident its print.

It judges the finished HTML and not the tables: what counts is what somebody gets to read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
import json
from pathlib import Path
import re
from typing import Final, override

from ..alarm.reason import Language
from .paper import Audience


class Problem(StrEnum):
    """What can be hard about a paper."""

    LONG_SENTENCE = "long_sentence"
    LONG_WORD = "long_word"
    FORBIDDEN_WORD = "forbidden_word"
    HARD_TO_READ = "hard_to_read"
    SMALL_PRINT = "small_print"
    #: A picture, a script, a link: a QR code is one of them.
    NOT_PLAIN_PAPER = "not_plain_paper"
    #: No room for a telephone number in large print.
    NO_LARGE_PHONE = "no_large_phone"
    #: Swedish that does not say "du" to whom it is for.
    NO_DU = "no_du"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is hard, and where: the sentence, the word, the rule of the style."""

    problem: Problem
    where: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard a paper may be. `lix` is the readability index: below 30 easy, above 50 official prose."""

    sentence: int
    word: int
    lix: float


LIMITS: Final = {
    Audience.RESIDENT: Limits(sentence=20, word=18, lix=30.0),
    Audience.STAFF: Limits(sentence=24, word=24, lix=40.0),
}
#: The smallest print on a resident's paper, points.
SMALLEST: Final = 14.0
#: LIX counts words of more letters than this as long.
_LIX_LONG: Final = 6

_FORBIDDEN: Final = json.loads(
    (Path(__file__).parent / "texts" / "plain.json").read_text(encoding="utf-8")
)
_BLOCKS: Final = frozenset({"h1", "h2", "h3", "p", "li", "td", "th", "title"})
#: What stands in sentences; a table's cells and headings are none.
_PROSE: Final = frozenset({"p", "li"})
_NOT_PAPER: Final = frozenset(
    {"img", "svg", "canvas", "script", "link", "a", "iframe", "object", "embed", "video", "audio"}
    | {"picture", "form", "input", "button", "base"}
)
_END: Final = re.compile(r"(?<=[.!?:;])\s+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-_'\u2019][^\W\d_]+)*")
_SIZE: Final = re.compile(r"font(?:-size)?\s*:\s*([^;}]+)")
_POINTS: Final = re.compile(r"([\d.]+)pt\Z")
_FETCHED: Final = re.compile(r"url\s*\(|@import|https?://|javascript:|\bon\w+\s*=", re.IGNORECASE)


def find_hard(html: str, language: Language, audience: Audience) -> list[Finding]:
    """Return all that is hard about a finished paper; none when it is plain."""
    limits = LIMITS[audience]
    page = _Page()
    page.feed(html)
    page.close()
    findings = [
        finding
        for kind, text in page.texts
        for finding in _text_findings(text, language, audience, limits, is_prose=kind in _PROSE)
    ]
    prose = [text for kind, text in page.texts if kind in _PROSE]
    if (index := lix(prose)) > limits.lix:
        findings.append(Finding(Problem.HARD_TO_READ, f"LIX {index:.0f}"))
    findings += _not_paper(page)
    if audience is Audience.RESIDENT:
        findings += _print(page)
        # The relatives' sheet says it of them, the resident's of the resident.
        if language is Language.SV and "du" not in _words(" ".join(prose).lower()):
            findings.append(Finding(Problem.NO_DU, ""))
    return findings


def lix(texts: list[str]) -> float:
    """Return the readability index of some texts: words a sentence, and the share of long words."""
    sentences = [s for text in texts for s in _sentences(text) if _words(s)]
    words = [word for sentence in sentences for word in _words(sentence)]
    if not words:
        return 0.0
    long = sum(len(word) > _LIX_LONG for word in words)
    return len(words) / len(sentences) + 100.0 * long / len(words)


def _text_findings(
    text: str, language: Language, audience: Audience, limits: Limits, *, is_prose: bool
) -> Iterator[Finding]:
    if is_prose:
        for sentence in _sentences(text):
            if len(sentence.split()) > limits.sentence:
                yield Finding(Problem.LONG_SENTENCE, sentence)
    for word in _words(text):
        if len(word) > limits.word:
            yield Finding(Problem.LONG_WORD, word)
    heard = f" {' '.join(_words(text.lower()))} "
    for forbidden in _FORBIDDEN[audience][language]:
        if f" {forbidden} " in heard:
            yield Finding(Problem.FORBIDDEN_WORD, forbidden)


def _sentences(text: str) -> list[str]:
    return _END.split(text)


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _not_paper(page: _Page) -> Iterator[Finding]:
    for tag in sorted(page.tags & _NOT_PAPER):
        yield Finding(Problem.NOT_PLAIN_PAPER, tag)
    for found in _FETCHED.findall(page.markup):
        yield Finding(Problem.NOT_PLAIN_PAPER, found)


def _print(page: _Page) -> Iterator[Finding]:
    sizes = [size.strip() for size in _SIZE.findall(page.style)]
    if not sizes:
        yield Finding(Problem.SMALL_PRINT, "no size")
    for size in sizes:
        points = _POINTS.match(size)
        # A size that is none in points depends on what surrounds it, and nobody can vouch for it.
        if points is None or float(points[1]) < SMALLEST:
            yield Finding(Problem.SMALL_PRINT, size)
    if not page.has_large_blank:
        yield Finding(Problem.NO_LARGE_PHONE, "")


class _Page(HTMLParser):
    """The texts of a page by block, its tags, its style, and all that stands inside its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.style = ""
        self.markup = ""
        self.has_large_blank = False
        self._open: list[str] = []
        self._text = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.markup += " ".join(f'{name}="{value}"' for name, value in attrs) + "\n"
        given = dict(attrs)
        self.style += f"{given.get('style') or ''};"
        classes = (given.get("class") or "").split()
        self.has_large_blank |= "blank" in classes and "large" in classes
        if tag in _BLOCKS or tag == "style":
            self._open.append(tag)
            self._text = ""

    @override
    def handle_data(self, data: str) -> None:
        self._text += data

    @override
    def handle_endtag(self, tag: str) -> None:
        if not self._open or tag != self._open[-1]:
            return
        self._open.pop()
        text = " ".join(self._text.split())
        self._text = ""
        if tag == "style":
            self.style += text
            self.markup += text
        elif text:
            self.texts.append((tag, text))
