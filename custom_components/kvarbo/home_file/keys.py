"""What may stand at a key: how it is read, how it is written, what it is for.

Each row of a home file is a frozen dataclass whose fields are made by `key`. One declaration reads,
writes, refuses by name and documents.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, date, datetime
from enum import StrEnum
import math
import re
from typing import Any, ClassVar, Final, Protocol, override

from ..supervision.settings import Json, SettingsError, read_duration
from .tree import Branch, FileFlaw, Items, Leaf, Node, plain

_KEY: Final = "key"
#: Characters of a text, at most, where nothing else is said.
_TEXT_MOST: Final = 200
#: What looks like one of these is refused whoever asks: a home file holds nothing that is secret.
SECRETS: Final = frozenset(
    {"token", "password", "client_key", "client_certificate", "secret", "code", "pin", "pin_code"}
)


class WrongError(ValueError):
    """A value is wrong; says how, by the problem's key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: how its value is taken, what may be written there, and what it is for."""

    take: Callable[[Json], Any]
    form: str
    text: str
    needed: bool
    #: A row that stands under it, `many` of them in a list.
    row: type[RowClass] | None = None
    many: bool = False


class RowClass(Protocol):
    """A dataclass of keys."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def key(taken: tuple[Callable[[Json], Any], str], text: str, default: Any = MISSING) -> Any:
    """Make a field of a row; without a default it must be given."""
    take, form = taken
    made = Key(take, form, text, needed=default is MISSING)
    if default is MISSING:
        return field(metadata={_KEY: made})
    return field(default=default, metadata={_KEY: made})


def nested(row: type[RowClass], text: str, *, many: bool = False) -> Any:
    """Make a field that is a row of its own (None without one), or a list of rows."""

    def take(raw: Json) -> Any:
        raise WrongError("not_a_list" if many else "not_a_mapping")

    form = "a list, see below" if many else "see below"
    made = Key(take, form, text, needed=False, row=row, many=many)
    return field(default=() if many else None, metadata={_KEY: made})


def keys_of(row: type[RowClass]) -> dict[str, Key]:
    """Return the keys of a row by name."""
    return {f.name: f.metadata[_KEY] for f in fields(row) if _KEY in f.metadata}


class Findings:
    """Collects what is wrong, so that a person hears of everything at once."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self.flaws: list[FileFlaw] = []

    def add(self, line: int, path: str, problem: str) -> None:
        """Note a flaw."""
        self.flaws.append(FileFlaw(line, path, problem))

    def branch(self, node: Node, path: str) -> Branch | None:
        """Return a node as names with values; None after noting that it is none."""
        if isinstance(node, Branch):
            return node
        self.add(node.line, path, "not_a_mapping")
        return None

    def items(self, node: Node, path: str) -> list[Node] | None:
        """Return a node as a list; None after noting that it is none. Nothing at all is an empty one."""
        if isinstance(node, Items):
            return node.items
        if isinstance(node, Leaf) and node.value is None:
            return []
        self.add(node.line, path, "not_a_list")
        return None

    def unknown(self, branch: Branch, path: str, known: frozenset[str]) -> None:
        """Note every name that is not known, and what is secret as such."""
        for name in branch.under:
            if name not in known:
                problem = "secret" if name in SECRETS else "unknown"
                self.add(branch.lines[name], _below(path, name), problem)


def read_row[R: RowClass](row: type[R], node: Node, path: str, found: Findings) -> R | None:
    """Return a row from a tree; None after noting each flaw by its line and path."""
    branch = found.branch(node, path)
    if branch is None:
        return None
    known = keys_of(row)
    before = len(found.flaws)
    found.unknown(branch, path, frozenset(known))
    values: dict[str, Any] = {}
    for name, each in known.items():
        below = branch.under.get(name)
        if below is None or (isinstance(below, Leaf) and below.value is None):
            if each.needed:
                line = branch.lines.get(name, branch.line)
                found.add(line, _below(path, name), "missing")
            continue
        try:
            values[name] = _take(each, below, _below(path, name), found)
        except WrongError as err:
            found.add(branch.lines[name], _below(path, name), str(err))
    return None if len(found.flaws) > before else row(**values)


def _take(each: Key, node: Node, path: str, found: Findings) -> Any:
    if each.row is None:
        return each.take(plain(node))
    if not each.many:
        return read_row(each.row, node, path, found)
    items = found.items(node, path) or []
    rows = [read_row(each.row, item, f"{path}[{at}]", found) for at, item in enumerate(items, 1)]
    return tuple(rows)


def write_row(row: RowClass) -> dict[str, Json]:
    """Return a row as `read_row` takes it back; what is as by default is left out."""
    written: dict[str, Json] = {}
    for f in fields(row):
        value = getattr(row, f.name)
        if _KEY in f.metadata and (f.metadata[_KEY].needed or value != f.default):
            written[f.name] = as_json(value)
    return written


