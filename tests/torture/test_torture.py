"""Seeds of trouble, end to end over real processes, sockets and disks: nothing is lost, nothing twice.

A run that fails tells its seed: `python -m tests.torture SEED --keep DIR` does the same again.
"""

from collections import Counter
from pathlib import Path
import sys
from typing import Final

import pytest

from .run import run_seed

pytestmark = pytest.mark.usefixtures("socket_enabled")

#: What `--peers` has time for; the last one has a broker.
SLICE: Final = (1, 2, 101)
#: By hand, an hour and a half: ten thousand alarms and five hundred kills at least.
WHOLE: Final = range(1, 31)


@pytest.mark.peers
@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", SLICE)
def test_a_slice_of_torture(seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As root the disks are real ones: full and read-only for everybody."""
    record = run_seed(seed, keep=tmp_path / "run")
    with capsys.disabled():
        sys.stdout.write(f"\n{record.line(seed)} ")
    assert record.counts["kills"] >= 16
    assert record.counts["alarms"] >= 150


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_whole_torture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total: Counter[str] = Counter()
    for seed in WHOLE:
        record = run_seed(seed, keep=tmp_path / str(seed))
        total += record.counts
        with capsys.disabled():
            sys.stdout.write(f"\n{record.line(seed)} ")
    assert total["alarms"] >= 10_000
    assert total["kills"] >= 500
