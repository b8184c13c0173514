"""The home's page: what hangs on the wall, how the home stands, and what its clock says."""

from typing import Final

from simulator.hass import HomeAssistant, Json

#: The page, below Home Assistant's own address.
PAGE: Final = "kvarbo-demo"
#: What shows home time on it: the demo's own, since in a real home it is the clock on the wall.
CLOCK: Final = "sensor.kvarbo_demo_clock"


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
