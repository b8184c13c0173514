"""The page: its words apart from any browser, and all of it in a real one."""

import ast
from collections.abc import AsyncGenerator
import json
from pathlib import Path
import re
from typing import Any, Final

from aiohttp import web
import pytest

from simulator.municipality import Mode, Municipality
from simulator.testing_municipality import TOKEN
from tests.simulator.municipality import events
from tests.simulator.municipality.browser import CHROMIUM, Browser, browser
from tests.simulator.municipality.events import send

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = ROOT / "simulator" / "municipality" / "page"
KINDS: Final = ROOT / "custom_components" / "kvarbo" / "alarm" / "kinds.py"
HTML: Final = (PAGE / "index.html").read_text()
JS: Final = (PAGE / "page.js").read_text()


def table(name: str) -> dict[str, dict[str, str]]:
    found = re.search(rf"/\* {name} \*/ (.*) /\* end of {name} \*/", JS, re.DOTALL)
    assert found is not None
    words: dict[str, dict[str, str]] = json.loads(found[1])
    return words


WORDS: Final = table("words")
CODES: Final = table("codes")


@pytest.mark.parametrize("words", [WORDS, CODES], ids=["words", "codes"])
def test_both_languages_say_the_same(words: dict[str, dict[str, str]]) -> None:
    assert words["sv"].keys() == words["en"].keys()
    for key, swedish in words["sv"].items():
        english = words["en"][key]
        assert swedish.strip()
        assert english.strip()
        assert sorted(re.findall(r"\{\w+\}", swedish)) == sorted(re.findall(r"\{\w+\}", english))


def test_every_word_that_is_asked_for_is_there_and_none_is_idle() -> None:
    asked = set(re.findall(r'data-(?:word|hint)="(\w+)"', HTML))
    asked |= set(
        re.findall(r'"(\w+)"', re.sub(r"const (WORDS|CODES) = .*?;\n", "", JS, flags=re.DOTALL))
    )
    families = set(re.findall(r"`(\w+_)\$\{", JS))
    for key in WORDS["sv"]:
        assert key in asked or any(key.startswith(family) for family in families), key
    for key in set(re.findall(r'data-(?:word|hint)="(\w+)"', HTML)) | set(
        re.findall(r'\bsay\("(\w+)"', JS)
    ):
        assert key in WORDS["sv"], key


def test_every_fault_can_be_chosen_and_is_explained() -> None:
    found = re.search(r"const MODES = (\[.*?\]);", JS)
    assert found is not None
    assert json.loads(found[1]) == [mode.value for mode in Mode]
    for mode in Mode:
        assert f"mode_{mode}" in WORDS["sv"]
        assert f"about_{mode}" in WORDS["sv"]


