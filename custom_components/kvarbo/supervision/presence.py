"""Signs of life in the home: when and where the last one was, and whether somebody seems to have left.

A sign of life is what only somebody can cause: movement, a door or cupboard opened or closed, a tap
or kettle used, bed or chair taken or left. What merely lasts is none: a door that stands open, a bed
that is occupied, a machine that ends long after it was started.

Somebody seems to have left (S6) when an exit door was used and nothing inside has shown life since,
but for what a sensor by the door tells late. Bed or chair occupied says that it was somebody else.
Such an absence is *inferred*: it is shown after a few minutes and ends with the next sign of life
inside. One sign alone in an empty home, of one motion sensor, may be a draught: then it is not known
where anybody is until a second one comes.
"""

from collections.abc import Mapping
from typing import Final, Self

from ..alarm.kinds import Location, Role
from .rhythm import BED, CHAIR, NOWHERE
from .sensing import HOLDS_SOMEBODY, Reading, Sensor
from .settings import Json
from .wall import WallTime

#: Roles whose every change is somebody's doing.
_DONE_BY_HAND: Final = frozenset({Role.INNER_DOOR})
#: Roles that say something only when somebody presses or uses them.
_PRESSED: Final = frozenset({Role.CHECK_IN, Role.LIFT})
#: An appliance that ends within this was ended by hand; later it may have ended by itself.
_IN_USE: Final = 600.0
#: A motion sensor comes to rest some time after the last movement; newer movement elsewhere says
#: where somebody is. That time is between these two, seconds; each sensor's own is found out.
_TRAILS: Final = 10.0
_HOLDS_MOST: Final = 300.0
#: What is seen so long after the exit door is the one who leaves: by the door, and elsewhere.
_LEAVES_BY_DOOR: Final = 15.0
_LEAVES: Final = 5.0
#: An exit door used again within this is still the same departure; later it opens to come home.
_SAME_DEPARTURE: Final = 120.0
#: A door that opens with no life inside for this long before was opened from outside.
_FROM_INSIDE: Final = 120.0
#: An inferred absence is shown after this.
_SETTLES: Final = 300.0
#: A second sign within this confirms a lone one; from the same sensor it must be later than `_TRAILS`.
_CONFIRMS: Final = 1800.0
_BY_THE_DOOR: Final = frozenset({Location.HALLWAY, Location.FRONT_DOOR, Location.BACK_DOOR})


