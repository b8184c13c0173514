"""The one flow to the far end: opened when needed, kept, opened anew elsewhere (RFC 3263 section 4.3)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from .timing import TIMER_F, Clock
from .values import SipUri
from .wire import Fault, Flow, FlowHearer, Target, Transport, UnansweredError

#: A place that has failed is asked last for so long, seconds.
FAILED_FOR: Final = TIMER_F
#: Names are looked up again after so long, seconds.
LOOKED_UP_FOR: Final = 300.0

type OpenFlow = Callable[[Target, FlowHearer], Awaitable[Flow]]
type Resolve = Callable[[SipUri], Awaitable[Sequence[Target]]]


class Way:
    """Keeps one flow to one of the places behind an address. `opened` is called for each new one."""

    def __init__(
        self,
        uri: SipUri,
        hearer: FlowHearer,
        *,
        open_flow: OpenFlow,
        resolve: Resolve,
        clock: Clock,
        opened: Callable[[], None],
    ) -> None:
        """Open nothing yet."""
        self._uri = uri
        self._hearer = hearer
        self._open_flow = open_flow
        self._resolve = resolve
        self._clock = clock
        self._opened = opened
        self._flow: Flow | None = None
        #: For what is too long for a datagram.
        self._wide: Flow | None = None
        self._targets: tuple[Target, ...] = ()
        self._looked_up_at = 0.0
        self._failed: dict[Target, float] = {}
        self._opening = asyncio.Lock()
        self._closed = False

    @property
    def latest(self) -> Flow | None:
        """The flow that was opened last, open or not."""
        return self._flow

    @property
    def current(self) -> Flow | None:
        """The flow that is open, None for none."""
        return self._flow if self._flow is not None and self._flow.is_open else None

    async def flow(self, *, but: frozenset[Target] = frozenset()) -> Flow:
        """Return the flow, opened where needed, to a place that is not among `but`.

        Raises:
            UnansweredError: no other place can be reached; it tells of the last one tried.
        """
        async with self._opening:
            if self._closed:
                raise UnansweredError(Fault.CLOSED)
            current = self.current
            if current is not None and current.target not in but:
                return current
            error = UnansweredError(Fault.SILENT)
            for target in await self._in_order():
                if target in but:
                    continue
                try:
                    flow = await self._open_flow(target, self._hearer)
                except UnansweredError as err:
                    error = err
                    self._failed[target] = self._clock.time()
                    continue
                await self._drop()
                self._flow = flow
                self._opened()
                return flow
            raise error

    async def wide(self, beside: Flow) -> Flow:
        """Return a connection to the place of a UDP flow, for what is too long for a datagram.

        Raises:
            UnansweredError: there is none.
        """
        async with self._opening:
            target = replace(beside.target, transport=Transport.TCP)
            if self._wide is None or not self._wide.is_open or self._wide.target != target:
                self._wide = await self._open_flow(target, self._hearer)
            return self._wide

    def has_other(self, but: frozenset[Target]) -> bool:
        """Tell whether there is a place that is not among `but`."""
        return any(target not in but for target in self._targets)

    async def failed(self, flow: Flow) -> None:
        """Take note that nothing comes of a flow: its place is asked last for a while."""
        self._failed[flow.target] = self._clock.time()
        await flow.close()

    async def close(self) -> None:
        """Let go of all."""
        async with self._opening:
            self._closed = True
            await self._drop()

    async def _drop(self) -> None:
        flows = [flow for flow in (self._flow, self._wide) if flow is not None]
        self._flow = self._wide = None
        for flow in flows:
            await flow.close()

    async def _in_order(self) -> list[Target]:
        now = self._clock.time()
        if not self._targets or now - self._looked_up_at > LOOKED_UP_FOR:
            try:
                self._targets = tuple(await self._resolve(self._uri))
                self._looked_up_at = now
            except UnansweredError:
                if not self._targets:
                    raise
                # An old answer is better than none.
        self._failed = {target: at for target, at in self._failed.items() if now - at < FAILED_FOR}
        return sorted(self._targets, key=lambda target: target in self._failed)
