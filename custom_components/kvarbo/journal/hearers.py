"""Who wants to hear of the journal's troubles. None of them can stop it."""

from collections.abc import Callable
from dataclasses import dataclass
import logging

from .changes import Recovered
from .rows import Table
from .trouble import JournalTrouble, Rejected

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hearers:
    """What to call, on the event loop; see `JournalWriter`."""

    on_trouble: Callable[[JournalTrouble | None], None] | None = None
    on_opened: Callable[[Recovered], None] | None = None
    on_rejected: Callable[[Rejected], None] | None = None

    def tell_trouble(self, trouble: JournalTrouble | None) -> None:
        """Tell of a trouble that began or changed, or with None that it is over."""
        if trouble is None:
            _LOGGER.warning("The disk takes the journal again")
        else:
            _LOGGER.error(
                "The disk does not take the journal (%s): %s", trouble.kind, trouble.words
            )
        _call(self.on_trouble, trouble)

    def tell_opened(self, recovered: Recovered) -> None:
        """Tell that the journal could be opened at last, or had to be opened anew."""
        _call(self.on_opened, recovered)

    def tell_rejected(self, rejected: Rejected) -> None:
        """Tell of a change that can never be written as it is."""
        about = "" if rejected.table is Table.AUDIT else rejected.key
        _LOGGER.error(
            "A change to %s %s cannot be journalled: %s", rejected.table, about, rejected.why
        )
        _call(self.on_rejected, rejected)


def _call[T](hearer: Callable[[T], None] | None, what: T) -> None:
    if hearer is None:
        return
    try:
        hearer(what)
    except Exception:
        # A fault in whoever listens is theirs: the journal goes on.
        _LOGGER.exception("A hearer of the journal failed")
