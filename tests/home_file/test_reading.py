"""What is written is read back; what is wrong is named by line and field, all of it, and nothing is let through."""

from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest
import yaml  # type: ignore[import-untyped]

from custom_components.kvarbo.home_file.differ import outcome
from custom_components.kvarbo.home_file.reader import read_home_file
from custom_components.kvarbo.home_file.rows import HomeFile
from custom_components.kvarbo.home_file.tree import LARGEST, HomeFileError, read_tree
from custom_components.kvarbo.home_file.writer import write_home_file
from tests.home_file.making import FULL, home_files


def ordered(home: HomeFile) -> HomeFile:
    """Return a file with its rows in the order in which they are written."""
    return read_home_file(write_home_file(home))


def flaws(text: str) -> set[tuple[int, str, str]]:
    with pytest.raises(HomeFileError) as refused:
        read_home_file(text)
    return {(flaw.line, flaw.field, flaw.problem) for flaw in refused.value.flaws}


@settings(max_examples=150, deadline=None)
@given(home_files())
def test_what_is_written_is_read_back(home: HomeFile) -> None:
    text = write_home_file(home)
    back = read_home_file(text)
    for section in ("home", "dwelling", "way_out"):
        assert getattr(back, section) == getattr(home, section)
    for section in ("receivers", "devices", "consents", "pauses", "rules"):
        rows, again = getattr(home, section), getattr(back, section)
        assert (rows is None) == (again is None)
        assert len(rows or ()) == len(again or ())
        assert all(row in again for row in rows or ())
    # Stable: the same values are the same text, whoever wrote them.
    assert write_home_file(back) == text


@settings(max_examples=60, deadline=None)
@given(home_files())
def test_other_readers_of_yaml_see_the_same_texts(home: HomeFile) -> None:
    read = yaml.safe_load(write_home_file(home))
    assert read["home"]["controller"] == home.home.controller
    assert read["home"]["label"] == home.home.label


def test_the_full_file_is_read() -> None:
    home = read_home_file(FULL)
    assert home.home.controller == "04711"
    assert [row.name for row in home.receivers or ()] == ["alarm_centre", "operations"]
    assert [row.identity.kind for row in home.rules or ()] == ["night_absence", "water"]
    assert write_home_file(read_home_file(write_home_file(home))) == write_home_file(home)


def leaves() -> list[tuple[int, str]]:
    """Return line and name of each line of the full file that has a value."""
    return [
        (number, line)
        for number, line in enumerate(FULL.splitlines(), 1)
        if not line.rstrip().endswith(":")
    ]


@pytest.mark.parametrize(("number", "line"), leaves())
def test_each_field_that_is_broken_is_named_by_its_line(number: int, line: str) -> None:
    lines = FULL.splitlines()
    name = line.split(":", 1)[0]
    lines[number - 1] = f"{name}: [[bro ken]]"
    found = flaws("\n".join(lines))
    assert {flaw[0] for flaw in found} == {number}, found
    assert all(flaw[1].split(".")[-1] == name.strip(" -") for flaw in found), found


@pytest.mark.parametrize(("number", "line"), leaves())
def test_each_field_that_is_unknown_is_named_by_its_line(number: int, line: str) -> None:
    lines = FULL.splitlines()
    indent = line[: len(line) - len(line.lstrip(" -"))].replace("-", " ")
    lines.insert(number, f"{indent}dragons: 1")
    found = flaws("\n".join(lines))
    assert [(n, p) for n, f, p in found if f.endswith("dragons")] == [(number + 1, "unknown")]


