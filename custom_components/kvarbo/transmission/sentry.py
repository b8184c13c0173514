"""The sentry at a way out: listens to its link, touches the receivers, tells changes and losses (A8)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import logging
from typing import Final

from .links import LinkEvents, is_link_up
from .outlet import Outlet
from .path import PathState, PathWatch
from .tunnel import Enforcement, Tunnel

_LOGGER: Final = logging.getLogger(__name__)

#: Seconds between touches, and while an alarm is unanswered or something was missed.
TOUCH: Final = 5.0
HURRIED: Final = 1.0
#: How long a touch may take, seconds.
DEADLINE: Final = 2.0
#: A way that is down for this long is told as lost, and as back when it has been up for this long, seconds.
LOST_AFTER: Final = 30.0
BACK_AFTER: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SentryCalls:
    """What a sentry needs from its surroundings. All are called on the event loop and must not wait.

    `hurry` tells whether an alarm is unanswered. `changed` takes the state and what it was before. `lost` is told of a
    loss that has lasted, and of its end.
    """

    outlets: Callable[[], Sequence[Outlet]]
    hurry: Callable[[], bool]
    changed: Callable[[PathState | None, PathState | None], None]
    lost: Callable[[bool], None]


class Sentry:
    """Watches one way out."""

    def __init__(self, tunnel: Tunnel, calls: SentryCalls) -> None:
        """Watch nothing yet."""
        self.tunnel = tunnel
        self.watch = PathWatch()
        self._calls = calls
        self._events = LinkEvents(self._look_at_link)
        self._state: PathState | None = None
        self._told_lost = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()

    @property
    def state(self) -> PathState | None:
        """How the way stands; None while that cannot be said."""
        return self._state

    def start(self) -> None:
        """Begin to watch."""
        if self.tunnel.enforcement is Enforcement.INTERFACE:
            self._events.start()
            self._look_at_link()
        self._task = asyncio.create_task(self._run(), name="kvarbo sentry")

    async def stop(self) -> None:
        """Watch no more. What was told stays as it is."""
        self._events.stop()
        self._let_be()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self) -> None:
        """Touch every receiver once."""
        outlets = self._calls.outlets()
        self.watch.set_receivers([outlet.key for outlet in outlets])
        touches = await asyncio.gather(*map(self._touch, outlets))
        for outlet, reached in zip(outlets, touches, strict=True):
            if reached is not None:
                self.watch.touched(outlet.key, reached=reached)
        self._settle()

    async def _touch(self, outlet: Outlet) -> bool | None:
        try:
            async with asyncio.timeout(DEADLINE):
                return await outlet.receiver.touch()
        except OSError, TimeoutError:
            return False
        except Exception:
            # A fault inside one receiver says nothing of the way.
            _LOGGER.exception("Receiver %s failed inside while being touched", outlet.key)
            return None

    async def _run(self) -> None:
        while True:
            await self.look()
            hurried = self._state is not PathState.UP or self._calls.hurry()
            self._bell.clear()
            try:
                async with asyncio.timeout(HURRIED if hurried else TOUCH):
                    await self._bell.wait()
            except TimeoutError:
                continue

    def _look_at_link(self) -> None:
        before = self.watch.link
        self.watch.link = is_link_up(self.tunnel.interface)
        if self.watch.link is not before:
            # What was missed was missed without it.
            self._bell.set()
            self._settle()

    def _settle(self) -> None:
        before, self._state = self._state, self.watch.state
        if before is self._state:
            return
        self._let_be()
        loop = asyncio.get_running_loop()
        if self._state is PathState.DOWN and not self._told_lost:
            self._timer = loop.call_later(LOST_AFTER, self._tell, True)  # noqa: FBT003 - call_later's form
        elif self._state is not PathState.DOWN and self._state is not None:
            self._timer = loop.call_later(BACK_AFTER, self._tell, False)  # noqa: FBT003 - as above
        self._calls.changed(self._state, before)

    def _tell(self, lost: bool) -> None:  # noqa: FBT001 - as above
        self._timer = None
        self._told_lost = lost
        self._calls.lost(lost)

    def _let_be(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
