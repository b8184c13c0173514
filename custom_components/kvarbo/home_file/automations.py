"""The automations that a home file makes, and the text of `automations.yaml` around them.

That file is people's: what stands in it beside our automations stays as it is, octet by octet,
comments too. Ours are known by their id.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from ..supervision.identity import Identity
from ..supervision.settings import Json, setting_fields
from .blueprints import BLUEPRINTS, OF_HOME, STEPS
from .keys import write_row
from .rows import RuleRow
from .tree import LARGEST
from .writer import dump, write_plainly

#: What the id of an automation begins with that a home file has made.
PREFIX: Final = "kvarbo_file_"
_FOLDER: Final = "kvarbo/"
_USE: Final = "use_blueprint"


class UnreadableError(ValueError):
    """`automations.yaml` is no list of automations, or none that can be taken apart safely."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads what people have written; Home Assistant's own tags are nothing to us."""


_Loader.add_multi_constructor("!", lambda *_: None)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the file: one automation as it is written, or what stands before the first."""

    text: str
    value: Json = None

    @property
    def id(self) -> str:
        """The automation's id; empty for none."""
        found = self.value.get("id") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else ""


def id_of(identity: Identity) -> str:
    """Return the id of the automation that a file makes of a rule."""
    name = f"_{identity.name}" if identity.name else ""
    return f"{PREFIX}{identity.kind}_{identity.resident}{name}"


def pieces(text: str) -> list[Piece]:
    """Return the file's parts in their order; together they are its text.

    Raises:
        UnreadableError: it is none that can be taken apart.
    """
    if len(text) > 10 * LARGEST:
        raise UnreadableError("too large")
    try:
        values = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader that skips tags
        if not values and values in (None, []):
            # Home Assistant writes `[]` where there is none.
            kept = "" if text.strip() == "[]" else text
            if values == [] and kept:
                raise UnreadableError("no list of lines")
            return [Piece(kept)] if kept else []
        starts = [text.rfind("\n", 0, at) + 1 for at in _starts(text)]
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        raise UnreadableError(type(err).__name__) from None
    if not isinstance(values, list) or len(starts) != len(values):
        raise UnreadableError("no list of lines")
    bounds = [*starts, len(text)]
    found = [Piece(text[: starts[0]])] if starts[0] else []
    return found + [
        Piece(text[a:b], value) for a, b, value in zip(bounds[:-1], bounds[1:], values, strict=True)
    ]


def _starts(text: str) -> Iterator[int]:
    """Yield where each automation of a list begins: at its dash."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        match token:
            case (
                yaml.BlockSequenceStartToken()
                | yaml.BlockMappingStartToken()
                | yaml.FlowSequenceStartToken()
                | yaml.FlowMappingStartToken()
            ):
                depth += 1
            case yaml.BlockEndToken() | yaml.FlowSequenceEndToken() | yaml.FlowMappingEndToken():
                depth -= 1
            case yaml.BlockEntryToken() if depth == 1:
                yield int(token.start_mark.index)
            case _:
                pass


def spliced(text: str, wanted: Mapping[str, dict[str, Json]]) -> str:
    """Return the file with our automations as wanted, by id, and everybody else's as they are.

    Raises:
        UnreadableError: it cannot be taken apart.
    """
    parts = pieces(text)
    made: list[str] = []
    written: set[str] = set()
    for part in parts:
        if not part.id.startswith(PREFIX):
            made.append(part.text)
        elif part.id in wanted and part.id not in written:
            written.add(part.id)
            same = part.value == wanted[part.id]
            made.append(part.text if same else _item(wanted[part.id]))
    ours = [_item(value) for name, value in wanted.items() if name not in written]
    result = ""
    for each in [*made, *ours]:
        result += ("\n" if result and not result.endswith("\n") else "") + each
    _see_result(parts, result, wanted)
    return result or "[]\n"


def _item(value: dict[str, Json]) -> str:
    return dump([value])


def _see_result(before: list[Piece], text: str, wanted: Mapping[str, dict[str, Json]]) -> None:
    """Refuse rather than harm: what is not ours must read as it did, and ours as it is meant."""
    parts = pieces(text)
    ours = {part.id: part.value for part in parts if part.id.startswith(PREFIX)}
    if _others(parts) != _others(before) or ours != wanted:
        raise UnreadableError("it would read otherwise")


def _others(parts: list[Piece]) -> list[Json]:
    return [p.value for p in parts if p.value is not None and not p.id.startswith(PREFIX)]


def automation(
    row: RuleRow, *, alias: str, home: str, swedish: bool, there: Json = None
) -> dict[str, Json]:
    """Return the automation of a rule, as Home Assistant keeps one that is made of a blueprint.

    `home` is the id of the home's own device, `there` the automation as it is now: a person's name for
    it stays, and so do the steps that somebody has added.
    """
    identity, options = row.identity, row.rule.options
    blueprint = BLUEPRINTS[identity.kind]
    known = there if isinstance(there, dict) else {}
    inputs: dict[str, Json] = {"home": home}
    if identity.kind not in OF_HOME:
        inputs["resident"] = identity.resident
    inputs |= {"owner": str(options.owner), "suitable": True}
    if identity.name:
        inputs["name"] = identity.name
    if options.priority is not None:
        inputs["priority"] = options.priority
    if options.shadow:
        inputs["shadow"] = True
    settings = write_plainly(row.rule.settings)
    inputs |= {
        name: settings[name]
        for name in setting_fields(type(row.rule.settings))
        if name not in blueprint.leaves_out and settings[name] is not None
    }
    inputs |= write_row(row.inputs)
    inputs |= {k: v for k, v in inputs_of(known).items() if k in STEPS}
    language = ".sv" if swedish else ""
    use = known.get(_USE)
    path = f"{_FOLDER}{blueprint.file}{language}.yaml"
    if isinstance(use, dict) and use.get("path") in _paths(blueprint.file):
        path = str(use["path"])
    return {
        "id": id_of(identity),
        "alias": known.get("alias") or alias,
        "description": known.get("description") or "",
        _USE: {"path": path, "input": inputs},
    }


def _paths(file: str) -> tuple[str, str]:
    return f"{_FOLDER}{file}.yaml", f"{_FOLDER}{file}.sv.yaml"


def inputs_of(value: Json) -> dict[str, Json]:
    """Return what an automation tells its blueprint; nothing for one that is made of none."""
    use = value.get(_USE) if isinstance(value, dict) else None
    inputs = use.get("input") if isinstance(use, dict) else None
    return inputs if isinstance(inputs, dict) else {}


def by_identity(parts: list[Piece]) -> dict[Identity, Piece]:
    """Return the automations that are made of our blueprints, ours or a person's, by their rule."""
    files = {path: kind for kind, b in BLUEPRINTS.items() for path in _paths(b.file)}
    found: dict[Identity, Piece] = {}
    for part in parts:
        use: Any = part.value.get(_USE) if isinstance(part.value, dict) else None
        path = use.get("path") if isinstance(use, dict) else None
        if not isinstance(path, str) or path not in files:
            continue
        kind, inputs = files[path], inputs_of(part.value)
        resident = 0 if kind in OF_HOME else inputs.get("resident", 1)
        try:
            identity = Identity(kind, int(str(resident)), str(inputs.get("name") or ""))
        except ValueError:
            continue
        # A file's own goes before a person's of the same rule.
        if identity not in found or part.id.startswith(PREFIX):
            found[identity] = part
    return found
