"""One profile and a list make the files of many homes, and find those that were changed by hand (R51)."""

from collections.abc import Callable
from pathlib import Path
import sys
import time
from typing import Final

import pytest

from custom_components.kvarbo.home_file.profile import differs, make, read_places, read_profile
from custom_components.kvarbo.home_file.reader import read_home_file
from custom_components.kvarbo.home_file.tree import HomeFileError
from custom_components.kvarbo.home_file.writer import write_home_file
from scripts.lib.homes import CANNOT, FOUND, main
from tests.home_file.making import FULL

HOMES: Final = 300
#: Homes that somebody has changed by hand, and how.
CHANGED: Final[dict[int, tuple[str, str, str]]] = {
    7: ("limit: 00:25:00", "limit: 00:45:00", "rules.night_absence/1.settings.limit"),
    31: ("owner: night_patrol", "owner: relative", "rules.night_absence/1.owner"),
    64: ("pet: false", "pet: true", "dwelling.pet"),
    99: ("visits: true", "visits: false", "dwelling.visits"),
    120: ("order: 2", "order: 3", "receivers.operations.order"),
    151: ("host.example", "other.example", "receivers.alarm_centre.url"),
    200: ("number: 8", "number: 18", "devices.18.location"),
    222: ("shadow: true", "shadow: false", "rules.water/0.shadow"),
    270: ("- mon", "- tue", "rules.night_absence/1.settings.weekdays"),
    299: ("interface: wg0", "interface: wg1", "way_out.interface"),
}


def profile_text() -> str:
    """Return the full file as a profile: without a number, label and what is one home's own."""
    text = FULL.replace('  controller: "04711"\n  label: Flat 12\n', "")
    text = text.replace("alarm.example", "host.example")
    start, end = text.index("consents:"), text.index("rules:")
    return text[:start] + text[end:]


def list_text() -> str:
    rows = [f"{10_000 + at},Flat {at},{'00:30:00' if at == 5 else ''}" for at in range(HOMES)]
    return "controller,label,rules.night_absence/1.settings.limit\n" + "\n".join(rows) + "\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    profile, places = tmp_path / "profile.yaml", tmp_path / "homes.csv"
    profile.write_text(profile_text(), encoding="utf-8")
    places.write_text(list_text(), encoding="utf-8")
    return profile, places, tmp_path / "files"


def test_300_homes_are_made_signed_checked_and_those_changed_by_hand_are_found(
    files: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile, places, folder = map(str, files)
    key = str(tmp_path / "key")
    assert main(["keys", key]) == 0
    public = capsys.readouterr().out.strip()
    begun = time.perf_counter()
    assert main(["make", profile, places, folder, "--sign", key]) == 0
    made = sorted(map(str, files[2].glob("*.yaml")))
    assert len(made) == HOMES
    assert main(["check", *made, "--key", public]) == 0
    assert main(["differ", profile, places, folder]) == 0
    for at, (old, new, _) in CHANGED.items():
        file = files[2] / f"{10_000 + at}.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
    capsys.readouterr()
    assert main(["differ", profile, places, folder]) == FOUND
    took = time.perf_counter() - begun
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == f"{len(CHANGED)} homes differ"
    for at, (_, _, path) in CHANGED.items():
        assert any(line.startswith(f"{10_000 + at}: {path}:") for line in told), path
    assert {line.split(":")[0] for line in told[:-1]} == {str(10_000 + at) for at in CHANGED}
    # What was changed is not vouched for any more.
    assert main(["check", *made, "--key", public]) == FOUND
    assert f"{HOMES} files, {len(CHANGED)} of them" in capsys.readouterr().out
    with capsys.disabled():
        sys.stdout.write(f"\n{HOMES} homes made, signed, checked, compared twice: {took:.1f} s\n")
    # The promise is 60 s; a machine ten times slower than it should be is none.
    assert took < 60


def test_each_home_has_what_is_its_own() -> None:
    profile = read_profile(profile_text())
    fifth = next(p for p in read_places(list_text()) if p.controller == "10005")
    home = make(profile, fifth)
    assert home.home.label == "Flat 5"
    assert "limit: 00:30:00" in write_home_file(home)
    assert home.consents is None


def test_a_list_may_be_yaml() -> None:
    places = read_places(
        "homes:\n  - controller: 0042\n    label: Flat 42\n    dwelling.pet: true\n"
    )
    home = make(read_profile(profile_text()), places[0])
    assert home.home.controller == "0042"
    assert home.dwelling is not None
    assert home.dwelling.pet


def flaw(work: Callable[[], object]) -> tuple[int, str, str]:
    with pytest.raises(HomeFileError) as refused:
        work()
    found = refused.value.flaws[0]
    return found.line, found.field, found.problem


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("label\nx\n", (1, "controller", "missing")),
        ("controller\n12\n12\n", (3, "controller", "twice")),
        ("controller\nabc\n", (2, "controller", "bad_form")),
        ("controller\n1,2\n", (2, "homes", "too_many")),
        ("controller,label\n1,&a x\n", (2, "label", "anchor")),
        ("homes: 3\n", (1, "homes", "not_a_list")),
        ('controller\n"1\x00\n', (2, "controller", "bad_form")),
        ("controller\n" + "1" * 200_000 + "\n", (2, "homes", "not_csv")),
        ("homes:\n  - 3\n", (2, "homes", "not_a_mapping")),
    ],
)
def test_a_list_that_cannot_be_used_is_told_by_line(
    text: str, wanted: tuple[int, str, str]
) -> None:
    assert flaw(lambda: read_places(text)) == wanted


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        ("rules.dragons/1.owner", "nurse", (2, "rules.dragons/1.owner", "unknown")),
        ("dwelling.residents", "7", (2, "dwelling.residents", "out_of_range")),
        ("dwelling", "7", (2, "dwelling", "unknown")),
        ("dwelling.pet.x", "7", (2, "dwelling.pet.x", "unknown")),
    ],
)
def test_a_value_of_the_list_that_does_not_fit_is_told_by_line(
    column: str, cell: str, wanted: tuple[int, str, str]
) -> None:
    place = read_places(f"controller,{column}\n12,{cell}\n")[0]
    profile = read_profile(profile_text())
    assert flaw(lambda: make(profile, place)) == wanted


