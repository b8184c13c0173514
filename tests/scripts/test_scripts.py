"""Every script is whole, can be run, and says what it is."""

import os
from pathlib import Path

import pytest

from tests.scripts.shell import ROOT, run

COMMANDS = ("setup", "demo", "develop", "test", "lint", "requirements", "release", "homes")
SHELL_SCRIPTS = sorted(
    path
    for path in [*(ROOT / "scripts").rglob("*"), ROOT / ".ci" / "run"]
    if path.is_file() and (path.suffix == ".sh" or b"bash" in path.read_bytes().partition(b"\n")[0])
)


def test_all_scripts_are_looked_at() -> None:
    names = {str(path.relative_to(ROOT)) for path in SHELL_SCRIPTS}
    assert names >= {".ci/run", *(f"scripts/{name}" for name in COMMANDS)}


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_script_is_whole(script: Path) -> None:
    done = run("bash", "-n", script)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_can_be_run_and_says_what_it_is(name: str) -> None:
    script = ROOT / "scripts" / name
    assert os.access(script, os.X_OK)
    assert f"# Usage: scripts/{name}" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["setup", "test", "lint"])
def test_help_is_the_head_of_the_script(name: str) -> None:
    done = run(ROOT / "scripts" / name, "--help")
    assert done.returncode == 0
    assert f"Usage: scripts/{name}" in done.stdout
    assert "pipefail" not in done.stdout


@pytest.mark.parametrize("name", ["setup", "lint"])
def test_an_unknown_argument_is_named(name: str) -> None:
    done = run(ROOT / "scripts" / name, "--wrong")
    assert done.returncode == 1
    assert "unknown argument --wrong" in done.stderr


@pytest.mark.parametrize(("option", "value"), [("--way", "sideways"), ("--for", "fun")])
def test_a_wrong_choice_is_named(option: str, value: str) -> None:
    done = run(ROOT / "scripts" / "setup", option, value)
    assert done.returncode == 1
    assert f"not {value}" in done.stderr


def test_real_peers_need_root() -> None:
    if os.geteuid() == 0:
        pytest.skip("root is not turned away from --peers; this needs an ordinary user")
    done = run(ROOT / "scripts" / "test", "--peers")
    assert done.returncode == 1
    assert "needs root" in done.stderr
