"""A consistent copy for a backup, which never delays an alarm and is never taken for live (A12)."""

from contextlib import closing
from pathlib import Path
import shutil
import sqlite3
import stat
import subprocess

import pytest

from custom_components.kvarbo.journal import handing_out
from custom_components.kvarbo.journal.changes import Finding, PutMarker, Settled
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.place import COPY_NAME
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from tests.journal.making import (
    Hands,
    a_raise,
    alarm_ids,
    an_alarm,
    an_entry,
    crash,
    open_journal,
    reopen,
)


def filled(folder: Path, hands: Hands, alarms: int = 3) -> JournalFile:
    file, _ = open_journal(folder, hands)
    for number in range(1, alarms + 1):
        file.write(a_raise(number))
    return file


def lay(copy: Path, folder: Path) -> Path:
    """Lay a copy down as the only journal of a folder."""
    folder.mkdir(mode=0o700)
    shutil.copyfile(copy, folder / "journal.db")
    return folder


def test_a_copy_is_whole_and_one_file(folder: Path, hands: Hands, tmp_path: Path) -> None:
    file = filled(folder, hands)
    target = tmp_path / "copy.db"
    file.copy_to(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"journal", "copy.db"}
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM alarm").fetchone() == (3,)
    file.write(a_raise(4))
    crash(file)
    assert len(reopen(folder, hands).alarms) == 4
    assert not reopen(folder, hands).restored


def test_a_copy_is_always_noticed(folder: Path, hands: Hands, tmp_path: Path) -> None:
    file = filled(folder, hands)
    file.copy_to(tmp_path / "copy.db")
    file.close()
    first = reopen(folder, hands)
    again = reopen(lay(tmp_path / "copy.db", tmp_path / "other"), hands)
    assert again.restored_why == "marked_copy"
    assert again.incarnation != first.incarnation
    assert alarm_ids(again) == [an_alarm(n).id for n in (1, 2, 3)]
    assert again.audit_broken_at is None
    # Also over the living file, whose inode and mark are then right.
    shutil.copyfile(tmp_path / "copy.db", folder / "journal.db")
    assert reopen(folder, hands).restored_why == "marked_copy"


