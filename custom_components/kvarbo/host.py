"""What tells this host from another one that carries the same files (A12)."""

import hashlib
from pathlib import Path
from typing import Final

#: Where a board or an installation says who it is; not every host has each.
_TELLS: Final = (
    Path("/proc/device-tree/serial-number"),
    Path("/sys/class/dmi/id/product_uuid"),
    Path("/etc/machine-id"),
)


def host_fingerprint() -> str:
    """Return a hash of the host's own identity, or an empty string where it has none.

    The first that tells is taken and no more: one that comes or goes behind it (a file that only
    some users may read) must not make a strange host of this one. Reads files: not for the event
    loop. Only the hash is ever kept.
    """
    for path in _TELLS:
        try:
            known = path.read_bytes().strip(b"\0\n ")
        except OSError:
            continue
        if known:
            return hashlib.sha256(known).hexdigest()
    return ""
