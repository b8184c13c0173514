"""A disk that is full, read-only or broken: refused, classed, nothing lost (A1)."""

from contextlib import closing
import errno
import fcntl
import os
from pathlib import Path
import shutil
import sqlite3
import subprocess
import sys
from typing import Final

import pytest

from custom_components.kvarbo.journal import glimpse as glimpse_module
from custom_components.kvarbo.journal.changes import PutMarker
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.glimpse import glimpse
from custom_components.kvarbo.journal.refusal import (
    JournalInUseError,
    JournalRefusedError,
    code_of,
    refused,
    refusing,
)
from custom_components.kvarbo.journal.trouble import TroubleKind
from tests.journal.making import (
    HOST,
    Hands,
    a_raise,
    alarm_ids,
    an_alarm,
    an_entry,
    crash,
    open_journal,
    reopen,
    times_of,
)

ROOT: Final = Path(__file__).parents[2]


def fill(file: JournalFile) -> None:
    """Let sqlite find no more room: its own answer to a full disk, without needing one."""
    connection = file._session.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def make_room(file: JournalFile) -> None:
    file._session.connection.execute("PRAGMA max_page_count = 1000000")


BIG: Final = {str(number): "x" * 60 for number in range(500)}


def test_a_full_disk_refuses_all_or_nothing(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    fill(file)
    head = file.audit_head()
    with pytest.raises(JournalRefusedError, match="full") as caught:
        file.write([*a_raise(2), PutMarker("big", dict(BIG))])
    assert caught.value.kind is TroubleKind.REFUSED_FULL
    assert caught.value.retry
    assert not caught.value.reopen
    assert file.audit_head() == head
    make_room(file)
    file.write(a_raise(3))
    crash(file)
    again = reopen(folder, hands)
    assert alarm_ids(again) == [an_alarm(1).id, an_alarm(3).id]
    assert again.audit_broken_at is None
    assert not again.restored


LIMITED: Final = """
import sys
sys.path[:0] = [sys.argv[2]]
import tests.journal.bare
from pathlib import Path
import resource, signal
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from tests.journal.making import Hands, a_raise, open_journal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hands = Hands()
file, _ = open_journal(Path(sys.argv[1]), hands)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
taken = []
for number in range(1, 200):
    try:
        file.write(a_raise(number))
    except JournalRefusedError as error:
        assert error.retry and not error.reopen, error
        print("refused", error.kind)
        break
    taken.append(number)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
file.write(a_raise(1000))
print(*taken, 1000)
file.abandon()
"""


def test_a_file_that_may_not_grow_is_refused_by_the_kernel(folder: Path) -> None:
    """The kernel's own refusal in the middle of writing the log, then room again."""
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, folder, ROOT], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert said[0] == "refused refused_other"
    numbers = [int(word) for word in said[1].split()]
    assert len(numbers) > 5
    again = reopen(folder)
    assert alarm_ids(again) == [an_alarm(number).id for number in numbers]
    assert again.audit_broken_at is None
    assert not again.restored


AS_NOBODY: Final = """
import sys
sys.path[:0] = [sys.argv[2]]
import tests.journal.bare
import os
from pathlib import Path
from custom_components.kvarbo.journal.glimpse import glimpse
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from tests.journal.making import HOST, Hands, a_raise, alarm_ids, open_journal, times_of
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)

folder, hands = Path(sys.argv[1]) / "journal", Hands()
file, _ = open_journal(folder, hands)
file.write(a_raise(1))
file.write(a_raise(2))
file.abandon()
files = [folder, *folder.iterdir()]
for path in files:
    path.chmod(0o500 if path.is_dir() else 0o400)
try:
    open_journal(folder, hands)
except JournalRefusedError as error:
    print(error.kind, error.retry, str(folder) in str(error))
    seen = glimpse(folder, times_of(hands), HOST, error)
    print(*alarm_ids(seen))
    print(seen.restored, bool(seen.not_open), len(seen.messages), len(seen.deliveries))
for path in files:
    path.chmod(0o700 if path.is_dir() else 0o600)
_, again = open_journal(folder, hands)
print(again.restored, *alarm_ids(again))
"""


