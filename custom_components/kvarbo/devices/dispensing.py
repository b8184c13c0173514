"""What every medicine dispenser is to the home, whatever tells of it: news of it once each, and what the rules hear."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from homeassistant.core import callback

from ..dispensing.doses import Doses, Heard
from ..supervision.sensing import Reading
from .desk import Desk
from .vitals import Signs


class Dispensing(ABC):
    """One dispenser. `say` takes what it says to a rule."""

    doses: Doses
    _marker: str

    def __init__(self, desk: Desk, say: Callable[[Reading], None]) -> None:
        """Tell nobody yet."""
        self._desk = desk
        self._say = say
        self._hearers: list[Callable[[Heard], None]] = []

    @abstractmethod
    def start(self) -> None:
        """Begin to listen."""

    @abstractmethod
    def stop(self) -> None:
        """Listen no more."""

    @abstractmethod
    def own_signs(self, signs: Signs) -> Signs:
        """Return what is told of it by its radio, with what it says of itself."""

    @callback
    def erase(self) -> None:
        """Keep nothing more of it: it has left the home."""
        self._desk.keep(self._marker, None)

    @callback
    def hear(self, hearer: Callable[[Heard], None]) -> Callable[[], None]:
        """Call `hearer` with all news of it; returns what ends that."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def _tell(self, heard: Heard) -> None:
        for hearer in list(self._hearers):
            hearer(heard)