def test_a_profile_with_a_number_is_none() -> None:
    assert flaw(lambda: read_profile(FULL)) == (3, "home.controller", "not_in_profile")


def test_a_profile_s_flaws_are_told_on_its_own_lines() -> None:
    text = profile_text().replace("pet: false", "pet: maybe")
    line = text.splitlines().index("  pet: maybe") + 1
    assert flaw(lambda: read_profile(text)) == (line, "dwelling.pet", "not_a_flag")


def test_nothing_is_written_when_one_home_is_wrong(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    profile, places, folder = files
    places.write_text("controller,dwelling.pet\n1,true\n2,maybe\n", encoding="utf-8")
    assert main(["make", str(profile), str(places), str(folder)]) == CANNOT
    assert not folder.exists()
    assert f"{places}:3: dwelling.pet: not_a_flag" in capsys.readouterr().err


def test_a_home_without_a_file_is_told(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    profile, places, folder = files
    places.write_text("controller\n1\n", encoding="utf-8")
    folder.mkdir()
    assert main(["differ", str(profile), str(places), str(folder)]) == FOUND
    assert "1: there is no file of it" in capsys.readouterr().out
    (folder / "1.yaml").write_text("rules: dragons", encoding="utf-8")
    assert main(["differ", str(profile), str(places), str(folder)]) == FOUND
    assert "1.yaml:1: rules: not_a_list" in capsys.readouterr().err


def test_what_cannot_be_used_is_never_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, file = tmp_path / "key", tmp_path / "home.yaml"
    file.write_text(FULL.replace("pet: false", "pet: maybe"), encoding="utf-8")
    assert main(["keys", str(key)]) == 0
    assert key.stat().st_mode & 0o077 == 0
    assert main(["keys", str(key)]) == CANNOT, "a key is never overwritten"
    assert main(["sign", str(key), str(file)]) == CANNOT
    assert "signature" not in file.read_text(encoding="utf-8")
    assert main(["sign", str(file), str(file)]) == CANNOT
    assert main(["check", str(file)]) == FOUND
    assert f"{file}:9: dwelling.pet: not_a_flag" in capsys.readouterr().err
    file.write_text(FULL, encoding="utf-8")
    assert main(["sign", str(key), str(file)]) == 0
    assert main(["check", str(file)]) == 0
    assert main(["check", str(tmp_path / "none.yaml")]) == CANNOT
    file.write_bytes(b"\xff\xfe")
    assert main(["check", str(file)]) == CANNOT
    assert main(["check", str(key), "--key", "x"]) == CANNOT


def test_receivers_are_asked_what_they_make_of_their_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "home.yaml"
    file.write_text(FULL.replace("https://alarm.example/v1", "http://alarm.example"))
    assert main(["check", str(file)]) == FOUND
    said = capsys.readouterr().err
    assert f"{file}:22: receivers[1].url:" in said


def test_a_profile_s_home_is_names_with_values() -> None:
    assert flaw(lambda: read_profile("kvarbo_home: 1\nhome: 3\n")) == (2, "home", "not_a_mapping")


def test_a_profile_needs_no_home_at_all() -> None:
    profile = read_profile("kvarbo_home: 1\ndwelling: {pet: true}\n")
    home = make(profile, read_places("controller\n\n42\n")[0])
    assert (home.home.controller, home.home.label) == ("42", "42")


def test_what_is_the_home_s_own_is_no_difference() -> None:
    wanted = make(
        read_profile("kvarbo_home: 1\ndwelling: {pet: true}\n"), read_places("controller\n42\n")[0]
    )
    text = "kvarbo_home: 1\nhome: {controller: '42', label: '42', review: 2027-01-01, next_number: 9}\n"
    own = read_home_file(f"{text}dwelling: {{pet: true}}\nrules: []\n")
    assert not differs(own, wanted)
    (change,) = differs(read_home_file(f"{text}dwelling: {{}}\n"), wanted)
    assert (change.path, change.old, change.new) == ("dwelling.pet", True, False)


def test_too_many_homes_are_refused() -> None:
    text = "controller\n" + "\n".join(map(str, range(10_001)))
    assert flaw(lambda: read_places(text)) == (10_002, "homes", "too_many")
