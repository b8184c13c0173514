"""Answers that come as messages of their own, brought by `ref` to whoever waits for them.

A receiver may answer before the SIP answer, long after it, twice, or after the hub has been started
anew (docs/scaip.md). So an acceptance that nobody waits for is kept for the next attempt.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from .values import ScaipAnswer, Snu

#: So many sessions are remembered, of those accepted early and of those over.
REMEMBERED: Final = 256


class Awaited:
    """Who waits for which session's answer. One waits for a session at a time."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: dict[str, asyncio.Future[ScaipAnswer]] = {}
        self._early: OrderedDict[str, ScaipAnswer] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()

    @contextmanager
    def expecting(self, ref: str) -> Iterator[asyncio.Future[ScaipAnswer]]:
        """Wait for the session's answer while the block runs."""
        future: asyncio.Future[ScaipAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[ref] = future
        self._over.pop(ref, None)
        try:
            yield future
        finally:
            if self._waiting.get(ref) is future:
                del self._waiting[ref]

    def arrived(self, answer: ScaipAnswer) -> None:
        """Take an answer. One to a session that is over says nothing new."""
        future = self._waiting.get(answer.ref)
        if future is not None:
            if not future.done():
                future.set_result(answer)
            return
        if not answer.ref or answer.ref in self._over or answer.snu != Snu.HANDLED:
            # Only an acceptance stays true: hold, busy and refusals are about the moment they came.
            return
        _remember(self._early, answer.ref, answer)

    def accepted_already(self, ref: str) -> ScaipAnswer | None:
        """Return, once, the acceptance that came while nobody waited."""
        return self._early.pop(ref, None)

    def is_over(self, ref: str) -> None:
        """Take note that the session has been accepted: what still comes for it is a repeat."""
        self._early.pop(ref, None)
        _remember(self._over, ref, None)


def _remember[V](known: OrderedDict[str, V], ref: str, value: V) -> None:
    known[ref] = value
    known.move_to_end(ref)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
