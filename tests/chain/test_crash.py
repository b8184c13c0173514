"""A5: after a power cut at any moment no accepted alarm is lost and none has a second identity.

On the real journal. How many places to die there were is printed: it is part of what is claimed.
"""

from collections.abc import Iterator
import logging
import os
from pathlib import Path
import random
import sys
import tempfile
from typing import Final

import pytest

from tests.support.power_cut import AfterLife, FirstLife

#: Days that are lived in every run; each has some two hundred moments.
SEEDS: Final = (8, 9, 10, 12, 15, 17, 19)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A journal's folder, in memory where that can be had: a slow disk proves nothing here."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path / "journal"
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="kvarbo-") as scratch:
        yield Path(scratch) / "journal"


def die_everywhere(folder: Path, seed: int, every: int = 1) -> int:
    """Live one day and die at each of its moments; return how many there were."""
    points = FirstLife(folder, seed).run()
    chosen = range(seed % every, len(points), every)
    for number in chosen:
        try:
            AfterLife(folder, points[number], random.Random(f"{seed} {number}")).run()
        except Exception as error:
            point = points[number]
            error.add_note(f"seed {seed}, crash point {number}: {point.what} at {point.at:.3f} s")
            raise
    return len(chosen)


def test_a5_no_crash_loses_an_alarm_or_gives_one_a_second_identity(
    folder: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.CRITICAL)
    died = sum(die_everywhere(folder / str(seed), seed, every=4) for seed in SEEDS)
    with capsys.disabled():
        sys.stdout.write(f" {died} crash points survived ")
    assert died >= 300


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(100, 200))
def test_a5_nor_does_any_of_many_more(
    folder: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    assert die_everywhere(folder, seed) > 50
