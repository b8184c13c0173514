"""Counts as they are kept on the disk, and read again. What a later release has counted is passed over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..journal.changes import Json
from ..transmission.aggregate import SHAPES, Count, Figure, Part

#: No count is larger; the gate would refuse it.
_MOST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Closed:
    """A span that is over: its counts, those of how the home stood at the turn, and whether they are final."""

    counts: tuple[Count, ...] = ()
    standing: tuple[Count, ...] = ()
    settled: bool = False

    def to_json(self) -> dict[str, Json]:
        """Return it as it is kept."""
        return {
            "settled": self.settled,
            "counts": [_row(count) for count in self.counts],
            "standing": [_row(count) for count in self.standing],
        }

    @classmethod
    def from_json(cls, raw: object) -> Closed | None:
        """Return what was kept; None where it is none."""
        if not isinstance(raw, Mapping):
            return None
        return cls(
            tuple(_read(raw.get("counts"))),
            tuple(_read(raw.get("standing"))),
            raw.get("settled") is True,
        )


def _row(count: Count) -> Json:
    subject = None if count.subject is None else str(count.subject)
    part = None if count.part is None else str(count.part)
    return [str(count.figure), count.value, subject, part]


def _read(raw: object) -> Iterable[Count]:
    for row in raw if isinstance(raw, list) else []:
        try:
            name, value, subject, part = row
            count = Count(
                figure := Figure(name),
                _number(value),
                _subject(figure, subject),
                None if part is None else Part(part),
            )
        except ValueError, TypeError:
            continue
        if count.fits():
            yield count


def _number(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is int and 0 <= value <= _MOST:
        return value
    raise ValueError("value")


def _subject(figure: Figure, word: object) -> StrEnum | None:
    kind = SHAPES[figure].subject
    if word is None or kind is None:
        return None
    return kind(str(word))
