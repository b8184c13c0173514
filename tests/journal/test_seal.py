"""A restored or copied journal is noticed, and a restart is not taken for one (A12)."""

from collections.abc import Callable
from contextlib import closing
import errno
import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

from custom_components.kvarbo.journal import opening, seal
from custom_components.kvarbo.journal.changes import Finding, PutMarker, Recovered, Settled
from custom_components.kvarbo.journal.database import connect
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.seal import Tokens
from tests.journal.making import Hands, a_raise, alarm_ids, an_alarm, crash, open_journal, reopen

DB = "journal.db"
LOG = "journal.db-wal"


def set_attribute(path: Path, value: bytes) -> bool:
    try:
        os.setxattr(path, seal.ATTRIBUTE, value)
    except OSError:
        return False
    return True


@pytest.fixture
def no_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take extended attributes away, as exFAT and some network file systems do.

    Stands in for such a file system, which cannot be mounted without being root.
    """

    def refuse(*_: object) -> bytes:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuse)
    monkeypatch.setattr(os, "getxattr", refuse)


def old_and_living(folder: Path, hands: Hands, backup: Path) -> JournalFile:
    """Make a journal, keep a backup of it as it was, and let three days pass."""
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    file.close()
    shutil.copytree(folder, backup, copy_function=shutil.copyfile)
    hands.forward(days=3)
    file, _ = open_journal(folder, hands)
    for number in range(2, 80):
        file.write(a_raise(number))
        file.tidy()
    return file


def overwrite(source: Path, target: Path) -> None:
    """Write content into the file that is there, as `cp` does."""
    with target.open("r+b") as handle:
        handle.truncate()
        handle.write(source.read_bytes())


def replace_file(source: Path, target: Path) -> None:
    """Put another file in its place, as a backup's restore does."""
    target.unlink()
    shutil.copyfile(source, target)


PUT_BACK = [overwrite, replace_file]


@pytest.mark.parametrize("put_back", PUT_BACK)
@pytest.mark.parametrize("log", ["with its log", "without log"])
def test_a_journal_from_three_days_ago_is_noticed(
    folder: Path, hands: Hands, tmp_path: Path, put_back: Callable[[Path, Path], None], log: str
) -> None:
    file = old_and_living(folder, hands, tmp_path / "backup")
    crash(file)
    living_log = (folder / LOG).read_bytes()
    put_back(tmp_path / "backup" / DB, folder / DB)
    if log == "without log":
        (folder / LOG).unlink()
        (folder / f"{DB}-shm").unlink()
    again = reopen(folder, hands)
    assert again.restored
    # What the old one held, whole, and nothing of the living log mixed into it.
    assert alarm_ids(again) == [an_alarm(1).id]
    assert again.audit_broken_at is None
    assert again.set_aside is None
    if log == "with its log":
        assert again.restored_why == "foreign_wal"
        assert again.wal_set_aside is not None
        assert (folder / again.wal_set_aside).read_bytes() == living_log
    else:
        assert again.wal_set_aside is None


@pytest.mark.usefixtures("no_attributes")
def test_it_is_noticed_without_attributes_too(folder: Path, hands: Hands, tmp_path: Path) -> None:
    crash(old_and_living(folder, hands, tmp_path / "backup"))
    assert (folder / "journal.seal").exists()
    (folder / LOG).unlink()
    overwrite(tmp_path / "backup" / DB, folder / DB)
    assert reopen(folder, hands).restored_why == "older_content"


@pytest.mark.usefixtures("no_attributes")
def test_without_attributes_a_restart_is_a_restart(folder: Path, hands: Hands) -> None:
    file, first = open_journal(folder, hands)
    for number in range(1, 5):
        file.write(a_raise(number))
        crash(file)
        file, again = open_journal(folder, hands)
        assert not again.restored
        assert again.incarnation == first.incarnation
    file.close()
    assert not reopen(folder, hands).restored


