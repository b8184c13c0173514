"""The home's page: what hangs on the wall, how the home stands, and what its clock says."""

from dataclasses import dataclass, field
from typing import Final

from simulator.demo.daily import DISPENSER, LIFT, LOCK
from simulator.demo.home import BED_MAT, DOOR, KITCHEN
from simulator.hass import HomeAssistant, Json

#: The page, below Home Assistant's own address.
PAGE: Final = "kvarbo-demo"
#: What shows home time on it: the demo's own, since in a real home it is the clock on the wall.
CLOCK: Final = "sensor.kvarbo_demo_clock"


@dataclass(frozen=True, slots=True)
class _Use:
    """One thing that can be done in the home: its text, its icon, the device and what is done with it."""

    text: str
    icon: str
    address: str
    does: str
    what: Json = field(default_factory=dict)


#: What the resident can do besides, over both radios.
_IN_THE_HOME: Final[tuple[_Use, ...]] = (
    _Use("lie_down", "mdi:bed", BED_MAT, "lie_down"),
    _Use("get_up", "mdi:bed-empty", BED_MAT, "get_up"),
    _Use("move", "mdi:walk", KITCHEN, "motion"),
    _Use("open", "mdi:door-open", DOOR, "open"),
    _Use("close", "mdi:door-closed", DOOR, "close"),
    _Use("unlock", "mdi:lock-open-variant", LOCK, "turn", {"locked": False}),
    _Use("lock", "mdi:lock", LOCK, "turn", {"locked": True}),
    _Use("raise_seat", "mdi:arrow-up-bold", LIFT, "raise_seat"),
    _Use("lower_seat", "mdi:arrow-down-bold", LIFT, "lower_seat"),
    _Use("due", "mdi:pill", DISPENSER, "due"),
    _Use("hand_out", "mdi:tray-arrow-down", DISPENSER, "hand_out"),
    _Use("take", "mdi:hand-extended", DISPENSER, "take"),
)


async def lay_page(hass: HomeAssistant, entities: dict[str, str], texts: dict[str, str]) -> None:
    """Lay the page that opens first; `entities` are Kvarbo's, as `kvarbo_entities` gives them."""
    button = {"type": "button", "show_state": False, "icon_height": "96px"}
    cards = [
        {
            **button,
            "name": texts["press"],
            "icon": "mdi:gesture-tap-button",
            "tap_action": _performs("press_wall_button"),
        },
        {
            **button,
            "name": texts["pull"],
            "icon": "mdi:bell-ring",
            "tap_action": _performs("pull_cord"),
        },
        {
            **button,
            "name": texts["release"],
            "icon": "mdi:bell-outline",
            "tap_action": _performs("release_cord"),
        },
    ]
    used = [_used(texts, use) for use in _IN_THE_HOME]
    shown = [
        entities[key]
        for key in (
            "sensor.answer",
            "event.answer",
            "event.alarm",
            "binary_sensor.open_alarm",
            "sensor.undelivered",
            "sensor.last_receipt",
            "binary_sensor.receiver_reached",
            "button.test",
        )
    ]
    watches = [CLOCK, entities["sensor.rules"], entities["binary_sensor.away"]]
    sections = [
        [
            {"type": "heading", "heading": texts["wall"]},
            *cards,
            {"type": "heading", "heading": texts["in_the_home"]},
            *used,
            {"type": "heading", "heading": texts["watches"]},
            {"type": "entities", "entities": watches},
        ],
        [
            {"type": "heading", "heading": texts["home"]},
            {"type": "entities", "entities": shown},
        ],
    ]
    view = {
        "title": "Kvarbo",
        "path": "home",
        "type": "sections",
        "max_columns": 2,
        "sections": [{"type": "grid", "cards": section} for section in sections],
    }
    await hass.ask(
        "lovelace/dashboards/create",
        url_path=PAGE,
        title=texts["home"],
        icon="mdi:home-heart",
        show_in_sidebar=True,
        require_admin=False,
    )
    await hass.ask(
        "lovelace/config/save", url_path=PAGE, config={"title": "Kvarbo", "views": [view]}
    )


async def show_clock(hass: HomeAssistant, name: str, home_time: str) -> None:
    """Show on the page what the clock in the home says."""
    said = {"friendly_name": name, "icon": "mdi:home-clock-outline"}
    await hass.call("POST", f"/api/states/{CLOCK}", {"state": home_time, "attributes": said})


def _performs(command: str) -> Json:
    return {"action": "perform-action", "perform_action": f"rest_command.{command}"}


def _used(texts: dict[str, str], use: _Use) -> Json:
    data: Json = {"address": use.address, "action": use.does}
    perform = "kvarbo_air.use"
    if use.address != DISPENSER:
        # By Zigbee: through the radio's control.
        perform, data = (
            "rest_command.use_at_home",
            {"ieee": use.address, "action": use.does, "what": use.what},
        )
    return {
        "type": "button",
        "show_state": False,
        "icon_height": "32px",
        "name": texts[use.text],
        "icon": use.icon,
        "grid_options": {"columns": 4, "rows": 2},
        "tap_action": {"action": "perform-action", "perform_action": perform, "data": data},
    }
