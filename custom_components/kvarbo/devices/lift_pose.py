"""How a toilet lift stands, from a height, a cover's position, the power it draws, or two words (needs.md 1c). Pure.

A height or a position tells whether it moves, is raised or stands between. Power and vibration tell that it
moves, and power that it strains; where it stands when it has stopped they cannot tell.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..supervision.sensing import Pose, Reading

#: A height that has not changed for so long stands still.
SETTLES: Final = timedelta(seconds=5)
#: A motor draws more than it should for a moment as it starts: it is stuck after so long.
STRAINS: Final = timedelta(seconds=2)
#: And has come loose when it has moved so long without straining.
LOOSE: Final = timedelta(seconds=3)
#: Of a cover, percent: it is raised from here.
COVER_UP: Final = 97.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a lift's source says at one moment.

    `reading` is its word by the settings. `height` is a height or a position in any unit, growing away from
    rest, or None; `power` in the unit of `strains_above`, or None. `tells_movement`: active means that it
    moves. `is_moving` is the source's own word for it (a cover that is opening), None where it has none.
    """

    reading: Reading
    height: float | None = None
    power: float | None = None
    tells_movement: bool = False
    is_moving: bool | None = None


@dataclass(slots=True)
class LiftPose:
    """One lift, from moment to moment; times are aware. `raised_from` None: nobody has said what raised is."""

    raised_from: float | None = None
    strains_above: float | None = None
    pose: Pose | None = None
    #: When it must be looked at again though its source says nothing new; None for never.
    due: datetime | None = None
    height: float | None = None
    moved_at: datetime | None = None
    #: Since when it has strained, or moved freely, without a break.
    strained_at: datetime | None = None
    free_at: datetime | None = None

    def take(self, measure: Measure, now: datetime) -> Pose | None:
        """Take what its source says; return how it stands, None for not known."""
        self.due = None
        if measure.reading is Reading.UNKNOWN:
            # Whatever it did meanwhile, nobody has seen it.
            self.height = self.moved_at = self.strained_at = self.free_at = None
            self.pose = None
        elif measure.tells_movement:
            self.pose = self._by_movement(measure, now)
        else:
            self.pose = self._by_place(measure, now)
        return self.pose

    def _by_place(self, measure: Measure, now: datetime) -> Pose:
        if measure.height is None:
            return Pose.AWAY if measure.reading is Reading.ACTIVE else Pose.AT_REST
        if self.height is not None and measure.height != self.height:
            self.moved_at = now
        self.height = measure.height
        if measure.reading is Reading.IDLE:
            return Pose.AT_REST
        moves = measure.is_moving
        if moves is None and self.moved_at is not None:
            moves = timedelta(0) <= now - self.moved_at < SETTLES
            self.due = self.moved_at + SETTLES if moves else None
        if moves:
            return Pose.MOVING
        if self.raised_from is None:
            return Pose.AWAY
        return Pose.RAISED if measure.height >= self.raised_from else Pose.MIDWAY

    def _by_movement(self, measure: Measure, now: datetime) -> Pose:
        was_stuck = self.pose is Pose.STUCK
        if measure.reading is Reading.IDLE:
            self.strained_at = self.free_at = None
            # A motor that has given up draws nothing: it is as stuck as before.
            return Pose.STUCK if was_stuck else Pose.STOPPED
        limit = self.strains_above
        if limit is not None and measure.power is not None and measure.power > limit:
            # A clock that was put back has begun to count anew.
            self.free_at, self.strained_at = None, min(self.strained_at or now, now)
            is_long = now - self.strained_at >= STRAINS
            self.due = None if is_long or was_stuck else self.strained_at + STRAINS
            return Pose.STUCK if is_long or was_stuck else Pose.MOVING
        self.strained_at, self.free_at = None, min(self.free_at or now, now)
        if was_stuck and now - self.free_at < LOOSE:
            self.due = self.free_at + LOOSE
            return Pose.STUCK
        return Pose.MOVING
