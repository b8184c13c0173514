"""The receiver in a process of its own, spoken to by clients that share nothing with it."""

from collections.abc import Callable, Iterator
import json
from pathlib import Path
import signal
import socket
import ssl
import subprocess
import sys
import time
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.simulator.municipality import events

ROOT: Final = Path(__file__).parents[3]
SECRET: Final = "the-secret-of-one-home"

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Running:
    """A process that listens, and the line it said so by."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.said: dict[str, Any] = json.loads(process.stdout.readline())

    def post(self, value: Any, token: str = SECRET, ca: str | None = None) -> Any:
        request = Request(
            self.said["events_url"],
            data=json.dumps(value).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": events.CONTENT_TYPE},
        )
        context = None if ca is None else ssl.create_default_context(cafile=ca)
        with urlopen(request, timeout=10, context=context) as answer:
            return json.load(answer)

    def get(self, path: str) -> Any:
        with urlopen(self.said["operator_url"] + path, timeout=10) as answer:
            return json.load(answer)

    def ask(self, path: str, value: Any) -> Any:
        request = Request(
            self.said["operator_url"] + path,
            data=json.dumps(value).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)


type Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the receiver with a token file and further arguments."""
    started: list[subprocess.Popen[str]] = []
    token = tmp_path / "token"
    token.write_text(SECRET + "\n")

    def run(*arguments: object, token_file: object = token) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "simulator.municipality"),
                *([] if token_file is None else ["--token-file", str(token_file)]),
                *map(str, arguments),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def failed(process: subprocess.Popen[str]) -> str:
    """The one line by which it says why it does not start."""
    said, wrong = process.communicate(timeout=30)
    assert process.returncode == 2, wrong
    assert said == ""
    assert SECRET not in wrong
    assert wrong.count("\n") == 1, wrong
    return wrong


def test_it_says_where_it_listens_takes_an_alarm_and_ends_quickly(
    start: Start, tmp_path: Path
) -> None:
    port, keep = free_port(), tmp_path / "kept"
    running = Running(start("--port", port, "--keep", keep))
    assert running.said["alarm_url"] == f"http://127.0.0.1:{port}"
    assert running.said["events_url"] == f"http://127.0.0.1:{port}/v1/events"
    assert running.said["ca"] is None
    assert running.said["pid"] == running.process.pid

    receipt = running.post(events.raised("d1"))["receipt"]
    assert running.post(events.raised("d1"))["receipt"] == receipt
    running.ask(f"/operator/alarms/{events.ulid(1)}/acknowledge", {})
    assert running.get("/operator/state")["alarms"][0]["state"] == "acknowledged"
    with pytest.raises(HTTPError) as caught:
        running.post(events.raised("d1"), token="wrong")
    caught.value.close()
    assert caught.value.code == 401

    # A stream that is open and a request that is never answered hold nothing up.
    stream = urlopen(running.said["operator_url"] + "/operator/events", timeout=10)
    running.ask("/operator/faults", {"mode": "silent"})
    with pytest.raises(TimeoutError):
        urlopen(
            Request(
                running.said["events_url"],
                data=json.dumps(events.raised("d2", 2)).encode(),
                headers={"Authorization": f"Bearer {SECRET}", "Content-Type": events.CONTENT_TYPE},
            ),
            timeout=0.3,
        )
    begun = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    said, wrong = running.process.communicate(timeout=10)
    stream.close()
    assert (running.process.returncode, said, wrong) == (0, "", "")
    assert time.monotonic() - begun < 3
    assert SECRET not in keep.read_text()
    assert len(keep.read_text().splitlines()) == 8


def test_an_interrupt_ends_it_too(start: Start) -> None:
    running = Running(start())
    running.process.send_signal(signal.SIGINT)
    assert running.process.communicate(timeout=10) == ("", "")
    assert running.process.returncode == 0


def test_its_authority_is_named_and_can_be_trusted(start: Start, tmp_path: Path) -> None:
    running = Running(start("--tls", tmp_path / "tls"))

    assert running.said["ca"] == str(tmp_path / "tls" / "ca.pem")
    assert running.said["events_url"].startswith("https://")
    assert running.post(events.raised("d1"), ca=running.said["ca"])["verdict"] == "accepted"


def test_curl_reaches_it_as_the_demo_s_reader_would(start: Start, tmp_path: Path) -> None:
    running = Running(start("--tls", tmp_path / "tls"))
    answer = subprocess.run(
        [
            *("curl", "--silent", "--show-error", "--cacert", running.said["ca"]),
            *("--header", f"Authorization: Bearer {SECRET}"),
            *("--header", f"Content-Type: {events.CONTENT_TYPE}"),
            *("--data", json.dumps(events.raised("d1", reason="Åsa")), running.said["events_url"]),
        ],
        capture_output=True,
        check=True,
        timeout=20,
    )
    assert json.loads(answer.stdout)["receipt"] == "R-000001"


@pytest.mark.parametrize("option", ["--port", "--operator-port"])
def test_a_taken_port_is_said_in_one_line(start: Start, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        wrong = failed(start(option, port))
    assert wrong == (
        f"Port {port} cannot be had (Address already in use); choose another with {option}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "token", "words"),
    [
        ([], None, "--token: it is missing, and homes are asked for no certificate either"),
        ([], "", "--token: 1 to 1024 printable ASCII characters"),
        ([], "two words", "--token: 1 to 1024 printable ASCII characters"),
        ([], "x" * 2000, "--token: 1 to 1024 printable ASCII characters"),
        ([], b"\xff", "cannot be read"),
        (["--client-ca", "x"], "x", "--client-ca: it needs tls"),
        (["--buttons", "ftp://x"], "x", "--buttons: an address such as"),
        (["--keep", "/nowhere/kept"], "x", "/nowhere/kept: No such file or directory"),
        (["--tls", "/proc/nowhere"], "x", "/proc/nowhere: No such file or directory"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_one_line(
    start: Start, tmp_path: Path, arguments: list[str], token: str | bytes | None, words: str
) -> None:
    file = tmp_path / "other token"
    if isinstance(token, bytes):
        file.write_bytes(token)
    elif token is not None:
        file.write_text(token)
    assert words in failed(start(*arguments, token_file=None if token is None else file))


def test_a_token_file_that_is_missing_is_named(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "missing"
    assert failed(start(token_file=file)) == (
        f"--token-file {file} cannot be read: No such file or directory\n"
    )


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_is_none_is_refused(start: Start, port: str) -> None:
    process = start("--port", port)
    _, wrong = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "--port" in wrong
