"""Recorded homes: what is read, in which order, and how what is wrong is told."""

from contextlib import suppress
from datetime import UTC, datetime
import gzip
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.recording import (
    Event,
    Recording,
    RecordingError,
    moment,
    read_recording,
    written,
)
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from tests.supervision.recorded import HEAD, write_home

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str, fold: int = 0, zone: ZoneInfo | None = None) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone or UTC, fold=fold).timestamp()


def events_of(recording: Recording) -> list[tuple[str, str, Reading]]:
    return [
        (written(when, recording.zone)[11:19], recording.names[number], reading)
        for when, number, reading in recording.events()
    ]


def test_a_home_is_its_sensors_and_what_they_said(tmp_path: Path) -> None:
    rows = [
        "2026-01-01T08:00:00.5,motion_Hall,motion,Entry,on",
        "2026-01-01T08:00:03,motion_Hall,motion,Entry,off",
        "2026-01-01T08:00:04,FrontDoor,contact,Entry,open",
        "2026-01-01T08:00:05,T1,temperature,Kitchen,21.5",
        "2026-01-01T08:00:06,bed,bed,Bedroom,1",
        "2026-01-01T08:00:07,bed,bed,Bedroom,0",
        "2026-01-01T08:00:08,bed,bed,Bedroom,unavailable",
        "2026-01-01T08:00:09,kettle,item,Kitchen,TRUE",
    ]
    recording = read_recording(write_home(tmp_path, rows))
    assert recording.sensors == (
        Sensor(1, Role.EXIT_DOOR, Location.HALLWAY),
        Sensor(3, Role.BED, Location.BEDROOM),
        Sensor(4, Role.ITEM, Location.KITCHEN),
        Sensor(5, Role.MOTION, Location.HALLWAY),
    )
    assert recording.passed_over == {"temperature": 1}
    assert recording.rows == 8
    assert (recording.begin, recording.end) == (
        at("2026-01-01T08:00:00.5"),
        at("2026-01-01T08:00:09"),
    )
    assert [(name, reading.name) for _, name, reading in events_of(recording)] == [
        ("motion_Hall", "ACTIVE"),
        ("motion_Hall", "IDLE"),
        ("FrontDoor", "ACTIVE"),
        ("bed", "ACTIVE"),
        ("bed", "IDLE"),
        ("bed", "UNKNOWN"),
        ("kettle", "ACTIVE"),
    ]


@pytest.mark.parametrize(
    ("name", "minutes"), [("motion_count_30min", 30), ("count5min_M1", 5), ("count60min", 60)]
)
def test_a_count_is_spread_evenly_over_its_bin(tmp_path: Path, name: str, minutes: int) -> None:
    rows = [
        f"2026-01-01T08:00:00,{name},motion,home,4",
        f"2026-01-01T10:00:00,{name},motion,home,0",
    ]
    recording = read_recording(write_home(tmp_path, rows))
    start = at("2026-01-01T08:00:00")
    wanted = [start + minutes * 60 * (i + 1) / 5 for i in range(4)]
    assert [when for when, _, _ in recording.events()] == wanted
    assert recording.end == at("2026-01-01T10:00:00") + minutes * 60


def test_a_bin_and_single_events_are_put_in_order(tmp_path: Path) -> None:
    rows = [
        "2026-01-01T08:00:00,motion_count_30min,motion,home,1",
        "2026-01-01T08:10:00,edge,motion,home,1",
        "2026-01-01T08:20:00,edge,motion,home,1",
    ]
    recording = read_recording(write_home(tmp_path, rows))
    assert [(when, name) for when, name, _ in events_of(recording)] == [
        ("08:10:00", "edge"),
        ("08:15:00", "motion_count_30min"),
        ("08:20:00", "edge"),
    ]


