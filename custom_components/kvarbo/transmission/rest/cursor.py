"""A place in a profile that is being read: its value, its JSON pointer, and errors that name both."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .fields import Scalar
from .located import child
from .pointer import Pointer, PointerError, parse_pointer
from .profile import Problem, ProfileError
from .template import Node, TemplateError, Text, fields_of, parse_leaf, parse_text


@dataclass(frozen=True, slots=True)
class Cursor:
    """One value of the document. Every method raises `ProfileError` for a value that is not of its kind."""

    value: Any
    pointer: str
    lines: Mapping[str, int]

    def error(self, problem: Problem, key: str | None = None) -> ProfileError:
        """Return an error at this place, or at a member of it."""
        pointer = self.pointer if key is None else child(self.pointer, key)
        return ProfileError(pointer, problem, self.lines.get(pointer))

    def members(
        self, known: Collection[str], *, required: Collection[str] = ()
    ) -> dict[str, Cursor]:
        """Read an object of known keys."""
        found = dict(self.any_members())
        for key, member in found.items():
            if key not in known:
                raise member.error(Problem.UNKNOWN_KEY)
        for key in required:
            if key not in found:
                raise self.error(Problem.MISSING, key)
        return found

    def any_members(self) -> Iterator[tuple[str, Cursor]]:
        """Read an object of any keys."""
        if not isinstance(self.value, dict):
            raise self.error(Problem.WRONG_TYPE)
        for key, value in self.value.items():
            yield key, Cursor(value, child(self.pointer, key), self.lines)

    def elements(self, most: int) -> list[Cursor]:
        """Read an array of one to `most` elements."""
        if not isinstance(self.value, list):
            raise self.error(Problem.WRONG_TYPE)
        if not self.value:
            raise self.error(Problem.WRONG_VALUE)
        if len(self.value) > most:
            raise self.error(Problem.TOO_MANY)
        return [
            Cursor(value, child(self.pointer, index), self.lines)
            for index, value in enumerate(self.value)
        ]

    def text(self, longest: int, *, shortest: int = 1) -> str:
        """Read printable text."""
        if not isinstance(self.value, str):
            raise self.error(Problem.WRONG_TYPE)
        if not shortest <= len(self.value) <= longest or not self.value.isprintable():
            raise self.error(Problem.WRONG_VALUE)
        return self.value

    def choice(self, allowed: Collection[str]) -> str:
        """Read one of a closed set of words."""
        if not isinstance(self.value, str):
            raise self.error(Problem.WRONG_TYPE)
        if self.value not in allowed:
            raise self.error(Problem.WRONG_VALUE)
        return self.value

    def integer(self, lowest: int, highest: int) -> int:
        """Read a whole number within both bounds."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.error(Problem.WRONG_TYPE)
        if not lowest <= self.value <= highest:
            raise self.error(Problem.WRONG_VALUE)
        return self.value

    def scalar(self, longest: int) -> Scalar:
        """Read text, a number, true, false or null."""
        if isinstance(self.value, str):
            return self.text(longest, shortest=0)
        if not isinstance(self.value, int | float | None):
            raise self.error(Problem.WRONG_TYPE)
        return self.value

    def pointing(self) -> Pointer:
        """Read a JSON pointer into an answer."""
        if not isinstance(self.value, str):
            raise self.error(Problem.WRONG_TYPE)
        try:
            return parse_pointer(self.value)
        except PointerError:
            raise self.error(Problem.NOT_A_POINTER) from None

    def template(self, fields: Collection[str], every: Collection[str]) -> Text:
        """Read a text template over `fields`; those of `every` have no place here."""
        if not isinstance(self.value, str):
            raise self.error(Problem.WRONG_TYPE)
        try:
            text = parse_text(self.value)
        except TemplateError:
            raise self.error(Problem.NOT_A_TEMPLATE) from None
        self._check_fields(text, fields, every)
        return text

    def json_template(self, fields: Collection[str], every: Collection[str]) -> Node:
        """Read a JSON template over `fields`."""
        match self.value:
            case dict():
                return {
                    key: member.json_template(fields, every) for key, member in self.any_members()
                }
            case list():
                return [
                    Cursor(element, child(self.pointer, index), self.lines).json_template(
                        fields, every
                    )
                    for index, element in enumerate(self.value)
                ]
            case str():
                try:
                    leaf = parse_leaf(self.value)
                except TemplateError:
                    raise self.error(Problem.NOT_A_TEMPLATE) from None
                self._check_fields(leaf, fields, every)
                return leaf
            case _:
                return self.scalar(0)

    def _check_fields(self, node: Node, fields: Collection[str], every: Collection[str]) -> None:
        for name in fields_of(node):
            if name not in every:
                raise self.error(Problem.UNKNOWN_FIELD)
            if name not in fields:
                raise self.error(Problem.FIELD_NOT_HERE)
