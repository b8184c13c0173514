"""What several watchers ask of movement: who moves (S6), and whether a window of the clock is open."""

from typing import Final

from ..alarm.kinds import Role
from .house import House
from .wall import DAY, HOUR, WallTime, Window

#: Movement in two places within this is one way from the one to the other, seconds.
ONE_WAY: Final = 180.0
#: A motion sensor that fires once by itself, by a draught or warm air, is not believed. A second
#: sign away from there within this many seconds is somebody who moves.
CONFIRMED_WITHIN: Final = 600.0
#: Sleep may begin this long before a night's window opens.
EVENING: Final = 3 * HOUR


def cannot_tell_who(house: House) -> str | None:
    """Return why movement does not tell who moves in this home (S6), by key; None where it does.

    "residents": two live here. "pet": an animal is seen as well. "robot_vacuum": one drives about
    and says nothing of when.
    """
    dwelling = house.dwelling
    if dwelling.residents > 1:
        return "residents"
    if dwelling.pet:
        return "pet"
    if dwelling.robot_vacuum and not house.by_role.get(Role.MOVER):
        return "robot_vacuum"
    return None


def cannot_tell_whose_bed(house: House, resident: int) -> str | None:
    """Return why a bed does not tell who lies in it (S6), by key; None where it does.

    Where two live, a resident's bed must be stated as that resident's.
    """
    if house.dwelling.residents == 1:
        return None
    beds = house.of(Role.BED, resident=resident)
    if resident == 0 or any(bed.resident != resident for bed in beds):
        return "residents"
    return None


class OpenHours:
    """Whether a window of the wall clock is open, asked at every event.

    It looks at the calendar only when an edge has been passed. `begin` and `end` are the instants
    of the window that is open; while none is, `end` is when the next one opens.
    """

    __slots__ = ("_open", "_wall", "begin", "end", "window")

    def __init__(self, window: Window, wall: WallTime) -> None:
        """Take the window; nothing has been asked yet."""
        self.window = window
        self._wall = wall
        self._open = False
        self.begin = self.end = 0.0

    def hold(self, at: float) -> bool:
        """Tell whether the window is open at an instant."""
        if not self.begin <= at < self.end:
            span = self.window.span(at, self._wall)
            self._open = span is not None
            self.begin, self.end = span or (at, self.window.next_begin(at, self._wall))
        return self._open


def widened(window: Window, before: float) -> Window:
    """Return a window that begins earlier by some seconds, on every day of the week.

    One that would reach round the clock runs from noon to noon, so that no night is cut in two.
    """
    length = (window.end - window.begin) % DAY or DAY
    if length + before >= DAY:
        return Window(DAY / 2, DAY / 2)
    return Window((window.begin - before) % DAY, window.end)
