"""Whether the documents are true: links lead somewhere, names exist, lists are whole.

Each `find_...` takes the root of the repository and returns findings as `path:line: what is
wrong`, none when all is well.
"""

from collections.abc import Iterable, Iterator
import os
from pathlib import Path
import re
import subprocess
import sys
from typing import Final

from tests.house.tree import at, leaves, load_if_there, texts
from tests.house.walls import COMPONENT, NOT_OURS, imports, python_files

LINK: Final = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
SPAN: Final = re.compile(r"`([^`]+)`")
FENCE: Final = re.compile(r"^\s*(```|~~~)")
HEADING: Final = re.compile(r"^#+\s+(.*?)\s*$")
HTML_ANCHOR: Final = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")

#: Folders of the repository: a name in a document that begins with one of these must exist.
FOLDERS: Final = ("benchmarks", "blueprints", "custom_components", "docs", "requirements")
FOLDERS_TOO: Final = (".ci", ".github", "scripts", "simulator", "tests")

COMMAND: Final = re.compile(r"(?<![\w/.])(scripts/[\w-]+|\.ci/run)((?:\s+-{1,2}[\w-]+)*)")


def tracked_files(root: Path) -> list[Path]:
    """Return the files that the repository holds or is about to; without git, all that are ours."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        paths = [root / name for name in listed.stdout.split("\0") if name]
        return sorted(path for path in paths if path.is_file())
    found: list[Path] = []
    for folder, folders, files in root.walk():
        folders[:] = [name for name in folders if name not in NOT_OURS]
        found += [folder / name for name in files]
    return sorted(found)


def documents(root: Path) -> list[Path]:
    """Return all Markdown files of the repository."""
    return [path for path in tracked_files(root) if path.suffix == ".md"]


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a document that stand outside of code blocks."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(path: Path) -> frozenset[str]:
    """Return the anchors that a code host makes of a document's headings."""
    found: list[str] = []
    for _, line in prose(path):
        found += HTML_ANCHOR.findall(line)
        if heading := HEADING.match(line):
            text = re.sub(r"[^\w\- ]", "", LINK.sub(lambda m: m[0].split("]")[0], heading[1]))
            slug = text.lower().replace(" ", "-")
            again = sum(
                1 for other in found if other == slug or re.fullmatch(rf"{slug}-\d+", other)
            )
            found.append(f"{slug}-{again}" if again else slug)
    return frozenset(found)


