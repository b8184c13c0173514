"""Replay a recorded home: what would the rules have sent? (S12).

    python -m custom_components.kvarbo.supervision.replay HOME --out A.csv [--settings FILE.json]
        [--injections I.csv --out R.csv] [--away annotations] [--zone Z] [--rules a,b] [--faults]

HOME is a folder as `recording` reads it. A.csv gets `timestamp,rule`, one row an alarm, the time as
the home's wall clock shows it. I.csv has `run,silence_from`, R.csv gets `run,timestamp,rule`: one
replay a run, cut at that instant, after which time runs on for 48 hours without events; its rows
are what is sent from the cut on. With `--injections` the last `--out` is R.csv, and one before it
A.csv.

No Home Assistant runs. Python imports the whole component, though, and that needs the packages of
Home Assistant to be installed.

FILE.json may hold `{"dwelling": {...}, "rules": {"inactivity": {...}, "roaming": null}}`: settings
by the rule's kind as an automation gives them, null for a rule that shall not run. A kind that a
new home does not start with is added. What is not named stays as in a new home.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
import csv
from datetime import UTC, tzinfo
import json
from pathlib import Path
import sys
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .catalogue import KINDS, NEW_HOME, Rule, rule_of
from .house import Dwelling
from .identity import WatcherKind
from .recording import RecordingError, moment, plain_lines, read_recording, table, written
from .rerun import Past, Result, Scene, rerun
from .settings import SettingsError, read_settings
from .slot import settings_of
from .stages import Told

_RUNS_MOST: Final = 10_000
_REFUSED: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0, or 2 when something that was given cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        zone = _zone(options.zone)
        dwelling, told = _settings(options.settings)
        rules = _chosen(told, options.rules)
        recording = read_recording(options.home, zone)
        cuts = _injections(options.injections, zone) if options.injections else {}
        scene = Scene(recording.sensors, rules, dwelling, zone, known_from_start=True)
        away = recording.away() if options.away else []
        span = (recording.begin, recording.end)
        result = rerun(scene, recording.events(), span, away=away, cuts=cuts)
    except (RecordingError, SettingsError, _GivenError) as err:
        sys.stderr.write(f"{err}\n")
        return _REFUSED
    _write(options, result, zone)
    _tell(recording.passed_over, result, len(cuts))
    return 0


class _GivenError(ValueError):
    """Something on the command line cannot be used."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="replay", description="Replay a recorded home.")
    parser.add_argument("home", type=Path, metavar="HOME", help="folder with events.csv.gz")
    parser.add_argument(
        "--out",
        type=Path,
        action="append",
        required=True,
        help="file for the alarms: timestamp,rule; with --injections run,timestamp,rule",
    )
    parser.add_argument("--settings", type=Path, help="settings and dwelling, JSON")
    parser.add_argument("--injections", type=Path, help="run,silence_from: one replay a run")
    parser.add_argument(
        "--away", choices=("annotations",), help="take annotated absences as stated ones"
    )
    parser.add_argument("--zone", default="UTC", help="of the recording's times; default UTC")
    parser.add_argument("--rules", default="", help="kinds, with commas; default: a new home's")
    parser.add_argument("--faults", action="store_true", help="also rows fault:<fault>:<rule>")
    return parser


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise _GivenError(f"--zone: no zone has that name ({type(err).__name__})") from None


def _settings(path: Path | None) -> tuple[Dwelling, dict[WatcherKind, Rule]]:
    rules = {rule.identity.kind: rule for rule in NEW_HOME}
    if path is None:
        return Dwelling(), rules
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise _GivenError(f"{path.name}: cannot be read ({type(err).__name__})") from None
    if not isinstance(raw, Mapping) or set(raw) - {"dwelling", "rules"}:
        raise _GivenError(f"{path.name}: must hold dwelling and rules, and nothing else")
    told = raw.get("rules", {})
    if not isinstance(told, Mapping):
        raise _GivenError(f"{path.name}: rules must be a mapping")
    for name, settings in told.items():
        kind = _kind(name)
        if settings is None:
            rules.pop(kind, None)
        else:
            rules[kind] = rule_of(kind, settings_of(KINDS[kind], settings))
    return read_settings(Dwelling, raw.get("dwelling", {})), rules


def _chosen(rules: dict[WatcherKind, Rule], names: str) -> tuple[Rule, ...]:
    if not names:
        return tuple(rules.values())
    kinds = [_kind(name.strip()) for name in names.split(",")]
    return tuple(rules.get(kind) or rule_of(kind) for kind in kinds)


def _kind(name: str) -> WatcherKind:
    if name not in KINDS:
        raise _GivenError(f"no rule has the kind {name[:40]}; there are {', '.join(KINDS)}")
    return WatcherKind(name)


def _injections(path: Path, zone: tzinfo) -> dict[str, float]:
    cuts: dict[str, float] = {}
    for line, row in table(path, ("run", "silence_from"), plain_lines(path)):
        run = row["run"].strip()
        if not run or run in cuts or len(cuts) >= _RUNS_MOST:
            raise RecordingError(path.name, line, "run is empty, comes twice, or is one too many")
        try:
            cuts[run] = moment(row["silence_from"], zone)
        except ValueError:
            raise RecordingError(path.name, line, "silence_from is no time") from None
    return cuts


def _rows(past: Iterable[Past], zone: tzinfo, *, faults: bool) -> Iterator[tuple[str, str]]:
    for told in past:
        kind = told.identity.kind
        if told.verdict.told is Told.ALARMED and KINDS[kind].alarm_kind is not None:
            yield written(told.at, zone), str(kind)
        elif faults and told.verdict.told is Told.FAULT:
            yield written(told.at, zone), f"fault:{told.verdict.fault}:{kind}"


def _write(options: argparse.Namespace, result: Result, zone: tzinfo) -> None:
    outs: list[Path] = options.out
    if options.injections:
        with outs[-1].open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("run", "timestamp", "rule"))
            for run, past in result.runs.items():
                rows.writerows((run, *row) for row in _rows(past, zone, faults=options.faults))
        outs = outs[:-1]
    for out in outs:
        with out.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("timestamp", "rule"))
            rows.writerows(_rows(result.past, zone, faults=options.faults))


def _tell(passed_over: Mapping[str, int], result: Result, runs: int) -> None:
    """Say on the error channel what was passed over, sent, and not watched at all (S9)."""
    for kind, rows in sorted(passed_over.items()):
        sys.stderr.write(f"{rows} rows of the kind {kind} tell nothing of life and are left out\n")
    for identity, standing in result.idle.items():
        sys.stderr.write(f"{identity.kind} did not watch at the end: {standing}\n")
    sent = Counter(rule for _, rule in _rows(result.past, UTC, faults=True))
    for rule, times in sorted(sent.items()):
        sys.stderr.write(f"{rule}: {times}\n")
    if runs:
        found = sum(any(_rows(past, UTC, faults=False)) for past in result.runs.values())
        sys.stderr.write(f"{found} of {runs} runs ended in an alarm within 48 hours\n")


if __name__ == "__main__":
    sys.exit(main())
