"""A technician's installation on a phone-sized page in a real browser: begun, ticking, refused, left, closed."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from simulator.municipality import Municipality
from simulator.real_home import RealHome
from tests.panel.access import broken_rules, overflow
from tests.panel.living import PANEL, page
from tests.panel.manned import manned_home
from tests.panel.test_roles_in_browser import go, said, shows, there
from tests.simulator.municipality.browser import CHROMIUM, Browser

pytestmark = [pytest.mark.peers, pytest.mark.real_hass, pytest.mark.timeout(400)]


@pytest_asyncio.fixture
async def home(
    municipality: Municipality, tmp_path: Path, socket_enabled: None
) -> AsyncGenerator[RealHome]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: the panel was not looked at")
    async with manned_home(tmp_path / "home", municipality) as running:
        yield running


class Hand:
    """The technician's thumb: every tap is counted."""

    def __init__(self, tab: Browser) -> None:
        self.tab = tab
        self.taps = 0

    async def tap(self, key: str) -> None:
        part = there(f"#installation-{key}")
        await self.tab.until(f"Boolean({part})", 20)
        await self.tab.value(f"{part}.click()")
        self.taps += 1

    async def open(self) -> list[str]:
        """The sentences of what is open."""
        items = f"[...{PANEL}.querySelectorAll('.items > .item.open strong')]"
        found: list[str] = await self.tab.value(f"{items}.map(one => one.innerText)")
        return found

    async def leaves(self, key: str, reason: str) -> None:
        part = there(f"#installation-leave-{key}")
        before = len(await self.open())
        await self.tab.value(f"void Object.assign({part}.closest('details'), {{open: true}})")
        why = there(f"#leave-{key}-why")
        await self.tab.value(f"void Object.assign({why}, {{value: {reason!r}}})")
        self.taps += 2
        await self.tap(f"leave-{key}")
        await self.tab.until(f"{PANEL}.querySelectorAll('.items > .item.open').length < {before}")


async def test_from_begin_to_the_end_of_the_account(
    home: RealHome, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with page(
        home, tmp_path / "p", user="technician", path="installation", there="#installation-begin"
    ) as tab:
        await tab.look(360, 800)
        hand = Hand(tab)
        await hand.tap("begin")
        await shows(tab, "left to do")
        await tab.until(f"{PANEL}.querySelectorAll('.items > .item.open').length >= 7", 20)
        (tmp_path / "begun.png").write_bytes(await tab.look(360, 800))
        assert await broken_rules(tab) == []
        assert await overflow(tab) == 0
        assert "The alarm centre does not know yet that tests come" in await hand.open()

        await hand.tap("close")
        await shows(tab, "neither proven nor left with a reason", ".failed")

        await hand.tap("note-window")
        await home.pull("input_boolean.hall_motion")
        await shows(tab, "Seen ")
        await home.pull("input_boolean.bed")
        await tab.until(
            f"![...{PANEL}.querySelectorAll('.open strong')].some(one => "
            "one.innerText.includes('Bed sensor 2'))",
            20,
        )
        await go(tab, "devices")
        await tab.value(f"{there('#test-1')}.click()")
        hand.taps += 2
        await shows(tab, "Press", ".test")
        await home.pull()
        await go(tab, "installation")
        await tab.until(
            f"![...{PANEL}.querySelectorAll('.open strong')].some(one => "
            "one.innerText.includes('Help button 1'))",
            30,
        )
        await hand.tap("lamp-none")
        await hand.tap("note-address")
        await hand.tap("note-papers")
        await hand.leaves("review-", "coordinator_decides")
        await hand.leaves("consent-night-absence-1-", "coordinator_decides")
        if "The alarm chain is not proven yet" in await hand.open():
            await tab.until(
                f"![...{PANEL}.querySelectorAll('.open strong')].some(one => "
                "one.innerText.includes('alarm chain'))",
                90,
            )
        assert await hand.open() == []
        (tmp_path / "done.png").write_bytes(await tab.look(360, 1400))
        await hand.tap("close")
        record_property("taps", hand.taps)
        assert hand.taps < 40
        assert "Left with a reason" in await said(tab)
    await home.hass.connect_if_needed()
    users = {one["name"]: one["is_active"] for one in await home.hass.ask("config/auth/list")}
    assert users["technician"] is False
    assert users["coordinator"] is True