def find_broken_links(root: Path) -> list[str]:
    """Find links between documents that lead nowhere."""
    findings = []
    for path in documents(root):
        for number, line in prose(path):
            for target in LINK.findall(SPAN.sub("", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                there = (path.parent / file).resolve() if file else path
                where = f"{path.relative_to(root)}:{number}"
                if not there.exists():
                    findings.append(f"{where}: {target} leads nowhere")
                elif anchor and there.suffix == ".md" and anchor not in anchors(there):
                    findings.append(f"{where}: {target} has no such heading")
    return findings


def find_missing_files(root: Path) -> list[str]:
    """Find files of ours that a document names in code letters and that do not exist.

    A name may be given from the root of the repository or from the component.
    """
    findings = []
    for path in documents(root):
        for number, line in prose(path):
            for span in SPAN.findall(line):
                name = span.split(" ")[0].rstrip("/")
                first = name.split("/")[0]
                ours = first in FOLDERS + FOLDERS_TOO or name.endswith((".py", ".yaml", ".json"))
                if not ours or "/" not in span or not re.fullmatch(r"[\w./@-]+", name):
                    continue
                if not ((root / name).exists() or (root / COMPONENT / name).exists()):
                    findings.append(f"{path.relative_to(root)}:{number}: there is no {name}")
    return findings


def find_missing_commands(root: Path) -> list[str]:
    """Find commands in documents that do not exist, cannot be run, or know no such option."""
    findings = []
    for path in documents(root):
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            for command, options in COMMAND.findall(line):
                file, where = root / command, f"{path.relative_to(root)}:{number}"
                if not file.is_file():
                    if not file.is_dir():
                        findings.append(f"{where}: there is no {command}")
                    continue
                if not os.access(file, os.X_OK):
                    findings.append(f"{where}: {command} cannot be run")
                code = file.read_text(encoding="utf-8")
                findings += [
                    f"{where}: {command} does not speak of {option}"
                    for option in options.split()
                    if option not in code
                ]
    return findings


#: Packages whose name is not that of what one imports from them.
PACKAGE_OF: Final = {"pil": "pillow", "yaml": "pyyaml"}


def wished_packages(root: Path) -> frozenset[str]:
    """Return the packages that the repository asks for or imports, by name."""
    lines: list[str] = []
    for path in sorted((root / "requirements").glob("*.in")):
        lines += path.read_text(encoding="utf-8").splitlines()
    lines += load_if_there(root / COMPONENT, "manifest.json").get("requirements", [])
    names = (re.match(r"[A-Za-z0-9][\w.-]*", line) for line in lines)
    return frozenset(name[0].lower() for name in names if name) | _imported_packages(root)


def _imported_packages(root: Path) -> frozenset[str]:
    ours = {path.name for path in root.iterdir()} | {path.stem for path in python_files(root)}
    tops = {
        imported.module.split(".")[0]
        for path in python_files(root)
        for imported in imports(root, path)
    }
    foreign = {top.lower().replace("_", "-") for top in tops - ours - sys.stdlib_module_names}
    return frozenset(PACKAGE_OF.get(name, name) for name in foreign)


def find_unexplained_packages(root: Path) -> list[str]:
    """Find packages that are asked for or imported and that docs/dependencies.md is silent about."""
    path = root / "docs" / "dependencies.md"
    named = {span.lower() for _, line in prose(path) for span in SPAN.findall(line)}
    return [
        f"docs/dependencies.md: nothing is said of {name}"
        for name in sorted(wished_packages(root) - named)
    ]


def _joined(*parts: str) -> str:
    """Join a word that this file itself must not hold."""
    return "".join(parts)


FORBIDDEN: Final = (
    # Paths of somebody's machine.
    re.compile(_joined(r"(?<![\w.$}])/wo", r"rk/")),
    re.compile(_joined(r"(?<![\w.$}])/ro", r"ot/")),
    re.compile(_joined(r"(?<![\w.$}])/ho", r"me/[a-z]")),
    # Hosts of package registries: which one is used is the reader's business.
    re.compile(_joined(r"py", r"pi\.(org|python)")),
    re.compile(_joined(r"python", r"hosted\.org")),
    re.compile(_joined(r"(deb|ftp|security|snapshot)[\w.]*\.deb", r"ian\.org")),
    re.compile(_joined(r"registry\.np", r"mjs")),
    re.compile(_joined(r"proxy\.gol", r"ang\.org")),
)


def find_forbidden_words(root: Path) -> list[str]:
    """Find paths of machines and hosts of package registries in any file of the repository."""
    findings = []
    for path in tracked_files(root):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture
        for number, line in enumerate(lines, 1):
            findings += [
                f"{path.relative_to(root)}:{number}: {found[0]} must not stand here"
                for pattern in FORBIDDEN
                if (found := pattern.search(line))
            ]
    return findings


#: Swedish words that mean something else than what we do (needs, section 6), and what to say.
WRONG_SWEDISH: Final = {
    "övervakning": "bevakning",
    "livstecken": "kontrollsignal",
    "teknisk avvikelse": "tekniskt larm",
    "sabotage": "öppnad eller flyttad",
    "medicinrobot": "läkemedelsautomat",
}

#: What has no place on a page for a resident (R22).
WRONG_FOR_RESIDENT: Final = re.compile(
    r"\b(qr|heartbeat|tamper|hub|gateway|home assistant|zigbee|journal|integration|alarm|event|"
    r"webhook|server|vpn|the|and)\b",
    re.IGNORECASE,
)


def swedish_texts(root: Path) -> list[Path]:
    """Return the files that speak Swedish."""
    return [
        *sorted((root / "docs" / "sv").glob("*.md")),
        *sorted((root / COMPONENT).rglob("sv.json")),
    ]


def find_wrong_swedish(root: Path) -> list[str]:
    """Find Swedish words that the trade uses for something else."""
    findings = []
    for path in swedish_texts(root):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            findings += [
                f"{path.relative_to(root)}:{number}: say {right}, not {wrong}"
                for wrong, right in WRONG_SWEDISH.items()
                if wrong in line.lower()
            ]
    return findings


def find_hard_words(root: Path) -> list[str]:
    """Find words on the resident's page that are no plain Swedish, and a page that says no du."""
    path = root / "docs" / "sv" / "boende.md"
    lines = [*prose(path)]
    findings = [
        f"docs/sv/boende.md:{number}: {found[0]} is no word for a resident"
        for number, line in lines
        for found in WRONG_FOR_RESIDENT.finditer(line)
    ]
    if not any(re.search(r"\bdu\b", line, re.IGNORECASE) for _, line in lines):
        findings.append("docs/sv/boende.md: it does not say du")
    return findings


def rows(path: Path) -> Iterator[list[str]]:
    """Yield the cells of every table row of a document that begins with code letters."""
    for _, line in prose(path):
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


#: What is described in YAML, and the page that says it to people.
PAGES: Final = {
    "services.yaml": "docs/actions.md",
    "triggers.yaml": "docs/triggers.md",
    "conditions.yaml": "docs/conditions.md",
}


def find_undocumented_actions(root: Path) -> list[str]:
    """Find actions, triggers, conditions and fields that their page leaves out, or makes up."""
    findings: list[str] = []
    for file, page in PAGES.items():
        described = load_if_there(root / COMPONENT, file)
        wanted = {
            name: set((body or {}).get("fields") or {})
            for name, body in described.items()
            if not name.startswith(".")
        }
        told = _told_fields(root / page) if (root / page).is_file() else {}
        findings += _differences(page, told, wanted)
    return findings


def _told_fields(path: Path) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    here: str | None = None
    for _, line in prose(path):
        if heading := re.match(r"^## `kvarbo\.(\w+)`", line):
            here = heading[1]
            told[here] = set()
        elif line.startswith("## "):
            here = None
        elif here and (row := re.match(r"^\| `(\w+)` \|", line)):
            told[here].add(row[1])
    return told


def _differences(
    path: str, told: dict[str, set[str]], wanted: dict[str, set[str]]
) -> Iterator[str]:
    for name in sorted(told.keys() | wanted.keys()):
        if name not in told:
            yield f"{path}: {name} is left out"
        elif name not in wanted:
            yield f"{path}: {name} does not exist"
        else:
            yield from (
                f"{path}: {name}.{f} is left out" for f in sorted(wanted[name] - told[name])
            )
            yield from (
                f"{path}: {name}.{f} does not exist" for f in sorted(told[name] - wanted[name])
            )


def find_undocumented_entities(root: Path) -> list[str]:
    """Find entities whose name README.md does not list."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    entities = texts(root / COMPONENT).get("entity", {})
    names: Iterable[str] = (
        str(at(entities, f"{platform}.{key}.name"))
        for platform in entities
        for key in entities[platform]
    )
    return [
        f"README.md: nothing is said of the entity {n}" for n in names if f"| {n} |" not in readme
    ]


def find_undocumented_settings(root: Path) -> list[str]:
    """Find labels of the flows' fields that README.md does not list."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    english = texts(root / COMPONENT)
    flows = {name: english.get(name, {}) for name in ("config", "config_subentries")}
    labels = (str(label) for path, label in leaves(flows) if path.split(".")[-2] == "data")
    return [
        f"README.md: nothing is said of the setting {label}"
        for label in dict.fromkeys(labels)
        if f"| {label} |" not in readme
    ]
