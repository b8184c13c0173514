"""Changes to a profile, to see it refused."""

from collections.abc import Callable
from typing import Any

from custom_components.kvarbo.transmission.rest.pointer import parse_pointer

type Document = dict[str, Any]
type Change = Callable[[Document], object]


def set_at(path: str, value: Any) -> Change:
    """Set a value by JSON pointer."""

    def change(document: Document) -> None:
        *steps, last = parse_pointer(path).steps
        place: Any = document
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value

    return change


def drop_at(path: str) -> Change:
    def change(document: Document) -> None:
        *steps, last = parse_pointer(path).steps
        place: Any = document
        for step in steps:
            place = place[step]
        del place[last]

    return change
