"""A receiver that is spoken to by SCAIP over SIP (R23, docs/scaip.md).

One alarm is one session at the receiver under one `ref`, made of the delivery's own reference: it
is the same after a restart, however long the receiver has held it (A5). News about the alarm goes
under it too. A sending is over when a SCAIP answer with that `ref` has come, in the SIP answer's
body or in a message of the receiver's own, whichever is first.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, timedelta, tzinfo
from functools import partial
import logging
from typing import Any, Final, override
from weakref import WeakValueDictionary

from ...alarm.alarm import Delivery, MessageKind
from ...alarm.clock import Clock
from ...alarm.reason import Language
from ..catalogue import Sign
from ..gate import GATE, GateError, Passed
from ..outlet import HOLD_LIMIT
from ..receiver import (
    Answer,
    Dispatch,
    Fate,
    Followed,
    Heartbeat,
    Receiver,
    Verdict,
    WrittenHook,
)
from ..rest.tls import make_context
from ..tunnel import OPEN, Tunnel
from .answering import refusal, silence, verdict_of
from .awaited import Awaited
from .content import alarm_request, fields_said, given_up, heartbeat_request, new_ref
from .profile import ScaipProfile
from .reaching import touching_of
from .settings import ScaipSettings
from .sip.agent import Agent, AgentSettings
from .sip.dns import Dns
from .sip.flow import FlowOptions, Flows
from .sip.reply import Reply
from .sip.resolve import resolve
from .sip.wire import Fault, UnansweredError
from .values import CONTENT_TYPES, MessageType, ScaipAnswer, ScaipRequest
from .words import Said, say
from .xml_reader import UnreadableError, read_answer
from .xml_writer import fitting

_LOGGER: Final = logging.getLogger(__name__)

#: After a SIP answer without a SCAIP one, a message of the receiver's own is waited for so long,
#: seconds. Receivers are known to take half of that.
SEPARATE: Final = 30.0
#: Where the far end has learnt only after we spoke where we are, its own message may have found no way
#: to us: it is said again after so long, seconds.
AFTER_REGISTERING: Final = 1.0
#: After this long it may be that the way to us has been forgotten, by a proxy that was started anew:
#: we register again, and say it again; seconds. Below the limit for the next receiver (A4).
NUDGE: Final = 8.0
_HOLD_LIMIT: Final = timedelta(seconds=HOLD_LIMIT)
_MEDIA_TYPES: Final = frozenset({"application/scaip+xml", "application/xml", "text/xml"})

#: What is said, and what the gate let through for it.
type _Told = tuple[ScaipRequest, Passed]
type MakeAgent = Callable[[AgentSettings, Callable[[bytes, str], None]], Agent]


class ScaipReceiver(Receiver):
    """An alarm receiver behind one SIP address.

    Opens its flow with the first message, and keeps it: the receiver's own messages come back on it.
    """

    def __init__(
        self,
        *,
        settings: ScaipSettings,
        profile: ScaipProfile,
        language: Language,
        controller: str,
        clock: Clock,
        zone: Callable[[], tzinfo] = lambda: UTC,
        tunnel: Tunnel = OPEN,
        make_agent: MakeAgent | None = None,
    ) -> None:
        """Take the settings; `controller` is the home's number and goes as `cid`.

        `zone` returns the home's time zone of now, for the times that people read.
        """
        self._settings = settings
        self._profile = profile
        self._language = profile.language or language
        self._controller = controller
        self._clock = clock
        self._zone = zone
        self._touching = touching_of(settings.route, tunnel)
        self._make_agent = make_agent or partial(_real_agent, settings, tunnel)
        self._awaited = Awaited()
        #: Gone by themselves when nobody holds or waits for one any more.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._agent: Agent | None = None
        self._closed = False
        #: Whoever calls by hand sees each document as it goes.
        self.told: Callable[[bytes], object] = lambda _document: None

    @override
    async def send(self, dispatch: Dispatch, *, written: WrittenHook | None = None) -> Verdict:
        is_alarm = dispatch.message.kind is MessageKind.ALARM
        verdict = await self._guarded(lambda: self._say(self._request(dispatch), written))
        since = dispatch.delivery.held_since
        if verdict.answer is not Answer.HOLD or not is_alarm or since is None:
            return verdict
        if dispatch.sent_at - since < _HOLD_LIMIT:
            return verdict
        # Nobody holds for ever: the session is given up, and the receiver hears so.
        self._in_background(self._give_up(dispatch))
        words = say(Said.HELD_TOO_LONG, self._language, verdict.words)
        return Verdict(answer=Answer.BUSY, words=words, took=verdict.took)

    @override
    async def heartbeat(self, beat: Heartbeat) -> Verdict:
        return await self._guarded(lambda: self._say(self._heartbeat(beat)))

    @override
    async def probe(self, beat: Heartbeat) -> Verdict:
        return await self._guarded(self._probe)

    @override
    async def touch(self) -> bool | None:
        """Only by TCP and by number: what a name leads to is for SIP's own rules to say (RFC 3263)."""
        return None if self._touching is None else await self._touching.touch()

    @override
    async def follow(self, delivery: Delivery) -> Followed:
        """SCAIP has no way to ask what became of an alarm."""
        return Followed(Fate.NOT_KNOWN)

    @override
    async def close(self) -> None:
        self._closed = True
        if self._touching is not None:
            self._touching.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        agent, self._agent = self._agent, None
        if agent is not None:
            await agent.close()

    # -- what is said --------------------------------------------------------------------------

    def _passed(self, dispatch: Dispatch) -> Passed:
        return GATE.alarm(
            dispatch,
            self._controller,
            self._language,
            self._zone(),
            speech=self._settings.speech,
        )

    def _request(self, dispatch: Dispatch) -> _Told:
        passed = self._passed(dispatch)
        request = alarm_request(
            passed,
            profile=self._profile,
            zone=self._zone(),
            minimal=dispatch.delivery.minimal,
            session_open=dispatch.session_open,
        )
        return request, passed

    def _heartbeat(self, beat: Heartbeat) -> _Told:
        passed = GATE.status(
            beat, Sign.HEARTBEAT, self._controller, self._language, reference=new_ref()
        )
        return heartbeat_request(passed, profile=self._profile), passed

    async def _give_up(self, dispatch: Dispatch) -> Verdict:
        def told() -> _Told:
            request, passed = self._request(dispatch)
            return given_up(request), passed

        return await self._guarded(lambda: self._say(told()))

    # -- one session ---------------------------------------------------------------------------

    async def _say(self, told: _Told, written: WrittenHook | None = None) -> Verdict:
        """Say one thing and return what the receiver answers; one at a time in a session."""
        request, passed = told
        turn = self._turns.get(request.ref) or asyncio.Lock()
        self._turns[request.ref] = turn
        async with turn:
            verdict = await self._converse(request, passed, written)
        if verdict.answer is Answer.ACCEPTED:
            self._awaited.is_over(request.ref)
        return verdict

    async def _converse(
        self, request: ScaipRequest, passed: Passed, written: WrittenHook | None
    ) -> Verdict:
        if request.mty is MessageType.MESSAGE:
            early = self._awaited.accepted_already(request.ref)
            if early is not None:
                return verdict_of(early, request.ref, self._language, 0.0)
        dialect = self._profile.dialect
        fitted = fitting(request, dialect)
        content = GATE.seal(passed, fitted, fields_said(request, passed))
        self.told(content.octets)
        say_it = partial(self._opened().message, content, CONTENT_TYPES[dialect])
        began = asyncio.get_running_loop().time()
        with self._awaited.expecting(request.ref) as separate:
            answer = await self._first_of(separate, say_it(written=written), request.ref)
            if isinstance(answer, Verdict):
                return answer
            if answer is None:
                answer = await self._separately(separate, say_it, request.ref, began)
        if answer is None:
            words = say(Said.NOT_ANSWERED, self._language, f"{SEPARATE:g}")
            return Verdict(answer=Answer.UNREACHABLE, words=words, maybe_heard=True)
        took = asyncio.get_running_loop().time() - began
        return verdict_of(answer, request.ref, self._language, took)

    async def _first_of(
        self,
        separate: asyncio.Future[ScaipAnswer],
        saying: Coroutine[Any, Any, Reply],
        ref: str,
    ) -> ScaipAnswer | Verdict | None:
        """Return the SCAIP answer, or what a SIP answer means by itself, or None for a mere 2xx."""
        # Eagerly: on the wire in this turn of the loop already.
        sip = asyncio.create_task(saying, name="kvarbo scaip", eager_start=True)
        try:
            both: list[asyncio.Future[Any]] = [sip, separate]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if separate.done():
                return separate.result()
            reply = await sip
            return refusal(reply, self._language) or self._answer_in(reply, ref)
        finally:
            if not sip.done():
                # No further copy goes out: who has answered has it.
                sip.cancel()
            # Whatever became of it meanwhile is of no interest any more.
            await asyncio.gather(sip, return_exceptions=True)

    async def _separately(
        self,
        separate: asyncio.Future[ScaipAnswer],
        say_again: Callable[[], Coroutine[Any, Any, Reply]],
        ref: str,
        began: float,
    ) -> ScaipAnswer | None:
        """Return the receiver's own message, None when none has come in time."""
        nudge = asyncio.ensure_future(self._nudge(say_again, ref, began))
        try:
            both: list[asyncio.Future[Any]] = [separate, nudge]
            async with asyncio.timeout(SEPARATE):
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                if not separate.done() and (answer := nudge.result()) is not None:
                    return answer
                return await separate
        except TimeoutError:
            return None
        finally:
            nudge.cancel()
            await asyncio.gather(nudge, return_exceptions=True)

    async def _nudge(
        self, say_again: Callable[[], Coroutine[Any, Any, Reply]], ref: str, began: float
    ) -> ScaipAnswer | None:
        """Say it again, where the receiver's own message may have found no way to us."""
        if not self._settings.registers:
            return None
        agent = self._opened()
        try:
            await asyncio.sleep(AFTER_REGISTERING)
            if agent.has_registered_since(began):
                answer = self._answer_in(await say_again(), ref)
                if answer is not None:
                    return answer
            await asyncio.sleep(NUDGE - AFTER_REGISTERING)
            await agent.refresh()
            return self._answer_in(await say_again(), ref)
        except UnansweredError as err:
            _LOGGER.debug("Nothing came of saying it again: %s", err.fault)
            return None

    def _answer_in(self, reply: Reply, ref: str) -> ScaipAnswer | None:
        """Return the answer in a SIP answer's body. One without a `ref` belongs to the transaction."""
        if not reply.body:
            return None
        try:
            answer = read_answer(reply.body, reply.media_type)
        except UnreadableError as err:
            _LOGGER.warning("The receiver's answer cannot be read: %s", err.words)
            return None
        if answer.ref not in ("", ref):
            self._awaited.arrived(answer)
            return None
        return answer

    def _came(self, body: bytes, media_type: str) -> None:
        """Take a message that the receiver has sent by itself."""
        try:
            answer = read_answer(body, media_type)
        except UnreadableError as err:
            _LOGGER.warning("A message of the receiver's cannot be read: %s", err.words)
            return
        self._awaited.arrived(answer)

    async def _probe(self) -> Verdict:
        # Any answer at all is a sign of life, and none says who we are to the receiver.
        reply = await self._opened().options()
        return Verdict(answer=Answer.ACCEPTED, took=reply.took, identified=False)

    # -- what can go wrong ---------------------------------------------------------------------

    async def _guarded(self, ask: Callable[[], Coroutine[Any, Any, Verdict]]) -> Verdict:
        """Return the verdict, also for anything that can happen in place of an answer.

        A fault of ours or of a library must not stop the sending of alarms: it is reported in full
        and the message is tried again, as after any silence.
        """
        try:
            return await ask()
        except UnansweredError as err:
            return silence(err, self._language)
        except GateError as err:
            words = say(Said.FAULT, self._language, type(err).__name__)
            return Verdict(answer=Answer.UNREACHABLE, words=words)
        except Exception as err:
            _LOGGER.exception("A fault inside Kvarbo stood in the way of an answer")
            words = say(Said.FAULT, self._language, type(err).__name__)
            return Verdict(answer=Answer.UNREACHABLE, words=words, maybe_heard=True)

    def _in_background(self, work: Coroutine[Any, Any, Verdict]) -> None:
        task = asyncio.create_task(work, name="kvarbo scaip reset")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _opened(self) -> Agent:
        if self._closed:
            raise UnansweredError(Fault.CLOSED)
        if self._agent is None:
            settings = self._settings
            self._agent = self._make_agent(
                AgentSettings(
                    own=settings.own,
                    receiver=settings.receiver,
                    route=settings.route,
                    credentials=settings.credentials,
                    registers=settings.registers,
                    instance=settings.instance,
                    accepts=_MEDIA_TYPES,
                ),
                self._came,
            )
        return self._agent


def _real_agent(
    settings: ScaipSettings,
    tunnel: Tunnel,
    agent: AgentSettings,
    came: Callable[[bytes, str], None],
) -> Agent:
    loop = asyncio.get_running_loop()
    options = FlowOptions(
        tls=lambda: make_context(settings.trust, settings.certificate),
        local_port=settings.local_port,
        clock=loop,
        tunnel=tunnel,
    )
    return Agent(
        agent,
        open_flow=Flows(options).open,
        resolve=partial(resolve, lookup=Dns(tunnel=tunnel)),
        clock=loop,
        on_message=came,
    )
