"""Setting up the demo's home as a technician does: radio, home, receiver, devices, a page."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.demo.pairing import Technician
from simulator.hass import HomeAssistant, Json, until
from simulator.living import home as living
from simulator.living.home import Area
from simulator.processes import DemoError

#: Names that a real home's Home Assistant is full of. None may ever reach the receiver, so none is a
#: word that an alarm uses, in any language.
RESIDENT_NAME: Final = "Greta Planterad"
AREA_NAME: Final = "Gretas kammare"
CONTROLLER: Final = "4711"
LABEL: Final = "Demo 4711"

WALL_BUTTON: Final = "02:00:00:00:00:00:03:01"
PULL_CORD: Final = "02:00:00:00:00:00:03:02"
MOTION: Final = "02:00:00:00:00:00:03:03"
DOOR: Final = "02:00:00:00:00:00:03:04"
BED_MAT: Final = "02:00:00:00:00:00:03:05"
KITCHEN: Final = "02:00:00:00:00:00:03:08"


@dataclass(frozen=True, slots=True)
class Sensed:
    """A sensor of the home: what plays it, and what the technician tells Kvarbo of it.

    `key` is its name in the home that lives; `resident` is 0 where it sees anybody.
    """

    key: str
    kind: str
    ieee: str
    role: str
    location: str
    resident: int = 0


def _sees(area: Area, ieee: str, location: str) -> Sensed:
    return Sensed(living.MOTION[area], "MotionSensor", ieee, "motion", location)


SENSORS: Final = (
    Sensed(living.BEDS[0], "BedMat", BED_MAT, "bed", "bedroom", 1),
    _sees(Area.BEDROOM, MOTION, "bedroom"),
    _sees(Area.ENTRY, "02:00:00:00:00:00:03:06", "hallway"),
    _sees(Area.BATHROOM, "02:00:00:00:00:00:03:07", "bathroom"),
    _sees(Area.KITCHEN, KITCHEN, "kitchen"),
    _sees(Area.LIVING_ROOM, "02:00:00:00:00:00:03:09", "living_room"),
    Sensed(living.DOOR, "DoorContact", DOOR, "exit_door", "hallway"),
)

#: What is paired here; lift and lock besides (`daily.py`).
ADDRESSES: Final = (WALL_BUTTON, PULL_CORD, *(sensor.ieee for sensor in SENSORS))
_BUTTON: Final = ("WallButton", WALL_BUTTON)
_CORD: Final = ("SosPullCord", PULL_CORD)

_CONFIGURATION: Final = """\
homeassistant:
  name: Kvarbo demo
  time_zone: {zone}
  auth_providers:
    # The demo's page opens logged in, on this machine alone.
    - type: trusted_networks
      trusted_networks: [127.0.0.1]
      allow_bypass_login: true
    - type: homeassistant
http:
  server_host: 127.0.0.1
  server_port: {port}
frontend:
api:
# What makes automations of Kvarbo's blueprints, as the pages do.
config:
automation: !include automations.yaml
# A Bluetooth air without hardware; a proxy lives in Home Assistant.
kvarbo_air:
system_health:
logger:
  default: warning
# The hand in the home: presses what hangs on the simulated wall.
rest_command:
  press_wall_button:
    url: {control}/sim/{button}/press
    method: post
    content_type: application/json
    payload: "{{}}"
  pull_cord:
    url: {control}/sim/{cord}/pull
    method: post
    content_type: application/json
    payload: "{{}}"
  release_cord:
    url: {control}/sim/{cord}/release
    method: post
    content_type: application/json
    payload: "{{}}"
  # And anything else in the home, by its address and what is done with it.
  use_at_home:
    url: "{control}/sim/{{{{ ieee }}}}/{{{{ action }}}}"
    method: post
    content_type: application/json
    payload: "{{{{ (what | default({{}})) | to_json }}}}"
