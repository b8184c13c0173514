"""Nothing leaves but by the gate; and the check can fail."""

from pathlib import Path
from typing import Final

import pytest

from tests.house.gateway import find_ways_past_the_gate

from .walls import COMPONENT

ROOT: Final = Path(__file__).parents[2]


def test_there_is_one_gate() -> None:
    assert find_ways_past_the_gate(ROOT) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("transmission/leak.py", "from .gate import Content\nx = Content(octets=b'')"),
        ("transmission/leak.py", "x = gate.Content(octets=b'', seal=gate._SEAL)"),
        ("transmission/leak.py", "from .gate import _SEAL"),
        ("transmission/leak.py", "x = object.__new__(Content)"),
        ("transmission/leak.py", "class Mine(Content): pass"),
        ("transmission/leak.py", "x = Passed({}, 'alarm', 'sv')"),
        ("home.py", "from .transmission.gate import GATE\nGATE.on_pass = print"),
        ("devices/leak.py", "transport.write(b'x')"),
        ("devices/leak.py", "self._writer.write(b'x')"),
        ("devices/leak.py", "sock.sendto(b'x', ('a', 1))"),
        ("devices/leak.py", "sock.sendall(b'x')"),
        ("home.py", "async def f(): await loop.sock_sendall(sock, b'x')"),
        ("home.py", "async def f(): await session.post('https://x', json={})"),
        ("transmission/rest/rest.py", "async def f(): await session.request('GET', url)"),
        ("transmission/rest/session.py", "session.request('POST', url, json={})"),
        ("transmission/rest/session.py", "data = _Body(b'x', kind, begun, written)"),
        ("transmission/rest/session.py", "data = aiohttp.BytesPayload(to_octets(alarm))"),
        ("transmission/scaip/sip/agent.py", "x = _Saying(method='MESSAGE', body=body)"),
        ("transmission/scaip/sip/agent.py", "x = Request(method='MESSAGE', body=b'x')"),
        ("transmission/scaip/sip/server.py", "x = Response(status=200, body=b'x')"),
        ("transmission/scaip/sip/udp.py", "other.sendto(b'x')"),
        ("transmission/scaip/content.py", "text = dispatch.alarm.raised_by"),
        ("transmission/rest/fields.py", "from ...alarm.alarm import Alarm"),
        ("transmission/mqtt/mqtt.py", "async def f(): await client.publish('topic', body)"),
        ("transmission/mqtt/mqtt.py", "x = dispatch.alarm.kind"),
    ],
)
def test_a_way_past_the_gate_is_named(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / COMPONENT / file
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    found = find_ways_past_the_gate(tmp_path)
    assert found
    assert all(finding.startswith(f"{file}:") for finding in found)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("transmission/mqtt/mqtt.py", "client.publish(topic, GATE.check(content))"),
        ("transmission/rest/session.py", "data = _Body(outgoing.content, kind, begun, written)"),
        ("journal/handing_out.py", "lines.write('x')"),
    ],
)
def test_the_way_through_the_gate_is_not_named(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / COMPONENT / file
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert find_ways_past_the_gate(tmp_path) == []
