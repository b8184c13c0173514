"""A SIP far end in memory, in virtual time: it loses, delays, challenges and forgets on command.

By hand, since half a minute of timers must pass in a millisecond and every copy be counted. It reads
and writes with the code under test; that both sides do not share one misunderstanding is proved
against Kamailio, SIPp and PJSIP (tests/peers).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import hashlib
import re
from typing import Any

from custom_components.kvarbo.transmission.scaip.sip.build import to_octets
from custom_components.kvarbo.transmission.scaip.sip.message import Headers, Request, Response
from custom_components.kvarbo.transmission.scaip.sip.parse import parse_message
from custom_components.kvarbo.transmission.scaip.sip.server import answer_to
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.sip.wire import (
    Fault,
    FlowHearer,
    Target,
    Transport,
    UnansweredError,
)

UDP = Target(transport=Transport.UDP, host="192.0.2.1", port=5060, name="larm.example")
TCP = Target(transport=Transport.TCP, host="192.0.2.1", port=5060, name="larm.example")


def brief(status: int, **more: str) -> Callable[[Request], Response]:
    """A reaction that answers with a status and further headers (underscores for hyphens)."""
    lines = tuple((name.replace("_", "-"), value) for name, value in more.items())
    return lambda request: answer_to(
        request, status, tag="far", source=("127.0.0.1", 1), more=lines
    )


@dataclass(eq=False)
class MemoryFlow:
    """Our end of a way to the peer."""

    peer: SipPeer
    target: Target
    hearer: FlowHearer
    local: tuple[str, int] = ("127.0.0.1", 40000)
    is_open: bool = True

    def send(self, octets: bytes) -> None:
        if not self.is_open:
            raise UnansweredError(Fault.CLOSED)
        self.peer.carries(self, octets)

    async def close(self) -> None:
        self.is_open = False

    def comes(self, octets: bytes) -> None:
        """Let octets of the far end arrive, if the flow is still open."""
        if self.is_open:
            self.hearer.received(self, parse_message(octets))

    def breaks(self, fault: Fault = Fault.CUT_OFF) -> None:
        """End by itself, as a connection does."""
        if self.is_open:
            self.is_open = False
            self.hearer.lost(self, UnansweredError(fault))


@dataclass(eq=False)
class SipPeer:
    """The far end of all flows of one agent.

    `react` makes the answer to a request that has come through; None is silence. `lose` copies of
    each branch are swallowed on their way there, `lose_answers` on the way back. `way` is seconds.
    """

    react: Callable[[Request], Response | None] = field(default_factory=lambda: brief(200))
    lose: int = 0
    lose_answers: int = 0
    way: float = 0.0
    #: Places where nothing can be opened, by fault.
    closed: dict[Target, Fault] = field(default_factory=dict)

    flows: list[MemoryFlow] = field(default_factory=list)
    #: All copies as they left us: when, by which flow, what.
    copies: list[tuple[float, MemoryFlow, Request]] = field(default_factory=list)
    #: What has come through and was new there.
    requests: list[Request] = field(default_factory=list)
    #: Answers of ours to the peer's own requests.
    answers: list[Response] = field(default_factory=list)
    _lost: dict[str, int] = field(default_factory=dict)
    _answered: dict[tuple[str, str], Response | None] = field(default_factory=dict)

    async def open(self, target: Target, hearer: FlowHearer) -> MemoryFlow:
        if target in self.closed:
            raise UnansweredError(self.closed[target])
        flow = MemoryFlow(self, target, hearer, local=("127.0.0.1", 40000 + len(self.flows)))
        self.flows.append(flow)
        return flow

    def carries(self, flow: MemoryFlow, octets: bytes) -> None:
        message = parse_message(octets)
        loop = asyncio.get_running_loop()
        if isinstance(message, Response):
            self.answers.append(message)
            return
        self.copies.append((loop.time(), flow, message))
        via = message.headers.first("via") or ""
        if self._swallows(f"there {via}", self.lose, flow):
            return
        loop.call_later(self.way, self._arrives, flow, message, via)

    def _swallows(self, key: str, count: int, flow: MemoryFlow) -> bool:
        if flow.target.transport is not Transport.UDP:
            return False
        self._lost[key] = self._lost.get(key, 0) + 1
        return self._lost[key] <= count

    def _arrives(self, flow: MemoryFlow, request: Request, via: str) -> None:
        key = (via, request.method)
        if key not in self._answered:
            self.requests.append(request)
            self._answered[key] = self.react(request)
        response = self._answered[key]
        if response is not None and not self._swallows(f"back {via}", self.lose_answers, flow):
            self.answers_with(flow, response)

    def answers_with(self, flow: MemoryFlow, response: Response) -> None:
        octets = to_octets(response)
        asyncio.get_running_loop().call_later(self.way, flow.comes, octets)

    def says(self, flow: MemoryFlow, body: bytes, **changes: Any) -> Request:
        """Send a MESSAGE of the peer's own, now."""
        given = {
            "uri": "sip:4711@192.0.2.9",
            "method": "MESSAGE",
            "branch": f"z9hG4bK{len(self.answers)}{len(body)}",
            "type": "application/scaip+xml",
            "more": (),
            **changes,
        }
        request = Request(
            method=str(given["method"]),
            uri=str(given["uri"]),
            headers=Headers(
                (
                    ("via", f"SIP/2.0/UDP 192.0.2.1:5060;branch={given['branch']};rport"),
                    ("from", "<sip:larm@larm.example>;tag=f"),
                    ("to", "<sip:4711@larm.example>"),
                    ("call-id", "c1"),
                    ("cseq", f"7 {given['method']}"),
                    ("content-type", str(given["type"])),
                    *given["more"],
                )
            ),
            body=body,
        )
        flow.comes(to_octets(request))
        return request

    def of(self, method: str) -> list[Request]:
        """What has come through of one method."""
        return [request for request in self.requests if request.method == method]


