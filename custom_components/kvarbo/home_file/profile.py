"""One profile and a list of homes make a file for each (R51), and tell which homes differ from theirs.

A profile is a home file whose home has no number. The list names each home by its number, and for
each what differs, by the path that a difference is shown by: `rules.night_absence/1.settings.limit`.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
import csv
from dataclasses import dataclass, replace
import io
from typing import Any, Final

from ..home_names import is_controller
from ..supervision.settings import Json
from .differ import Change, changes, row_name
from .keys import Findings
from .reader import read_home_tree
from .rows import LISTS, HomeFile
from .tree import Branch, FileFlaw, HomeFileError, Items, Leaf, plain, planted, read_tree

_NUMBER: Final = "controller"
_LABEL: Final = "label"
#: Homes in a list, at most.
MOST_HOMES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """One home of a list: its number, the line where it stands, and what differs by path."""

    controller: str
    line: int
    differing: Mapping[str, Json]


def read_profile(text: str) -> dict[str, Json]:
    """Return a profile, known to make a file for a home.

    Raises:
        HomeFileError: it names every flaw by line and field; a number in it is one.
    """
    root = read_tree(text)
    home = root.under.get("home")
    if isinstance(home, Branch) and _NUMBER in home.under:
        line = home.lines[_NUMBER]
        raise HomeFileError([FileFlaw(line, "home.controller", "not_in_profile")])
    _tried(root)
    made = plain(root)
    return made if isinstance(made, dict) else {}


def _tried(root: Branch) -> None:
    """Read it as a file for some home, so that its flaws are told on the profile's own lines."""
    home = root.under.get("home")
    if not isinstance(home, Branch):
        if home is not None:
            raise HomeFileError([FileFlaw(home.line, "home", "not_a_mapping")])
        home = Branch(root.line)
    own = {_NUMBER: Leaf("1", home.line), _LABEL: Leaf("1", home.line), **home.under}
    lines = {_NUMBER: home.line, _LABEL: home.line, **home.lines}
    under = {**root.under, "home": Branch(home.line, own, lines)}
    read_home_tree(Branch(root.line, under, {"home": home.line, **root.lines}))


def read_places(text: str) -> tuple[Place, ...]:
    """Return a list of homes, from CSV with a line of names, or YAML as a list under `homes`.

    Raises:
        HomeFileError: it names every flaw by line and field.
    """
    found = Findings()
    is_yaml = text.lstrip("\ufeff").lstrip().startswith("homes:")
    places = list((_of_yaml if is_yaml else _of_csv)(text.lstrip("\ufeff"), found))
    seen: set[str] = set()
    for place in places:
        if not is_controller(place.controller):
            found.add(place.line, _NUMBER, "bad_form")
        elif place.controller in seen:
            found.add(place.line, _NUMBER, "twice")
        seen.add(place.controller)
    if len(places) > MOST_HOMES:
        found.add(places[MOST_HOMES].line, "homes", "too_many")
    if found.flaws:
        raise HomeFileError(found.flaws)
    return tuple(places)


def _of_csv(text: str, found: Findings) -> Iterator[Place]:
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    try:
        names = [name.strip() for name in next(rows, [])]
        if _NUMBER not in names:
            found.add(1, _NUMBER, "missing")
            return
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(names):
                found.add(rows.line_num, "homes", "too_many")
                continue
            cells = {n: c.strip() for n, c in zip(names, row, strict=False) if c.strip()}
            controller = cells.pop(_NUMBER, "")
            # A cell means what it would mean in a file.
            values = {_path(n): _cell(c, rows.line_num, n) for n, c in cells.items()}
            yield Place(controller, rows.line_num, values)
    except csv.Error:
        found.add(rows.line_num, "homes", "not_csv")
    except HomeFileError as err:
        found.flaws += err.flaws


def _cell(text: str, line: int, name: str) -> Json:
    try:
        return plain(read_tree(f"cell: {text}").under["cell"])
    except HomeFileError as err:
        raise HomeFileError([FileFlaw(line, name[:60], err.flaws[0].problem)]) from None


def _path(name: str) -> str:
    return f"home.{name}" if name == _LABEL else name


def _of_yaml(text: str, found: Findings) -> Iterator[Place]:
    homes = read_tree(text).under.get("homes", Leaf(None, 1))
    if not isinstance(homes, Items):
        found.add(homes.line, "homes", "not_a_list")
        return
    for item in homes.items:
        branch = found.branch(item, "homes")
        if branch is None:
            continue
        values = {_path(name): plain(node) for name, node in branch.under.items()}
        controller = values.pop(_NUMBER, "")
        yield Place(str(controller), branch.line, values)


def make(profile: Mapping[str, Json], place: Place) -> HomeFile:
    """Return the file of one home of the list.

    Raises:
        HomeFileError: a value of the list does not fit; it names the line in the list and the field.
    """
    made = deepcopy(dict(profile))
    for path, value in {"home.controller": place.controller, **place.differing}.items():
        if not _put(made, path, value):
            raise HomeFileError([FileFlaw(place.line, path[:60], "unknown")])
    home = made.get("home")
    if isinstance(home, dict):
        home.setdefault(_LABEL, place.controller)
    root = planted(made, place.line)
    if not isinstance(root, Branch):  # pragma: no cover - a mapping was planted
        raise AssertionError
    return read_home_tree(root)


def _put(made: dict[str, Json], path: str, value: Json) -> bool:
    """Put a value at a path; False where the path leads nowhere."""
    section, _, rest = path.partition(".")
    if not rest:
        return False
    below: Json = made.setdefault(section, {})
    if isinstance(below, list):
        name, _, rest = rest.partition(".")
        keys = LISTS[section][1] if section in LISTS else ("rule", "resident", "name")
        below = next((r for r in below if isinstance(r, dict) and row_name(r, keys) == name), None)
    *parents, last = rest.split(".")
    for parent in parents:
        if not isinstance(below, dict):
            return False
        below = below.setdefault(parent, {})
    if not isinstance(below, dict) or not last:
        return False
    below[last] = value
    return True


def differs(home: HomeFile, wanted: HomeFile) -> tuple[Change, ...]:
    """Return in what a home differs from what its profile and list make of it.

    What the profile does not speak of is the home's own, and so are the sources of its devices, which
    are paired there, and the next number.
    """
    return tuple(
        change
        for change in changes(wanted, _as_asked(home, wanted))
        if not _is_own(change.path, wanted)
    )


def _as_asked(home: HomeFile, wanted: HomeFile) -> HomeFile:
    left_out: dict[str, Any] = {
        section: None
        for section in (
            "dwelling",
            "way_out",
            "receivers",
            "devices",
            "consents",
            "pauses",
            "rules",
        )
        if getattr(wanted, section) is None
    }
    return replace(home, **left_out)


def _is_own(path: str, wanted: HomeFile) -> bool:
    if path == "home.next_number":
        return True
    if path == "home.review":
        return wanted.home.review is None
    section, _, rest = path.partition(".")
    return section == "devices" and rest.partition(".")[2].split(".")[0] in ("source", "fields")
