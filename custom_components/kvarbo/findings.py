"""What an opening of the journal leaves for a person to read: a restore, a damaged file (A12)."""

import logging
from pathlib import Path
from typing import Final

from .alarm.kinds import AlarmKind
from .chain import RESTORED_MARKER, Chain
from .faults import ACTOR
from .journal.changes import PutMarker
from .journal.refusal import JournalRefusedError
from .journal.writer import JournalWriter
from .transmission.ledger import Ledger

_LOGGER = logging.getLogger(__name__)

#: The key of faults that concern the hub and not one receiver.
HUB_KEY: Final = "hub"
#: Marks the damaged journal of which nobody has read yet.
SET_ASIDE: Final = "set_aside"


class Findings:
    """The part of a home that deals with a restored or damaged journal, and with its backup."""

    chain: Chain
    copy_path: Path
    folder: Path
    journal: JournalWriter
    ledger: Ledger

    def changed(self) -> None:
        """Tell the entities."""
        raise NotImplementedError

    def restored_alarms(self) -> list[str]:
        """Return the ids that a restored journal held as undelivered and nobody has read yet."""
        listed = self.ledger.markers.get(RESTORED_MARKER)
        return [str(item) for item in listed] if isinstance(listed, list) else []

    def has_unread_restore(self) -> bool:
        """Tell whether the journal was restored or copied and nobody has confirmed it yet (A12)."""
        return RESTORED_MARKER in self.ledger.markers

    async def restored_read(self) -> None:
        """A person has read what the restored journal held back."""
        await self.ledger.commit(PutMarker(RESTORED_MARKER, None))
        self.chain.faults.set(AlarmKind.JOURNAL_RESTORED, HUB_KEY, is_open=False)

    @property
    def set_aside(self) -> Path | None:
        """The damaged journal that was set aside, until a person has read of it."""
        name = self.ledger.markers.get(SET_ASIDE)
        return self.folder / str(name) if name is not None else None

    async def set_aside_read(self) -> None:
        """A person has read that a damaged journal was set aside: its alarm is over."""
        if (path := self.set_aside) is not None:
            await self.ledger.commit(PutMarker(SET_ASIDE, None))
            await self.chain.clear(set_aside_episode(path.name), ACTOR)
            self.changed()

    async def lay_copy(self) -> None:
        """Lay a consistent copy of the journal beside it, for a backup to take along (A12)."""
        try:
            await self.journal.copy_to(self.copy_path)
        except JournalRefusedError as err:
            # The rest of the house is worth a backup also while our disk is in trouble.
            _LOGGER.error("The backup goes without a copy of the journal: %s", err)


def set_aside_episode(name: str) -> str:
    """Return the episode of a journal that was set aside, by its file's name."""
    return f"a{name}"
