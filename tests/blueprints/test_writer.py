"""What writes the blueprints tells when what is checked in is not what it would write."""

from pathlib import Path
import shutil

import pytest

from scripts.lib import blueprints as writer
from tests.blueprints import shelf

NIGHT = f"{writer.TARGET}/night_absence.sv.yaml"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what is checked in."""
    shutil.copytree(shelf.FOLDER, tmp_path / writer.TARGET)
    (tmp_path / "docs").mkdir()
    shutil.copy(shelf.ROOT / writer.PAGE, tmp_path / writer.PAGE)
    monkeypatch.setattr(writer, "ROOT", tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["blueprints", *arguments])
    return writer.main()


def test_what_is_edited_by_hand_is_named_and_written_anew(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--check") == 0
    before = (copy / NIGHT).read_text(encoding="utf-8")
    (copy / NIGHT).write_text("mine", encoding="utf-8")
    (copy / writer.TARGET / "old.yaml").write_text("gone", encoding="utf-8")
    assert run(monkeypatch, "--check") == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{NIGHT} is not what scripts/blueprints writes",
        f"{writer.TARGET}/old.yaml is not what scripts/blueprints writes",
    ]
    assert run(monkeypatch) == 0
    assert (copy / NIGHT).read_text(encoding="utf-8") == before
    assert not (copy / writer.TARGET / "old.yaml").exists()


def test_another_argument_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "--chek") == 2


def test_an_input_without_words_is_named() -> None:
    words = writer.all_words()[0]
    with pytest.raises(KeyError, match=f"{words.file} says nothing of colour"):
        words.named("colour")
