"""A life on the simulated radio: the driver's own order, and the real control API behind it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field, replace
import math
from typing import Any, override

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from simulator.control import listen
from simulator.living import Event, Inhabitants, Life, Sensing, Value, Window, play
from simulator.living.driver import Driver, PlayError, hand
from simulator.living.home import DOOR, MAINS, MOTION, Area, devices
from simulator.testing import pair, until, zha_entity
from simulator.zigbee import SimCoordinator
from simulator.zigbee.control import control_application
from simulator.zigbee.household import Household
from simulator.zigbee.kinds import KINDS, MotionSensor

LIFE = Life(21, days=3)
HALL = MOTION[Area.ENTRY]
START = LIFE.clock(1, 3)


@dataclass(frozen=True, slots=True)
class Script(Life):
    """A life whose every event is written down; frozen as a life is."""

    script: tuple[Event, ...] = field(default=())

    @override
    def events(self) -> Iterator[Event]:
        return iter(self.script)


def script(*events: tuple[float, str, Value]) -> Script:
    """Events at so many seconds after `START`."""
    return Script(
        21, days=3, script=tuple(Event(START + at, key, value) for at, key, value in events)
    )


class Wall:
    """A clock on the wall that moves when somebody sleeps, or when the radio takes its time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Radio:
    """A control API that writes down what it is asked."""

    def __init__(self, wall: Wall) -> None:
        self.wall = wall
        self.asked: list[tuple[float, str, str]] = []
        self.takes = 0.0
        self.answer: dict[str, Any] = {"heard": True}

    async def operate(self, request: web.Request) -> web.Response:
        key, action = request.match_info["ieee"], request.match_info["action"]
        self.asked.append((self.wall.now - 1000.0, key, action))
        self.wall.now += self.takes
        return web.json_response(self.answer)


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
async def radio_api(wall: Wall, socket_enabled: None) -> AsyncGenerator[tuple[Radio, str]]:
    radio = Radio(wall)
    app = web.Application()
    app.router.add_post("/sim/{ieee}/{action}", radio.operate)
    async with TestServer(app, host="127.0.0.1") as server:
        yield radio, f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def driver_at(
    wall: Wall, radio_api: tuple[Radio, str]
) -> AsyncGenerator[Callable[[float], Driver]]:
    async with aiohttp.ClientSession() as session:
        addresses = {device.key: device.key for device in LIFE.devices}

        def make(speed: float) -> Driver:
            return Driver(
                session,
                radio_api[1],
                addresses,
                speed=speed,
                clock=lambda: wall.now,
                sleep=wall.sleep,
            )

        yield make


async def test_events_come_at_their_time(
    driver_at: Callable[[float], Driver], radio_api: tuple[Radio, str]
) -> None:
    life = script((60, HALL, Value.ON), (90, DOOR, Value.OPEN), (120, HALL, Value.OFF))
    driver = driver_at(60)
    played = await driver.play(life, START)
    assert radio_api[0].asked == [
        (1.0, HALL, "motion"),
        (1.5, DOOR, "open"),
        (2.0, HALL, "clear"),
    ]
    assert (played.told, played.unheard, played.merged) == (3, 0, 0)
    assert driver.home_time == START + 120
    assert driver.played is played


async def test_it_begins_with_every_device_as_it_is(
    driver_at: Callable[[float], Driver], radio_api: tuple[Radio, str]
) -> None:
    life = script(
        (-90, "bed", Value.ON),
        (-80, HALL, Value.ON),
        (-60, HALL, Value.OFF),
        (-50, DOOR, Value.GONE),
        (10, HALL, Value.ON),
    )
    played = await driver_at(1).play(life, START)
    assert [asked[1:] for asked in radio_api[0].asked] == [
        ("bed", "lie_down"),
        (HALL, "clear"),
        (DOOR, "reach"),
        (HALL, "motion"),
    ]
    assert played.merged == 0


