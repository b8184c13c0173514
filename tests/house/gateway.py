"""Finds every place that could say something to the network past the gate (R02, R07).

To mend a finding: make the body of what `GATE.alarm` or `GATE.status` let through, `GATE.seal` the octets with the
names of their fields, and hand the sealed `Content` to the transport, which asks `GATE.check` for its octets.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.house.walls import COMPONENT, imports, parse, python_files

GATE: Final = "transmission/gate.py"
#: What may see an alarm on its way to a receiver: the gate, and what makes fields for it.
_MAKES_FIELDS: Final = frozenset({GATE, "transmission/alarm_fields.py"})
#: Folders in which receivers and their transports are written.
_RECEIVERS: Final = ("transmission/rest/", "transmission/scaip/", "transmission/mqtt/")
#: A test call of one alarm by hand: it makes an alarm and hands it to a receiver whole.
_BY_HAND: Final = frozenset({"transmission/scaip/call.py", "transmission/mqtt/call.py"})
#: The last step of each transport: octets onto a socket.
_ONTO_THE_WIRE: Final = {
    "transmission/scaip/sip/stream.py": frozenset({"transport.write"}),
    "transmission/scaip/sip/udp.py": frozenset({"self._transport.sendto"}),
    "transmission/mqtt/wire.py": frozenset({"self._transport.write"}),
}
_WRITES: Final = frozenset(
    {"sendto", "sendall", "sock_sendall", "sock_sendto", "sendmsg", "publish"}
)
#: Whatever is called `write` on one of these goes to a socket.
_WRITERS: Final = ("transport", "writer")
#: Requests of each protocol, and by which name they take a body.
_REQUESTS: Final = {
    "_Saying": "body",
    "_Body": 0,
    "BytesPayload": 0,
    "PublishPacket": "payload",
}
#: SIP's own answers and what is read from the wire have bodies of the far end's, or none.
_READS: Final = frozenset({"transmission/scaip/sip/parse.py"})
_SESSION: Final = "transmission/rest/session.py"
_METHODS: Final = frozenset({"request", "post", "put", "patch", "ws_connect"})


def find_ways_past_the_gate(root: Path) -> list[str]:
    """Find what writes to a transport, makes content, or reads an alarm for a body, past the gate."""
    findings = []
    for path in python_files(root / COMPONENT):
        inner = path.relative_to(root / COMPONENT).as_posix()
        if inner == GATE:
            continue
        found = [*_seals(root, path), *_writes(path, inner), *_bodies(path, inner)]
        if inner.startswith(_RECEIVERS) and inner not in _BY_HAND | _MAKES_FIELDS:
            found += _alarms(root, path)
        findings += [f"{inner}:{line}: {what}" for line, what in found]
    return sorted(set(findings))


def _seals(root: Path, path: Path) -> Iterator[tuple[int, str]]:
    # Another part may have a `Content` of its own.
    inner = path.relative_to(root / COMPONENT).as_posix()
    if not inner.startswith("transmission/") and not any(
        "transmission" in module.module.split(".") for module in imports(root, path)
    ):
        return
    for node in ast.walk(parse(path)):
        match node:
            case ast.Name(id="_SEAL") | ast.Attribute(attr="_SEAL") | ast.alias(name="_SEAL"):
                yield node.lineno, "the seal is the gate's alone"
            case ast.Call(func=func) if _last(func) in ("Content", "Passed"):
                yield node.lineno, f"{_last(func)} is made by the gate alone"
            case ast.Call(func=func, args=[ast.Name(id="Content" | "Passed"), *_]) if (
                _last(func) == "__new__"
            ):
                yield node.lineno, "made past the gate"
            case ast.ClassDef(bases=bases) if {_last(base) for base in bases} & {
                "Content",
                "Passed",
                "Gate",
            }:
                yield node.lineno, "the gate has no kinds of its own"
            case ast.Attribute(attr="on_pass"):
                yield node.lineno, "on_pass is for tests"


def _writes(path: Path, inner: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parse(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, holder = node.func.attr, ast.unparse(node.func.value)
        if f"{holder}.{name}" in _ONTO_THE_WIRE.get(inner, ()):
            continue
        if name in _WRITES and not _is_sealed(node):
            yield node.lineno, f"{holder}.{name} goes past the gate"
        if name in ("write", "writelines") and holder.endswith(_WRITERS):
            yield node.lineno, f"{holder}.{name} goes past the gate"
        if (
            name in _METHODS
            and "session" in holder.lower()
            and (inner != _SESSION or any(word.arg == "json" for word in node.keywords))
        ):
            yield node.lineno, f"{holder}.{name} goes past the gate"


def _bodies(path: Path, inner: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parse(path)):
        match node:
            case ast.Call(func=func) if _last(func) in _REQUESTS:
                place = _REQUESTS[_last(func)]
                body = next((word.value for word in node.keywords if word.arg == place), None)
                if body is None and place == 0 and node.args:
                    body = node.args[0]
                if body is not None and not _says_content(body):
                    yield node.lineno, f"{_last(func)} takes what the gate has not sealed"
            case ast.Call(func=func, keywords=words) if (
                inner.startswith("transmission/scaip/sip/")
                and inner not in _READS
                and _last(func) in ("Request", "Response")
            ):
                for word in words:
                    if word.arg == "body" and ast.unparse(word.value) != "saying.body":
                        yield node.lineno, f"{_last(func)} takes what the gate has not sealed"


def _alarms(root: Path, path: Path) -> Iterator[tuple[int, str]]:
    for module in imports(root, path):
        if module.module.endswith((".alarm.alarm.Alarm", ".alarm.reason.reason_text")):
            yield module.line, "a body is made of what passed the gate, not of the alarm"
    for node in ast.walk(parse(path)):
        match node:
            case ast.Attribute(value=ast.Name(id="dispatch"), attr="alarm"):
                yield node.lineno, "a body is made of what passed the gate, not of the alarm"


def _is_sealed(call: ast.Call) -> bool:
    return any(_says_content(arg) for arg in [*call.args, *(w.value for w in call.keywords)])


def _says_content(node: ast.expr) -> bool:
    """Tell whether an expression is octets that the gate hands out, or a sealed content."""
    said = ast.unparse(node)
    return "GATE.check(" in said or said in ("content", "outgoing.content")


def _last(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]
