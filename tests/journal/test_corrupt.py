"""A corrupt journal is set aside, never replaced in silence, and what reads of it lives on (A5)."""

from collections.abc import Callable
from contextlib import closing
import os
from pathlib import Path
import random
import shutil
import sqlite3

import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.journal.changes import (
    Finding,
    PutMarker,
    PutWatcher,
    Recovered,
    Settled,
)
from custom_components.kvarbo.journal.database import connect
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.place import Place
from tests.journal.making import (
    START,
    Hands,
    a_raise,
    alarm_ids,
    an_alarm,
    an_ended_raise,
    crash,
    open_journal,
    reopen,
)

PAGE = 4096
OPEN = range(900, 906)


def grown(folder: Path, hands: Hands) -> tuple[JournalFile, Recovered]:
    """Make a journal with a past of some hundred pages and six open alarms at its end."""
    file, recovered = open_journal(folder, hands)
    for number in range(400):
        file.write(an_ended_raise(number))
    for number in OPEN:
        file.write(a_raise(number))
    file.write([PutMarker("cord", 1), PutWatcher("night/1", START, {"stage": "warn"})])
    return file, recovered


@pytest.fixture(scope="module")
def past(room: Path) -> Path:
    """Return a folder with a grown journal, made once."""
    folder = room / "past"
    file, _ = grown(folder, Hands())
    file.close()
    return folder


@pytest.fixture
def living(past: Path, folder: Path, hands: Hands) -> Path:
    """Return a folder with a grown journal of this test's own, settled after the copying."""
    shutil.copytree(past, folder, copy_function=shutil.copyfile)
    file, _ = open_journal(folder, hands)
    file.write([Settled(Finding.RESTORED)])
    file.close()
    return folder


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as handle:
        handle.seek(offset)
        handle.write(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // PAGE * PAGE)


def pages_of(db: Path, table: str) -> list[int]:
    """Return the numbers of the leaf pages of a table, first is 1."""
    with closing(sqlite3.connect(db)) as connection:
        rows = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno",
            (table,),
        )
        return [row[0] for row in rows]


GARBAGE = random.Random(7).randbytes(PAGE)


def no_database(db: Path) -> None:
    db.write_bytes(b"<html>not found</html>" * 300)


def empty(db: Path) -> None:
    db.write_bytes(b"")


def header_gone(db: Path) -> None:
    overwrite(db, 0, bytes(PAGE))


def header_garbled(db: Path) -> None:
    overwrite(db, 0, GARBAGE)


def a_sector_of_zeros(db: Path) -> None:
    overwrite(db, (pages_of(db, "audit")[3] - 1) * PAGE + 512, bytes(512))


def another_database(db: Path) -> None:
    db.unlink()
    with closing(sqlite3.connect(db, autocommit=True)) as connection:
        connection.execute("CREATE TABLE alarm (id TEXT)")


def no_meta(db: Path) -> None:
    with closing(connect(db)) as connection:
        connection.execute("DROP TABLE meta")


