"""The audit chain holds, and every way of tampering with it shows (A10)."""

from collections.abc import Callable
from datetime import timedelta
import hashlib
import json
from pathlib import Path
import stat

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.journal.audit import (
    GENESIS,
    Anchor,
    Link,
    entry_line,
    holding_end,
    verify,
    verify_export,
)
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from tests.journal.making import START, Hands, an_entry, crash, open_journal


def chain(bodies: list[str], start: Anchor | None = None) -> tuple[Anchor, list[Link], Anchor]:
    place = start = start or Anchor()
    links = []
    for body in bodies:
        place = place.then(body)
        links.append(Link(place.seq, body, place.hash))
    return start, links, place


bodies = st.lists(st.text(max_size=20), min_size=1, max_size=12)


@given(bodies, st.integers(min_value=0, max_value=5))
def test_an_untouched_chain_holds(texts: list[str], first: int) -> None:
    start, links, head = chain(texts, Anchor(first, bytes([first]) * 32))
    assert verify(links, start, head) is None


@given(bodies, st.data())
def test_a_changed_entry_shows_where_it_is(texts: list[str], data: st.DataObject) -> None:
    start, links, head = chain(texts)
    at = data.draw(st.integers(min_value=0, max_value=len(links) - 1))
    links[at] = Link(links[at].seq, links[at].body + "!", links[at].hash)
    assert verify(links, start, head) == at + 1


@given(bodies, st.data())
def test_a_removed_entry_shows_where_it_was(texts: list[str], data: st.DataObject) -> None:
    start, links, head = chain(texts)
    at = data.draw(st.integers(min_value=0, max_value=len(links) - 1))
    del links[at]
    assert verify(links, start, head) == at + 1


def test_an_added_entry_shows() -> None:
    start, links, head = chain(["a", "b"])
    forged = head.then("c")
    assert verify([*links, Link(3, "c", forged.hash)], start, head) == 3


def test_the_hash_is_what_the_documentation_says() -> None:
    _, links, _ = chain(["a", "b"])
    first = hashlib.sha256(GENESIS + b"a").digest()
    assert links[0].hash == first
    assert links[1].hash == hashlib.sha256(first + b"b").digest()


@given(bodies, st.data())
def test_the_newest_run_that_holds_is_found(texts: list[str], data: st.DataObject) -> None:
    start, links, _ = chain(texts)
    lost = data.draw(st.sets(st.integers(min_value=0, max_value=len(links) - 1)))
    left = [link for index, link in enumerate(links) if index not in lost]
    found_start, found = holding_end(left, start)
    assert verify(found, found_start, Anchor(*_place(left[-1])) if left else found_start) is None
    # And no longer one would: what came before the first of it is missing.
    kept = {link.seq for link in left}
    assert found_start == start or (found_start.seq in kept and found_start.seq - 1 not in kept)


def _place(link: Link) -> tuple[int, bytes]:
    return link.seq, link.hash


TAMPERINGS = [
    ("UPDATE audit SET body = replace(body, 'help_button', 'somebody') WHERE seq = 4", 4),
    ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", 4),
    ("DELETE FROM audit WHERE seq = 4", 4),
    ("DELETE FROM audit WHERE seq <= 3", 1),
    ("DELETE FROM audit WHERE seq >= 6", 6),
    ("DELETE FROM audit", 1),
    ("INSERT INTO audit SELECT 99, at, body, hash FROM audit WHERE seq = 7", 8),
]


@pytest.mark.parametrize(("statement", "broken_at"), TAMPERINGS)
def test_tampering_with_the_file_shows(
    folder: Path, hands: Hands, statement: str, broken_at: int
) -> None:
    file, recovered = open_journal(folder, hands)
    assert recovered.audit_broken_at is None
    for number in range(6):  # the first entry is the journal's own
        file.write([an_entry(number)])
    assert file.verify_audit() is None
    file._session.connection.execute(statement)
    crash(file)
    file, again = open_journal(folder, hands)
    assert again.audit_broken_at == broken_at
    # It goes on, and does not heal by going on.
    file.write([an_entry(50)])
    assert file.verify_audit() == broken_at
    crash(file)


