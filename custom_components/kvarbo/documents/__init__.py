"""Papers of a home, made from how it is set up now (R05, R37, R38, R55, R56).

From one frozen `HomeFacts` to HTML for A4, in English or Swedish. Everything here is pure: who
collects the facts and who writes the files is the shell's affair.
"""

from .facts import HomeFacts
from .markup import render
from .paper import Document
from .record import record_document
from .reserve import reserve_document
from .resident import relatives_document, resident_document
from .staff import staff_document
from .technical import technical_document


def documents(home: HomeFacts) -> tuple[Document, ...]:
    """Return every document of a home, in the language of its facts."""
    return (
        reserve_document(home),
        *(resident_document(home, resident) for resident in home.persons),
        relatives_document(home),
        record_document(home),
        staff_document(home),
        technical_document(home),
    )


def files(home: HomeFacts) -> dict[str, str]:
    """Return every document as a file: its name, and what stands in it."""
    return {
        f"{document.stem}.{home.language}.html": render(document, home)
        for document in documents(home)
    }
