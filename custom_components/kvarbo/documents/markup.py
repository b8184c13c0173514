"""From a document to HTML for A4: one file with its own style, no script and nothing from elsewhere.

This is the one place that writes markup, and all that it is given is escaped here.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
import re
from typing import Final

from .facts import HomeFacts
from .paper import Audience, Blanks, Block, Bullets, Document, Label, Paragraph, Section, Table
from .spelling import moment
from .words import Words

_MADE_AT: Final = re.compile(r'^<meta name="date" content="([^"<>]{1,40})">$', re.MULTILINE)
#: Nothing is fetched and nothing runs, whatever opens the file.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"

_COMMON: Final = """\
@page { size: A4; margin: 14mm 15mm 13mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 180mm; color: #000; background: #fff;
  font-family: "Liberation Sans", Arial, Helvetica, sans-serif; line-height: 1.4;
  hyphens: manual; }
h1, h2, h3, p, ul, ol, table, dl { margin: 0; }
h1, h2, h3 { line-height: 1.2; break-after: avoid; }
section { break-inside: avoid; }
section.page { break-before: page; }
section.long { break-inside: auto; }
ul, ol { padding-left: 1.4em; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { white-space: nowrap; }
th, td { text-align: left; vertical-align: top; border: 0.5pt solid #777; overflow-wrap: break-word; }
th { background: #eee; }
.blanks { display: grid; column-gap: 8mm; }
.blank { display: flex; align-items: flex-end; gap: 3mm; }
.blank i { flex: 1; min-width: 30mm; border-bottom: 0.8pt solid #000; }
.strong { font-weight: bold; }
footer { border-top: 0.5pt solid #777; break-before: avoid; }
@media screen { body { padding: 10mm 0; } }
"""

_STYLE: Final = {
    # Nothing on a resident's sheet is smaller than 14 pt (R22).
    Audience.RESIDENT: """\
body { font-size: 15pt; }
h1 { font-size: 24pt; }
h2 { font-size: 18pt; margin-top: 5mm; padding-top: 2mm; border-top: 1.5pt solid #000; }
h3 { font-size: 15pt; margin-top: 3mm; }
.lead { font-size: 16pt; margin-top: 2mm; }
p, ul, ol { margin-top: 1.5mm; }
.blank { font-size: 15pt; min-height: 16mm; }
.blank.large { font-size: 22pt; font-weight: bold; min-height: 17mm; }
footer { font-size: 14pt; margin-top: 6mm; padding-top: 2mm; }
""",
    Audience.STAFF: """\
body { font-size: 9.5pt; line-height: 1.3; }
h1 { font-size: 17pt; }
h2 { font-size: 12pt; margin-top: 3mm; }
h3 { font-size: 10pt; margin-top: 2.5mm; }
.lead { margin-top: 1mm; }
p, ul, ol, table { margin-top: 1mm; }
th, td { padding: 0.4mm 1.2mm; font-size: 9pt; }
.blank { min-height: 7mm; }
.blank.large { font-size: 14pt; min-height: 14mm; }
footer { font-size: 9pt; margin-top: 4mm; padding-top: 1mm; }
""",
}
#: Where no table needs the width, staff can read at arm's length too.
_ROOMY: Final = """\
body { font-size: 12pt; }
h2 { font-size: 16pt; margin-top: 7mm; }
h3 { font-size: 12pt; margin-top: 5mm; }
p, ul, ol { margin-top: 1.5mm; }
.blank { min-height: 14mm; }
"""


def render(document: Document, home: HomeFacts) -> str:
    """Return a document of a home as a whole HTML file."""
    words = Words(home.language)
    style = _COMMON + _STYLE[document.audience]
    if document.audience is Audience.STAFF and not _has_table(document):
        style += _ROOMY
    footer = words.say("footer", controller=home.controller, made_at=moment(home.made_at, words))
    lines = [
        "<!doctype html>",
        f'<html lang="{home.language}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f'<meta name="date" content="{escape(home.made_at.isoformat())}">',
        f"<title>{escape(document.title)}</title>",
        f"<style>\n{style}</style>",
        "</head>",
        "<body>",
        f"<h1>{escape(document.title)}</h1>",
        f'<p class="lead">{escape(document.lead)}</p>',
        *(line for section in document.sections for line in _section(section)),
        f"<footer><p>{escape(footer)}</p></footer>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def made_at(html: str) -> datetime | None:
    """Return when a file that `render` has written was made; None for any other text."""
    if (found := _MADE_AT.search(html)) is None:
        return None
    try:
        at = datetime.fromisoformat(found[1])
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


#: A section with more than so many rows may go over to the next page.
_LONG: Final = 7


def _has_table(document: Document) -> bool:
    return any(isinstance(b, Table) for section in document.sections for b in section.blocks)


def _section(section: Section) -> Iterator[str]:
    rows = sum(len(b.rows) for b in section.blocks if isinstance(b, Table))
    names = [name for name, on in (("page", section.begins_page), ("long", rows > _LONG)) if on]
    kind = f' class="{" ".join(names)}"' if names else ""
    yield f'<section data-key="{escape(section.key)}"{kind}>'
    yield f"<h2>{escape(section.title)}</h2>"
    for block in section.blocks:
        yield from _block(block)
    yield "</section>"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text, is_strong):
            yield f"<p{' class="strong"' if is_strong else ''}>{escape(text)}</p>"
        case Label(text):
            yield f"<h3>{escape(text)}</h3>"
        case Bullets(items, are_steps):
            if items:
                tag = "ol" if are_steps else "ul"
                yield f"<{tag}>"
                yield from (f"<li>{escape(item)}</li>" for item in items)
                yield f"</{tag}>"
        case Table(head, rows):
            yield "<table>"
            yield f"<thead>{_row(head, 'th')}</thead>"
            yield "<tbody>"
            yield from (_row(row, "td") for row in rows)
            yield "</tbody>"
            yield "</table>"
        case Blanks(labels, are_large, columns):
            yield f'<div class="blanks" style="grid-template-columns: repeat({columns}, 1fr)">'
            large = " large" if are_large else ""
            for label in labels:
                yield f'<p class="blank{large}"><span>{escape(label)}</span><i></i></p>'
            yield "</div>"


def _row(cells: Iterable[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
