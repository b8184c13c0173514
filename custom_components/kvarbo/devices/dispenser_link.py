"""The link to a medicine dispenser of our own profile, kept up by Home Assistant's bluetooth (docs/ble-profile.md).

Home Assistant's bluetooth is loaded by now where it is used. Not imported, as it is in no list of ours: no alarm
waits for a radio at start.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
import logging
import sys
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..dispensing.profile import (
    ACKNOWLEDGE,
    EVENT,
    STATE,
    BadOctetsError,
    Event,
    Told,
    read_event,
    read_state,
    write_acknowledge,
)
from .signs import BLUETOOTH

_LOGGER: Final = logging.getLogger(__name__)

#: A dispenser that is not linked is looked for this often, seconds.
RETRY: Final = 5.0
#: One that is linked and says nothing is asked this often, seconds.
ASK: Final = 60.0
#: What it has to tell of the time without a link comes within this, seconds.
CATCH_UP: Final = 10.0
#: An answer by radio takes no longer, seconds.
ANSWER: Final = 15.0
#: Making a link takes no longer, seconds: the radio may have to try more than once.
LINKING: Final = 45.0


class NoLinkError(Exception):
    """It cannot be reached, or is none of our profile. `problem` is a key of the texts."""

    def __init__(self, problem: str) -> None:
        """Name the problem."""
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCalls:
    """What is told of a link. `happened` returns the counter up to which all is kept, for the dispenser to forget."""

    linked: Callable[[Told], None]
    changed: Callable[[Told], None]
    happened: Callable[[Event], int]
    is_behind: Callable[[], bool]
    give_up: Callable[[], None]
    lost: Callable[[], None]


async def meet(hass: HomeAssistant, address: str) -> Told:
    """Link once and return what the dispenser says.

    Raises:
        NoLinkError: `dispenser_silent` where it cannot be reached, `not_a_dispenser` where it speaks otherwise.
    """
    try:
        async with _linked(hass, address, lambda: None) as client:
            return await _state(client)
    except BadOctetsError as err:
        _LOGGER.warning("What calls itself a dispenser speaks otherwise: %s", err)
        raise NoLinkError("not_a_dispenser") from None
    except _radio_errors() as err:
        _LOGGER.debug("No link to a dispenser: %s", err)
        raise NoLinkError("dispenser_silent") from None


class DispenserLink:
    """Keeps a link to one dispenser for as long as it runs."""

    def __init__(self, hass: HomeAssistant, address: str, calls: LinkCalls) -> None:
        """Link nothing yet."""
        self._hass = hass
        self._address = address
        self._calls = calls
        self._task: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()
        self._newest = 0

    def start(self) -> None:
        """Begin to look for it."""
        self._task = self._hass.async_create_background_task(self._run(), "kvarbo dispenser")

    def stop(self) -> None:
        """Let it go."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._live()
            except BadOctetsError as err:
                _LOGGER.warning("A dispenser sends what is not of its profile: %s", err)
            except _radio_errors() as err:
                _LOGGER.debug("No link to a dispenser: %s", err)
            except Exception:
                # Whatever it was, the dispenser is looked for on.
                _LOGGER.exception("The link to a dispenser failed inside")
            self._calls.lost()
            await asyncio.sleep(RETRY)

    async def _live(self) -> None:
        gone = asyncio.Event()
        async with _linked(self._hass, self._address, gone.set) as client:
            talk = asyncio.create_task(self._talk(client))
            end = asyncio.create_task(gone.wait())
            try:
                # Whatever is waited for by a link that is gone never comes.
                await asyncio.wait((talk, end), return_when=asyncio.FIRST_COMPLETED)
                if talk.done():
                    await talk
            finally:
                talk.cancel()
                end.cancel()
                await asyncio.gather(talk, end, return_exceptions=True)

    async def _talk(self, client: Any) -> None:
        self._newest = acknowledged = 0
        calls = self._calls
        # Before it is read: what changes meanwhile is not missed.
        await _within(client.start_notify(STATE, self._changed))
        calls.linked(await _state(client))
        await _within(client.start_notify(EVENT, self._event))
        loop = asyncio.get_running_loop()
        given_up_at = loop.time() + CATCH_UP
        while True:
            is_behind = calls.is_behind()
            if await self._rung(given_up_at - loop.time() if is_behind else ASK):
                if self._newest > acknowledged:
                    acknowledged = self._newest
                    octets = write_acknowledge(acknowledged)
                    await _within(client.write_gatt_char(ACKNOWLEDGE, octets, response=True))
            elif is_behind:
                calls.give_up()
            else:
                # Whoever still answers is there.
                calls.changed(await _state(client))

    async def _rung(self, wait: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, wait)):
                await self._bell.wait()
        except TimeoutError:
            return False
        self._bell.clear()
        return True

    def _event(self, _characteristic: Any, octets: bytearray) -> None:
        try:
            event = read_event(bytes(octets))
        except BadOctetsError as err:
            _LOGGER.warning("A dispenser sends what is not of its profile: %s", err)
            return
        self._newest = max(self._newest, self._calls.happened(event))
        self._bell.set()

    def _changed(self, _characteristic: Any, octets: bytearray) -> None:
        try:
            self._calls.changed(read_state(bytes(octets)))
        except BadOctetsError as err:
            _LOGGER.warning("A dispenser sends what is not of its profile: %s", err)


@asynccontextmanager
async def _linked(
    hass: HomeAssistant, address: str, lost: Callable[[], None]
) -> AsyncGenerator[Any]:
    """Link and encrypt; raises one of `_radio_errors`."""
    if BLUETOOTH not in hass.config.components:
        raise OSError("no bluetooth")
    bluetooth: Any = sys.modules["homeassistant.components.bluetooth"]
    device = bluetooth.async_ble_device_from_address(hass, address, connectable=True)
    if device is None:
        raise OSError("not heard")
    connector: Any = sys.modules["bleak_retry_connector"]
    async with asyncio.timeout(LINKING):
        client = await connector.establish_connection(
            connector.BleakClientWithServiceCache,
            device,
            address,
            disconnected_callback=lambda _client: lost(),
        )
    try:
        # All that it tells is told by an encrypted link alone; one that is paired already says yes.
        await _within(client.pair())
        yield client
    finally:
        await _within(client.disconnect())


async def _state(client: Any) -> Told:
    return read_state(bytes(await _within(client.read_gatt_char(STATE))))


async def _within(work: Any) -> Any:
    async with asyncio.timeout(ANSWER):
        return await work


def _radio_errors() -> tuple[type[Exception], ...]:
    """Return what a radio's failure is raised as."""
    bleak = sys.modules.get("bleak.exc")
    return (OSError, TimeoutError) if bleak is None else (OSError, TimeoutError, bleak.BleakError)
