"""False alarms against delay: stock limits beside the learned one, on recorded homes.

For each home in the folder: how many alarms of inactivity there are while nothing is wrong, per 30
days at home, and how late a silence is found that begins at a random instant. Stock rules are what
one builds with a fixed time limit on the last movement: one limit, or one by day (08-22) and one by
night. They are told every annotated absence, which nobody tells a real home. The learned limit has
the settings of a new home, the same for all; it is told absences only in a home without an exit
door. The first 28 days, or half of a shorter recording, are for learning and not counted.

    .venv/bin/python benchmarks/tradeoff.py DATA [--runs 400] [--svg FILE]
"""

import argparse
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
import statistics
import sys
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.supervision.catalogue import rule_of
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.recording import Recording, Span, read_recording
from custom_components.kvarbo.supervision.rerun import Past, Scene, rerun
from custom_components.kvarbo.supervision.sensing import SHOWS_LIFE, Reading
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR

LEARNING: Final = 28 * DAY
#: A silence that is not found within a day counts as found after a day.
HORIZON: Final = DAY
DAY_FROM: Final = 8 * HOUR
DAY_TO: Final = 22 * HOUR
FIXED: Final = tuple(range(1, 13))
PAIRS: Final = tuple(
    (day, night)
    for day in (1.5, 2, 2.5, 3, 4, 5, 6)
    for night in (3, 4, 5, 6, 7, 8, 10)
    if night >= day
)
_SEED: Final = 7

#: From the beginning of a silence to the instant of its alarm.
type Fires = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Point:
    """One rule in one home: false alarms per 30 days at home, delays in hours, share found."""

    name: str
    false: float
    median: float
    late: float
    found: float = 1.0


@dataclass(frozen=True, slots=True)
class Home:
    """A recording with its silences at home, what is scored of it, and where silences are made."""

    recording: Recording
    away: list[Span]
    silences: list[Span]
    scored: Span
    injected: list[float]

    @property
    def days(self) -> float:
        """Days at home that are scored."""
        begin, end = self.scored
        return sum(max(0.0, min(e, end) - max(s, begin)) for s, e in self.silences) / DAY


def load(folder: Path, runs: int) -> Home:
    """Read a home and choose where silences begin."""
    recording = read_recording(folder)
    away = recording.away() if (folder / "annotations.csv").is_file() else []
    silences = at_home(recording, away)
    learning = min(LEARNING, (recording.end - recording.begin) / 2)
    scored = (recording.begin + learning, recording.end)
    rng = Random(_SEED)
    parts = [(max(s, scored[0]), e) for s, e in silences if e > scored[0]]
    weights = [end - start for start, end in parts]
    chosen = rng.choices(parts, weights, k=runs)
    injected = sorted(rng.uniform(start, end) for start, end in chosen)
    return Home(recording, away, silences, scored, injected)


def at_home(recording: Recording, away: list[Span]) -> list[Span]:
    """Return the silences between signs of life while somebody is at home."""
    roles = {sensor.number: sensor.role for sensor in recording.sensors}
    begins = [begin for begin, _ in away]
    marks: list[tuple[float, bool]] = [(end, True) for _, end in away]
    marks += [(begin, False) for begin, _ in away]
    for at, number, reading in recording.events():
        place = bisect_right(begins, at) - 1
        if (
            reading is Reading.ACTIVE
            and roles[number] in SHOWS_LIFE
            and (place < 0 or at >= away[place][1])
        ):
            marks.append((at, True))
    silences: list[Span] = []
    last: float | None = None
    for at, begins_anew in sorted(marks):
        if last is not None and at > last:
            silences.append((last, at))
        last = at if begins_anew else None
    return silences


def fixed(limit: float) -> Fires:
    """Alarm when nothing has been seen for so many hours."""
    return lambda since: since + limit * HOUR


def pair(day: float, night: float) -> Fires:
    """Alarm by one limit between 08 and 22, by another in the night."""

    def fires(since: float) -> float:
        midnight = since // DAY * DAY
        spans = []
        for start in (midnight - DAY, midnight, midnight + DAY):
            spans.append((start + DAY_FROM, start + DAY_TO, day))
            spans.append((start + DAY_TO, start + DAY + DAY_FROM, night))
        return min(
            at for begin, end, limit in spans if (at := max(begin, since + limit * HOUR)) < end
        )

    return fires


def stock(name: str, fires: Fires, home: Home) -> Point:
    """Judge a rule that knows the last sign of life alone."""
    begin, end = home.scored
    false = sum(fires(s) < e for s, e in home.silences if begin <= s < end)
    starts = [start for start, _ in home.silences]
    delays = [max(0.0, fires(starts[bisect_right(starts, at) - 1]) - at) for at in home.injected]
    return point(name, false, delays, home)


def ours(home: Home) -> Point:
    """Judge the watcher with the settings of a new home."""
    recording = home.recording
    has_door = any(sensor.role is Role.EXIT_DOOR for sensor in recording.sensors)
    rules = (rule_of(WatcherKind.INACTIVITY),)
    result = rerun(
        Scene(recording.sensors, rules, zone=recording.zone, known_from_start=True),
        recording.events(),
        (recording.begin, recording.end),
        away=[] if has_door else home.away,
        cuts={str(run): at for run, at in enumerate(home.injected)},
    )
    begin, end = home.scored
    false = sum(
        begin <= at <= end and not any(s <= at < e for s, e in home.away)
        for at in alarms(result.past)
    )
    delays = []
    for run, cut in enumerate(home.injected):
        times = alarms(result.runs[str(run)])
        delays.append(min((at - cut for at in times), default=HORIZON))
    return point("learned", false, delays, home)


