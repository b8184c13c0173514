"""docs/scaip.md says what is sent, byte for byte."""

from pathlib import Path

import pytest

from . import documented

TEXT = (Path(__file__).parents[3] / "docs" / "scaip.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [documented.kinds, documented.roles, documented.places])
def test_the_tables_are_those_of_the_code(table: object) -> None:
    assert callable(table)
    assert "\n".join(table()) in TEXT


def test_every_document_is_what_goes_out() -> None:
    documents = [
        documented.alarm(),
        documented.alarm(minimal=True),
        documented.alarm(test=True),
        documented.heartbeat(),
        "\n".join(documented.every_kind()).rstrip(),
    ]
    for document in documents:
        assert f"\n{document}\n```" in TEXT


def test_what_the_conformance_table_names_is_there() -> None:
    root = Path(__file__).parents[3]
    section = TEXT.partition("## Conformance")[2].partition("## Try")[0]
    names = [name.strip("`") for name in section.split() if name.startswith("`tests/")]
    assert names
    for name in names:
        assert (root / name.rstrip("`,")).exists(), name


@pytest.mark.parametrize("number", range(1, 18))
def test_each_of_the_seventeen_points_has_a_test_of_its_name(number: int) -> None:
    folder = Path(__file__).parent / "sip"
    assert any(f"test_point_{number:02d}_" in f.read_text("utf-8") for f in folder.glob("*.py"))
