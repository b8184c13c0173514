"""Templates of a profile: text with `${field}` in it, and JSON whose leaves may be `"$field"`.

JSON is built as values and written at the end, so no value can break out of its place; in a path every value is
percent-encoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import json
import re
from typing import Any, Final
from urllib.parse import quote

from .fields import Scalar, Values

_FIELD: Final = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>[a-z_]+)\})?")
_WHOLE: Final = re.compile(r"\$([a-z_]+)")


class TemplateError(ValueError):
    """A `$` that is neither `$$`, `${field}` nor a whole `$field`."""


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a field, whole and of its own type."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text and fields in turn."""

    parts: tuple[str | Field, ...]

    def render(self, values: Values) -> str:
        """Return the text with its fields filled in."""
        return "".join(
            part if isinstance(part, str) else as_text(values[part.name]) for part in self.parts
        )

    def render_path(self, values: Values) -> str:
        """Return the text with its fields filled in and percent-encoded, `/` too."""
        return "".join(
            part if isinstance(part, str) else quote(as_text(values[part.name]), safe="")
            for part in self.parts
        )

    @property
    def literal(self) -> str:
        """The text with every field left out."""
        return "".join(part for part in self.parts if isinstance(part, str))


type Node = Field | Text | Scalar | list["Node"] | dict[str, "Node"]


def as_text(value: Scalar) -> str:
    """Return a value as it stands within text: null is nothing, true and false are JSON's."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def parse_text(source: str) -> Text:
    """Read a text template.

    Raises:
        TemplateError: a `$` stands alone.
    """
    parts: list[str | Field] = []
    end = 0
    for match in _FIELD.finditer(source):
        if match.group() == "$":
            raise TemplateError
        parts.append(source[end : match.start()])
        parts.append(Field(match["name"]) if match["name"] else "$")
        end = match.end()
    parts.append(source[end:])
    return Text(tuple(part for part in parts if part))


def parse_leaf(source: str) -> Node:
    """Read a string leaf of a JSON template: a whole `$field`, or text.

    Raises:
        TemplateError: a `$` stands alone.
    """
    if whole := _WHOLE.fullmatch(source):
        return Field(whole[1])
    text = parse_text(source)
    return text if any(True for _ in fields_of(text)) else text.literal


def fields_of(node: Node) -> Iterator[str]:
    """Yield the name of every field used, as often as it is used."""
    match node:
        case Field(name):
            yield name
        case Text(parts):
            yield from (part.name for part in parts if isinstance(part, Field))
        case list():
            for element in node:
                yield from fields_of(element)
        case dict():
            for element in node.values():
                yield from fields_of(element)
        case _:
            pass


def render(node: Node, values: Values) -> Any:
    """Return a JSON template as plain values."""
    match node:
        case Field(name):
            return values[name]
        case Text():
            return node.render(values)
        case list():
            return [render(element, values) for element in node]
        case dict():
            return {key: render(element, values) for key, element in node.items()}
        case _:
            return node


def to_octets(value: Any) -> bytes:
    """Write JSON as it goes on the wire."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
