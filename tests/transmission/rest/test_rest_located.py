"""JSON with lines: the same values as the standard's, each on its line, and nothing but named faults."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.transmission.rest.located import (
    Fault,
    LocatedError,
    child,
    read_located,
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_values_are_what_the_standard_reads(value: Any, indent: int | None, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    assert read_located(text, depth=100).value == json.loads(text)


def _places(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    found = [(pointer, value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _places(inner, child(pointer, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += _places(inner, child(pointer, index))
    return found


@given(VALUES)
def test_every_value_has_the_line_it_begins_on(value: Any) -> None:
    text = json.dumps(value, indent=1)
    located = read_located(text, depth=100)
    lines = text.split("\n")
    places = _places(value)
    assert located.lines.keys() == {pointer for pointer, _ in places}
    for pointer, inner in places:
        begin = json.dumps(inner)[:1]
        assert begin in lines[located.lines[pointer] - 1]


@given(st.text(st.sampled_from('{}[],:"\\0123456789.-+eEtrufalsn \n\tåu') | st.characters()))
def test_nothing_but_a_named_fault_gets_out(text: str) -> None:
    try:
        value = read_located(text, depth=8).value
    except LocatedError as err:
        line = err.line
    else:
        assert value == json.loads(text)
        return
    assert 1 <= line <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "fault", "pointer", "line"),
    [
        ("", Fault.NOT_JSON, "", 1),
        ("\n\n{", Fault.NOT_JSON, "", 3),
        ("{'a': 1}", Fault.NOT_JSON, "", 1),
        ('{"a" 1}', Fault.NOT_JSON, "/a", 1),
        ('{\n"a":\n}', Fault.NOT_JSON, "/a", 3),
        ('{"a": 1\n"b": 2}', Fault.NOT_JSON, "/a", 2),
        ('{"a": 1,}', Fault.NOT_JSON, "", 1),
        ('{"a": 1', Fault.NOT_JSON, "/a", 1),
        ("[1\n2]", Fault.NOT_JSON, "/0", 2),
        ("[1,]", Fault.NOT_JSON, "/1", 1),
        ("[1", Fault.NOT_JSON, "/0", 1),
        ("1\n2", Fault.NOT_JSON, "", 2),
        ('"a\nb"', Fault.NOT_JSON, "", 1),
        ("[NaN]", Fault.NOT_JSON, "/0", 1),
        ("[-Infinity]", Fault.NOT_JSON, "/0", 1),
        ("[\n1e999]", Fault.NOT_JSON, "/0", 2),
        ("9" * 5000, Fault.NOT_JSON, "", 1),
        ('{"a/b~c": {"d": 1,\n"d": 2}}', Fault.DUPLICATE_KEY, "/a~1b~0c/d", 2),
        ("[[[\n[]]]]", Fault.TOO_DEEP, "/0/0/0", 2),
        ("[" * 60000, Fault.TOO_DEEP, "/0/0/0", 1),
        ('["\\ud800"]', Fault.HALF_CHARACTER, "/0", 1),
        ('{"\\udfff": 1}', Fault.HALF_CHARACTER, "", 1),
    ],
)
def test_faults_name_their_place(text: str, fault: Fault, pointer: str, line: int) -> None:
    with pytest.raises(LocatedError) as caught:
        read_located(text, depth=3)
    assert (caught.value.fault, caught.value.pointer, caught.value.line) == (fault, pointer, line)
