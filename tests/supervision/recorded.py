"""Folders of recorded homes, made up."""

from collections.abc import Iterable
import gzip
from pathlib import Path
from typing import Final

HEAD: Final = "timestamp,sensor_id,kind,area,value"


def write_home(
    folder: Path, rows: Iterable[str], annotations: Iterable[str] | None = (), head: str = HEAD
) -> Path:
    """Write a home's files; rows are lines without their end."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join([head, *rows]) + "\n"
    (folder / "events.csv.gz").write_bytes(gzip.compress(text.encode()))
    if annotations is not None:
        lines = "\n".join(["start,end,activity", *annotations]) + "\n"
        (folder / "annotations.csv").write_text(lines)
    return folder
