"""The table of grounds on which consent can stand; a municipality may lay its own (S10).

The file `kvarbo/consent_bases.json` in Home Assistant's configuration folder is a list of objects
`{"key": "own", "arms": true}`. A ground that does not arm can be recorded, and starts nothing.
"""

import json
import logging
from pathlib import Path
import re
from typing import Final

from .supervision.consent import BASES

_LOGGER = logging.getLogger(__name__)

FILE: Final = "consent_bases.json"
_KEY: Final = re.compile(r"^[a-z0-9_]{1,40}\Z")
#: Bytes of the file and grounds in it, at most.
_LARGEST: Final = 20_000
_MOST: Final = 50


class BasesError(ValueError):
    """The table cannot be used; says what is wrong with it, and where. A person must mend it."""


def read_bases(folder: Path) -> frozenset[str]:
    """Return the grounds that arm, from the folder's file or, without one, the built-in ones.

    Raises:
        BasesError: the file is there and cannot be used.
    """
    try:
        with (folder / FILE).open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return BASES
    except OSError as err:
        raise BasesError(f"it cannot be read: {err.strerror}") from err
    if len(raw) > _LARGEST:
        raise BasesError(f"it is larger than {_LARGEST} bytes")
    try:
        table = json.loads(raw)
    except (ValueError, RecursionError) as err:
        line = err.lineno if isinstance(err, json.JSONDecodeError) else 1
        raise BasesError(f"line {line}: it is not JSON") from err
    if not isinstance(table, list) or len(table) > _MOST:
        raise BasesError(f"it is not a list of at most {_MOST} grounds")
    return frozenset(key for place, row in enumerate(table, 1) if (key := _arming(place, row)))


def _arming(place: int, row: object) -> str | None:
    match row:
        case {"key": str(key), "arms": bool(arms)} if _KEY.match(key):
            return key if arms else None
        case _:
            raise BasesError(
                f"ground {place}: it needs a key of a-z, 0-9 and _, and arms true or false"
            )


def bases_or_none(folder: Path) -> frozenset[str]:
    """Return the grounds that arm; a broken table arms nothing, and that is told in the log.

    Fail closed: a function may not start on a ground that nobody can read (R04). Blocks: not for
    the event loop.
    """
    try:
        return read_bases(folder)
    except BasesError as err:
        _LOGGER.error("%s cannot be used, so no consent arms anything: %s", FILE, err)
        return frozenset()