DAMAGE: list[Callable[[Path], None]] = [
    no_database, empty, header_gone, header_garbled, a_sector_of_zeros, cut, another_database,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_corrupt_is_set_aside_and_said(
    living: Path, hands: Hands, damage: Callable[[Path], None]
) -> None:
    damage(living / "journal.db")
    content = (living / "journal.db").read_bytes()
    file, again = open_journal(living, hands)
    assert again.set_aside is not None
    assert again.set_aside.startswith("journal-corrupt-20261120T")
    assert (living / again.set_aside).read_bytes() == content
    assert again.not_open is None
    assert again.audit_broken_at is None
    # The new one works.
    file.write(a_raise(5000))
    crash(file)
    assert an_alarm(5000).id in alarm_ids(reopen(living, hands))
    assert list(living.glob("journal-new*")) == []


@pytest.mark.parametrize("damage", [header_gone, header_garbled, a_sector_of_zeros, no_meta])
def test_open_alarms_live_on(living: Path, hands: Hands, damage: Callable[[Path], None]) -> None:
    before = reopen(living, hands)
    damage(living / "journal.db")
    again = reopen(living, hands)
    assert again.alarms == before.alarms
    assert again.messages == before.messages
    assert again.deliveries == before.deliveries
    assert again.watchers == before.watchers
    assert again.markers == before.markers
    if damage is not no_meta:
        # The same home, the same hub: what waits goes out as live, under its own references.
        assert not again.restored
        assert again.incarnation == before.incarnation


def test_a_leaf_of_open_alarms_costs_that_leaf_alone(living: Path, hands: Hands) -> None:
    """The rows of other pages live, before and after the gap."""
    db = living / "journal.db"
    leaves = pages_of(db, "alarm")
    assert len(leaves) > 12
    with closing(sqlite3.connect(db)) as connection:
        total = connection.execute("SELECT count(*) FROM alarm").fetchone()[0]
    for page in (leaves[4], leaves[9]):
        overwrite(db, (page - 1) * PAGE, GARBAGE)
    again = reopen(living, hands)
    assert alarm_ids(again) == [an_alarm(number).id for number in OPEN]
    with closing(sqlite3.connect(db)) as connection:
        left = connection.execute("SELECT count(*) FROM alarm").fetchone()[0]
    assert total - 80 < left < total


def test_an_alarm_whose_message_is_gone_is_told_all_the_same(living: Path, hands: Hands) -> None:
    db = living / "journal.db"
    for page in pages_of(db, "message"):
        overwrite(db, (page - 1) * PAGE, GARBAGE)
    again = reopen(living, hands)
    assert alarm_ids(again) == [an_alarm(number).id for number in OPEN]
    assert [(m.alarm_id, m.kind) for m in again.messages] == [
        (an_alarm(number).id, MessageKind.ALARM) for number in OPEN
    ]


def test_a_row_that_does_not_fit_any_more_is_counted_and_stops_nothing(
    living: Path, hands: Hands
) -> None:
    """A damaged index can hide that two rows claim one episode; the later one stays behind."""
    db = living / "journal.db"
    with closing(connect(db)) as connection:
        connection.execute("DROP INDEX alarm_episode")
        connection.execute("UPDATE alarm SET episode = 'press-900' WHERE episode = 'press-901'")
    a_sector_of_zeros(db)
    file, again = open_journal(living, hands)
    assert alarm_ids(again) == [an_alarm(number).id for number in OPEN if number != 901]
    entry = file._session.connection.execute("SELECT body FROM audit ORDER BY seq DESC").fetchone()
    assert '"broken":1' in entry["body"]
    file.close()


def test_what_only_the_log_holds_is_read_too(living: Path, hands: Hands) -> None:
    file, _ = open_journal(living, hands)
    file.write(a_raise(7000))
    crash(file)
    overwrite(living / "journal.db", 0, bytes(PAGE))
    again = reopen(living, hands)
    assert an_alarm(7000).id in alarm_ids(again)
    aside = living / str(again.set_aside)
    assert aside.with_name(f"{aside.name}-wal").stat().st_size > 0


def test_the_audit_goes_on_from_what_can_be_proved(living: Path, hands: Hands) -> None:
    file, _ = open_journal(living, hands)
    head = file.audit_head()
    file.close()
    db = living / "journal.db"
    leaves = pages_of(db, "audit")
    overwrite(db, (leaves[len(leaves) // 2] - 1) * PAGE, GARBAGE)
    file, again = open_journal(living, hands)
    assert again.audit_broken_at is None
    assert file.audit_head().seq == head.seq + 1  # one entry more: that it was set aside
    start = file._session.start.seq
    assert 50 < start < head.seq
    entry = file._session.connection.execute("SELECT body FROM audit ORDER BY seq DESC").fetchone()
    assert '"what":"journal_set_aside"' in entry["body"]
    assert f'"audit_from":{start + 1}' in entry["body"]
    assert f'"file":"{again.set_aside}"' in entry["body"]
    file.close()


def test_it_is_said_until_the_home_has_dealt_with_it(living: Path, hands: Hands) -> None:
    header_gone(living / "journal.db")
    name = reopen(living, hands).set_aside
    assert reopen(living, hands).set_aside == name
    file, _ = open_journal(living, hands)
    file.write([Settled(Finding.SET_ASIDE)])
    file.close()
    assert reopen(living, hands).set_aside is None
    header_gone(living / "journal.db")
    assert reopen(living, hands).set_aside not in (None, name)
    assert len(list(living.glob("journal-corrupt-*.db"))) == 2


def test_a_copied_and_corrupt_journal_is_both(living: Path, hands: Hands, tmp_path: Path) -> None:
    before = reopen(living, hands)
    shutil.copytree(living, tmp_path / "other", copy_function=shutil.copyfile)
    a_sector_of_zeros(tmp_path / "other" / "journal.db")
    again = reopen(tmp_path / "other", hands)
    assert again.set_aside is not None
    assert again.restored
    assert again.incarnation != before.incarnation
    assert again.alarms == before.alarms


def test_a_copied_one_that_says_nothing_of_itself_is_not_taken_for_ours(
    living: Path, hands: Hands, tmp_path: Path
) -> None:
    no_meta(living / "journal.db")
    shutil.copytree(living, tmp_path / "other", copy_function=shutil.copyfile)
    again = reopen(tmp_path / "other", hands)
    assert again.restored_why == "no_mark"
    assert again.set_aside is not None


@pytest.mark.parametrize("step", ["before the room is made", "half-way", "before the name"])
def test_setting_aside_can_be_cut_off_anywhere(
    living: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = reopen(living, hands)
    file, _ = open_journal(living, hands)
    file.write(a_raise(7000))
    crash(file)
    header_gone(living / "journal.db")

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    place = {
        "before the room is made": "move_aside",
        "half-way": "move_companions",
        "before the name": "put_new_in_place",
    }[step]
    with monkeypatch.context() as patch:
        patch.setattr(Place, place, cut_off)
        with pytest.raises(KeyboardInterrupt):
            open_journal(living, hands)
    again = reopen(living, hands)
    assert [a.id for a in again.alarms] == [*(a.id for a in before.alarms), an_alarm(7000).id]
    assert again.set_aside is not None
    assert not again.restored
    aside = living / again.set_aside
    assert aside.exists()
    assert aside.with_name(f"{aside.name}-wal").exists()
    assert list(living.glob("journal-new*")) == []


def test_a_half_made_file_is_begun_again(folder: Path, hands: Hands) -> None:
    reopen(folder, hands)
    (folder / "journal.db").unlink()
    (folder / "journal-new.db").write_bytes(b"half")
    again = reopen(folder, hands)
    assert again.alarms == ()
    assert list(folder.glob("journal-new*")) == []


def test_what_a_killed_salvage_left_goes(folder: Path, hands: Hands) -> None:
    reopen(folder, hands)
    (folder / "journal-scratch-x").mkdir()
    (folder / "journal-scratch-x" / "journal.db").write_bytes(b"content")
    reopen(folder, hands)
    assert list(folder.glob("journal-scratch-*")) == []


def test_a_log_without_its_database_is_kept(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    crash(file)
    log = (folder / "journal.db-wal").read_bytes()
    (folder / "journal.db").unlink()
    again = reopen(folder, hands)
    assert again.alarms == ()
    assert again.wal_set_aside is not None
    assert (folder / again.wal_set_aside).read_bytes() == log


def test_names_of_what_is_set_aside_never_meet(folder: Path, hands: Hands) -> None:
    place = Place(folder)
    folder.mkdir()
    names = []
    for _ in range(3):
        name = place.aside("corrupt", hands.at)
        name.with_name(f"{name.name}-wal").touch()
        names.append(name.name)
    assert names == [
        "journal-corrupt-20261120T030405Z.db",
        "journal-corrupt-20261120T030405Z-2.db",
        "journal-corrupt-20261120T030405Z-3.db",
    ]


@pytest.mark.parametrize("seed", range(30))
def test_no_damage_stops_the_home(living: Path, hands: Hands, seed: int) -> None:
    """Random sectors overwritten, cut or swapped, in the database and its log."""
    chance = random.Random(seed)
    file, before = open_journal(living, hands)
    file.write(a_raise(7000))
    crash(file)
    known = {*alarm_ids(before), an_alarm(7000).id}
    for name in ("journal.db", "journal.db-wal"):
        path = living / name
        for _ in range(chance.randrange(4)):
            offset = chance.randrange(path.stat().st_size // 512) * 512
            overwrite(path, offset, chance.choice([bytes(512), chance.randbytes(512)]))
        if chance.random() < 0.2:
            os.truncate(path, chance.randrange(path.stat().st_size))
    file, again = open_journal(living, hands)
    file.write(a_raise(8000))
    crash(file)
    last = reopen(living, hands)
    assert an_alarm(8000).id in alarm_ids(last)
    # What is lost is never lost in silence.
    lost = known - set(alarm_ids(again))
    told = (
        again.set_aside,
        again.wal_set_aside,
        again.restored_why,
        again.audit_broken_at,
        again.unreadable or None,
    )
    assert not lost or any(word is not None for word in told)
