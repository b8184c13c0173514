"""The quality scale is stated in full, HACS can install us, and the face is there."""

import json
from pathlib import Path
import struct
from typing import Final

import pytest

from tests.house import scale
from tests.house.tree import FileMissingError

ROOT: Final = Path(__file__).parents[2]
COMPONENT: Final = ROOT / "custom_components" / "kvarbo"


def test_every_rule_is_stated() -> None:
    assert scale.find_scale_faults(COMPONENT) == []


def test_hacs_can_install_it() -> None:
    assert scale.find_hacs_faults(ROOT) == []


def test_the_icon_is_there() -> None:
    assert scale.find_brand_faults(COMPONENT) == []


def test_there_are_as_many_rules_as_home_assistant_has() -> None:
    assert {level: len(rules) for level, rules in scale.RULES.items()} == {
        "bronze": 20,
        "silver": 10,
        "gold": 21,
        "platinum": 3,
    }


def write_scale(folder: Path, **change: object) -> Path:
    rules = {rule: "done" for level in scale.RULES.values() for rule in level} | change
    told = {rule: status for rule, status in rules.items() if status is not None}
    (folder / "quality_scale.yaml").write_text(json.dumps({"rules": told}))  # JSON is YAML
    return folder


@pytest.mark.parametrize(
    ("rule", "status", "found"),
    [
        ("devices", None, "devices is missing"),
        ("deviced", "done", "deviced is no rule"),
        ("devices", "perhaps", "devices is perhaps, which is no status"),
        ("devices", {"status": "exempt"}, "devices is exempt without a reason"),
        ("devices", {"status": "exempt", "comment": " "}, "devices is exempt without a reason"),
        ("devices", "todo", "devices is todo without a reason"),
    ],
)
def test_a_rule_that_is_not_stated_is_named(
    rule: str, status: object, found: str, tmp_path: Path
) -> None:
    assert scale.find_scale_faults(write_scale(tmp_path)) == []
    write_scale(tmp_path, **{rule: status})
    assert scale.find_scale_faults(tmp_path) == [f"quality_scale.yaml: {found}"]


def write_repository(root: Path, **change: object) -> Path:
    told = {"name": "Kvarbo", "homeassistant": "2026.10.0"} | change
    (root / "hacs.json").write_text(json.dumps({k: v for k, v in told.items() if v is not None}))
    (root / "custom_components" / "kvarbo").mkdir(parents=True, exist_ok=True)
    for name in ("README.md", "LICENSE"):
        (root / name).touch()
    return root


def test_what_hacs_would_refuse_is_named(tmp_path: Path) -> None:
    assert scale.find_hacs_faults(write_repository(tmp_path)) == []
    write_repository(tmp_path, homeassistant=None, icon="x", zip_release=True)
    (tmp_path / "custom_components" / "other").mkdir()
    (tmp_path / "LICENSE").unlink()
    findings = scale.find_hacs_faults(tmp_path)
    assert findings[:3] == [
        "hacs.json: icon is no key of it",
        "hacs.json: homeassistant is missing",
        "hacs.json: a zip release needs its filename",
    ]
    assert "one integration a repository" in findings[3]
    assert findings[4:] == ["LICENSE is missing"]
    (tmp_path / "hacs.json").unlink()
    with pytest.raises(FileMissingError, match=r"hacs\.json is missing"):
        scale.find_hacs_faults(tmp_path)


def png_head(width: int, height: int, colour: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBB", width, height, 8, colour)


def test_an_icon_of_the_wrong_form_is_named(tmp_path: Path) -> None:
    brand = tmp_path / "brand"
    brand.mkdir()
    (brand / "icon.png").write_bytes(png_head(256, 200, 2))
    assert scale.find_brand_faults(tmp_path) == [
        "brand/icon.png is 256x200, must be 256x256",
        "brand/icon.png has no see-through ground",
        "brand/icon@2x.png is missing",
    ]
    (brand / "icon.png").write_bytes(png_head(256, 256, 6))
    (brand / "icon@2x.png").write_bytes(b"GIF89a" + bytes(30))
    assert scale.find_brand_faults(tmp_path) == ["brand/icon@2x.png is no PNG"]
