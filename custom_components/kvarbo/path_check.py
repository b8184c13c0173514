"""The home's way out, watched while the home runs; what is found is told as a technical alarm (A8)."""

import asyncio
from collections.abc import Callable
import logging
from typing import Final

from .alarm.kinds import AlarmKind
from .chain import Chain
from .findings import HUB_KEY
from .transmission.path import PathState
from .transmission.sentry import Sentry, SentryCalls
from .transmission.tunnel import Enforcement, Tunnel

__all__ = ["PathCheck", "PathState"]

_LOGGER: Final = logging.getLogger(__name__)

#: A way that is back settles for so long before receivers that stay lost are told of, seconds.
SETTLES: Final = 10.0


class PathCheck:
    """Keeps a sentry at the way that is chosen. A demo home has none: it reaches its own machine alone."""

    def __init__(self, chain: Chain, changed: Callable[[], None]) -> None:
        """Watch nothing yet."""
        self._chain = chain
        self._changed = changed
        self._sentry: Sentry | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def state(self) -> PathState | None:
        """How the way out stands; None while that cannot be said."""
        return None if self._sentry is None else self._sentry.state

    async def apply(self, tunnel: Tunnel) -> None:
        """Watch this way from now on."""
        if self._sentry is not None:
            if self._sentry.tunnel == tunnel:
                return
            await self.stop()
            self._settled()
            self._lost(lost=False)
        if tunnel.enforcement is Enforcement.DEMO:
            return
        self._sentry = Sentry(
            tunnel,
            SentryCalls(
                outlets=lambda: [line.outlet for line in self._chain.transmitter.lines],
                hurry=lambda: bool(self._chain.transmitter.undelivered()),
                changed=self._found,
                lost=lambda lost: self._lost(lost=lost),
            ),
        )
        self._sentry.start()

    async def stop(self) -> None:
        """Watch no more."""
        self._let_be()
        sentry, self._sentry = self._sentry, None
        if sentry is not None:
            await sentry.stop()

    def _found(self, state: PathState | None, before: PathState | None) -> None:
        self._let_be()
        if state is PathState.DOWN:
            self._chain.faults.path_down(is_down=True)
        else:
            # Whoever is reached again says so by then.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(SETTLES, self._settled)
        if before is PathState.DOWN and state is not PathState.DOWN:
            # What waits goes now, and who was lost is asked now (A4).
            self._chain.transmitter.path_is_back()
        self._changed()

    def _settled(self) -> None:
        self._timer = None
        self._chain.faults.path_down(is_down=False)

    def _let_be(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lost(self, *, lost: bool) -> None:
        tunnel = self._sentry.tunnel if self._sentry is not None else None
        words = tunnel.interface if tunnel is not None else ""
        if lost or (AlarmKind.PATH_LOST, HUB_KEY) in self._chain.faults.open:
            _LOGGER.warning("The way out of the home is %s", "lost" if lost else "back")
        # Also what a home before a restart had told of.
        self._chain.faults.set(AlarmKind.PATH_LOST, HUB_KEY, is_open=lost, words=words or "-")