async def test_it_may_begin_after_the_last_event_and_end_before_it(
    driver_at: Callable[[float], Driver], radio_api: tuple[Radio, str]
) -> None:
    life = script((-60, "bed", Value.ON), (30, "bed", Value.OFF))
    await driver_at(1).play(life, START + 100)
    await driver_at(1).play(life, START, until=START + 30)
    assert [asked[1:] for asked in radio_api[0].asked] == [
        ("bed", "get_up"),
        ("bed", "lie_down"),
    ]


async def test_the_next_stretch_tells_only_what_is_new(
    driver_at: Callable[[float], Driver], radio_api: tuple[Radio, str]
) -> None:
    life = script((-60, "bed", Value.ON), (30, DOOR, Value.OPEN), (90, "bed", Value.OFF))
    driver = driver_at(1)
    await driver.play(life, START, until=START + 60)
    await driver.play(life, START + 60)
    assert [asked[1:] for asked in radio_api[0].asked] == [
        ("bed", "lie_down"),
        (DOOR, "open"),
        ("bed", "get_up"),
    ]


async def test_behind_it_tells_only_the_newest_of_each_device(
    driver_at: Callable[[float], Driver], radio_api: tuple[Radio, str]
) -> None:
    """A radio that takes 30 s for a frame gets few, and in the end the truth."""
    radio, _ = radio_api
    life = script(
        (1, "bed", Value.ON),
        *((2 + n, HALL, Value.OFF if n % 2 else Value.ON) for n in range(25)),
        (27.5, DOOR, Value.OPEN),
        (600, DOOR, Value.CLOSED),
    )
    radio.takes = 30.0
    played = await driver_at(1).play(life, START)
    assert [asked[1:] for asked in radio.asked] == [
        ("bed", "lie_down"),
        (HALL, "motion"),
        (DOOR, "open"),
        (DOOR, "close"),
    ]
    assert played.merged == 24
    assert played.told == 4
    assert 28 < played.latest < 30


async def test_what_nobody_hears_is_counted(
    driver_at: Callable[[float], Driver], radio_api: tuple[Radio, str]
) -> None:
    radio_api[0].answer = {"heard": False}
    played = await driver_at(10).play(
        script((1, "fine_button", Value.ON), (2, "fine_button", Value.OFF)), START
    )
    assert [asked[1:] for asked in radio_api[0].asked] == [("fine_button", "press")]
    assert (played.told, played.unheard) == (1, 1)


async def test_a_refusal_names_the_device(
    driver_at: Callable[[float], Driver], radio_api: tuple[Radio, str]
) -> None:
    radio_api[0].answer = {"error": {"field": "device", "message": "has joined no network yet"}}
    with pytest.raises(PlayError, match="bed: device has joined no network yet"):
        await driver_at(1).play(script((1, "bed", Value.ON)), START)


async def test_a_radio_that_is_gone_is_told(wall: Wall, socket_enabled: None) -> None:
    async with aiohttp.ClientSession() as session:
        driver = Driver(session, "http://127.0.0.1:1", {"bed": "x"}, sleep=wall.sleep)
        with pytest.raises(PlayError, match="bed: the radio did not answer"):
            await driver.play(script((-1, "bed", Value.ON)), START)


async def test_it_can_be_stopped_while_it_waits(
    radio_api: tuple[Radio, str],
) -> None:
    async with aiohttp.ClientSession() as session:
        driver = Driver(session, radio_api[1], {"bed": "bed"}, speed=1.0)
        life = script((-1, "bed", Value.ON), (3600, "bed", Value.OFF))
        task = asyncio.create_task(driver.play(life, START))
        await until(lambda: radio_api[0].asked, what="the first state")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(radio_api[0].asked) == 1


