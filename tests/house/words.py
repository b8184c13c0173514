"""Whether every word that the code asks for exists in the texts, and no text is left over.

Home Assistant shows a raw key to a person where a text is missing, and only when it happens. These
checks read the code's syntax trees. Each `find_...` takes the component's folder and returns
findings as `file:line: what is wrong`, none when all is well.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from homeassistant.const import Platform

from tests.house.hassfest import placeholders
from tests.house.tree import Code, Module, Tree, at, function_name, keyword, load, name_of, texts

#: Through so many functions a key is followed.
DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Use:
    """A place in the code that asks for texts: where, in which section, under which keys.

    `keys` is None when they cannot be read, `given` when the placeholders cannot.
    """

    where: str
    section: str
    keys: frozenset[str] | None
    given: frozenset[str] | None = None
    one_is_enough: bool = False


def calls(module: Module) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def _is_error(call: ast.Call) -> bool:
    """Tell whether a call makes an exception, or is the constructor of one calling its base."""
    name = function_name(call)
    return name == "__init__" or name.endswith(
        ("Error", "Exception", "NotReady", "AuthFailed", "Unauthorized", "UpdateFailed")
    )


def given_names(call: ast.Call, name: str) -> frozenset[str] | None:
    """Return the placeholder names that a call fills, None when they cannot be read."""
    match keyword(call, name):
        case None:
            return frozenset()
        case ast.Dict(keys=keys) if all(isinstance(key, ast.Constant) for key in keys):
            return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
        case _:
            return None


def error_uses(code: Code) -> Iterator[Use]:
    """Yield the translated errors and issues of the code."""
    for module in code.modules:
        enclosing = makers(module)
        for call in calls(module):
            key = keyword(call, "translation_key")
            issue = function_name(call) == "async_create_issue"
            if key is None or not (issue or _is_error(call)):
                continue
            section = "issues" if issue else "exceptions"
            given = given_names(call, "translation_placeholders")
            begun = origins(code, key, enclosing.get(call))
            for origin in begun or [Origin(module.path, call.lineno, None)]:
                where = f"{origin.path}:{origin.line or call.lineno}"
                yield Use(where, section, origin.keys, given)


type Maker = tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a key comes from, and which strings it may be; empty when it is put together."""

    path: Path
    line: int
    keys: frozenset[str] | None


def makers(module: Module) -> dict[ast.AST, Maker]:
    """Return for every call the function it stands in and the name that function is called by."""
    found: dict[ast.AST, Maker] = {}
    owners = {
        inner: node.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for inner in node.body
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = owners.get(node, node.name) if node.name == "__init__" else node.name
            found |= {
                inner: (node, name) for inner in ast.walk(node) if isinstance(inner, ast.Call)
            }
    return found


def origins(code: Code, key: ast.expr, maker: Maker | None, depth: int = 0) -> list[Origin]:
    """Follow a key through variables and parameters to the strings it begins as.

    What cannot be read leaves no origin; at the call itself that is a finding. A key that is put
    together is looked for from the texts' side.
    """
    if isinstance(key, ast.BoolOp):
        return [o for part in key.values for o in origins(code, part, maker, depth)]
    strings = frozenset[str]() if isinstance(key, ast.JoinedStr) else code.strings(key)
    if strings is not None:
        return [Origin(_path_of(code, key), key.lineno, strings)]
    if not isinstance(key, ast.Name) or maker is None or depth > DEEPEST:
        return []
    function, name = maker
    found = [
        origin
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.NamedExpr)
        and name_of(node.targets[0] if isinstance(node, ast.Assign) else node.target) == key.id
        for origin in origins(code, node.value, maker, depth + 1)
    ]
    here = _path_of(code, function)
    for module in code.modules:
        if name.startswith("_") and module.path != here:
            continue  # another file's function of the same private name
        enclosing = makers(module)
        for call in calls(module):
            argument = _argument(call, function, key.id) if function_name(call) == name else None
            if argument is not None:
                found += origins(code, argument, enclosing.get(call), depth + 1)
    return found


def _path_of(code: Code, wanted: ast.AST) -> Path:
    return next(m.path for m in code.modules if any(n is wanted for n in ast.walk(m.tree)))


def _argument(
    call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str
) -> ast.expr | None:
    """Return what a call of a function passes for one of its parameters."""
    positional = [arg.arg for arg in function.args.args if arg.arg not in ("self", "cls")]
    if parameter in positional[: len(call.args)]:
        return call.args[positional.index(parameter)]
    return keyword(call, parameter)


