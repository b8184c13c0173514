"""A recorded home: a folder of `events.csv.gz` and `annotations.csv`, read as a stream (S12).

`events.csv.gz` has `timestamp,sensor_id,kind,area,value`, `annotations.csv` has
`start,end,activity`, and a home of hourly counts may have `gaps.csv` (`start,end`). Times are the
wall clock of the home, without a zone. Rows up to two hours out of order are put in order. A row
that counts what happened in a bin (`..._count_30min`, `count5min_...`) becomes so many events,
evenly over the bin. What cannot be read is an error that names file and line.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
import gzip
import heapq
import io
from itertools import count
import math
from pathlib import Path
import re
from typing import Final
import zlib

from .recorded_names import role_of, room_of
from .sensing import Reading, Sensor
from .wall import MINUTE

EVENTS: Final = "events.csv.gz"
ANNOTATIONS: Final = "annotations.csv"
GAPS: Final = "gaps.csv"

#: Rows may be this much out of order, seconds; more is an error.
SORTED_WITHIN: Final = 7200.0
#: Activities in which nobody is at home, or nobody knows.
AWAY: Final = frozenset({"Away", "Away_inferred", "Excluded"})
#: In a home of hourly counts, a busy stretch has a sign of life at least so often, seconds.
_BUSY_EVERY: Final = 600.0

_LINE_MOST: Final = 2000
_SENSORS_MOST: Final = 1000
_COUNT_MOST: Final = 10_000
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 2200
_BIN: Final = re.compile(r"count_?(\d{1,4})_?min")
_WORDS: Final[dict[str, Reading]] = {
    **dict.fromkeys(
        ("on", "open", "opened", "true", "1", "present", "occupied", "detected"), Reading.ACTIVE
    ),
    **dict.fromkeys(
        ("off", "close", "closed", "false", "0", "absent", "vacant", "clear"), Reading.IDLE
    ),
    **dict.fromkeys(("unavailable", "unknown"), Reading.UNKNOWN),
}

type Event = tuple[float, int, Reading]
#: Begin and end of something, home time in seconds.
type Span = tuple[float, float]


class RecordingError(ValueError):
    """A recording that cannot be read; says file, line and what is wrong with it."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        """Name the place; line 0 is the file as a whole."""
        super().__init__(f"{file}:{line}: {problem}" if line else f"{file}: {problem}")
        self.file = file
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Recording:
    """What a folder holds: its sensors, and whose rows tell nothing of life in the home.

    `names` are the recording's names of the sensors by number. `begin` and `end` are the first and
    last event's instant. `passed_over` counts rows by kind. Events are read anew by each call of
    `events`, in order of time and with little memory.
    """

    folder: Path
    zone: tzinfo
    sensors: tuple[Sensor, ...]
    names: dict[int, str]
    begin: float
    end: float
    rows: int
    passed_over: dict[str, int] = field(default_factory=dict)

    def events(self) -> Iterator[Event]:
        """Yield instant, sensor and reading, ascending; raises `RecordingError`."""
        return _in_order(self._rows())

    def away(self) -> list[Span]:
        """Return when the annotations say that nobody was at home, merged and ascending.

        Raises:
            RecordingError: a row is wrong, or there are no annotations.
        """
        path = self.folder / ANNOTATIONS
        if not path.is_file():
            raise RecordingError(ANNOTATIONS, 0, "is missing")
        spans: list[Span] = []
        for start, end, activity in _spans(path, ("start", "end", "activity"), self.zone):
            if activity in AWAY:
                spans.append((start, end))
        return _merged(spans)

    def _rows(self) -> Iterator[tuple[float, list[Event]]]:
        numbers = {name: number for number, name in self.names.items()}
        gaps = _read_gaps(self.folder, self.zone)
        for row in _event_rows(self.folder / EVENTS, self.zone):
            if (number := numbers.get(row.key)) is not None:
                yield row.at, row.events(number, gaps)


@dataclass(frozen=True, slots=True)
class _EventRow:
    """One row of events; `width` is its bin's, 0 for an event of its own."""

    line: int
    at: float
    key: str
    kind: str
    area: str
    value: float
    reading: Reading
    width: float

    def events(self, number: int, gaps: list[Span] | None) -> list[Event]:
        """Return what it tells, in order of time."""
        if not self.width:
            return [(self.at, number, self.reading)]
        times = _spread(self.at, self.width, round(self.value), gaps)
        return [(at, number, Reading.ACTIVE) for at in times]


