"""What is installed is pinned, hashed, and told without any index address."""

from pathlib import Path
import re
import shutil
import subprocess

import pytest

from scripts.lib import pin
from tests.scripts.shell import ROOT

#: By their form, whatever the host: whoever works here takes packages from where their machine is
#: told to. Hosts under .example are made up.
ADDRESS = re.compile(r"\b\w{2,12}://[^\s\"'`<>]{1,300}")
OF_A_PACKAGE = re.compile(r"\w/simple\b|\w/.+\.(?:whl|deb|tar\.gz|tgz)$", re.IGNORECASE)
MADE_UP = re.compile(r"\w+://[\w.-]*\.example\b")
SETTING = re.compile(
    r"(?:index|index-url|find-links|registry)[ =]{1,3}[\"']?\w{2,12}://\w+\.\w"
    r"|^(?:URIs:|deb(?:-src)? )[^#]*?\w://(?![\w.-]*\.example\b)\w"
    r"|^\[\[(?:tool\.uv\.)?index\]\]",
    re.IGNORECASE,
)


def index_addresses(text: str) -> list[str]:
    """Give what in a text tells where packages come from."""
    found = [
        address
        for address in ADDRESS.findall(text)
        if OF_A_PACKAGE.search(address) and not MADE_UP.match(address)
    ]
    return found + [line[:80] for line in text.splitlines() if SETTING.search(line[:500])]


def repository_files() -> list[Path]:
    """All that belongs to the repository, also what was not committed yet."""
    if not (git := shutil.which("git")) or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout: nothing says which files belong to it")
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_package_index() -> None:
    found = []
    files = repository_files()
    assert ROOT / "requirements/requirements.txt" in files
    for path in files:
        if path == Path(__file__):
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {hit}" for hit in index_addresses(text)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://index.test/",
        'registry = "https://index.test/"',
        "URIs: http://mirror.test/debian",
        "deb [arch=amd64] http://mirror.test/debian x main",
        "https://index.test/simple/kvarbo",
        "https://files.index.test/packages/x.whl",
        '[[tool.uv.index]]\nurl = "x"',
    ],
)
def test_an_index_address_would_be_found(line: str) -> None:
    assert index_addresses(line)


def test_a_long_line_takes_no_time() -> None:
    # Vendored scripts and pictures as text have lines of a megabyte.
    assert index_addresses("a://" + "b/" * 500_000 + "c" * 500_000) == []


@pytest.mark.parametrize("name", ["requirements", "bootstrap", "build"])
def test_every_pin_is_exact_and_has_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.\[\],-]+==\S+ \\\n", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_home_assistant_is_the_one_its_test_companion_wants() -> None:
    text = (ROOT / "requirements" / "requirements.txt").read_text(encoding="utf-8")
    assert "\nhomeassistant==2026.10.4 " in text
    assert "\npytest-homeassistant-custom-component==0.13.375 " in text


def test_what_the_manifests_ask_for_is_pinned() -> None:
    asked = pin.manifest_requirements(*pin.read_integrations(pin.REQUIREMENTS / "integrations.txt"))
    pinned = {
        re.sub(r"[-_.]+", "-", line.partition(" ")[0]).lower()
        for line in (pin.REQUIREMENTS / "requirements.txt").read_text(encoding="utf-8").splitlines()
    }
    missing = [
        name
        for name in asked
        if re.sub(r"[-_.]+", "-", re.sub(r"\[.*?\]", "", name)).lower() not in pinned
    ]
    assert missing == []
    assert any(name.startswith("zha==") for name in asked)


def test_what_is_left_out_brings_nothing_in() -> None:
    wanted, left_out = {"conversation"}, {"conversation"}
    without = pin.manifest_requirements(wanted, left_out)
    assert not any("conversation" in domains for domains in without.values())


def test_leaving_out_needs_a_reason(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("zha # radio\n-cloud:\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="cloud is left out without a reason"):
        pin.read_integrations(tmp_path / "list.txt")


def test_an_integration_that_does_not_exist_is_named() -> None:
    with pytest.raises(SystemExit, match="has no integration tea_kettle"):
        pin.manifest_requirements({"tea_kettle"}, set())
