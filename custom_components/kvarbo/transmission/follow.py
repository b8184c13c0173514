"""The way back: ask a receiver what became of an alarm it has taken, until it is closed or a day has passed.

The resident's *help is coming* hangs on the first answer, so the first minutes are asked often.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from typing import Final

from ..alarm.alarm import Delivery
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
    """Follows one receiver's receipts."""

    def __init__(
        self,
        receiver: Receiver,
        now: Callable[[], datetime],
        answer: Callable[[Delivery, Followed], bool],
        lapsed: Callable[[Delivery], None],
    ) -> None:
        """Hand every answer to `answer`, which tells whether to go on asking.

        Call `lapsed` when the time is over.
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
        received_at = delivery.received_at or self._now()
        while (pause := pace(self._now() - received_at)) is not None:
            if delivery.status_address is not None:
                async with self._turn:
                    followed = await self._ask(delivery)
                if not self._answer(delivery, followed):
                    return
            await asyncio.sleep(pause)
        self._lapsed(delivery)

    async def _ask(self, delivery: Delivery) -> Followed:
        try:
            return await self._receiver.follow(delivery)
        except Exception:
            # A fault inside a receiver must not cost the resident the answer: it is asked again.
            _LOGGER.exception("A receiver failed inside while being asked for %s", delivery.receipt)
            return Followed(Fate.NOT_KNOWN)
