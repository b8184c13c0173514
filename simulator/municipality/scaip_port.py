"""The municipality's SCAIP receiver: what a home speaks to over SIP.

Strict: whatever in a home's sending the rules forbid is complained of aloud, and taken all the same
where that can be, as real receivers do.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from simulator.sip import Challenge, Incoming, Outgoing, Sip, SipServer

from . import scaip_words as words_of
from .bulletin import Bulletin
from .certificates import Authority, server_context
from .contract import Event, EventType
from .faults import By, Desk, Fault, Mode
from .fields import stamp
from .ledger import FullError, Ledger
from .raw import RawRecord
from .scaip_xml import (
    CONTENT_TYPES,
    NotScaipError,
    answer,
    complaints,
    missing,
    moment,
    number,
    read,
)

HOST: Final = "127.0.0.1"
_MOST_COMPLAINTS: Final = 1000
#: A hold is repeated after 5-20 s; as much more is left to the clocks.
_HOLD: Final = (5.0, 20.0)
_SLACK: Final = 1.0
#: Sessions that are remembered.
_KEPT: Final = 5000
#: Nothing is taken in these, though no number says so.
_NOT_TAKEN: Final = frozenset(
    {Mode.SILENT, Mode.ERROR, Mode.EMPTY200, Mode.CREDENTIALS, Mode.GARBAGE}
)
_FULL: Final = frozenset({"dte", "ite", "lte", "lge", "lco", "dco", "crd"})


class Answers(StrEnum):
    """Where the SCAIP answer stands."""

    BODY = "body"
    SEPARATE = "separate"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaipOptions:
    """How the SCAIP receiver is. `users` are units' numbers and passwords.

    A port 0 is any, None is not listened on. `tls` needs the municipality's own authority.
    """

    users: Mapping[str, str]
    domain: str = "localhost"
    dialect: str = "mrq"
    answers: Answers = Answers.BODY
    udp: int | None = 0
    tcp: int | None = 0
    tls: int | None = 0
    challenge: Challenge = Challenge.BOTH
    algorithms: tuple[str, ...] = ("SHA-256", "MD5")
    user: str = "larm"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A rule that a home has broken."""

    at: datetime
    home: str
    words: str

    def shown(self) -> dict[str, Any]:
        """In JSON's types."""
        return {"at": stamp(self.at), "home": self.home, "words": self.words}


@dataclass(slots=True)
class _Session:
    """One `ref`: what was said first under it, and when a hold was answered last."""

    cid: str
    first: bytes
    ended: bool = False
    held_at: float | None = None
    holds: int = 0
    messages: list[str] = field(default_factory=list)


