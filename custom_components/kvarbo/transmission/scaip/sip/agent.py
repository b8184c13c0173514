"""A user agent that says MESSAGE and hears MESSAGE, over one flow (RFC 3261, RFC 3428)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
import logging
import secrets
from typing import Final, override

from ...gate import GATE, Content
from .build import to_octets
from .client import ClientTransaction, Key, key_of
from .digest import Credentials, DigestSession
from .incoming import Incoming, Reception
from .message import Headers, Message, Request, Response
from .once import Once
from .registration import Registered, Registration
from .reply import Reply, reply_of
from .timing import Clock
from .values import MAGIC, BadMessageError, CSeq, SipUri, Via
from .way import OpenFlow, Resolve, Way
from .wire import Fault, Flow, FlowHearer, Target, Transport, UnansweredError

_LOGGER: Final = logging.getLogger(__name__)

#: Above this a request must not go by UDP (RFC 3261 section 18.1.1), octets.
LONGEST_DATAGRAM: Final = 1300
_LAST_CSEQ: Final = 2**31
_CHALLENGES: Final = frozenset({401, 407})
#: The far end that was asked cannot serve now: another may (RFC 3263 section 4.3).
_NOT_HERE: Final = frozenset({408, 503})
#: A registrar that has forgotten us may say so.
_FORGOTTEN: Final = frozenset({403, 404})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """Who speaks to whom, and by which way.

    `own` is our address of record, `receiver` whom messages are for, `route` where all is sent.
    `expires` is asked for in seconds; `instance` is a `urn:uuid:` that never changes (RFC 5626).
    `accepts` are the media types of bodies that are taken.
    """

    own: SipUri
    receiver: SipUri
    route: SipUri
    credentials: Credentials | None
    registers: bool
    instance: str
    accepts: frozenset[str]
    expires: int = 180
    user_agent: str = "Kvarbo"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saying:
    """One request before it has a branch, a number and credentials."""

    method: str
    uri: str
    to: str
    call_id: str
    tag: str
    contact: bool = False
    more: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Agent(FlowHearer):
    """Belongs to one event loop; opens its flow with the first request."""

    def __init__(
        self,
        settings: AgentSettings,
        *,
        open_flow: OpenFlow,
        resolve: Resolve,
        clock: Clock,
        on_message: Callable[[bytes, str], None],
    ) -> None:
        """Open nothing yet. `on_message` gets each incoming body once, with its media type."""
        self._settings = settings
        self._clock = clock
        self._digest = DigestSession(settings.credentials)
        self._tag = secrets.token_hex(6)
        self._cseq = secrets.randbelow(_LAST_CSEQ // 2)
        self._register_id = self._new_call_id()
        self._pending: dict[Key, tuple[ClientTransaction, Flow]] = {}
        self._registration = Registration(self._register, asked=settings.expires, clock=clock)
        self._incoming = Incoming(
            Reception(
                user=settings.own.user,
                accepts=settings.accepts,
                deliver=on_message,
                tag=secrets.token_hex(6),
            ),
            clock,
        )
        self._way = Way(
            settings.route,
            self,
            open_flow=open_flow,
            resolve=resolve,
            clock=clock,
            opened=self._opened,
        )

    @property
    def registration(self) -> Registered | None:
        """What the registrar has answered last; None where we have not asked, or it has not."""
        return self._registration.state

    def has_registered_since(self, began: float) -> bool:
        """Tell whether the registrar has learnt where we are after a moment of the clock."""
        at = self._registration.said_yes_at
        return at is not None and at >= began

    async def message(
        self, content: Content, media_type: str, *, written: Callable[[], None] | None = None
    ) -> Reply:
        """Say something to the receiver; return its final answer, whatever it is.

        A challenge is answered, a place that fails is left for the next, and a registrar that has
        forgotten us is told again, all within. `written` is called once, when the first copy has
        been handed to the network.

        Raises:
            UnansweredError: there is no answer.
            GateError: the content is none of the gate's; nothing was sent.
        """
        once = Once(written)
        saying = self._saying(
            "MESSAGE",
            str(self._settings.receiver),
            more=(("content-type", media_type),),
            content=content,
        )
        reply = await self._ask(saying, once)
        if reply.status in _FORGOTTEN and self._settings.registers:
            await self._registration.renew()
            reply = await self._ask(saying, once)
        return reply

    async def options(self) -> Reply:
        """Ask whether the far end is there.

        Raises:
            UnansweredError: there is no answer.
        """
        more = (("accept", ", ".join(sorted(self._settings.accepts))),)
        uri = str(SipUri(host=self._settings.receiver.host, secure=self._settings.receiver.secure))
        return await self._ask(self._saying("OPTIONS", uri, more=more), Once(None))

    async def refresh(self) -> Reply | None:
        """Register anew now; None where we do not register.

        Raises:
            UnansweredError: there is no answer.
        """
        if not self._settings.registers:
            return None
        return reply_of(await self._registration.renew(), 0.0)

    async def close(self) -> None:
        """Un-register within a second where that can be, and let go of the flow."""
        await self._registration.stop()
        await self._way.close()
        for transaction, _ in list(self._pending.values()):
            transaction.cancel()
        self._pending.clear()

    # -- asking --------------------------------------------------------------------------------

    def _saying(
        self,
        method: str,
        uri: str,
        *,
        more: tuple[tuple[str, str], ...] = (),
        content: Content | None = None,
    ) -> _Saying:
        return _Saying(
            method=method,
            uri=uri,
            to=f"<{uri}>",
            call_id=self._new_call_id(),
            tag=secrets.token_hex(6),
            more=more,
            body=b"" if content is None else GATE.check(content),
        )

    async def _register(self, expires: int) -> Response:
        own = self._settings.own.bare()
        saying = _Saying(
            method="REGISTER",
            uri=str(SipUri(host=own.host, secure=own.secure)),
            to=f"<{own}>",
            call_id=self._register_id,
            tag=self._tag,
            contact=True,
            more=(("expires", str(expires)),),
        )
        response, _ = await self._somewhere(saying, Once(None))
        return response

    async def _ask(self, saying: _Saying, written: Once) -> Reply:
        return reply_of(*await self._somewhere(saying, written))

    async def _somewhere(self, saying: _Saying, written: Once) -> tuple[Response, float]:
        """Return the final answer of a place that serves, and how long it took."""
        tried: frozenset[Target] = frozenset()
        heard = False
        while True:
            try:
                flow = await self._way.flow(but=tried)
            except UnansweredError as err:
                raise UnansweredError(
                    err.fault, err.detail, maybe_heard=heard or err.maybe_heard
                ) from None
            try:
                response, took = await self._believed(saying, flow, written)
            except UnansweredError as err:
                heard = heard or err.maybe_heard
                tried |= {flow.target}
                if not self._way.has_other(tried):
                    raise UnansweredError(err.fault, err.detail, maybe_heard=heard) from None
            else:
                tried |= {flow.target}
                if response.status not in _NOT_HERE or not self._way.has_other(tried):
                    return response, took
            await self._leave(flow)

    async def _leave(self, flow: Flow) -> None:
        """Go elsewhere, with all that waits on this flow: its place does not serve."""
        await self._way.failed(flow)
        self.lost(flow, UnansweredError(Fault.CUT_OFF))

    async def _believed(self, saying: _Saying, flow: Flow, written: Once) -> tuple[Response, float]:
        """Return the final answer on one flow, challenges answered."""
        attempt = self._digest.begin(saying.method, saying.uri)
        while True:
            request, chosen = await self._made(saying, flow, attempt.headers())
            response, took = await self._transact(request, chosen, written)
            if response.status not in _CHALLENGES or not attempt.challenged(response):
                return response, took

    async def _made(
        self, saying: _Saying, flow: Flow, proof: tuple[tuple[str, str], ...]
    ) -> tuple[Request, Flow]:
        """Make a request for a flow, or for a connection where it is too long for a datagram."""
        request = self._request(saying, flow, proof)
        if flow.target.transport is not Transport.UDP:
            return request, flow
        if len(to_octets(request)) <= LONGEST_DATAGRAM:
            return request, flow
        try:
            wide = await self._way.wide(flow)
        except UnansweredError as err:
            # RFC 3261 section 18.1.1: where there is no connection to be had, UDP may be tried.
            _LOGGER.debug("No connection for what is too long for a datagram: %s", err.fault)
            return request, flow
        return self._request(saying, wide, proof), wide

    def _request(self, saying: _Saying, flow: Flow, proof: tuple[tuple[str, str], ...]) -> Request:
        self._cseq += 1
        host, port = flow.local
        via = Via(
            transport=flow.target.transport.upper(),
            host=host,
            port=port,
            params={"branch": MAGIC + secrets.token_hex(8), "rport": None},
        )
        lines = [
            ("via", str(via)),
            ("max-forwards", "70"),
            ("from", f"<{self._settings.own.bare()}>;tag={saying.tag}"),
            ("to", saying.to),
            ("call-id", saying.call_id),
            ("cseq", str(CSeq(self._cseq, saying.method))),
        ]
        if saying.contact:
            lines.append(("contact", self._contact(flow)))
        lines += [*saying.more, *proof, ("user-agent", self._settings.user_agent)]
        return Request(
            method=saying.method, uri=saying.uri, headers=Headers(tuple(lines)), body=saying.body
        )

    def _contact(self, flow: Flow) -> str:
        host, port = flow.local
        transport = flow.target.transport
        params: dict[str, str | None] = (
            {} if transport is Transport.UDP else {"transport": transport.value}
        )
        here = SipUri(user=self._settings.own.user, host=host, port=port, params=params)
        return f'<{here}>;+sip.instance="<{self._settings.instance}>";reg-id=1'

    async def _transact(
        self, request: Request, flow: Flow, written: Once
    ) -> tuple[Response, float]:
        outcome: asyncio.Future[Response | UnansweredError] = (
            asyncio.get_running_loop().create_future()
        )
        transaction = ClientTransaction(
            request,
            transport=flow.target.transport,
            clock=self._clock,
            send=flow.send,
            done=partial(_settle, outcome),
        )
        self._pending[transaction.key] = (transaction, flow)
        began = self._clock.time()
        try:
            transaction.start()
            written()
            answer = await outcome
        finally:
            # Late copies of the answer find nobody and are dropped: that absorbs them.
            transaction.cancel()
            self._pending.pop(transaction.key, None)
        if isinstance(answer, UnansweredError):
            raise answer
        return answer, self._clock.time() - began

    def _new_call_id(self) -> str:
        return secrets.token_hex(12)

    # -- what comes ----------------------------------------------------------------------------

    def _opened(self) -> None:
        if self._settings.registers:
            self._registration.wanted()

    @override
    def received(self, flow: Flow, message: Message) -> None:
        try:
            if isinstance(message, Response):
                self._answered(message)
                return
            source = (flow.target.host, flow.target.port)
            response = self._incoming.answer(message, source)
        except BadMessageError as err:
            self.malformed(flow, err)
            return
        if response is not None:
            self._send(flow, response)

    def _answered(self, response: Response) -> None:
        waiting = self._pending.get(key_of(response))
        if waiting is not None:
            waiting[0].received(response)

    @override
    def malformed(self, flow: Flow, error: BadMessageError) -> None:
        _LOGGER.debug("What came is no SIP: %s", error.words)
        if error.request is None:
            return
        try:
            source = (flow.target.host, flow.target.port)
            response = self._incoming.refuse(error.request, source)
        except BadMessageError:
            return
        if response is not None:
            self._send(flow, response)

    def _send(self, flow: Flow, response: Response) -> None:
        try:
            flow.send(to_octets(response))
        except UnansweredError as err:
            # The far end says it again, on another flow.
            _LOGGER.debug("An answer could not be sent: %s", err.fault)

    @override
    def lost(self, flow: Flow, error: UnansweredError) -> None:
        _LOGGER.debug("The flow to %s has ended: %s", flow.target.name, error.fault)
        for transaction, own in list(self._pending.values()):
            if own is flow:
                transaction.lost(error)
        if self._settings.registers and flow is self._way.latest:
            # Whatever the receiver has to say to us needs a way.
            self._registration.wanted()


def _settle(
    outcome: asyncio.Future[Response | UnansweredError], answer: Response | UnansweredError
) -> None:
    """Hand over an answer, unless whoever asked has been cut off in this very turn of the loop."""
    if not outcome.done():
        outcome.set_result(answer)
