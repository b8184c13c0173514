"""What a home file takes for a rule is what the rule's blueprint asks for."""

from typing import Any

import pytest

from custom_components.kvarbo.home_file.blueprints import BLUEPRINTS, OF_HOME, OWN, STEPS
from custom_components.kvarbo.home_file.keys import keys_of
from custom_components.kvarbo.home_file.rows import InputsRow
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.settings import setting_fields
from tests.blueprints import shelf

#: The options of every rule, and whom it is about: no inputs of a row.
OPTIONS = {"home", "resident", "owner", "suitable", "priority", "shadow", "name"}


def inputs_of(file: str) -> dict[str, Any]:
    return {
        name: body
        for section in shelf.sections(f"{file}.yaml").values()
        for name, body in section["input"].items()
    }


@pytest.mark.parametrize("kind", sorted(BLUEPRINTS))
def test_a_rule_can_be_told_what_its_blueprint_asks_for(kind: WatcherKind) -> None:
    blueprint = BLUEPRINTS[kind]
    asked = inputs_of(blueprint.file)
    settings = set(setting_fields(KINDS[kind].settings_type)) - blueprint.leaves_out
    options = OPTIONS - blueprint.leaves_out - ({"resident"} if kind in OF_HOME else set())
    assert set(asked) - set(STEPS) == settings | options | blueprint.inputs
    assert blueprint.inputs <= set(keys_of(InputsRow))


def test_every_blueprint_of_a_rule_can_be_made_by_a_file() -> None:
    files = {blueprint.file for blueprint in BLUEPRINTS.values()}
    assert files == {name.removesuffix(".yaml") for name in shelf.ENGLISH}
    assert set(BLUEPRINTS) | OWN == set(WatcherKind)
