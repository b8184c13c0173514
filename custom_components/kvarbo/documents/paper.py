"""What a document is made of before it has a form: closed sets of names, sections and blocks.

A block holds words alone. Whatever it is printed as, it is escaped there and nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum


class DocumentName(StrEnum):
    """The documents of a home, as their files are named."""

    RESERVE = "reserve-routine"
    RESIDENT = "resident"
    RELATIVES = "relatives"
    RECORD = "installation-record"
    STAFF = "staff"
    TECHNICAL = "technical-alarms"


class Audience(StrEnum):
    """Who reads it: large print and plain words for the first, small print for the second (R22)."""

    RESIDENT = "resident"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A small heading inside a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `are_steps` numbers it."""

    items: tuple[str, ...]
    are_steps: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head, alike in length."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Blanks:
    """Lines to be filled in by hand, each with its label; `are_large` for a number to be read from afar.

    `columns` is how many stand beside one another.
    """

    labels: tuple[str, ...]
    are_large: bool = False
    columns: int = 1


type Block = Paragraph | Label | Bullets | Table | Blanks


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it. `key` is the same in every language."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    begins_page: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document: which one, of which resident (0: of the home), for whom, and all that it says."""

    name: DocumentName
    audience: Audience
    title: str
    lead: str
    sections: tuple[Section, ...]
    resident: int = 0

    @property
    def stem(self) -> str:
        """The name of its file, without language and ending."""
        return f"{self.name}-{self.resident}" if self.resident else str(self.name)
