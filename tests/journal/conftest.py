"""What the journal's tests share."""

from collections.abc import AsyncIterator, Iterator
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from custom_components.kvarbo.journal.writer import JournalWriter
from tests.journal.loopside import Heard, Make
from tests.journal.making import HOST, Hands

#: Where files are kept in memory. What a test proves by closing, killing or tearing files is the
#: same there, and a thousand syncs cost nothing.
_MEMORY: Final = Path("/dev/shm")


def _is_like_a_disk(room: Path) -> bool:
    """Tell whether the memory's file system keeps attributes; older kernels' does not."""
    try:
        with TemporaryDirectory(dir=room) as name:
            os.setxattr(name, "user.kvarbo", b"1")
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder in memory where that will do, else on the disk."""
    if not _is_like_a_disk(_MEMORY):
        yield tmp_path_factory.mktemp("room")
        return
    with TemporaryDirectory(dir=_MEMORY, prefix="kvarbo-test-") as name:
        yield Path(name)


@pytest.fixture
def disk_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder on the disk."""
    return tmp_path_factory.mktemp("disk")


@pytest.fixture
def tmp_path(room: Path) -> Iterator[Path]:
    """Return a folder of this test's own in the room."""
    with TemporaryDirectory(dir=room) as name:
        yield Path(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where a journal is to be; not there yet."""
    return tmp_path / "journal"


@pytest.fixture
def hands() -> Hands:
    """Return clocks that are moved by hand."""
    return Hands()


@pytest.fixture
def heard() -> Heard:
    """Return what collects the writers' words."""
    return Heard()


@pytest.fixture
async def make(folder: Path, hands: Hands, heard: Heard) -> AsyncIterator[Make]:
    """Return a maker of writers, all of which are closed in the end."""
    made: list[JournalWriter] = []

    def make_one(**options: object) -> JournalWriter:
        known: dict[str, object] = {
            "now": hands.now,
            "monotonic": hands.monotonic,
            "host": lambda: HOST,
            "on_trouble": heard.trouble,
            "on_opened": heard.opened.append,
            "on_rejected": heard.rejected.append,
        }
        made.append(JournalWriter(folder, **{**known, **options}))  # type: ignore[arg-type] # by name
        return made[-1]

    yield make_one
    for writer in made:
        await writer.close()
