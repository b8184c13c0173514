"""The checks of Home Assistant's own `hassfest` that bite a custom integration, in our words.

hassfest itself runs only as a container in CI; these run with the tests. Each `find_...` takes the
component's folder and returns findings, none when all is well.
"""

import ast
from pathlib import Path
import re
import string
from typing import Any, Final

from awesomeversion import AwesomeVersion, AwesomeVersionException, AwesomeVersionStrategy
from homeassistant.const import Platform
import probatio

from tests.house.tree import LANGUAGES, Code, Tree, at, leaves, load, load_if_there, texts

REQUIRED_KEYS: Final = (
    "domain",
    "name",
    "codeowners",
    "config_flow",
    "documentation",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "version",
)

#: Integrations whose code may be imported without being named in the manifest.
ALWAYS_THERE: Final = frozenset(platform.value for platform in Platform) | {
    "automation",
    "homeassistant",
    "persistent_notification",
    "script",
    "sun",
    "system_health",
    "system_log",
    "webhook",
    "websocket_api",
    "zone",
}

VERSIONS: Final = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.PEP440,
]

KEY: Final = re.compile(r"^[a-z0-9](?:[a-z0-9]|[-_](?![-_]))*$")
HTML: Final = re.compile(r"<[a-zA-Z/]")
URL: Final = re.compile(r"(?:[a-z]+://|www\.)\w", re.IGNORECASE)
QUOTED_PLACEHOLDER: Final = re.compile(r"'\{\w+\}'")


def find_manifest_faults(component: Path) -> list[str]:
    """Check the keys of the manifest, their order and what they say."""
    manifest = load(component, "manifest.json")
    findings = [f"manifest.json: {key} is missing" for key in REQUIRED_KEYS if key not in manifest]
    keys = list(manifest)
    wanted = ["domain", "name", *sorted(key for key in keys if key not in ("domain", "name"))]
    if keys != wanted:
        findings.append(f"manifest.json: order must be {', '.join(wanted)}")
    if manifest.get("domain") != component.name:
        findings.append("manifest.json: domain is not the folder's name")
    try:
        AwesomeVersion(manifest.get("version", ""), ensure_strategy=VERSIONS)
    except AwesomeVersionException:
        findings.append("manifest.json: version is no version")
    if not all(str(owner).startswith("@") for owner in manifest.get("codeowners", [])):
        findings.append("manifest.json: a code owner is written @name")
    findings += [
        f"manifest.json: {key} must be an https address"
        for key in ("documentation", "issue_tracker")
        if not str(manifest.get(key, "")).startswith("https://")
    ]
    findings += [
        f"manifest.json: requirement {requirement} must be pinned by =="
        for requirement in manifest.get("requirements", [])
        if "==" not in requirement
    ]
    both = set(manifest.get("dependencies", [])) & set(manifest.get("after_dependencies", []))
    findings += [f"manifest.json: {name} is in both lists of dependencies" for name in sorted(both)]
    return findings


def find_unnamed_dependencies(component: Path) -> list[str]:
    """Find imports of other integrations that the manifest does not name."""
    manifest = load(component, "manifest.json")
    named = ALWAYS_THERE | {
        component.name,
        *manifest.get("dependencies", []),
        *manifest.get("after_dependencies", []),
    }
    if "bluetooth_adapters" in named:
        named |= {"bluetooth"}
    findings = []
    for module in Code(component).modules:
        # diagnostics.py may import diagnostics: it is loaded by it.
        platform = module.path.parts[0].removesuffix(".py")
        for line, integration in _integrations(module.tree):
            beside = (component / f"{integration}.py").is_file()
            if integration not in named | {platform} and not beside:
                findings.append(
                    f"{module.path}:{line}: {integration} is in no list of dependencies "
                    "of manifest.json"
                )
    return list(dict.fromkeys(findings))


def _integrations(tree: ast.Module) -> list[tuple[int, str]]:
    """Return line and name of every integration that is imported when the module is."""
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = []
    for node in ast.walk(tree):
        if node in typing_only or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        modules = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{name}" for name in modules] if not node.level else []
        for module in modules:
            parts = module.split(".")
            if parts[:2] == ["homeassistant", "components"] and len(parts) > 2:
                found.append((node.lineno, parts[2]))
    return found


