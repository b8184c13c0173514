"""Pin the working environment again: read the wishes, write the lists with hashes.

Reads `requirements/*.in` and `requirements/integrations.txt`, asks the manifests of the installed
Home Assistant what those integrations require, and writes `requirements/*.txt`.
Each pin carries the hashes of every file of its version, so that one list holds on x86_64 and
aarch64 alike, and no index address is written.

Run by `scripts/requirements` after a change of the wishes. The manifests are those of the Home
Assistant that is installed: for a new one pin, run `scripts/setup`, and pin again.
"""

import argparse
import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any

import homeassistant
from homeassistant import bootstrap
from homeassistant.const import __version__ as ha_version

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
HOME_ASSISTANT = Path(homeassistant.__file__).parent
COMMAND = "scripts/requirements"
# Debian 12 is the oldest that we work on: glibc 2.36.
PLATFORMS = ("x86_64-manylinux_2_36", "aarch64-manylinux_2_36")


def read_integrations(path: Path) -> tuple[set[str], set[str]]:
    """Give the integrations that are wanted and those that are left out.

    A line is a name, `-name: reason` for one to leave out, or a comment.

    Raises:
        SystemExit: when one is left out without a reason.
    """
    wanted: set[str] = set()
    left_out: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        if entry.startswith("-"):
            name, _, reason = entry[1:].partition(":")
            if not reason.strip():
                raise SystemExit(f"{path.name}: {name} is left out without a reason")
            left_out.add(name.strip())
        else:
            wanted.add(entry)
    return wanted, left_out


def manifests(wanted: set[str], left_out: set[str]) -> dict[str, dict[str, Any]]:
    """Give the manifest of each integration that will run.

    Those are the wanted, what they depend on, and what every Home Assistant starts by itself.

    Raises:
        SystemExit: when an integration does not exist in the installed Home Assistant.
    """
    found: dict[str, dict[str, Any]] = {}
    todo = wanted | bootstrap.CORE_INTEGRATIONS | bootstrap.DEFAULT_INTEGRATIONS
    while todo := todo - found.keys() - left_out:
        domain = todo.pop()
        path = HOME_ASSISTANT / "components" / domain / "manifest.json"
        if not path.is_file():
            raise SystemExit(f"Home Assistant {ha_version} has no integration {domain}")
        found[domain] = json.loads(path.read_text(encoding="utf-8"))
        todo |= set(found[domain].get("dependencies", ()))
    return found


def manifest_requirements(wanted: set[str], left_out: set[str]) -> dict[str, set[str]]:
    """Give each requirement of the integrations that will run, with who asks for it."""
    asked: dict[str, set[str]] = {}
    for domain, manifest in manifests(wanted, left_out).items():
        for requirement in manifest.get("requirements", ()):
            asked.setdefault(requirement, set()).add(domain)
    return asked


def compile_list(uv: str, name: str, *sources: Path, options: tuple[str, ...] = ()) -> None:
    """Resolve `sources` into `requirements/<name>.txt`, the same for every machine we work on.

    Raises:
        SystemExit: when two kinds of machine would get different lists.
    """
    target = f"requirements/{name}.txt"
    first = ""
    for platform in PLATFORMS:
        subprocess.run(
            [
                uv,
                *("pip", "compile", "--quiet", "--python-version", "3.14.2"),
                *("--python-platform", platform, "--generate-hashes", "--no-annotate"),
                *("--no-emit-index-url", "--no-emit-find-links"),
                *("--custom-compile-command", COMMAND, "--output-file", target),
                *options,
                *map(str, sources),
            ],
            cwd=ROOT,
            check=True,
        )
        content = (ROOT / target).read_text(encoding="utf-8")
        first = first or content
        if content != first:
            raise SystemExit(f"{target} differs between {PLATFORMS[0]} and {platform}")


def constraints_but(overrides: Path) -> str:
    """Give Home Assistant's own constraints without those that `overrides` takes the place of."""
    ours = {
        line.partition("==")[0].strip().lower()
        for line in overrides.read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    theirs = (HOME_ASSISTANT / "package_constraints.txt").read_text(encoding="utf-8")
    kept = (
        line for line in theirs.splitlines() if line.partition("==")[0].strip().lower() not in ours
    )
    return "\n".join(kept) + "\n"


def main() -> int:
    """Write all lists, or print what the manifests ask for."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.partition("\n")[0])
    parser.add_argument("--upgrade", action="store_true", help="take newer versions where allowed")
    parser.add_argument("--list", action="store_true", help="only print what manifests require")
    arguments = parser.parse_args()

    asked = manifest_requirements(*read_integrations(REQUIREMENTS / "integrations.txt"))
    if arguments.list:
        print("\n".join(sorted(asked)))
        return 0
    options = ("--upgrade",) if arguments.upgrade else ()
    uv = os.environ["UV"]
    overrides = REQUIREMENTS / "overrides.in"
    with tempfile.TemporaryDirectory() as folder:
        manifests = Path(folder) / "manifests.in"
        manifests.write_text("".join(f"{line}\n" for line in sorted(asked)), encoding="utf-8")
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text(constraints_but(overrides), encoding="utf-8")
        compile_list(
            uv,
            "requirements",
            REQUIREMENTS / "requirements.in",
            manifests,
            # Home Assistant itself installs under these constraints.
            options=(
                *("--constraints", str(constraints)),
                *("--overrides", str(overrides)),
                *options,
            ),
        )
    for name in ("bootstrap", "build"):
        compile_list(uv, name, REQUIREMENTS / f"{name}.in", options=options)
    print(f"pinned for Home Assistant {ha_version}: {len(asked)} requirements of its manifests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