def test_a_copy_of_what_was_once_restored_is_noticed_after_all_is_settled(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    file = filled(folder, hands)
    file.copy_to(tmp_path / "copy.db")
    file.close()
    other = lay(tmp_path / "copy.db", tmp_path / "other")
    file, _ = open_journal(other, hands)
    file.write([Settled(Finding.RESTORED)])
    file.close()
    assert not reopen(other, hands).restored


def test_alarms_pass_while_a_copy_is_made(
    folder: Path, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_out, "_PAGES", 2)
    file = filled(folder, hands, alarms=100)
    file._session.checkpoint()
    written: list[int] = []

    def press() -> None:
        number = 1000 + len(written)
        if number < 1060:
            assert file.write(a_raise(number)) == ()
            written.append(number)

    file.copy_to(tmp_path / "copy.db", press)
    assert len(written) > 10
    crash(file)
    living = reopen(folder, hands)
    assert len(living.alarms) == 100 + len(written)
    copied = reopen(lay(tmp_path / "copy.db", tmp_path / "other"), hands)
    # The pause after the last step comes when the copy is done.
    assert len(living.alarms) - len(copied.alarms) <= 1
    assert copied.alarms == living.alarms[: len(copied.alarms)]
    assert copied.deliveries == living.deliveries[: len(copied.deliveries)]
    assert copied.audit_broken_at is None


def test_a_copy_replaces_an_earlier_one(folder: Path, hands: Hands, tmp_path: Path) -> None:
    file = filled(folder, hands)
    target = tmp_path / "copy.db"
    target.write_bytes(b"former")
    (tmp_path / "copy.db.part").write_bytes(b"left over")
    file.copy_to(target)
    file.close()
    assert len(reopen(lay(target, tmp_path / "other"), hands).alarms) == 3


def test_a_copy_that_the_disk_refuses_leaves_the_former(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    file = filled(folder, hands)
    target = tmp_path / "copy.db"
    target.write_bytes(b"former")

    def full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(JournalRefusedError, match="full"):
        file.copy_to(target, full)
    assert target.read_bytes() == b"former"
    assert {path.name for path in tmp_path.iterdir()} == {"journal", "copy.db"}
    with pytest.raises(JournalRefusedError):
        file.copy_to(tmp_path / "missing" / "copy.db")
    file.write(a_raise(4))
    file.close()
    assert len(reopen(folder, hands).alarms) == 4


def restore(source: Path, target: Path) -> None:
    """Put a folder back as Home Assistant does: away with what is there, then copy."""
    shutil.rmtree(target)
    shutil.copytree(source, target, copy_function=shutil.copyfile)


def backed_up(folder: Path, hands: Hands, backup: Path, between: int) -> None:
    """Back up a living journal as Home Assistant does: the copy, then the database, then its log.

    `between` alarms come, with checkpoints, after the database was read and before its log is.
    """
    file = filled(folder, hands, alarms=30)
    file.copy_to(folder / COPY_NAME)
    backup.mkdir()
    # By another process: reading the living file in this one would drop sqlite's locks on it.
    subprocess.run(["cp", folder / COPY_NAME, folder / "journal.db", backup], check=True)
    for number in range(100, 100 + between):
        file.write(a_raise(number))
        file.tidy()
    subprocess.run(["cp", folder / "journal.db-wal", backup], check=True)
    (folder / COPY_NAME).unlink()
    file.write(a_raise(999))
    crash(file)


def test_a_backup_that_was_torn_is_restored_from_its_copy(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    backed_up(folder, hands, tmp_path / "backup", between=120)
    restore(tmp_path / "backup", folder)
    again = reopen(folder, hands)
    assert again.restored
    assert again.wal_set_aside is not None
    assert alarm_ids(again) == [an_alarm(n).id for n in range(1, 31)]
    assert again.audit_broken_at is None
    assert [path.name for path in folder.glob("journal-replaced-*.db")] != []


def test_a_backup_whose_log_fits_knows_more_than_its_copy(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    backed_up(folder, hands, tmp_path / "backup", between=2)
    restore(tmp_path / "backup", folder)
    again = reopen(folder, hands)
    assert again.restored
    assert again.wal_set_aside is None
    assert alarm_ids(again) == [an_alarm(n).id for n in [*range(1, 31), 100, 101]]


def test_the_copy_alone_is_a_journal(folder: Path, hands: Hands, tmp_path: Path) -> None:
    file = filled(folder, hands)
    file.copy_to(folder / COPY_NAME)
    file.close()
    (folder / "journal.db").unlink()
    again = reopen(folder, hands)
    assert again.restored_why == "marked_copy"
    assert len(again.alarms) == 3


def test_a_restored_database_that_is_corrupt_gives_way_to_its_copy(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    backed_up(folder, hands, tmp_path / "backup", between=0)
    (tmp_path / "backup" / "journal.db").write_bytes(b"torn" * 5000)
    restore(tmp_path / "backup", folder)
    again = reopen(folder, hands)
    assert again.restored
    assert len(again.alarms) == 30


def test_a_corrupt_living_journal_does_not_fall_back_on_its_copy(
    folder: Path, hands: Hands
) -> None:
    """The copy holds the past: what was delivered since would go out again."""
    file = filled(folder, hands)
    file.copy_to(folder / COPY_NAME)
    file.write([PutMarker("after", 1)])
    file.close()
    with (folder / "journal.db").open("r+b") as handle:
        handle.write(b"\0" * 100)
    again = reopen(folder, hands)
    assert not again.restored
    assert again.set_aside is not None
    assert again.markers == {"after": 1}


@pytest.mark.parametrize("spoilt", ["another journal's", "not a copy", "corrupt"])
def test_a_copy_that_is_not_this_journals_is_left_alone(
    folder: Path, hands: Hands, tmp_path: Path, spoilt: str
) -> None:
    copy = folder / COPY_NAME
    file = filled(folder, hands, alarms=1)
    file.close()
    stranger = filled(tmp_path / "stranger", hands, alarms=9)
    for number in range(50):
        stranger.write([an_entry(number)])
    if spoilt == "another journal's":
        stranger.copy_to(copy)
        stranger.close()
    elif spoilt == "not a copy":
        stranger.close()
        shutil.copyfile(tmp_path / "stranger" / "journal.db", copy)
    else:
        stranger.close()
        copy.write_bytes(b"nothing")
    shutil.copyfile(folder / "journal.db", folder / "new")
    (folder / "new").rename(folder / "journal.db")
    again = reopen(folder, hands)
    assert again.restored
    assert alarm_ids(again) == [an_alarm(1).id]
