"""Whether every step, field, error and end of a flow has its words, and no words are left over.

Each `find_...` takes the component's folder and returns findings as `file:line: what is wrong`,
none when all is well.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final

from tests.house.tree import Code, Module, Tree, at, function_name, keyword, name_of, texts
from tests.house.words import Use, calls, given_names, makers, needed, origins

#: The method by which a config flow offers the flows of its subentries.
OFFERED_BY: Final = "async_get_supported_subentry_types"

#: Reasons that Home Assistant's own flow methods end with when the code names none.
DEFAULT_REASONS: Final = {
    "_abort_if_unique_id_configured": "already_configured",
    "_async_abort_entries_match": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
}

#: What these methods end with when the code names nothing depends on how the flow began.
UPDATE_AND_ABORT: Final = ("async_update_and_abort", "async_update_reload_and_abort")
UPDATED: Final = frozenset({"reconfigure_successful", "reauth_successful"})


def flow_classes(code: Code) -> Iterator[tuple[Module, ast.ClassDef, str]]:
    """Yield each flow of the code with the section of the texts that describes it."""
    subentries = {name: kind for module in code.modules for kind, name in _subentries(code, module)}
    for module in code.modules:
        for node in module.tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            bases = {name_of(base) for base in node.bases}
            if node.name in subentries:
                yield module, node, f"config_subentries.{subentries[node.name]}"
            elif "ConfigFlow" in bases:
                yield module, node, "config"
            elif bases & {"OptionsFlow", "OptionsFlowWithReload"}:
                yield module, node, "options"


def _subentries(code: Code, module: Module) -> Iterator[tuple[str, str]]:
    """Yield kind and flow class of each subentry that a flow offers."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.FunctionDef) or node.name != OFFERED_BY:
            continue
        for table in ast.walk(node):
            if isinstance(table, ast.Dict):
                for key, value in zip(table.keys, table.values, strict=True):
                    if key and isinstance(value, ast.Name):
                        yield from ((kind, value.id) for kind in code.strings(key) or ())


def flow_uses(code: Code) -> Iterator[Use]:
    """Yield the steps, errors, aborts and progress words of every flow."""
    for module, flow, section in flow_classes(code):
        for node in ast.walk(flow):
            if isinstance(node, ast.Call):
                where = f"{module.path}:{node.lineno}"
                yield from _call_uses(code, node, where, section)
            elif isinstance(node, ast.Assign) and _is_errors(node.targets[0]):
                where = f"{module.path}:{node.lineno}"
                yield Use(where, f"{section}.error", code.strings(node.value))
        if section.startswith("config_subentries."):
            steps = {n.name for n in flow.body if isinstance(n, ast.AsyncFunctionDef)}
            begun = {"user", "reconfigure"} if "async_step_reconfigure" in steps else {"user"}
            where = f"{module.path}:{flow.lineno}"
            yield Use(where, f"{section}.initiate_flow", frozenset(begun))
    yield from menu_uses(code)


def _is_errors(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and target.value.id.endswith("errors")
    )


def _call_uses(code: Code, call: ast.Call, where: str, section: str) -> Iterator[Use]:
    name = function_name(call)
    step = keyword(call, "step_id")
    if step and name != "async_show_progress":
        given = given_names(call, "description_placeholders")
        yield Use(where, f"{section}.step", code.strings(step), given)
    if isinstance(errors := keyword(call, "errors"), ast.Dict):
        for value in errors.values:
            yield Use(where, f"{section}.error", code.strings(value))
    if progress := keyword(call, "progress_action"):
        yield Use(where, f"{section}.progress", code.strings(progress))
    reason = keyword(call, "reason")
    if name == "AbortFlow" and call.args:
        reason = call.args[0]
    if reason:
        yield Use(where, f"{section}.abort", code.strings(reason))
    elif name in UPDATE_AND_ABORT:
        yield Use(where, f"{section}.abort", UPDATED, one_is_enough=True)
    elif name in DEFAULT_REASONS and not keyword(call, "error"):
        yield Use(where, f"{section}.abort", frozenset({DEFAULT_REASONS[name]}))


def menu_uses(code: Code) -> Iterator[Use]:
    """Yield the options of every menu."""
    for module, flow, section in flow_classes(code):
        enclosing = makers(module)
        for call in ast.walk(flow):
            if not isinstance(call, ast.Call) or function_name(call) != "async_show_menu":
                continue
            step, options = keyword(call, "step_id"), keyword(call, "menu_options")
            steps = code.strings(step) if step else None
            if not steps or options is None:
                continue
            for origin in origins(code, options, enclosing.get(call)):
                where = f"{module.path}:{origin.line}"
                yield Use(where, f"{section}.step.{min(steps)}.menu_options", origin.keys)


def find_undescribed_flows(component: Path) -> list[str]:
    """Find steps, errors and aborts of flows without a text, and texts that no flow uses."""
    code, english = Code(component), texts(component)
    findings = []
    used: set[str] = set()
    for use in flow_uses(code):
        if use.keys is None:
            continue  # a variable: what may stand in it is looked for below, from the texts' side
        missing = [key for key in sorted(use.keys) if at(english, f"{use.section}.{key}") is None]
        used |= {f"{use.section}.{key}" for key in use.keys}
        if use.one_is_enough and len(missing) < len(use.keys):
            continue
        findings += [f"{use.where}: {use.section}.{key} has no text" for key in missing]
        findings += _find_not_given(use, english)
    defaults = UPDATED | set(DEFAULT_REASONS.values())
    sections = ["config", "options"]
    sections += [f"config_subentries.{kind}" for kind in english.get("config_subentries", {})]
    for section in sections:
        for part in ("step", "error", "abort", "progress"):
            for key in at(english, f"{section}.{part}") or ():
                path = f"{section}.{part}.{key}"
                if path not in used and key not in defaults and not code.says(key):
                    findings.append(f"translations: {path} is used nowhere")
    return findings


