"""A medicine dispenser of our own Bluetooth profile: what it says goes to the rules, and is told once each."""

from collections.abc import Callable
from dataclasses import replace
import logging
import time
from typing import Final, override

from homeassistant.core import HomeAssistant, callback

from ..dispensing.doses import Doses, News
from ..dispensing.profile import Event, Told
from ..supervision.sensing import Reading
from .desk import Desk
from .dispenser_link import DispenserLink, LinkCalls
from .dispensing import Dispensing
from .vitals import Signs

_LOGGER: Final = logging.getLogger(__name__)


class Dispenser(Dispensing):
    """One dispenser by its Bluetooth address. `say` takes what it says to a rule."""

    def __init__(
        self, hass: HomeAssistant, desk: Desk, address: str, say: Callable[[Reading], None]
    ) -> None:
        """Know what the journal has kept of it."""
        super().__init__(desk, say)
        self._marker = f"dispenser:{address}"
        mark = desk.mark(self._marker)
        self.doses = Doses(int(mark) if mark is not None and mark.isdecimal() else None)
        #: When it was heard last by its link, on the monotonic clock; None for never.
        self.heard: float | None = None
        self._link = DispenserLink(
            hass,
            address,
            LinkCalls(
                linked=self._linked,
                changed=self._changed,
                happened=self._happened,
                is_behind=lambda: self.doses.is_behind,
                give_up=self._give_up,
                lost=self._lost,
            ),
        )

    @override
    @callback
    def start(self) -> None:
        self._link.start()

    @override
    @callback
    def stop(self) -> None:
        self._link.stop()

    @override
    def own_signs(self, signs: Signs) -> Signs:
        # A link that lasts has no adverts: what it says by it is what is heard.
        return replace(
            signs,
            heard=self.heard,
            battery=self.doses.battery,
            trouble=self.doses.trouble(time.monotonic()),
            is_available=self.doses.dose is not None,
        )

    def _linked(self, told: Told) -> None:
        _LOGGER.info("A dispenser is linked")
        self.doses.linked(told)
        self._keep()
        self._read()

    def _changed(self, told: Told) -> None:
        self.doses.changed(told)
        self._read()

    def _happened(self, event: Event) -> int:
        heard = self.doses.happened(event)
        if heard is not None:
            self._keep()
            if heard.news is News.SKIPPED:
                # It waits no more and was not taken: what is idle out of unknown is no use of it.
                self._say(Reading.UNKNOWN)
            self._tell(heard)
        self._read()
        return self.doses.counter or 0

    def _give_up(self) -> None:
        before = self.doses.missing
        self.doses.give_up()
        _LOGGER.warning("A dispenser has forgotten %s events", self.doses.missing - before)
        self._keep()
        self._read()

    def _lost(self) -> None:
        heard = self.doses.lost()
        if heard is None:
            return
        _LOGGER.warning("A dispenser is not heard any more")
        self._tell(heard)
        self._say(Reading.UNKNOWN)
        self._desk.changed()

    def _read(self) -> None:
        self.heard = time.monotonic()
        self._say(self.doses.reading)
        self._desk.changed()

    def _keep(self) -> None:
        mark = str(self.doses.counter or 0)
        # A link that comes and goes is nothing to write.
        if self._desk.mark(self._marker) != mark:
            self._desk.keep(self._marker, mark)
