"""JSON pointers (RFC 6901): where in an answer something stands."""

from dataclasses import dataclass
import re
from typing import Any, Final, override

_STRAY_TILDE: Final = re.compile(r"~(?![01])")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,5}")

#: Longest pointer, in characters, and most steps in one.
LONGEST: Final = 256
MOST_STEPS: Final = 16


class PointerError(ValueError):
    """Not a JSON pointer, or too long a one."""


class _Missing:
    """What a pointer yields that leads nowhere; null is a value."""

    @override
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Pointer:
    """A way into a JSON value; no steps is the whole value."""

    steps: tuple[str, ...]

    def find(self, value: Any) -> Any:
        """Return what stands there, or `MISSING`."""
        for step in self.steps:
            if isinstance(value, dict):
                value = value.get(step, MISSING)
            elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
                value = value[int(step)]
            else:
                return MISSING
        return value


def parse_pointer(text: str) -> Pointer:
    """Read a JSON pointer.

    Raises:
        PointerError: it is none.
    """
    if len(text) > LONGEST or (text and not text.startswith("/")) or _STRAY_TILDE.search(text):
        raise PointerError
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])
    if len(steps) > MOST_STEPS:
        raise PointerError
    return Pointer(steps)
