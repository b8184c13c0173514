"""A real Home Assistant with its frontend and a recorder that remembers days, and a browser in it."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3
from typing import Final

from simulator.municipality import Municipality
from simulator.real_home import RealHome
from simulator.testing_municipality import TOKEN
from tests.simulator.municipality.browser import Browser, browser
from tests.simulator.municipality.events import until

#: What hangs in the home: its name, role and place.
SENSORS: Final = (
    ("bed", "bed", "bedroom"),
    ("bedroom_motion", "motion", "bedroom"),
    ("kitchen_motion", "motion", "kitchen"),
    ("hall_motion", "motion", "hallway"),
)
USER: Final = "test"
PASSWORD: Final = "test-password"
#: So many nights are remembered; in the last but one the resident was up for two hours.
NIGHTS: Final = 6
MORE: Final = """
frontend:
recorder:
  commit_interval: 0
"""
RULE: Final = """
automation:
  - id: night
    alias: Night
    triggers:
      - trigger: kvarbo.alarmed
        options:
          rule: night_absence
          resident: 1
          owner: night_patrol
          suitable: true
          settings: {limit: "00:25:00"}
    actions:
      - action: kvarbo.raise_alarm
        data: {episode: "{{ trigger.episode }}"}
"""

type Row = tuple[datetime, str, str]


def up_at() -> datetime:
    """When the resident got up and was away from bed for two hours."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=1) + timedelta(hours=2, minutes=10)


def days() -> Iterable[Row]:
    """Yield what the sensors said in the last days, oldest first."""
    for night in range(NIGHTS, 0, -1):
        up = up_at() - timedelta(days=night - 1)
        bedtime = up - timedelta(hours=4)
        back = up + (timedelta(hours=2) if night == 1 else timedelta(minutes=9))
        morning = up + timedelta(hours=5)
        for hour in range(7, 0, -1):
            at = bedtime - timedelta(hours=hour)
            yield at, "hall_motion", "on"
            yield at + timedelta(seconds=30), "hall_motion", "off"
        yield bedtime, "bed", "on"
        yield up, "bed", "off"
        yield up + timedelta(minutes=2), "kitchen_motion", "on"
        yield up + timedelta(minutes=3), "kitchen_motion", "off"
        yield back, "bed", "on"
        yield morning, "bed", "off"
        yield morning + timedelta(minutes=1), "kitchen_motion", "on"
        yield morning + timedelta(minutes=2), "kitchen_motion", "off"


def remember(database: Path, rows: Iterable[Row]) -> None:
    """Write into a stopped recorder's database what it would have kept."""
    with closing(sqlite3.connect(database)) as connection:
        known = dict(connection.execute("SELECT entity_id, metadata_id FROM states_meta"))
        connection.executemany(
            "INSERT INTO states (state, metadata_id, last_updated_ts, last_changed_ts) VALUES (?, ?, ?, ?)",
            [
                (state, known[f"binary_sensor.{name}"], at.timestamp(), at.timestamp())
                for at, name, state in rows
            ],
        )
        connection.commit()


async def recorded(database: Path) -> bool:
    """Tell whether the recorder knows every sensor."""
    with closing(sqlite3.connect(database)) as connection:
        known = {row[0] for row in connection.execute("SELECT entity_id FROM states_meta")}
    return {f"binary_sensor.{name}" for name, _, _ in SENSORS} <= known


@asynccontextmanager
async def living_home(folder: Path, municipality: Municipality) -> AsyncGenerator[RealHome]:
    """Start a home that has been lived in for days, with one rule that watches."""
    async with RealHome(folder, switches=[name for name, _, _ in SENSORS], more=MORE) as home:
        await home.start(onboard=True)
        await home.add_home(municipality.url, TOKEN, with_button=False)
        for name, role, place in SENSORS:
            await add_sensor(home, name, role, place)
        await home.settings_on_disk()
        await home.stop()
        remember(home.config / "home-assistant_v2.db", days())
        with (home.config / "configuration.yaml").open("a", encoding="utf-8") as file:
            file.write(RULE)
        await home.start()
        consent = {"function": "night_absence", "resident": 1, "basis": "own"}
        await home.hass.call(
            "POST",
            "/api/services/kvarbo/give_consent?return_response",
            consent | {"taken_by": "coordinator"},
        )
        yield home


async def add_sensor(home: RealHome, name: str, role: str, place: str) -> None:
    """Tell Kvarbo of a sensor, by its own pages."""
    entity = {"entity_id": f"binary_sensor.{name}", "location": place, "resident": 0}
    await home.hass.walk(
        "subentries/flow",
        {"handler": [home.entry_id, "device"]},
        {
            "user": {"role": role},
            "heard_by": {"next_step_id": "entity"},
            "entity": entity,
            "says": {"inverted": False},
            "sensor_ready": {"next_step_id": "finish"},
        },
    )


#: The page's element, through all of Home Assistant's own.
PANEL: Final = (
    "(document.querySelector('home-assistant')?.shadowRoot"
    "?.querySelector('home-assistant-main')?.shadowRoot"
    "?.querySelector('kvarbo-panel, ha-panel-custom kvarbo-panel')?.shadowRoot)"
)


@asynccontextmanager
async def page(
    home: RealHome,
    profile: Path,
    *,
    user: str = USER,
    path: str = "replay",
    there: str = "form .main",
) -> AsyncGenerator[Browser]:
    """Open a page of the panel in a browser as somebody who logs in, and wait until `there` is on it."""
    async with browser(profile) as tab:
        await tab.open(f"{home.hass.url}/kvarbo/{path}")
        await arrive(tab, "document.querySelectorAll('input').length >= 2")
        await tab.value("document.querySelector('input').focus()")
        await tab.ask("Input.insertText", text=user)
        await tab.value("document.querySelector('input[type=password]').focus()")
        await tab.ask("Input.insertText", text=PASSWORD)
        await tab.press("Enter")
        await arrive(tab, f"{PANEL}?.querySelector('{there}')")
        yield tab


async def arrive(tab: Browser, expression: str) -> None:
    """Wait until an expression is true on a page that is still to come, in a minute at most."""

    async def there() -> bool:
        try:
            return bool(await tab.value(f"Boolean({expression})"))
        except AssertionError:  # the page before it has just gone
            return False

    await until(there, 60)


#: Every visible text of the page against what lies behind it, by WCAG 2.2, success criterion 1.4.3.
CONTRAST: Final = """
(() => {
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const colour = (text) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = text;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  const channel = (one) => { one /= 255; return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  let looked = 0;
  for (const node of PANEL.querySelectorAll("*")) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    const field = ["INPUT", "SELECT"].includes(node.tagName);
    if (!(own || field) || !node.checkVisibility() || node.closest("svg, option")) continue;
    looked += 1;
    const pair = [colour(getComputedStyle(node).color), behind(node)].map(light);
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    const what = `${node.tagName}.${node.className} ${node.textContent.slice(0, 30)}`;
    if (ratio < 4.5) poor.push(`${what}: ${ratio.toFixed(2)}`);
  }
  return looked > 20 ? poor : [`only ${looked} texts`];
})()
""".replace("PANEL", PANEL)
