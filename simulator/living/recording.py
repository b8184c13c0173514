"""A life as a folder of files, in the form of the recorded homes.

``events.csv.gz`` has ``timestamp,sensor_id,kind,area,value``, ``annotations.csv`` has
``start,end,activity``. All times are local and without a zone. What no home hears (a device that
is off the air) is not in the recording.
"""

import csv
from datetime import datetime
import gzip
import io
from pathlib import Path
from typing import Final

from simulator.living.life import Life
from simulator.living.sensed import Value

EVENTS: Final = "events.csv.gz"
ANNOTATIONS: Final = "annotations.csv"
_UNHEARD: Final = frozenset({Value.GONE, Value.BACK})


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def write(life: Life, folder: Path) -> int:
    """Write a life down; the same life gives the same bytes.

    Args:
        life: The life.
        folder: Made if missing; files of these names in it are replaced.

    Returns:
        Number of events.

    Raises:
        OSError: The folder cannot be written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    devices = {device.key: device for device in life.devices}
    written = 0
    with (
        (folder / EVENTS).open("wb") as raw,
        # Without name and time in its head, the file depends on the life alone.
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("timestamp", "sensor_id", "kind", "area", "value"))
        for event in life.events():
            if event.value in _UNHEARD:
                continue
            device = devices[event.device]
            rows.writerow(
                (_stamp(life.local(event.at)), device.key, device.kind, device.area, event.value)
            )
            written += 1
    with (folder / ANNOTATIONS).open("w", encoding="utf-8", newline="") as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("start", "end", "activity"))
        for truth in life.truth():
            rows.writerow(
                (_stamp(life.local(truth.start)), _stamp(life.local(truth.end)), truth.activity)
            )
    return written
