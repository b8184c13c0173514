"""What a file would change in a home: by path, with the value before and after. Nothing secret is in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ..supervision.settings import Json
from .rows import LISTS, DeviceRow, HomeFile
from .writer import to_json

#: What a rule is known by.
_RULE: Final = ("rule", "resident", "name")


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; None where there is none. What comes or goes whole is one change a value."""

    path: str
    old: Json
    new: Json


def outcome(now: HomeFile, asked: HomeFile, at: datetime) -> HomeFile:
    """Return what a home that is as `now` is when `asked` has been applied at an instant.

    A section that is not in the file stays. A device keeps the source that it has, numbers are never
    used again, and a pause whose end has passed says nothing.
    """
    number = max(now.home.next_number, asked.home.next_number)
    merged = replace(asked, home=replace(asked.home, next_number=number))
    for section in ("dwelling", "way_out", "receivers", "devices", "consents", "pauses", "rules"):
        if getattr(asked, section) is None:
            merged = replace(merged, **{section: getattr(now, section)})
    if asked.devices is not None:
        there = {row.number: row for row in now.devices or ()}
        rows = tuple(_with_source(row, there.get(row.number)) for row in asked.devices)
        given = max((row.number for row in rows), default=0)
        number = max(number, given + 1)
        merged = replace(merged, devices=rows, home=replace(merged.home, next_number=number))
    if merged.pauses is not None:
        merged = replace(merged, pauses=tuple(row for row in merged.pauses if row.until > at))
    return merged


def _with_source(row: DeviceRow, there: DeviceRow | None) -> DeviceRow:
    if there is None or there.source is None:
        return row
    return replace(row, source=there.source, fields=there.fields)


def changes(old: HomeFile, new: HomeFile) -> tuple[Change, ...]:
    """Return what differs, by path; a section that `new` does not have is not compared."""
    before, after = flat(old), flat(new)
    left_out = tuple(f"{s}." for s in to_json(old) if getattr(new, s, before) is None)
    return tuple(
        Change(path, before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path) and not f"{path}.".startswith(left_out)
    )


def flat(home: HomeFile) -> dict[str, Json]:
    """Return every value of a file by its path; a row stands by what it is known by."""
    return dict(_flat("", _named(to_json(home))))


def _named(made: dict[str, Json]) -> dict[str, Json]:
    named = dict(made)
    for section, rows in made.items():
        keys = _RULE if section == "rules" else LISTS[section][1] if section in LISTS else ()
        if keys and isinstance(rows, list):
            named[section] = {
                row_name(row, keys): {k: v for k, v in row.items() if k not in keys} or "present"
                for row in rows
                if isinstance(row, dict)
            }
    return named


def row_name(row: dict[str, Json], keys: tuple[str, ...] = _RULE) -> str:
    """Return by what a row is known, as it stands in a path."""
    return "/".join(str(row[key]) for key in keys if row.get(key) not in (None, ""))


def _flat(path: str, value: Json) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _flat(f"{path}.{name}" if path else name, below)
    else:
        yield path, value
