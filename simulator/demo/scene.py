"""The scene: everything started, one press, one night, one operator, and the pages left open."""

import argparse
import asyncio
import contextlib
import os
from pathlib import Path
import secrets
import time
from typing import Any, Final
from zoneinfo import ZoneInfo

import aiohttp

from simulator.demo import home
from simulator.demo.check import faults_of, planted_words
from simulator.demo.daily import (
    RELOCKING,
    add_dispenser,
    add_lift,
    add_lock,
    is_locked_again,
    use_them,
)
from simulator.demo.home_time import HomeTime, local_zone
from simulator.demo.night import Around, Night
from simulator.demo.page import PAGE, lay_page, show_clock
from simulator.demo.pairing import Technician
from simulator.demo.rule import turn_on_night_rule
from simulator.demo.texts import TEXTS
from simulator.demo.timeline import Timeline
from simulator.hass import HomeAssistant, Json, until
from simulator.processes import Child, DemoError, Folder, claim_port

REPOSITORY: Final = Path(__file__).resolve().parents[2]


class Scene:
    """One run of the demo."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Claim the folder and the ports. Raises `DemoError` when one cannot be had."""
        self.options = options
        self.texts = TEXTS[options.language]
        self.timeline = Timeline()
        self._home_port = claim_port("--home-port", options.home_port)
        self._operator_port = claim_port("--operator-port", options.operator_port)
        self._folder = Folder(options.folder.resolve())
        self.played = False
        self._began = time.monotonic()
        self._children: list[Child] = []
        self._session: aiohttp.ClientSession | None = None
        self._operator = ""
        self._control = ""
        self._zone = local_zone()
        self._showing: asyncio.Task[None] | None = None

    def say(self, words: str) -> None:
        """Tell the person at the terminal, with the seconds since the start."""
        print(f"{time.monotonic() - self._began:6.1f} s  {words}", flush=True)

    async def run(self) -> int:
        """Play the scene; return the exit code."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            self._session = session
            try:
                async with HomeAssistant(f"http://127.0.0.1:{self._home_port}") as hass:
                    try:
                        return await self._play(hass)
                    finally:
                        await self._show_no_more()
            finally:
                self.say(self.texts["ending"])
                for child in reversed(self._children):
                    await child.end()
                self._folder.close()

    async def _play(self, hass: HomeAssistant) -> int:
        municipality, radio = await self._start()
        await until(self._watching(hass.is_up), 120, "Home Assistant does not answer")
        self.say(self.texts["onboarding"])
        await hass.onboard(home.RESIDENT_NAME, "demo", secrets.token_hex(12), self.options.language)
        await hass.keep_address()
        self.say(self.texts["radio"])
        await home.set_up_radio(hass, radio["radio"])
        self.say(self.texts["receiver"])
        entry_id = await home.set_up_home(hass, *self._receivers(municipality))
        self.say(self.texts["pairing"])
        technician = Technician(hass, entry_id, self._at_home, self._radio)
        sensors = await home.add_help_buttons(technician)
        await home.name_things(hass)
        sensors |= await home.add_sensors(technician)
        sensors |= await add_lift(technician)
        await add_lock(technician)
        await add_dispenser(hass, entry_id)
        entities = await home.kvarbo_entities(hass, entry_id)
        clock = HomeTime(hass, ZoneInfo(self._zone))
        self._showing = asyncio.create_task(self._show(hass, clock))
        await lay_page(hass, entities, self.texts)
        await self._live_a_little(hass, sensors)
        await use_them(hass, self._at_home)
        self.say(self.texts["used"])
        # Not as fast as the night: a bolt takes its own time, and one that is late is a fault.
        await clock.run(RELOCKING)
        await is_locked_again(hass)
        await clock.run(1)
        self.say(self.texts["locked_again"])
        await self._press_and_acknowledge(hass, entities)
        for line in ["", *self.timeline.lines(self.texts), ""]:
            print(line, flush=True)
        self.say(self.texts["rule"])
        await turn_on_night_rule(
            hass,
            entry_id,
            self.options.language,
            self.texts["rule_name"],
            entities["sensor.rules"],
        )
        self.say(self.texts["by_blueprint"])
        await self._scaip(down=True)
        await self._pass_a_night(hass, clock, sensors, entities)
        await self._scaip(down=False)
        if self.options.once:
            return await self._judge([*sensors.values(), *entities.values()])
        self.played = True
        print(f"{self.texts['page_home']} {hass.url}/{PAGE}", flush=True)
        print(f"{self.texts['page_operator']} {self._operator}/", flush=True)
        self.say(self.texts["pages"])
        while True:
            await asyncio.sleep(1)
            for child in self._children:
                child.check()

    # -- the parts -----------------------------------------------------------------------------

    async def _start(self) -> tuple[Json, Json]:
        self.say(self.texts["starting"])
        folder = self._folder.path
        token = folder / "token"
        token.write_text(secrets.token_urlsafe(24), encoding="utf-8")
        token.chmod(0o600)
        units = folder / "units"
        units.write_text(f"{home.CONTROLLER}:{secrets.token_urlsafe(18)}\n", encoding="utf-8")
        units.chmod(0o600)
        radio = await self._child(
            "radio", ["-m", "simulator.zigbee", "--port", "0", "--control-port", "0"]
        )
        self._control = radio["control"]
        municipality = await self._child(
            "municipality",
            [
                *("-m", "simulator.municipality", "--token-file", str(token)),
                *("--operator-port", str(self._operator_port)),
                *("--tls", str(folder / "municipality"), "--buttons", self._control),
                *("--keep", str(folder / "received.jsonl")),
                *("--scaip-users", str(units), "--scaip-answers", "separate"),
            ],
        )
        self._operator = municipality["operator_url"]
        config = folder / "config"
        component = REPOSITORY / "custom_components" / "kvarbo"
        home.write_configuration(config, component, self._home_port, self._control, self._zone)
        hass = Child("Home Assistant", folder / "home-assistant.log")
        self._children.append(hass)
        arguments = ["-m", "homeassistant", "--config", str(config), "--skip-pip"]
        await hass.start(arguments, cwd=folder, env=self._environment(), says=False)
        return municipality, radio

    async def _child(self, name: str, arguments: list[str]) -> Json:
        child = Child(name, self._folder.path / f"{name}.log")
        self._children.append(child)
        return await child.start(arguments, cwd=REPOSITORY, env=self._environment(), says=True)

    @staticmethod
    def _environment() -> dict[str, str]:
        # A home has no registry, no proxy and no colours; what is left is what any user has.
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "COVERAGE_PROCESS_START")
        return {name: os.environ[name] for name in kept if name in os.environ}

    def _receivers(self, municipality: Json) -> tuple[Json, Json, Json]:
        """Return what the technician types: of SCAIP, of REST, and into both second forms."""
        token = (self._folder.path / "token").read_text(encoding="utf-8")
        units = (self._folder.path / "units").read_text(encoding="utf-8")
        ca = Path(municipality["ca"]).read_text(encoding="utf-8")
        both = {"takes": "alarms", "language": self.options.language}
        scaip = {
            "url": f"localhost:{municipality['scaip_ports']['tls']}",
            "username": home.CONTROLLER,
            "password": units.partition(":")[2].strip(),
            **both,
        }
        rest = {"url": municipality["alarm_url"], "token": token, **both}
        return scaip, rest, {"heartbeat": 5, "ca_certificate": ca}

    def _watching(self, look: Any) -> Any:
        async def watched() -> Any:
            for child in self._children:
                child.check()
            return await look()

        return watched

    # -- the story -----------------------------------------------------------------------------

    async def _live_a_little(self, hass: HomeAssistant, sensors: dict[str, str]) -> None:
        """Let the resident move about, so that there is something that must not leave the home."""
        for ieee, action in (
            (home.BED_MAT, "get_up"),
            (home.MOTION, "motion"),
            (home.DOOR, "open"),
            (home.DOOR, "close"),
        ):
            await self._at_home(f"/sim/{ieee}/{action}", {})
        motion = sensors[home.MOTION]

        async def moved() -> bool:
            state: Json = await hass.call("GET", f"/api/states/{motion}")
            return bool(state["state"] == "on")

        await until(moved, 20, "Home Assistant has not seen the motion")

    async def _scaip(self, *, down: bool) -> None:
        """Take the first receiver down, so that alarms must find the second; or let it be back."""
        fault = {"mode": "down", "by": "scaip"} if down else {"mode": "none"}
        await self._ask(f"{self._operator}/operator/faults", fault)
        self.say(self.texts["scaip_down" if down else "scaip_up"])
        if down:
            return

        async def is_told() -> bool:
            alarms = (await self._ask(f"{self._operator}/operator/state"))["alarms"]
            lost = [alarm for alarm in alarms if alarm["kind"] == "receiver_lost"]
            return bool(lost) and all(alarm["cleared_at"] for alarm in lost)

        await until(
            self._watching(is_told), 60, "the home has not told that its first receiver was lost"
        )
        self.say(self.texts["scaip_told"])

    async def _press_and_acknowledge(self, hass: HomeAssistant, entities: dict[str, str]) -> None:
        told = {entities["event.alarm"], entities["event.answer"]}
        arrived_there = asyncio.Event()

        def heard(event: Json) -> None:
            data = event["data"]
            if event["event_type"] == "zha_event" and data["device_ieee"] == home.WALL_BUTTON:
                self.timeline.note("seen", event["time_fired"])
            if event["event_type"] != "state_changed" or data["entity_id"] not in told:
                return
            kind = ((data["new_state"] or {}).get("attributes") or {}).get("event_type")
            name = {"raised": "on_disk", "arrived": "receipted"}.get(str(kind))
            if name is not None:
                self.timeline.note(name, event["time_fired"])
            if name == "receipted":
                arrived_there.set()

        await hass.subscribe(heard, event_type="zha_event")
        await hass.subscribe(heard, event_type="state_changed")
        self.timeline.note("pressed")
        await self._at_home(f"/sim/{home.WALL_BUTTON}/press", {})

        async def arrived() -> Json | None:
            alarms = (await self._ask(f"{self._operator}/operator/state"))["alarms"]
            return alarms[0] if alarms else None

        alarm: Json = await until(arrived, 30, "the alarm has not reached the municipality")
        self.timeline.note("received", alarm["received_at"])
        raw = await self._ask(f"{self._operator}/operator/raw")
        for exchange in raw["exchanges"]:
            if alarm["alarm"] in (exchange["body"] or ""):
                self.timeline.note("on_wire", exchange["at"])
                break
        where = f"{self._operator}/operator/alarms/{alarm['alarm']}/acknowledge"
        acknowledged = await self._ask(where, {})
        self.timeline.note("acknowledged", acknowledged["acknowledged_at"])
        try:
            async with asyncio.timeout(20):
                await arrived_there.wait()
        except TimeoutError:
            raise DemoError("The home has not had its receipt.") from None

    async def _pass_a_night(
        self,
        hass: HomeAssistant,
        clock: HomeTime,
        sensors: dict[str, str],
        entities: dict[str, str],
    ) -> None:
        assert self._session is not None  # noqa: S101
        self.say(self.texts["night"])
        print(flush=True)

        def tell(name: str, more: str) -> None:
            print(f"  {clock.words()}  {self.texts[name]}{more}", flush=True)

        night = Night(
            Around(
                clock=clock,
                session=self._session,
                control=self._control,
                entities=sensors,
                alarms=entities["event.alarm"],
                ask=lambda path, body: self._ask(self._operator + path, body),
                tell=tell,
                watched=self._watching,
            )
        )
        await hass.subscribe(night.heard, event_type="state_changed")
        await night.live()
        print(flush=True)

    async def _show(self, hass: HomeAssistant, clock: HomeTime) -> None:
        """Keep the home's page showing home time, as long as there is a home."""
        with contextlib.suppress(aiohttp.ClientError, DemoError):
            while True:
                speed = self.texts["speed"].format(speed=round(clock.speed))
                fast = "" if clock.speed == 1 else f" ({speed})"
                await show_clock(hass, self.texts["clock"], f"{clock.words()}{fast}")
                await asyncio.sleep(1)

    async def _show_no_more(self) -> None:
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)

    async def _judge(self, entity_ids: list[str]) -> int:
        raw = await self._ask(f"{self._operator}/operator/raw")
        state = await self._ask(f"{self._operator}/operator/state")
        faults = faults_of(raw, state, planted_words(entity_ids))
        for fault in faults:
            print(f"  - {fault}", flush=True)
        self.say(self.texts["failed" if faults else "passed"])
        return 1 if faults else 0

    async def _at_home(self, path: str, body: Json) -> Json:
        return await self._ask(self._control + path, body)

    async def _radio(self) -> Json:
        return await self._ask(f"{self._control}/sim")

    async def _ask(self, url: str, body: Json | None = None) -> Json:
        assert self._session is not None  # noqa: S101
        method = "GET" if body is None else "POST"
        async with self._session.request(method, url, json=body) as answer:
            if answer.status >= 300:  # noqa: PLR2004
                raise DemoError(f"{method} {url}: {answer.status} {(await answer.text())[:300]}")
            said: Json = await answer.json()
            return said