def alarms(past: Sequence[Past]) -> list[float]:
    """Return when alarms were told."""
    return [told.at for told in past if told.verdict.told is Told.ALARMED]


def point(name: str, false: int, delays: list[float], home: Home) -> Point:
    """Put a rule's numbers together."""
    capped = [min(delay, HORIZON) / HOUR for delay in delays]
    return Point(
        name,
        false * 30 / home.days,
        statistics.median(capped),
        statistics.quantiles(capped, n=20, method="inclusive")[18],
        sum(delay < HORIZON for delay in delays) / len(delays),
    )


def frontier(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats in both false alarms and median delay."""
    best: list[Point] = []
    for one in sorted(points, key=lambda p: (p.false, p.median)):
        if not best or one.median < best[-1].median:
            best.append(one)
    return best


# -- the plot --------------------------------------------------------------------------------------

WIDTH: Final = 360
HEIGHT: Final = 260
LEFT: Final = 48
TOP: Final = 34
PLOT_WIDTH: Final = 290
PLOT_HEIGHT: Final = 176
MOST_FALSE: Final = 6.0
MOST_HOURS: Final = 12.0
_COLOURS: Final = {"one limit": "#8a8f98", "day and night": "#3b6ea8", "learned": "#c2410c"}


def _spot(false: float, hours: float) -> tuple[float, float]:
    x = LEFT + min(false, MOST_FALSE) / MOST_FALSE * PLOT_WIDTH
    y = TOP + PLOT_HEIGHT - min(hours, MOST_HOURS) / MOST_HOURS * PLOT_HEIGHT
    return round(x, 1), round(y, 1)


def _panel(title: str, series: dict[str, list[Point]]) -> str:
    parts = [f'<text x="{LEFT}" y="18" font-weight="bold">{title}</text>']
    for hours in range(0, int(MOST_HOURS) + 1, 3):
        x, y = _spot(0, hours)
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + PLOT_WIDTH}" y2="{y}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{hours}</text>')
    for false in range(int(MOST_FALSE) + 1):
        x, y = _spot(false, 0)
        parts.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{false}</text>')
    for name, points in series.items():
        colour = _COLOURS[name]
        places = [_spot(p.false, p.median) for p in points if p.false <= MOST_FALSE]
        line = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        size = 6 if name == "learned" else 3
        parts += [f'<circle cx="{x}" cy="{y}" r="{size}" fill="{colour}"/>' for x, y in places]
    middle = LEFT + PLOT_WIDTH / 2
    below = TOP + PLOT_HEIGHT + 34
    parts.append(
        f'<text x="{middle}" y="{below}" text-anchor="middle">false alarms per 30 days at home</text>'
    )
    return "".join(parts)


def drawn(homes: dict[str, dict[str, list[Point]]]) -> str:
    """Return an SVG with one panel a home; hours until found (median) stand on the upright axis."""
    columns = 2
    rows = -(-len(homes) // columns)
    legend = "".join(
        f'<circle cx="{LEFT + 120 * i}" cy="{rows * HEIGHT + 12}" r="5" fill="{colour}"/>'
        f'<text x="{LEFT + 10 + 120 * i}" y="{rows * HEIGHT + 16}">{name}</text>'
        for i, (name, colour) in enumerate(_COLOURS.items())
    )
    panels = "".join(
        f'<g transform="translate({place % columns * WIDTH},{place // columns * HEIGHT})">'
        f"{_panel(f'{name}: hours until found, median', series)}</g>"
        for place, (name, series) in enumerate(homes.items())
    )
    size = f'width="{columns * WIDTH}" height="{rows * HEIGHT + 30}"'
    style = 'font-family="sans-serif" font-size="11" fill="#1f2937"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
        f'<rect {size} fill="#ffffff"/>{panels}{legend}</svg>\n'
    )


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with one folder a home")
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    homes: dict[str, dict[str, list[Point]]] = {}
    for events in sorted(options.data.glob("*/events.csv.gz")):
        home = load(events.parent, options.runs)
        series = {
            "one limit": [stock(f"{t} h", fixed(t), home) for t in FIXED],
            "day and night": frontier(
                [stock(f"{d} h day, {n} h night", pair(d, n), home) for d, n in PAIRS]
            ),
            "learned": [ours(home)],
        }
        homes[events.parent.name] = series
        print(f"\n{events.parent.name}: {home.days:.1f} days at home, {options.runs} silences")
        print("| rule | false alarms per 30 days | median h | p95 h | found in 24 h |")
        print("| --- | --- | --- | --- | --- |")
        for name, points in series.items():
            for p in points:
                label = name if p.name == name else f"{name}: {p.name}"
                print(
                    f"| {label} | {p.false:.2f} | {p.median:.2f} | {p.late:.2f} | {p.found:.1%} |",
                    flush=True,
                )
    if options.svg:
        options.svg.write_text(drawn(homes), encoding="utf-8")


if __name__ == "__main__":
    main()
