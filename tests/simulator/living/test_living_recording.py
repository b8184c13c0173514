"""A life on disk: the form of the recorded homes, and the command that writes it."""

import csv
from datetime import datetime, timedelta
import gzip
import json
from pathlib import Path
import subprocess
import sys

import pytest

from simulator.living import Activity, Life, Sensing, Value, Window, write
from simulator.living.__main__ import main
from simulator.living.home import DOOR

ROOT = Path(__file__).parents[3]


def rows(folder: Path) -> list[dict[str, str]]:
    with gzip.open(folder / "events.csv.gz", "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_events_are_in_the_recorded_homes_form(tmp_path: Path) -> None:
    life = Life(4, days=2)
    assert write(life, tmp_path / "home") == len(list(life.events()))
    found = rows(tmp_path / "home")
    assert list(found[0]) == ["timestamp", "sensor_id", "kind", "area", "value"]
    by_key = {device.key: device for device in life.devices}
    for row, event in zip(found, life.events(), strict=True):
        at = datetime.fromisoformat(row["timestamp"])
        assert at.tzinfo is None
        assert abs(at - life.local(event.at)) < timedelta(milliseconds=1)
        device = by_key[row["sensor_id"]]
        assert (row["kind"], row["area"]) == (device.kind, device.area)
        assert row["value"] == event.value
    assert {row["kind"] for row in found} == {"motion", "contact", "bed", "item"}
    assert {row["area"] for row in found} == {
        "Bedroom",
        "Bathroom",
        "Kitchen",
        "LivingRoom",
        "Entry",
    }
    doors = {row["value"] for row in found if row["sensor_id"] == DOOR}
    assert doors == {"open", "closed"}


def test_annotations_are_the_truth(tmp_path: Path) -> None:
    life = Life(4, days=2)
    write(life, tmp_path)
    with (tmp_path / "annotations.csv").open(encoding="utf-8", newline="") as text:
        found = list(csv.DictReader(text))
    assert list(found[0]) == ["start", "end", "activity"]
    assert [row["activity"] for row in found] == [one.activity for one in life.truth()]
    assert found[0]["start"] == "2026-01-05T00:00:00.000"
    assert all(row["start"] < row["end"] for row in found)
    assert {"Away", "Sleeping", "Bed_to_Toilet"} <= {row["activity"] for row in found}


def test_the_same_life_is_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        write(Life(6, days=1), tmp_path / folder)
    for name in ("events.csv.gz", "annotations.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_what_no_home_hears_is_not_recorded(tmp_path: Path) -> None:
    life = Life(4, days=2)
    gap = Window("motion_kitchen", life.clock(0, 9), life.clock(0, 15))
    life = life.with_sensing(Sensing(outages=(gap,)))
    assert {Value.GONE, Value.BACK} <= {event.value for event in life.events()}
    assert write(life, tmp_path) == len(list(life.events())) - 2
    assert {row["value"] for row in rows(tmp_path)} == {"on", "off", "open", "closed"}


def test_the_command_writes_a_scene_and_says_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--seed", "7", "--days", "5", "--out", str(tmp_path), "--scene", "long bathroom stay"]
    assert main([*words, "--pet", "--robot-vacuum", "--home-care", "8.5", "19"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["alarm"] == "bathroom_stay"
    assert told["cause"].startswith("2026-01-07T1")
    assert told["events"] == len(rows(tmp_path))
    assert "vacuum" in {row["sensor_id"] for row in rows(tmp_path)}
    with (tmp_path / "annotations.csv").open(encoding="utf-8", newline="") as text:
        activities = {row["activity"] for row in csv.DictReader(text)}
    assert {Activity.FALLEN, Activity.HOME_CARE} <= activities


def test_the_command_writes_a_plain_life_of_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--seed", "7", "--days", "3", "--out", str(tmp_path), "--residents", "2"]
    assert main([*words, "--changed-life", "1", "--hold", "60", "--missed", "0.01"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"folder", "days", "events"}
    assert "bed_2" in {row["sensor_id"] for row in rows(tmp_path)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--residents", "2", "--scene", "roams at night"], "alone"),
        (["--days", "0"], "a day or more"),
        (["--scene", "roams at night", "--scene-day", "4"], "a scene needs"),
    ],
)
def test_the_command_says_what_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["--seed", "1", "--days", "5", "--out", str(tmp_path / "x"), *words]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert not (tmp_path / "x").exists()


def test_the_command_runs_by_itself(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator.living", "--seed", "1", "--days", "1", "--out", tmp_path],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["events"] == len(rows(tmp_path))