def find_untranslated_errors(component: Path) -> list[str]:
    """Find errors and issues without a text, or whose text asks for what they do not give."""
    code, english = Code(component), texts(component)
    findings = []
    for use in error_uses(code):
        if use.keys is None:
            findings.append(f"{use.where}: cannot read which translation_key this is")
        for key in sorted(use.keys or ()):
            text = at(english, f"{use.section}.{key}")
            if text is None:
                findings.append(f"{use.where}: {use.section}.{key} has no text")
                continue
            if use.given is not None and needed(text) - use.given:
                missing = ", ".join(sorted(needed(text) - use.given))
                findings.append(f"{use.where}: {use.section}.{key} is not given {missing}")
    for module in code.modules:
        findings += [
            f"{module.path}:{call.lineno}: a translated error needs its translation_domain"
            for call in calls(module)
            if _is_error(call)
            and keyword(call, "translation_key")
            and not keyword(call, "translation_domain")
        ]
    return findings


def needed(text: str | Tree | None) -> frozenset[str]:
    """Return the placeholders of a text, or of all texts of a tree."""
    return frozenset[str]().union(*map(placeholders, _strings_in(text or "")))


def _strings_in(text: str | Tree) -> Iterator[str]:
    if isinstance(text, str):
        yield text
    else:
        for inner in text.values():
            yield from _strings_in(inner)


def find_unused_texts(component: Path) -> list[str]:
    """Find texts of errors, issues and entities whose key stands nowhere in the code."""
    code, english = Code(component), texts(component)
    findings = [
        f"translations: {section}.{key} is used nowhere"
        for section in ("exceptions", "issues")
        for key in english.get(section, {})
        if not code.says(key)
    ]
    return findings + [
        f"translations: entity.{platform}.{key} is used nowhere"
        for platform, entities in english.get("entity", {}).items()
        for key in entities
        if not code.says(key)
    ]


def find_unnamed_entities(component: Path) -> list[str]:
    """Find entities whose name, icon, event types or options have no text."""
    code, english, icons = Code(component), texts(component), load(component, "icons.json")
    findings = []
    for module in code.modules:
        platform = module.path.parts[0].removesuffix(".py")
        if platform not in list(Platform):
            continue
        for line, key in _entity_keys(module):
            keys, where = code.strings(key), f"{module.path}:{line}"
            if keys is None:
                findings.append(f"{where}: cannot read which translation_key this is")
            for name in sorted(keys or ()):
                if not at(english, f"entity.{platform}.{name}.name"):
                    findings.append(f"{where}: entity.{platform}.{name} has no name")
                if not at(icons, f"entity.{platform}.{name}"):
                    findings.append(f"{where}: entity.{platform}.{name} has no icon")
        findings += _find_unnamed_states(code, module, platform, english)
    return findings


def _entity_keys(module: Module) -> Iterator[tuple[int, ast.expr]]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Call() if function_name(node).endswith("Description") and (
                key := keyword(node, "translation_key")
            ):
                yield node.lineno, key
            case (
                ast.Assign(targets=[target], value=ast.expr() as value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ) if name_of(target) == "_attr_translation_key":
                yield node.lineno, value
            case _:
                pass


def _find_unnamed_states(code: Code, module: Module, platform: str, english: Tree) -> list[str]:
    """Check that each event type or option stands under at least one entity of the platform."""
    findings = []
    entities = english.get("entity", {}).get(platform, {}).values()
    for node in ast.walk(module.tree):
        named: list[tuple[str, ast.expr]] = []
        if isinstance(node, ast.Call):
            named = [(word.arg or "", word.value) for word in node.keywords]
        elif isinstance(node, ast.Assign):
            named = [(name_of(node.targets[0]).removeprefix("_attr_"), node.value)]
        for name, value in named:
            path = {"event_types": "state_attributes.event_type.state", "options": "state"}.get(
                name
            )
            states = code.strings(value) if path else None
            if path is None or states is None:
                continue
            known: frozenset[str] = max(
                (frozenset(at(entity, path) or ()) for entity in entities),
                key=lambda there: len(there & states),
                default=frozenset(),
            )
            findings += [
                f"{module.path}:{value.lineno}: entity.{platform}.*.{path}.{state} has no text"
                for state in sorted(states - known)
            ]
    return findings
