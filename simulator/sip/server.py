"""A registrar and receiver of MESSAGEs that is strict with whoever speaks to it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import re
import secrets
import ssl
from typing import Final

from .complaints import Watch
from .digest import Gate
from .links import Link, Links
from .message import NotSipError, Sip, user_of

_REASONS: Final = {
    100: "Trying", 200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 423: "Interval Too Brief",
    480: "Temporarily Unavailable", 486: "Busy Here", 503: "Service Unavailable",
}  # fmt: skip
_T1: Final = 0.5
_T2: Final = 4.0
_LIMIT: Final = 32.0
_KEPT: Final = 4096


class Challenge(StrEnum):
    """Which requests must prove who sends them."""

    NONE = "none"
    REGISTER = "register"
    MESSAGE = "message"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach a unit: its link, its user, and the address it is spoken to by."""

    link: Link
    user: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A MESSAGE whose sender is known."""

    user: str
    call_id: str
    branch: str
    transport: str
    content_type: str
    body: bytes
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An answer to a MESSAGE."""

    status: int = 200
    content_type: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Asked:
    sip: Sip
    outcome: asyncio.Future[int]


@dataclass(slots=True)
class _Answered:
    """One request: whether somebody works on it, the answer it had, and what was swallowed of both."""

    begun: bool = False
    octets: bytes | None = None
    lost: int = 0
    lost_answers: int = 0


@dataclass(slots=True)
class _Binding:
    way: Way
    until: float
    asked: int = field(default=0)


