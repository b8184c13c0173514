"""The page in a real browser, in a real Home Assistant that remembers a night."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.municipality import Municipality
from tests.panel.living import CONTRAST, PANEL, arrive, living_home, page, up_at
from tests.simulator.municipality.browser import CHROMIUM, Browser

#: Home Assistant starts twice before each, which takes its time on a busy machine.
pytestmark = [pytest.mark.peers, pytest.mark.real_hass, pytest.mark.timeout(400)]


@pytest_asyncio.fixture
async def tab(
    municipality: Municipality, tmp_path: Path, socket_enabled: None
) -> AsyncGenerator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: the page was not looked at")
    async with living_home(tmp_path / "home", municipality) as home:
        async with page(home, tmp_path / "profile") as opened:
            yield opened
            assert opened.complaints == []
        assert "custom_components.kvarbo.panel" not in home.log()


async def text(tab: Browser, selector: str) -> str:
    return str(await tab.value(f"{PANEL}.querySelector('{selector}').innerText"))


async def type_in(tab: Browser, selector: str, value: str) -> None:
    """Type into a field as a person does: what is there is overwritten."""
    await tab.value(
        f"(() => {{ const at = {PANEL}.querySelector('{selector}'); at.focus(); at.select(); }})()"
    )
    await tab.ask("Input.insertText", text=value)


async def replay(tab: Browser) -> None:
    await tab.value(f"{PANEL}.querySelector('.main').click()")


async def shows(tab: Browser, selector: str, words: str) -> None:
    await tab.until(f"{PANEL}.querySelector('{selector}')?.innerText.includes('{words}')", 20)


async def test_a_night_is_replayed_and_its_alarm_is_seen(tab: Browser) -> None:
    first = await text(tab, ".rule")
    assert "Up at night and not back in bed" in first
    assert "watches" in first
    # As the home runs it, not as it comes.
    assert await tab.value(f"{PANEL}.querySelector('#field-limit').value") == "25"

    await tab.value(f"{PANEL}.querySelector('.rule input').focus()")
    for _ in range(40):
        await tab.press("Tab")
        if await tab.value(f"{PANEL}.activeElement?.className") == "main":
            break
    await tab.press("Enter")
    await shows(tab, ".sentence", "would have alarmed once")
    assert await tab.value(f"{PANEL}.activeElement.className") == "card result"
    row = await text(tab, "tr.alarmed")
    for words in ("Alarm", "2:35", "2:10", "Kitchen, ", "2:12"):
        assert words in row
    up = up_at()
    drawn = f"[...{PANEL}.querySelectorAll('.hours')].filter(one => one.querySelector('.alarmed'))"
    labels = await tab.value(f"{drawn}.map(one => one.ariaLabel)")
    assert len(labels) == 1
    assert f"{up:%b} {up.day}" in labels[0]
    assert "Alarm 2:35" in labels[0]

    await type_in(tab, "#field-limit", "150")
    await shows(tab, ".outdated", "have been changed")
    await replay(tab)
    await shows(tab, ".sentence", "would not have alarmed")

    await type_in(tab, "#field-limit", "0")
    await replay(tab)
    await shows(tab, "#field-limit-problem", "must be from 1")
    assert await tab.value(f"{PANEL}.activeElement.id") == "field-limit"
    assert "Longest time out of bed" in await text(tab, ".failed")
    assert await tab.value(f"{PANEL}.querySelector('#field-limit').ariaInvalid") == "true"
    assert await tab.value(f"{PANEL}.querySelector('.result').hidden")

    await tab.value(f"{PANEL}.querySelector('.reset').click()")
    assert await tab.value(f"{PANEL}.querySelector('#field-limit').value") == "20"
    await type_in(tab, "#field-days", "61")
    await replay(tab)
    await shows(tab, "#field-days-problem", "must be from 1 to 60")


async def test_every_kind_can_be_asked_for_in_the_other_language(tab: Browser) -> None:
    await tab.value("localStorage.setItem('selectedLanguage', '\"sv\"')")
    await tab.ask("Page.reload")
    await arrive(tab, f"{PANEL}?.querySelector('form .main')?.textContent === 'Spela upp'")
    await tab.value(f"{PANEL}.querySelector('.another input').click()")
    kinds = await tab.value(f"[...{PANEL}.querySelectorAll('#kind option')].map(one => one.value)")
    assert len(kinds) == 21
    sentences = {}
    for kind in kinds:
        await tab.value(
            f"(() => {{ const at = {PANEL}.querySelector('#kind'); at.value = '{kind}';"
            "at.dispatchEvent(new Event('change')); })()"
        )
        await replay(tab)
        await shows(tab, ".sentence", "skulle")
        sentences[kind] = await text(tab, ".sentence")
    assert "larmat en gång" in sentences["night_absence"]
    assert "gjort något 6 gånger" in sentences["bed_exit"]
    assert "hemmet har inga sensorer för den" in sentences["lift"]


async def test_all_can_be_read_on_any_screen_in_light_and_dark(tab: Browser) -> None:
    await replay(tab)
    await shows(tab, ".sentence", "would have alarmed once")
    for dark in (False, True):
        for width in (1400, 390, 320):
            await tab.look(width, 900, dark=dark)
            await tab.until(f"{PANEL}.host.hasAttribute('dark') === {str(dark).lower()}")
            assert await tab.value(CONTRAST) == []
            wide = f"{PANEL}.host.scrollWidth - {PANEL}.host.clientWidth"
            assert await tab.value(wide) == 0
    await type_in(tab, "#field-limit", "0")
    await replay(tab)
    await shows(tab, "#field-limit-problem", "must be from 1")
    assert await tab.value(CONTRAST) == []