class ScaipPort:
    """Takes SCAIP for one municipality."""

    def __init__(
        self,
        options: ScaipOptions,
        ledger: Ledger,
        desk: Desk,
        record: RawRecord,
        bulletin: Bulletin,
    ) -> None:
        self.options = options
        self.complaints: list[Complaint] = []
        #: Unsolicited answers that could not be brought to the home, by status.
        self.unheard = 0
        self._ledger = ledger
        self._desk = desk
        self._record = record
        self._bulletin = bulletin
        self._sessions: dict[str, _Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.server = SipServer(
            users=options.users,
            domain=options.domain,
            algorithms=options.algorithms,
            challenge=options.challenge,
            on_message=self._message,
            complain=self._complain,
            heard=self._heard,
        )

    @property
    def ports(self) -> Mapping[str, int]:
        """The port of each transport."""
        return self.server.ports

    def uri(self, transport: str) -> str:
        """The address for homes, by one transport."""
        return f"sip:{self.options.user}@{self.options.domain}:{self.ports[transport]};transport={transport}"

    async def open(self, authority_folder: Path | None) -> Path | None:
        """Listen; return the certificate that homes must trust, None without TLS."""
        options, tls, trusted = self.options, None, None
        if options.tls is not None and authority_folder is not None:
            authority = await asyncio.to_thread(Authority.in_folder, authority_folder)
            pair = await asyncio.to_thread(authority.server)
            tls = (options.tls, server_context(pair, None))
            trusted = authority.file
        await self.server.open(HOST, udp=options.udp, tcp=options.tcp, tls=tls)
        return trusted

    async def set_down(self, *, down: bool) -> None:
        """Stop listening, or listen again."""
        await (self.server.down() if down else self.server.up())

    async def close(self) -> None:
        """End for good."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.server.close()

    # -- what comes ----------------------------------------------------------------------------

    def _complain(self, home: str, words: str) -> None:
        del self.complaints[:-_MOST_COMPLAINTS]
        self.complaints.append(Complaint(self._ledger.now(), home, words))
        self._bulletin.post()

    def _heard(self, transport: str, sip: Sip) -> None:
        fields = [pair for pair in sip.fields if pair[0] != "authorization"]
        exchange = self._record.begin(sip.method, f"{sip.uri} {transport}", fields)
        self._record.read(exchange, sip.body, cut=False)
        exchange.answer = "sip"
        self._record.end(exchange, answered=True)

    async def _message(self, incoming: Incoming) -> Outgoing | None:
        options = self.options
        for words in complaints(incoming.body, incoming.content_type, options.dialect):
            self._complain(incoming.user, words)
        try:
            _, elements = read(incoming.body)
        except NotScaipError as error:
            return await self._say(incoming, Fault(), None, error.snu, more={"ste": str(error)})
        said = dict(elements)
        ref, cid = said.get("ref", ""), said.get("cid", "")
        if (lacks := missing(said)) is not None:
            return await self._say(incoming, Fault(), ref or None, lacks)
        if cid not in options.users:
            return await self._say(incoming, Fault(), ref, 3, more={"ste": f"Unknown unit {cid}"})
        is_full = bool(said.keys() & _FULL)
        event = _event(said, self._ledger.now(), is_new=ref not in self._ledger.alarms)
        session = self._session(said, incoming)
        tries = self._ledger.attempt(event)
        fault = self._desk.next_for(event, By.SCAIP)
        tries.answer = fault.mode.value
        if fault.mode is Mode.REFUSE_FULL and not is_full:
            fault = Fault()
        snu = _snu(fault)
        if snu == 0 and fault.mode not in _NOT_TAKEN:
            try:
                self._ledger.accept(event, tries)
            except FullError:
                snu = 6
            tries.answer = "accepted" if snu == 0 else "busy"
        session.ended = snu in (0, 5, 6)
        session.held_at = asyncio.get_running_loop().time() if snu == 4 else None  # noqa: PLR2004
        session.holds += snu == 4  # noqa: PLR2004
        self._bulletin.post()
        return await self._by_fault(incoming, fault, ref, snu)

    def _session(self, said: Mapping[str, str], incoming: Incoming) -> _Session:
        ref, kind = said.get("ref", ""), said.get("mty", "ME")
        session = self._sessions.get(ref)
        if session is None:
            if kind in ("IN", "RE"):
                self._complain(incoming.user, f"{kind} for a session that was never begun")
            session = self._sessions[ref] = _Session(said.get("cid", ""), incoming.body)
            while len(self._sessions) > _KEPT:
                del self._sessions[next(iter(self._sessions))]
        elif kind == "PI" and session.first != incoming.body:
            self._complain(incoming.user, "a heartbeat bears a reference that was used before")
        elif session.ended and kind == "ME" and session.first != incoming.body:
            self._complain(incoming.user, "the reference of a session that is over begins another")
        elif session.cid != said.get("cid"):
            self._complain(incoming.user, "a reference is used by two homes")
        if session.held_at is not None and kind == "ME":
            waited = asyncio.get_running_loop().time() - session.held_at
            if not _HOLD[0] - _SLACK <= waited <= _HOLD[1] + _SLACK:
                self._complain(incoming.user, f"a hold was repeated after {waited:.1f} s")
        session.messages.append(kind)
        return session

    async def _by_fault(
        self, incoming: Incoming, fault: Fault, ref: str, snu: int
    ) -> Outgoing | None:
        if fault.mode in (Mode.SILENT, Mode.ACCEPT_AND_DIE):
            return None
        if (without := self._without_words(fault)) is not None:
            return without
        if fault.mode is Mode.SLOW:
            await asyncio.sleep(fault.seconds)
        more: dict[str, str] = {}
        if fault.mode is Mode.CALLBACK:
            more = {"mre": "01", "cre": f"{fault.minutes:02d}", "hbi": str(fault.minutes)}
        if fault.mode is Mode.NO_REFERENCE:
            return await self._say(incoming, fault, None, snu, inline=True)
        return await self._say(incoming, fault, ref, snu, more=more)

    def _without_words(self, fault: Fault) -> Outgoing | None:
        """A SIP answer in which no SCAIP answer stands, and after which none comes."""
        match fault.mode:
            case Mode.ERROR:
                return Outgoing(status=fault.status)
            case Mode.CREDENTIALS:
                now = asyncio.get_running_loop().time()
                return Outgoing(status=401, headers=tuple(self.server.gate.challenges(now)))
            case Mode.TAKEN_AND_MUTE:
                return Outgoing(status=202)
            case Mode.EMPTY200:
                return Outgoing()
            case Mode.GARBAGE:
                return Outgoing(content_type="text/html", body=b"<html>Welcome</html>")
            case _:
                return None

    async def _say(
        self,
        incoming: Incoming,
        fault: Fault,
        ref: str | None,
        snu: int,
        *,
        inline: bool = False,
        more: Mapping[str, str] | None = None,
    ) -> Outgoing:
        document = answer(self.options.dialect, ref, snu, **(more or {}))
        kind = CONTENT_TYPES[self.options.dialect]
        if fault.mode is Mode.EARLY:
            await self._bring(incoming, document, kind)
            return Outgoing()
        if fault.mode is Mode.TWICE:
            self._start(self._bring(incoming, document, kind))
            self._start(self._bring(incoming, document, kind))
        if inline or self.options.answers is Answers.BODY:
            return Outgoing(content_type=kind, body=document)
        if fault.mode is not Mode.TWICE:
            self._start(self._bring(incoming, document, kind))
        return Outgoing()

    async def _bring(self, incoming: Incoming, document: bytes, kind: str) -> None:
        """Bring an answer in a message of our own: to where the home is registered, or came from."""
        if self.options.challenge in (Challenge.NONE, Challenge.MESSAGE):
            status = await self.server.say(incoming.way, document, kind)
        else:
            status = await self.server.say(incoming.user, document, kind)
        if status != 200:  # noqa: PLR2004 - RFC 3261 section 21.2
            self.unheard += 1

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _snu(fault: Fault) -> int:
    match fault.mode:
        case Mode.HOLD:
            return 4
        case Mode.BUSY:
            return 6
        case Mode.NOT_TREATED:
            return 5
        case Mode.REFUSE | Mode.REFUSE_FULL:
            return fault.snu
        case _:
            return 0


def _event(said: Mapping[str, str], now: datetime, *, is_new: bool) -> Event:
    """What was said, as the ledger and the page know it.

    One key for one message: a repeat after silence bears the same words under the same reference.
    """
    ref, cid, kind = said.get("ref", ""), said.get("cid", ""), said.get("mty", "ME")
    at = stamp(now) or ""
    if kind == "PI":
        data = {
            "schema": 1, "sent_at": at, "version": "SCAIP", "interval": 300, "undelivered": None,
        }  # fmt: skip
        return Event(ref, f"scaip:{cid}", cid, EventType.HEARTBEAT, at, None, data, minimal=False)
    status, device = number(said.get("stc")) or 0, number(said.get("dty")) or 0
    text = " ".join(part for part in (said.get("stt"), said.get("ite")) if part)
    technical = words_of.is_technical(device, status)
    happened = moment(said.get("lge", ""))
    data = {
        "schema": 1,
        "alarm": ref,
        "kind": said.get("stt") or words_of.kind(device, status),
        "codes": words_of.kind(device, status),
        "class": "technical" if technical else "personal",
        "priority": number(said.get("pri")) or 0,
        "test": status == words_of.TEST,
        "demo": "DEMO" in text,
        "raised_at": stamp(happened or now),
        "protocol": "SCAIP",
        "message": kind,
    }
    if "ite" in said:
        data |= {"reason": said["ite"], "sensed_at": stamp(happened or now)}
    if "lco" in said:
        data["location"] = words_of.place(number(said["lco"]))
    if said.get("did", "").isdecimal():
        data["device"] = int(said["did"])
    types = {"ME": EventType.RAISED, "RE": EventType.CANCELLED}
    what = types.get(kind) or (
        EventType.CLEARED if status in words_of.CLEARED else EventType.UPDATED
    )
    if what is not EventType.RAISED and not is_new:
        # The page shows the newest word on each field: what the alarm is stays what it was.
        data = {name: data[name] for name in ("schema", "alarm", "test", "demo", "message")}
    key = f"{ref} {kind} {status} {hash(said.get('ite', ''))}" if kind != "ME" else f"{ref} ME"
    return Event(key, f"scaip:{cid}", cid, what, at, ref, data, minimal=not (said.keys() & _FULL))