@given(st.lists(st.integers(min_value=0, max_value=7200), min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_within_two_hours_of_disorder_are_put_in_order(
    tmp_path: Path, late: list[int]
) -> None:
    base = at("2026-01-01T08:00:00")
    rows = [f"{written(base + 7200 - seconds, UTC)},M,motion,Hall,on" for seconds in late]
    recording = read_recording(write_home(tmp_path, rows))
    times = [when for when, _, _ in recording.events()]
    assert times == sorted(base + 7200 - seconds for seconds in late)


def test_gaps_of_an_hourly_home_stay_empty_and_busy_stretches_busy(tmp_path: Path) -> None:
    rows = [
        "2026-01-01T08:00:00,count60min,motion,Kitchen,2",
        "2026-01-01T09:00:00,count60min,motion,Kitchen,1",
        "2026-01-01T12:00:00,count60min,motion,Kitchen,1",
    ]
    home = write_home(tmp_path, rows)
    (home / "gaps.csv").write_text("start,end,hours\n2026-01-01T09:20:00,2026-01-01T12:40:00,3.3\n")
    times = [when for when, _, _ in read_recording(home).events()]
    gap = (at("2026-01-01T09:20:00"), at("2026-01-01T12:40:00"))
    assert not [when for when in times if gap[0] < when < gap[1]]
    assert gap[0] in times
    assert gap[1] in times
    assert all(b - a <= 600 for a, b in pairwise(times) if a != gap[0])


def test_a_bin_that_lies_wholly_in_a_gap_tells_nothing(tmp_path: Path) -> None:
    rows = [
        "2026-01-01T08:00:00,count60min,motion,Kitchen,2",
        "2026-01-01T10:00:00,count60min,motion,Kitchen,2",
    ]
    home = write_home(tmp_path, rows)
    (home / "gaps.csv").write_text(
        "start,end\n2026-01-01T09:30:00,2026-01-01T11:30:00\n2026-01-01T08:50:00,2026-01-01T10:00:00\n"
    )
    times = [when for when, _, _ in read_recording(home).events()]
    assert max(times) == at("2026-01-01T08:50:00")


def test_an_autumn_night_has_its_hour_twice(tmp_path: Path) -> None:
    rows = [
        "2025-10-26T02:59:00,M,motion,Hall,on",
        "2025-10-26T02:01:00,M,motion,Hall,off",
        "2025-10-26T02:02:00,M,motion,Hall,on",
        "2025-10-26T03:00:00,M,motion,Hall,off",
    ]
    recording = read_recording(write_home(tmp_path, rows), STOCKHOLM)
    times = [when for when, _, _ in recording.events()]
    first = at("2025-10-26T02:59:00", 0, STOCKHOLM)
    assert [when - first for when in times] == [0, 120, 180, 3660]


def test_annotated_absences_are_merged(tmp_path: Path) -> None:
    annotations = [
        "2026-01-01T12:00:00,2026-01-01T13:00:00,Away",
        "2026-01-01T08:00:00,2026-01-01T09:00:00,Sleeping",
        "2026-01-01T10:00:00,2026-01-01T11:00:00,Away_inferred",
        "2026-01-01T12:30:00,2026-01-01T14:00:00,Excluded",
    ]
    rows = ["2026-01-01T08:00:00,M,motion,Hall,on"]
    recording = read_recording(write_home(tmp_path, rows, annotations))
    assert recording.away() == [
        (at("2026-01-01T10:00:00"), at("2026-01-01T11:00:00")),
        (at("2026-01-01T12:00:00"), at("2026-01-01T14:00:00")),
    ]


def test_a_home_without_annotations_says_so_when_they_are_wanted(tmp_path: Path) -> None:
    recording = read_recording(write_home(tmp_path, ["2026-01-01T08:00:00,M,motion,Hall,on"], None))
    with pytest.raises(RecordingError, match=r"annotations\.csv: is missing"):
        recording.away()


GOOD = "2026-01-01T08:00:00,M,motion,Hall,on"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2026-01-01T08:00:00,M,motion,Hall", "3: has 4 fields, not 5"),
        ("2026-01-01T08:00:00,M,motion,Hall,on,more", "3: has 6 fields, not 5"),
        ("", "3: has 0 fields, not 5"),
        ("yesterday,M,motion,Hall,on", "3: timestamp is no time"),
        ("2026-01-01T08:00:00+01:00,M,motion,Hall,on", "3: timestamp is no time"),
        ("0001-01-01T08:00:00,M,motion,Hall,on", "3: timestamp is no time"),
        ("9999-12-31T23:59:59,M,motion,Hall,on", "3: timestamp is no time"),
        ("2026-01-01T05:59:59,M,motion,Hall,on", "3: timestamp goes back"),
        ("2026-01-01T08:00:00, ,motion,Hall,on", "3: sensor_id is empty"),
        ("2026-01-01T08:00:00,M,motion,Hall,perhaps", "3: value is nothing a sensor says"),
        ("2026-01-01T08:00:00,M,motion,Hall,-1", "3: value is nothing a sensor says"),
        ("2026-01-01T08:00:00,M,motion,Hall,nan", "3: value is nothing a sensor says"),
        ("2026-01-01T08:00:00,x_count_30min,motion,Hall,1e9", "3: value is nothing a sensor says"),
        ("2026-01-01T08:00:00,x_count_30min,motion,Hall,on", "3: value is nothing a sensor says"),
        ('2026-01-01T08:00:00,"M"x,motion,Hall,on', "3: is no CSV"),
        ('2026-01-01T08:00:00,"M,motion,Hall,on', "is no CSV"),
        ("x" * 3000, "3: is no line of a table"),
        ("2026-01-01T08:00:00,M\0,motion,Hall,on", "3: is no line of a table"),
    ],
)
def test_a_bad_row_is_an_error_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(RecordingError) as caught:
        read_recording(write_home(tmp_path, [GOOD, row, GOOD]))
    assert told in str(caught.value)
    assert str(caught.value).startswith("events.csv.gz:")


