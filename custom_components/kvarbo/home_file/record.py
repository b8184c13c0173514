"""What a home keeps of its files: the one that holds, the one before it, and whether it is all in force.

One file, replaced whole and forced to the disk. A file is noted here before the first of its settings
is touched; what is not yet in force after a power cut is carried on with. So a cut leaves the old
settings or the new ones.
"""

from dataclasses import asdict, dataclass
import hashlib
import json
import os
from pathlib import Path
from typing import Final

FILE: Final = "home_file.json"
#: Octets, at most: three texts and some words.
_LARGEST: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """The text that holds, the text before it, and who applied it in which role.

    `in_force` False: it is being applied, and may be in part. `by_hand` are the rules that a person's own
    automations run.
    """

    current: str = ""
    previous: str = ""
    actor: str = ""
    in_force: bool = True
    by_hand: tuple[str, ...] = ()


def digest(text: str) -> str:
    """Return what a text is known by where its content is nobody's business."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(folder: Path) -> Record:
    """Return the record; an empty one where there is none. Blocking.

    Raises:
        OSError: the disk refuses.
        ValueError: it is no record.
    """
    try:
        with (folder / FILE).open("rb") as file:
            raw = json.loads(file.read(_LARGEST))
    except FileNotFoundError:
        return Record()
    match raw:
        case {
            "current": str(current),
            "previous": str(previous),
            "actor": str(actor),
            "in_force": bool(in_force),
            "by_hand": list(by_hand),
        }:
            return Record(current, previous, actor, in_force, tuple(map(str, by_hand)))
        case _:
            raise ValueError("no record")


def save(folder: Path, record: Record) -> None:
    """Replace the record, whole and on the disk. Blocking.

    Raises:
        OSError: the disk refuses; the old record holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{FILE}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(record), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / FILE)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Force to the disk what files a folder has. Blocking; raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_stored(path: Path, entry_id: str, modified_at: str) -> bool:
    """Tell whether Home Assistant has written an entry as it was at an instant, and force it to the disk.

    Home Assistant writes its entries a second late and does not force them. Blocking; raises OSError.
    """
    try:
        with path.open("r+b") as file:
            entries = json.loads(file.read())["data"]["entries"]
            stored = any(
                entry["entry_id"] == entry_id and entry["modified_at"] >= modified_at
                for entry in entries
            )
            if stored:
                os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    except KeyError, TypeError, ValueError:
        # Of another release, or half written: it is asked again.
        return False
    if stored:
        sync_folder(path.parent)
    return stored
