"""Journals of other releases: an older one is brought up, a newer one is used as it is."""

from contextlib import closing
from pathlib import Path
import sqlite3
from typing import Any

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Owner
from custom_components.kvarbo.journal import opening, schema, statements
from custom_components.kvarbo.journal.changes import PutAlarm
from custom_components.kvarbo.journal.database import connect
from custom_components.kvarbo.journal.glimpse import glimpse
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from custom_components.kvarbo.journal.rows import COLUMNS, Table, rows_of
from custom_components.kvarbo.journal.salvage import salvage
from custom_components.kvarbo.journal.schema import MIGRATIONS, check_usable, migrate, version_of
from custom_components.kvarbo.journal.trouble import TroubleKind
from tests.journal.making import (
    HOST,
    START,
    Hands,
    a_delivery,
    a_message,
    a_raise,
    an_alarm,
    crash,
    open_journal,
    reopen,
    times_of,
)

VERSION_1 = Path(__file__).parent / "data" / "version_1.sql"

#: What a rule's alarm says besides, which came with version 2.
SAYS: dict[str, Any] = {
    "owner": Owner.NIGHT_PATROL,
    "seen_at": START,
    "seen_in": Location.HALLWAY,
    "repeats": 3,
    "until": START,
}

LATER = (
    "ALTER TABLE alarm ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'",
    "ALTER TABLE delivery ADD COLUMN route INTEGER",
    "CREATE TABLE lamp (id TEXT PRIMARY KEY NOT NULL) STRICT",
)


