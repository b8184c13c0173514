"""When the environment is taken as it stands, and when it is made anew."""

from collections.abc import Callable
from pathlib import Path
import shutil
import sys

import pytest

from tests.scripts.shell import ROOT, bash

ASK = "source scripts/lib/ready.sh; is_ready && echo ready || echo not"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what decides the environment, with an environment that is ready.

    Its Python is a link to the one that runs this: nothing is installed.
    """
    for folder in ("scripts", "requirements"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    done = bash(
        'source scripts/lib/ready.sh; { wanted_sum; echo "for people"; } >"$stamp"', root=tmp_path
    )
    assert done.returncode == 0, done.stderr
    return tmp_path


def ask(checkout: Path) -> str:
    return bash(ASK, root=checkout).stdout.strip()


def test_an_untouched_environment_is_ready_and_described(checkout: Path) -> None:
    assert ask(checkout) == "ready"
    assert bash("source scripts/lib/ready.sh; describe", root=checkout).stdout == "for people\n"


def test_a_second_run_does_nothing(checkout: Path) -> None:
    # Without a network, and without a home: only an environment taken as it stands gets by.
    done = bash("scripts/setup", root=checkout, PATH="/usr/bin:/bin", UV_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "ready: for people\n"
    assert not (checkout / ".python").exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda root: (root / "requirements/requirements.txt").write_text("other"), id="pins"
        ),
        pytest.param(lambda root: (root / "scripts/setup").write_text("other"), id="script"),
        pytest.param(lambda root: (root / ".venv/bin/python").unlink(), id="python gone"),
        pytest.param(lambda root: (root / ".venv/.kvarbo-half").touch(), id="cut off"),
        pytest.param(lambda root: (root / ".venv/.kvarbo-ready").write_text(""), id="empty stamp"),
        pytest.param(lambda root: (root / ".venv/.kvarbo-ready").unlink(), id="no stamp"),
    ],
)
def test_a_changed_environment_is_not_ready(
    checkout: Path, change: Callable[[Path], object]
) -> None:
    change(checkout)
    assert ask(checkout) == "not"


def test_an_environment_that_was_moved_is_not_ready(checkout: Path) -> None:
    moved = checkout.rename(checkout.with_name("moved"))
    assert ask(moved) == "not"