class SipServer:
    """Listens, challenges, registers, hands MESSAGEs on, and sends its own."""

    def __init__(
        self,
        *,
        users: Mapping[str, str],
        domain: str,
        on_message: Callable[[Incoming], Awaitable[Outgoing | None]],
        complain: Callable[[str, str], None],
        heard: Callable[[str, Sip], None] = lambda _transport, _sip: None,
        algorithms: tuple[str, ...] = ("SHA-256", "MD5"),
        challenge: Challenge = Challenge.BOTH,
        min_expires: int = 10,
        max_expires: int = 600,
        nonce_life: float = 300.0,
    ) -> None:
        """`on_message` returns an answer, or None to keep silent for ever."""
        self._domain = domain
        self._on_message = on_message
        self._complain = complain
        self._heard = heard
        self._challenge = challenge
        self._expires = (min_expires, max_expires)
        self.gate = Gate(users, domain, algorithms, nonce_life)
        self._watch = Watch()
        self._links = Links(self._came, self._unreadable)
        self._answers: OrderedDict[str, _Answered] = OrderedDict()
        self._asked: dict[str, _Asked] = {}
        self._bindings: dict[str, _Binding] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._cseq = secrets.randbelow(10_000)
        #: So many copies of each request, and of each answer, are swallowed on UDP.
        self.loses = 0
        self.loses_answers = 0

    @property
    def ports(self) -> Mapping[str, int]:
        """The port of each transport that is listened on."""
        return self._links.ports

    async def open(
        self,
        host: str,
        *,
        udp: int | None = 0,
        tcp: int | None = 0,
        tls: tuple[int, ssl.SSLContext] | None = None,
    ) -> None:
        """Listen; port 0 is any, None is not at all.

        Raises:
            OSError: a port cannot be had.
        """
        await self._links.open(host, udp=udp, tcp=tcp, tls=tls)

    async def down(self) -> None:
        """Cut all and refuse whoever comes; the ports stay ours in name."""
        await self._links.down()

    async def up(self) -> None:
        """Listen again."""
        await self._links.up()

    async def close(self) -> None:
        """End for good."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._links.close()

    def forget(self) -> None:
        """Lose all registrations, as a proxy does that is started anew."""
        self._bindings.clear()

    def registered(self) -> Mapping[str, str]:
        """Who is registered, and where."""
        return {user: binding.way.uri for user, binding in self._bindings.items()}

    async def say(self, way: Way | str, body: bytes, content_type: str) -> int:
        """Send a MESSAGE to a unit; return its final status, 408 for none, 404 for one not registered."""
        if isinstance(way, str):
            binding = self._bindings.get(way)
            if binding is None or binding.until < asyncio.get_running_loop().time():
                return 404
            way = binding.way
        self._cseq += 1
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        host, port = way.link.own
        sip = Sip(
            f"MESSAGE {way.uri} SIP/2.0",
            [
                (
                    "via",
                    f"SIP/2.0/{way.link.transport.upper()} {host}:{port};branch={branch};rport",
                ),
                ("max-forwards", "70"),
                ("from", f"<sip:larm@{self._domain}>;tag={secrets.token_hex(4)}"),
                ("to", f"<sip:{way.user}@{self._domain}>"),
                ("call-id", secrets.token_hex(8)),
                ("cseq", f"{self._cseq} MESSAGE"),
                ("content-type", content_type),
            ],
            body,
        )
        asked = self._asked[branch] = _Asked(sip, asyncio.get_running_loop().create_future())
        try:
            return await self._until_answered(way, asked)
        finally:
            del self._asked[branch]

    async def _until_answered(self, way: Way, asked: _Asked) -> int:
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + _LIMIT, _T1 if way.link.transport == "udp" else _LIMIT
        while (left := end - loop.time()) > 0:
            if not way.link.send(asked.sip.octets()):
                return 408
            done, _ = await asyncio.wait({asked.outcome}, timeout=min(pause, left))
            if done:
                return asked.outcome.result()
            pause = min(2 * pause, _T2)
        return 408

    # -- what comes ----------------------------------------------------------------------------

    def _unreadable(self, link: Link, words: str) -> None:
        self._complain("?", f"{link.transport}: {words}")

    def _came(self, link: Link, octets: bytes) -> None:
        try:
            sip = Sip.read(octets)
        except NotSipError as error:
            self._unreadable(link, str(error))
            return
        now = asyncio.get_running_loop().time()
        if not sip.is_request:
            self._was_answered(sip)
            return
        user = user_of(sip.one("from")) or "?"
        branch = sip.param("via", "branch") or ""
        known = self._answers.get(branch)
        if known is None:
            known = self._answers[branch] = _Answered()
            if len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        for words in self._watch.request(sip, link.transport, len(octets), now):
            self._complain(user, words)
        if link.transport == "udp" and known.lost < self.loses:
            known.lost += 1
        elif known.octets is not None:
            self._send(link, sip, known)
        elif not known.begun:
            known.begun = True
            for words in self.gate.complaints(sip):
                self._complain(user, words)
            self._heard(link.transport, sip)
            self._start(self._answer(link, sip, known, user))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _was_answered(self, sip: Sip) -> None:
        asked = self._asked.get(sip.param("via", "branch") or "")
        if asked is None or asked.outcome.done() or sip.status < 200:  # noqa: PLR2004 - provisional
            return
        for words in self._watch.answer(sip, asked.sip):
            self._complain(user_of(asked.sip.one("to")), words)
        asked.outcome.set_result(sip.status)

    async def _answer(self, link: Link, sip: Sip, known: _Answered, user: str) -> None:
        outgoing = await self._react(link, sip, user)
        if outgoing is None:
            return
        known.octets = _made(sip, outgoing, link).octets()
        self._send(link, sip, known)

    def _send(self, link: Link, sip: Sip, known: _Answered) -> None:
        if link.transport == "udp" and known.lost_answers < self.loses_answers:
            known.lost_answers += 1
            return
        if known.octets is not None:
            link.send(known.octets)
            self._watch.answered(sip, asyncio.get_running_loop().time())

    async def _react(self, link: Link, sip: Sip, user: str) -> Outgoing | None:
        now = asyncio.get_running_loop().time()
        match sip.method:
            case "OPTIONS":
                return Outgoing()
            case "REGISTER" | "MESSAGE":
                asks = self._challenge in (Challenge.BOTH, Challenge(sip.method.lower()))
                who = self.gate.lets_in(sip, now) if asks else user
                if who is None:
                    return Outgoing(status=401, headers=tuple(self.gate.challenges(now)))
                if who != user:
                    return Outgoing(status=403)
                if sip.method == "REGISTER":
                    return self._register(link, sip, user)
                return await self._on_message(_incoming(link, sip, user))
            case _:
                self._complain(user, f"{sip.method} was never asked for")
                return Outgoing(status=405, headers=(("allow", "MESSAGE, OPTIONS, REGISTER"),))

    def _register(self, link: Link, sip: Sip, user: str) -> Outgoing:
        least, most = self._expires
        said = sip.param("contact", "expires") or sip.one("expires") or str(most)
        asked = int(said) if said.isdecimal() else most
        contact = re.search(r"<([^>]+)>", sip.one("contact"))
        if asked and asked < least:
            return Outgoing(status=423, headers=(("min-expires", str(least)),))
        if "+sip.instance=" not in sip.one("contact") and asked:
            self._complain(user, "Contact bears no +sip.instance")
        if contact is None:
            return Outgoing(status=400)
        if not asked:
            bound = self._bindings.get(user)
            if bound is not None and bound.way.uri == contact[1]:
                del self._bindings[user]
            return Outgoing()
        granted = min(asked, most)
        until = asyncio.get_running_loop().time() + granted
        self._bindings[user] = _Binding(Way(link, user, contact[1]), until, asked)
        return Outgoing(headers=(("contact", f"{sip.one('contact')};expires={granted}"),))


def _incoming(link: Link, sip: Sip, user: str) -> Incoming:
    host, port = link.far
    transport = "" if link.transport == "udp" else f";transport={link.transport}"
    return Incoming(
        user=user,
        call_id=sip.one("call-id"),
        branch=sip.param("via", "branch") or "",
        transport=link.transport,
        content_type=sip.one("content-type"),
        body=sip.body,
        way=Way(link, user, f"sip:{user}@{host}:{port}{transport}"),
    )


def _made(sip: Sip, outgoing: Outgoing, link: Link) -> Sip:
    first, *others = sip.every("via")
    host, port = link.far
    first = f"{re.sub(r';rport(?=;|$)', f';rport={port}', first)};received={host}"
    fields = [("via", via) for via in (first, *others)]
    to = sip.one("to")
    fields += [
        ("from", sip.one("from")),
        ("to", to if ";tag=" in to else f"{to};tag={secrets.token_hex(4)}"),
        ("call-id", sip.one("call-id")),
        ("cseq", sip.one("cseq")),
        *outgoing.headers,
    ]
    if outgoing.body:
        fields.append(("content-type", outgoing.content_type))
    reason = _REASONS.get(outgoing.status, "Other")
    return Sip(f"SIP/2.0 {outgoing.status} {reason}", fields, outgoing.body)
