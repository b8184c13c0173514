"""The ways out of one home, watched by its settings."""

from collections.abc import Callable, Mapping
from typing import Any

from .chain import Chain
from .path_check import PathCheck, PathState
from .way_out import Road, has_second, tunnel_of


class Paths:
    """The home's way, and the second one where there is one. A family's own receiver has no way of ours."""

    def __init__(self, chain: Chain, changed: Callable[[], None]) -> None:
        """Watch nothing yet."""
        self._first = PathCheck(chain, changed)
        self._second = PathCheck(chain, changed, Road.SECOND)

    @property
    def state(self) -> PathState | None:
        """How the way out stands; None while that cannot be said."""
        return self._first.state

    @property
    def second(self) -> PathState | None:
        """How the second way stands; None while that cannot be said, or where there is none."""
        return self._second.state

    async def apply(self, home: Mapping[str, Any]) -> None:
        """Watch the ways of a home with these settings."""
        await self._first.apply(tunnel_of(home))
        await self._second.apply(tunnel_of(home, Road.SECOND) if has_second(home) else None)

    async def stop(self) -> None:
        """Watch no more."""
        await self._first.stop()
        await self._second.stop()
