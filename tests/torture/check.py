"""Afterwards: every accepted alarm is at the operator once, under one id (A1-A6, A9, A10)."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
import sqlite3
from typing import Any, Final

from custom_components.kvarbo.transmission.scaip.content import ref_of

from .record import Record

RAISED: Final = "org.kvarbo.alarm.raised"
#: What goes first on a line, whatever its priority (A3).
FIRST: Final = frozenset({"help_call", "fall"})
#: Each message goes by a connection of its own and through a proxy: there one may overtake another by so
#: much on a busy machine, seconds.
OVERTAKING: Final = 0.05


@dataclass(frozen=True, slots=True)
class Taken:
    """One line of the municipality's, with the alarm's own id whichever way it came."""

    what: str
    at: float
    way: str
    alarm: str
    reference: str
    type: str
    data: dict[str, Any]


class Journal:
    """What the journal holds in the end."""

    def __init__(self, folder: Path) -> None:
        with closing(sqlite3.connect(folder / "journal.db")) as file:
            file.row_factory = sqlite3.Row
            self.alarms = {row["id"]: dict(row) for row in file.execute("SELECT * FROM alarm")}
            self.messages = {row["id"]: dict(row) for row in file.execute("SELECT * FROM message")}
            self.deliveries = {
                row["reference"]: dict(row) for row in file.execute("SELECT * FROM delivery")
            }
        #: By the session's name in SCAIP.
        self.by_session = {ref_of(reference): d for reference, d in self.deliveries.items()}


def check(record: Record, written: list[dict[str, Any]], folder: Path, log: str) -> None:
    """Judge a run.

    Raises:
        AssertionError: tells all that is wrong.
    """
    journal = Journal(folder)
    lines = list(_read(written, journal, record.other))
    flaws = record.flaws
    flaws += _home_flaws(record, journal, log)
    flaws += _lost(record, lines)
    flaws += _twice(lines, journal)
    flaws += _never_raised(record, lines, journal)
    flaws += _news_flaws(record, lines, journal)
    flaws += _order_flaws(record, lines)
    _count(record, lines)
    assert not flaws, "\n".join(flaws)


def _read(written: list[dict[str, Any]], journal: Journal, other: str) -> Iterator[Taken]:
    for line in written:
        if line.get("alarm") is None or line["line"] == "closed":
            continue
        way = "scaip" if line["source"].startswith("scaip:") else other
        alarm = line["alarm"]
        if way == "scaip":
            # There the session's name is all that is said.
            delivery = journal.by_session.get(alarm)
            alarm = alarm if delivery is None else delivery["alarm_id"]
        reference = line["alarm"] if way == "scaip" else line["id"]
        yield Taken(line["line"], line["at"], way, alarm, reference, line["type"], line["data"])


def _home_flaws(record: Record, journal: Journal, log: str) -> Iterator[str]:
    if record.audit.get("broken_at") is not None:
        yield f"the audit chain breaks at {record.audit['broken_at']}"
    for ready in record.ready:
        if ready["restored"] or ready["set_aside"] or ready["audit_broken_at"] is not None:
            yield f"a start found: {ready}"
    for delivery in journal.deliveries.values():
        if delivery["state"] in {"queued", "sending", "held"}:
            yield f"still waiting in the journal: {delivery}"
    for line in log.splitlines():
        if "Traceback" in line or "failed inside" in line or "An act failed" in line:
            yield f"the home's log: {line}"


def _lost(record: Record, lines: list[Taken]) -> Iterator[str]:
    there = {line.alarm for line in lines if line.what == "taken" and line.type == RAISED}
    for alarm, name in record.durable.items():
        if alarm not in there:
            yield f"LOST: {name} ({alarm}) was on disk and is not at the operator"
    for alarm, name in record.not_durable.items():
        if alarm not in there and alarm not in record.died_in_memory:
            yield f"lost from memory: {name} ({alarm}), though the home lived on"


def _twice(lines: list[Taken], journal: Journal) -> Iterator[str]:
    references: dict[tuple[str, str], set[str]] = defaultdict(set)
    causes: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line.type == RAISED:
            references[line.way, line.alarm].add(line.reference)
        if line.alarm in journal.alarms:
            causes[journal.alarms[line.alarm]["episode"]].add(line.alarm)
    for (way, alarm), names in references.items():
        if len(names) > 1:
            yield f"TWICE: {alarm} came by {way} as {sorted(names)}"
    for episode, alarms in causes.items():
        if len(alarms) > 1:
            yield f"TWICE: the cause {episode} is {sorted(alarms)}"


def _never_raised(record: Record, lines: list[Taken], journal: Journal) -> Iterator[str]:
    known = journal.alarms.keys() | record.not_durable.keys() | record.durable.keys()
    strange = {line.alarm for line in lines} - known
    # The disk had refused it, and the process was killed before it could say so.
    strange -= {line.alarm for line in lines if line.data.get("durable") is False}
    for alarm in sorted(strange):
        said = next(line for line in lines if line.alarm == alarm)
        if not (said.way == "scaip" and record.counts["disk faults"]):
            yield f"never raised: {said}"
    for alarm, row in journal.alarms.items():
        if row["kind"] == "help_call" and str(row["source_number"]) not in record.pressed:
            yield f"nobody pressed: {alarm} of button {row['source_number']}"


def _news_flaws(record: Record, lines: list[Taken], journal: Journal) -> Iterator[str]:
    # It was asked of them, perhaps heard, and then another had it: they may hear of its end all the same.
    withdrawn = {
        (d["receiver"], d["alarm_id"])
        for d in journal.deliveries.values()
        if d["state"] == "withdrawn"
    }
    begun: set[tuple[str, str]] = set()
    told: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if line.what != "taken":
            continue
        if line.type == RAISED:
            begun.add((line.way, line.alarm))
        elif (line.way, line.alarm) not in begun | withdrawn and not _is_given_up(line):
            yield f"news before the alarm: {line}"
        told[line.alarm].add(line.type.rpartition(".")[2])
        told[line.alarm] |= {name for name in ("cancelled_at", "cleared_at") if line.data.get(name)}
        if line.data.get("note") == "taken_elsewhere" or line.way == "scaip":
            told[line.alarm].add("elsewhere")
    for alarm in record.cancelled:
        if alarm in told and not told[alarm] & {"cancelled", "cancelled_at", "elsewhere"}:
            yield f"a cancel was not told: {alarm}"
    for alarm in record.cleared:
        if alarm in told and not told[alarm] & {"cleared", "cleared_at", "elsewhere"}:
            yield f"an all-clear was not told: {alarm}"


def _is_given_up(line: Taken) -> bool:
    """Said to a receiver that may have heard, of an alarm that another has: whether it had or not."""
    return line.data.get("message") == "RE" or line.data.get("note") == "taken_elsewhere"


def _order_flaws(record: Record, lines: list[Taken]) -> Iterator[str]:
    """What waited together comes in A3's order, each line by itself."""
    for way in ("rest", "scaip", "mqtt"):
        waited = {
            one["alarm"]: one for one in record.wave if one["is_alarm"] and one["line"] == way
        }
        came: dict[str, float] = {}
        for line in lines:
            if line.way == way and line.type == RAISED and line.at >= record.wave_at:
                came.setdefault(line.alarm, line.at)
        found = [alarm for alarm in came if alarm in waited]
        record.counts["in order"] += len(found)
        for place, later in enumerate(found):
            for earlier in found[:place]:
                ahead = came[later] - came[earlier]
                if _place(waited[later]) < _place(waited[earlier]) and ahead > OVERTAKING:
                    yield f"order on {way}: {waited[later]} came {ahead:.3f} s after {waited[earlier]}"


def _place(one: dict[str, Any]) -> tuple[int, int, bool, str]:
    rank = 2 if one["class"] == "technical" else 0 if one["kind"] in FIRST else 1
    return (rank, -one["priority"] if rank else 0, one["attempts"] > 0, one["alarm"])


def _count(record: Record, lines: list[Taken]) -> None:
    taken = [line for line in lines if line.what == "taken" and line.type == RAISED]
    record.counts["alarms"] = len({line.alarm for line in taken})
    record.counts["repeats"] = sum(line.what == "repeated" for line in lines)
    record.counts["refused"] = len(record.not_durable)
    there = {line.alarm for line in taken}
    record.counts["lost with the process"] = len(record.died_in_memory - there)
    late = [
        line.at - record.faults_ended
        for line in taken
        if record.faults_ended < line.at < (record.wave_at or line.at)
    ]
    record.slowest = max(late, default=0.0)