def copy_by_cp(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", source, target], check=True)


def copy_all(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)


def copy_by_python(source: Path, target: Path) -> None:
    shutil.copytree(source, target)  # takes attributes along


def copy_by_tar(source: Path, target: Path) -> None:
    target.mkdir()
    subprocess.run(
        ["sh", "-c", 'tar -C "$1" -c . | tar -C "$2" -x', "sh", source, target], check=True
    )


COPIES = [copy_by_cp, copy_all, copy_by_python, copy_by_tar]


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("ended", [JournalFile.close, crash])
def test_a_copied_folder_is_noticed_with_all_that_it_holds(
    folder: Path,
    hands: Hands,
    tmp_path: Path,
    copy: Callable[[Path, Path], None],
    ended: Callable[[JournalFile], None],
) -> None:
    file, first = open_journal(folder, hands)
    file.write(a_raise(1))
    file.write(a_raise(2))
    ended(file)
    copy(folder, tmp_path / "other")
    there = reopen(tmp_path / "other", hands)
    assert there.restored
    assert there.incarnation != first.incarnation
    assert alarm_ids(there) == [an_alarm(1).id, an_alarm(2).id]
    assert there.wal_set_aside is None
    here = reopen(folder, hands)
    assert not here.restored
    assert here.incarnation == first.incarnation


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_that_comes_back_after_the_original_is_gone_is_noticed(
    hands: Hands, disk_path: Path, copy: Callable[[Path, Path], None]
) -> None:
    folder = disk_path / "journal"
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    file.close()
    copy(folder, disk_path / "backup")
    shutil.rmtree(folder)
    copy(disk_path / "backup", folder)
    assert reopen(folder, hands).restored


def test_a_copy_that_gets_the_very_number_of_the_original_is_noticed(
    hands: Hands, disk_path: Path
) -> None:
    """A freed inode's number is given again; its generation is not. All else is copied along."""
    folder = disk_path / "journal"
    reopen(folder, hands)
    db = folder / DB
    shutil.copy2(db, disk_path / "backup")
    number = db.stat().st_ino
    db.unlink()
    for attempt in range(500):
        candidate = folder / f"candidate-{attempt}"
        candidate.touch()
        if candidate.stat().st_ino == number:
            break
    else:
        pytest.skip("this file system does not give a number again")
    kind = subprocess.run(
        ["stat", "--file-system", "--format=%T", folder], check=True, capture_output=True, text=True
    ).stdout.strip()
    if kind not in {"ext2/ext3", "xfs", "btrfs", "f2fs"}:
        pytest.skip(f"{kind} has no generations")
    shutil.copy2(disk_path / "backup", candidate)
    candidate.rename(db)
    assert reopen(folder, hands).restored_why == "other_file"


def test_a_folder_copied_over_the_living_one_is_noticed(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    """Every file keeps its inode and gets its old content: the mark alone has seen more."""
    crash(old_and_living(folder, hands, tmp_path / "backup"))
    (folder / LOG).unlink()
    subprocess.run(["cp", "-r", f"{tmp_path / 'backup'}/.", folder], check=True)
    again = reopen(folder, hands)
    assert again.restored_why == "older_content"
    assert alarm_ids(again) == [an_alarm(1).id]


def test_a_restart_is_not_a_restore(folder: Path, hands: Hands) -> None:
    file, first = open_journal(folder, hands)
    for number in range(1, 120):
        file.write(a_raise(number))
        file.tidy()
        if number % 10 == 0:
            ended = JournalFile.close if number % 20 else crash
            ended(file)
            file, again = open_journal(folder, hands)
            assert not again.restored
            assert again.restored_why is None
            assert again.incarnation == first.incarnation
            assert len(again.alarms) == number
    file.close()


def test_a_moved_folder_is_the_same_journal(folder: Path, hands: Hands, tmp_path: Path) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    crash(file)
    folder.rename(tmp_path / "elsewhere")
    assert not reopen(tmp_path / "elsewhere", hands).restored


def test_another_host_is_noticed_once_it_is_known(folder: Path, hands: Hands) -> None:
    first = reopen(folder, hands, host="one")
    assert not reopen(folder, hands, host="").restored  # cannot tell
    assert not reopen(folder, hands, host="one").restored
    again = reopen(folder, hands, host="two")
    assert again.restored_why == "other_host"
    assert again.incarnation != first.incarnation


def test_a_host_that_was_not_known_at_first_is_noted(folder: Path, hands: Hands) -> None:
    reopen(folder, hands, host="")
    assert not reopen(folder, hands, host="one").restored
    assert reopen(folder, hands, host="two").restored_why == "other_host"


def settle(folder: Path, hands: Hands) -> Recovered:
    file, _ = open_journal(folder, hands)
    file.write([PutMarker("restored", []), Settled(Finding.RESTORED)])
    file.close()
    return reopen(folder, hands)


def test_it_is_reported_until_the_home_has_dealt_with_it(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    reopen(folder, hands)
    copy_by_cp(folder, tmp_path / "other")
    first = reopen(tmp_path / "other", hands)
    second = reopen(tmp_path / "other", hands)
    assert first.restored
    assert second.restored
    assert second.restored_why == first.restored_why
    assert second.incarnation == first.incarnation
    settled = settle(tmp_path / "other", hands)
    assert not settled.restored
    assert settled.restored_why is None
    assert settled.incarnation == first.incarnation


def test_an_opening_cut_off_while_sealing_notices_again(
    folder: Path, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopen(folder, hands)
    copy_by_cp(folder, tmp_path / "other")

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(opening, "connect_for_writing", cut_off)
        with pytest.raises(KeyboardInterrupt):
            open_journal(tmp_path / "other", hands)
    again = reopen(tmp_path / "other", hands)
    assert again.restored
    assert not settle(tmp_path / "other", hands).restored


def test_a_mark_of_another_journal_is_noticed(folder: Path, hands: Hands) -> None:
    reopen(folder, hands)
    if not set_attribute(folder / DB, b"0123456789abcdef 000000000001\n"):
        pytest.skip("no extended attributes here")
    assert reopen(folder, hands).restored_why == "other_mark"
    settle(folder, hands)
    set_attribute(folder / DB, b"nonsense")
    assert reopen(folder, hands).restored_why == "other_mark"
    settle(folder, hands)
    os.removexattr(folder / DB, seal.ATTRIBUTE)
    assert reopen(folder, hands).restored_why == "no_mark"


def test_a_lost_mark_beside_tells_nothing(folder: Path, hands: Hands, no_attributes: None) -> None:
    reopen(folder, hands)
    (folder / "journal.seal").unlink()
    assert not reopen(folder, hands).restored


def test_a_disk_that_refuses_the_mark_refuses_the_opening(
    folder: Path, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopen(folder, hands)
    copy_by_cp(folder, tmp_path / "other")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "setxattr", refuse)
        with pytest.raises(Exception, match="No space left") as caught:
            open_journal(tmp_path / "other", hands)
    assert str(tmp_path) not in str(caught.value)
    assert reopen(tmp_path / "other", hands).restored


def test_a_content_without_seal_is_noticed(folder: Path, hands: Hands) -> None:
    reopen(folder, hands)
    with closing(connect(folder / DB)) as connection:
        connection.execute("DELETE FROM meta WHERE key LIKE 'seal%'")
        connection.execute("UPDATE meta SET value = 'many' WHERE key = 'commits'")
    again = reopen(folder, hands)
    assert again.restored_why == "not_sealed"
    assert not settle(folder, hands).restored


def test_tokens_that_do_not_hold_tell_nothing() -> None:
    first = Tokens.first()
    after = first.next()
    assert Tokens.of({seal.WAL_LINK: after.encode()}) == after
    assert after.stands_on(first)
    assert after.stands_on(after)
    assert not after.next().stands_on(first)
    assert Tokens.of({seal.WAL_LINK: after.encode().replace(after.now[:4], "zzzz")}) is None
    assert Tokens.of({seal.WAL_LINK: "a b"}) is None
    assert Tokens.of({}) is None
    assert Tokens.of(None) is None


def test_a_restored_journal_says_so_in_its_audit(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    first = reopen(folder, hands)
    copy_by_cp(folder, tmp_path / "other")
    file, again = open_journal(tmp_path / "other", hands)
    target = tmp_path / "audit.jsonl"
    file.export_audit(target)
    file.close()
    assert '"what":"journal_restored"' in target.read_text()
    assert f'"former":"{first.incarnation}"' in target.read_text()
    assert again.incarnation in target.read_text()


def test_only_the_host_and_the_file_name_a_stranger(folder: Path, hands: Hands) -> None:
    """A restart in another process, as after a power cut."""
    file, first = open_journal(folder, hands)
    file.write(a_raise(1))
    file.close()
    script = (
        "import sys; sys.path[:0] = [sys.argv[2]]\n"
        "import tests.journal.bare\n"
        "from pathlib import Path\n"
        "from tests.journal.making import reopen\n"
        "again = reopen(Path(sys.argv[1]))\n"
        "print(again.restored, again.incarnation)\n"
    )
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", script, folder, root], check=True, capture_output=True, text=True
    ).stdout
    assert said.split() == ["False", first.incarnation]
