"""A medicine dispenser of our own Bluetooth profile: what it says goes to the rules, and is told once each."""

from collections.abc import Callable
import logging
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback

from ..dispensing.doses import Doses, Heard, News
from ..dispensing.profile import Event, Told
from ..supervision.sensing import Reading
from .desk import Desk
from .dispenser_link import DispenserLink, LinkCalls

_LOGGER: Final = logging.getLogger(__name__)


class Dispenser:
    """One dispenser by its Bluetooth address. `say` takes what it says to a rule."""

    def __init__(
        self, hass: HomeAssistant, desk: Desk, address: str, say: Callable[[Reading], None]
    ) -> None:
        """Know what the journal has kept of it."""
        self.address = address
        self._marker = f"dispenser:{address}"
        mark = desk.mark(self._marker)
        self.doses = Doses(int(mark) if mark is not None and mark.isdecimal() else None)
        #: When it was heard last by its link, on the monotonic clock; None for never.
        self.heard: float | None = None
        self._desk = desk
        self._say = say
        self._hearers: list[Callable[[Heard], None]] = []
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

    @callback
    def start(self) -> None:
        """Begin to look for it."""
        self._link.start()

    @callback
    def stop(self) -> None:
        """Let it go."""
        self._link.stop()

    @callback
    def hear(self, hearer: Callable[[Heard], None]) -> Callable[[], None]:
        """Call `hearer` with all news of it; returns what ends that."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    @property
    def is_heard(self) -> bool:
        """Whether it is linked now."""
        return self.doses.dose is not None

    @property
    def is_in_trouble(self) -> bool:
        """Whether somebody has to come to it."""
        return self.doses.trouble(time.monotonic())

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
        _LOGGER.warning("A dispenser has forgotten %s events", self.doses.missing)
        self.doses.give_up()
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
        self._desk.keep(self._marker, str(self.doses.counter or 0))

    def _tell(self, heard: Heard) -> None:
        for hearer in list(self._hearers):
            hearer(heard)
