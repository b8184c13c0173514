"""The asking side of one request that is no INVITE (RFC 3261 section 17.1.2), without a wait in it."""

from collections.abc import Callable

from .build import to_octets
from .message import Request, Response
from .timing import T1, T2, TIMER_F, TIMER_K, Clock, Timer
from .values import CSeq, Via
from .wire import Fault, Transport, UnansweredError

type Done = Callable[[Response | UnansweredError], None]
#: What names a transaction: its branch and its method (RFC 3261 section 17.1.3).
type Key = tuple[str, str]


def key_of(message: Request | Response) -> Key:
    """Return what names the transaction of a message by its topmost Via and its CSeq."""
    branch = Via.parse(message.headers.first("via") or "").branch
    return branch, CSeq.parse(message.headers.first("cseq") or "").method


class ClientTransaction:
    """Sends a request, on UDP as often as the timers say, and tells the one final answer.

    `done` is called once, with the answer or with why there is none. After a 1xx copies go out every
    T2. On UDP late copies of the answer are absorbed for timer K: `is_over` tells when that has
    passed.
    """

    def __init__(
        self,
        request: Request,
        *,
        transport: Transport,
        clock: Clock,
        send: Callable[[bytes], None],
        done: Done,
    ) -> None:
        """Send nothing yet; the request has its Via."""
        self.key = key_of(request)
        self.is_over = False
        #: Copies handed to the network.
        self.copies = 0
        self._octets = to_octets(request)
        self._transport = transport
        self._clock = clock
        self._send = send
        self._done: Done | None = done
        self._interval = T1
        self._again: Timer | None = None
        self._limit: Timer | None = None

    def start(self) -> None:
        """Hand the first copy to the network.

        Raises:
            UnansweredError: it cannot be handed over; `done` is not called.
        """
        self._limit = self._clock.call_later(TIMER_F, self._expired)
        try:
            self._copy()
        except UnansweredError:
            self.cancel()
            raise

    def received(self, response: Response) -> None:
        """Take an answer that bears our key."""
        if self._done is None:
            return
        if not response.is_final:
            # Somebody has it: no more hurry than T2 (RFC 3261 figure 6).
            self._interval = T2
            if self._again is not None:
                self._again.cancel()
                self._again = self._clock.call_later(T2, self._repeat)
            return
        self._end(response)
        if not self._transport.is_reliable:
            self.is_over = False
            self._limit = self._clock.call_later(TIMER_K, self._absorbed)

    def lost(self, error: UnansweredError) -> None:
        """Take note that the way is gone; what was sent may have been heard."""
        heard = error.maybe_heard or self.copies > 0
        self._end(UnansweredError(error.fault, error.detail, maybe_heard=heard))

    def cancel(self) -> None:
        """Let go at once, without a word."""
        self._stop()
        self._done = None
        self.is_over = True

    def _copy(self) -> None:
        self._send(self._octets)
        self.copies += 1
        if not self._transport.is_reliable:
            self._again = self._clock.call_later(self._interval, self._repeat)

    def _repeat(self) -> None:
        self._interval = min(2 * self._interval, T2)
        try:
            self._copy()
        except UnansweredError as error:
            self.lost(error)

    def _expired(self) -> None:
        self._end(UnansweredError(Fault.SILENT, f"{TIMER_F:g}", maybe_heard=self.copies > 0))

    def _absorbed(self) -> None:
        self.is_over = True

    def _end(self, outcome: Response | UnansweredError) -> None:
        self._stop()
        self.is_over = True
        done, self._done = self._done, None
        if done is not None:
            done(outcome)

    def _stop(self) -> None:
        for timer in (self._again, self._limit):
            if timer is not None:
                timer.cancel()
        self._again = self._limit = None
