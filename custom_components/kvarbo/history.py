"""What a rule would have sent over the home's own last days, from Home Assistant's recorder (S12).

The readings are made of recorded states by the same table as living ones, and the rule runs in the
same engine. Everything that takes time runs off the event loop; nothing is changed and nothing
leaves the home.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.recorder.history import get_significant_states
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from .alarm.kinds import Location
from .const import DOMAIN
from .devices.sensor import SensorSettings
from .devices.states import EVENT, UNAVAILABLE, read_state
from .dwelling import zone_of
from .home import Home
from .rule import Rule
from .supervision.catalogue import Rule as ReplayRule
from .supervision.rerun import Past, replay_days
from .supervision.sensing import Reading
from .supervision.slot import Standing
from .supervision.stages import Told

#: The recorder keeps ten days unless told otherwise; nobody asks for more than this.
LONGEST: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a rule would have told between two instants (aware, UTC), and of how many readings.

    `first` is the instant (home time, seconds) of the first reading, None without any: before it
    nothing is known. `sensors` are the short numbers of the sensors of which anything was recorded.
    `standing` says whether the rule watched at the end, and if not, why not (S9).
    """

    begin: datetime
    end: datetime
    first: float | None
    readings: int
    sensors: tuple[int, ...]
    standing: Standing
    told: tuple[Past, ...]

    def to_json(self, zone: Any) -> dict[str, Any]:
        """Return it as the action answers: times ISO 8601 in the home's zone."""

        def iso(at: float | None) -> str | None:
            if at is None:
                return None
            return datetime.fromtimestamp(at, zone).isoformat(timespec="seconds")

        def place(room: Location | None) -> str | None:
            return None if room is None else str(room)

        rows = [
            {
                "stage": str(past.verdict.told),
                "at": iso(past.at),
                "since": iso(past.verdict.since),
                "seen_at": iso(past.verdict.seen_at),
                "seen_in": place(past.verdict.seen_in),
                "fault": None if past.verdict.fault is None else str(past.verdict.fault),
                "device": past.verdict.sensor,
            }
            for past in self.told
        ]
        return {
            "from": self.begin.astimezone(zone).isoformat(timespec="seconds"),
            "to": self.end.astimezone(zone).isoformat(timespec="seconds"),
            "recorded_from": iso(self.first),
            "readings": self.readings,
            "devices": list(self.sensors),
            "standing": str(self.standing),
            "alarms": sum(row["stage"] == Told.ALARMED for row in rows),
            "told": rows,
        }


async def async_replay(hass: HomeAssistant, home: Home, rule: Rule, days: int) -> Replayed:
    """Replay a rule with its settings over the home's last days.

    Raises:
        HomeAssistantError: Home Assistant keeps no history; a retry is useless until it does.
    """
    if "recorder" not in hass.config.components:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_history")
    end = dt_util.utcnow()
    begin = end - min(timedelta(days=days), LONGEST)
    followed = {
        device.entity_id: device.settings
        for device in home.devices.sensed.values()
        if device.entity_id is not None
    }
    states = await get_instance(hass).async_add_executor_job(
        _recorded, hass, begin, end, list(followed)
    )
    sensors = home.devices.sensors()
    dwelling, zone = home.watching.house.dwelling, zone_of(hass)

    def replay() -> Replayed:
        readings = list(readings_of(states, followed, begin))
        first = min((at for at, _, _ in readings), default=None)
        start = end.timestamp() if first is None else first
        result = replay_days(
            sensors,
            readings,
            [ReplayRule(rule.identity, rule.settings)],
            span=(max(start, begin.timestamp()), end.timestamp()),
            dwelling=dwelling,
            zone=zone,
        )
        numbers = tuple(sorted({number for _, number, _ in readings}))
        standing = result.idle.get(rule.identity, Standing.WATCHING)
        past = tuple(result.past)
        return Replayed(begin, end, first, len(readings), numbers, standing, past)

    return await hass.async_add_executor_job(replay)


def _recorded(
    hass: HomeAssistant, begin: datetime, end: datetime, entity_ids: list[str]
) -> Mapping[str, Sequence[State | dict[str, Any]]]:
    if not entity_ids:
        return {}
    return get_significant_states(
        hass, begin, end, entity_ids, significant_changes_only=False, no_attributes=True
    )


def readings_of(
    states: Mapping[str, Sequence[State | dict[str, Any]]],
    followed: Mapping[str, SensorSettings],
    begin: datetime,
) -> Iterator[tuple[float, int, Reading]]:
    """Yield what recorded states say: home time, the sensor's number, the reading."""
    for entity_id, settings in followed.items():
        last: str | None = None
        for state in states.get(entity_id, ()):
            if not isinstance(state, State):
                continue
            at = max(state.last_updated, begin).timestamp()
            number = settings.sensor.number
            if settings.domain == EVENT:
                # The first is what stood at the beginning: an event of before.
                is_news = last is not None and state.state not in (last, UNAVAILABLE)
                reading = Reading.ACTIVE if is_news else read_state(EVENT, state.state)
            else:
                reading = read_state(
                    settings.domain,
                    state.state,
                    inverted=settings.inverted,
                    active_above=settings.active_above,
                )
            last = state.state if state.state != UNAVAILABLE else last
            yield at, number, reading
