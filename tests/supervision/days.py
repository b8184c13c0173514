"""Made-up days in a small home, for whatever has to live for a while."""

from random import Random
from typing import Final

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.wall import DAY, HOUR

BEDROOM: Final = Sensor(1, Role.MOTION, Location.BEDROOM)
BATHROOM: Final = Sensor(2, Role.MOTION, Location.BATHROOM)
KITCHEN: Final = Sensor(3, Role.MOTION, Location.KITCHEN)
HALL: Final = Sensor(4, Role.MOTION, Location.HALLWAY)
FRONT: Final = Sensor(5, Role.EXIT_DOOR, Location.HALLWAY)
KETTLE: Final = Sensor(6, Role.ITEM, Location.KITCHEN)
BED: Final = Sensor(7, Role.BED, Location.BEDROOM)
SENSORS: Final = (BEDROOM, BATHROOM, KITCHEN, HALL, FRONT, KETTLE, BED)


def made_up_days(begin: float, days: int, seed: int) -> list[Event]:
    """Return the events of so many days from a midnight: nights in bed, outings, some long rests."""
    rng = Random(seed)
    events: list[Event] = []

    def pulse(at: float, sensor: Sensor) -> float:
        events.append((at, sensor.number, Reading.ACTIVE))
        events.append((at + rng.uniform(1, 20), sensor.number, Reading.IDLE))
        return at + rng.uniform(20, 60)

    at = begin
    for day in range(days):
        midnight = begin + day * DAY
        at = max(at, midnight + rng.uniform(0, 6) * HOUR)
        events.append((at, BED.number, Reading.IDLE))
        at = pulse(pulse(at, BEDROOM), BATHROOM)
        at = pulse(at + rng.uniform(0, 1800), BEDROOM)
        events.append((at, BED.number, Reading.ACTIVE))
        at = max(at + 60, midnight + rng.uniform(6.5, 8) * HOUR)
        events.append((at, BED.number, Reading.IDLE))
        bedtime = midnight + rng.uniform(21, 23) * HOUR
        while at < bedtime:
            for _ in range(rng.randint(1, 12)):
                at = pulse(at, rng.choice((BATHROOM, KITCHEN, KITCHEN, HALL, KETTLE)))
            at += rng.expovariate(1 / 2400)
            if rng.random() < 0.06:
                at = pulse(pulse(at, HALL), FRONT)
                at += rng.uniform(0.2, 4) * HOUR
                at = pulse(pulse(at, FRONT), HALL)
        at = pulse(at, BEDROOM)
        events.append((at, BED.number, Reading.ACTIVE))
        at += 60
    return sorted(events)
