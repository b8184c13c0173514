"""Runs our shell scripts with an environment that a test chooses."""

from pathlib import Path
import subprocess
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing but a path and a home that is not there; give how it ended."""
    return subprocess.run(
        [str(part) for part in command],
        env={"PATH": SYSTEM_PATH, "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def bash(
    code: str, *arguments: str | Path, root: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a piece of bash as scripts/setup would: `root` set, in that folder, stopping at errors."""
    prelude = f'set -euo pipefail; root=$1; shift; cd "$root"; source {ROOT}/scripts/lib/say.sh;'
    return run("bash", "-c", prelude + code, "bash", root, *arguments, **environment)
