"""How well a home's sensors see, with the faults that real ones have."""

from dataclasses import dataclass

from simulator.living.inhabitants import FOREVER


@dataclass(frozen=True, slots=True)
class Window:
    """A device and a stretch of time, in epoch seconds, UTC: `start` counts, `end` does not."""

    device: str
    start: float
    end: float = FOREVER

    def holds(self, device: str, at: float) -> bool:
        """Whether it is about this device at this instant."""
        return device == self.device and self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Sensing:
    """How the sensors see, with their faults."""

    hold: float = 20.0
    """Seconds that a motion sensor stays on after the last movement; each movement begins anew."""
    rest: float = 0.0
    """Seconds that a motion sensor is blind after it went off, as battery savers are."""
    missed: float = 0.0
    """Share of messages that get lost on the air, 0 to 1."""
    outages: tuple[Window, ...] = ()
    """A device is off the air, and comes back."""
    sticky: tuple[Window, ...] = ()
    """A contact goes on saying "open" until the window's end, whatever the door does."""
    blind: tuple[Window, ...] = ()
    """A motion sensor is on the air and sees nothing: turned to the wall, covered."""

    def __post_init__(self) -> None:
        """Refuse what no sensor does.

        Raises:
            ValueError: A hold time under a second, a negative rest, or a share out of bounds.

        """
        if self.hold < 1 or self.rest < 0:
            raise ValueError("a motion sensor holds for a second or more, and rests for 0 or more")
        if not 0 <= self.missed < 1:
            raise ValueError("the share of missed messages is from 0 to under 1")