def as_json(value: Any) -> Json:
    """Return a value as it is written."""
    if hasattr(value, "__dataclass_fields__"):
        return write_row(value)
    match value:
        case StrEnum() | Span():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case tuple() | list():
            return [as_json(item) for item in value]
        case dict():
            return {str(name): as_json(below) for name, below in value.items()}
        case float() if value.is_integer():
            return int(value)
        case _:
            found: Json = value
            return found


def _below(path: str, name: str) -> str:
    return f"{path}.{name[:40]}" if path else name[:40]


# -- what can be taken ---------------------------------------------------------------------------

type Taken = tuple[Callable[[Json], Any], str]


def whole(least: int, most: int) -> Taken:
    """Take a whole number within bounds, both allowed."""

    def take(raw: Json) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise WrongError("not_a_number")
        if not least <= raw <= most:
            raise WrongError("out_of_range")
        return raw

    return take, f"{least} to {most}"


def measure() -> Taken:
    """Take any number."""

    def take(raw: Json) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
            raise WrongError("not_a_number")
        return float(raw)

    return take, "a number"


def flag() -> Taken:
    """Take a yes or no."""

    def take(raw: Json) -> bool:
        if not isinstance(raw, bool):
            raise WrongError("not_a_flag")
        return raw

    return take, "`true` or `false`"


def choice[C: StrEnum](choices: type[C] | tuple[C, ...]) -> Taken:
    """Take one of a closed set."""
    allowed = {str(each): each for each in choices}

    def take(raw: Json) -> C:
        if not isinstance(raw, str) or raw not in allowed:
            raise WrongError("unknown_choice")
        return allowed[raw]

    return take, ", ".join(f"`{each}`" for each in allowed)


def one_of(choices: tuple[str, ...]) -> Taken:
    """Take one of a closed set of texts."""

    def take(raw: Json) -> str:
        if not isinstance(raw, str) or raw not in choices:
            raise WrongError("unknown_choice")
        return raw

    return take, ", ".join(f"`{each}`" for each in choices)


def text(
    form: str,
    pattern: str | None = None,
    *,
    most: int = _TEXT_MOST,
    least: int = 1,
    lines: bool = False,
) -> Taken:
    """Take a text; `pattern` must match all of it, `lines` allows more than one."""
    wanted = None if pattern is None else re.compile(pattern)

    def take(raw: Json) -> str:
        # A number that YAML has read as one is meant as the text that it is written as.
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = str(raw)
        if not isinstance(raw, str):
            raise WrongError("not_a_text")
        if not least <= len(raw) <= most:
            raise WrongError("text_length")
        shown = raw.replace("\n", "").replace("\t", "") if lines else raw
        if not shown.isprintable():
            raise WrongError("not_printable")
        if wanted is not None and not wanted.fullmatch(raw):
            raise WrongError("bad_form")
        return raw

    return take, form


def texts(each: Taken, most: int) -> Taken:
    """Take a list of texts without repeats."""
    take_one, form = each

    def take(raw: Json) -> tuple[str, ...]:
        if not isinstance(raw, list) or len(raw) > most:
            raise WrongError("not_a_list")
        found = tuple(take_one(item) for item in raw)
        if len(set(found)) != len(found):
            raise WrongError("twice")
        return found

    return take, f"a list of up to {most}: {form}"


def span(least: float, most: float) -> Taken:
    """Take a span of time in seconds within bounds, both allowed."""

    def take(raw: Json) -> Span:
        try:
            seconds = read_duration(raw)
        except SettingsError:
            raise WrongError("not_a_duration") from None
        if not least <= seconds <= most or not seconds.is_integer():
            raise WrongError("out_of_range")
        return Span(seconds)

    return take, f"a span of time, `{Span(least)}` to `{Span(most)}`"


class Span(float):
    """A span of time in whole seconds; it is written as people do."""

    __slots__ = ()

    @override
    def __str__(self) -> str:
        hours, rest = divmod(int(self), 3600)
        return f"{hours:02}:{rest // 60:02}:{rest % 60:02}"


def moment() -> Taken:
    """Take a date and time with its offset from UTC."""

    def take(raw: Json) -> datetime:
        if not isinstance(raw, str):
            raise WrongError("not_a_moment")
        try:
            found = datetime.fromisoformat(raw).replace(microsecond=0)
            if found.tzinfo is None:
                raise WrongError("no_zone")
            return found.astimezone(UTC)
        except WrongError:
            raise
        except ValueError, OverflowError:
            raise WrongError("not_a_moment") from None

    return take, "a date and time with offset, such as `2027-01-31T12:00:00+01:00`"


def day() -> Taken:
    """Take a date."""

    def take(raw: Json) -> date:
        if not isinstance(raw, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw):
            raise WrongError("not_a_date")
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise WrongError("not_a_date") from None

    return take, "a date, such as `2027-01-31`"
