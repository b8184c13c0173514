"""Whether every word that the code asks for exists in the texts, and no text is left over.

Home Assistant shows a raw key to a person where a text is missing, and only when it happens. These
checks read the code's syntax trees. Each `find_...` takes the component's folder and returns
findings as `file:line: what is wrong`, none when all is well.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from homeassistant.const import Platform

from tests.house.hassfest import placeholders
from tests.house.tree import Code, Module, Tree, at, function_name, keyword, load, name_of, texts


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


def _given(call: ast.Call, name: str) -> frozenset[str] | None:
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
        enclosing = _enclosing(module)
        for call in calls(module):
            key = keyword(call, "translation_key")
            issue = function_name(call) == "async_create_issue"
            if key is None or not (issue or _is_error(call)):
                continue
            section = "issues" if issue else "exceptions"
            given = _given(call, "translation_placeholders")
            maker = enclosing.get(call)
            passed = _passed(code, maker, key) if maker else None
            if passed is None:
                yield Use(f"{module.path}:{call.lineno}", section, code.strings(key), given)
            for where, argument in passed or ():
                # A key that is computed even there is looked for from the texts' side.
                yield Use(where, section, code.strings(argument) or frozenset(), given)


type Maker = tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]


def _enclosing(module: Module) -> dict[ast.AST, Maker]:
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


def _passed(code: Code, maker: Maker, key: ast.expr) -> list[tuple[str, ast.expr]] | None:
    """Return where and with what a function is called for its parameter `key`.

    None when `key` is no parameter of it.
    """
    function, name = maker
    positional = [arg.arg for arg in function.args.args if arg.arg not in ("self", "cls")]
    parameter = key.id if isinstance(key, ast.Name) else ""
    if parameter not in positional + [arg.arg for arg in function.args.kwonlyargs]:
        return None
    found = []
    for module in code.modules:
        for call in calls(module):
            if function_name(call) != name:
                continue
            argument = keyword(call, parameter)
            if argument is None and parameter in positional[: len(call.args)]:
                argument = call.args[positional.index(parameter)]
            if argument is not None:
                found.append((f"{module.path}:{call.lineno}", argument))
    return found


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
            needed = frozenset[str]().union(*map(placeholders, _strings_in(text)))
            if use.given is not None and needed - use.given:
                missing = ", ".join(sorted(needed - use.given))
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
