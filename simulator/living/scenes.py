"""What a home must notice: scenes, each a life whose course changes from an instant on.

Every scene says which alarm is due and the instant of its cause, so that a test can ask each
watcher to find its own. Until the scene begins, at most an hour before its cause, the life is,
event for event, the life it was made from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from simulator.living import home
from simulator.living.changes import Changes, Detour, Swap
from simulator.living.home import Area
from simulator.living.inhabitants import HOUR, MINUTE
from simulator.living.life import Life
from simulator.living.plan import CHECK_IN, EVENING_DOSE, Doing
from simulator.living.sensed import Activity
from simulator.living.sensing import Window
from simulator.living.traces import Signal


@dataclass(frozen=True, slots=True)
class Scene:
    """A life in which something happens."""

    name: str
    life: Life
    alarm: str
    """Kind of the alarm that is due, by its name in the alarm chain."""
    cause: float
    """When its cause began, epoch seconds."""
    device: str | None = None
    """The device that it is about, if about one."""

    @property
    def begins(self) -> float:
        """From when on the life may differ from the one it was made from, epoch seconds."""
        detour = self.life.changes.detour
        return min(self.cause, detour.start) if detour else self.cause


type Maker = Callable[[Life, int], Scene]
_NIGHT: Final = 1.5
"""Local hour before which a scene of the night takes over; by then the resident is in bed."""


def play(name: str, life: Life, day: int) -> Scene:
    """Let a scene happen.

    Args:
        name: One of `SCENES`.
        life: A plain life of one resident.
        day: When, counted from 0; the night to this day's morning is its night. From 1 to the
            last but one, so that there is a before and an after.

    Raises:
        ValueError: No such scene, or the life has no place for it.

    """
    if name not in SCENES:
        raise ValueError(f"no such scene: {name}; there are: {', '.join(SCENES)}")
    if life.inhabitants.residents > 1:
        raise ValueError("scenes are of somebody living alone")
    if life.changes != Changes():
        raise ValueError("a life has one scene at most")
    if not 1 <= day < life.days - 1:
        raise ValueError(f"a scene needs a day before it and after it: 1 to {life.days - 2}")
    return replace(SCENES[name](life, day), name=name)


# -- pieces


def _steps(start: float, *steps: tuple[Activity, Area, float]) -> tuple[Doing, ...]:
    """Doings one after the other from an instant: (what, where, seconds)."""
    doings = []
    for activity, area, seconds in steps:
        doings.append(Doing(start, start + seconds, activity, area))
        start += seconds
    return tuple(doings)


def _for_good(life: Life, doings: tuple[Doing, ...]) -> Life:
    """The life without a way back: the last doing lasts until its end."""
    last = replace(doings[-1], end=max(doings[-1].end, life.end))
    return life.changed(Changes(detour=Detour((*doings[:-1], last), last.end)))


def _and_back(
    life: Life, doings: tuple[Doing, ...], meanwhile: Activity, uses: tuple[Signal, ...] = ()
) -> Life:
    """The life with something between, then the plan again where it is calm."""
    resume = life.calm(doings[-1].end + MINUTE).start
    filled = (*doings, Doing(doings[-1].end, resume, meanwhile, Area.LIVING_ROOM))
    return life.changed(Changes(detour=Detour(filled, resume), uses=uses))


def _in_bed(life: Life, day: int, until: float) -> Doing:
    """Lie in bed from half past one until an instant."""
    start = life.clock(day, _NIGHT)
    return Doing(start, until, Activity.SLEEPING, Area.BEDROOM)


# -- scenes of the night


def _up_and_not_back(life: Life, day: int) -> Scene:
    up = life.clock(day, 2 + 10 / 60)
    there = _steps(
        up, (Activity.BED_TO_TOILET, Area.BATHROOM, 180), (Activity.FALLEN, Area.ENTRY, HOUR)
    )
    return Scene("", _for_good(life, (_in_bed(life, day, up), *there)), "night_absence", up)


def _does_not_get_up(life: Life, day: int) -> Scene:
    cause = life.wakes(1, day)
    stays = Doing(cause, cause + HOUR, Activity.SLEEPING, Area.BEDROOM)
    return Scene("", _for_good(life, (stays,)), "not_up", cause)


def _leaves_at_night(life: Life, day: int) -> Scene:
    up = life.clock(day, 2.6)
    out = _steps(
        up,
        (Activity.DRESS, Area.BEDROOM, 150),
        (Activity.LEAVE_HOME, Area.ENTRY, 45),
        (Activity.AWAY, Area.ENTRY, HOUR),
    )
    cause = out[-1].start
    return Scene("", _for_good(life, (_in_bed(life, day, up), *out)), "left_home", cause, home.DOOR)


def _roams_at_night(life: Life, day: int) -> Scene:
    up = life.clock(day, 2.25)
    roams = _steps(up, (Activity.ROAMING, Area.ENTRY, 70 * MINUTE))
    back = Doing(roams[-1].end, life.wakes(1, day), Activity.SLEEPING, Area.BEDROOM)
    detour = Detour((_in_bed(life, day, up), *roams, back), back.end)
    return Scene("", life.changed(Changes(detour=detour)), "roaming", up)


def _bed_empty_all_night(life: Life, day: int) -> Scene:
    evening = life.calm(life.clock(day - 1, 20.5)).start
    chair = Doing(evening, life.wakes(1, day), Activity.SLEEP_OUT_OF_BED, Area.LIVING_ROOM)
    changed = life.changed(Changes(detour=Detour((chair,), chair.end)))
    return Scene("", changed, "bed_empty", evening, home.BEDS[0])


# -- scenes of the day


def _falls_after_visit(life: Life, day: int) -> Scene:
    visit = _steps(
        life.calm(life.clock(day, 18.5)).start,
        (Activity.HOME_CARE, Area.ENTRY, 22 * MINUTE),
        (Activity.HOUSEKEEPING, Area.ENTRY, MINUTE),
        (Activity.FALLEN, Area.ENTRY, HOUR),
    )
    return Scene("", _for_good(life, visit), "inactivity", visit[-1].start)


def _falls_in_living_room(life: Life, day: int) -> Scene:
    falls = _steps(
        life.calm(life.clock(day, 10)).start,
        (Activity.HOUSEKEEPING, Area.LIVING_ROOM, 4 * MINUTE),
        (Activity.FALLEN, Area.LIVING_ROOM, HOUR),
    )
    return Scene("", _for_good(life, falls), "inactivity", falls[-1].start)


def _does_not_return(life: Life, day: int) -> Scene:
    out = _steps(
        life.calm(life.clock(day, 13)).start,
        (Activity.LEAVE_HOME, Area.ENTRY, 50),
        (Activity.AWAY, Area.ENTRY, HOUR),
    )
    return Scene("", _for_good(life, out), "not_returned", out[-1].start, home.DOOR)


def _long_bathroom_stay(life: Life, day: int) -> Scene:
    stay = _steps(
        life.calm(life.clock(day, 17)).start,
        (Activity.TOILET, Area.BATHROOM, 150),
        (Activity.FALLEN, Area.BATHROOM, HOUR),
    )
    return Scene("", _for_good(life, stay), "bathroom_stay", stay[0].start)


def _door_left_open(life: Life, day: int) -> Scene:
    out = _steps(
        life.calm(life.clock(day, 13.5)).start,
        (Activity.STEP_OUT, Area.ENTRY, 4 * MINUTE),
        (Activity.WATCH_TV, Area.LIVING_ROOM, 2.5 * HOUR),
    )
    # The resident comes in, and the door is not pulled to.
    opened = out[0].end - 8
    life = _and_back(life, out, Activity.READ, (Signal(opened, opened + 2.5 * HOUR, home.DOOR),))
    return Scene("", life, "door_open", opened, home.DOOR)


def _lift_left_raised(life: Life, day: int) -> Scene:
    visit = _steps(
        life.calm(life.clock(day, 10)).start, (Activity.TOILET, Area.BATHROOM, 4 * MINUTE)
    )
    raised = visit[0].end - 60
    life = _and_back(life, visit, Activity.READ, (Signal(raised, raised + 6 * HOUR, home.LIFT),))
    return Scene("", life, "lift_stopped", raised, home.LIFT)


def _heat_left_on(life: Life, day: int) -> Scene:
    cooks = _steps(
        life.calm(life.clock(day, 13)).start, (Activity.COOK_LUNCH, Area.KITCHEN, 15 * MINUTE)
    )
    on = cooks[0].start + 3 * MINUTE
    life = _and_back(life, cooks, Activity.WATCH_TV, (Signal(on, on + 5 * HOUR, home.STOVE),))
    return Scene("", life, "heat_left_on", on, home.STOVE)


def _water_on_the_floor(life: Life, day: int) -> Scene:
    leak = home.LEAKS[Area.BATHROOM]
    wet = life.clock(day, 11.25)
    changes = Changes(uses=(Signal(wet, wet + 12 * HOUR, leak),))
    return Scene("", life.changed(changes), "flood", wet, leak)


def _smoke_in_the_kitchen(life: Life, day: int) -> Scene:
    burnt = life.clock(day, 17.5)
    changes = Changes(uses=(Signal(burnt, burnt + HOUR / 4, home.SMOKE),))
    return Scene("", life.changed(changes), "smoke", burnt, home.SMOKE)


# -- what is not done


def _medicine_missed(life: Life, day: int) -> Scene:
    due = life.clock(day, EVENING_DOSE)
    swap = Swap(Activity.EVENING_MEDS, Activity.WASH_DISHES, due, due + 8 * HOUR)
    return Scene("", life.changed(Changes(swaps=(swap,))), "medicine_missed", due, home.MEDICINE)


def _check_in_missed(life: Life, day: int) -> Scene:
    due = life.clock(day, CHECK_IN)
    swap = Swap(Activity.CHECK_IN, Activity.WASH_DISHES, due, due + 12 * HOUR)
    return Scene("", life.changed(Changes(swaps=(swap,))), "check_in_missed", due, home.BUTTON)


# -- devices


def _sensor_dies(life: Life, day: int) -> Scene:
    at, device = life.clock(day, 15.2), home.MOTION[Area.KITCHEN]
    sensing = replace(life.sensing, outages=(*life.sensing.outages, Window(device, at)))
    return Scene("", life.with_sensing(sensing), "device_silent", at, device)


def _dispenser_unplugged(life: Life, day: int) -> Scene:
    at = life.clock(day, 10.5)
    return Scene("", life.changed(Changes(unplugged=at)), "mains_lost", at, home.MAINS)


def _sensor_turned_away(life: Life, day: int) -> Scene:
    at, device = life.clock(day, 9.4), home.MOTION[Area.KITCHEN]
    sensing = replace(life.sensing, blind=(*life.sensing.blind, Window(device, at)))
    return Scene("", life.with_sensing(sensing), "device_blind", at, device)


def _sticky_contact(life: Life, day: int) -> Scene:
    """The resident steps out and in; the contact of the shut door goes on saying "open"."""
    at = life.calm(life.clock(day, 14)).start
    out = _steps(at, (Activity.STEP_OUT, Area.ENTRY, 4 * MINUTE))
    life = _and_back(life, out, Activity.READ)
    stuck = Window(home.DOOR, out[0].end - 20, out[0].end + 5 * HOUR)
    sensing = replace(life.sensing, sticky=(*life.sensing.sticky, stuck))
    return Scene("", life.with_sensing(sensing), "device_fault", out[0].end - 8, home.DOOR)


SCENES: Final[Mapping[str, Maker]] = {
    "up at 02:10 and not back": _up_and_not_back,
    "does not get up": _does_not_get_up,
    "leaves at night": _leaves_at_night,
    "roams at night": _roams_at_night,
    "bed empty all night": _bed_empty_all_night,
    "falls behind the closing door after staff have left": _falls_after_visit,
    "falls in the living room": _falls_in_living_room,
    "leaves and does not return": _does_not_return,
    "long bathroom stay": _long_bathroom_stay,
    "door left open": _door_left_open,
    "lift left raised": _lift_left_raised,
    "stove left on": _heat_left_on,
    "water on the floor": _water_on_the_floor,
    "smoke in the kitchen": _smoke_in_the_kitchen,
    "medicine missed": _medicine_missed,
    "check-in missed": _check_in_missed,
    "dispenser unplugged": _dispenser_unplugged,
    "sensor dies": _sensor_dies,
    "sensor turned away": _sensor_turned_away,
    "contact sticks": _sticky_contact,
}
"""Every scene by its name."""
