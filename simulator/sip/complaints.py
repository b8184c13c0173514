"""What a strict server says of a unit's SIP: each rule that it broke, in words (RFC 3261, 3428, 3581)."""

from collections import OrderedDict
from collections.abc import Iterator
import re
from typing import Final

from .message import Sip

#: What no request is without (RFC 3261 section 8.1.1).
_MANDATORY: Final = ("via", "from", "to", "call-id", "cseq", "max-forwards")
_ONCE: Final = ("from", "to", "call-id", "cseq", "max-forwards", "content-type", "content-length")
LONGEST_DATAGRAM: Final = 1300
_KEPT: Final = 4096
_SHORTEST_BRANCH: Final = len("z9hG4bK") + 5
_T1: Final = 0.5
_SLACK: Final = 0.1


class Watch:
    """What one server has seen of its units' ways."""

    def __init__(self) -> None:
        self._branches: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._copies: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._answered: OrderedDict[str, float] = OrderedDict()

    def request(self, sip: Sip, transport: str, size: int, now: float) -> Iterator[str]:
        """Everything that is wrong with a request; `now` in seconds, `size` in octets."""
        for name in _MANDATORY:
            if not sip.every(name):
                yield f"{name} is missing"
        for name in _ONCE:
            if len(sip.every(name)) > 1:
                yield f"{name} stands there {len(sip.every(name))} times"
        if not sip.param("from", "tag"):
            yield "From has no tag"
        branch = sip.param("via", "branch") or ""
        if not branch.startswith("z9hG4bK") or len(branch) < _SHORTEST_BRANCH:
            yield "the branch does not begin with z9hG4bK, or says no more than that"
        yield from self._by_transport(sip, transport, size)
        if sip.method == "MESSAGE" and sip.every("contact"):
            yield "a MESSAGE bears a Contact (RFC 3428)"
        if sip.method == "MESSAGE" and sip.body and not sip.every("content-type"):
            yield "a body has no Content-Type"
        if re.search(r"[<>\s]", sip.uri):
            yield "the Request-URI is not bare"
        if not re.fullmatch(rf"\d+ {re.escape(sip.method)}", sip.one("cseq")):
            yield "CSeq does not name the method"
            return
        yield from self._order(sip, branch, transport, now)

    @staticmethod
    def _by_transport(sip: Sip, transport: str, size: int) -> Iterator[str]:
        if transport == "udp":
            if sip.param("via", "rport") is None:
                yield "Via does not ask for rport"
            if size > LONGEST_DATAGRAM:
                yield f"{size} octets went by UDP"
        elif not sip.every("content-length"):
            yield "a stream needs Content-Length"
        if f"/{transport.upper()} " not in sip.one("via").upper():
            yield f"Via does not say {transport.upper()}"

    def _order(self, sip: Sip, branch: str, transport: str, now: float) -> Iterator[str]:
        number = int(sip.one("cseq").partition(" ")[0])
        call = sip.one("call-id")
        same = (call, sip.one("cseq"))
        known = self._branches.get(branch)
        if known is None:
            _keep(self._branches, branch, same)
            if number <= self._numbers.get(call, -1):
                yield "CSeq does not grow within its Call-ID"
            _keep(self._numbers, call, number)
            _keep(self._copies, branch, (now, _T1))
            return
        if known != same:
            yield "a branch names two transactions"
            return
        if transport != "udp":
            yield "a request came twice on a connection"
            return
        last, pause = self._copies.get(branch, (0.0, 0.0))
        if now - last < pause - _SLACK:
            yield f"a copy came {now - last:.2f} s after the last, before its time"
        _keep(self._copies, branch, (now, min(2 * pause, 4.0)))
        answered = self._answered.get(branch)
        if answered is not None and now - answered > _SLACK:
            yield "a copy came after the final answer"

    def answered(self, sip: Sip, now: float) -> None:
        """Take note that a final answer went out and was not lost on purpose."""
        _keep(self._answered, sip.param("via", "branch") or "", now)

    @staticmethod
    def answer(sip: Sip, asked: Sip) -> Iterator[str]:
        """Everything that is wrong with a unit's answer to a request of ours."""
        if sip.every("via")[:1] and not sip.one("via").startswith(
            asked.one("via").split(";rport")[0]
        ):
            yield "the answer's Via is not the request's"
        for name in ("call-id", "cseq", "from"):
            if sip.one(name) != asked.one(name):
                yield f"the answer's {name} is not the request's"
        if not sip.param("to", "tag"):
            yield "the answer has no To tag"


def _keep[V](known: OrderedDict[str, V], key: str, value: V) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _KEPT:
        known.popitem(last=False)
