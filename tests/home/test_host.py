"""A12: the same host is the same from one start to the next, and two hosts are two."""

from pathlib import Path

import pytest

from custom_components.kvarbo import host
from custom_components.kvarbo.host import host_fingerprint


@pytest.fixture
def tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where a host of our own says who it is."""
    files = [tmp_path / name for name in ("serial", "uuid", "machine-id")]
    monkeypatch.setattr(host, "_TELLS", tuple(files))
    return files


def test_host_that_says_nothing(tells: list[Path]) -> None:
    assert host_fingerprint() == ""
    tells[0].mkdir()
    tells[1].write_bytes(b"\0\n ")
    assert host_fingerprint() == ""


def test_two_hosts_differ_and_neither_is_told(tells: list[Path]) -> None:
    tells[0].write_bytes(b"10000000abcdef01\0")
    one = host_fingerprint()
    tells[0].write_bytes(b"10000000abcdef02\0")
    other = host_fingerprint()
    assert one != other
    assert len(one) == len(other) == 64
    assert "abcdef01" not in one


def test_what_comes_and_goes_behind_the_first_makes_no_stranger(tells: list[Path]) -> None:
    """A false stranger would hold back living alarms: a file that only root may read, say."""
    tells[0].write_bytes(b"10000000abcdef01\0")
    before = host_fingerprint()
    for file in tells[1:]:
        file.write_bytes(b"something")
        assert host_fingerprint() == before
    tells[0].write_bytes(b"10000000abcdef01\n")
    assert host_fingerprint() == before


def test_this_host_is_the_same_twice() -> None:
    assert host_fingerprint() == host_fingerprint()
