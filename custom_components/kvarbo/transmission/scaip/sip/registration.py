"""Telling the far end where we are, again and again (RFC 3261 section 10, RFC 5626).

A registrar forgets when it is started anew, and nobody tells us: so the interval is short, a new
flow is registered at once, and whoever suspects that we are forgotten can ask for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
import logging
import random
from typing import Final

from .message import Response
from .timing import Clock
from .values import Address, BadMessageError
from .wire import UnansweredError

_LOGGER: Final = logging.getLogger(__name__)

#: Seconds until the next attempt after silence: first, and at most.
AGAIN: Final = (5.0, 60.0)
#: The same after a refusal, which a person must mend.
REFUSED_AGAIN: Final = (60.0, 600.0)
#: Within these parts of the granted time it is renewed.
_EARLIEST: Final = 0.5
_LATEST: Final = 0.75
_LONGEST: Final = 3600
_INTERVAL_TOO_BRIEF: Final = 423
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the registrar has answered last. `expires` in seconds, None where it refused."""

    status: int
    reason: str
    expires: int | None = None


#: Sends a REGISTER that asks for so many seconds; raises UnansweredError.
type SendRegister = Callable[[int], Awaitable[Response]]


class Registration:
    """Keeps us registered while it runs."""

    def __init__(
        self,
        send: SendRegister,
        *,
        asked: int,
        clock: Clock,
        spread: Callable[[float, float], float] = random.uniform,  # noqa: S311
    ) -> None:
        """Send nothing yet. `spread` draws from a range, so that homes do not come all at once."""
        self.state: Registered | None = None
        #: When the registrar has said yes last, by the clock; None for never.
        self.said_yes_at: float | None = None
        self._send = send
        self._asked = asked
        self._clock = clock
        self._spread = spread
        self._failures = 0
        self._stopped = False
        self._turn = asyncio.Lock()
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wanted(self) -> None:
        """Register now, in the background.

        While one is under way nothing more is asked for: it may itself have opened the flow that is
        new, or met the refusal by which a flow ends, and a far end that is down must not be hammered.
        """
        if self._stopped or self._turn.locked():
            return
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name="kvarbo sip registration")
        else:
            self._bell.set()

    async def renew(self) -> Response:
        """Register now and return the answer.

        Raises:
            UnansweredError: there is none.
        """
        async with self._turn:
            try:
                response = await self._send(self._asked)
                if response.status == _INTERVAL_TOO_BRIEF:
                    self._asked = _least(response, self._asked)
                    response = await self._send(self._asked)
            except UnansweredError:
                self._failures += 1
                raise
        if response.status == _OK:
            self._failures = 0
            self.said_yes_at = self._clock.time()
            granted = granted_by(response, self._asked)
            self.state = Registered(status=_OK, reason=response.reason, expires=granted)
        else:
            self._failures += 1
            self.state = Registered(status=response.status, reason=response.reason)
        return response

    async def stop(self, limit: float = 1.0) -> None:
        """Stop, and tell the registrar that we are gone where that takes no longer than `limit` s."""
        self._stopped = True
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.state is not None and self.state.expires is not None:
            with suppress(TimeoutError, UnansweredError):
                async with asyncio.timeout(limit):
                    await self._send(0)
        self.state = None

    async def _keep(self) -> None:
        while True:
            self._bell.clear()
            try:
                await self.renew()
            except UnansweredError as err:
                _LOGGER.debug("No answer to REGISTER: %s", err.fault)
            except BadMessageError as err:
                _LOGGER.warning("The registrar's answer cannot be used: %s", err.words)
                self._failures += 1
            except Exception:
                # A fault in here would leave the home out of reach, unnoticed.
                _LOGGER.exception("Registering failed inside")
                self._failures += 1
            await self._pause(self.delay())

    def delay(self) -> float:
        """Return seconds until the next REGISTER."""
        if not self._failures and self.state is not None and self.state.expires is not None:
            return self.state.expires * self._spread(_EARLIEST, _LATEST)
        refused = self.state is not None and self.state.expires is None
        first, most = REFUSED_AGAIN if refused else AGAIN
        return min(first * 2.0 ** max(0, self._failures - 1), most) * self._spread(0.9, 1.1)

    async def _pause(self, seconds: float) -> None:
        timer = self._clock.call_later(seconds, self._bell.set)
        try:
            await self._bell.wait()
        finally:
            timer.cancel()


def granted_by(response: Response, asked: int) -> int:
    """Return for how many seconds we are known: the least that is said, else what was asked."""
    said = [
        text
        for contact in response.headers.all("contact")
        if (text := Address.parse(contact).params.get("expires")) is not None
    ] or [text for text in response.headers.all("expires") if text]
    numbers = [int(text) for text in said if text.isdecimal() and len(text) < 10]  # noqa: PLR2004
    return max(1, min([*(n for n in numbers if n), _LONGEST] if numbers else [asked]))


def _least(response: Response, asked: int) -> int:
    text = response.headers.first("min-expires") or ""
    return min(int(text), _LONGEST) if text.isdecimal() and len(text) < 10 else 2 * asked  # noqa: PLR2004
