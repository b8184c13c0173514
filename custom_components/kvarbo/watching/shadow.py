"""Shadow: a rule that runs and notes what it would have sent, before it goes live (S12).

Nobody is warned, nothing is sent, and no automation is run. Its faults are told as any rule's.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ..journal.changes import Audit, Json, PutWatcher
from ..supervision.identity import WatcherKind
from ..supervision.stages import Told
from ..supervision.supervisor import Heard, Supervisor
from ..transmission.ledger import Ledger

SHADOW_ROW: Final = "~shadow"
#: So many alarms of each rule are remembered.
_REMEMBERED: Final = 50


class Shadow:
    """What rules in shadow would have sent, by rule: instants in home time."""

    def __init__(
        self,
        supervisor: Supervisor,
        ledger: Ledger,
        entry: Callable[[str, str, dict[str, Json]], Audit],
    ) -> None:
        """Note in the journal; `entry` makes an entry of the audit trail of what, who and detail."""
        self._supervisor = supervisor
        self._ledger = ledger
        self._entry = entry
        self._noted: dict[str, list[float]] = {}

    def takes(self, heard: Heard) -> bool:
        """Take what a rule in shadow tells of a stage; False for what is told all the same."""
        verdict = heard.verdict
        if verdict.told not in (Told.WARNED, Told.ALARMED, Told.RECOVERED):
            return False
        if verdict.told is Told.ALARMED:
            self._supervisor.answer(verdict.episode, verdict.at)
            key = str(heard.identity)
            self._noted[key] = [*self._noted.get(key, []), verdict.at][-_REMEMBERED:]
            detail: dict[str, Json] = {"rule": key, "since": verdict.since}
            self._ledger.post(self._row(), self._entry("would_have_alarmed", "watcher", detail))
        return True

    def forget(self, function: WatcherKind, resident: int) -> None:
        """Forget what a function has noted of a resident and of the home as a whole (R04)."""
        whose = {resident, 0}
        kept = {
            key: ats
            for key, ats in self._noted.items()
            if not key.startswith(tuple(f"{function}/{person}/" for person in whose))
        }
        if kept != self._noted:
            self._noted = kept
            self._ledger.post(self._row())

    def _row(self) -> PutWatcher:
        return PutWatcher(SHADOW_ROW, None, {key: list(ats) for key, ats in self._noted.items()})

    def of(self, key: str) -> list[float]:
        """Return when a rule would have alarmed, oldest first."""
        return list(self._noted.get(key, ()))

    def load(self, raw: object) -> None:
        """Take in what was noted; what cannot be read was a note and no more."""
        if isinstance(raw, Mapping):
            self._noted = {
                str(key): [float(at) for at in ats if isinstance(at, int | float)]
                for key, ats in raw.items()
                if isinstance(ats, list)
            }
