"""A real Home Assistant process with Kvarbo in it, for tests and measurements: start, stop, kill.

Its help button's source is a template binary sensor that follows an input boolean, so that no radio
is needed where the radio is not the point.
"""

import asyncio
from collections.abc import Sequence
import json
import os
from pathlib import Path
import signal
from typing import Any, Final, Self

from simulator.hass import HomeAssistant, Json, until
from simulator.processes import Child, DemoError, claim_port

REPOSITORY: Final = Path(__file__).resolve().parents[1]
COMPONENT: Final = REPOSITORY / "custom_components" / "kvarbo"
CONTROLLER: Final = "4711"
#: What a press is made with, and the entity that Kvarbo listens to.
SWITCH: Final = "input_boolean.cord"
SOURCE: Final = "binary_sensor.cord"
_UP: Final = 90.0

SENSOR: Final = """\
      - unique_id: {name}
        default_entity_id: binary_sensor.{name}
        name: {name}
        state: "{{{{ is_state('input_boolean.{name}', 'on') }}}}"
"""

CONFIGURATION: Final = """\
homeassistant:
  name: Kvarbo
http:
  server_host: 127.0.0.1
  server_port: {port}
config:
api:
logger:
  default: warning
input_boolean:
  cord:
{switches}
template:
  - binary_sensor:
{sensors}"""


