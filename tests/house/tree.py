"""What the checks read a component by: its data files, and the strings that its code stands for."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
import json
from pathlib import Path
import re
from typing import Any, Final, TypeGuard

from homeassistant import const as ha_const
from homeassistant.util.yaml import load_yaml_dict

LANGUAGES: Final = ("en", "sv")

type Tree = dict[str, Any]

#: Home Assistant's own names for strings: CONF_URL and the like.
_CONSTANTS: Final = {name: text for name, text in vars(ha_const).items() if isinstance(text, str)}


class FileMissingError(AssertionError):
    """A file that the component must have is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is missing: {path} must be written")


def load(component: Path, name: str) -> Tree:
    """Return a JSON or YAML file of the component. Raises `FileMissingError` by its name."""
    path = component / name
    if not path.is_file():
        raise FileMissingError(path)
    if path.suffix == ".yaml":
        return load_yaml_dict(str(path))
    tree: Tree = json.loads(path.read_text(encoding="utf-8"))
    return tree


def load_if_there(component: Path, name: str) -> Tree:
    """Return a file of the component, or nothing when there is none."""
    return load(component, name) if (component / name).is_file() else {}


def texts(component: Path, language: str = "en") -> Tree:
    """Return the user texts in a language."""
    return load(component, f"translations/{language}.json")


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value of a nested mapping under its dotted path."""
    for key, value in tree.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(value, Mapping):
            yield from leaves(value, path)
        else:
            yield path, value


def at(tree: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path, or None."""
    here: Any = tree
    for key in path.split("."):
        if not isinstance(here, Mapping) or key not in here:
            return None
        here = here[key]
    return here


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file of a component: its path from there, and its syntax tree."""

    path: Path
    tree: ast.Module


class Code:
    """The Python code of a component, and the strings that its names stand for."""

    def __init__(self, component: Path) -> None:
        """Read all files of the component."""
        self.modules = [
            Module(path.relative_to(component), ast.parse(path.read_text(encoding="utf-8")))
            for path in sorted(component.rglob("*.py"))
        ]
        self._values: dict[str, ast.expr] = {}
        self.enums: dict[str, dict[str, str]] = {}
        for module in self.modules:
            for node in module.tree.body:
                self._note(node)

    def _note(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._values[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._values[name] = value
            case ast.ClassDef(name=name, bases=bases, body=body) if any(
                isinstance(base, ast.Name) and base.id == "StrEnum" for base in bases
            ):
                self.enums[name] = dict(filter(None, map(_member, body)))

    def strings(self, node: ast.expr) -> frozenset[str] | None:
        """Return all strings that an expression may stand for; None when that cannot be read."""
        found: frozenset[str] | None = None
        match node:
            case ast.Constant(value=str() as text):
                found = frozenset({text})
            case ast.Name(id=name) if name in self._values:
                found = self.strings(self._values[name])
            case ast.Attribute(value=ast.Name(id=enum), attr=member) if enum in self.enums:
                found = frozenset({self.enums[enum][member]})
            case ast.Attribute(value=inner, attr="value"):
                found = self.strings(inner)
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in _CONSTANTS:
                found = frozenset({_CONSTANTS[name]})
            case (
                ast.Name(id=enum)
                | ast.Call(func=ast.Name(id="list" | "tuple" | "sorted"), args=[ast.Name(id=enum)])
            ) if enum in self.enums:
                found = frozenset(self.enums[enum].values())
            case ast.IfExp(body=body, orelse=orelse):
                found = self._union([body, orelse])
            case ast.Starred(value=inner):
                found = self.strings(inner)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                found = self._union(elements)
            case (
                ast.Subscript(value=ast.Name(id=name))
                | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"))
            ) if isinstance(table := self._values.get(name), ast.Dict):
                found = self._union(table.values)
            case ast.ListComp():
                found = self._listed(node)
            case _:
                pass
        return found

    def _listed(self, node: ast.ListComp) -> frozenset[str] | None:
        """Return the members of an enum that a comprehension lists, less those it leaves out."""
        match node.generators:
            case [ast.comprehension(iter=ast.Name(id=enum), ifs=ifs)] if enum in self.enums:
                left_out = self._union([each.comparators[0] for each in ifs if _is_not(each)])
                if left_out is not None and all(map(_is_not, ifs)):
                    return frozenset(self.enums[enum].values()) - left_out
        return None

    def _union(self, nodes: list[ast.expr]) -> frozenset[str] | None:
        found: frozenset[str] = frozenset()
        for node in nodes:
            strings = self.strings(node)
            if strings is None:
                return None
            found |= strings
        return found

    def says(self, text: str) -> bool:
        """Tell whether a string stands in the code, or an f-string that may become it."""
        return text in self.constants or any(p.fullmatch(text) for p in self._patterns)

    @cached_property
    def constants(self) -> frozenset[str]:
        """Return every string constant that stands anywhere in the code."""
        return frozenset(
            node.value
            for module in self.modules
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        patterns = [
            "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                for part in node.values
            )
            for module in self.modules
            for node in ast.walk(module.tree)
            if isinstance(node, ast.JoinedStr)
        ]
        # One that begins with nothing fixed would match too much.
        return [re.compile(pattern) for pattern in patterns if re.match(r"[a-z]{2,}", pattern)]


def _member(node: ast.stmt) -> tuple[str, str] | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)):
            return name, text
        case _:
            return None


def _is_not(node: ast.expr) -> TypeGuard[ast.Compare]:
    return isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.IsNot)


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return what a call passes by a keyword, or None."""
    return next((word.value for word in call.keywords if word.arg == name), None)


def name_of(node: ast.expr) -> str:
    """Return the last name of an expression: `c` of `a.b.c`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def function_name(call: ast.Call) -> str:
    """Return the last name of what is called: `async_abort` of `self.async_abort(...)`."""
    return name_of(call.func)
