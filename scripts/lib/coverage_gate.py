"""Judge coverage module by module: each must stand above the floor, none hides behind another.

Usage: coverage_gate.py coverage.json
"""

import json
from pathlib import Path
import sys
from typing import Any

FLOOR = 95.0
SOURCE = Path("custom_components/kvarbo")


def below_floor(report: dict[str, Any], modules: set[str]) -> list[str]:
    """Give one line for each module at or under the floor, and for each that was never measured.

    Args:
        report: what `coverage json` writes, with branches.
        modules: paths of all modules that ship, relative to the repository.
    """
    measured: dict[str, Any] = report["files"]
    lines = [f"    --- %  {path}: never measured" for path in sorted(modules - measured.keys())]
    for path, file in sorted(measured.items()):
        covered: float = file["summary"]["percent_covered"]
        if covered <= FLOOR:
            missing = ", ".join(map(str, file["missing_lines"])) or "-"
            branches = ", ".join(f"{a}->{b}" for a, b in file.get("missing_branches", ())) or "-"
            lines.append(f"  {covered:5.1f} %  {path}: lines {missing}; branches {branches}")
    return lines


def main() -> int:
    """Print the verdict; 1 when a module is at or under the floor."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    modules = {str(path) for path in SOURCE.rglob("*.py")}
    total: float = report["totals"]["percent_covered"]
    if lines := below_floor(report, modules):
        print(f"==> COVERAGE at or under {FLOOR:.0f} % in {len(lines)} of {len(modules)} modules:")
        print("\n".join(lines))
        return 1
    print(f"==> coverage: {total:.1f} % in all, each of {len(modules)} modules above {FLOOR:.0f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
