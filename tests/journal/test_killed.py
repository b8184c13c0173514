"""kill -9 while it writes: whatever the process was told is on disk is there (A1, A5)."""

import os
from pathlib import Path
import select
import signal
import subprocess
import sys
import time
from typing import Final

import pytest

from custom_components.kvarbo.journal.changes import Recovered
from tests.journal.making import reopen

ROOT: Final = Path(__file__).parents[2]

#: Raises alarms without end and prints each id when it is told that it is on disk.
WRITER: Final = """
import sys
sys.path[:0] = [sys.argv[2]]
import tests.journal.bare
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from custom_components.kvarbo.journal.writer import JournalWriter
from tests.journal.making import HOST, a_raise

async def main() -> None:
    writer = JournalWriter(Path(sys.argv[1]), now=lambda: datetime.now(UTC), host=lambda: HOST)
    recovered = await writer.open()
    assert recovered.not_open is None and not recovered.restored, recovered
    number = len(recovered.alarms)
    while True:
        number += 1
        changes = a_raise(number)
        if number % 5 == 0:
            writer.post(*changes)
            continue
        if await writer.commit(*changes):
            print(changes[0].alarm.id, flush=True)

asyncio.run(main())
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, folder, ROOT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def read_ids(process: subprocess.Popen[bytes], count: int) -> bytes:
    """Read until so many ids were told; fails when they do not come."""
    assert process.stdout is not None
    said = b""
    deadline = time.monotonic() + 60
    while said.count(b"\n") < count:
        ready, _, _ = select.select([process.stdout], [], [], deadline - time.monotonic())
        if not ready:
            pytest.fail("the writer said nothing for a minute")
        part = os.read(process.stdout.fileno(), 65536)
        if not part:
            assert process.stderr is not None
            pytest.fail(process.stderr.read().decode())
        said += part
    return said


def kill(process: subprocess.Popen[bytes], said: bytes) -> set[str]:
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=30)
    whole = (said + rest).decode()
    return set(whole[: whole.rfind("\n") + 1].split())


def test_what_was_told_is_there_after_every_kill(disk_path: Path) -> None:
    folder = disk_path / "journal"
    told: set[str] = set()
    again: Recovered | None = None
    for count in (1, 7, 55, 160, 23, 2):
        process = start(folder)
        try:
            told |= kill(process, read_ids(process, count))
        finally:
            process.kill()
            process.wait()
        again = reopen(folder)
        assert told <= {alarm.id for alarm in again.alarms}
        assert not again.restored
        assert again.set_aside is None
        assert again.audit_broken_at is None
    assert again is not None
    assert len(told) > 240
    # Each alarm whole: with its message and its delivery.
    assert {m.alarm_id for m in again.messages} == {alarm.id for alarm in again.alarms}
    assert {d.alarm_id for d in again.deliveries} == {alarm.id for alarm in again.alarms}