def _find_not_given(use: Use, english: Tree) -> list[str]:
    """Find placeholders of a step's texts that the code does not fill: people would see the braces."""
    if not use.section.endswith(".step") or use.given is None:
        return []
    return [
        f"{use.where}: {use.section}.{key} is not given {name}"
        for key in sorted(use.keys or ())
        for name in sorted(needed(at(english, f"{use.section}.{key}")) - use.given)
    ]


def _returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield what stands under the fields of the dictionaries that a function returns."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict):
            pairs = zip(node.value.keys, node.value.values, strict=True)
            yield from (value for key, value in pairs if key is not None)


def find_untold_errors(component: Path) -> list[str]:
    """Find errors that the parts of the flows make, outside of the flows' classes, without a text."""
    code, english = Code(component), texts(component)
    sections = [english.get("config", {}), *english.get("config_subentries", {}).values()]
    told = {key for flow in sections for key in {**flow.get("error", {}), **flow.get("abort", {})}}
    findings = []
    for module in code.modules:
        if module.path.parts[0] not in ("flows", "receivers.py"):
            continue
        for node in ast.walk(module.tree):
            values: list[ast.expr] = []
            match node:
                case ast.Assign(targets=[target], value=value) if _is_errors(target):
                    values = [value]
                case ast.Assign(targets=[ast.Name(id="errors")], value=ast.Dict(values=those)):
                    values = those
                case ast.FunctionDef(returns=ast.expr() as returns) if (
                    ast.unparse(returns) == "dict[str, str]"
                ):
                    values = list(_returned(node))
                case ast.Call(args=[_, value, *_]) if function_name(node).endswith(
                    ("Flaw", "FlawError")
                ):
                    values = [value]
                case ast.Call(args=[value]) if function_name(node).endswith("Error"):
                    values = [*value.values] if isinstance(value, ast.BoolOp) else [value]
                case _:
                    pass
            findings += [
                f"{module.path}:{value.lineno}: no flow has the error {key}"
                for value in values
                for key in sorted(code.strings(value) or ())
                if re.fullmatch(r"[a-z]+(_[a-z]+)*", key) and key not in told
            ]
    return findings


def find_unlabelled_fields(component: Path) -> list[str]:
    """Find form fields that no step labels and describes, and labels of no field."""
    code, english = Code(component), texts(component)
    flow_files = {module.path for module, _, _ in flow_classes(code)}
    flow_files |= {module.path for module in code.modules if module.path.parts[0] == "flows"}
    fields: dict[str, str] = {}
    for module in code.modules:
        if module.path not in flow_files:
            continue
        for call in calls(module):
            if function_name(call) in ("Required", "Optional") and call.args:
                where = f"{module.path}:{call.lineno}"
                fields |= dict.fromkeys(code.strings(call.args[0]) or (), where)
    labelled = {"data": set[str](), "data_description": set[str]()}
    for section in ("config", "options", "config_subentries"):
        _collect_labels(english.get(section, {}), labelled)
    findings = [
        f"{where}: the field {field} has no {kind}"
        for kind, known in labelled.items()
        for field, where in fields.items()
        if field not in known
    ]
    return findings + [
        f"translations: {field} labels no field of a flow"
        for field in sorted(labelled["data"] - set(fields))
        if not code.says(field)
    ]


def find_untold_problems(component: Path) -> list[str]:
    """Find what a form may refuse, by the enums named ...Problem, and no flow has a text for."""
    code, english = Code(component), texts(component)
    flows = [english.get("config", {}), *english.get("config_subentries", {}).values()]
    told = {key for flow in flows for key in flow.get("error", {})}
    return [
        f"{name}.{member}: no flow has the error {text}"
        for name, members in code.enums.items()
        if name.endswith("Problem")
        for member, text in members.items()
        if text not in told
    ]


def find_unnamed_choices(component: Path) -> list[str]:
    """Find lists of choices whose options have no texts, and texts of no list."""
    code, english = Code(component), texts(component)
    selectors = english.get("selector", {})
    findings = []
    for module in code.modules:
        enclosing = makers(module)
        for call in calls(module):
            key = keyword(call, "translation_key")
            if key is None or function_name(call) != "SelectSelectorConfig":
                continue
            for origin in origins(code, key, enclosing.get(call)):
                findings += [
                    f"{origin.path}:{origin.line}: selector.{name}.options has no texts"
                    for name in sorted(origin.keys or ())
                    if not at(selectors, f"{name}.options")
                ]
    return findings + [
        f"translations: selector.{name}.options.{option} is used nowhere"
        for name, selector in selectors.items()
        for option in selector.get("options", {})
        if not code.says(option)
    ]


def _collect_labels(tree: Tree, labelled: dict[str, set[str]]) -> None:
    for key, value in tree.items():
        if key in labelled and isinstance(value, dict):
            labelled[key] |= set(value)
        elif isinstance(value, dict):
            if key == "sections":
                labelled["data"] |= set(value)
                labelled["data_description"] |= set(value)
            _collect_labels(value, labelled)