TEXTS: Final = {str: str}
STEP: Final = {
    probatio.Optional("title"): str,
    probatio.Optional("description"): str,
    probatio.Optional("data"): TEXTS,
    probatio.Optional("data_description"): TEXTS,
    probatio.Optional("menu_options"): TEXTS,
    probatio.Optional("menu_option_descriptions"): TEXTS,
    probatio.Optional("submit"): str,
    probatio.Optional("sections"): {
        str: {
            probatio.Optional("name"): str,
            probatio.Optional("description"): str,
            probatio.Optional("data"): TEXTS,
            probatio.Optional("data_description"): TEXTS,
        }
    },
}
FLOW: Final[dict[Any, Any]] = {
    probatio.Optional("flow_title"): str,
    probatio.Required("step"): {str: STEP},
    probatio.Optional("error"): TEXTS,
    probatio.Optional("abort"): TEXTS,
    probatio.Optional("progress"): TEXTS,
    probatio.Optional("create_entry"): TEXTS,
}
SUBENTRY_FLOW: Final[dict[Any, Any]] = {
    **FLOW,
    probatio.Required("entry_type"): str,
    probatio.Required("initiate_flow"): {probatio.Required("user"): str, str: str},
}
ENTITY: Final = {
    probatio.Optional("name"): str,
    probatio.Optional("state"): TEXTS,
    probatio.Optional("unit_of_measurement"): str,
    probatio.Optional("state_attributes"): {
        str: {probatio.Optional("name"): str, probatio.Optional("state"): TEXTS}
    },
}
NAMED: Final[dict[Any, Any]] = {
    probatio.Required("name"): str,
    probatio.Required("description"): str,
}
DESCRIBED: Final[dict[Any, Any]] = {
    **NAMED,
    probatio.Optional("fields"): {str: NAMED},
    probatio.Optional("sections"): {
        str: {probatio.Required("name"): str, probatio.Optional("description"): str}
    },
}
ISSUE: Final = probatio.Any(
    {probatio.Required("title"): str, probatio.Required("description"): str},
    {probatio.Required("title"): str, probatio.Required("fix_flow"): FLOW},
)
TRANSLATIONS: Final = probatio.Schema(
    {
        probatio.Optional("title"): str,
        probatio.Optional("config"): FLOW,
        probatio.Optional("options"): FLOW,
        probatio.Optional("config_subentries"): {str: SUBENTRY_FLOW},
        probatio.Optional("entity"): {str: {str: ENTITY}},
        probatio.Optional("device"): {str: {probatio.Required("name"): str}},
        probatio.Optional("services"): {str: DESCRIBED},
        probatio.Optional("triggers"): {str: DESCRIBED},
        probatio.Optional("conditions"): {str: DESCRIBED},
        probatio.Optional("exceptions"): {str: {probatio.Required("message"): str}},
        probatio.Optional("issues"): {str: ISSUE},
        probatio.Optional("selector"): {
            str: {probatio.Optional("options"): TEXTS, probatio.Optional("fields"): {str: NAMED}}
        },
        probatio.Optional("system_health"): {probatio.Optional("info"): TEXTS},
        probatio.Optional("common"): dict,
    }
)

#: Under these the last part of a path is a name of ours, not a word of Home Assistant's.
OPEN_NAMES: Final = frozenset({"state", "options", "error", "abort", "progress", "create_entry"})


def find_translation_faults(component: Path) -> list[str]:
    """Check that both languages have the form, the same keys and the same placeholders."""
    findings = []
    if (component / "strings.json").exists():
        findings.append("strings.json: a custom integration has only translations/")
    for language in LANGUAGES:
        where = f"translations/{language}.json"
        tree = texts(component, language)
        try:
            TRANSLATIONS(tree)
        except probatio.Invalid as error:
            findings.append(f"{where}: {error}")
        for path, value in leaves(tree):
            findings += [f"{where}: {path} {fault}" for fault in text_faults(value)]
            keys = path.split(".")
            if len(keys) > 1 and keys[-2] in OPEN_NAMES and not KEY.match(keys[-1]):
                findings.append(f"{where}: {path} is no valid key")
        for path, fields in _described_fields(tree):
            unknown = set(fields.get("data_description", {})) - set(fields.get("data", {}))
            findings += [f"{where}: {path}.data_description.{key} is no field" for key in unknown]
    return findings + find_parity_faults(texts(component, "en"), texts(component, "sv"))


def _described_fields(tree: Tree, prefix: str = "") -> list[tuple[str, Tree]]:
    found = [(prefix, tree)] if "data_description" in tree else []
    for key, value in tree.items():
        if isinstance(value, dict):
            found += _described_fields(value, f"{prefix}.{key}".lstrip("."))
    return found


def find_parity_faults(english: Tree, swedish: Tree) -> list[str]:
    """Check that two languages have the same keys, and each text the same placeholders."""
    one, other = dict(leaves(english)), dict(leaves(swedish))
    findings = [f"sv: {path} is missing" for path in one if path not in other]
    findings += [f"en: {path} is missing" for path in other if path not in one]
    findings += [
        f"sv: {path} has the placeholders {sorted(placeholders(other[path]))}, "
        f"en has {sorted(placeholders(one[path]))}"
        for path in one
        if path in other and placeholders(one[path]) != placeholders(other[path])
    ]
    return findings


