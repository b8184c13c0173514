"""Whether a receiver answers: probes at least each minute, heartbeats at their own pace (A8, R35).

Two misses in a row, the last of them a probe's or heartbeat's, make a receiver lost. After the
first miss, and while it is lost, it is asked every few seconds, since its return is what all that
waits is waiting for (A4).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
import logging
from typing import Final

from .outlet import CEILING, Outlet, Reach
from .receiver import Answer, Heartbeat, Verdict

_LOGGER = logging.getLogger(__name__)

#: Seconds between probes while all is well; with the answer's own limit this stays under the minute
#: that A8 asks for.
PROBE: Final = 45.0
#: Seconds between probes after a miss and while lost.
PROBE_LOST: Final = 5.0
#: So many misses in a row make a receiver lost.
MISSES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachCalls:
    """What a `ReachWatch` needs from its surroundings."""

    make_heartbeat: Callable[[Outlet], Heartbeat]
    changed: Callable[[Outlet, Reach], None]
    contacted: Callable[[Outlet, Verdict], None]
    asked: Callable[[Outlet, Verdict], None]
    heartbeat_taken: Callable[[Outlet, Heartbeat], None]


class ReachWatch:
    """Watches one receiver. Every contact counts, whatever it was for."""

    def __init__(self, outlet: Outlet, calls: ReachCalls) -> None:
        """Start not knowing."""
        self.outlet = outlet
        self.reach = Reach()
        self._calls = calls
        self._misses = 0
        self._answered_at = 0.0
        #: How often the receiver has asked for a heartbeat, seconds; None: the home's own setting.
        self.asked_interval: int | None = None
        self._bell = asyncio.Event()
        self._rung = asyncio.Event()
        self._new_interval = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to probe and to send heartbeats."""
        key = self.outlet.key
        self._tasks = [
            asyncio.create_task(self._for_ever(self._probe), name=f"kvarbo probe {key}"),
            asyncio.create_task(self._for_ever(self._beat), name=f"kvarbo heartbeat {key}"),
        ]

    async def stop(self) -> None:
        """Stop at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def contact(self, verdict: Verdict, began: float, *, asked: bool = False) -> None:
        """Count what a contact says about reach: any answer at all is reach.

        `began` is when it was sent, by the event loop's clock: a silence that began before the last
        answer came tells nothing new. `asked`: it was a probe or a heartbeat. Only those decide on
        a loss, and a message without an answer has one sent at once: a receiver that answers when
        asked and chokes on a message would else be lost and found again every few seconds.
        """
        before = self.reach.reached
        if verdict.interval is not None and verdict.interval != self.asked_interval:
            self.asked_interval = verdict.interval
            self._new_interval.set()
        if verdict.answer is Answer.UNREACHABLE:
            if began < self._answered_at:
                return
            self._misses += 1
            if not asked or self._misses < MISSES:
                self._bell.set()
                return
            self.reach = Reach(reached=False, words=verdict.words)
        else:
            self._misses = 0
            self._answered_at = asyncio.get_running_loop().time()
            self.reach = Reach(reached=True, took=verdict.took)
        self._calls.contacted(self.outlet, verdict)
        if self.reach.reached is not before:
            self._bell.set()
            self._calls.changed(self.outlet, self.reach)

    def ring(self) -> None:
        """Probe now rather than later: there is a new reason to hope."""
        self._rung.set()
        self._bell.set()

    async def beat(self) -> Verdict:
        """Send one heartbeat now."""
        beat = self._calls.make_heartbeat(self.outlet)
        verdict = await self._ask(self.outlet.receiver.heartbeat, beat)
        if verdict.answer is Answer.ACCEPTED:
            self._calls.heartbeat_taken(self.outlet, beat)
        return verdict

    async def _for_ever(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except Exception:
                # A fault in here would leave a lost receiver unnoticed.
                _LOGGER.exception("The watch over receiver %s failed inside", self.outlet.key)
                await asyncio.sleep(PROBE_LOST)

    async def _probe(self) -> None:
        beat = self._calls.make_heartbeat(self.outlet)
        await self._ask(self.outlet.receiver.probe, beat)
        self._bell.clear()
        bell, pause = self._bell, PROBE
        if self._misses:
            # Further misses must not turn the probe into a hammer: the pause is kept unless rung for.
            bell, pause = self._rung, PROBE_LOST
        self._rung.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await bell.wait()

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        await self.beat()
        last = loop.time()
        while True:
            self._new_interval.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(
                    last + (self.asked_interval or self.outlet.heartbeat)
                ):
                    await self._new_interval.wait()
                    continue
            return

    async def _ask(
        self, ask: Callable[[Heartbeat], Awaitable[Verdict]], beat: Heartbeat
    ) -> Verdict:
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(CEILING):
                verdict = await ask(beat)
        except Exception as err:
            # As in the lane: a fault inside one receiver is a silence of that receiver, not the end
            # of watching it.
            _LOGGER.exception("Receiver %s failed inside while being asked", self.outlet.key)
            verdict = Verdict(answer=Answer.UNREACHABLE, words=type(err).__name__)
        self.contact(verdict, began, asked=True)
        self._calls.asked(self.outlet, verdict)
        return verdict
