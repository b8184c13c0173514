"""What a trigger passes to its automation, under `trigger.`: codes, numbers and times, and no names."""

from datetime import datetime
from typing import Any

from ..supervision.supervisor import Heard
from ..supervision.wall import WallTime


def payload_of(heard: Heard, wall: WallTime) -> dict[str, Any]:
    """Return the payload of a stage. Times are ISO 8601 in the home's zone, `limit` seconds.

    `episode` is what `kvarbo.raise_alarm` and `kvarbo.decline_alarm` answer (S8); `quiet` says that
    a warning must neither sound nor shine (R17).
    """
    verdict, identity = heard.verdict, heard.identity
    return {
        "episode": verdict.episode,
        "rule": str(identity.kind),
        "resident": identity.resident,
        "name": identity.name,
        "stage": str(verdict.told),
        "since": _iso(verdict.since, wall),
        "at": _iso(verdict.at, wall),
        "seen_at": None if verdict.seen_at is None else _iso(verdict.seen_at, wall),
        "seen_in": None if verdict.seen_in is None else str(verdict.seen_in),
        "limit": round(verdict.limit),
        "device": verdict.sensor,
        "quiet": verdict.quiet,
        "owner": str(heard.options.owner),
    }


def _iso(at: float, wall: WallTime) -> str:
    return datetime.fromtimestamp(at, wall.zone).isoformat(timespec="seconds")