class Guard:
    """Challenges by digest as a server does, and checks by its own sums."""

    def __init__(
        self, password: str = "s3cret", *, algorithm: str = "MD5", status: int = 401
    ) -> None:
        self.password = password
        self.algorithm = algorithm
        self.status = status
        self.nonce = 1
        #: Of each nonce, the counts that have come: none may come twice.
        self.counts: dict[str, set[int]] = {}
        self.then: Callable[[Request], Response | None] = brief(200)

    def __call__(self, request: Request) -> Response | None:
        name = "authorization" if self.status == 401 else "proxy-authorization"
        said = request.headers.first(name)
        if said is not None and self._is_right(said, request):
            return self.then(request)
        ask = "www-authenticate" if self.status == 401 else "proxy-authenticate"
        challenge = (
            f'Digest realm="care", nonce="n{self.nonce}", qop="auth", algorithm={self.algorithm},'
            ' opaque="o,p"'
        )
        return brief(self.status, **{ask.replace("-", "_"): challenge})(request)

    def _is_right(self, said: str, request: Request) -> bool:
        params = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', said)}
        if params["nonce"] != f"n{self.nonce}":
            return False
        hashed = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[self.algorithm]
        count = int(params["nc"], 16)
        counts = self.counts.setdefault(params["nonce"], set())
        assert count not in counts, "a nonce was not counted"
        assert params["uri"] == request.uri

        def h(text: str) -> str:
            return hashed(text.encode()).hexdigest()

        ha1 = h(f"{params['username']}:care:{self.password}")
        ha2 = h(f"{request.method}:{request.uri}")
        middle = f"{params['nonce']}:{params['nc']}:{params['cnonce']}:auth"
        if params["response"] != h(f"{ha1}:{middle}:{ha2}"):
            return False
        counts.add(count)
        return True


def resolver(*targets: Target) -> Callable[[SipUri], Any]:
    """A resolver that knows these places."""

    async def resolve(_uri: SipUri) -> tuple[Target, ...]:
        return targets

    return resolve