class Presence:
    """What the sensors tell of somebody's being there. Instants in home time, seconds; None: never.

    `last_life` and `last_room` are the last sign of life. `place` is where somebody is since then
    as the rhythm knows places: a room, in bed, in a chair, or nowhere known. `left`: what followed
    the exit door looks like a departure; `inferred_away_since` is the same, once it has lasted.
    `whole` says that the present silence was seen from its beginning. `ended` is the silence that
    the last sign has ended: began, place, left, whole. `entered_at` is when the exit door was last
    opened from outside while somebody was at home. `due` is when `tick` must be called.
    """

    __slots__ = (
        "_active_at",
        "_arrives",
        "_began_at",
        "_door_at",
        "_door_room",
        "_hold",
        "_lone_at",
        "_lone_number",
        "_occupied",
        "_used_at",
        "due",
        "ended",
        "entered_at",
        "inferred_away_since",
        "last_life",
        "last_room",
        "left",
        "place",
        "wall",
        "whole",
    )

    def __init__(self, wall: WallTime) -> None:
        """Know nothing yet."""
        self.wall = wall
        self.last_life: float | None = None
        self.last_room: Location | None = None
        self.place = NOWHERE
        self.left = False
        self.whole = False
        self.inferred_away_since: float | None = None
        self.due: float | None = None
        self.ended: tuple[float, str, bool, bool] | None = None
        self.entered_at: float | None = None
        self._active_at = 0.0
        self._door_at: float | None = None
        self._door_room: Location | None = None
        self._arrives = False
        self._lone_at: float | None = None
        self._lone_number = 0
        self._occupied: dict[int, str] = {}
        self._used_at: dict[int, float] = {}
        self._began_at: dict[int, float] = {}
        self._hold: dict[int, float] = {}

    def observe(self, at: float, sensor: Sensor, reading: Reading) -> None:
        """Take what a sensor says; it is known, and was before (`seen_again` for the rest)."""
        role = sensor.role
        if role is Role.MOTION:
            if reading is Reading.ACTIVE:
                self._began_at[sensor.number] = at
                self._inside(at, sensor)
            else:
                trails = at - self._active_at <= self._holds(at, sensor.number)
                if not self.left:
                    # It has seen somebody until now or a little before: newer movement says where.
                    self._sign(at, None if trails else sensor.room)
        elif role is Role.EXIT_DOOR:
            self._door(at, sensor, reading)
        elif role is Role.ITEM:
            if reading is Reading.ACTIVE:
                self._used_at[sensor.number] = at
                self._inside(at, sensor)
            elif at - self._used_at.get(sensor.number, -_IN_USE - 1) <= _IN_USE:
                self._inside(at, sensor)
        elif role in _DONE_BY_HAND or (role in _PRESSED and reading is Reading.ACTIVE):
            self._inside(at, sensor)
        elif role is Role.BED or role is Role.CHAIR:
            if reading is Reading.ACTIVE:
                self._occupied[sensor.number] = BED if role is Role.BED else CHAIR
            else:
                self._occupied.pop(sensor.number, None)
            self._home()
            self._sign(at, sensor.room)

    def seen_again(self, at: float, sensor: Sensor, reading: Reading, *, ghost: bool) -> None:
        """Take a sensor that has become unknown or known; a ghost is no event (idea 4).

        A bed that was unknown and is found empty has not been left now.
        """
        if reading is Reading.UNKNOWN or (
            reading is Reading.IDLE and sensor.role in HOLDS_SOMEBODY
        ):
            self._occupied.pop(sensor.number, None)
            self._used_at.pop(sensor.number, None)
            self._began_at.pop(sensor.number, None)
        elif not ghost:
            self.observe(at, sensor, reading)

    def tick(self, at: float) -> None:
        """Do what is due at `due`: show the absence that has settled."""
        self.due = None
        if self.left and self.inferred_away_since is None:
            self.inferred_away_since = at if self._door_at is None else self._door_at

    def set_away(self, at: float, *, away: bool) -> None:
        """Somebody has said that the resident is away, or back: both are signs of life by the door."""
        self._home()
        self._arrives = not away
        self._sign(at, self._door_room or Location.HALLWAY)
        self.ended = None

    def was_blind(self, begin: float, end: float) -> None:  # noqa: ARG002 - whatever was missed
        """The home was not watched from `begin` to `end`: the present silence teaches nothing."""
        self.whole = False

    def to_json(self) -> dict[str, Json]:
        """Return all that must survive a restart, as `from_json` takes it back."""
        return {
            "last_life": self.last_life,
            "last_room": self.last_room,
            "place": self.place,
            "left": self.left,
            "whole": self.whole,
            "inferred_away_since": self.inferred_away_since,
            "due": self.due,
            "entered_at": self.entered_at,
            "active_at": self._active_at,
            "door_at": self._door_at,
            "door_room": self._door_room,
            "arrives": self._arrives,
            "lone_at": self._lone_at,
            "lone_number": self._lone_number,
            "occupied": {str(number): place for number, place in self._occupied.items()},
            "used_at": {str(number): at for number, at in self._used_at.items()},
            "began_at": {str(number): at for number, at in self._began_at.items()},
            "hold": {str(number): hold for number, hold in self._hold.items()},
        }

    @classmethod
    def from_json(cls, wall: WallTime, raw: object) -> Self:
        """Return what was kept; raises ValueError when it is nothing of the kind."""
        if not isinstance(raw, Mapping):
            raise ValueError("presence is a mapping")
        presence = cls(wall)
        presence.last_life = _instant(raw.get("last_life"))
        presence.last_room = _room(raw.get("last_room"))
        presence.place = str(raw.get("place", NOWHERE))
        presence.left = raw.get("left") is True
        presence.whole = raw.get("whole") is True
        presence.inferred_away_since = _instant(raw.get("inferred_away_since"))
        presence.due = _instant(raw.get("due"))
        presence.entered_at = _instant(raw.get("entered_at"))
        presence._active_at = _instant(raw.get("active_at")) or 0.0
        presence._door_at = _instant(raw.get("door_at"))
        presence._door_room = _room(raw.get("door_room"))
        presence._arrives = raw.get("arrives") is True
        presence._lone_at = _instant(raw.get("lone_at"))
        presence._lone_number = int(_instant(raw.get("lone_number")) or 0)
        for number, place in _by_number(raw.get("occupied", {})):
            presence._occupied[number] = CHAIR if place == CHAIR else BED
        presence._used_at = _instants(raw.get("used_at", {}))
        presence._began_at = _instants(raw.get("began_at", {}))
        presence._hold = _instants(raw.get("hold", {}))
        return presence

    # -- its own ---------------------------------------------------------------------------------

    def _inside(self, at: float, sensor: Sensor) -> None:
        """Take a sign of life away from the exit door."""
        self._active_at = at
        room = sensor.room
        if self.left or self._lone_at is not None:
            if self.left and self._is_leaving(at, room):
                self._sign(at, room, left=True)
                return
            if sensor.role is Role.MOTION and not self._arrives and self._is_lone(at, sensor):
                self.left = False
                self._sign(at, room)
                self.place = NOWHERE
                return
            self._home()
        self._sign(at, room)

    def _holds(self, at: float, number: int) -> float:
        """Return how long after movement a motion sensor comes to rest: its shortest time so far."""
        began_at = self._began_at.pop(number, None)
        shortest = self._hold.get(number, _HOLDS_MOST)
        if began_at is not None and at - began_at < shortest:
            shortest = self._hold[number] = max(_TRAILS, at - began_at)
        return shortest + 1.0

    def _door(self, at: float, sensor: Sensor, reading: Reading) -> None:
        """Take the exit door's use: a departure, a return, or somebody else's."""
        opens = reading is Reading.ACTIVE
        self._active_at = at
        self._lone_at = None
        if self.left:
            if opens and at - (self.last_life or at) > _SAME_DEPARTURE:
                self._arrives = True
            left = True
        else:
            if opens:
                self._arrives = False
                if self.last_life is not None and at - self.last_life > _FROM_INSIDE:
                    self.entered_at = at
            # Behind somebody who has been seen inside it only falls shut.
            left = not self._arrives
        if self._occupied:
            left = False
            self._home()
        self._door_at, self._door_room = at, sensor.room
        self._sign(at, sensor.room, left=left)
        if left and self.inferred_away_since is None:
            self.due = at + _SETTLES

    def _is_leaving(self, at: float, room: Location) -> bool:
        """Tell whether this may still be who goes out by the door."""
        if self._arrives or self._door_at is None:
            return False
        by_the_door = room in _BY_THE_DOOR or room is self._door_room
        return at - self._door_at <= (_LEAVES_BY_DOOR if by_the_door else _LEAVES)

    def _is_lone(self, at: float, sensor: Sensor) -> bool:
        """Tell whether this is the only sign in a home that seemed empty; note it."""
        lone_at = self._lone_at
        if lone_at is not None and at - lone_at <= _CONFIRMS:
            return sensor.number == self._lone_number and at - lone_at <= _TRAILS
        self._lone_at, self._lone_number = at, sensor.number
        return True

    def _home(self) -> None:
        """Know that somebody is at home."""
        self.left = False
        self.inferred_away_since = self.due = self._lone_at = None

    def _sign(self, at: float, room: Location | None, *, left: bool = False) -> None:
        """Note a sign of life; a room of None leaves the place as it is."""
        last = self.last_life
        self.ended = None if last is None else (last, self.place, self.left, self.whole)
        self.last_life = at
        self.left = left
        self.whole = True
        if room is not None:
            self.last_room = room
            self.place = room
        if self._occupied:
            places = self._occupied.values()
            self.place = BED if BED in places else CHAIR


def _instant(raw: object) -> float | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError("an instant")
    return float(raw)


def _room(raw: object) -> Location | None:
    return None if raw is None else Location(str(raw))


def _by_number(raw: object) -> list[tuple[int, object]]:
    if not isinstance(raw, Mapping):
        raise ValueError("a mapping by sensor")
    return [(int(number), value) for number, value in raw.items()]


def _instants(raw: object) -> dict[int, float]:
    return {number: _instant(at) or 0.0 for number, at in _by_number(raw)}
