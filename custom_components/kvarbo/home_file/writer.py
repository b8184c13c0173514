"""From values to the text of a home file: the same text for the same values, in a fixed order."""

from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from ..supervision.house import Dwelling
from ..supervision.settings import WEEKDAYS, Json, SettingsClass, setting_fields
from .keys import Span, as_json, write_row
from .reader import KIND_KEY, SECTIONS
from .rows import LISTS, VERSION, HomeFile, RuleRow

#: Wide enough that no value is folded: a line of the file is a line of a difference.
_WIDTH: Final = 4096


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes lists indented below their names, and never an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002
        """Indent lists too."""
        return super().increase_indent(flow, False)  # noqa: FBT003 - PyYAML's own signature

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Write what is the same twice."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> Any:
    # A certificate or a profile stays readable.
    style = "|" if "\n" in value and value == value.strip(" ") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def write_home_file(home: HomeFile) -> str:
    """Return the text that `read_home_file` takes back to these values."""
    return dump(to_json(home))


def dump(value: Json) -> str:
    """Return plain values as YAML, in their order."""
    written: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH
    )
    return written


def to_json(home: HomeFile) -> dict[str, Json]:
    """Return a home file as plain values, in the order in which they are written."""
    made: dict[str, Json] = {KIND_KEY: VERSION}
    for section in SECTIONS:
        value = getattr(home, section)
        if value is None:
            continue
        if isinstance(value, Dwelling):
            made[section] = write_plainly(value)
        elif section in LISTS:
            known_by = LISTS[section][1]
            rows = sorted(value, key=lambda row: tuple(getattr(row, name) for name in known_by))
            made[section] = [write_row(row) for row in rows]
        elif section == "rules":
            made[section] = [write_rule(row) for row in sorted(value, key=lambda r: r.identity)]
        else:
            made[section] = write_row(value)
    return made


def write_rule(row: RuleRow) -> dict[str, Json]:
    """Return a rule as it is written: all of its settings, also those that are as they come.

    So a later release that comes with other limits changes nobody's home.
    """
    identity, options = row.identity, row.rule.options
    made: dict[str, Json] = {"rule": str(identity.kind), "resident": identity.resident}
    if identity.name:
        made["name"] = identity.name
    made |= {"owner": str(options.owner), "suitable": options.suitable}
    if options.priority is not None:
        made["priority"] = options.priority
    if options.shadow:
        made["shadow"] = True
    made["settings"] = write_plainly(row.rule.settings)
    if inputs := write_row(row.inputs):
        made["inputs"] = inputs
    return made


def write_plainly(settings: SettingsClass) -> dict[str, Json]:
    """Return settings as people write them; `read_settings` takes them back."""
    return {
        name: _plainly(setting.unit, getattr(settings, name))
        for name, setting in setting_fields(type(settings)).items()
    }


def _plainly(unit: str, value: Any) -> Json:
    match unit, value:
        case (_, None):
            return None
        case ("duration" | "clock", float()) if value.is_integer() and value >= 0:
            return str(Span(value))
        case ("clocks", tuple()):
            return [_plainly("clock", at) for at in value]
        case ("weekdays", tuple()):
            return [WEEKDAYS[at] for at in value]
        case _:
            return as_json(value)
