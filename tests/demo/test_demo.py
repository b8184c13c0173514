"""The main job in one command, as a newcomer runs it: it passes, and it says why when it cannot."""

import fcntl
import os
from pathlib import Path
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

ROOT = Path(__file__).resolve().parents[2]
FREE_PORTS = ["--home-port", "0", "--operator-port", "0"]


def demo(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "simulator.demo", "--folder", str(folder), *arguments]


def played(command: list[str], limit: float = 240) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False
    )


def left_behind(folder: Path) -> list[str]:
    """Processes whose command line or working folder lies in the demo's folder."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            where = str((process / "cwd").readlink())
        except OSError:
            continue
        if str(folder) in line or where.startswith(str(folder)):
            found.append(line)
    return found


def wait_until_gone(folder: Path, limit: float = 40) -> None:
    end = time.monotonic() + limit
    while remaining := left_behind(folder):
        assert time.monotonic() < end, remaining
        os.sched_yield()


@pytest.mark.real_hass
@pytest.mark.timeout(400)
def test_once_passes_and_leaves_nothing_running(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    result = played(demo(folder, "--once", *FREE_PORTS))
    assert result.returncode == 0, result.stdout + result.stderr
    for words in (
        "presses the wall button",
        "on disk",
        "municipality has taken it",
        "help is",
        "SCAIP receiver goes down",
        "dose handed out and taken",
        "locked again by the home",
    ):
        assert words in result.stdout
    for words in ("02:1", "the bed is empty", "up 02:1", "an operator acknowledges", "back in bed"):
        assert words in result.stdout
    assert "has the all-clear" in result.stdout.partition("back in bed")[2]
    assert "Passed" in result.stdout
    assert left_behind(folder) == []


@pytest.mark.real_hass
@pytest.mark.timeout(400)
def test_killed_half_way_and_started_again(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with subprocess.Popen(
        demo(folder, "--once", *FREE_PORTS), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        for line in first.stdout:
            if "the bed is empty" in line:
                first.send_signal(signal.SIGKILL)
                break
    wait_until_gone(folder)
    result = played(demo(folder, "--once", *FREE_PORTS))
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("option", ["--home-port", "--operator-port"])
def test_taken_port_is_named(tmp_path: Path, option: str, socket_enabled: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        arguments = [*FREE_PORTS, option, port]
        result = played(demo(tmp_path / "demo", "--once", *arguments), limit=30)
    assert result.returncode == 2
    assert port in result.stderr
    assert option in result.stderr
    assert "Traceback" not in result.stderr


def test_second_demo_in_one_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    kept = folder / "kept"
    kept.write_text("of the first demo", encoding="utf-8")
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = played(demo(folder, "--once", *FREE_PORTS), limit=30)
    assert result.returncode == 2
    assert "Another demo is running" in result.stderr
    assert kept.exists()


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    result = played(demo(blocked / "demo", "--once", *FREE_PORTS), limit=30)
    assert result.returncode == 2
    assert str(blocked) in result.stderr


@pytest.mark.peers
@pytest.mark.real_hass
@pytest.mark.timeout(400)
def test_without_any_network(tmp_path: Path) -> None:
    """In a network namespace that has nothing but loopback: the demo needs no more."""
    assert shutil.which("unshare"), "util-linux is missing"
    command = demo(tmp_path / "demo", "--once", *FREE_PORTS)
    inside = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]
    result = played(inside)
    assert result.returncode == 0, result.stdout + result.stderr
