"""YAML as people write it: in order, lists indented, long texts as blocks, `!input` bare."""

import re
from typing import Any, Final, override

import yaml  # type: ignore[import-untyped]

from .blueprint_steps import Input

WIDTH: Final = 100
#: What all triggers of a blueprint share is written once, under this name.
SHARED: Final = "rule"
_QUOTED: Final = re.compile(r"(?<=!input )'([a-z_]+)'")


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes a blueprint."""

    @override
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    @override
    def generate_anchor(self, node: Any) -> str:
        return SHARED

    @override
    def ignore_aliases(self, data: Any) -> bool:
        # One anchor: the options. All else is written where it stands.
        return not (isinstance(data, dict) and "rule" in data and "settings" in data)


def _input(dumper: yaml.SafeDumper, data: Input) -> yaml.ScalarNode:
    return dumper.represent_scalar("!input", str(data), style="")


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    if "\n" in data:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|")
    # Templates, times and versions are quoted, as in Home Assistant's own examples.
    style = '"' if data.startswith(("{{", *"0123456789")) and '"' not in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


def _nothing(dumper: yaml.SafeDumper, _: None) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(Input, _input)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), _nothing)


def dump(blueprint: dict[str, Any], source: str) -> str:
    """Return a blueprint as text; `source` is what it is made from, as it stands in a comment."""
    head = (
        f"# Written by scripts/blueprints from {source}."
        " A copy in Home Assistant may be edited; it is then never overwritten.\n"
    )
    text = yaml.dump(blueprint, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return head + _QUOTED.sub(r"\1", text)
