"""Every problem that a home file can have is told in words, in both languages."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path

import pytest

from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.home_file.problems import PROBLEMS, problem_text

COMPONENT = Path(__file__).parents[2] / "custom_components" / "kvarbo"
SOURCES = [
    *(COMPONENT / "home_file").glob("*.py"),
    *(COMPONENT / name for name in ("home_file_checks.py", "home_file_steps.py", "rule.py")),
    *(COMPONENT / name for name in ("home_names.py", "way_out.py")),
    *(COMPONENT / "supervision" / name for name in ("settings.py", "slot.py")),
]
TELL = {"WrongError", "_WrongError", "SettingFlaw", "FileFlaw", "BadWayError", "add"}
TELL |= {"_flaw", "_stop"}


def problems() -> Iterator[str]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[*_, last]):
                    if name in TELL:
                        # `_flaw(line, problem, field)` names the problem in the middle.
                        third = name == "_flaw" and len(node.args) == 3
                        yield from texts(node.args[1] if third else last)
                case ast.Yield(value=ast.Tuple(elts=[_, last])):
                    yield from texts(last)


def texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body)
            yield from texts(orelse)


def form_texts(language: str) -> set[str]:
    raw = json.loads((COMPONENT / "translations" / f"{language}.json").read_text(encoding="utf-8"))
    return {*raw["config"]["error"], *raw["config_subentries"]["receiver"]["error"]}


@pytest.mark.parametrize("language", list(Language))
def test_every_problem_has_words(language: Language) -> None:
    found = set(problems())
    assert len(found) > 50
    known = form_texts(language) | {p for p in found if problem_text(p, language)}
    assert found - known == set()


def test_no_words_are_for_nothing() -> None:
    # From tables, not from a call.
    by_table = {
        "label_length",
        "label_not_printable",
        "label_personal_number",
        "bad_name",
        "secret",
    }
    assert set(PROBLEMS) - set(problems()) - by_table == set()
