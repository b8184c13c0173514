"""The way back: ask a receiver what became of an alarm it has taken.

It is asked until the alarm is closed or a day has passed. The resident's *help is coming* hangs on
the first answer, so the first minutes are asked often.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from typing import Final

from ..alarm.alarm import Delivery
from .outlet import CEILING
from .receiver import Fate, Followed, Receiver

_LOGGER = logging.getLogger(__name__)

#: How long an alarm is followed after its receipt.
FOLLOWED_FOR: Final = timedelta(hours=24)
#: Until so long after the receipt, ask so often (seconds).
PACE: Final = (
    (timedelta(minutes=2), 2.0),
    (timedelta(minutes=30), 10.0),
    (FOLLOWED_FOR, 60.0),
)
#: So many may ask at once; after a long outage there may be many to ask for.
AT_ONCE: Final = 8


def pace(since_receipt: timedelta) -> float | None:
    """Return seconds until the next question, or None when the time of asking is over."""
    for until, seconds in PACE:
        if since_receipt < until:
            return seconds
    return None


class Follower:
    """Follows receipts of one receiver."""

    def __init__(
        self,
        receiver: Receiver | None,
        now: Callable[[], datetime],
        answer: Callable[[Delivery, Followed], bool],
        lapsed: Callable[[Delivery], None],
    ) -> None:
        """Hand every answer to `answer`, which tells whether to go on asking.

        Call `lapsed` when the time is over. Without a receiver there is nobody to ask, and all that
        is followed lapses in its time.
        """
        self._receiver = receiver
        self._now = now
        self._answer = answer
        self._lapsed = lapsed
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def follow(self, delivery: Delivery) -> None:
        """Begin to ask; once a delivery."""
        if delivery.reference in self._tasks:
            return
        task = asyncio.create_task(
            self._ask_on(delivery), name=f"kvarbo follow {delivery.reference}"
        )
        self._tasks[delivery.reference] = task
        task.add_done_callback(lambda _: self._tasks.pop(delivery.reference, None))

    async def stop(self) -> None:
        """Stop at once."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask_on(self, delivery: Delivery) -> None:
        # From the receipt by home time once, from then on by the event loop's clock: a wall clock
        # that is set meanwhile neither ends the asking nor begins it anew.
        loop = asyncio.get_running_loop()
        so_far = self._now() - (delivery.received_at or self._now())
        began = loop.time()
        while (pause := pace(so_far + timedelta(seconds=loop.time() - began))) is not None:
            if self._receiver is not None and delivery.status_address is not None:
                async with self._turn:
                    followed = await self._ask(self._receiver, delivery)
                if not self._answer(delivery, followed):
                    return
            await asyncio.sleep(pause)
        self._lapsed(delivery)

    async def _ask(self, receiver: Receiver, delivery: Delivery) -> Followed:
        try:
            async with asyncio.timeout(CEILING):
                return await receiver.follow(delivery)
        except Exception:
            # A fault inside a receiver must not cost the resident the answer: it is asked again.
            _LOGGER.exception("A receiver failed inside while being asked for %s", delivery.receipt)
            return Followed(Fate.NOT_KNOWN)