def test_the_head_is_the_newest_hash(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    before = file.audit_head()
    file.write([an_entry(1)])
    after = file.audit_head()
    assert (before.seq, after.seq) == (1, 2)
    assert before.hash != after.hash
    file.close()
    file, _ = open_journal(folder, hands)
    assert file.audit_head() == after
    file.close()


@pytest.fixture
def file(folder: Path, hands: Hands) -> JournalFile:
    """Return a journal with an entry for each of a hundred hours."""
    file, _ = open_journal(folder, hands)
    for number in range(100):
        at = START + timedelta(hours=number)
        file.write([an_entry(number, at=at, detail={"n": number})])
    return file


def test_the_export_can_be_checked_by_itself(file: JournalFile, tmp_path: Path) -> None:
    target = tmp_path / "audit.jsonl"
    assert file.export_audit(target) == 101
    lines = target.read_text(encoding="utf-8").splitlines()
    assert verify_export(lines) is None
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    records = [json.loads(line) for line in lines]
    assert [record["record"] for record in records] == ["start", *["entry"] * 101, "end"]
    assert records[1]["entry"]["what"] == "journal_created"
    assert records[5]["entry"] == {
        "what": "alarm_raised",
        "at": "2026-11-20T06:04:05.678901Z",
        "mono": 103.0,
        "actor": "help_button",
        "alarm_id": "01ALARM0000000000000000003",
        "detail": {"n": 3},
    }
    assert records[-1]["hash"] == file.audit_head().hash
    file.close()
    assert list(tmp_path.glob("*.part")) == []


def test_a_span_can_be_exported(file: JournalFile, tmp_path: Path) -> None:
    target = tmp_path / "audit.jsonl"
    since, until = START + timedelta(hours=10), START + timedelta(hours=20)
    assert file.export_audit(target, since=since, until=until) == 10
    lines = target.read_text(encoding="utf-8").splitlines()
    assert verify_export(lines) is None
    assert [json.loads(line)["entry"]["detail"]["n"] for line in lines[1:-1]] == [*range(10, 20)]
    late, early = START + timedelta(days=999), START - timedelta(days=1)
    for first, last in ((late, None), (None, early), (until, since)):
        assert file.export_audit(target, since=first, until=last) == 0
        assert verify_export(target.read_text(encoding="utf-8").splitlines()) is None
    file.close()


def without_the_last(lines: list[str]) -> list[str]:
    return lines[:-1]


def without_one(lines: list[str]) -> list[str]:
    return lines[:5] + lines[6:]


def with_one_changed(lines: list[str]) -> list[str]:
    return [line.replace('"n":7', '"n":8') for line in lines]


def cut_short(lines: list[str]) -> list[str]:
    return [*lines[:-2], lines[-1]]


def garbled(lines: list[str]) -> list[str]:
    return [*lines[:3], "{", *lines[4:]]


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (without_the_last, 0),
        (without_one, 0),
        (with_one_changed, 9),
        (cut_short, 0),
        (garbled, 0),
        (lambda _: [], 0),
        (lambda _: ["[]", "[]"], 0),
    ],
)
def test_a_tampered_export_shows(
    file: JournalFile,
    tmp_path: Path,
    tamper: Callable[[list[str]], list[str]],
    expected: int,
) -> None:
    target = tmp_path / "audit.jsonl"
    file.export_audit(target)
    file.close()
    lines = target.read_text(encoding="utf-8").splitlines()
    assert verify_export(tamper(lines)) == expected


def test_an_entry_that_is_no_json_is_exported_as_it_is() -> None:
    record = json.loads(entry_line(Link(3, "{not json", bytes(32))))
    assert record["entry"] == {"unreadable": "{not json"}


def test_an_export_that_the_disk_refuses_leaves_the_former(
    file: JournalFile, tmp_path: Path
) -> None:
    target = tmp_path / "audit.jsonl"
    target.write_text("former")
    (tmp_path / "audit.jsonl.part").mkdir()
    with pytest.raises(JournalRefusedError):
        file.export_audit(target)
    assert target.read_text() == "former"
    with pytest.raises(JournalRefusedError) as caught:
        file.export_audit(tmp_path / "missing" / "audit.jsonl")
    assert str(tmp_path) not in caught.value.words
    file.close()