"""


def write_configuration(folder: Path, component: Path, port: int, control: str, zone: str) -> None:
    """Write a Home Assistant configuration that has this Kvarbo in it; `zone` is an IANA name."""
    (folder / "custom_components").mkdir(parents=True)
    (folder / "custom_components" / "kvarbo").symlink_to(component, target_is_directory=True)
    air = Path(__file__).resolve().parents[1] / "ble" / "kvarbo_air"
    (folder / "custom_components" / "kvarbo_air").symlink_to(air, target_is_directory=True)
    text = _CONFIGURATION.format(
        port=port, control=control, button=WALL_BUTTON, cord=PULL_CORD, zone=zone
    )
    (folder / "automations.yaml").write_text("[]\n", encoding="utf-8")
    (folder / "configuration.yaml").write_text(text, encoding="utf-8")


async def set_up_radio(hass: HomeAssistant, radio: str) -> None:
    """Add ZHA by its own pages: the path of the radio, its kind, a new network."""
    form: Json = {"path": radio, "baudrate": 115200, "flow_control": "none"}
    await hass.walk(
        "flow",
        {"handler": "zha", "show_advanced_options": True},
        {
            "choose_serial_port": {"path": radio},
            "manual_pick_radio_type": {
                "radio_type": "Ziggurat = Open source host-side Zigbee stack in Rust"
            },
            "manual_port_config": form,
            "choose_setup_strategy": {"next_step_id": "setup_strategy_recommended"},
        },
    )
    await until(lambda: _is_loaded(hass, "zha"), 60, "ZHA has not loaded")


async def set_up_home(hass: HomeAssistant, scaip: Json, rest: Json, advanced: Json) -> str:
    """Add the home and its two receivers by Kvarbo's own pages; return the entry's id.

    `scaip` and `rest` are what is typed into each receiver's first form, and `advanced` what both
    second forms ask for: the authority to trust.
    """
    made = await hass.walk(
        "flow",
        {"handler": "kvarbo", "show_advanced_options": False},
        {"user": {"controller": CONTROLLER, "label": LABEL, "demo": True}},
    )
    entry_id = str(made["result"]["entry_id"])
    await until(lambda: _is_loaded(hass, "kvarbo"), 30, "Kvarbo has not loaded")
    # The page goes on by itself to the first receiver; so do we.
    following = made.get("next_flow")
    start: Json | str = str(following[1]) if following else {"handler": [entry_id, "receiver"]}
    by_profile = {"transport": "profile", "registers": "profile", "local_port": 0}
    await hass.walk(
        "subentries/flow",
        start,
        {
            "user": {"next_step_id": "scaip"},
            "scaip": {**scaip, "advanced": True},
            "scaip_advanced": {**advanced, **by_profile, "order": 1},
            "proved": {},
        },
    )
    await hass.walk(
        "subentries/flow",
        {"handler": [entry_id, "receiver"]},
        {
            "user": {"next_step_id": "rest"},
            "rest": {**rest, "advanced": True},
            "advanced": {**advanced, "order": 2},
            "proved": {},
        },
    )
    return entry_id


async def add_help_buttons(technician: Technician) -> dict[str, str]:
    """Pair the wall button and the pull cord as help buttons; return the cord's entity id by its address."""
    by_the_bed = {"location": "bedroom", "resident": 1}
    await technician.pair(_BUTTON, "help_button", by_the_bed)
    in_the_bath = {"location": "bathroom", "resident": 1}
    return {PULL_CORD: await technician.pair(_CORD, "help_button", in_the_bath)}


async def name_things(hass: HomeAssistant) -> None:
    """Give the home names, as every home has: an area and a device called after the resident."""
    area = await hass.ask("config/area_registry/create", name=AREA_NAME)
    await hass.ask(
        "config/device_registry/update",
        device_id=await _device_id(hass, WALL_BUTTON),
        area_id=area["area_id"],
        name_by_user=f"Knapp {RESIDENT_NAME}",
    )


async def add_sensors(technician: Technician) -> dict[str, str]:
    """Pair each sensor for its role; return their entity ids by address."""
    return {
        sensor.ieee: await technician.pair(
            (sensor.kind, sensor.ieee),
            sensor.role,
            {"location": sensor.location, "resident": sensor.resident},
        )
        for sensor in SENSORS
    }


async def kvarbo_entities(hass: HomeAssistant, entry_id: str) -> dict[str, str]:
    """Return Kvarbo's entity ids by domain and the home's part of their unique id."""
    entities: dict[str, str] = {}
    start = f"{entry_id}_"
    for entity in await hass.ask("config/entity_registry/list"):
        unique, entity_id = str(entity["unique_id"]), str(entity["entity_id"])
        if entity["platform"] == "kvarbo" and unique.startswith(start):
            entities[f"{entity_id.partition('.')[0]}.{unique[len(start) :]}"] = entity_id
    return entities


async def _is_loaded(hass: HomeAssistant, domain: str) -> bool:
    entries = await hass.call("GET", "/api/config/config_entries/entry")
    return any(e["domain"] == domain and e["state"] == "loaded" for e in entries)


async def _device_id(hass: HomeAssistant, ieee: str) -> str:
    for device in await hass.ask("zha/devices"):
        if device["ieee"] == ieee:
            return str(device["device_reg_id"])
    raise DemoError(f"ZHA does not know {ieee}.")