def placeholders(text: object) -> frozenset[str]:
    """Return the names in braces of a text."""
    try:
        return frozenset(name for _, name, _, _ in string.Formatter().parse(str(text)) if name)
    except ValueError:
        return frozenset()


def text_faults(value: Any) -> list[str]:
    """Return what is wrong with one user text."""
    if not isinstance(value, str):
        return ["is no text"]
    faults = {
        "is empty": not value,
        "begins or ends with a space": value != value.strip(),
        "holds HTML": HTML.search(value),
        "holds an address: use a placeholder": URL.search(value),
        "holds a reference: only core has those": "[%" in value,
        "quotes a placeholder with single quotes": QUOTED_PLACEHOLDER.search(value),
        "has a placeholder that is no name": any(
            not name.isidentifier() for name in placeholders(value)
        ),
    }
    try:
        list(string.Formatter().parse(value))
    except ValueError as error:
        faults[f"has broken braces: {error}"] = True
    return [fault for fault, found in faults.items() if found]


#: What is described in YAML: the file, its key in the texts and icons, and the icon's own key.
YAML_KINDS: Final = (
    ("services.yaml", "services", "service"),
    ("triggers.yaml", "triggers", "trigger"),
    ("conditions.yaml", "conditions", "condition"),
)


def find_yaml_faults(component: Path) -> list[str]:
    """Check that every action, trigger, condition and field has a text and an icon, and no more."""
    icons = load(component, "icons.json")
    english = texts(component)
    findings = []
    for file, section, icon in YAML_KINDS:
        # A key that begins with a dot is an anchor for others.
        described = {
            name: body
            for name, body in load_if_there(component, file).items()
            if not name.startswith(".")
        }
        for name, body in described.items():
            here = f"{section}.{name}"
            fields = _fields(body or {})
            wanted = {f"{here}.name", f"{here}.description"}
            wanted |= {f"{here}.fields.{field}.name" for field in fields}
            wanted |= {f"{here}.fields.{field}.description" for field in fields}
            findings += [
                f"{file}: {path} is in no text"
                for path in sorted(wanted)
                if not isinstance(at(english, path), str)
            ]
            findings += [
                f"translations: {here}.fields.{field} is in no {file}"
                for field in at(english, f"{here}.fields") or {}
                if field not in fields
            ]
            if not at(icons, f"{here}.{icon}"):
                findings.append(f"icons.json: {here}.{icon} is missing")
            for field, about in fields.items():
                findings += _select_faults(english, f"{file}: {name}.{field}", about)
        for source, tree in (("translations", english), ("icons.json", icons)):
            gone = set(tree.get(section, {})) - set(described)
            findings += [f"{source}: {section}.{name} is in no {file}" for name in sorted(gone)]
    return findings


def _fields(body: Tree) -> Tree:
    """Return the fields of an action, also those inside sections."""
    found: Tree = {}
    for name, field in (body.get("fields") or {}).items():
        found |= _fields(field) if "fields" in (field or {}) else {name: field or {}}
    return found


def _select_faults(english: Tree, where: str, field: Tree) -> list[str]:
    if not field.get("selector"):
        return [f"{where} has no selector"]
    select = at(field, "selector.select")
    if not select:
        return []
    key = select.get("translation_key")
    if not key:
        return [f"{where}: its options cannot be read by people: no translation_key"]
    wanted, there = set(select["options"]), set(at(english, f"selector.{key}.options") or {})
    here = f"{where}: selector.{key}.options"
    findings = [f"{here}.{option} has no text" for option in sorted(wanted - there)]
    return findings + [f"{here}.{option} is no option" for option in sorted(there - wanted)]


def find_icon_faults(component: Path) -> list[str]:
    """Check that every icon is of Material Design, and every entity of the texts has one."""
    icons = load(component, "icons.json")
    findings = [
        f"icons.json: {path} must be an mdi: icon"
        for path, value in leaves(icons)
        if not re.fullmatch(r"mdi:[a-z0-9-]+", str(value))
    ]
    findings += [
        f"icons.json: {section} is no section of it"
        for section in icons
        if section not in ("entity", "services", "triggers", "conditions", "issues")
    ]
    english, iconned = texts(component).get("entity", {}), icons.get("entity", {})
    for platform in sorted({*english, *iconned}):
        named, drawn = set(english.get(platform, {})), set(iconned.get(platform, {}))
        findings += [f"icons.json: entity.{platform}.{k} is missing" for k in sorted(named - drawn)]
        findings += [
            f"icons.json: entity.{platform}.{k} has no name" for k in sorted(drawn - named)
        ]
    return findings
