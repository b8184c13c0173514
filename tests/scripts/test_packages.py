"""What Debian packages are missing is said in one line to paste; as root it is mended."""

from pathlib import Path

import pytest

from tests.scripts.shell import bash

LIBRARY = "source scripts/lib/packages.sh;"
# Nothing of what the packages bring is found on this path.
BARE_PATH = "PATH=/nonexistent;"


def fake_apt(folder: Path, body: str) -> Path:
    """Put an apt-get in `folder` that does `body`: a real one would change the machine."""
    apt = folder / "apt-get"
    apt.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
    apt.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("purpose", "packages"),
    [
        ("base", "python3-venv"),
        ("test", "python3-venv git"),
        (
            "peers",
            (
                "python3-venv git chromium iproute2 kamailio mosquitto-clients sip-tester baresip-core"
                " wireguard-go wireguard-tools tcpdump nftables"
            ),
        ),
    ],
)
def test_missing_packages_are_found(purpose: str, packages: str) -> None:
    done = bash(f"{LIBRARY}{BARE_PATH} missing_packages {purpose}")
    # These are files, wherever the path leads, and this machine may have them.
    found = done.stdout.replace(" ca-certificates", "").replace(" kamailio-tls-modules", "")
    found = found.replace(" mosquitto ", " ")
    assert found == packages


def test_an_environment_that_stands_does_not_ask_for_what_made_it() -> None:
    done = bash(f"{LIBRARY}{BARE_PATH} missing_packages test without-base")
    assert done.stdout == "git"


@pytest.mark.parametrize(("user", "sudo"), [("0", ""), ("1000", "sudo ")])
def test_the_line_is_one_and_ready_to_paste(user: str, sudo: str) -> None:
    code = (Path("scripts/lib/packages.sh")).as_posix()
    done = bash(f"source <(sed 's/EUID/USER_ID/g' {code}); install_line 'a b'", USER_ID=user)
    assert done.stdout == (
        f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends a b\n"
    )


def require(path: Path, user: str) -> tuple[int, str]:
    """Require the packages for tests as a user with this id, with nothing but `path` to find."""
    code = (
        "source <(sed 's/EUID/USER_ID/g' scripts/lib/packages.sh);"
        'PATH=$1; require_packages test without-base; say "went on"'
    )
    done = bash(code, path, USER_ID=user)
    return done.returncode, done.stderr


def test_an_ordinary_user_is_given_the_line_and_nothing_is_installed(tmp_path: Path) -> None:
    code, said = require(fake_apt(tmp_path, "echo INSTALLING >&2"), "1000")
    assert code == 1
    assert "\n    sudo apt-get update && sudo apt-get install -y" in said
    assert " git\n" in said
    assert "INSTALLING" not in said
    assert "went on" not in said


def test_root_installs_and_says_so(tmp_path: Path) -> None:
    git = tmp_path / "git"
    body = f'[[ $1 != install ]] || {{ echo "$*" >&2; echo >{git}; /bin/chmod +x {git}; }}'
    code, said = require(fake_apt(tmp_path, body), "0")
    assert code == 0, said
    assert "as we are root: git" in said
    assert "install -y -qq --no-install-recommends git" in said
    assert "went on" in said


def test_a_failed_installation_stops(tmp_path: Path) -> None:
    code, said = require(fake_apt(tmp_path, "exit 100"), "0")
    assert code == 1
    assert "could not install: git" in said
    assert "went on" not in said


def test_an_installation_that_brings_nothing_stops(tmp_path: Path) -> None:
    code, said = require(fake_apt(tmp_path, "exit 0"), "0")
    assert code == 1
    assert "still missing after installing: git" in said


def test_a_machine_without_apt_is_told_the_names(tmp_path: Path) -> None:
    code, said = require(tmp_path, "1000")
    assert code == 1
    assert "missing: git (Debian's names" in said
