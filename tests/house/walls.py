"""The walls of the house as functions over a tree, so that a test can build a crooked one too.

Each `find_...` returns findings as `path:line: what is wrong`, none when the wall stands. The
parts and arrows are those of docs/architecture.md.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import re
import subprocess
import sys
from typing import Final

COMPONENT: Final = Path("custom_components/kvarbo")
PACKAGE: Final = "custom_components.kvarbo"

#: Parts that import nothing of Home Assistant, themselves or by what they import. One that is not
#: built yet is passed over.
PURE: Final = (
    "alarm",
    "journal",
    "transmission",
    "supervision",
    "faults",
    "chain",
    "answers",
    "mains",
    "proven",
    "path_check",
    "access",
    "dispensing",
    "documents",
    "commissioning",
    "figures",
    "home_names",
    "rule",
    "way_out",
    "home_file",
    "pages",
)

#: Every file that is not named below, Home Assistant's platforms foremost: the home, the words in
#: which it speaks, and what platforms share. Neither the journal nor the transmission.
PLATFORM_ARROWS: Final = frozenset(
    {"const", "alarm", "faults", "chain", "answers", "devices", "home"}
    | {"role", "entity", "newcomers", "quoting", "watching", "supervision", "rule", "way_out"}
    | {"path_check", "entrance", "dispensing", "commissioning"}
)

#: What a part of the component may import of the component, besides itself.
ARROWS: Final[dict[str, frozenset[str]]] = {
    "const": frozenset(),
    "host": frozenset(),
    "platforms": frozenset(),
    "role": frozenset({"const"}),
    "quoting": frozenset(),
    "panel": frozenset({"const"}),
    "blueprint_offer": frozenset({"const"}),
    "alarm": frozenset(),
    "journal": frozenset({"alarm"}),
    "transmission": frozenset({"alarm", "journal"}),
    "supervision": frozenset({"alarm"}),
    "devices": frozenset({"alarm", "const", "supervision", "dispensing"}),
    "dispensing": frozenset({"supervision"}),
    "faults": frozenset({"alarm", "transmission"}),
    "figures": frozenset({"alarm", "journal", "supervision", "transmission"}),
    "access": frozenset({"alarm", "supervision"}),
    "alarm_desk": frozenset({"chain", "transmission"}),
    "entrance": frozenset(
        {"access", "alarm", "chain", "devices", "faults", "journal", "supervision"}
    ),
    "entrances": frozenset(
        {"access", "alarm", "chain", "devices", "dwelling", "entrance", "supervision"}
    ),
    "chain": frozenset({"alarm", "journal", "transmission", "faults"}),
    "answers": frozenset({"alarm"}),
    "receiver_flaws": frozenset({"alarm", "transmission", "const"}),
    "way_out": frozenset({"const", "transmission"}),
    "receivers_scaip": frozenset({"alarm", "transmission", "const", "receiver_flaws"}),
    "receivers_mqtt": frozenset({"alarm", "transmission", "const", "receiver_flaws"}),
    "receivers": frozenset(
        {"alarm", "transmission", "const", "receiver_flaws", "receivers_scaip", "way_out"}
        | {"receivers_mqtt"}
    ),
    "health": frozenset({"commissioning", "alarm", "const", "devices", "home", "transmission"}),
    "mains": frozenset({"alarm", "faults", "supervision"}),
    "proven": frozenset({"alarm", "journal", "transmission", "faults"}),
    "glance": frozenset({"alarm", "chain", "const", "findings", "transmission"}),
    "path_check": frozenset({"alarm", "chain", "findings", "transmission"}),
    "paths": frozenset({"chain", "path_check", "way_out"}),
    "self_check": frozenset(
        {"alarm", "journal", "chain", "findings", "mains", "proven", "supervision"}
        | {"devices", "rounds"}
    ),
    "rounds": frozenset({"alarm", "devices", "faults", "journal", "transmission"}),
    "findings": frozenset({"alarm", "journal", "transmission", "faults", "chain"}),
    "dwelling": frozenset({"const", "supervision"}),
    "consent_bases": frozenset({"supervision"}),
    "watching": frozenset({"alarm", "journal", "transmission", "supervision", "chain"}),
    "rule": frozenset({"supervision"}),
    "home_names": frozenset(),
    "home_file": frozenset(
        {"access", "alarm", "const", "dispensing", "home_names", "rule", "supervision"}
        | {"transmission", "way_out"}
    ),
    "home_file_rows": frozenset(
        {"const", "home_file", "receiver_flaws", "receivers", "supervision"}
    ),
    "home_file_present": frozenset(
        {"const", "dwelling", "home", "home_file", "home_file_rows", "rule", "supervision"}
    ),
    "home_file_checks": frozenset(
        {"call_fields", "const", "home", "home_file", "home_file_present", "home_file_rows"}
        | {"supervision", "transmission", "way_out"}
    ),
    "home_file_steps": frozenset(
        {"alarm", "blueprint_offer", "const", "home", "home_file", "home_file_present"}
        | {"home_file_rows", "receivers", "supervision", "way_out"}
    ),
    "home_file_apply": frozenset(
        {"home", "home_file", "home_file_checks", "home_file_present", "home_file_steps"}
        | {"journal", "supervision"}
    ),
    "rule_issues": frozenset({"alarm", "supervision", "watching"}),
    "documents": frozenset({"alarm", "supervision", "transmission"}),
    "papers": frozenset(
        {"access", "alarm", "const", "documents", "dwelling", "home", "supervision"}
        | {"transmission", "watching", "way_out"}
    ),
    "home": frozenset(
        {"alarm", "journal", "transmission", "supervision", "devices", "const"}
        | {"faults", "chain", "answers", "receivers", "host", "findings", "dwelling", "watching"}
        | {"consent_bases", "way_out", "glance", "self_check", "paths", "alarm_desk", "entrances"}
        | {"installation"}
        | {"figures"}
    ),
    "entity": PLATFORM_ARROWS - {"newcomers"},
    "newcomers": frozenset({"home"}),
    "repairs": PLATFORM_ARROWS | {"issues"},
    "outsiders": frozenset(),
    "issues": PLATFORM_ARROWS | {"rule_issues", "outsiders"},
    "call_fields": PLATFORM_ARROWS,
    "actions": PLATFORM_ARROWS | {"call_fields"},
    "supervision_actions": PLATFORM_ARROWS | {"call_fields"},
    "figures_actions": PLATFORM_ARROWS | {"call_fields", "figures", "journal"},
    "standing": PLATFORM_ARROWS | {"health", "rounds", "transmission"},
    "settings_actions": frozenset(
        {"alarm", "call_fields", "const", "home", "home_file", "home_file_apply", "role"}
    ),
    "history": PLATFORM_ARROWS | {"dwelling"},
    "replay_action": PLATFORM_ARROWS | {"call_fields", "commands", "dwelling", "history"},
    "commands": frozenset({"role"}),
    "commissioning": frozenset({"alarm"}),
    "installation": frozenset(
        {"alarm", "chain", "commissioning", "devices", "journal", "self_check", "supervision"}
        | {"transmission", "watching"}
    ),
    "installation_actions": frozenset(
        {"call_fields", "commands", "commissioning", "const", "home", "installation", "role"}
    ),
    "pages": frozenset({"alarm", "devices", "supervision", "transmission"}),
    "home_facts": frozenset(
        {"alarm", "const", "devices", "findings", "home", "pages", "quoting", "supervision"}
        | {"transmission", "way_out"}
    ),
    "home_commands": frozenset(
        {"alarm", "commands", "const", "dwelling", "home", "home_facts", "pages", "role"}
    ),
    "flows": frozenset(
        {"const", "alarm", "supervision", "devices", "receivers", "transmission", "home", "quoting"}
        | {"receiver_flaws", "receivers_scaip", "way_out", "access", "dispensing", "role"}
        | {"home_file", "home_names"}
    ),
    "config_flow": frozenset({"const", "alarm", "flows", "home"}),
    "__init__": frozenset(
        {"const", "health", "home", "actions", "supervision_actions", "replay_action", "commands"}
        | {"installation_actions", "home_file_apply", "settings_actions", "standing"}
        | {"issues", "panel", "papers", "platforms", "blueprint_offer", "figures_actions"}
        | {"home_commands"}
    ),
}

#: What the integration never imports: it must run without them.
OUTSIDE: Final = frozenset({"simulator", "tests", "benchmarks", "scripts"})

LINES: Final = 400
TEST_LINES: Final = 500

#: Folders that are not ours to judge: environments, caches, what the demo leaves.
NOT_OURS: Final = frozenset(
    {".git", ".venv", ".python", ".demo", ".bench", "config", "dist", "__pycache__", "node_modules"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", "htmlcov"}
)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module by its full dotted name, and the line it stands on."""

    module: str
    line: int


