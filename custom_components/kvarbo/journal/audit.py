"""The hash-chained audit trail (A10, R08): each entry's hash covers the one before it.

An entry is canonical JSON; its hash is SHA-256 over the previous hash and that JSON's octets. The
chain may be shortened from its old end: the hash that the first kept entry builds upon is kept as
the start. Changing, removing or inserting an entry shows; removing the newest ones shows against
the head that the journal keeps beside it and that leaves the home with the daily status.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import hashlib
import json
import sqlite3
from typing import Final

from .reading import UNREADABLE
from .rows import json_text

#: What the first entry ever builds upon.
GENESIS: Final = bytes(32)

#: Version of the export's format.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest entry: its sequence number (0: none yet) and the hash of the chain up to it."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it stands in the chain."""

    seq: int
    body: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place between entries: the last sequence number before it and the hash up to there."""

    seq: int = 0
    hash: bytes = GENESIS

    def then(self, body: str) -> Anchor:
        """Return the place after one more entry."""
        return Anchor(self.seq + 1, link_hash(self.hash, body))


def link_hash(previous: bytes, body: str) -> bytes:
    """Return the hash of an entry that follows `previous`."""
    return hashlib.sha256(previous + body.encode()).digest()


def read_links(connection: sqlite3.Connection, first: int = 0, last: int = 2**62) -> Iterator[Link]:
    """Yield entries in order, `first` to `last` inclusive; raises sqlite3.Error."""
    query = "SELECT seq, body, hash FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq"
    for seq, body, digest in connection.execute(query, (first, last)):
        yield Link(seq, body, digest)


def verify(links: Iterable[Link], start: Anchor, head: Anchor) -> int | None:
    """Return the first sequence number at which the chain does not hold, None when it holds.

    `start` is what the first entry must build upon, `head` where the chain must end.
    """
    place = start
    for link in links:
        expected = place.then(link.body)
        if (link.seq, link.hash) != (expected.seq, expected.hash):
            return expected.seq
        place = expected
    return None if place == head else min(place.seq, head.seq) + 1


def holding_end(links: list[Link], start: Anchor) -> tuple[Anchor, list[Link]]:
    """Return the longest run at the new end that holds, and the place that it builds upon.

    For a chain of which entries have been lost. An entry whose forerunner is missing cannot be
    proved itself, but all that follow build upon it: it becomes the start.
    """
    for index in range(len(links) - 1, -1, -1):
        link = links[index]
        before = links[index - 1] if index else Link(start.seq, "", start.hash)
        if Anchor(before.seq, before.hash).then(link.body) != Anchor(link.seq, link.hash):
            return Anchor(link.seq, link.hash), links[index + 1 :]
    return start, links


def entry_line(link: Link) -> str:
    """Return an entry as one line of the export: its fields, `seq` and `hash` (hexadecimal)."""
    try:
        fields = json.loads(link.body)
    except UNREADABLE:
        fields = {"unreadable": link.body}
    record = {"record": "entry", "seq": link.seq, "hash": link.hash.hex(), "entry": fields}
    return json_text("audit", record)


def start_line(start: Anchor, incarnation: str) -> str:
    """Return the export's first line: what the first entry builds upon."""
    record = {
        "record": "start",
        "format": FORMAT,
        "journal": incarnation,
        "seq": start.seq,
        "hash": start.hash.hex(),
    }
    return json_text("audit", record)


def end_line(end: Anchor, count: int) -> str:
    """Return the export's last line: where the chain ends, and how many entries there are."""
    record = {"record": "end", "seq": end.seq, "hash": end.hash.hex(), "entries": count}
    return json_text("audit", record)


def verify_export(lines: Iterable[str]) -> int | None:
    """Check an export by itself; return as `verify`, or 0 when it is no whole export.

    Whoever receives one can do the same with any tool: the hash of an entry is SHA-256 over the
    previous hash (32 octets) and `entry` as JSON with sorted keys, without spaces, in ASCII.
    """
    try:
        records = [json.loads(line) for line in lines]
        first, *entries, last = records
        start = Anchor(first["seq"], bytes.fromhex(first["hash"]))
        head = Anchor(last["seq"], bytes.fromhex(last["hash"]))
        links = [
            Link(entry["seq"], json_text("audit", entry["entry"]), bytes.fromhex(entry["hash"]))
            for entry in entries
        ]
        kinds = [record["record"] for record in records]
    except (*UNREADABLE, KeyError):
        return 0
    if kinds != ["start", *(["entry"] * len(entries)), "end"] or last["entries"] != len(entries):
        return 0
    return verify(links, start, head)
