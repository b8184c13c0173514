"""What the quality scale, HACS and the brand ask of the files beside the code."""

from pathlib import Path
import struct
from typing import Any, Final

from tests.house.tree import load

RULES: Final[dict[str, tuple[str, ...]]] = {
    "bronze": (
        "action-setup",
        "appropriate-polling",
        "brands",
        "common-modules",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "docs-actions",
        "docs-conditions",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-removal-instructions",
        "docs-triggers",
        "entity-event-setup",
        "entity-unique-id",
        "has-entity-name",
        "runtime-data",
        "test-before-configure",
        "test-before-setup",
        "unique-config-entry",
    ),
    "silver": (
        "action-exceptions",
        "config-entry-unloading",
        "docs-configuration-parameters",
        "docs-installation-parameters",
        "entity-unavailable",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "test-coverage",
    ),
    "gold": (
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-data-update",
        "docs-examples",
        "docs-known-limitations",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-translations",
        "exception-translations",
        "icon-translations",
        "reconfiguration-flow",
        "repair-issues",
        "stale-devices",
    ),
    "platinum": ("async-dependency", "inject-websession", "strict-typing"),
}

STATUSES: Final = ("done", "exempt", "todo")


def find_scale_faults(component: Path) -> list[str]:
    """Check that every rule stands in quality_scale.yaml, and every exemption with its reason."""
    stated: dict[str, Any] = load(component, "quality_scale.yaml").get("rules") or {}
    rules = [rule for level in RULES.values() for rule in level]
    findings = [f"quality_scale.yaml: {rule} is missing" for rule in rules if rule not in stated]
    for rule, told in stated.items():
        status, comment = told, ""
        if isinstance(told, dict):
            status, comment = told.get("status"), str(told.get("comment") or "").strip()
        if rule not in rules:
            findings.append(f"quality_scale.yaml: {rule} is no rule")
        elif status not in STATUSES:
            findings.append(f"quality_scale.yaml: {rule} is {status}, which is no status")
        elif status != "done" and not comment:
            findings.append(f"quality_scale.yaml: {rule} is {status} without a reason")
    return findings


HACS_KEYS: Final = frozenset(
    {"name", "homeassistant", "hacs", "content_in_root", "country", "filename"}
    | {"hide_default_branch", "persistent_directory", "zip_release"}
)


def find_hacs_faults(root: Path) -> list[str]:
    """Check hacs.json and what HACS asks of the repository around it."""
    told = load(root, "hacs.json")
    findings = [f"hacs.json: {key} is no key of it" for key in told if key not in HACS_KEYS]
    findings += [f"hacs.json: {k} is missing" for k in ("name", "homeassistant") if not told.get(k)]
    if told.get("zip_release") and not str(told.get("filename", "")).endswith(".zip"):
        findings.append("hacs.json: a zip release needs its filename")
    inside = [path.name for path in (root / "custom_components").iterdir() if path.is_dir()]
    inside = [name for name in inside if not name.startswith(("_", "."))]
    if inside != ["kvarbo"]:
        findings.append(f"custom_components: one integration a repository, there are {inside}")
    findings += [
        f"{name} is missing" for name in ("README.md", "LICENSE") if not (root / name).is_file()
    ]
    return findings


def find_brand_faults(component: Path) -> list[str]:
    """Check that the icon is there in both sizes, square, as PNG with a see-through ground."""
    findings = []
    for name, side in (("icon.png", 256), ("icon@2x.png", 512)):
        path = component / "brand" / name
        if not path.is_file():
            findings.append(f"brand/{name} is missing")
            continue
        head = path.read_bytes()[:26]
        if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
            findings.append(f"brand/{name} is no PNG")
            continue
        width, height, _, colour = struct.unpack(">IIBB", head[16:26])
        if (width, height) != (side, side):
            findings.append(f"brand/{name} is {width}x{height}, must be {side}x{side}")
        if colour not in (3, 4, 6):  # palette, grey or colour with alpha
            findings.append(f"brand/{name} has no see-through ground")
    return findings
