"""The municipality's own table of grounds; one that cannot be read arms nothing (S10)."""

from pathlib import Path

import pytest

from custom_components.kvarbo.consent_bases import FILE, BasesError, bases_or_none, read_bases
from custom_components.kvarbo.supervision.consent import BASES


def lay(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_without_a_table_the_built_in_one_holds(tmp_path: Path) -> None:
    assert read_bases(tmp_path) == BASES == {"own", "with_support", "legal_representative"}


def test_grounds_that_arm_are_those_that_say_so(tmp_path: Path) -> None:
    lay(tmp_path, '[{"key": "own", "arms": true}, {"key": "presumed", "arms": false}]')
    assert read_bases(tmp_path) == {"own"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[\n{,}]", "line 2"),
        ('{"own": true}', "list"),
        ('[{"key": "own"}]', "ground 1"),
        ('[{"key": "own", "arms": true}, {"key": "Eget", "arms": true}]', "ground 2"),
        ('[{"key": "own", "arms": "yes"}]', "ground 1"),
        ("[" * 10_000, "not JSON"),
        ("[" + "1," * 60 + "1]", "at most 50"),
        (" " * 30_000, "larger than"),
    ],
)
def test_broken_table_is_told_and_arms_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, words: str
) -> None:
    lay(tmp_path, text)
    with pytest.raises(BasesError, match=words):
        read_bases(tmp_path)
    assert bases_or_none(tmp_path) == frozenset()
    assert FILE in caplog.text


def test_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(BasesError, match="cannot be read"):
        read_bases(tmp_path)