def test_a_read_only_disk_refuses_and_is_read_all_the_same(tmp_path: Path) -> None:
    """As an ordinary user, for whom permissions mean something; root is nobody for a while."""
    if os.getuid() == 0:
        # Every folder above must let nobody through; pytest's own do not.
        base = Path("/var/tmp" if not _passable(tmp_path) else tmp_path) / f"kvarbo-{os.getpid()}"
    else:
        base = tmp_path / "base"
    base.mkdir(mode=0o777)
    base.chmod(0o777)
    try:
        said = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, base, ROOT],
            check=True, capture_output=True, text=True, env={**os.environ, "TMPDIR": "/tmp"},
        ).stdout.splitlines()  # fmt: skip
    finally:
        shutil.rmtree(base)
    both = f"{an_alarm(1).id} {an_alarm(2).id}"
    assert said == ["refused_readonly True False", both, "False True 2 2", f"False {both}"]


def _passable(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents])


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, hands: Hands) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalRefusedError) as caught:
        open_journal(tmp_path / "file" / "journal", hands)
    assert caught.value.retry
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_where_the_database_should_be_is_refused(folder: Path, hands: Hands) -> None:
    (folder / "journal.db").mkdir(parents=True)
    with pytest.raises(JournalRefusedError):
        open_journal(folder, hands)