def test_every_kind_and_place_the_home_knows_has_words() -> None:
    """Read as text, since the page and the home's code know nothing of each other."""
    tree = ast.parse(KINDS.read_text(encoding="utf-8"))
    values: dict[str, list[str]] = {
        node.name: [
            one.value.value
            for one in node.body
            if isinstance(one, ast.Assign)
            and isinstance(one.value, ast.Constant)
            and isinstance(one.value.value, str)
        ]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    assert values["AlarmKind"]
    for name in ("AlarmKind", "Location", "Role", "Owner"):
        for value in values[name]:
            assert value in CODES["sv"], value


def test_the_page_asks_nothing_of_strangers_and_runs_nothing_inline() -> None:
    css = (PAGE / "page.css").read_text()
    for text in (HTML, JS, css):
        assert not re.search(r"(?:src|href)=\"(?!/|#)|url\(|@import|//[a-z]+\.", text)
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", HTML)
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in JS


# In a real browser


class Home:
    """Stands in for the simulated Zigbee network's process."""

    def __init__(self) -> None:
        self.pressed: list[str] = []

    async def listed(self, request: web.Request) -> web.Response:
        devices = [
            {"ieee": "02:00:00:00:00:00:02:01", "kind": "WallButton", "joined": True},
            {"ieee": "02:00:00:00:00:00:02:02", "kind": "SosPullCord", "joined": True},
            {"ieee": "02:00:00:00:00:00:02:03", "kind": "BedMat", "joined": False},
            {"ieee": "02:00:00:00:00:00:02:04", "kind": "Siren", "joined": True},
        ]
        return web.json_response({"devices": devices})

    async def operate(self, request: web.Request) -> web.Response:
        self.pressed.append(request.path)
        return web.json_response({})


@pytest.fixture
async def home(socket_enabled: None) -> AsyncGenerator[tuple[Home, str]]:
    home = Home()
    app = web.Application()
    app.router.add_get("/sim", home.listed)
    app.router.add_post("/sim/{ieee}/{method}", home.operate)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield home, f"http://127.0.0.1:{site.port}"
    await runner.cleanup()


@pytest.fixture
async def page(
    home: tuple[Home, str], tmp_path: Path
) -> AsyncGenerator[tuple[Browser, Municipality, Home]]:
    """The page in a browser with several alarms and homes to show."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: the page was not looked at")
    async with Municipality(token=TOKEN, buttons=home[1]) as municipality:
        await fill(municipality)
        async with browser(tmp_path / "profile") as opened:
            await opened.open(municipality.operator_url + "/")
            await opened.until("document.querySelectorAll('#open-list .card').length === 4")
            yield opened, municipality, home[0]
            assert opened.complaints == []


EVIL: Final = "<img src=x onerror=document.title='taken'><script>alert(1)</script>"


async def fill(municipality: Municipality) -> None:
    async def post(value: dict[str, Any]) -> None:
        assert (await send(municipality.events_url, value)).json["verdict"] == "accepted"

    await post(events.beat("h1"))
    for number, hub in enumerate("ABA"):
        await post(events.beat(f"k{number}", hub, 60, source="urn:kvarbo:90210"))
    await post(events.raised("d1", 1, reason=EVIL, note="odd", durable=False))
    late = {"kind": "night_absence", "priority": 7, "delayed": True, "clock_trouble": True}
    late |= {"owner": "night_patrol", "seen_in": "hallway", "seen_at": events.TIME}
    await post(events.raised("d2", 2, **late))
    municipality.acknowledge(events.ulid(2))
    await post(events.event("d3", "alarm.cleared", events.full(2, **late, cleared_at=events.TIME)))
    await post(events.raised("d4", 3, test=True))
    technical = {"kind": "some_new_kind", "class": "technical", "priority": 3, "device": 0}
    await post(events.raised("d5", 4, demo=True, **technical))
    await post(events.raised("d6", 5))
    municipality.close_alarm(events.ulid(5))
    endless = "x" * 400
    await send(f"{municipality.url}/{endless}", endless.encode(), headers={"X-Long": endless})


CARDS: Final = "[...document.querySelectorAll('#open-list .card')]"

pages = pytest.mark.peers


@pages
async def test_alarms_stand_in_order_and_no_mark_is_missed(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, _, _ = page
    heads = await tab.value(f"{CARDS}.map((card) => card.querySelector('h3').textContent)")
    assert heads == [
        "Rop på hjälp",
        "Uppe på natten, inte tillbaka",
        "Rop på hjälp",
        "some_new_kind",
    ]
    marks = await tab.value(f"{CARDS}.map((card) => card.querySelector('.mark')?.textContent)")
    assert marks == [None, None, WORDS["sv"]["test"], WORDS["sv"]["demo"]]
    assert await tab.value("document.title") == "(3) Larmplattformen"
    text = await tab.value(f"{CARDS}[1].innerText")
    for words in (
        "48151623",
        "Badrum",
        "3 (larmknapp)",
        "Försenat",
        "Osäker klocka",
        "Faran är över",
    ):
        assert words in text
    homes = await tab.value("document.getElementById('homes-list').innerText")
    assert "Två nav i samma hem" in homes
    assert "Hörs" in homes


@pages
async def test_the_home_is_asked_for_its_door_where_a_person_has_taken_its_alarm_and_nowhere_else(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, municipality, _ = page
    alarm = municipality.ledger.alarms[events.ulid(2)]
    doors = f"{CARDS}.map((card) => !card.querySelectorAll('button')[2].hidden)"
    assert await tab.value(doors) == [False, True, False, False]
    assert alarm.door is None
    await tab.value(f"{CARDS}[1].querySelectorAll('button')[2].click()")
    await tab.until(f"{CARDS}[1].innerText.includes({json.dumps(WORDS['sv']['door_asked'])})")
    assert alarm.door == "door-1"


@pages
async def test_what_a_home_says_is_text_and_nothing_else(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, _, _ = page
    assert await tab.value("document.querySelector('.reason').textContent") == EVIL
    assert await tab.value("document.querySelectorAll('main img, main script').length") == 0
    await tab.value("document.querySelectorAll('#raw-list details').forEach((d) => d.open = true)")
    assert (
        EVIL
        in json.loads(
            await tab.value(
                "[...document.querySelectorAll('#raw-list pre')]"
                ".map((pre) => pre.textContent).find((t) => t.includes('onerror')).split('\\n\\n')[1]"
            )
        )["data"]["reason"]
    )
    assert await tab.value("document.querySelectorAll('main img, main script').length") == 0


@pages
async def test_an_alarm_is_taken_and_closed_by_keyboard_alone(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, municipality, _ = page
    for _ in range(20):
        await tab.press("Tab")
        if await tab.value("document.activeElement.textContent") == "Jag tar larmet":
            break
    await tab.press("Enter")
    await municipality.until(lambda one: one.ledger.alarms[events.ulid(1)].state == "acknowledged")
    await tab.until("document.activeElement.textContent === 'Avsluta'")
    await tab.until(f"{CARDS}[0].querySelector('.taken').textContent.includes('av en person')")
    await tab.press(" ")
    await municipality.until(lambda one: one.ledger.alarms[events.ulid(1)].state == "closed")
    await tab.until("document.querySelectorAll('#closed-list .card').length === 2")
    assert await tab.value("document.activeElement.id") == "open"


@pages
async def test_what_is_new_is_announced_once(page: tuple[Browser, Municipality, Home]) -> None:
    tab, municipality, _ = page
    assert await tab.value("document.getElementById('say-now').textContent") == ""
    await send(municipality.events_url, events.raised("n1", 9, location="kitchen"))
    await tab.until("document.getElementById('say-now').textContent.startsWith('Nytt larm: Rop')")
    assert "Kök" in await tab.value("document.getElementById('say-now').textContent")
    assert await tab.value("document.getElementById('say-now').ariaLive") == "assertive"

    update = events.full(9, note="pressed_again", presses=4)
    await send(municipality.events_url, events.event("n2", "alarm.updated", update))
    await tab.until("document.getElementById('say').textContent.startsWith('Nytt om larm')")
    await tab.until(f"{CARDS}.some((card) => card.innerText.includes('Tryckt igen'))")
    await tab.until(f"{CARDS}.some((card) => card.innerText.includes('Tryckt 4 gånger'))")

    again = events.full(9, note="repeated", occurrences=3)
    await send(municipality.events_url, events.event("n3", "alarm.updated", again))
    await tab.until(f"{CARDS}.some((card) => card.innerText.includes('Har hänt igen'))")
    await tab.until(f"{CARDS}.some((card) => card.innerText.includes('Har hänt 3 gånger'))")


@pages
async def test_who_acts_and_the_last_sign_of_life_are_shown(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, municipality, _ = page
    await tab.until(f"{CARDS}.some((card) => card.innerText.includes('nattpatrull'))")
    await tab.until(f"{CARDS}.some((card) => card.innerText.includes('Hall, '))")
    off = events.raised("n4", 10, reason="x", until=events.TIME)
    await send(municipality.events_url, off)
    await tab.until(f"{CARDS}.some((card) => card.innerText.includes(' till '))")


@pages
async def test_all_of_it_speaks_the_other_language(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, _, _ = page
    assert await tab.value("document.documentElement.lang") == "sv"
    await tab.value("document.getElementById('language').click()")
    assert await tab.value("document.documentElement.lang") == "en"
    shown = await tab.value("document.body.innerText")
    assert "Call for help" in shown
    for word in ("Öppna", "Hem ", "Larm", "Mottaget", "Prioritet", "Knapp"):
        assert word not in shown.replace(events.full()["reason"], ""), word
    await tab.ask("Page.reload")
    await tab.until("document.querySelectorAll('#open-list .card').length === 4")
    assert await tab.value("document.documentElement.lang") == "en"


@pages
async def test_a_fault_is_set_seen_and_ended(page: tuple[Browser, Municipality, Home]) -> None:
    tab, municipality, _ = page
    await tab.value(
        "(() => { const mode = document.getElementById('fault-mode'); mode.value = 'hold';"
        "mode.dispatchEvent(new Event('change'));"
        "document.getElementById('fault-value').value = '7';"
        "document.getElementById('fault-count').value = '3';"
        "document.getElementById('fault-only').value = 'alarm';"
        "document.querySelector('#fault-form button').click(); })()"
    )
    await municipality.until(lambda one: one.desk.fault.mode is Mode.HOLD)
    fault = municipality.desk.fault
    assert (fault.retry_after, fault.count, fault.only) == (7, 3, "alarm")
    await tab.until("document.getElementById('fault-words').textContent.includes('3 kvar')")
    await tab.value("document.getElementById('fault-off').click()")
    await municipality.until(lambda one: one.desk.fault.mode is Mode.NONE)
    await tab.until("document.getElementById('fault-now').hidden")


@pages
async def test_buttons_in_the_home_can_be_pressed(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, _, home = page
    await tab.until("document.querySelectorAll('#buttons-list button').length === 5")
    labels = await tab.value(
        "[...document.querySelectorAll('#buttons-list button')].map((one) => one.ariaLabel)"
    )
    assert labels[0] == "Tryck: Larmknapp på väggen"
    disabled = "[...document.querySelectorAll('#buttons-list button')].map((one) => one.disabled)"
    assert await tab.value(disabled) == [False, False, False, True, True]
    await tab.value("document.querySelector('#buttons-list button').click()")
    await tab.until("document.getElementById('say').textContent === 'Gjort: Tryck'")
    assert home.pressed == ["/sim/02:00:00:00:00:00:02:01/press"]


@pages
async def test_everything_received_can_be_searched(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, _, _ = page
    count = "document.querySelectorAll('#raw-list details').length"
    assert await tab.value(count) == 11
    await tab.value(
        "(() => { const field = document.getElementById('raw-search'); field.value = 'ONERROR';"
        "field.dispatchEvent(new Event('input')); })()"
    )
    assert await tab.value(count) == 1


@pages
async def test_the_page_says_when_the_receiver_is_gone(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, municipality, _ = page
    await municipality.stop()
    await tab.until("document.getElementById('link').textContent.startsWith('Ingen kontakt')")
    tab.complaints.clear()


#: Every visible text against what lies behind it, by WCAG 2.2, success criterion 1.4.3.
CONTRAST: Final = """
(() => {
  const channel = (one) => { one /= 255; return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const colours = (text) => [...text.matchAll(/rgba?\\(([^)]+)\\)/g)].map((m) => m[1].split(/[ ,\\/]+/).map(Number));
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const found = colours(style.backgroundImage);
      if (found.length) return found;
      const [colour] = colours(style.backgroundColor);
      if (colour && colour[3] !== 0) return [colour];
    }
    return [[255, 255, 255]];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!own || !node.checkVisibility() || node.disabled || node.closest(".unseen, .skip")) continue;
    const style = getComputedStyle(node);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const front = light(colours(style.color)[0]);
    for (const back of behind(node).map(light)) {
      const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      const what = `${node.tagName}.${node.className} ${node.textContent.slice(0, 30)}`;
      if (ratio < needed) poor.push(`${what}: ${ratio.toFixed(2)}`);
    }
  }
  return poor;
})()
"""


@pages
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_all_text_can_be_told_from_what_lies_behind_it(
    page: tuple[Browser, Municipality, Home], *, dark: bool
) -> None:
    tab, municipality, _ = page
    await municipality.set_fault(Mode.BUSY)
    await send(municipality.events_url, events.raised("c1", 8, presses=3))
    await municipality.set_fault(Mode.BUSY)
    await tab.until("!document.getElementById('fault-now').hidden")
    await tab.value("document.querySelectorAll('details').forEach((one) => one.open = true)")
    for width in (1200, 390):
        await tab.look(width, 900, dark=dark)
        assert await tab.value(CONTRAST) == []


@pages
async def test_a_phone_shows_it_without_scrolling_sideways(
    page: tuple[Browser, Municipality, Home],
) -> None:
    tab, _, _ = page
    await tab.value("document.querySelectorAll('details').forEach((one) => one.open = true)")
    for width in (1200, 390, 320):
        await tab.look(width, 800)
        wide = await tab.value("document.documentElement.scrollWidth")
        assert wide <= width
        small = await tab.value(
            "[...document.querySelectorAll('main button')].filter((one) => one.checkVisibility()"
            " && one.getBoundingClientRect().height < 44).map((one) => one.textContent)"
        )
        assert small == []