def read_recording(folder: Path, zone: tzinfo = UTC) -> Recording:
    """Look through a folder once: which sensors it has, and whether every row can be read.

    Raises:
        RecordingError: a file is missing, is not what it should be, or has a row that is wrong.
    """
    kinds: dict[str, tuple[str, str]] = {}
    passed: Counter[str] = Counter()
    begin, end, rows = math.inf, -math.inf, 0
    for row in _event_rows(folder / EVENTS, zone):
        rows += 1
        begin, end = min(begin, row.at), max(end, row.at + row.width)
        if row.key not in kinds:
            if len(kinds) >= _SENSORS_MOST:
                raise RecordingError(EVENTS, row.line, "more sensors than a home has")
            kinds[row.key] = (row.kind, row.area)
        if role_of(row.key, row.kind, row.area) is None:
            passed[row.kind] += 1
    if not rows:
        raise RecordingError(EVENTS, 0, "holds no event")
    sensors, names = [], {}
    for number, (key, (kind, area)) in enumerate(sorted(kinds.items()), 1):
        if (role := role_of(key, kind, area)) is not None:
            sensors.append(Sensor(number, role, room_of(area)))
            names[number] = key
    return Recording(folder, zone, tuple(sensors), names, begin, end, rows, dict(passed))


def moment(text: str, zone: tzinfo) -> float:
    """Return the home time of a wall clock's `2026-01-31T08:00:00`; raises ValueError.

    A time in the gap of a spring night is the instant after it, one that comes twice its first.
    """
    return _instant(_naive(text), zone)


def written(at: float, zone: tzinfo) -> str:
    """Return a moment as `moment` reads it, to the millisecond."""
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None).isoformat(timespec="milliseconds")


# -- rows ------------------------------------------------------------------------------------------


