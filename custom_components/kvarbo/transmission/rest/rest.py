"""A receiver that is spoken to by HTTPS and JSON, as its profile says (R24, docs/rest.md)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, tzinfo
import logging
from typing import Final, override

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from ...alarm.alarm import Delivery
from ...alarm.clock import Clock
from ...alarm.reason import Language
from ..catalogue import Field
from ..gate import GATE, GateError, Passed
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
from ..touching import Touching
from ..tunnel import OPEN, Tunnel
from .fields import OF_LIFE, Kind, Scalar, alarm_values, home_values, in_their_words, life_values
from .profile import RestProfile
from .reply import Reading, read_fate, same_origin
from .session import (
    ConnectorFactory,
    Incoming,
    Outgoing,
    UnansweredError,
    exchange,
    open_connector,
    open_session,
)
from .settings import Credentials, SettingError, Trust
from .template import fields_of, render, to_octets
from .tls import make_context
from .words import Said, say

_LOGGER: Final = logging.getLogger(__name__)

#: How long an answer may take, in seconds, connecting included (A4).
ANSWER_LIMIT: Final = 20.0

_HTTPS: Final = 443
_JSON: Final = "application/json"
#: No compressed answers: 64 KiB of them can be gigabytes.
_ALWAYS: Final = {"Accept": _JSON, "Accept-Encoding": "identity", "User-Agent": "Kvarbo"}


class RestReceiver(Receiver):
    """An alarm receiver or an operations receiver behind one address.

    Opens its session with the first message; a fault in certificates shows as a verdict then, and again until it is
    mended.
    """

    def __init__(
        self,
        *,
        profile: RestProfile,
        url: str,
        credentials: Credentials,
        trust: Trust,
        language: Language,
        controller: str,
        clock: Clock,
        connector: ConnectorFactory = open_connector,
        tunnel: Tunnel = OPEN,
        answer_limit: float = ANSWER_LIMIT,
        zone: Callable[[], tzinfo] = lambda: UTC,
    ) -> None:
        """Take the settings; `url` is one that `validate_base_url` gave, `controller` the home's number.

        `zone` returns the home's time zone of now, for the times that people read.
        """
        self._profile = profile
        self._url = url
        self._credentials = credentials
        self._trust = trust
        self._language = language
        self._controller = controller
        self._clock = clock
        self._make_connector = connector
        self._tunnel = tunnel
        address = URL(url)
        self._touching = Touching(tunnel, address.raw_host or "", address.port or _HTTPS)
        self._limit = answer_limit
        self._zone = zone
        self._reading = Reading(accept=profile.accept, language=language, secret=credentials.token)
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    @override
    async def send(self, dispatch: Dispatch, *, written: WrittenHook | None = None) -> Verdict:
        return await self._say(
            lambda: alarm_values(dispatch, self._controller, self._language, self._zone()),
            minimal=dispatch.delivery.minimal,
            written=written,
        )

    @override
    async def heartbeat(self, beat: Heartbeat) -> Verdict:
        return await self._say(
            lambda: life_values(Kind.HEARTBEAT, beat, self._controller, self._language)
        )

    @override
    async def probe(self, beat: Heartbeat) -> Verdict:
        return await self._say(
            lambda: life_values(Kind.PROBE, beat, self._controller, self._language)
        )

    @override
    async def touch(self) -> bool | None:
        return await self._touching.touch()

    @override
    async def follow(self, delivery: Delivery) -> Followed:
        """Ask at the status address.

        One that is not of this receiver's origin is not asked, even if it once was: the settings
        may have changed since.
        """
        status, address = self._profile.status, delivery.status_address
        own = same_origin(address, self._url, self._credentials.token)
        if status is None or own is None:
            return Followed(Fate.NOT_KNOWN)
        try:
            outgoing = self._question(own)
            return read_fate(status, await self._ask(outgoing))
        except Exception as err:  # noqa: BLE001 - see _no_answer
            verdict = self._no_answer(err)
            _LOGGER.debug("A receipt could not be followed: %s", verdict.words)
            return Followed(Fate.NOT_KNOWN)

    @override
    async def close(self) -> None:
        self._closed = True
        self._touching.close()
        async with self._opening:
            session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _say(
        self,
        let_through: Callable[[], Passed],
        *,
        minimal: bool = False,
        written: WrittenHook | None = None,
    ) -> Verdict:
        try:
            passed = let_through()
            kind = Kind(passed.text(Field.MESSAGE))
            # What the gate could not let through whole goes with the least (R02).
            minimal = minimal or bool(passed.refused)
            outgoing = self._outgoing(kind, passed, minimal=minimal)
            incoming = await self._ask(outgoing, written)
            now = self._clock.now()
            return self._reading.verdict(incoming, outgoing.url, now, is_life=kind in OF_LIFE)
        except Exception as err:  # noqa: BLE001 - see _no_answer
            return self._no_answer(err)

    def _no_answer(self, err: Exception) -> Verdict:
        """Return the verdict for anything that can happen in place of an answer.

        A fault of ours or of a library must not stop the sending of alarms: it is reported in full
        and the message is tried again, as after any silence.
        """
        if isinstance(err, UnansweredError):
            if err.said is Said.OWN_CERTIFICATE_REFUSED:
                return self._credentials_refused(err.said, err.detail)
            words, maybe_heard = say(err.said, self._language, err.detail), err.maybe_heard
        elif isinstance(err, SettingError):
            if err.field != "ca_certificate":
                return self._credentials_refused(Said.OWN_CERTIFICATE, err.problem)
            words, maybe_heard = say(Said.AUTHORITIES, self._language, err.problem), False
        elif isinstance(err, GateError):
            words, maybe_heard = say(Said.FAULT, self._language, type(err).__name__), False
        else:
            _LOGGER.error("A fault inside Kvarbo stood in the way of an answer", exc_info=err)
            words, maybe_heard = say(Said.FAULT, self._language, type(err).__name__), True
        return Verdict(answer=Answer.UNREACHABLE, words=words, maybe_heard=maybe_heard)

    def _credentials_refused(self, said: Said, detail: object) -> Verdict:
        words = say(said, self._language, detail)
        return Verdict(answer=Answer.CREDENTIALS_REFUSED, words=words)

    def _outgoing(self, kind: Kind, passed: Passed, *, minimal: bool) -> Outgoing:
        """Fill in the profile's templates; a minimal message keeps everything but the body (A6)."""
        profile, form = self._profile, self._profile.forms[kind]
        theirs = in_their_words(passed, profile.codes, profile.max_text)
        body = profile.minimal if minimal else form.body
        path = form.path.render_path(theirs)
        headers, said = self._headers(theirs, has_body=body is not None)
        return Outgoing(
            method=form.method,
            url=self._url + path,
            headers=self._signed(headers),
            content=GATE.seal(
                passed,
                b"" if body is None else to_octets(render(body, theirs)),
                {*said, *fields_of(form.path), *(() if body is None else fields_of(body))},
                around=(path, *(f"{name}: {value}" for name, value in headers.items())),
            ),
        )

    def _question(self, address: str) -> Outgoing:
        passed = home_values(self._controller, self._language)
        theirs = in_their_words(passed, self._profile.codes, {})
        headers, said = self._headers(theirs, has_body=False)
        around = tuple(f"{name}: {value}" for name, value in headers.items())
        content = GATE.seal(passed, b"", said, around=around)
        return Outgoing(method="GET", url=address, headers=self._signed(headers), content=content)

    def _headers(
        self, values: dict[str, Scalar], *, has_body: bool
    ) -> tuple[CIMultiDict[str], set[str]]:
        """Return the headers and the fields in them; one whose field the message lacks is left out."""
        headers, said = CIMultiDict(_ALWAYS), set[str]()
        if has_body:
            headers["Content-Type"] = _JSON
        for name, text in self._profile.headers:
            fields = set(fields_of(text))
            value = text.render(values).strip() if fields <= values.keys() else ""
            if value and (has_body or name.lower() != "content-type"):
                headers[name] = value
                said |= fields
        return headers, said

    def _signed(self, headers: CIMultiDict[str]) -> CIMultiDict[str]:
        """Return the headers with the home's token, which nothing else ever sees."""
        signed = headers.copy()
        if self._credentials.token is not None:
            token = self._profile.token
            signed[token.header] = f"{token.prefix}{self._credentials.token}"
        return signed

    async def _ask(self, outgoing: Outgoing, written: WrittenHook | None = None) -> Incoming:
        """Return the answer.

        Raises:
            UnansweredError: there is none.
            SettingError: OpenSSL cannot use our certificates.
        """
        try:
            async with asyncio.timeout(self._limit):
                session = await self._opened()
        except TimeoutError:
            raise UnansweredError(Said.SILENT, f"{self._limit:g}", maybe_heard=False) from None
        return await exchange(session, outgoing, limit=self._limit, written=written)

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            async with self._opening:
                if self._closed:
                    raise UnansweredError(Said.CLOSED, maybe_heard=False)
                if self._session is None:
                    tls = await asyncio.to_thread(make_context, self._trust, self._credentials)
                    self._session = open_session(self._make_connector(tls, self._tunnel))
        return self._session
