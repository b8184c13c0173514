"""YAML as a tree that remembers its lines: plain values alone, within bounds, nothing that acts.

A home file comes from a person's editor or another office. So anchors, aliases, tags, a second
document and keys that stand twice are refused by line, and neither its size nor its depth can harm
the home. A scalar means what it says: only `true` and `false` are flags, and 22:00 is a time of
day, not a number to the base of sixty.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
import math
import re
from typing import Final

import yaml  # type: ignore[import-untyped]

from ..supervision.settings import Json

#: Characters of a file, levels of nesting and nodes in it, at most.
LARGEST: Final = 200_000
DEEPEST: Final = 12
MOST_NODES: Final = 20_000
#: So many flaws are told at most: a file that is none at all has one in each line.
MOST_FLAWS: Final = 200

#: Without a zero in front: 0471 is a number at a municipality, not four hundred and seventy-one.
_INT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT: Final = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}(?:[eE][-+]?[0-9]{1,3})?\Z")
_NULL: Final = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class FileFlaw:
    """What is wrong, and where: the line (from 1), the field's path, the problem's key in the texts."""

    line: int
    field: str
    problem: str


class HomeFileError(ValueError):
    """A home file that cannot be used: nothing of it is. `flaws` tells all that is wrong, by line."""

    def __init__(self, flaws: list[FileFlaw]) -> None:
        """Take one flaw or more, in any order."""
        self.flaws = tuple(sorted(set(flaws), key=lambda f: (f.line, f.field, f.problem)))
        super().__init__(
            "; ".join(f"line {flaw.line}: {flaw.field}: {flaw.problem}" for flaw in self.flaws)
        )


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value."""

    value: Json
    line: int


@dataclass(slots=True)
class Branch:
    """Names with what stands under them. `lines` is where each name stands."""

    line: int
    under: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Items:
    """One after the other."""

    line: int
    items: list[Node] = field(default_factory=list)


type Node = Leaf | Branch | Items


def plain(node: Node) -> Json:
    """Return the values of a tree, as JSON has them."""
    match node:
        case Leaf(value):
            return value
        case Branch(under=under):
            return {key: plain(below) for key, below in under.items()}
        case Items(items=items):
            return [plain(item) for item in items]


def planted(value: Json, line: int = 1) -> Node:
    """Return the tree of plain values, all on one line."""
    if isinstance(value, dict):
        under = {key: planted(below, line) for key, below in value.items()}
        return Branch(line, under, dict.fromkeys(under, line))
    if isinstance(value, list):
        return Items(line, [planted(item, line) for item in value])
    return Leaf(value, line)


def read_tree(text: str) -> Branch:
    """Return the tree of a text.

    Raises:
        HomeFileError: it is no such text; it names line and problem.
    """
    if len(text) > LARGEST:
        raise HomeFileError([FileFlaw(1, "file", "too_large")])
    try:
        root = _Growing(yaml.parse(text, Loader=yaml.SafeLoader)).grow()
    except yaml.reader.ReaderError as err:
        line = text.count("\n", 0, max(0, int(err.position))) + 1
        raise HomeFileError([FileFlaw(line, "file", "not_yaml")]) from None
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        line = 1 if mark is None else mark.line + 1
        raise HomeFileError([FileFlaw(line, "file", "not_yaml")]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        if isinstance(err, HomeFileError):
            raise
        # What the parser stumbles over without a place: a directive with a huge number, say.
        raise HomeFileError([FileFlaw(1, "file", "not_yaml")]) from None
    if not isinstance(root, Branch):
        raise HomeFileError([FileFlaw(1, "file", "not_a_mapping")])
    return root


class _Growing:
    """Builds a tree from the parser's events, without recursion of its own."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._flaws: list[FileFlaw] = []
        self._nodes = 0
        #: What is open, with the name that waits for its value in a branch.
        self._open: list[tuple[Branch | Items, list[str]]] = []
        self._root: Node | None = None
        self._documents = 0

    def grow(self) -> Node:
        for event in self._events:
            self._take(event)
        if self._flaws:
            raise HomeFileError(self._flaws)
        return self._root if self._root is not None else Leaf(None, 1)

    def _take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._stop(line, "more_than_one")
            case yaml.AliasEvent():
                self._flaw(line, "alias")
                self._put(Leaf(None, line), line)
            case yaml.ScalarEvent():
                self._see(event, line)
                quoted = event.style is not None
                self._put_scalar(str(event.value), line, quoted=quoted)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._see(event, line)
                branch = isinstance(event, yaml.MappingStartEvent)
                node: Branch | Items = Branch(line) if branch else Items(line)
                if self._awaits_name():
                    self._stop(line, "not_a_name")
                self._put(node, line)
                if len(self._open) >= DEEPEST:
                    self._stop(line, "too_deep")
                self._open.append((node, []))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case _:
                pass  # the stream's own ends

    def _see(self, event: yaml.NodeEvent, line: int) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._stop(line, "too_large")
        if event.anchor is not None:
            self._flaw(line, "anchor")
        # `!` alone only says that what follows is quoted; any other tag would choose a type.
        if getattr(event, "tag", None) not in (None, "!"):
            self._flaw(line, "tag")

    def _awaits_name(self) -> bool:
        if not self._open:
            return False
        holder, waiting = self._open[-1]
        return isinstance(holder, Branch) and not waiting

    def _put_scalar(self, text: str, line: int, *, quoted: bool) -> None:
        if not self._awaits_name():
            self._put(Leaf(text if quoted else _meant(text), line), line)
            return
        branch, waiting = self._open[-1]
        if isinstance(branch, Branch):
            if text in branch.under:
                self._flaw(line, "twice", text)
            branch.lines[text] = line
            waiting.append(text)

    def _put(self, node: Node, line: int) -> None:
        if not self._open:
            self._root = node
            return
        holder, waiting = self._open[-1]
        if isinstance(holder, Items):
            holder.items.append(node)
        elif waiting:
            holder.under[waiting.pop()] = node
        else:
            self._stop(line, "not_a_name")

    def _flaw(self, line: int, problem: str, field: str = "file") -> None:
        self._flaws.append(FileFlaw(line, field[:60], problem))
        if len(self._flaws) >= MOST_FLAWS:
            raise HomeFileError(self._flaws)

    def _stop(self, line: int, problem: str) -> None:
        self._flaws.append(FileFlaw(line, "file", problem))
        raise HomeFileError(self._flaws)


def _meant(text: str) -> Json:
    if text in _NULL:
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text) and math.isfinite(value := float(text)):
        return value
    return text
