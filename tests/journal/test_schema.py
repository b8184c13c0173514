"""Journals of other releases: an older one is brought up, a newer one is used as it is."""

from contextlib import closing
from pathlib import Path
import sqlite3

import pytest

from custom_components.kvarbo.journal import opening, schema
from custom_components.kvarbo.journal.changes import PutAlarm
from custom_components.kvarbo.journal.database import connect
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from custom_components.kvarbo.journal.rows import COLUMNS
from custom_components.kvarbo.journal.schema import MIGRATIONS, check_usable, migrate, version_of
from tests.journal.making import (
    Hands,
    a_delivery,
    a_message,
    a_raise,
    an_alarm,
    crash,
    open_journal,
    reopen,
)

VERSION_1 = Path(__file__).parent / "data" / "version_1.sql"

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
        assert version_of(connection) == 2
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
        assert version_of(connection) == 2
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
        assert version_of(connection) == 1
        assert "mood" not in {row[1] for row in connection.execute("PRAGMA table_info(alarm)")}
    assert reopen(folder, hands).alarms == (an_alarm(1),)


def test_the_file_is_marked_as_ours(folder: Path, hands: Hands) -> None:
    reopen(folder, hands)
    with closing(connect(folder / "journal.db")) as connection:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
    assert found == schema.APPLICATION_ID
