"""The zip that HACS installs: whole, versioned, the same each time."""

import json
from pathlib import Path
from types import ModuleType
import zipfile

from homeassistant.core import HomeAssistant
from homeassistant.loader import Integration
import pytest

from custom_components.kvarbo import blueprint_offer
from scripts.lib import release

ROOT = release.ROOT


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.build("1.2.3b4", tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as opened:
        return set(opened.namelist())


def test_hacs_finds_it_under_the_name_it_is_told(archive: Path) -> None:
    told = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    assert told["zip_release"] is True
    assert archive.name == told["filename"]


def test_every_module_and_data_file_is_in_it(names: set[str]) -> None:
    integration = ROOT / "custom_components/kvarbo"
    shipped = {
        name
        for path in integration.rglob("*")
        if path.is_file() and "/." not in (name := "/" + path.relative_to(integration).as_posix())
    }
    shipped = {name[1:] for name in shipped if "/__pycache__/" not in name}
    assert "manifest.json" in shipped
    assert shipped <= names


def test_the_blueprints_are_in_it(names: set[str]) -> None:
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("blueprints/**/*.yaml")}
    assert there <= names


def test_the_integration_finds_its_blueprints_in_it(names: set[str]) -> None:
    component = Path(blueprint_offer.__file__).parent
    folder = blueprint_offer._SOURCES[0].relative_to(component).as_posix()
    carried = {name.rpartition("/")[2] for name in names if name.startswith(f"{folder}/")}
    assert carried == {path.name for path in ROOT.glob("blueprints/automation/kvarbo/*.yaml")}
    assert carried


def test_nothing_else_is_in_it(names: set[str]) -> None:
    assert "LICENSE" in names
    for name in names:
        source = ROOT / "custom_components/kvarbo" / name
        assert source.exists() or name == "LICENSE" or name.startswith("blueprints/"), name
        assert "__pycache__" not in name
        assert not any(part.startswith(".") for part in name.split("/")), name


def test_the_manifest_carries_the_tags_version_and_hassfests_order(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        manifest = json.loads(opened.read("manifest.json"))
    original = json.loads(
        (ROOT / "custom_components/kvarbo/manifest.json").read_text(encoding="utf-8")
    )
    assert manifest == original | {"version": "1.2.3b4"}
    keys = list(manifest)
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


async def test_home_assistant_takes_it_when_unpacked_as_hacs_does(
    hass: HomeAssistant, archive: Path, tmp_path: Path
) -> None:
    target = tmp_path / "custom_components" / "kvarbo"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(target)
    package = ModuleType("custom_components")
    package.__path__ = [str(tmp_path / "custom_components")]
    # A version that Home Assistant cannot compare makes it refuse the integration: None.
    found = Integration.resolve_from_root(hass, package, "kvarbo")
    assert found is not None
    assert str(found.version) == "1.2.3b4"
    assert found.config_flow


def test_two_runs_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert release.build("1.2.3b4", tmp_path).read_bytes() == archive.read_bytes()


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2.3", "v1.2.3b1", "2026.10.0rc1"])
def test_a_tag_names_a_version(tag: str) -> None:
    assert release.parse_version(tag) == tag.removeprefix("v")


@pytest.mark.parametrize(
    "tag", ["", "v", "1.2", "1.2.3.4", "latest", "1.2.3-1", "1.2.3\n", "vv1.2.3"]
)
def test_a_tag_that_is_none_is_refused_by_its_name(tag: str) -> None:
    with pytest.raises(ValueError, match="VERSION"):
        release.parse_version(tag)


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """A repository of the least that can be packed."""
    integration = tmp_path / "custom_components/kvarbo"
    for path, content in {
        integration / "manifest.json": '{"name": "K", "domain": "kvarbo"}',
        integration / "__pycache__/a.pyc": "",
        integration / ".hidden": "",
        tmp_path / "blueprints/automation/kvarbo/night.yaml": "blueprint:",
        tmp_path / "LICENSE": "",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def test_blueprints_lie_where_the_integration_looks_for_them(
    small_tree: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(release.build("1.0.0", tmp_path / "dist", root=small_tree)) as opened:
        assert opened.namelist() == [
            "LICENSE",
            "blueprints/automation/kvarbo/night.yaml",
            "manifest.json",
        ]


def test_two_files_of_one_name_are_refused(small_tree: Path, tmp_path: Path) -> None:
    twin = small_tree / "custom_components/kvarbo/blueprints/automation/kvarbo/night.yaml"
    twin.parent.mkdir(parents=True)
    twin.write_text("other", encoding="utf-8")
    with pytest.raises(ValueError, match=r"both blueprints/automation/kvarbo/night\.yaml"):
        release.build("1.0.0", tmp_path / "dist", root=small_tree)


def test_a_folder_without_the_integration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"manifest\.json"):
        release.build("1.0.0", tmp_path / "dist", root=tmp_path)
