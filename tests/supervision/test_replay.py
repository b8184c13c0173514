"""The command that replays a recorded home."""

import csv
from datetime import UTC, datetime
import json
from pathlib import Path
import subprocess
import sys

import pytest

from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.supervision.recording import written
from custom_components.kvarbo.supervision.replay import main
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.wall import DAY, HOUR
from tests.house import walls
from tests.supervision.days import SENSORS, made_up_days
from tests.supervision.recorded import write_home

MIDNIGHT = 1_768_867_200.0
DAYS = 5
#: How a recording names what `days` has.
NAMES = {
    1: "m_bed,motion,Bedroom",
    2: "m_bath,motion,Bathroom",
    3: "m_kitchen,motion,Kitchen",
    4: "m_hall,motion,Hall",
    5: "front_door,contact,Entry",
    6: "kettle,item,Kitchen",
    7: "bed_mat,bed,Bedroom",
}
ROOT = Path(__file__).parents[2]

type Table = list[dict[str, str]]


def read(path: Path) -> Table:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    words = {Role.EXIT_DOOR: ("closed", "open")}
    roles = {sensor.number: sensor.role for sensor in SENSORS}
    rows = []
    for at, number, reading in made_up_days(MIDNIGHT, DAYS, 8):
        idle, active = words.get(roles[number], ("off", "on"))
        value = active if reading is Reading.ACTIVE else idle
        rows.append(f"{written(at, UTC)},{NAMES[number]},{value}")
    away = f"{written(MIDNIGHT + DAY, UTC)},{written(MIDNIGHT + 2 * DAY, UTC)},Away"
    return write_home(tmp_path / "home", rows, [away])


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"rules": {"left_home": {"limit": 60}, "roaming": None}}))
    return path


def test_alarms_are_rows_of_instant_and_rule(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "A.csv"
    assert main([str(home), "--out", str(out)]) == 0
    assert out.read_text().splitlines()[0] == "timestamp,rule"
    rows = read(out)
    assert rows
    assert all(MIDNIGHT <= moment(row["timestamp"]) <= MIDNIGHT + DAYS * DAY for row in rows)
    assert not [row for row in rows if row["rule"].startswith("fault:")]
    times = [moment(row["timestamp"]) for row in rows]
    assert times == sorted(times)


def test_faults_are_rows_when_they_are_wanted(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "A.csv"
    assert main([str(home), "--out", str(out), "--rules", "water", "--faults"]) == 0
    assert [row["rule"] for row in read(out)] == ["fault:lacks_sensors:water"]
    assert "water did not watch at the end: lacks_sensors" in capsys.readouterr().err


def test_a_run_is_cut_and_runs_on(home: Path, tmp_path: Path) -> None:
    cuts = {"a": MIDNIGHT + 2.5 * DAY, "b": MIDNIGHT + 3.4 * DAY, "c": MIDNIGHT + 4.1 * DAY}
    injections = tmp_path / "I.csv"
    lines = [f"{run},{written(at, UTC)}" for run, at in cuts.items()]
    injections.write_text("\n".join(["run,silence_from", *lines]) + "\n")
    alarms, runs = tmp_path / "A.csv", tmp_path / "R.csv"
    arguments = [str(home), "--out", str(alarms), "--injections", str(injections)]
    assert main([*arguments, "--out", str(runs)]) == 0
    rows = read(runs)
    assert runs.read_text().splitlines()[0] == "run,timestamp,rule"
    assert {row["run"] for row in rows} == set(cuts)
    for row in rows:
        cut = cuts[row["run"]]
        assert cut <= moment(row["timestamp"]) <= cut + 2 * DAY
    alone = tmp_path / "alone.csv"
    assert main([str(home), "--out", str(alone)]) == 0
    assert alarms.read_text() == alone.read_text()


def test_annotated_absences_are_taken_when_they_are_wanted(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "A.csv"
    assert main([str(home), "--out", str(out), "--away", "annotations"]) == 0
    away = (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)
    times = [moment(r["timestamp"]) for r in read(out) if r["rule"] == "inactivity"]
    assert not [at for at in times if away[0] <= at < away[1] + HOUR / 2]


def test_times_are_those_of_the_zone(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "A.csv"
    rules = ["--rules", "inactivity"]
    assert main([str(home), "--out", str(out), "--zone", "Europe/Stockholm", *rules]) == 0
    stockholm = read(out)
    assert stockholm
    assert main([str(home), "--out", str(out), *rules]) == 0
    assert read(out) == stockholm


def test_settings_replace_a_rule_s_and_null_takes_it_out(
    home: Path, settings: Path, tmp_path: Path
) -> None:
    out, changed = tmp_path / "A.csv", tmp_path / "B.csv"
    assert main([str(home), "--out", str(out), "--rules", "left_home"]) == 0
    arguments = [str(home), "--out", str(changed), "--settings", str(settings)]
    assert main([*arguments, "--rules", "left_home"]) == 0
    assert len(read(out)) <= len(read(changed))
    everything = {"rules": dict.fromkeys(["inactivity"]), "dwelling": {"pet": True}}
    settings.write_text(json.dumps(everything))
    assert main(arguments) == 0
    assert "inactivity" not in {row["rule"] for row in read(changed)}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("no json", "settings.json: cannot be read"),
        ("[]", "must hold dwelling and rules"),
        ('{"more": 1}', "must hold dwelling and rules"),
        ('{"rules": []}', "rules must be a mapping"),
        ('{"rules": {"telepathy": {}}}', "no rule has the kind telepathy"),
        ('{"rules": {"left_home": {"limit": "never"}}}', "limit: not_a_duration"),
        ('{"dwelling": {"residents": 7}}', "residents: out_of_range"),
    ],
)
def test_settings_that_cannot_be_are_told(
    home: Path,
    settings: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    told: str,
) -> None:
    settings.write_text(content)
    arguments = [str(home), "--out", str(tmp_path / "A.csv"), "--settings", str(settings)]
    assert main(arguments) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "A.csv").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a,soon", "I.csv:3: silence_from is no time"),
        (",2026-01-21T10:00:00", "I.csv:3: run is empty"),
        ("x,2026-01-21T10:00:00", "I.csv:3: run is empty, comes twice"),
    ],
)
def test_injections_that_cannot_be_are_told(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    injections = tmp_path / "I.csv"
    injections.write_text(f"run,silence_from\nx,2026-01-21T10:00:00\n{line}\n")
    arguments = [str(home), "--out", str(tmp_path / "R.csv"), "--injections", str(injections)]
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_what_else_cannot_be_is_told(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "A.csv")
    assert main([str(tmp_path), "--out", out]) == 2
    assert "events.csv.gz" in capsys.readouterr().err
    assert main([str(home), "--out", out, "--zone", "Mars/Olympus"]) == 2
    assert "--zone" in capsys.readouterr().err
    assert main([str(home), "--out", out, "--rules", "telepathy"]) == 2
    assert "telepathy" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(home)])


def test_it_runs_where_no_home_assistant_can_be_imported(home: Path, tmp_path: Path) -> None:
    """The parts it is made of need none; only the component's own door does."""
    imported, said = walls.import_pure(ROOT, f"{walls.PACKAGE}.supervision.replay")
    assert imported == [f"{walls.PACKAGE}.supervision.replay"], said


def test_it_runs_from_the_command_line(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "A.csv"
    command = [sys.executable, "-m", "custom_components.kvarbo.supervision.replay"]
    run = subprocess.run(
        [*command, str(home), "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert read(out)
