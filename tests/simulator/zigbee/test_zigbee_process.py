"""The simulator in a process of its own, as the demo runs it."""

from collections.abc import Callable, Generator
import json
from pathlib import Path
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Final
import urllib.request

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.testing import until, zha_data

ROOT: Final = Path(__file__).parents[3]
IEEE = "02:00:00:00:00:00:00:01"

type Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(socket_enabled: None) -> Generator[Start]:
    """Start the process with the given arguments; it is gone after the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator.zigbee", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=10)


def ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate(timeout=10)[1]
    addresses: dict[str, Any] = json.loads(line)
    return addresses


def call(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=5) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def test_it_says_where_it_listens_and_ends_on_sigterm_at_once(start: Start) -> None:
    process = start("--port", "0", "--control-port", "0")
    where = ready(process)
    assert set(where) == {"radio", "port", "control", "control_port"}
    assert where["radio"] == f"ws://127.0.0.1:{where['port']}/"
    assert call(f"{where['control']}/sim")["radio"] == where["radio"]
    # Clients that stay connected and never say goodbye must not hold it up.
    with (
        socket.create_connection(("127.0.0.1", where["control_port"])),
        socket.create_connection(("127.0.0.1", where["port"])) as host,
    ):
        host.sendall(
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert host.recv(12) == b"HTTP/1.1 101"
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert time.monotonic() - begin < 3
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_taken_port_is_one_clear_line(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        started = {
            "--port": start("--port", port, "--control-port", "0"),
            "--control-port": start("--port", "0", "--control-port", port),
        }
        for option, process in started.items():
            out, errors = process.communicate(timeout=20)
            assert process.returncode == 2
            assert (out, errors) == ("", f"{option}: port {port} is taken\n")


def test_a_bad_argument_is_named(start: Start) -> None:
    started = [
        (start(*arguments), named)
        for arguments, named in (
            (("--port", "65536", "--control-port", "0"), "--port"),
            (("--port", "0", "--control-port", "http"), "--control-port"),
            (("--port", "0"), "--control-port"),
            (("--port", "0", "--control-port", "0", "--state", "/"), "--state"),
        )
    ]
    for process, named in started:
        out, errors = process.communicate(timeout=20)
        assert process.returncode == 2
        assert out == ""
        assert named in errors.splitlines()[-1]


def test_it_listens_on_loopback_alone(start: Start) -> None:
    where = ready(start("--port", "0", "--control-port", "0"))
    for port in (where["port"], where["control_port"]):
        listening = [
            line.split()[1]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            if line.split()[3] == "0A" and line.split()[1].endswith(f":{port:04X}")
        ]
        assert listening == [f"0100007F:{port:04X}"]


def test_it_ends_with_the_parent_that_holds_its_stdin(start: Start) -> None:
    process = start("--port", "0", "--control-port", "0", "--end-with-stdin")
    ready(process)
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None
    assert process.wait(timeout=10) == 0


async def test_killed_and_started_again_the_home_goes_on(
    hass: HomeAssistant,
    start: Start,
    radio_may_be_away: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ZHA forms a network, a button joins it, and both outlive a kill -9 of the process."""
    monkeypatch.setattr("homeassistant.components.zha.radio_manager.CONNECT_DELAY_S", 0)
    state = tmp_path / "home.json"
    process = start("--port", "0", "--control-port", "0", "--state", str(state))
    where = await hass.async_add_executor_job(ready, process)

    async def ask(path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        url = f"{where['control']}/sim{path}"
        return await hass.async_add_executor_job(call, url, body)

    entry = MockConfigEntry(domain="zha", version=5, minor_version=2, data=zha_data(where["radio"]))
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await ask("/join", {"kind": "SosPullCord", "ieee": IEEE})
    await hass.services.async_call("zha", "permit", {"duration": 60}, blocking=True)
    await until(
        lambda: state.exists() and '"enrolled": 1' in state.read_text(), what="the enrolment"
    )
    zone = await until(
        lambda: next(iter(hass.states.async_entity_ids("binary_sensor")), None), what="the zone"
    )
    await ask(f"/{IEEE}/pull", {})
    await until(lambda: hass.states.is_state(zone, "on"), what="the alarm")
    await until(lambda: '"zone_status": 1' in state.read_text(), what="the state on disk")

    process.kill()
    await hass.async_add_executor_job(process.wait)
    await until(lambda: hass.states.is_state(zone, "unavailable"), what="the loss")
    again = ["--port", str(where["port"]), "--control-port", str(where["control_port"])]
    process = start(*again, "--state", str(state))
    assert await hass.async_add_executor_job(ready, process) == where
    [row] = (await ask(""))["devices"]
    assert (row["joined"], row["state"]["alarm"], row["settled"]) == (True, True, True)
    # ZHA would try again by itself after some seconds.
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: hass.states.is_state(zone, "on"), 30, "the cord, still pulled")
    await ask(f"/{IEEE}/release", {})
    await until(lambda: hass.states.is_state(zone, "off"), what="its release")
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
