"""The line to one receiver: what is due on it and in which order it starts (A3, A4).

None waits for another's answer. One starter task picks what is due, best first, and lets it go. It
waits only until the message has been handed to the network, a quarter of a second at most, so that
what was started first also arrives first; the answer is awaited elsewhere.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
import logging
from typing import Final

from ..alarm.alarm import Alarm, Delivery, DeliveryState, MessageKind
from .ledger import Ledger
from .order import SortKey, sort_key
from .outlet import CEILING, Outlet
from .receiver import Answer, Dispatch, Verdict
from .schedule import STEADY

_LOGGER = logging.getLogger(__name__)

#: The starter gives one message this long to be handed to the network before it lets the next go,
#: seconds.
GATE: Final = 0.25
#: So many answers may be outstanding before anything but a help call waits its turn.
OUTSTANDING: Final = 32

#: Takes the delivery, the far end's verdict, and when the sending began (the event loop's clock).
type Settle = Callable[[Delivery, Verdict, float], None]
type MakeDispatch = Callable[[Delivery], Dispatch]


class Lane:
    """One receiver's line. Times in seconds of the event loop's clock."""

    def __init__(
        self,
        outlet: Outlet,
        ledger: Ledger,
        make_dispatch: MakeDispatch,
        settle: Settle,
        must_wait: Callable[[Alarm], bool] = lambda _alarm: False,
    ) -> None:
        """Take what to send from the ledger; hand every verdict to `settle`.

        `must_wait` tells of an alarm that is not to be begun with at this hour.
        """
        self.outlet = outlet
        self._ledger = ledger
        self._make_dispatch = make_dispatch
        self._settle = settle
        self._must_wait = must_wait
        self._due: dict[str, float] = {}
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self._at_once: set[str] = set()
        self._bell = asyncio.Event()
        self._starter: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send what is due."""
        self._starter = asyncio.create_task(self._run(), name=f"kvarbo lane {self.outlet.key}")

    async def stop(self) -> None:
        """Stop at once; the journal knows what was on its way."""
        tasks = [*self._in_flight.values(), *([self._starter] if self._starter else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._starter = None

    def release(self, reference: str, delay: float = 0.0) -> None:
        """Let a delivery go after `delay` seconds."""
        self._due[reference] = asyncio.get_running_loop().time() + delay
        self._bell.set()

    def release_all(self) -> None:
        """Let all that waits go now; the receiver or the path to it shows a sign of life (A4).

        What is on its way was perhaps sent into the void before: should it fail, it goes again at
        once.
        """
        for delivery in self._ledger.waiting(self.outlet.key):
            if delivery.state is not DeliveryState.HELD:
                self._due[delivery.reference] = 0.0
        self._at_once.update(self._in_flight)
        self._bell.set()

    def is_in_flight(self, reference: str) -> bool:
        """Tell whether an answer is being awaited right now."""
        return reference in self._in_flight

    async def _run(self) -> None:
        while True:
            try:
                await self._step()
            except Exception:
                # A fault in here would silence the home: it is shown in the log, and the next
                # delivery gets its turn.
                _LOGGER.exception("The line to receiver %s failed inside", self.outlet.key)
                await asyncio.sleep(1)

    async def _step(self) -> None:
        reference = self._next()
        if reference is not None:
            await self._launch(reference)
            return
        self._bell.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._next_due()):
                await self._bell.wait()

    def _sendable(self, delivery: Delivery) -> bool:
        """Tell whether nothing must go before it: the disk, and the alarm before news about it."""
        if delivery.reference in self._ledger.being_written:
            return False
        if not delivery.attempts and self._must_wait(self._ledger.alarms[delivery.alarm_id]):
            return False
        message = self._ledger.messages[delivery.message_id]
        if message.kind is MessageKind.ALARM:
            return True
        parent = self._ledger.alarm_delivery(delivery.alarm_id, delivery.receiver)
        return parent is None or not parent.is_waiting

    def _candidates(self) -> list[Delivery]:
        known = {d.reference for d in self._ledger.waiting(self.outlet.key)}
        for reference in [r for r in self._due if r not in known]:
            del self._due[reference]
        return [
            self._ledger.deliveries[reference]
            for reference in known
            if reference not in self._in_flight
            and self._sendable(self._ledger.deliveries[reference])
        ]

    def _next(self) -> str | None:
        now = asyncio.get_running_loop().time()
        due = [d for d in self._candidates() if self._due.get(d.reference, now) <= now]
        if not due:
            return None
        best = min(due, key=self._key)
        if len(self._in_flight) >= OUTSTANDING and self._key(best)[0] > 0:
            return None
        return best.reference

    def _key(self, delivery: Delivery) -> SortKey:
        return sort_key(
            self._ledger.alarms[delivery.alarm_id],
            self._ledger.messages[delivery.message_id],
            delivery,
        )

    def _next_due(self) -> float | None:
        now = asyncio.get_running_loop().time()
        times = [self._due.get(d.reference, now) for d in self._candidates()]
        later = [t for t in times if t > now]
        return min(later, default=None)

    async def _launch(self, reference: str) -> None:
        written = asyncio.Event()
        # Whatever goes wrong in between, it has its next turn.
        self.release(reference, STEADY[1])
        task = asyncio.create_task(self._send(reference, written), name=f"kvarbo send {reference}")
        self._in_flight[reference] = task
        task.add_done_callback(lambda _: self._landed(reference, written))
        with suppress(TimeoutError):
            async with asyncio.timeout(GATE):
                await written.wait()

    def _landed(self, reference: str, written: asyncio.Event) -> None:
        self._in_flight.pop(reference, None)
        written.set()
        self._bell.set()

    async def _send(self, reference: str, written: asyncio.Event) -> None:
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(CEILING):
                verdict = await self._transmit(reference, written)
        except Exception as err:
            # A fault in one receiver's code must not take the alarm with it: it is tried again like
            # any silence.
            _LOGGER.exception("Receiver %s failed inside while sending", self.outlet.key)
            verdict = Verdict(answer=Answer.UNREACHABLE, words=type(err).__name__, maybe_heard=True)
        self._in_flight.pop(reference, None)
        again = reference in self._at_once and verdict.answer is Answer.UNREACHABLE
        self._at_once.discard(reference)
        current = self._ledger.deliveries.get(reference)
        if current is None:
            return
        self._settle(current, verdict, began)
        current = self._ledger.deliveries.get(reference, current)
        if again and current.state is DeliveryState.QUEUED:
            self.release(reference)

    async def _transmit(self, reference: str, written: asyncio.Event) -> Verdict:
        delivery = self._ledger.deliveries[reference]
        dispatch = self._make_dispatch(delivery)
        # In memory only: the row on disk still says "queued", and recovery takes every such row as
        # perhaps heard (A5). So nothing but the raise itself is committed before the wire.
        sending = replace(
            delivery,
            state=DeliveryState.SENDING,
            attempts=delivery.attempts + 1,
            first_sent_at=delivery.first_sent_at or dispatch.sent_at,
        )
        self._ledger.touch(sending)
        return await self.outlet.receiver.send(
            replace(dispatch, delivery=sending), written=written.set
        )
