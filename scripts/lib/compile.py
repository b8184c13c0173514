"""Compile what our processes import: all packages, and of Home Assistant the integrations we run.

The other thousand integrations are most of the files and are never imported. Run by scripts/setup.
"""

import compileall
import os
from pathlib import Path
import re
import sys
import sysconfig

from scripts.lib.pin import REQUIREMENTS, manifests, read_integrations


def main() -> int:
    """Compile; 0 whatever single files say, as some packages ship broken examples."""
    ours = manifests(*read_integrations(REQUIREMENTS / "integrations.txt"))
    skipped = re.compile(rf"/homeassistant/components/(?!(?:{'|'.join(ours)})/)[^/]+/")
    # What packages' authors should mend is no news to us; the workers read it from here.
    os.environ["PYTHONWARNINGS"] = "ignore"
    compileall.compile_dir(
        Path(sysconfig.get_path("purelib")),
        rx=skipped,
        quiet=2,
        workers=0,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
