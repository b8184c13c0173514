"""docs/figures.md tells of every figure there is, and of no other."""

from pathlib import Path
import re

from custom_components.kvarbo.transmission.aggregate import SHAPES, Figure

PAGE = Path(__file__).parents[2] / "docs" / "figures.md"


def test_every_figure_is_told_of_once_with_what_it_is_of() -> None:
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| ([^|]*)\|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [name for name, _ in rows] == [str(figure) for figure in Figure]
    for name, of in rows:
        shape = SHAPES[Figure(name)]
        assert bool(of.strip()) is (shape.subject is not None), name
        assert ("day and night" in of) is shape.parted, name
