"""Each way in which a file can be wrong, on its own."""

from datetime import UTC, datetime

import pytest

from custom_components.kvarbo.home_file.differ import changes, outcome
from custom_components.kvarbo.home_file.reader import line_at, read_home_file
from custom_components.kvarbo.home_file.tree import HomeFileError
from custom_components.kvarbo.home_file.writer import write_home_file
from custom_components.kvarbo.home_names import is_controller, label_problem

HEAD = "kvarbo_home: 1\nhome: {controller: '1', label: One}\n"
RULE = "rules:\n- {rule: RULE, resident: 1, owner: nurse, suitable: true MORE}\n"
SOURCE = "source: {type: zha_event, ieee: a}"


def rule(kind: str, more: str = "") -> str:
    return RULE.replace("RULE", kind).replace("MORE", more)


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("home2: 1\n", "home2", "unknown"),
        ("dwelling: 3\n", "dwelling", "not_a_mapping"),
        ("dwelling:\n", "dwelling", "not_a_mapping"),
        ("way_out: 3\n", "way_out", "not_a_mapping"),
        ("rules: 3\n", "rules", "not_a_list"),
        ("rules: [3]\n", "rules[1]", "not_a_mapping"),
        (f"rules: [{'{}, ' * 301}]\n", "rules", "too_many"),
        (rule("lift", ", settings: 3"), "rules[1].settings", "not_a_mapping"),
        (rule("lift", ", version: x"), "rules[1].version", "unknown"),
        (rule("lift") + rule("lift").split("\n")[1], "rules[2].rule", "twice"),
        (rule("water").replace("1,", "0,"), "rules[1].inputs", None),
        (rule("lift", ", inputs: 3"), "rules[1].inputs", "not_a_mapping"),
        (rule("lift", ", inputs: {path_rise: 3}"), "rules[1].inputs.path_rise", "not_in_blueprint"),
        (rule("bed_exit"), "rules[1].inputs.path_lights", "missing"),
        (rule("bed_exit", ", priority: 3"), "rules[1].priority", "not_in_blueprint"),
        (
            rule("water", ", settings: {warning: 00:01:00}").replace("1, o", "0, o"),
            "rules[1].settings.warning",
            "not_in_blueprint",
        ),
        ("devices: [{number: 1, role: bed}]\n", "devices[1].location", "missing"),
        (
            (
                "devices: [{number: 1, role: bed, location: home, fields: ["
                "{field: low_by, type: zha_event, ieee: a}]}]\n"
            ),
            "devices[1].fields",
            "not_of_this_role",
        ),
        (
            "devices: [{number: 1, role: bed, location: home, lock: 3}]\n",
            "devices[1].lock",
            "not_a_mapping",
        ),
        (
            "devices: [{number: 1, role: dispenser, location: home, fields: 3}]\n",
            "devices[1].fields",
            "not_a_list",
        ),
        (
            (
                f"devices:\n- {{number: 1, role: bed, location: home, {SOURCE}}}\n"
                f"- {{number: 2, role: bed, location: home, {SOURCE}}}\n"
            ),
            "devices[2].source",
            "twice",
        ),
        ("pauses: [{resident: 1, until: 2026-99-99}]\n", "pauses[1].until", "not_a_moment"),
        ("pauses: [{resident: 1, until: 3}]\n", "pauses[1].until", "not_a_moment"),
        (
            "pauses: [{resident: 1, until: 0001-01-01T00:00:00+14:00}]\n",
            "pauses[1].until",
            "not_a_moment",
        ),
        (
            "pauses: [{resident: 10, until: 2026-01-01T00:00:00Z}]\n",
            "pauses[1].resident",
            "out_of_range",
        ),
        (
            rule("lift", ", inputs: {warning_pause: 02:00:00}"),
            "rules[1].inputs.warning_pause",
            "out_of_range",
        ),
        (
            rule("lift", ", inputs: {warning_pause: x}"),
            "rules[1].inputs.warning_pause",
            "not_a_duration",
        ),
        (
            rule("lift", ", inputs: {warning_lights: 3}"),
            "rules[1].inputs.warning_lights",
            "not_a_list",
        ),
        (
            rule("lift", ", inputs: {warning_lights: [light.a, light.a]}"),
            "rules[1].inputs.warning_lights",
            "twice",
        ),
        (
            rule("lift", ", inputs: {warning_lights: [switch.a]}"),
            "rules[1].inputs.warning_lights",
            "bad_form",
        ),
        (
            rule("lift", ", inputs: {warning_message: ''}"),
            "rules[1].inputs.warning_message",
            "text_length",
        ),
        (
            rule("lift", ', inputs: {warning_message: "\\a"}'),
            "rules[1].inputs.warning_message",
            "not_printable",
        ),
        (
            rule("lift", ", inputs: {warning_message: 1.5}"),
            "rules[1].inputs.warning_message",
            "not_a_text",
        ),
        (rule("medicine", ", settings: {times: [25:00]}"), "rules[1].settings.times", None),
        (
            "receivers: [{name: a, protocol: scaip, url: x, transport: pigeon}]\n",
            "receivers[1].transport",
            "unknown_choice",
        ),
        (
            "devices: [{number: 1, role: bed, location: home, active_above: x}]\n",
            "devices[1].active_above",
            "not_a_number",
        ),
    ],
)
def test_it_is_told_by_its_field(text: str, field: str, problem: str | None) -> None:
    try:
        read_home_file(HEAD + text)
    except HomeFileError as err:
        found = {(flaw.field, flaw.problem) for flaw in err.flaws}
        assert problem is None or (field, problem) in found, found
        return
    assert problem is None


@pytest.mark.parametrize("review", ["2026-99-01", "tomorrow", "3"])
def test_a_date_is_one(review: str) -> None:
    text = HEAD.replace("label: One", f"label: One, review: {review}")
    with pytest.raises(HomeFileError, match=r"line 2: home.review: not_a_date"):
        read_home_file(text)


def test_times_of_a_medicine_come_back() -> None:
    home = read_home_file(HEAD + rule("medicine", ", settings: {times: ['08:00', '20:00']}"))
    text = write_home_file(home)
    assert read_home_file(text) == home
    assert "- '20:00:00'" in text


@pytest.mark.parametrize(
    ("path", "line"),
    [("home.label", 2), ("rules[1].owner", 4), ("rules[1].nothing", 4), ("nothing", 1)],
)
def test_a_path_has_a_line(path: str, line: int) -> None:
    assert line_at(HEAD + rule("lift"), path) == line


def test_what_a_home_may_be_called() -> None:
    assert is_controller("0471")
    assert not is_controller("47a")
    assert label_problem("x" * 41) == "label_length"
    assert label_problem("a\tb") == "label_not_printable"
    assert label_problem("19400101-1234") == "label_personal_number"
    assert label_problem("Flat 12") is None


def test_a_home_with_nothing_has_no_differences_to_itself() -> None:
    home = read_home_file(HEAD)
    assert not changes(home, outcome(home, home, datetime.now(UTC)))