def table(
    path: Path, columns: Iterable[str], opened: Iterable[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and fields of a CSV file with at least these columns.

    Raises:
        RecordingError: it is no such file.
    """
    line = 0

    def lines() -> Iterator[str]:
        nonlocal line
        for line, text in enumerate(opened, 1):
            if len(text) > _LINE_MOST or "\0" in text:
                raise RecordingError(path.name, line, "is no line of a table")
            yield text

    try:
        rows = csv.reader(lines(), strict=True)
        head = next(rows, [])
        if missing := [name for name in columns if name not in head]:
            raise RecordingError(path.name, 1, f"has no column {missing[0]}")
        places = [(name, head.index(name)) for name in columns]
        for row in rows:
            if len(row) != len(head):
                raise RecordingError(path.name, line, f"has {len(row)} fields, not {len(head)}")
            yield line, {name: row[place] for name, place in places}
    except UnicodeDecodeError:
        raise RecordingError(path.name, line + 1, "is no UTF-8 text") from None
    except csv.Error as err:
        raise RecordingError(path.name, line, f"is no CSV ({err})") from None
    except (OSError, EOFError, zlib.error) as err:
        problem = "is no whole gzip file" if path.suffix == ".gz" else "cannot be read"
        raise RecordingError(path.name, 0, f"{problem} ({type(err).__name__})") from None


def _event_rows(path: Path, zone: tzinfo) -> Iterator[_EventRow]:
    columns = ("timestamp", "sensor_id", "kind", "area", "value")
    widths: dict[str, float] = {}
    newest = -math.inf
    for line, row in table(path, columns, _gzip_lines(path)):
        key = row["sensor_id"]
        if not key.strip():
            raise RecordingError(path.name, line, "sensor_id is empty")
        try:
            at = _onward(row["timestamp"], zone, newest)
        except ValueError:
            raise RecordingError(path.name, line, "timestamp is no time without a zone") from None
        if at < newest - SORTED_WITHIN:
            raise RecordingError(path.name, line, "timestamp goes back by more than two hours")
        newest = max(newest, at)
        if key not in widths:
            found = _BIN.search(key)
            widths[key] = int(found[1]) * MINUTE if found else 0.0
        width = widths[key]
        kind = row["kind"].strip().lower()
        try:
            value, reading = _value(row["value"], binned=bool(width))
        except ValueError:
            if role_of(key, kind, row["area"]) is not None:
                raise RecordingError(path.name, line, "value is nothing a sensor says") from None
            value, reading = 0.0, Reading.UNKNOWN
        yield _EventRow(line, at, key, kind, row["area"], value, reading, width)


def _gzip_lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rb") as packed, io.TextIOWrapper(packed, "utf-8", newline="") as text:
        while line := text.readline(_LINE_MOST + 1):
            yield line


def plain_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, none longer than a table's may be by more than one."""
    with path.open(encoding="utf-8", newline="") as text:
        while line := text.readline(_LINE_MOST + 1):
            yield line


def _spans(
    path: Path, columns: tuple[str, str, str] | tuple[str, str], zone: tzinfo
) -> Iterator[tuple[float, float, str]]:
    for line, row in table(path, columns, plain_lines(path)):
        try:
            start, end = moment(row["start"], zone), moment(row["end"], zone)
        except ValueError:
            raise RecordingError(path.name, line, "start or end is no time") from None
        if end < start:
            raise RecordingError(path.name, line, "ends before it starts")
        yield start, end, row.get("activity", "")


def _value(text: str, *, binned: bool) -> tuple[float, Reading]:
    plain = text.strip().lower()
    if not binned and (reading := _WORDS.get(plain)) is not None:
        return 0.0, reading
    number = float(plain)
    if not 0 <= number <= _COUNT_MOST:
        raise ValueError("out of range")
    return number, Reading.ACTIVE if number else Reading.IDLE


# -- time ------------------------------------------------------------------------------------------


def _naive(text: str) -> datetime:
    plain = text.strip()
    found = datetime.fromisoformat(plain.removesuffix("Z"))
    if found.tzinfo is not None or not _FIRST_YEAR <= found.year < _LAST_YEAR:
        raise ValueError("a time without a zone, of our days")
    return found


def _instant(naive: datetime, zone: tzinfo) -> float:
    return naive.replace(tzinfo=zone).timestamp()


def _onward(text: str, zone: tzinfo, newest: float) -> float:
    """Return an instant; one that comes twice is its second coming when time would go back."""
    naive = _naive(text)
    at = _instant(naive, zone)
    if at < newest - MINUTE:
        second = _instant(naive.replace(fold=1), zone)
        if newest - MINUTE <= second:
            return second
    return at


def _spread(at: float, width: float, number: int, gaps: list[Span] | None) -> list[float]:
    """Return the instants of a bin's events: evenly over it, less what is known to be a gap."""
    if not number:
        return []
    if gaps is None:
        return [at + width * (i + 1) / (number + 1) for i in range(number)]
    busy = _outside(at, at + width, gaps)
    times = []
    for start, end in busy:
        steps = max(1, math.ceil((end - start) / _BUSY_EVERY))
        times += [start + (end - start) * step / steps for step in range(steps + 1)]
    whole = sum(end - start for start, end in busy)
    for i in range(number):
        into = whole * (i + 1) / (number + 1)
        for start, end in busy:
            if into <= end - start:
                times.append(start + into)
                break
            into -= end - start
    return sorted(times)


def _outside(begin: float, end: float, gaps: list[Span]) -> list[Span]:
    busy: list[Span] = []
    for start, stop in gaps[max(0, bisect_right(gaps, (begin, math.inf)) - 1) :]:
        if start >= end:
            break
        if start > begin:
            busy.append((begin, start))
        begin = max(begin, stop)
    if begin < end:
        busy.append((begin, end))
    return busy


def _read_gaps(folder: Path, zone: tzinfo) -> list[Span] | None:
    path = folder / GAPS
    if not path.is_file():
        return None
    return _merged([(start, end) for start, end, _ in _spans(path, ("start", "end"), zone)])


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _in_order(rows: Iterable[tuple[float, list[Event]]]) -> Iterator[Event]:
    """Put rows in order that come a little late, and a bin's events among the others."""
    waiting: list[tuple[float, int, int, Reading]] = []
    order = count()
    certain = -math.inf
    for row_at, events in rows:
        for at, number, reading in events:
            heapq.heappush(waiting, (at, next(order), number, reading))
        certain = max(certain, row_at - SORTED_WITHIN)
        while waiting and waiting[0][0] <= certain:
            at, _, number, reading = heapq.heappop(waiting)
            yield at, number, reading
    while waiting:
        at, _, number, reading = heapq.heappop(waiting)
        yield at, number, reading
