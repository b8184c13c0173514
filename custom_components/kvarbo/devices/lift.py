"""A toilet lift beside its sensor: how often it is used, and how it stands. The home never moves it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.const import ATTR_DEVICE_CLASS
from homeassistant.core import HassJob, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..const import CONF_INVERTED, CONF_RAISED_FROM, CONF_STRAINS_ABOVE
from ..supervision.sensing import Pose, Reading
from .desk import Desk
from .lift_pose import COVER_UP, LiftPose, Measure
from .lift_use import LiftUse
from .states import NUMBER, read_number

_COVER: Final = "cover"
_POSITION: Final = "current_position"
#: What a source measures that tells of movement, not of place.
MOVEMENT: Final = frozenset(
    {
        SensorDeviceClass.POWER,
        SensorDeviceClass.APPARENT_POWER,
        SensorDeviceClass.CURRENT,
        BinarySensorDeviceClass.VIBRATION,
        BinarySensorDeviceClass.MOVING,
        BinarySensorDeviceClass.RUNNING,
        BinarySensorDeviceClass.POWER,
    }
)
_MOVES: Final = {"opening": True, "closing": True, "open": False, "closed": False}


def tells_movement(state: State) -> bool:
    """Tell whether a source's being active means that a lift moves, by what it measures."""
    return state.attributes.get(ATTR_DEVICE_CLASS) in MOVEMENT


class Lift:
    """One toilet lift."""

    def __init__(
        self, hass: HomeAssistant, desk: Desk, number: int, data: Mapping[str, Any]
    ) -> None:
        """Take what was kept of it. Raises TypeError or ValueError for settings that are none."""
        self.use = LiftUse.from_text(desk.mark(f"lift:{number}"), dt_util.now())
        self._hass = hass
        self._desk = desk
        self._number = number
        #: A height that grows towards rest is turned about.
        self._sign = -1.0 if data.get(CONF_INVERTED) is True else 1.0
        raised, strains = data.get(CONF_RAISED_FROM), data.get(CONF_STRAINS_ABOVE)
        self._pose = LiftPose(
            raised_from=None if raised is None else self._sign * float(raised),
            strains_above=None if strains is None else float(strains),
        )
        self._last: tuple[State | None, Reading] = (None, Reading.UNKNOWN)
        self._stop_timer: Callable[[], None] | None = None

    @property
    def pose(self) -> Pose | None:
        """How it stands; None for not known."""
        return self._pose.pose

    @callback
    def stop(self) -> None:
        """Look no more."""
        if self._stop_timer is not None:
            self._stop_timer()
        self._stop_timer = None

    @callback
    def forget(self, *, is_for_good: bool) -> None:
        """Say that nothing is known of it any more; its counters go where it has left the home for good."""
        self._desk.stand(self._number, None)
        if is_for_good:
            self._desk.keep(f"lift:{self._number}", None)

    @callback
    def count(self, reading: Reading) -> None:
        """Take what its sensor says now, for the counters."""
        if self.use.take(reading, dt_util.now()):
            self._desk.keep(f"lift:{self._number}", self.use.to_text())
            self._desk.changed()

    @callback
    def look(self, state: State | None, reading: Reading) -> None:
        """Take what its source says, and how that is read."""
        self._last = (state, reading)
        self._judge(dt_util.utcnow())

    @callback
    def _judge(self, now: datetime) -> None:
        self.stop()
        before = self._pose.pose
        state, reading = self._last
        pose = self._pose.take(self._measure(state, reading), now)
        if self._pose.due is not None:
            self._stop_timer = async_track_point_in_utc_time(
                self._hass, HassJob(self._again, cancel_on_shutdown=True), self._pose.due
            )
        if pose is not before:
            self._desk.stand(self._number, pose)
            self._desk.changed()

    @callback
    def _again(self, now: datetime) -> None:
        self._stop_timer = None
        self._judge(now)

    def _measure(self, state: State | None, reading: Reading) -> Measure:
        if state is None:
            return Measure(reading=Reading.UNKNOWN)
        if tells_movement(state):
            return Measure(reading=reading, power=read_number(state.state), tells_movement=True)
        if state.domain == _COVER:
            position = state.attributes.get(_POSITION)
            if not isinstance(position, int | float):
                return Measure(reading=reading)
            if self._pose.raised_from is None:
                self._pose.raised_from = COVER_UP if self._sign > 0 else COVER_UP - 100.0
            return Measure(
                reading=reading,
                height=self._sign * position,
                is_moving=_MOVES.get(state.state) or None,
            )
        if state.domain == NUMBER and (height := read_number(state.state)) is not None:
            return Measure(reading=reading, height=self._sign * height)
        return Measure(reading=reading)