def test_a_disk_that_cannot_keep_a_log_is_refused(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where sqlite has no shared memory it stays with a rollback journal: not what A1 needs.

    No such file system can be had without being root, so the journal is one that sqlite keeps in
    memory, where it refuses a write-ahead log as well.
    """
    from custom_components.kvarbo.journal import database  # noqa: PLC0415 - patched

    reopen(folder, hands)
    real = database.connect
    monkeypatch.setattr(
        database, "connect", lambda path, options="mode=rw": real(path, "mode=memory")
    )
    with pytest.raises(sqlite3.OperationalError, match="cannot keep a write-ahead log"):
        database.connect_for_writing(folder / "journal.db")


def test_commits_are_asked_to_reach_the_disk(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    execute = file._session.connection.execute
    assert execute("PRAGMA synchronous").fetchone()[0] == 2
    assert execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 0
    assert execute("PRAGMA foreign_keys").fetchone()[0] == 0
    file.close()


def test_another_process_that_holds_the_database_is_waited_for_and_then_refuses(
    folder: Path, hands: Hands
) -> None:
    file, _ = open_journal(folder, hands)
    file._session.connection.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(folder / "journal.db", autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalRefusedError, match="locked") as caught:
            file.write(a_raise(1))
        assert caught.value.kind is TroubleKind.REFUSED_OTHER
        assert caught.value.retry
        other.execute("ROLLBACK")
    file.write(a_raise(1))
    crash(file)
    assert alarm_ids(reopen(folder, hands)) == [an_alarm(1).id]


def test_a_merge_that_the_disk_refuses_is_no_loss(
    folder: Path, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    file, _ = open_journal(folder, hands)
    for number in range(1, 30):
        file.write(a_raise(number))
    file._session.connection.execute("BEGIN")
    file._session.connection.execute("SELECT * FROM alarm").fetchone()
    file._session.checkpoint()  # cannot be within a transaction
    assert "could not be merged yet" in caplog.text
    file._session.connection.execute("COMMIT")
    file.write(a_raise(30))
    crash(file)
    assert len(reopen(folder, hands).alarms) == 30


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("said")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind", "reopen_it"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), TroubleKind.REFUSED_FULL, False),
        (sqlite_error(sqlite3.SQLITE_READONLY), TroubleKind.REFUSED_READONLY, False),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), TroubleKind.REFUSED_READONLY, False),
        (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC), TroubleKind.REFUSED_OTHER, False),
        (sqlite_error(sqlite3.SQLITE_IOERR_READ), TroubleKind.REFUSED_OTHER, True),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), TroubleKind.REFUSED_OTHER, True),
        (sqlite_error(sqlite3.SQLITE_NOTADB), TroubleKind.REFUSED_OTHER, True),
        (sqlite3.ProgrammingError("said"), TroubleKind.REFUSED_OTHER, False),
        (OSError(errno.ENOSPC, "said"), TroubleKind.REFUSED_FULL, False),
        (OSError(errno.EDQUOT, "said"), TroubleKind.REFUSED_FULL, False),
        (OSError(errno.EROFS, "said"), TroubleKind.REFUSED_READONLY, False),
        (OSError(errno.EIO, "said"), TroubleKind.REFUSED_OTHER, False),
        (OSError("said"), TroubleKind.REFUSED_OTHER, False),
    ],
)
def test_every_refusal_is_classed(
    tmp_path: Path, error: sqlite3.Error | OSError, kind: TroubleKind, *, reopen_it: bool
) -> None:
    found = refused(error, tmp_path)
    assert (found.kind, found.reopen, found.retry) == (kind, reopen_it, True)
    assert found.words
    with pytest.raises(JournalRefusedError), refusing(tmp_path):
        raise error


def test_an_io_error_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE)
    assert code_of(error) == sqlite3.SQLITE_IOERR_SHMSIZE
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_: False)
        assert refused(error, tmp_path).kind is TroubleKind.REFUSED_READONLY
    with monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", lambda _: type("Full", (), {"f_bavail": 0}))
        assert refused(error, tmp_path).kind is TroubleKind.REFUSED_FULL
    assert refused(error, tmp_path / "missing" / "deeper").kind is TroubleKind.REFUSED_READONLY
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_: True)
        assert refused(error, tmp_path / "missing").kind is TroubleKind.REFUSED_OTHER


REFUSAL: Final = JournalRefusedError(TroubleKind.REFUSED_FULL, "the disk is full")


def test_a_glimpse_sees_what_waits(folder: Path, hands: Hands) -> None:
    file, first = open_journal(folder, hands)
    file.write([*a_raise(1), PutMarker("cord", 1), an_entry(3)])
    crash(file)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    seen = glimpse(folder, times_of(hands), HOST, REFUSAL)
    assert seen.not_open == "the disk is full"
    assert seen.incarnation == first.incarnation
    assert seen.alarms == (an_alarm(1),)
    assert seen.markers == {"cord": 1}
    assert len(seen.messages) == len(seen.deliveries) == 1
    assert not seen.restored
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_glimpse_of_a_copy_says_so(folder: Path, hands: Hands, tmp_path: Path) -> None:
    file, first = open_journal(folder, hands)
    file.write(a_raise(1))
    crash(file)
    shutil.copytree(folder, tmp_path / "other", copy_function=shutil.copyfile)
    seen = glimpse(tmp_path / "other", times_of(hands), HOST, REFUSAL)
    assert seen.restored
    assert seen.restored_why is not None
    assert seen.incarnation != first.incarnation
    assert seen.alarms == (an_alarm(1),)


def test_a_glimpse_does_not_merge_a_strangers_log(
    folder: Path, hands: Hands, tmp_path: Path
) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    file.close()
    shutil.copyfile(folder / "journal.db", tmp_path / "old.db")
    file, _ = open_journal(folder, hands)
    for number in range(2, 120):
        file.write(a_raise(number))
        file.tidy()
    crash(file)
    shutil.copyfile(tmp_path / "old.db", folder / "journal.db")
    seen = glimpse(folder, times_of(hands), HOST, REFUSAL)
    assert seen.restored_why == "foreign_wal"
    assert alarm_ids(seen) == [an_alarm(1).id]


def test_a_glimpse_leaves_another_homes_journal_to_it(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    seen = glimpse(folder, times_of(hands), HOST, JournalInUseError())
    assert seen.alarms == ()
    assert seen.not_open == "another process uses this journal"
    file.close()


@pytest.mark.parametrize("content", [None, b"nothing"])
def test_a_glimpse_of_nothing_is_empty(folder: Path, hands: Hands, content: bytes | None) -> None:
    folder.mkdir()
    if content is not None:
        (folder / "journal.db").write_bytes(content)
    seen = glimpse(folder, times_of(hands), HOST, REFUSAL)
    assert seen.alarms == ()
    assert seen.markers == {}
    assert len(seen.incarnation) == 26


def test_a_glimpse_without_room_is_empty(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopen(folder, hands)
    monkeypatch.setattr(glimpse_module, "_ROOMS", (str(folder / "missing"),))
    assert glimpse(folder, times_of(hands), HOST, REFUSAL).alarms == ()


def test_a_file_system_without_locks_is_no_reason_not_to_write(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems have none; one cannot be mounted here, so the call itself fails."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    file.close()
    assert alarm_ids(reopen(folder, hands)) == [an_alarm(1).id]
