"""What a run left out is told, with and without workers."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

from tests.scripts.shell import ROOT

SETTINGS = """
[pytest]
addopts = -p no:cacheprovider
markers =
    peers: x
    slow: x
    real_hass: x
"""
TESTS = """
import pytest

def test_runs(): pass

@pytest.mark.peers
def test_of_peers(): raise AssertionError

@pytest.mark.slow
@pytest.mark.real_hass
def test_of_two(): raise AssertionError

def test_not_asked_for(): raise AssertionError

@pytest.mark.parametrize("n", [1, 2])
def test_that_skips(n): pytest.skip("the kettle is cold")

@pytest.mark.xfail(reason="water is wet", strict=True)
def test_expected(): raise AssertionError
"""
MODULE_SKIP = 'import pytest\npytest.skip("no kettle", allow_module_level=True)\n'


def environment(account: Path) -> dict[str, str]:
    """Run pytest with no plugins but those named: Home Assistant's take seconds to load."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KVARBO_LEFT_OUT": str(account),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "two workers"])
def test_everything_left_out_is_told_once(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "test_module.py").write_text(MODULE_SKIP, encoding="utf-8")
    account = tmp_path / "account"

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "scripts.lib.left_out", *workers),
            *("-m", "not peers and not slow", "-k", "not asked_for"),
        ],
        cwd=tmp_path,
        env=environment(account),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.strip() for line in account.read_text(encoding="utf-8").splitlines()[2:-1]]
    assert lines == [
        "1 x others (run them: other arguments)",
        "1 x peers (run them: scripts/test --peers, as root)",
        "1 x slow + real_hass (run them: scripts/test --full, scripts/test without --quick)",
        "2 x skipped: the kettle is cold",
        "1 x module skipped: test_module.py: no kettle",
        "1 x failed as expected: test_some.py::test_expected: water is wet",
    ]


def test_nothing_left_out_leaves_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "test_some.py").write_text("def test_runs(): pass\n", encoding="utf-8")
    account = tmp_path / "account"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "scripts.lib.left_out"],
        cwd=tmp_path,
        env=environment(account),
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert account.read_text(encoding="utf-8") == ""
