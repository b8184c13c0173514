"""A home that was set up through its own dialog, and a municipality that answers on loopback."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
import pytest_asyncio

from custom_components.kvarbo.const import DOMAIN
from simulator.municipality import Municipality
from simulator.testing_municipality import TOKEN

from .talk import Talk

type SetUp = Callable[..., Awaitable[ConfigEntry[Any]]]


@pytest_asyncio.fixture
async def set_up(hass: HomeAssistant, municipality: Municipality) -> AsyncGenerator[SetUp]:
    """Set up a home; the dialog of its first receiver is closed unanswered.

    The municipality is asked for so that it outlives the home: a connection that arrives while a
    server closes is an error in its event loop, which is Home Assistant's own here.
    """

    async def run(*, demo: bool = True, controller: str = "4711") -> ConfigEntry[Any]:
        talk = await Talk.about_home(hass)
        way = {} if demo else {"way_out": {"way": "router"}}
        await talk.answer(controller=controller, label="Flat 12", demo=demo, **way)
        hass.config_entries.subentries.async_abort(talk.page["next_flow"][1])
        entry: ConfigEntry[Any] = talk.page["result"]
        await hass.async_block_till_done()
        return entry

    yield run
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.state is ConfigEntryState.LOADED:
            await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest_asyncio.fixture
async def demo_home(set_up: SetUp) -> ConfigEntry[Any]:
    """A demo home: the only kind that may speak to loopback without TLS."""
    return await set_up()


@pytest.fixture
def basic(municipality: Municipality) -> dict[str, Any]:
    """A right answer to the first form of a receiver."""
    return {
        "url": municipality.url,
        "token": TOKEN,
        "takes": "alarms",
        "language": "sv",
        "advanced": False,
    }