def python_files(root: Path) -> Iterator[Path]:
    """Yield every Python file under `root`, also scripts that have no ending."""
    for folder, folders, files in root.walk():
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        for name in sorted(files):
            path = folder / name
            if name in NOT_OURS:
                continue  # a link to a folder stands among the files
            if path.suffix == ".py" or (not path.suffix and _is_python_script(path)):
                yield path


def _is_python_script(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(80)
    return first.startswith(b"#!") and b"python" in first


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(root: Path, path: Path) -> list[Import]:
    """Return what a file imports, relative imports resolved.

    Imports inside functions and for types only count too. `from x import y` counts as x and as
    x.y, since y may be a module.
    """
    package = path.relative_to(root).with_suffix("").parts[:-1]
    found = []
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *filter(None, [node.module])))
            found.append(Import(module, node.lineno))
            found += [Import(f"{module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def part_of(root: Path, path: Path) -> str:
    """Return the part of the component that a file belongs to: its folder, or its own name."""
    inside = path.relative_to(root / COMPONENT)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def parts(root: Path) -> frozenset[str]:
    """Return all parts that the component has."""
    return frozenset(part_of(root, path) for path in python_files(root / COMPONENT))


def _where(root: Path, path: Path, line: int) -> str:
    return f"{path.relative_to(root)}:{line}"


def find_wrong_arrows(root: Path) -> list[str]:
    """Find imports inside the component that run against the arrows."""
    findings = []
    known = parts(root)
    for path in python_files(root / COMPONENT):
        here = part_of(root, path)
        allowed = ARROWS.get(here, PLATFORM_ARROWS) | {here}
        seen: set[tuple[str, int]] = set()
        for imported in imports(root, path):
            if imported.module == PACKAGE:
                continue  # only the names taken from it tell: see the rest
            there = imported.module.removeprefix(f"{PACKAGE}.").split(".")[0]
            if not imported.module.startswith(f"{PACKAGE}.") or (there, imported.line) in seen:
                continue
            seen.add((there, imported.line))
            # A name that is no file is something defined in the component's own `__init__`.
            there = there if there in known else "__init__"
            if there not in allowed:
                where = _where(root, path, imported.line)
                findings.append(f"{where}: {here} must not import {there}")
    return findings


def find_outside_imports(root: Path) -> list[str]:
    """Find imports of the simulator, the tests and their like in the component."""
    return [
        f"{_where(root, path, imported.line)}: the integration must not import {imported.module}"
        for path in python_files(root / COMPONENT)
        for imported in imports(root, path)
        if imported.module.split(".")[0] in OUTSIDE
    ]


def find_shared_code(root: Path) -> list[str]:
    """Find imports of the integration in the simulator: one misunderstanding on both sides proves nothing."""
    return [
        f"{_where(root, path, imported.line)}: the far end must not import {imported.module}"
        for path in python_files(root / "simulator")
        for imported in imports(root, path)
        if imported.module.split(".")[0] == "custom_components"
    ]


def find_long_files(root: Path) -> list[str]:
    """Find Python files over the limit of lines."""
    findings = []
    for path in python_files(root):
        limit = TEST_LINES if path.relative_to(root).parts[0] == "tests" else LINES
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > limit:
            findings.append(f"{_where(root, path, lines)}: {lines} lines, the limit is {limit}")
    return findings


def find_banned_imports(root: Path) -> list[str]:
    """Find imports that the house does without, each with what takes its place."""
    findings = []
    for path in python_files(root):
        for imported in imports(root, path):
            where = _where(root, path, imported.line)
            top = imported.module.split(".")[0]
            if top == "voluptuous":
                findings.append(f"{where}: import probatio in place of voluptuous")
            elif imported.module == "__future__.annotations":
                findings.append(f"{where}: annotations are lazy since Python 3.14")
            elif top == "sqlite3" and not _may_use_sqlite(root, path):
                findings.append(f"{where}: only the journal opens a database")
    return list(dict.fromkeys(findings))


def _may_use_sqlite(root: Path, path: Path) -> bool:
    inside = path.relative_to(root)
    return not inside.is_relative_to(COMPONENT) or inside.is_relative_to(COMPONENT / "journal")


def find_data_by_domain(root: Path) -> list[str]:
    """Find state kept in `hass.data` under the domain; it belongs in the entry's `runtime_data`."""
    findings = []
    for path in python_files(root / COMPONENT):
        for node in ast.walk(parse(path)):
            match node:
                case ast.Subscript(value=ast.Attribute(attr="data"), slice=key) if _is_domain(key):
                    pass
                case ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="data")), args=[key, *_]
                ) if _is_domain(key):
                    pass
                case _:
                    continue
            where = _where(root, path, node.lineno)
            findings.append(f"{where}: state belongs in entry.runtime_data, not in hass.data")
    return findings


