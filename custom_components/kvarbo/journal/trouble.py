"""What can be wrong with the disk under the journal, as the home hears of it (A1)."""

from dataclasses import dataclass
from enum import StrEnum

from .rows import Table


class TroubleKind(StrEnum):
    """In what way the disk does not do its part."""

    REFUSED_FULL = "refused_full"
    REFUSED_READONLY = "refused_readonly"
    REFUSED_OTHER = "refused_other"
    #: It has been asked and has not answered within a second.
    STALLED = "stalled"
    #: The journal is not open for writing; everything stays in memory.
    NOT_OPEN = "not_open"


@dataclass(frozen=True, slots=True)
class JournalTrouble:
    """A trouble that has begun: its kind, and the disk's or sqlite's own words."""

    kind: TroubleKind
    words: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """One change that can never be written as it is: no use in trying again.

    `index` is its place in the batch, `key` what names the row, `why` names the field or the
    constraint and holds no content.
    """

    index: int
    table: Table
    key: str
    why: str
