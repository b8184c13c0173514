"""The blueprints of the repository, read as Home Assistant reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint, BlueprintInputs
from homeassistant.util.yaml import load_yaml_dict

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "blueprints/automation/kvarbo"
#: Stands on no rule: see test_answers.py.
ANSWERS: Final = "answers.yaml"
_FILES: Final = sorted(p.name for p in FOLDER.glob("*.yaml") if not p.name.startswith("answers."))
ENGLISH: Final = [name for name in _FILES if name.count(".") == 1]
SWEDISH: Final = [name for name in _FILES if name.endswith(".sv.yaml")]
ALL: Final = [*ENGLISH, *SWEDISH]
#: With the one that stands on no rule.
OFFERED: Final = [*ALL, ANSWERS, "answers.sv.yaml"]

#: What must be given beside the home's device.
GIVEN: Final[dict[str, Any]] = {"owner": "night_patrol", "suitable": True}


def swedish(name: str) -> str:
    """Return the file of the Swedish twin."""
    return name.replace(".yaml", ".sv.yaml")


def load(name: str) -> Blueprint:
    """Return a blueprint; raises as Home Assistant does for one that is none."""
    return Blueprint(
        load_yaml_dict(str(FOLDER / name)),
        path=f"kvarbo/{name}",
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )


def sections(name: str) -> dict[str, Any]:
    """Return the sections of inputs."""
    found: dict[str, Any] = load(name).metadata["input"]
    return found


def substituted(name: str, **inputs: Any) -> dict[str, Any]:
    """Return the automation that the blueprint makes of inputs."""
    given = {"home": "a-device", **GIVEN, **inputs}
    if name.startswith("path_light"):
        given.setdefault("path_lights", ["light.path"])
    config = {"use_blueprint": {"path": f"kvarbo/{name}", "input": given}}
    made = BlueprintInputs(load(name), config)
    made.validate()
    return made.async_substitute()


def steps(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every trigger, condition and step below a part of an automation."""
    if isinstance(part, list):
        for item in part:
            yield from steps(item)
    elif isinstance(part, dict):
        if part.keys() & STEPS and "while" not in part:
            yield part
        for key in BELOW & part.keys():
            yield from steps(part[key])


STEPS: Final = frozenset(
    {"trigger", "condition", "action", "choose", "if", "repeat", "sequence", "wait_for_trigger"}
)
BELOW: Final = frozenset(
    "choose conditions sequence if then else repeat while wait_for_trigger".split()  # noqa: SIM905
)