def _is_domain(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="DOMAIN") | ast.Attribute(attr="DOMAIN") | ast.Constant(value="kvarbo"):
            return True
        case _:
            return False


def find_vague_names(root: Path) -> list[str]:
    """Find classes and files named for nothing in the field: Manager, Helper, Util."""
    vague = ("Manager", "Helper", "Helpers", "Util", "Utils")
    findings = []
    for path in python_files(root):
        if path.stem.title().endswith(vague):
            findings.append(f"{_where(root, path, 1)}: name the file for what it does")
        findings += [
            f"{_where(root, path, node.lineno)}: name {node.name} for what it is in the field"
            for node in ast.walk(parse(path))
            if isinstance(node, ast.ClassDef) and node.name.endswith(vague)
        ]
    return findings


#: The rules of the alarm chain (docs/architecture.md).
RULES: Final = tuple(f"A{number}" for number in range(1, 13))


def find_unproved_rules(root: Path) -> list[str]:
    """Find rules of the alarm chain that no code states or no test names by its number."""
    findings = []
    for place, folder in (("code", root / COMPONENT), ("test", root / "tests")):
        told = {
            rule
            for path in python_files(folder)
            if not path.is_relative_to(root / "tests" / "house")
            for rule in re.findall(r"\bA\d+\b", path.read_text(encoding="utf-8"))
        }
        findings += [f"{rule}: no {place} names it" for rule in RULES if rule not in told]
    return findings


