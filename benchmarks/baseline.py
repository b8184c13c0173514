"""What a user loses without Kvarbo, and how fast either is: stock automations beside Kvarbo in one Home Assistant.

For each kind of receiver (REST, SCAIP, MQTT) the sensors and the process are the same for both. The stock side is
`rest_command` or, at a broker, `mqtt.publish` with QoS 1; SCAIP has no stock sender and stands beside `rest_command`.
Latency is from the state change in Home Assistant to the far end's read, in turns; the losses are those that stock
Home Assistant was seen to have.

    .venv/bin/python benchmarks/baseline.py [--kinds rest scaip mqtt] [--presses 50] [--away 20] [--restarts 2]
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
import shutil
import statistics
import sys
import time
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.stock_side import BUTTONS, DOOR, HELD, Stock, configuration
from simulator.hass import Json
from simulator.municipality import Mode, Municipality
from simulator.municipality.mqtt_port import MqttOptions
from simulator.municipality.scaip_port import ScaipOptions
from simulator.real_home import CONTROLLER, REPOSITORY, RealHome

KINDS: Final = ("rest", "scaip", "mqtt")
TOKEN: Final = "token-of-the-benchmark"  # noqa: S105 - opens nothing but this receiver
PASSWORD: Final = "password-of-the-benchmark"  # noqa: S105 - as above
BURST, ROUNDS, LOST = 10, 5, 20
PAUSE: Final = 0.12
GOAL, GOAL_P99 = 1.2, 0.020
NAMES: Final = (
    "door",
    *(f"{who}_{n}" for who in ("kvarbo", "stock") for n in range(1, BUTTONS + 1)),
)


class Bench:
    """Both sides in one Home Assistant, with one kind of receiver."""

    def __init__(self, kind: str, home: RealHome, municipality: Municipality, stock: Stock) -> None:
        """Take the parts."""
        self.kind = kind
        self.home = home
        self.municipality = municipality
        self.stock = stock
        self.changed_at: dict[str, float] = {}
        self._next = 0
        self.burst_of = 0

    async def restarts(self, times: int) -> tuple[int, int]:
        """A door stands open, and Home Assistant is started anew in the middle of the wait; return what arrives."""
        got = [0, 0]
        for _ in range(times):
            doors = self._doors()
            self.stock.read_at.pop(DOOR, None)
            await self.home.pull("input_boolean.door")
            await asyncio.sleep(HELD / 3)
            await self.home.stop()
            await self.home.start()
            ends = time.monotonic() + HELD + 30
            while time.monotonic() < ends and self._doors() == doors:  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.1)
            got[0] += self._doors() > doors
            got[1] += DOOR in self.stock.read_at
            # Else the next one is counted on this one, and is no alarm of its own.
            for alarm in self.municipality.state(None)["alarms"]:
                self.municipality.close_alarm(alarm["alarm"])
            await self.home.let_go("input_boolean.door")
            await asyncio.sleep(2)
        return got[0], got[1]

    def _doors(self) -> int:
        alarms = self.municipality.state(None)["alarms"]
        return sum(a["kind"] == "door_open" and a["class"] == "personal" for a in alarms)

    def fresh(self, count: int) -> list[int]:
        """Return so many buttons that nobody has pressed yet."""
        self._next += count
        if self._next > BUTTONS:
            raise SystemExit("there are too few buttons")
        return list(range(self._next - count + 1, self._next + 1))

    def looked(self, event: Json) -> None:
        """Note when a button's state has changed."""
        state = event["data"]["new_state"]
        if state and state["entity_id"].startswith("binary_sensor.") and state["state"] == "on":
            name = state["entity_id"].split(".")[1]
            changed = datetime.fromisoformat(state["last_changed"]).timestamp()
            self.changed_at.setdefault(name, changed)

    def arrived(self) -> set[int]:
        """Return the buttons whose alarm an operator of the municipality sees."""
        alarms = self.municipality.state(None)["alarms"]
        # The home's own buttons are numbered from 1 in the order in which they were added.
        return {int(a["device"]) for a in alarms if a["class"] == "personal"}

    async def listen(self) -> None:
        """Hear of states, also after a restart."""
        await self.home.hass.connect_if_needed()
        await self.home.hass.subscribe(self.looked, event_type="state_changed")

    async def latency(self, presses: int) -> tuple[list[float], list[float]]:
        """Press by press in turn; return seconds of Kvarbo's and of the stock automation's."""
        await self.listen()
        ours: list[float] = []
        theirs: list[float] = []
        for turn, number in enumerate(self.fresh(presses)):
            for who in ("kvarbo", "stock") if turn % 2 else ("stock", "kvarbo"):
                name = f"{who}_{number}"
                await self.home.pull(f"input_boolean.{name}")
                if who == "kvarbo":
                    before = len(self.arrived())
                    await self._until(lambda b=before: len(self.arrived()) > b)  # type: ignore[misc]
                    await self._until(lambda n=name: n in self.changed_at)  # type: ignore[misc]
                    ours.append(self._alarm_read_at() - self.changed_at[name])
                else:
                    await self._until(lambda n=number: n in self.stock.read_at)  # type: ignore[misc]
                    await self._until(lambda n=name: n in self.changed_at)  # type: ignore[misc]
                    theirs.append(self.stock.read_at[number] - self.changed_at[name])
                await asyncio.sleep(PAUSE)
        return ours, theirs

    def _alarm_read_at(self) -> float:
        alarms = self.municipality.state(None)["alarms"]
        newest = max(datetime.fromisoformat(a["received_at"]).timestamp() for a in alarms)
        return float(newest)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.002)

    async def outage(self, away: float) -> tuple[int, int]:
        """The far end is down while the alarms are raised, and comes back; return what arrives of LOST."""
        numbers = self.fresh(LOST)
        await self.municipality.set_fault(Mode.DOWN)
        await self.stock.set_down(down=True)
        for number in numbers:
            await self._both(number)
            await asyncio.sleep(away / LOST)
        await self.municipality.set_fault()
        await self.stock.set_down(down=False)
        return await self._counted(numbers, 60)

    async def bursts(self) -> tuple[int, int]:
        """Ten sensors at once, some rounds; return what arrives."""
        numbers: list[int] = []
        for _ in range(min(ROUNDS, (BUTTONS - self._next) // BURST)):
            some = self.fresh(BURST)
            numbers += some
            for who in ("kvarbo", "stock"):
                names = [f"input_boolean.{who}_{n}" for n in some]
                await self.home.hass.call(
                    "POST", "/api/services/input_boolean/turn_on", {"entity_id": names}
                )
            await asyncio.sleep(1)
        self.burst_of = len(numbers)
        return await self._counted(numbers, 30)

    async def _both(self, number: int) -> None:
        for who in ("kvarbo", "stock"):
            await self.home.pull(f"input_boolean.{who}_{number}")

    async def _counted(self, numbers: list[int], within: float) -> tuple[int, int]:
        wanted = set(numbers)

        def counts() -> tuple[int, int]:
            ours = len({n + OFFSET for n in wanted} & self.arrived())
            return ours, len(wanted & self.stock.read_at.keys())

        ends = time.monotonic() + within
        while time.monotonic() < ends and counts() != (len(wanted), len(wanted)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
        return counts()


#: The harness's own button has number 1.
OFFSET: Final = 1


@asynccontextmanager
async def running(kind: str, folder: Path) -> AsyncIterator[Bench]:
    """Start everything."""
    options = ScaipOptions(users={CONTROLLER: PASSWORD}, tls=None)
    mqtt = MqttOptions(users={CONTROLLER: PASSWORD})
    stock = Stock(kind)
    await stock.start()
    await asyncio.to_thread(folder.mkdir, parents=True)
    try:
        async with (
            Municipality(token=TOKEN, scaip=options, mqtt=mqtt) as municipality,
            RealHome(folder, switches=NAMES, more=configuration(stock)) as home,
        ):
            await home.start(onboard=True)
            await set_up(kind, home, municipality, stock)
            bench = Bench(kind, home, municipality, stock)
            yield bench
    finally:
        await stock.stop()


async def set_up(kind: str, home: RealHome, municipality: Municipality, stock: Stock) -> None:
    """Add Kvarbo's home with its one receiver and all buttons, and the stock broker."""
    scaip, mqtt = municipality.scaip, municipality.mqtt
    if scaip is None or mqtt is None:
        raise SystemExit("the municipality has not all its ports")
    match kind:
        case "rest":
            await home.add_home(municipality.url, TOKEN)
        case "scaip":
            address = f"sip:larm@127.0.0.1:{scaip.ports['tcp']};transport=tcp"
            await home.add_scaip_home(address, PASSWORD)
        case _:
            await home.add_mqtt_home(mqtt.url, PASSWORD)
    if kind == "mqtt":
        broker = {
            "broker": "127.0.0.1",
            "port": stock.port,
            "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
        }
        await home.hass.walk("flow", {"handler": "mqtt"}, {"broker": broker})
    for number in range(1, BUTTONS + 1):
        await home.add_button(f"binary_sensor.kvarbo_{number}")
    door: Json = {"entity_id": "binary_sensor.door", "location": "hallway", "resident": 0}
    await home.hass.walk(
        "subentries/flow",
        {"handler": [home.entry_id, "device"]},
        {
            "user": {"role": "exit_door"},
            "heard_by": {"next_step_id": "entity"},
            "entity": door,
            "says": {"inverted": False},
            "sensor_ready": {"next_step_id": "finish"},
        },
    )
    consent = {"function": "door_open", "resident": 1, "basis": "own", "taken_by": "coordinator"}
    await home.hass.call("POST", "/api/services/kvarbo/give_consent?return_response", consent)
    await home.settings_on_disk()


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[98]


async def measure(kind: str, folder: Path, presses: int, away: float, restarts: int) -> None:
    """Measure one kind and print it."""
    beside = "mqtt.publish, QoS 1" if kind == "mqtt" else "rest_command"
    async with running(kind, folder) as bench:
        ours, theirs = await bench.latency(presses)
        print(f"{kind} beside {beside} ({presses} presses each)")
        for name, values in (("Kvarbo", ours), ("stock", theirs)):
            p50 = statistics.median(values) * 1000
            print(f"  {name:8} p50 {p50:7.2f} ms   p99 {p99(values) * 1000:7.2f} ms")
        ratio = statistics.median(ours) / statistics.median(theirs)
        met = "reached" if ratio <= GOAL and p99(ours) <= GOAL_P99 else "missed"
        print(f"  ratio of p50 {ratio:.2f}; goals {GOAL} and p99 {GOAL_P99 * 1000:.0f} ms: {met}")
        got = await bench.outage(away)
        print(
            f"  far end down for {away:.0f} s: Kvarbo {got[0]} of {LOST}, stock {got[1]} of {LOST}"
        )
        got = await bench.bursts()
        whole = bench.burst_of
        print(
            f"  ten sensors at once: Kvarbo {got[0]} of {whole}, stock {got[1]} of {whole}",
            flush=True,
        )
        if restarts:
            got = await bench.restarts(restarts)
            words = f"Kvarbo {got[0]} of {restarts}, stock {got[1]} of {restarts}"
            print(f"  restart in the middle of a wait: {words}", flush=True)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--presses", type=int, default=50)
    parser.add_argument("--away", type=float, default=20.0)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / ".bench")
    options = parser.parse_args()
    folder = options.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for kind in options.kinds:
            restarts = options.restarts if kind == options.kinds[0] else 0
            await measure(kind, folder / kind, options.presses, options.away, restarts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
