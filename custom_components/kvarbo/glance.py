"""What pages and entities read of a home at a glance."""

from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from .alarm.kinds import AlarmKind
from .chain import Chain
from .const import CONF_ORDER, SUBENTRY_DEVICE, SUBENTRY_RECEIVER
from .findings import HUB_KEY
from .transmission.ledger import Ledger
from .transmission.outlet import Reach, Takes

#: Marks the newest receipt's time.
LAST_RECEIPT: Final = "last_receipt"


class Glance:
    """The part of a home that answers whoever shows its state."""

    chain: Chain
    entry: ConfigEntry[Any]
    ledger: Ledger

    def device_subentries(self) -> list[ConfigSubentry]:
        """Return the devices' settings."""
        return list(self.entry.get_subentries_of_type(SUBENTRY_DEVICE))

    def receivers(self) -> list[ConfigSubentry]:
        """Return the receivers' settings in the order in which they are tried."""
        subentries = self.entry.get_subentries_of_type(SUBENTRY_RECEIVER)
        return sorted(subentries, key=lambda s: (_order(s), s.subentry_id))

    def reach(self, key: str) -> Reach | None:
        """Return whether a receiver answers; None when it is not in use."""
        return next(
            (line.watch.reach for line in self.chain.transmitter.lines if line.outlet.key == key),
            None,
        )

    def any_reached(self) -> bool | None:
        """Tell whether any receiver of alarms answers; None while that cannot be said yet."""
        known = {
            line.watch.reach.reached
            for line in self.chain.transmitter.lines
            if line.outlet.takes is Takes.ALARMS
        }
        if True in known:
            return True
        return None if None in known else False

    def journal_in_trouble(self) -> bool:
        """Tell whether alarms are in memory alone."""
        return (AlarmKind.JOURNAL_FAULT, HUB_KEY) in self.chain.faults.open

    def last_receipt(self) -> datetime | None:
        """Return when a receiver last receipted an alarm (aware, UTC); None when none ever did."""
        marked = self.ledger.markers.get(LAST_RECEIPT)
        return datetime.fromisoformat(marked) if isinstance(marked, str) else None


def _order(receiver: ConfigSubentry) -> float:
    order = receiver.data.get(CONF_ORDER)
    return order if isinstance(order, (int, float)) else float("inf")