@pytest.mark.parametrize("name", ["token", "password", "client_key", "client_certificate"])
def test_a_secret_is_refused_as_such(name: str) -> None:
    text = FULL.replace("    protocol: rest\n", f"    protocol: rest\n    {name}: hunter2\n")
    assert flaws(text) == {(22, f"receivers[1].{name}", "secret")}
    with pytest.raises(HomeFileError) as refused:
        read_home_file(text)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("kvarbo_home: 1", "kvarbo_home: 2", {(1, "kvarbo_home", "unknown_version")}),
        ("Flat 12", "&a Flat 12", {(4, "file", "anchor")}),
        ("Flat 12", "!a Flat 12", {(4, "file", "tag")}),
        ("Flat 12", "!!str Flat 12", {(4, "file", "tag")}),
        ("Flat 12", "*a", {(4, "file", "alias")}),
        ("kvarbo_home: 1", "kvarbo_home: true", {(1, "kvarbo_home", "unknown_version")}),
        ("Flat 12", "Eva 19400101-1234", {(4, "home.label", "label_personal_number")}),
        ('"06:30"', '"21:30"', {(13, "dwelling.night_to", "night_is_day")}),
        ("second: wwan0", "second: wg0", {(18, "way_out.second", "second_same")}),
        ("way: interface", "way: router", {(16, "way_out.interface", "not_of_this_way")}),
        ("[10.0.0.53]", "[dns.example]", {(17, "way_out.nameservers", "nameservers_numbers")}),
        ("name: operations", "name: alarm_centre", {(28, "receivers[2].name", "twice")}),
        ("number: 4", "number: 1", {(39, "devices[2].number", "twice")}),
        ("role: entry_lock", "role: bed", {(50, "devices[3].lock", "not_of_this_role")}),
        ("08:00-08:30", "08:00-08:00", {(52, "devices[3].lock.visits", "not_visits")}),
        ("domain: binary_sensor", "ieee: x", {(43, "devices[2].source.domain", "missing")}),
        (
            "+01:00\n    until: 2027-11",
            "\n    until: 2027-11",
            {(64, "consents[1].given", "no_zone")},
        ),
        ("suitable: true\n    priority", "priority", {(70, "rules[1].suitable", "not_confirmed")}),
        ("owner: night_patrol", "owner: eva", {(72, "rules[1].owner", "unknown_choice")}),
        ("rule: water", "rule: sensor_silent", {(85, "rules[2].rule", "own_rule")}),
        ("resident: 0\n", "resident: 1\n", {(86, "rules[2].resident", "of_the_home")}),
        ("rule: water", "rule: dragons", {(85, "rules[2].rule", "unknown_choice")}),
    ],
)
def test_what_does_not_fit_is_told(old: str, new: str, wanted: set[Any]) -> None:
    assert old in FULL
    found = flaws(FULL.replace(old, new, 1))
    # What is wrong may make its neighbour wrong too, such as a source that lacks two things.
    assert wanted <= found


def test_all_flaws_are_told_at_once() -> None:
    text = FULL.replace("pet: false", "pet: maybe").replace("role: motion", "role: dragon")
    assert {line for line, _, _ in flaws(text)} == {9, 40}


NOT_FILES: Final = {
    "nothing": "",
    "a list": "- a",
    "two documents": "a: 1\n---\nb: 2\n",
    "an anchor": "a: &x 1\nb: *x\n",
    "a tag": "a: !!python/object:os.system x\n",
    "a name twice": "a: 1\na: 2\n",
    "a merge": "a: {<<: {b: 1}}\n",
    "a name that is a list": "[a]: 1\n",
    "too deep": "a: " + "[" * 100 + "]" * 100,
    "very deep": "a: " + "[" * 20_000,
    "too large": "a: " + "x" * LARGEST,
    "too many": "a: [" + "1," * 30_000 + "]",
    "no text": "a: \x00\n",
    "laughs": "a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
}


@pytest.mark.parametrize("text", NOT_FILES.values(), ids=NOT_FILES)
def test_what_is_no_home_file_is_refused(text: str) -> None:
    with pytest.raises(HomeFileError) as refused:
        read_home_file(text)
    assert all(flaw.line >= 1 for flaw in refused.value.flaws)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_tree(text)
        read_home_file(text)
    except HomeFileError:
        return


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_file_with_a_piece_changed_is_read_or_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(FULL) - 1))
    end = min(len(FULL), start + data.draw(st.integers(0, 20)))
    piece = data.draw(st.text(max_size=12) | st.sampled_from(["\n", ":", "- ", "[", "null", "1e9"]))
    try:
        home = read_home_file(FULL[:start] + piece + FULL[end:])
    except HomeFileError:
        return
    assert read_home_file(write_home_file(home)) == ordered(home)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("04711", "04711"), ("4711", "4711"), ('"1_000"', None), ("0x10", None), ("1:20", None)],
)
def test_a_number_at_a_municipality_keeps_its_zeros(written: str, meant: str | None) -> None:
    text = FULL.replace('"04711"', written)
    if meant is None:
        assert {flaw[1] for flaw in flaws(text)} == {"home.controller"}
    else:
        assert read_home_file(text).home.controller == meant


def test_a_section_that_is_left_out_stays_as_it_is() -> None:
    now = read_home_file(FULL)
    asked = read_home_file("kvarbo_home: 1\nhome: {controller: '04711', label: New}\npauses:\n")
    at = (now.pauses or ())[0].until
    then = outcome(now, asked, at)
    assert then.home.label == "New"
    assert then.rules == now.rules
    assert then.pauses == ()
    assert then.home.next_number == 12
