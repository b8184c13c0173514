"""A night in the demo's home: the resident gets up and does not come back, and is found.

Home time runs at speed meanwhile; the radio, the disk and the way to the municipality do not. The
resident's life is the scene of that name in `simulator.living`, and what ends it is made here: it
depends on when the operator has answered.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import aiohttp

from simulator.demo.home import BED_MAT, DOOR, SENSORS
from simulator.demo.home_time import HomeTime
from simulator.demo.rule import LIMIT
from simulator.hass import Json, until
from simulator.living import Life, Scene, play
from simulator.living.changes import Detour
from simulator.living.driver import Driver, PlayError
from simulator.living.home import Area
from simulator.living.inhabitants import MINUTE
from simulator.living.plan import Doing
from simulator.living.sensed import Activity
from simulator.processes import DemoError

SCENE: Final = "up at 02:10 and not back"
_SEED: Final = 7
#: The night is that to the second day of the life; one more is there since scenes want it.
_DAYS: Final = 3
_NIGHT: Final = 1
#: In bed before the scene for longer than the rule asks for, seconds.
ASLEEP: Final = 20 * MINUTE
#: From the answer until somebody is at the door, and until the resident is helped up, seconds.
ON_THE_WAY: Final = 9 * MINUTE
VISIT: Final = 6 * MINUTE
#: Home seconds a second: where nothing happens, where somebody moves, and where an alarm is due, so
#: that its way does not seem long.
FAST: Final = 300.0
MOVING: Final = 60.0
SLOW: Final = 20.0
#: Slow down so long before something is due, and stay so long after it, home seconds.
_EARLY: Final = 60.0
_AFTER: Final = 5 * MINUTE
#: By then the resident lies down after the visit, home seconds.
_LIES_DOWN: Final = 10.0


def coming_night(clock: HomeTime) -> Scene:
    """Return the scene in the next night of which `ASLEEP` has not begun yet, by home time."""
    today = datetime.fromtimestamp(clock.now(), clock.zone).date()
    scene = _night_to(today, clock)
    if scene.cause - ASLEEP <= clock.now():
        scene = _night_to(today + timedelta(days=1), clock)
    return scene


def _night_to(morning: date, clock: HomeTime) -> Scene:
    first_day = morning - timedelta(days=_NIGHT)
    return play(SCENE, Life(_SEED, _DAYS, first_day, clock.zone), _NIGHT)


def found(scene: Scene, at: float) -> tuple[Life, float]:
    """Return the scene's life with help at the door at an instant, and when the resident lies down.

    Raises `ValueError` when the morning comes first, or no scene is under way by then.
    """
    life, detour = scene.life, scene.life.changes.detour
    if detour is None or not detour.doings[-1].start < at:
        raise ValueError("nobody needs to be found then")
    *before, lies = detour.doings
    back, morning = at + VISIT, life.wakes(1, _NIGHT)
    doings = (
        *before,
        replace(lies, end=at),
        Doing(at, back, Activity.HOME_CARE, Area.ENTRY),
        Doing(back, morning, Activity.SLEEPING, Area.BEDROOM),
    )
    if back >= morning:
        raise ValueError("it is morning by then")
    return life.changed(replace(life.changes, detour=Detour(doings, morning))), back


@dataclass(frozen=True, slots=True)
class Around:
    """What a night needs around it.

    `entities` are the entity ids of the sensors by address; `alarms` is that of Kvarbo's alarm
    event. `ask` asks the municipality's operator port: a path, and a body to post. `tell` takes the
    words of what has happened, by their name and with what else there is to say. `watched` makes a
    look fail when a process has ended.
    """

    clock: HomeTime
    session: aiohttp.ClientSession
    control: str
    entities: dict[str, str]
    alarms: str
    ask: Callable[[str, Json | None], Awaitable[Json]]
    tell: Callable[[str, str], None]
    watched: Callable[[Callable[[], Awaitable[Any]]], Callable[[], Awaitable[Any]]]


class Night:
    """One night, from the sleep to the all-clear."""

    def __init__(self, around: Around) -> None:
        """Nothing happens yet."""
        self._around = around
        self._clock = around.clock
        self._rooms = {around.entities[s.ieee]: s.location for s in SENSORS if s.role == "motion"}
        self._room = ""
        self._is_up = self._is_helped = False
        self._acknowledged = asyncio.Event()

    def heard(self, event: Json) -> None:
        """Take what Home Assistant's bus says of the home."""
        new, old = event["data"]["new_state"], event["data"]["old_state"]
        entity_id = event["data"]["entity_id"]
        if new is None or old is None or new["state"] == old["state"]:
            return
        if entity_id == self._around.alarms:
            self._alarm_event(new["attributes"])
        elif old["state"] in ("on", "off"):
            self._sensed(entity_id, is_on=new["state"] == "on")

    def _alarm_event(self, said: Json) -> None:
        if said.get("kind") == "night_absence":
            what = str(said["event_type"])
            if what == "acknowledged":
                self._acknowledged.set()
            if what in ("raised", "acknowledged", "cleared"):
                self._around.tell(f"night_{what}", "")

    def _sensed(self, entity_id: str, *, is_on: bool) -> None:
        entities, tell = self._around.entities, self._around.tell
        if entity_id == entities[BED_MAT]:
            # Who has not been up is not back: the demo puts the resident to bed.
            if self._is_up or not is_on:
                tell("night_in_bed" if is_on else "night_up", "")
            self._is_up = not is_on
        elif is_on and entity_id == entities[DOOR]:
            tell("night_leaves" if self._is_helped else "night_comes", "")
            self._is_helped = True
        elif is_on and not self._is_helped and (room := self._rooms.get(entity_id)):
            if room != self._room:
                tell(f"night_in_{room}", "")
            self._room = room

    async def live(self) -> None:
        """Let it pass. Raises `DemoError` when the alarm or its all-clear does not come."""
        clock, scene = self._clock, coming_night(self._clock)
        await clock.run(MOVING, skip_to=scene.cause - ASLEEP)
        self._around.tell("night_begins", "")
        try:
            await self._live(scene.life, scene.cause - _EARLY, FAST)
            await self._live(scene.life, scene.cause + _AFTER, MOVING)
            await self._live(scene.life, scene.cause + LIMIT - _EARLY, FAST)
            await clock.run(SLOW)
            alarm = await self._alarmed()
            await self._acknowledge(alarm)
            life, back = found(scene, clock.now() + ON_THE_WAY)
            await self._live(life, back - VISIT - _EARLY, FAST)
            await self._live(life, back - _EARLY, MOVING)
            await self._live(life, back + _LIES_DOWN, SLOW)
            await self._all_clear(alarm)
            await clock.run(1)
        except (PlayError, aiohttp.ClientError) as err:
            raise DemoError(f"The night could not be played. {err}") from err

    async def _live(self, life: Life, end: float, speed: float) -> None:
        around, clock = self._around, self._clock
        addresses = {sensor.key: sensor.ieee for sensor in SENSORS}
        await clock.run(speed)
        driver = Driver(around.session, around.control, addresses, speed=speed)
        await driver.play(life, clock.now(), end)
        await asyncio.sleep(clock.wait_until(end))

    async def _alarmed(self) -> Json:
        async def look() -> Json | None:
            return await self._of_night(lambda _: True)

        alarm: Json = await until(
            # The first receiver is down: the second is tried after its limit of 20 s (A4).
            self._around.watched(look),
            60,
            "the night alarm has not reached the municipality",
        )
        self._around.tell("night_received", str(alarm["reason"]))
        return alarm

    async def _acknowledge(self, alarm: Json) -> None:
        await self._around.ask(f"/operator/alarms/{alarm['alarm']}/acknowledge", {})
        self._around.tell("night_answered", "")
        try:
            async with asyncio.timeout(30):
                await self._acknowledged.wait()
        except TimeoutError:
            raise DemoError(
                "The home has not heard that somebody has taken the night alarm."
            ) from None

    async def _all_clear(self, alarm: Json) -> None:
        def is_clear(shown: Json) -> bool:
            return shown["alarm"] == alarm["alarm"] and bool(shown["cleared_at"])

        async def look() -> Json | None:
            return await self._of_night(is_clear)

        await until(
            self._around.watched(look), 40, "the all-clear has not reached the municipality"
        )
        self._around.tell("night_clear_received", "")

    async def _of_night(self, fits: Callable[[Json], bool]) -> Json | None:
        for alarm in (await self._around.ask("/operator/state", None))["alarms"]:
            if alarm["kind"] == "night_absence" and fits(alarm):
                found_one: Json = alarm
                return found_one
        return None
