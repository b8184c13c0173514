"""A receiver behind a broker: what we publish counts as taken when the application itself receipts it (idea 3).

The broker's word for a message says that the broker has it, and no more.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, tzinfo
import logging
from typing import Final, override

from ...alarm.alarm import Delivery
from ...alarm.clock import Clock
from ...alarm.reason import Language
from ..catalogue import Field
from ..gate import GATE, Content, GateError, Passed
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
from ..rest.fields import OF_LIFE, Kind, alarm_values, home_values, in_their_words, life_values
from ..rest.reply import Reading, read_fate
from ..rest.session import Incoming, UnansweredError
from ..rest.settings import SettingError
from ..rest.template import fields_of, render, to_octets
from ..rest.tls import make_context
from ..rest.words import Said, say
from ..touching import Touching
from ..tunnel import OPEN, Tunnel
from .link import (
    NOBODY,
    NOT_AUTHORIZED,
    Heard,
    Link,
    ReasonCode,
    RefusedError,
    Session,
    properties_of,
)
from .profile import MqttProfile
from .settings import MqttSettings

_LOGGER: Final = logging.getLogger(__name__)

#: How long a receipt may take, in seconds, connecting included (A4).
ANSWER_LIMIT: Final = 20.0
#: What became of so many alarms is remembered.
_MOST_FATES: Final = 1000
#: Another hub under our name at the broker is told of for so long after it has shown, seconds.
_CONFLICT: Final = 600.0
_OK: Final = 200
#: Reason codes of a broker, beside those about who we are.
_QUOTA: Final = 0x97
_FORM: Final = frozenset({0x95, 0x99})


class MqttReceiver(Receiver):
    """An alarm receiver or an operations receiver behind a broker."""

    def __init__(
        self,
        *,
        profile: MqttProfile,
        settings: MqttSettings,
        language: Language,
        controller: str,
        clock: Clock,
        tunnel: Tunnel = OPEN,
        answer_limit: float = ANSWER_LIMIT,
        zone: Callable[[], tzinfo] = lambda: UTC,
    ) -> None:
        """Take the settings; nothing is opened before the first message.

        `zone` returns the home's time zone of now, for the times that people read.
        """
        self._profile = profile.messages
        self._topics = profile.topics.of(controller)
        self._touching = Touching(tunnel, settings.host, settings.port)
        self._language = language
        self._controller = controller
        self._clock = clock
        self._limit = answer_limit
        self._zone = zone
        self._reading = Reading(
            accept=self._profile.accept, language=language, secret=settings.password
        )
        self._receipts: dict[str, asyncio.Future[bytes]] = {}
        self._fates: OrderedDict[str, Followed] = OrderedDict()
        self._link = Link(
            settings,
            self._session,
            tunnel,
            lambda: make_context(settings.trust, settings.certificate),
            heard=self._heard,
            lost=self._lost,
        )

    @override
    async def send(self, dispatch: Dispatch, *, written: WrittenHook | None = None) -> Verdict:
        return await self._say(
            lambda: alarm_values(dispatch, self._controller, self._language, self._zone()),
            self._topics.alarms,
            minimal=dispatch.delivery.minimal,
            written=written,
        )

    @override
    async def heartbeat(self, beat: Heartbeat) -> Verdict:
        return await self._say(
            lambda: life_values(Kind.HEARTBEAT, beat, self._controller, self._language),
            self._topics.signs,
        )

    @override
    async def probe(self, beat: Heartbeat) -> Verdict:
        """Ask the application, not the broker: a broker that lives says nothing of what is behind it."""
        return await self._say(
            lambda: life_values(Kind.PROBE, beat, self._controller, self._language),
            self._topics.signs,
        )

    @override
    async def touch(self) -> bool | None:
        """A connection that stands is kept alive by its own signs; else whether one could be made."""
        return self._link.is_up or await self._touching.touch()

    @override
    async def follow(self, delivery: Delivery) -> Followed:
        """Return what the state topic has told last."""
        return self._fates.get(delivery.reference, Followed(Fate.NOT_KNOWN))

    @override
    async def close(self) -> None:
        self._touching.close()
        await self._link.close()

    # -- one message ---------------------------------------------------------------------------

    async def _say(
        self,
        let_through: Callable[[], Passed],
        topic: str,
        *,
        minimal: bool = False,
        written: WrittenHook | None = None,
    ) -> Verdict:
        try:
            passed = let_through()
            kind = Kind(passed.text(Field.MESSAGE))
            # What the gate could not let through whole goes with the least (R02).
            content = self._content(kind, passed, topic, minimal=minimal or bool(passed.refused))
            incoming = await self._exchange(topic, content, passed.text(Field.REFERENCE), written)
            verdict = self._reading.verdict(
                incoming, "mqtts://broker", self._clock.now(), is_life=kind in OF_LIFE
            )
            return replace(verdict, conflict=verdict.conflict or self._is_taken_over())
        except RefusedError as err:
            return self._refused(err)
        except Exception as err:  # noqa: BLE001 - see _no_answer
            return self._no_answer(err)

    def _content(self, kind: Kind, passed: Passed, topic: str, *, minimal: bool) -> Content:
        theirs = in_their_words(passed, self._profile.codes, self._profile.max_text)
        body = self._profile.minimal if minimal else self._profile.forms[kind].body
        octets = b"" if body is None else to_octets(render(body, theirs))
        said = {Field.CONTROLLER.value, *(() if body is None else fields_of(body))}
        return GATE.seal(passed, octets, said, around=(topic, self._topics.receipts))

    async def _exchange(
        self, topic: str, content: Content, about: str, written: WrittenHook | None
    ) -> Incoming:
        loop = asyncio.get_running_loop()
        acked: asyncio.Future[ReasonCode] | None = None
        sent_at: float | None = None
        receipt = self._receipts.setdefault(about, loop.create_future())
        try:
            async with asyncio.timeout(self._limit):
                await self._link.up()
                properties = properties_of(answer_to=self._topics.receipts, about=about)
                acked, sent_at = self._link.handed(topic, content, properties), loop.time()
                if written is not None:
                    written()
                await asyncio.wait((acked, receipt), return_when=asyncio.FIRST_COMPLETED)
                if not receipt.done():
                    _check_word(acked.result())
                body = await receipt
        except TimeoutError:
            raise self._silence(acked, sent=sent_at is not None) from None
        finally:
            self._receipts.pop(about, None)
            if acked is not None:
                acked.cancel()
        return Incoming(status=_OK, body=body, retry_after=None, took=loop.time() - sent_at)

    def _silence(self, acked: asyncio.Future[ReasonCode] | None, *, sent: bool) -> UnansweredError:
        has_it = acked is not None and acked.done() and not acked.cancelled()
        said = Said.NO_RECEIPT_IN_TIME if has_it else Said.SILENT
        return UnansweredError(said, f"{self._limit:g}", maybe_heard=sent)

    def _refused(self, err: RefusedError) -> Verdict:
        words = say(Said.BROKER, self._language, err.words)
        if err.about_us or err.code == NOT_AUTHORIZED:
            return Verdict(answer=Answer.CREDENTIALS_REFUSED, words=words)
        if err.code in _FORM:
            return Verdict(answer=Answer.FORM_REFUSED, words=words)
        if err.code == _QUOTA:
            return Verdict(answer=Answer.BUSY, words=words)
        return Verdict(answer=Answer.UNREACHABLE, words=words)

    def _no_answer(self, err: Exception) -> Verdict:
        """Return the verdict for anything that can happen in place of a receipt.

        A fault of ours or of a library must not stop the sending of alarms: it is reported in full and the
        message is tried again, as after any silence.
        """
        maybe_heard = False
        if isinstance(err, UnansweredError):
            if err.said is Said.OWN_CERTIFICATE_REFUSED:
                words = say(err.said, self._language, err.detail)
                return Verdict(answer=Answer.CREDENTIALS_REFUSED, words=words)
            words, maybe_heard = say(err.said, self._language, err.detail), err.maybe_heard
        elif isinstance(err, SettingError):
            if err.field != "ca_certificate":
                words = say(Said.OWN_CERTIFICATE, self._language, err.problem)
                return Verdict(answer=Answer.CREDENTIALS_REFUSED, words=words)
            words = say(Said.AUTHORITIES, self._language, err.problem)
        elif isinstance(err, GateError):
            words = say(Said.FAULT, self._language, type(err).__name__)
        else:
            _LOGGER.error("A fault inside Kvarbo stood in the way of a receipt", exc_info=err)
            words, maybe_heard = say(Said.FAULT, self._language, type(err).__name__), True
        return Verdict(answer=Answer.UNREACHABLE, words=words, maybe_heard=maybe_heard)

    # -- what comes back -----------------------------------------------------------------------

    def _session(self) -> Session:
        home = home_values(self._controller, self._language)
        source = Field.SOURCE.value

        def presence(word: str) -> Content:
            octets = to_octets({"source": home[source], "presence": word})
            return GATE.seal(home, octets, {source}, around=(self._topics.presence,))

        return Session(
            listens=(self._topics.receipts, f"{self._topics.states}/+"),
            presence=self._topics.presence,
            birth=presence("online"),
            will=presence("offline"),
        )

    def _heard(self, heard: Heard) -> None:
        if heard.topic == self._topics.receipts:
            receipt = self._receipts.get(heard.about)
            if receipt is not None and not receipt.done():
                receipt.set_result(heard.payload)
        elif self._profile.status is not None and heard.topic.startswith(f"{self._topics.states}/"):
            reference = heard.topic.rpartition("/")[2]
            incoming = Incoming(status=_OK, body=heard.payload, retry_after=None, took=0.0)
            self._fates[reference] = read_fate(self._profile.status, incoming)
            self._fates.move_to_end(reference)
            while len(self._fates) > _MOST_FATES:
                self._fates.popitem(last=False)

    def _lost(self) -> None:
        """Wait for no receipt that was asked for on a connection that is gone: it is asked for again."""
        for receipt in self._receipts.values():
            if not receipt.done():
                receipt.set_exception(UnansweredError(Said.CUT_OFF, maybe_heard=True))
                receipt.exception()

    def _is_taken_over(self) -> bool:
        at = self._link.taken_over_at
        return at is not None and asyncio.get_running_loop().time() - at < _CONFLICT


def _check_word(reason: ReasonCode) -> None:
    """Take the broker's own word for a message: it can refuse one, and tell that nobody listens."""
    if reason.value == NOBODY:
        raise UnansweredError(Said.NOBODY_LISTENS, maybe_heard=False)
    if reason.is_failure:
        raise RefusedError(reason.value, str(reason))
