"""What the disk would not take waits in order, and bounded (A1, A10)."""

import pytest

from custom_components.kvarbo.journal import backlog as backlog_module
from custom_components.kvarbo.journal.backlog import Backlog
from custom_components.kvarbo.journal.changes import PutMarker
from custom_components.kvarbo.journal.rows import Row, Table, rows_of
from tests.journal.making import an_entry


def marker(key: str, value: int) -> Row:
    return rows_of(PutMarker(key, value))[0]


def entry(number: int) -> Row:
    return rows_of(an_entry(number))[0]


def test_rows_replace_each_other_and_entries_do_not() -> None:
    backlog = Backlog()
    backlog.add([marker("a", 1), entry(1), marker("b", 1), marker("a", 2), entry(1)])
    assert len(backlog) == 4
    assert backlog.take(100) == [marker("a", 2), entry(1), marker("b", 1), entry(1)]
    assert len(backlog) == 0
    assert backlog.take(100) == []


def test_what_is_put_back_stands_ahead_and_is_older() -> None:
    backlog = Backlog()
    backlog.add([marker("a", 1), entry(1), marker("b", 1), entry(2)])
    taken = backlog.take(2)
    backlog.add([marker("c", 1), marker("a", 9)])
    backlog.put_back(taken)
    assert backlog.take(100) == [
        marker("a", 9), entry(1), marker("b", 1), entry(2), marker("c", 1),
    ]  # fmt: skip


def test_entries_beyond_the_limit_become_one_that_counts_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backlog_module, "ENTRIES_LIMIT", 3)
    backlog = Backlog()
    backlog.add([entry(number) for number in range(10)] + [marker("a", 1)])
    assert len(backlog) == 5
    first = backlog.take(2)
    assert first == [entry(0), entry(1)]
    backlog.put_back(first)
    *rows, told = backlog.take(100)
    assert rows == [entry(0), entry(1), entry(2), marker("a", 1)]
    assert told.table is Table.AUDIT
    assert '"entries":7' in str(told.values[1])
    assert '"since":"2026-11-20T03:04:08.681901Z"' in str(told.values[1])
    backlog.put_back([told])
    backlog.add([entry(20)])
    assert backlog.take(100) == [told, entry(20)]
