"""What is written of the watchers, and when (S3): at once before a deadline is armed, else within 60 s.

Rows go to whoever has the disk. A deadline that begins or comes nearer is not armed before its row
is there; one that only moves later waits for the next minute, so that a memory card lives.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, override

from .presence import Presence
from .settings import Json
from .slot import Slot

#: Seconds that a row may be late whose deadline only moves later (S3).
FLUSH_EVERY: Final = 60.0

#: Rows that are no watcher's.
ALIVE: Final = "~alive"
CONSENTS: Final = "~consents"
HOUSEHOLD: Final = "~household"
PRESENCE: Final = "~presence"
RHYTHM: Final = "~rhythm"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is to stand: a key, the next deadline (home time, seconds), the state.

    A state of None takes the row away.
    """

    key: str
    deadline: float | None
    state: Json


class Keeping:
    """Where rows go. This one keeps nothing: a replay needs no disk."""

    #: Whether anything is kept, so that `flush` must be called.
    keeps: ClassVar[bool] = True

    def keep(self, rows: Iterable[Row]) -> None:
        """Write in order with everything else, without waiting."""

    def commit(self, rows: Iterable[Row], done: Callable[[], None]) -> None:  # noqa: ARG002
        """Write now; `done` is called when it is on disk, or when the disk refuses.

        A refusing disk must not silence a watcher: it then runs from memory, and the journal's own
        fault says so (A1).
        """
        done()

    def keep_now(self, slot: Slot, done: Callable[[], None]) -> None:
        """Write a watcher whose deadline has begun or come nearer; it is armed when that is done.

        With it goes who seems to be in: an outing that is kept and a presence of before it would
        not fit together after a crash, and nobody would be missed.
        """
        slot.dirty = False
        slot.pending += 1

        def written() -> None:
            slot.pending -= 1
            done()

        rows = [self.row_of(slot)]
        if slot.watches_a_person:
            rows.append(Row(PRESENCE, None, slot.watcher.house.presence.to_json()))
        self.commit(rows, written)

    def flush(self, now: float, slots: Iterable[Slot], presence: Presence | None) -> None:
        """Write what has only moved later, that the home is alive at `now`, and who seems to be in.

        `presence` is None where no consent lets a rule watch a person: then nothing of one is kept.
        """
        rows = [Row(ALIVE, None, now)]
        if presence is not None:
            rows.append(Row(PRESENCE, None, presence.to_json()))
        for slot in slots:
            slot.dirty = False
            rows.append(self.row_of(slot))
        self.keep(rows)

    def row_of(self, slot: Slot) -> Row:
        """Return a watcher's row, which is then written."""
        slot.kept_due = slot.watcher.due
        return Row(slot.key, slot.kept_due, slot.to_json())


class NoKeeping(Keeping):
    """For a replay: rows are not even made."""

    keeps: ClassVar[bool] = False

    @override
    def keep_now(self, slot: Slot, done: Callable[[], None]) -> None:
        """Arm at once."""
        slot.dirty = False

    @override
    def flush(self, now: float, slots: Iterable[Slot], presence: Presence | None) -> None:
        """Write nothing."""
        for slot in slots:
            slot.dirty = False
