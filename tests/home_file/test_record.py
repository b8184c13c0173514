"""What a home keeps of its files is replaced whole, and in force only when all is on the disk."""

import json
from pathlib import Path

import pytest

from custom_components.kvarbo.home_file.record import FILE, Record, is_stored, load, save

RECORD = Record("new", "old", "administrator", in_force=False, by_hand=("water/0/",))


def test_a_home_without_one_has_an_empty_one(tmp_path: Path) -> None:
    assert load(tmp_path) == Record()
    assert load(tmp_path).in_force


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    save(tmp_path / "new folder", RECORD)
    assert load(tmp_path / "new folder") == RECORD
    assert [path.name for path in (tmp_path / "new folder").iterdir()] == [FILE]


def test_a_draft_that_was_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    save(tmp_path, RECORD)
    (tmp_path / f"{FILE}.new").write_text('{"current": "ha')
    assert load(tmp_path) == RECORD


@pytest.mark.parametrize("raw", ["", "{}", "3", '{"current": 1}'])
def test_what_is_no_record_is_told(tmp_path: Path, raw: str) -> None:
    (tmp_path / FILE).write_text(raw)
    with pytest.raises(ValueError):  # noqa: PT011 - json's own too
        load(tmp_path)


def entries(modified: str, entry: str = "a") -> str:
    return json.dumps({"data": {"entries": [{"entry_id": entry, "modified_at": modified}]}})


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (entries("2026-11-27T22:00:01+00:00"), True),
        (entries("2026-11-27T22:00:02+00:00"), True),
        (entries("2026-11-27T22:00:00+00:00"), False),
        (entries("2026-11-27T22:00:02+00:00", "b"), False),
        ("{", False),
        ("{}", False),
        ('{"data": {"entries": [3]}}', False),
    ],
)
def test_it_is_seen_whether_home_assistant_has_written_an_entry(
    tmp_path: Path, raw: str, stored: bool
) -> None:
    path = tmp_path / "core.config_entries"
    assert not is_stored(path, "a", "2026-11-27T22:00:01+00:00")
    path.write_text(raw)
    assert is_stored(path, "a", "2026-11-27T22:00:01+00:00") is stored