def schema_of(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {" ".join(str(row[0]).split()) for row in rows}


def lay_down(script: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    with closing(sqlite3.connect(folder / "journal.db", autocommit=True)) as connection:
        connection.executescript(script.read_text(encoding="utf-8"))


def test_a_journal_of_version_1_opens_and_holds_what_it_held(folder: Path, hands: Hands) -> None:
    lay_down(VERSION_1, folder)
    file, again = open_journal(folder, hands)
    assert again.alarms == (an_alarm(1), an_alarm(2))
    assert again.messages == (a_message(1), a_message(2))
    assert again.deliveries == (a_delivery(1), a_delivery(2))
    assert again.markers == {"cord": {"on": True}}
    assert again.audit_broken_at is None
    assert again.restored  # a file out of a repository is no living journal
    file.write(a_raise(3))
    file.close()
    assert len(reopen(folder, hands).alarms) == 3


def test_a_journal_of_version_1_learns_what_a_rule_says(folder: Path, hands: Hands) -> None:
    lay_down(VERSION_1, folder)
    file, _ = open_journal(folder, hands)
    file.write([PutAlarm(an_alarm(2, **SAYS)), PutAlarm(an_alarm(3, **SAYS))])
    file.close()
    again = reopen(folder, hands)
    assert again.alarms == (an_alarm(1), an_alarm(2, **SAYS), an_alarm(3, **SAYS))
    with closing(connect(folder / "journal.db")) as connection:
        assert version_of(connection) == len(MIGRATIONS)


def test_the_release_before_version_2_uses_todays_journal(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its statements, as it made them: what it does not know stays as it is."""
    file, _ = open_journal(folder, hands)
    file.write([*a_raise(1), PutAlarm(an_alarm(2, **SAYS))])
    file.close()
    former = {**COLUMNS, Table.ALARM: COLUMNS[Table.ALARM][: -len(SAYS)]}
    with monkeypatch.context() as patch:
        patch.setattr(statements, "COLUMNS", former)
        upsert = statements._upsert(Table.ALARM)
    assert "repeats" not in upsert
    with closing(connect(folder / "journal.db")) as connection:
        migrate(connection, MIGRATIONS[:1])
        check_usable(connection, former)
        for alarm in (an_alarm(1, presses=2), an_alarm(2, presses=3), an_alarm(4)):
            (row,) = rows_of(PutAlarm(alarm))
            connection.execute(upsert, row.values[: -len(SAYS)])
    assert reopen(folder, hands).alarms == (
        an_alarm(1, presses=2),
        an_alarm(2, presses=3, **SAYS),
        an_alarm(4),
    )


def test_an_older_journal_that_takes_nothing_is_read_as_it_is(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update on a full disk: what waits in the journal is sent all the same."""
    lay_down_living(folder, hands, monkeypatch)
    refusal = JournalRefusedError(TroubleKind.NOT_OPEN, "full", retry=True)
    seen = glimpse(folder, times_of(hands), HOST, refusal)
    assert seen.alarms == (an_alarm(1), an_alarm(2))
    assert seen.unreadable == 0
    assert seen.deliveries == (a_delivery(1), a_delivery(2))


def test_an_older_journal_that_is_corrupt_is_salvaged_whole(
    folder: Path, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_down_living(folder, hands, monkeypatch)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = salvage(folder / "journal.db", scratch)
    alarms = [row for row in found.rows if row.table is Table.ALARM]
    assert alarms == [row for n in (1, 2) for row in rows_of(PutAlarm(an_alarm(n)))]
    assert found.links


def lay_down_living(folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a journal of version 1 as the release that made it left it."""
    file, _ = open_journal(folder, hands)
    file.write([*a_raise(1), *a_raise(2)])
    file.close()
    with closing(connect(folder / "journal.db")) as connection:
        for name in SAYS:
            connection.execute(f"ALTER TABLE alarm DROP COLUMN {name}")
        connection.execute("PRAGMA user_version = 1")
        assert {" ".join(sql.split()) for sql in MIGRATIONS[0]} <= schema_of(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_version_1_is_what_its_dump_says() -> None:
    """What has been released stays: a change of the first version's statements shows here."""
    with (
        closing(sqlite3.connect(":memory:", autocommit=True)) as built,
        closing(sqlite3.connect(":memory:", autocommit=True)) as dumped,
    ):
        migrate(built, MIGRATIONS[:1])
        dumped.executescript(VERSION_1.read_text(encoding="utf-8"))
        assert schema_of(built) == schema_of(dumped)
        assert version_of(built) == version_of(dumped) == 1


def test_every_column_that_is_used_is_there() -> None:
    with closing(sqlite3.connect(":memory:", autocommit=True)) as connection:
        migrate(connection)
        check_usable(connection, COLUMNS)
        assert version_of(connection) == len(MIGRATIONS)


def test_an_older_journal_is_brought_up(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, first = open_journal(folder, hands)
    file.write(a_raise(1))
    crash(file)
    monkeypatch.setattr(
        opening, "migrate", lambda connection: migrate(connection, (*MIGRATIONS, LATER))
    )
    again = reopen(folder, hands)
    assert again.alarms == (*first.alarms, an_alarm(1))
    assert not again.restored
    with closing(connect(folder / "journal.db")) as connection:
        assert version_of(connection) == len(MIGRATIONS) + 1
        assert connection.execute("SELECT mood FROM alarm").fetchone() == ("calm",)


def test_the_previous_release_uses_todays_journal(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writes leave what it does not know alone."""
    with monkeypatch.context() as patch:
        patch.setattr(
            opening, "migrate", lambda connection: migrate(connection, (*MIGRATIONS, LATER))
        )
        file, _ = open_journal(folder, hands)
        file.write(a_raise(1))
        file._session.connection.execute("UPDATE alarm SET mood = 'cheerful'")
        crash(file)
    file, again = open_journal(folder, hands)
    assert again.alarms == (an_alarm(1),)
    assert not again.restored
    file.write([PutAlarm(an_alarm(1, presses=2)), *a_raise(2)])
    file.close()
    with closing(connect(folder / "journal.db")) as connection:
        assert version_of(connection) == len(MIGRATIONS) + 1
        rows = connection.execute("SELECT presses, mood FROM alarm ORDER BY episode").fetchall()
        assert rows == [(2, "cheerful"), (1, "calm")]


def test_a_journal_that_lacks_what_is_needed_is_refused_and_left_alone(
    folder: Path, hands: Hands
) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    file.close()
    with closing(connect(folder / "journal.db")) as connection:
        connection.execute("ALTER TABLE alarm DROP COLUMN presses")
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(JournalRefusedError, match=r"version 7.*alarm: presses") as caught:
        open_journal(folder, hands)
    assert not caught.value.retry
    assert {path.name for path in folder.iterdir()} >= {"journal.db", "journal.lock"}
    assert list(folder.glob("*corrupt*")) == []
    with closing(connect(folder / "journal.db")) as connection:
        connection.execute("ALTER TABLE alarm ADD COLUMN presses INTEGER NOT NULL DEFAULT 1")
    assert reopen(folder, hands).alarms == (an_alarm(1),)


def test_a_migration_cut_off_is_done_again(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    crash(file)
    broken = (*MIGRATIONS, (*LATER, "CREATE TABLE alarm (again TEXT)"))
    with monkeypatch.context() as patch:
        patch.setattr(opening, "migrate", lambda connection: migrate(connection, broken))
        with pytest.raises(JournalRefusedError, match="already exists"):
            open_journal(folder, hands)
    with closing(connect(folder / "journal.db")) as connection:
        assert version_of(connection) == len(MIGRATIONS)
        assert "mood" not in {row[1] for row in connection.execute("PRAGMA table_info(alarm)")}
    assert reopen(folder, hands).alarms == (an_alarm(1),)


def test_the_file_is_marked_as_ours(folder: Path, hands: Hands) -> None:
    reopen(folder, hands)
    with closing(connect(folder / "journal.db")) as connection:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
    assert found == schema.APPLICATION_ID
