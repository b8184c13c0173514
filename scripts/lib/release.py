"""Pack what HACS installs: one zip with the integration, its version and its blueprints.

The zip's root is what becomes `custom_components/kvarbo`. The version is the tag's and is written
into the manifest in the zip, never into the repository. Two runs over the same tree give the same
bytes.

Usage: release.py VERSION [FOLDER]; VERSION as 1.2.3 or 1.2.3b1, with or without a leading v.
"""

from collections.abc import Iterator
import json
from pathlib import Path
import re
import sys
import zipfile

ROOT = Path(__file__).resolve().parents[2]
INTEGRATION = "custom_components/kvarbo"
NAME = "kvarbo.zip"
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)")
_LEFT_BEHIND = {"__pycache__"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can tell


def parse_version(tag: str) -> str:
    """Give the version that a tag names.

    Raises:
        ValueError: when it is none that Home Assistant and HACS can compare.
    """
    if not (found := _VERSION.fullmatch(tag)):
        raise ValueError(f"VERSION {tag!r} is not like 1.2.3 or 1.2.3b1")
    return found[1]


def release_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Give name in the zip and path of all that ships.

    Raises:
        FileNotFoundError: when there is no integration under `root`.
    """
    integration = root / INTEGRATION
    if not (integration / "manifest.json").is_file():
        raise FileNotFoundError(f"no {INTEGRATION}/manifest.json under {root}")
    sources = [(integration, ""), (root / "blueprints", "blueprints/")]
    for folder, prefix in sources:
        for path in folder.rglob("*"):
            inside = path.relative_to(folder)
            hidden = any(part.startswith(".") for part in inside.parts)
            if path.is_file() and not hidden and not _LEFT_BEHIND & set(inside.parts):
                yield prefix + inside.as_posix(), path
    yield "LICENSE", root / "LICENSE"


def manifest_with_version(path: Path, version: str) -> bytes:
    """Give the manifest with the version set, keys in the order that hassfest wants."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["version"] = version
    first = {key: manifest.pop(key) for key in ("domain", "name")}
    ordered = first | dict(sorted(manifest.items()))
    return (json.dumps(ordered, indent=2, ensure_ascii=False) + "\n").encode()


def build(version: str, target: Path, root: Path = ROOT) -> Path:
    """Write the zip into folder `target` and give its path.

    Raises:
        ValueError: when two files would have the same name in the zip.
    """
    files: dict[str, Path] = {}
    for name, path in release_files(root):
        if name in files:
            raise ValueError(f"{path} and {files[name]} are both {name} in the zip")
        files[name] = path
    target.mkdir(parents=True, exist_ok=True)
    archive = target / NAME
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as output:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            is_manifest = name == "manifest.json"
            data = manifest_with_version(path, version) if is_manifest else path.read_bytes()
            output.writestr(entry, data)
    return archive


def main() -> int:
    """Pack; the path of the zip goes to stdout."""
    match sys.argv[1:]:
        case [tag]:
            folder = ROOT / "dist"
        case [tag, given]:
            folder = Path(given)
        case _:
            print("usage: scripts/release VERSION [FOLDER]", file=sys.stderr)
            return 2
    try:
        print(build(parse_version(tag), folder))
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
