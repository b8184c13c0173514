"""automations.yaml is people's: what is not ours stays octet by octet, or nothing is written."""

from typing import Any

from homeassistant.components.blueprint.models import BlueprintInputs
from hypothesis import given, settings, strategies as st
import pytest
import yaml  # type: ignore[import-untyped]

from custom_components.kvarbo.home_file.automations import (
    PREFIX,
    UnreadableError,
    automation,
    by_identity,
    id_of,
    pieces,
    spliced,
)
from custom_components.kvarbo.home_file.reader import read_home_file
from custom_components.kvarbo.rule import read_rule
from custom_components.kvarbo.supervision.catalogue import KINDS
from tests.blueprints import shelf
from tests.home_file.making import FULL, home_files

MADE: dict[str, Any] = {"id": f"{PREFIX}water_0", "alias": "Water", "use_blueprint": {"path": "x"}}
OTHERS = {
    "none": "",
    "an empty list": "[]\n",
    "comments alone": "# mine\n",
    "one": "- id: '1'\n  alias: One\n",
    "without an end of line": "- id: '1'\n  alias: One",
    "with comments": "# top\n- id: '1' # here\n  alias: One\n\n# between\n- alias: Two\n  # end\n",
    "with tags": "- id: '1'\n  x: !secret door\n  y: !include a.yaml\n",
    "lists without indent": "- id: '1'\n  triggers:\n  - a: 1\n  - b: 2\n- id: '2'\n  actions: []\n",
    "a dash alone": "-\n  id: '1'\n- - nested\n  - list\n",
    "texts of many lines": "- id: '1'\n  d: |\n    - id: kvarbo_file_no\n    - x\n  e: >-\n    a\n\n    b\n",
    "anchors": "- id: '1'\n  a: &a {b: 1}\n  c: *a\n- id: '2'\n  d: *a\n",
    "windows": "- id: '1'\r\n  alias: One\r\n- id: '2'\r\n",
    "indented": "  - id: '1'\n    alias: One\n  - id: '2'\n",
    "letters": "- id: '1'\n  alias: 'Å\u2028ä \x85'\n- id: '2'\n",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_what_is_not_ours_stays(text: str) -> None:
    try:
        made = spliced(text, {MADE["id"]: MADE})
    except UnreadableError:
        # Rather not at all than a file that Home Assistant cannot read.
        assert text.startswith("  -")
        return
    kept = "" if text.strip() == "[]" else text
    assert made.startswith(kept)
    values = [piece.value for piece in pieces(made) if piece.value is not None]
    assert values[-1] == MADE
    again = spliced(made, {MADE["id"]: {**MADE, "alias": "Flood"}})
    assert again.startswith(kept)
    assert pieces(again)[-1].value == {**MADE, "alias": "Flood"}
    # And away again.
    gone = spliced(again, {})
    ended = kept if kept.endswith("\n") or not kept else f"{kept}\n"
    assert gone == (ended or "[]\n")


def test_ours_between_others_is_replaced_where_it_stands() -> None:
    text = f"- id: a\n- id: {MADE['id']}\n  x: 1\n# of b\n- id: b\n"
    made = spliced(text, {MADE["id"]: MADE})
    assert [piece.id for piece in pieces(made)] == ["a", MADE["id"], "b"]
    assert spliced(made, {MADE["id"]: MADE}) == made


@pytest.mark.parametrize(
    "text",
    ["a: 1\n", "[{id: a}]\n", "- [\n", "- a: *b\n", "x", "- a\n" * 900_000],
    ids=["a mapping", "in brackets", "broken", "no anchor", "a text", "huge"],
)
def test_what_cannot_be_taken_apart_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        spliced(text, {})


@settings(max_examples=200)
@given(st.text("-: \n#'\"ab[]{}&*!|>", max_size=60))
def test_any_text_is_kept_or_refused(text: str) -> None:
    try:
        made = spliced(text, {MADE["id"]: MADE})
    except UnreadableError:
        return
    assert made.startswith("" if text.strip() == "[]" else text)
    assert MADE in [piece.value for piece in pieces(made)]


@settings(max_examples=60)
@given(home_files())
def test_the_blueprint_makes_of_an_automation_the_very_rule(home: Any) -> None:
    for row in home.rules or ():
        made = automation(row, alias="x", home="device", swedish=False)
        use: Any = made["use_blueprint"]
        blueprint = BlueprintInputs(shelf.load(use["path"].removeprefix("kvarbo/")), made)
        blueprint.validate()
        substituted = blueprint.async_substitute()
        rule = read_rule(substituted["triggers"][0]["options"])
        assert rule.identity == row.identity
        assert rule.settings == row.rule.settings
        assert type(rule.settings) is KINDS[row.identity.kind].settings_type
        for name in ("owner", "priority", "shadow", "suitable"):
            assert getattr(rule.options, name) == getattr(row.rule.options, name)


def test_automations_of_our_blueprints_are_known_by_their_rule() -> None:
    row = (read_home_file(FULL).rules or ())[0]
    made = automation(row, alias="x", home="d", swedish=True)
    theirs = {**made, "id": "1", "alias": "Theirs"}
    text = yaml.safe_dump([theirs, made, {"use_blueprint": {"path": "other"}}, {"id": 3}, "x"])
    found = by_identity(pieces(text))
    assert {identity: piece.id for identity, piece in found.items()} == {
        row.identity: id_of(row.identity)
    }
    # A person's choice of language stays.
    again = automation(row, alias="y", home="d", swedish=False, there=made)
    assert again["use_blueprint"] == made["use_blueprint"]
    assert again["alias"] == "x"
