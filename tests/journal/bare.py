"""Import this first in a bare process: Kvarbo's pure parts without Home Assistant around them.

The package's own `__init__` is Home Assistant's; the journal has no use for it.
"""

from pathlib import Path
import sys
from types import ModuleType

_NAME = "custom_components.kvarbo"
_package = ModuleType(_NAME)
_package.__path__ = [str(Path(__file__).parents[2] / "custom_components" / "kvarbo")]
sys.modules.setdefault(_NAME, _package)