async def test_it_can_be_stopped_while_it_is_behind(
    radio_api: tuple[Radio, str],
) -> None:
    """At a speed that nothing can follow it never waits, and yet others get their turn."""
    async with aiohttp.ClientSession() as session:
        driver = Driver(
            session,
            radio_api[1],
            {DOOR: DOOR, HALL: HALL},
            speed=1e12,
            clock=iter(range(0, 10**9, 100)).__next__,
        )
        task = asyncio.create_task(driver.play(replace(LIFE, days=300), START))
        await until(lambda: driver.played.merged > 20, what="a backlog")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert driver.played.told <= 4


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_home_time_runs_forward(driver_at: Callable[[float], Driver], speed: float) -> None:
    with pytest.raises(ValueError, match="forward"):
        driver_at(speed)


@pytest.mark.parametrize("start", [LIFE.start - 1, LIFE.end])
async def test_it_begins_within_the_life(
    driver_at: Callable[[float], Driver], start: float
) -> None:
    with pytest.raises(ValueError, match="does not hold"):
        await driver_at(1).play(LIFE, start)


def test_every_device_can_be_worked_as_its_kind_allows() -> None:
    for device in devices(residents=2, robot_vacuum=True):
        kind = KINDS[device.zigbee]
        for active in (True, False):
            done = hand(device, device.says(active=active))
            if done is None:
                assert (device.zigbee, active) == ("WallButton", False)
                continue
            action, body = done
            assert kind.actions[action](body) is not None
        assert hand(device, Value.GONE) == ("reach", {"on": False})
        assert hand(device, Value.BACK) == ("reach", {"on": True})


async def test_a_night_on_the_real_control_api(radio: SimCoordinator) -> None:
    """Every device of the home joins the radio; a scene is played; each ends as it should."""
    radio.started = True
    radio.permit_joins(60)
    home = Household(radio)
    await home.open()
    scene = play("up at 02:10 and not back", LIFE, 1)
    dead = Window("motion_kitchen", scene.cause, math.inf)
    life = replace(scene.life, inhabitants=Inhabitants(robot_vacuum=True))
    life = life.with_sensing(Sensing(outages=(dead,)))
    addresses = {}
    for device in life.devices:
        joined = home.add(device.zigbee)
        addresses[device.key] = str(joined.ieee)
        home.pair(joined)
    await until(lambda: len(radio.devices) == len(addresses), what="all to join")
    runner, port = await listen(control_application(home), 0)
    try:
        async with aiohttp.ClientSession() as session:
            driver = Driver(session, f"http://127.0.0.1:{port}", addresses, speed=20_000)
            at_two = await driver.play(life, life.clock(1, 2), until=scene.cause)
            assert home.devices[addresses["bed"]].show()["alarm"] is True
            assert home.devices[addresses[MAINS]].show()["watts"] == 4
            before = at_two.told
            played = await driver.play(life, life.clock(1, 2), until=life.clock(1, 4))
    finally:
        await runner.cleanup()
        await home.close()
    assert played.told > before
    # No host listens, but a plug that draws what it drew sends nothing, and reach is no frame.
    assert 0 < played.unheard < played.told
    assert home.devices[addresses["bed"]].show()["alarm"] is False
    assert home.devices[addresses["motion_kitchen"]].reachable is False


async def test_home_assistant_sees_what_happens(
    hass: HomeAssistant, zha: ConfigEntry, radio: SimCoordinator
) -> None:
    sensor = MotionSensor("02:00:00:00:00:00:00:01")
    await pair(hass, radio, sensor)
    home = Household(radio)
    home.devices[str(sensor.ieee)] = sensor
    entity = await until(lambda: zha_entity(hass, sensor, "binary_sensor"), what="an entity")
    runner, port = await listen(control_application(home), 0)
    try:
        async with aiohttp.ClientSession() as session:
            driver = Driver(
                session, f"http://127.0.0.1:{port}", {HALL: str(sensor.ieee)}, speed=1000
            )
            for value, state in ((Value.ON, "on"), (Value.OFF, "off")):
                await driver.play(script((5, HALL, value)), START)
                await until(
                    lambda: hass.states.get(entity).state == state,  # type: ignore[union-attr]  # noqa: B023
                    what=state,
                )
            assert (driver.played.told, driver.played.unheard) == (2, 0)
    finally:
        await runner.cleanup()
