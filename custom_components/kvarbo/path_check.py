"""A way out of the home, watched while the home runs; what is found is told as a technical alarm (A8)."""

import asyncio
from collections.abc import Callable
import logging
from typing import Final

from .alarm.kinds import AlarmKind
from .chain import Chain
from .findings import HUB_KEY
from .transmission.outlet import Outlet
from .transmission.path import PathState
from .transmission.sentry import Sentry, SentryCalls
from .transmission.tunnel import Enforcement, Road, Tunnel

__all__ = ["PathCheck", "PathState"]

_LOGGER: Final = logging.getLogger(__name__)

#: A way that is back settles for so long before receivers that stay lost are told of, seconds.
SETTLES: Final = 10.0
#: What a way is called where it is told of: one loss a way (A8).
_KEYS: Final = {Road.HOME: HUB_KEY, Road.SECOND: "second"}

#: Where there is no way of the municipality's to watch.
_UNWATCHED: Final = (Enforcement.DEMO, Enforcement.PRIVATE)


class PathCheck:
    """Keeps a sentry at a way. A demo home has none: it reaches its own machine alone."""

    def __init__(self, chain: Chain, changed: Callable[[], None], road: Road = Road.HOME) -> None:
        """Watch nothing yet."""
        self._chain = chain
        self._changed = changed
        self._road = road
        self._key = _KEYS[road]
        self._sentry: Sentry | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def state(self) -> PathState | None:
        """How the way stands; None while that cannot be said."""
        return None if self._sentry is None else self._sentry.state

    async def apply(self, tunnel: Tunnel | None) -> None:
        """Watch this way from now on; None is no way."""
        before = None if self._sentry is None else self._sentry.tunnel
        is_watched = tunnel is not None and tunnel.enforcement not in _UNWATCHED
        if self._sentry is not None and before == tunnel:
            return
        await self.stop()
        if before is not None:
            self._chain.transmitter.path_is_back([outlet.key for outlet in self._outlets()])
        if before is not None or not is_watched:
            self._settled()
            # Also what a home before a restart had told of.
            self._lost(lost=False, words=before.interface if before is not None else "")
        if tunnel is None or not is_watched:
            self._changed()
            return
        self._sentry = Sentry(
            tunnel,
            SentryCalls(
                outlets=self._outlets,
                hurry=lambda: bool(self._chain.transmitter.undelivered()),
                changed=self._found,
                lost=lambda lost: self._lost(lost=lost, words=tunnel.interface),
            ),
        )
        self._sentry.start()

    async def stop(self) -> None:
        """Watch no more."""
        self._let_be()
        sentry, self._sentry = self._sentry, None
        if sentry is not None:
            await sentry.stop()

    def _outlets(self) -> list[Outlet]:
        lines = self._chain.transmitter.lines
        return [line.outlet for line in lines if line.outlet.road is self._road]

    def _found(self, state: PathState | None, before: PathState | None) -> None:
        self._let_be()
        keys = [outlet.key for outlet in self._outlets()]
        if state is PathState.DOWN:
            self._chain.faults.path_down(self._key, keys)
            self._chain.transmitter.path_is_down(keys)
        else:
            # Whoever is reached again says so by then.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(SETTLES, self._settled)
        if before is PathState.DOWN and state is not PathState.DOWN:
            # What waits goes now, and who was lost is asked now (A4).
            self._chain.transmitter.path_is_back(keys)
        self._changed()

    def _settled(self) -> None:
        self._timer = None
        self._chain.faults.path_up(self._key)

    def _let_be(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lost(self, *, lost: bool, words: str) -> None:
        faults = self._chain.faults
        if lost or (AlarmKind.PATH_LOST, self._key) in faults.open:
            name = "second way" if self._road is Road.SECOND else "way"
            _LOGGER.warning("The %s out of the home is %s", name, "lost" if lost else "back")
        faults.set(AlarmKind.PATH_LOST, self._key, is_open=lost, words=words or "-")