def test_what_tells_nothing_of_life_may_say_anything(tmp_path: Path) -> None:
    row = "2026-01-01T08:00:00,T,temperature,Hall,warm"
    assert read_recording(write_home(tmp_path, [GOOD, row])).passed_over == {"temperature": 1}


def test_a_table_without_its_columns_is_none(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"events\.csv\.gz:1: has no column area"):
        read_recording(write_home(tmp_path, [], head="timestamp,sensor_id,kind,value"))
    with pytest.raises(RecordingError, match="holds no event"):
        read_recording(write_home(tmp_path, []))


def test_more_sensors_than_a_home_has_are_no_home(tmp_path: Path) -> None:
    rows = [f"2026-01-01T08:00:00,M{n},motion,Hall,on" for n in range(1001)]
    with pytest.raises(RecordingError, match="1002: more sensors"):
        read_recording(write_home(tmp_path, rows))


@pytest.mark.parametrize(
    "content", [b"no gzip at all", gzip.compress(f"{HEAD}\n{GOOD}\n".encode())[:-9]]
)
def test_what_is_no_gzip_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "events.csv.gz").write_bytes(content)
    with pytest.raises(RecordingError, match="is no whole gzip file"):
        read_recording(tmp_path)


def test_a_missing_file_and_another_alphabet_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="FileNotFoundError"):
        read_recording(tmp_path)
    raw = f"{HEAD}\n2026-01-01T08:00:00,M\xf6,motion,Hall,on\n".encode("latin-1")
    (tmp_path / "events.csv.gz").write_bytes(gzip.compress(raw))
    with pytest.raises(RecordingError, match="is no UTF-8 text"):
        read_recording(tmp_path)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("soon,2026-01-01T09:00:00,Away", "2: start or end is no time"),
        ("2026-01-01T09:00:00,2026-01-01T08:00:00,Away", "2: ends before it starts"),
    ],
)
def test_a_bad_annotation_is_an_error_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    recording = read_recording(write_home(tmp_path, [GOOD], [row]))
    with pytest.raises(RecordingError, match=told):
        recording.away()


@given(
    st.floats(min_value=100_000_000, max_value=4_000_000_000),
    st.sampled_from([UTC, STOCKHOLM, ZoneInfo("America/New_York")]),
)
def test_a_moment_is_read_as_it_was_written(when: float, zone: ZoneInfo) -> None:
    when = round(when, 3)
    back = moment(written(when, zone), zone)
    # The second coming of an autumn hour reads as the first.
    assert min(abs(back - when), abs(back + 3600 - when)) < 0.002


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_the_file_is_read_or_told(tmp_path: Path, raw: bytes) -> None:
    tmp_path.joinpath("events.csv.gz").write_bytes(gzip.compress(HEAD.encode() + b"\n" + raw))
    events: list[Event] = []
    with suppress(RecordingError):
        events += read_recording(tmp_path).events()
    assert events == sorted(events, key=lambda event: event[0])
