"""The panel in a real browser, as each role: what is there and what is not, by hand, by keyboard and by a tool."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from simulator.municipality import Municipality
from simulator.real_home import RealHome
from tests.panel.access import broken_rules, overflow, reached_by_keyboard, unfit_for_fingers
from tests.panel.living import CONTRAST, PANEL, arrive, page
from tests.panel.manned import ROLES, STRANGER, give_roles, manned_home
from tests.simulator.municipality.browser import CHROMIUM, Browser

#: One Home Assistant serves each test; it takes its time to start on a busy machine.
pytestmark = [pytest.mark.peers, pytest.mark.real_hass, pytest.mark.timeout(400)]

TABS: Final = {
    "technician": ["overview", "alarms", "devices", "installation", "chain"],
    "coordinator": ["overview", "alarms", "devices", "chain", "replay"],
    # One page needs no way between pages.
    "viewer": [],
    "display": [],
    STRANGER: [],
    "test": ["overview", "alarms", "devices", "installation", "chain", "replay"],
}
NIGHT: Final = "Up at night and not back in bed"


@pytest_asyncio.fixture
async def home(
    municipality: Municipality, tmp_path: Path, socket_enabled: None
) -> AsyncGenerator[RealHome]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: the panel was not looked at")
    async with manned_home(tmp_path / "home", municipality) as running:
        yield running
        assert "custom_components.kvarbo.panel" not in running.log()


def there(selector: str) -> str:
    return f"{PANEL}?.querySelector('{selector}')"


async def said(tab: Browser, selector: str = "main") -> str:
    return str(await tab.value(f"{there(selector)}.innerText"))


async def shows(tab: Browser, words: str, selector: str = "main") -> None:
    await tab.until(f"{there(selector)}?.innerText.includes({words!r})", 30)


async def go(tab: Browser, key: str) -> None:
    await tab.value(f"{there(f'#tab-{key}')}.click()")
    await tab.until(f"{there('nav [aria-current]')}?.id === 'tab-{key}'")
    await tab.until(f"{there('main')}?.querySelector('.card, form')", 20)


async def users(home: RealHome) -> dict[str, str]:
    await home.hass.connect_if_needed()
    return {user["name"]: user["id"] for user in await home.hass.ask("config/auth/list")}


async def test_each_role_finds_its_pages_and_no_other(home: RealHome, tmp_path: Path) -> None:
    await home.pull()
    for user, tabs in TABS.items():
        async with page(home, tmp_path / user, user=user, path="overview", there="main > *") as tab:
            await tab.until(f"{there('main')}.innerText.length > 10", 20)
            links = f"[...{PANEL}.querySelectorAll('nav a')].filter(one => one.checkVisibility())"
            assert await tab.value(f"{links}.map(one => one.id.slice(4))") == tabs, user
            text = await said(tab)
            assert (NIGHT in text) is (user in ("coordinator", "test")), user
            assert ("Pause" in text) is (user in ("coordinator", "test")), user
            if user in ("viewer", "display"):
                assert text.split() == ["This", "home", "Devices", "3", "Rules", "1"]
            if user == STRANGER:
                assert "Nothing here is for you" in text
            if tabs:
                await go(tab, "alarms")
                await shows(tab, "newest first")
                assert ("Help button 1 pressed" in await said(tab)) is (user != "technician")
            # An address of a page that one may not see leads to one's first.
            if user == "technician":
                await tab.ask("Page.navigate", url=f"{home.hass.url}/kvarbo/replay")
                await arrive(tab, f"{there('nav [aria-current]')}?.id === 'tab-overview'")
                assert not await tab.value(f"Boolean({there('form')})")
            assert await broken_rules(tab) == [], user
            assert tab.complaints == [], user


async def test_a_pause_with_an_end_is_made_and_ended_by_keyboard_and_a_refusal_is_said(
    home: RealHome, tmp_path: Path
) -> None:
    async with page(
        home, tmp_path / "p", user="coordinator", path="overview", there="#pause-hour-0"
    ) as tab:
        await tab.look(1200, 900)
        before = await reached_by_keyboard(tab)
        assert before == [
            *(f"tab-{key}" for key in TABS["coordinator"]),
            "pause-hour-0",
            "pause-morning-0",
            "pause-week-0",
        ]
        await tab.value(f"{there('#tab-replay')}.focus()")
        await tab.press("Tab")
        await tab.press("Tab")
        await tab.press("Enter")
        await shows(tab, "Paused until", ".news")
        assert "8:00 AM" in await said(tab, ".news")
        # Who paused stands where they stood; the way back is one step before.
        assert await tab.value(f"{PANEL}.activeElement.id") == "pause-morning-0"
        [state] = (await home.hass.ask("kvarbo/home"))["states"]
        assert state["paused_until"].split("T")[1].startswith("08:00:0")

        await tab.value(f"{there('#go-on-0')}.focus()")
        await tab.press("Enter")
        await shows(tab, "It watches again.", ".news")
        await tab.until(f"!{there('#go-on-0')}")
        assert await tab.value(f"Boolean({there('.groups')}.matches(':focus'))")
        [state] = (await home.hass.ask("kvarbo/home"))["states"]
        assert state["paused_until"] is None

        # Another role is given while the page is open: it is another page at once.
        ids = await users(home)
        await give_roles(home, {"technician": [ids["coordinator"]]})
        await tab.until(f"!{there('#tab-replay')}", 20)
        assert NIGHT not in await said(tab)
        assert not await tab.value(f"Boolean({there('#pause-hour-0')})")
        assert tab.complaints == []


async def test_a_refused_action_is_said_in_words(home: RealHome, tmp_path: Path) -> None:
    async with page(
        home, tmp_path / "p", user="coordinator", path="overview", there="#pause-hour-0"
    ) as tab:
        # Held up between the press and the hub, the right is gone when it comes there.
        await tab.value(
            f"""(() => {{
              const hass = {PANEL}.host.hass;
              const ask = hass.callWS;
              window.let_go = null;
              hass.callWS = async (message) => {{
                if (message.type === "call_service") await new Promise((go) => {{ window.let_go = go; }});
                return ask(message);
              }};
              {there("#pause-week-0")}.click();
            }})()"""
        )
        await tab.until("window.let_go")
        card = await tab.value(f"(window.failed = {there('.failed')}, true)")
        assert card
        await give_roles(home, {"viewer": [(await users(home))["coordinator"]]})
        await tab.value("window.let_go()")
        await tab.until("window.failed.textContent", 20)
        words = await tab.value("window.failed.textContent")
        assert words == "It did not work: Your role may not do this."
        assert (await home.hass.ask("kvarbo/home"))["states"] == []


async def test_who_installs_tests_a_button_and_sees_its_receipt(
    home: RealHome, tmp_path: Path
) -> None:
    async with page(
        home, tmp_path / "p", user="technician", path="devices", there="#test-1"
    ) as tab:
        assert await tab.value(f"{there('#test-1')}.ariaLabel") == "Test help button 1 (Bathroom)"
        await tab.value(f"{there('#test-1')}.focus()")
        await tab.press("Enter")
        await shows(tab, "Press the button now.", ".news")
        left = await said(tab, ".left")
        assert left.startswith(("2:00", "1:5"))
        await tab.until(f"{there('.left')}.innerText !== {left!r}")
        assert await broken_rules(tab) == []
        await home.pull()
        await shows(tab, "Receipt from Receiver 1", ".news")
        assert not await said(tab, ".left")
        await go(tab, "alarms")
        await shows(tab, "TEST")
        assert tab.complaints == []


async def test_the_page_is_told_of_what_happens_without_asking(
    home: RealHome, tmp_path: Path
) -> None:
    async with page(
        home, tmp_path / "p", user="coordinator", path="overview", there=".concern"
    ) as tab:
        assert f"{NIGHT} waits for a consent" in await said(tab, ".concern.rule")
        await home.hass.call(
            "POST",
            "/api/services/kvarbo/give_consent?return_response",
            {
                "function": "night_absence",
                "resident": 1,
                "basis": "own",
                "taken_by": "coordinator",
            },
        )
        await tab.until(f"!{there('.concern.rule')}", 20)
        await go(tab, "alarms")
        await shows(tab, "None so far.")
        await home.pull()
        await shows(tab, "Help call")
        await shows(tab, "Receiver 1,")
        assert tab.complaints == []


@pytest.mark.parametrize("language", ["en", "sv"])
async def test_every_page_can_be_read_and_used_by_everybody(
    home: RealHome, tmp_path: Path, language: str
) -> None:
    await home.pull()
    async with page(
        home, tmp_path / "p", user="test", path="overview", there="#pause-hour-0"
    ) as tab:
        if language == "sv":
            await tab.value("localStorage.setItem('selectedLanguage', '\"sv\"')")
            await tab.ask("Page.reload")
            await arrive(tab, f"{there('#pause-hour-0')}?.textContent === 'Pausa 1 timme'")
        for key in TABS["test"]:
            await go(tab, key)
            for dark in (False, True):
                for width in (1200, 360, 320):
                    await tab.look(width, 800, dark=dark)
                    await tab.until(f"{PANEL}.host.hasAttribute('dark') === {str(dark).lower()}")
                    where = f"{key} {width} {dark}"
                    assert await tab.value(CONTRAST.replace("> 20", "> 8")) == [], where
                    assert await overflow(tab) == 0, where
                    assert await broken_rules(tab) == [], where
                    assert await unfit_for_fingers(tab) == [], where
            reached = await reached_by_keyboard(tab)
            assert len(reached) >= len(TABS["test"]), key
            assert not [one for one in reached if "unmarked" in one], key
        assert tab.complaints == []


def test_every_role_that_can_be_given_is_looked_at() -> None:
    from custom_components.kvarbo.role import GIVEN  # noqa: PLC0415

    assert set(ROLES) == set(map(str, GIVEN))
    assert set(ROLES) <= set(TABS)