class RealHome:
    """One home's Home Assistant in a folder of its own; survives being killed and started again."""

    def __init__(
        self,
        folder: Path,
        *,
        switches: Sequence[str] = (),
        more: str = "",
        by: Sequence[str] = (),
    ) -> None:
        """Lay the configuration. `by` is a program that starts it, as another user or in another network.

        Each of `switches` is an input boolean, with a binary sensor of the same name that follows
        it; `more` is appended to the configuration.
        """
        self.folder = folder
        self.config = folder / "config"
        self.port = claim_port("--home-port", 0)
        self.hass = HomeAssistant(f"http://127.0.0.1:{self.port}")
        self.entry_id = ""
        self._by = by
        self._child = Child("Home Assistant", folder / "home-assistant.log")
        parts = self.config / "custom_components"
        parts.mkdir(parents=True)
        (parts / "kvarbo").symlink_to(COMPONENT, target_is_directory=True)
        text = CONFIGURATION.format(
            port=self.port,
            switches="".join(f"  {name}:\n" for name in switches),
            sensors="".join(SENSOR.format(name=name) for name in ("cord", *switches)),
        )
        text += more
        (self.config / "configuration.yaml").write_text(text, encoding="utf-8")

    async def __aenter__(self) -> Self:
        """Open a session to it; it is not started yet."""
        await self.hass.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        await self.hass.__aexit__()
        await self._child.end()

    @property
    def journal(self) -> Path:
        """The folder of the home's journal."""
        return self.config / "kvarbo" / self.entry_id

    async def start(self, *, onboard: bool = False) -> None:
        """Start the process and wait until it answers."""
        self._child = Child("Home Assistant", self.folder / "home-assistant.log")
        arguments = ["-m", "homeassistant", "--config", str(self.config), "--skip-pip"]
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        env["PYTHONPATH"] = ""
        await self._child.start(arguments, cwd=self.folder, env=env, says=False, by=self._by)

        async def up() -> bool:
            self._child.check()
            return await self.hass.is_up()

        await until(up, _UP, f"Home Assistant does not answer. {self._child.last_words()}")
        if onboard:
            await self.hass.onboard("Test", "test", "test-password", "en")
            await self.hass.keep_address()
        await until(self.is_running, _UP, "Home Assistant is not running yet")

    async def is_running(self) -> bool:
        """Tell whether it has finished starting."""
        config: Json = await self.hass.call("GET", "/api/config")
        return bool(config["state"] == "RUNNING")

    async def stop(self) -> None:
        """Stop it as a person would."""
        await self._child.end()

    @property
    def pid(self) -> int:
        """The process."""
        return self._child.pid

    async def kill(self) -> None:
        """Kill it as a power cut would: no handler runs, nothing is flushed."""
        os.kill(self._child.pid, signal.SIGKILL)
        await self._child.gone()

    def log(self) -> str:
        """Return what it has logged since it was last started."""
        return self._child.log.read_text(encoding="utf-8", errors="replace")

    async def add_home(
        self, url: str, token: str, *, ca: str | None = None, with_button: bool = True
    ) -> None:
        """Add the home, its receiver and its help button by Kvarbo's own pages."""
        made = await self.hass.walk(
            "flow",
            {"handler": "kvarbo", "show_advanced_options": False},
            {"user": {"controller": CONTROLLER, "label": "Home", "demo": True}},
        )
        self.entry_id = str(made["result"]["entry_id"])
        await self.add_receiver(url, token, ca=ca, following=made.get("next_flow"))
        if with_button:
            await self.add_button(SOURCE)
        await self.settings_on_disk()

    async def add_scaip_home(self, address: str, password: str, *, ca: str | None = None) -> None:
        """Add the home with a SCAIP receiver, and its help button, by Kvarbo's own pages."""
        start = await self._make_home()
        basic: Json = {
            "url": address,
            "username": CONTROLLER,
            "password": password,
            "takes": "alarms",
            "language": "en",
        }
        advanced: Json = {
            "transport": "profile",
            "registers": "profile",
            "heartbeat": 5,
            "order": 1,
            "local_port": 0,
        }
        if ca is not None:
            advanced["ca_certificate"] = ca
        answers = {
            "user": {"next_step_id": "scaip"},
            "scaip": {**basic, "advanced": True},
            "scaip_advanced": advanced,
            "proved": {},
        }
        await self.hass.walk("subentries/flow", start, answers)
        await self.add_button(SOURCE)

    async def _make_home(self) -> Json | str:
        """Add the home itself; return what the dialog of its first receiver begins with."""
        made = await self.hass.walk(
            "flow",
            {"handler": "kvarbo", "show_advanced_options": False},
            {"user": {"controller": CONTROLLER, "label": "Home", "demo": True}},
        )
        self.entry_id = str(made["result"]["entry_id"])
        following = made.get("next_flow")
        return str(following[1]) if following else {"handler": [self.entry_id, "receiver"]}

    async def add_mqtt_home(self, address: str, password: str) -> None:
        """Add the home with an MQTT receiver, and its help button, by Kvarbo's own pages."""
        start = await self._make_home()
        basic: Json = {
            "url": address,
            "username": CONTROLLER,
            "password": password,
            "takes": "alarms",
            "language": "en",
            "advanced": False,
        }
        answers = {"user": {"next_step_id": "mqtt"}, "mqtt": basic, "proved": {}}
        await self.hass.walk("subentries/flow", start, answers)
        await self.add_button(SOURCE)

    async def settings_on_disk(self) -> None:
        """Wait until Home Assistant has written the home's settings; it takes its time for it."""
        path = self.config / ".storage" / "core.config_entries"
        wanted = len(await self._subentries())

        async def written() -> bool:
            try:
                text = await asyncio.to_thread(path.read_text, encoding="utf-8")
            except FileNotFoundError:
                return False
            entries = json.loads(text)["data"]["entries"]
            found = [e for e in entries if e["entry_id"] == self.entry_id]
            return bool(found) and len(found[0]["subentries"]) == wanted

        await until(written, 60, "Home Assistant has not written its settings")

    async def become_live(self) -> None:
        """Be a home from before there was a choice of ways, which alone is live and may reach this machine.

        Nothing that ships makes a demo home live: its settings are changed while it does not run.
        """
        await self.stop()
        path = self.config / ".storage" / "core.config_entries"
        stored: Json = json.loads(await asyncio.to_thread(path.read_text, encoding="utf-8"))
        for entry in stored["data"]["entries"]:
            if entry["entry_id"] == self.entry_id:
                entry["data"]["demo"] = False
        await asyncio.to_thread(path.write_text, json.dumps(stored), encoding="utf-8")
        await self.start()

    async def _subentries(self) -> list[Json]:
        await self.hass.connect_if_needed()
        listed: list[Json] = await self.hass.ask(
            "config_entries/subentries/list", entry_id=self.entry_id
        )
        return listed

    async def add_receiver(
        self, url: str, token: str, *, ca: str | None = None, order: int = 1, following: Any = None
    ) -> None:
        """Add a receiver, proved by a heartbeat."""
        start: Json | str = (
            str(following[1]) if following else {"handler": [self.entry_id, "receiver"]}
        )
        basic: Json = {"url": url, "token": token, "takes": "alarms", "language": "en"}
        advanced: Json = {"heartbeat": 5, "order": order}
        if ca is not None:
            advanced["ca_certificate"] = ca
        answers = {
            "user": {"next_step_id": "rest"},
            "rest": {**basic, "advanced": True},
            "advanced": advanced,
            "proved": {},
        }
        await self.hass.walk("subentries/flow", start, answers)

    async def add_button(self, entity_id: str) -> None:
        """Tell Kvarbo that an entity is a help button."""
        await self.hass.walk(
            "subentries/flow",
            {"handler": [self.entry_id, "device"]},
            {
                "user": {"role": "help_button"},
                "heard_by": {"next_step_id": "entity"},
                "entity": {"entity_id": entity_id, "location": "bathroom", "resident": 1},
                "ready": {"next_step_id": "finish"},
            },
        )

    async def pull(self, switch: str = SWITCH) -> None:
        """Pull the cord."""
        await self._turn(switch, "turn_on")

    async def let_go(self, switch: str = SWITCH) -> None:
        """Let go of the cord."""
        await self._turn(switch, "turn_off")

    async def _turn(self, switch: str, action: str) -> None:
        await self.hass.call("POST", f"/api/services/input_boolean/{action}", {"entity_id": switch})

    async def state(self, entity_id: str) -> str:
        """Return an entity's state."""
        found: Json = await self.hass.call("GET", f"/api/states/{entity_id}")
        return str(found["state"])

    async def kvarbo_entity(self, unique: str, domain: str) -> str:
        """Return the entity id of one of the home's own entities by the end of its unique id."""
        await self.hass.connect_if_needed()
        for entity in await self.hass.ask("config/entity_registry/list"):
            entity_id = str(entity["entity_id"])
            if (
                entity["platform"] == "kvarbo"
                and entity["unique_id"] == f"{self.entry_id}_{unique}"
                and entity_id.startswith(f"{domain}.")
            ):
                return entity_id
        raise DemoError(f"Kvarbo has no {domain} {unique}")
