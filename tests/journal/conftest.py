"""What the journal's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from custom_components.kvarbo.journal.writer import JournalWriter
from tests.journal.loopside import Heard, Make
from tests.journal.making import HOST, Hands


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