#: Runs in a fresh interpreter. The component's own `__init__` is Home Assistant's door and is not
#: gone through: an empty package stands in its place, so that a pure part which needs anything from
#: the door fails too.
_IMPORT_PURE: Final = """
import importlib, sys, types

root, package, *modules = sys.argv[1:]


class NoHomeAssistant:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("homeassistant", "voluptuous", "probatio"):
            raise ImportError(f"{name} is blocked: a pure part reached for Home Assistant")
        return None


sys.meta_path.insert(0, NoHomeAssistant())
sys.path.insert(0, root)
for name in ("custom_components", package):
    empty = types.ModuleType(name)
    empty.__path__ = [root + "/" + name.replace(".", "/")]
    sys.modules[name] = empty
for module in modules:
    importlib.import_module(module)
    print(module)
"""


def pure_modules(root: Path) -> list[str]:
    """Return the dotted names of all modules in the pure parts."""
    names = []
    for path in python_files(root / COMPONENT):
        if part_of(root, path) in PURE:
            dotted = path.relative_to(root).with_suffix("").parts
            names.append(".".join(dotted[:-1] if dotted[-1] == "__init__" else dotted))
    return names


def import_pure(root: Path, module: str | None = None) -> tuple[list[str], str]:
    """Import the pure modules (or one) where Home Assistant cannot be imported.

    Returns the names that were imported and what the interpreter said on its error channel.
    """
    modules = [module] if module else pure_modules(root)
    command = [sys.executable, "-c", _IMPORT_PURE, str(root), PACKAGE, *modules]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return run.stdout.split(), run.stderr.strip()
