"""No module hides its gaps behind another's."""

from typing import Any

from scripts.lib.coverage_gate import below_floor


def report(**percents: float) -> dict[str, Any]:
    """What coverage writes of modules a, b, ..., so far as the gate reads it."""
    return {
        "files": {
            f"{name}.py": {
                "summary": {"percent_covered": percent},
                "missing_lines": [3, 4],
                "missing_branches": [[1, 3], [7, -1]],
            }
            for name, percent in percents.items()
        }
    }


def test_all_above_the_floor_pass() -> None:
    assert below_floor(report(a=95.1, b=100.0), {"a.py", "b.py"}) == []


def test_exactly_at_the_floor_is_not_above_it() -> None:
    assert below_floor(report(a=95.0), {"a.py"}) == [
        "   95.0 %  a.py: lines 3, 4; branches 1->3, 7->-1"
    ]


def test_a_good_module_does_not_hide_a_bad_one() -> None:
    (line,) = below_floor(report(a=100.0, b=12.0, c=100.0), {"a.py", "b.py", "c.py"})
    assert "b.py" in line


def test_a_module_that_was_never_measured_is_named() -> None:
    assert below_floor(report(a=100.0), {"a.py", "b.py"}) == ["    --- %  b.py: never measured"]
