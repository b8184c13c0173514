"""Papers of a home, made from how it is set up now (R05, R37, R38, R55, R56).

From one frozen `HomeFacts` to HTML for A4, in English or Swedish. Everything here is pure: who
collects the facts and who writes the files is the shell's affair.
"""

import re
from typing import Final

from ..alarm.reason import Language
from .facts import HomeFacts
from .paper import Document, DocumentName
from .record import record_document
from .reserve import reserve_document
from .resident import relatives_document, resident_document
from .staff import staff_document
from .technical import technical_document

_FILE: Final = re.compile(
    rf"(?:{'|'.join(DocumentName)})(?:-[0-9]+)?\.(?:{'|'.join(Language)})\.html"
)


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


def file_name(document: Document, language: Language) -> str:
    """Return the name of a document's file."""
    return f"{document.stem}.{language}.html"


def is_file_name(name: str) -> bool:
    """Tell whether a file's name is that of a document, of any resident and language."""
    return _FILE.fullmatch(name) is not None
