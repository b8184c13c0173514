"""A span's counts as they are handed to the coordinator, made of what the gate let through and of nothing else."""

import csv
from enum import StrEnum
import io
from typing import Any, Final

from ..alarm.reason import Language
from ..transmission.aggregate import SHAPES, Figure, MonthlyAggregate, Part, Stands
from ..transmission.catalogue import Field, Value
from ..transmission.gate import GATE, Gate, Passed
from .words import HEADINGS, figure_text, word_text

#: Of the response and of the table. It grows when a column or the meaning of a figure changes.
SCHEMA: Final = 1

#: Between the columns: what a spreadsheet of that language expects.
_BETWEEN: Final = {Language.EN: ",", Language.SV: ";"}


def handed_out(month: MonthlyAggregate, language: Language, gate: Gate = GATE) -> dict[str, Any]:
    """Return a span's counts as data and as one table.

    Raises:
        GateError: something in it is no typed count; nothing is handed out.
    """
    rows = gate.aggregate(month, language)
    head = rows[0] if rows else None
    return {
        "schema": SCHEMA,
        **({} if head is None else {str(field): head[field] for field in _SPAN}),
        "figures": [{str(field): row[field] for field in _COUNT} for row in rows],
        "csv": _table(rows, language),
    }


_SPAN: Final = (Field.HOME, Field.PERIOD, Field.FIRST, Field.LAST, Field.STANDS)
_COUNT: Final = (Field.FIGURE, Field.OF, Field.PART, Field.VALUE)


def _table(rows: tuple[Passed, ...], language: Language) -> str:
    text = io.StringIO()
    table = csv.writer(text, delimiter=_BETWEEN[language])
    table.writerow(HEADINGS[language])
    table.writerows(_line(row, language) for row in rows)
    return text.getvalue()


def _line(row: Passed, language: Language) -> list[Value]:
    figure = Figure(row.text(Field.FIGURE))
    return [
        row[Field.HOME],
        row[Field.PERIOD],
        row[Field.FIRST],
        row[Field.LAST],
        word_text(Stands(row.text(Field.STANDS)), language),
        figure_text(figure, language),
        _said(row.text(Field.OF), SHAPES[figure].subject, language),
        _said(row.text(Field.PART), Part, language),
        # Empty is not known, as nothing is: a nought is a count.
        row[Field.VALUE],
    ]


def _said(word: str, kind: type[StrEnum] | None, language: Language) -> str:
    return "" if kind is None or not word else word_text(kind(word), language)
