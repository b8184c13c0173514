"""Profiles damaged at random: read, or refused by name, and nothing else."""

from contextlib import suppress
import copy
import json
import re
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.transmission.rest.fields import Kind
from custom_components.kvarbo.transmission.rest.pointer import MISSING, PointerError, parse_pointer
from custom_components.kvarbo.transmission.rest.profile import Problem, ProfileError, built_in
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from tests.transmission.rest.rest_changes import drop_at, set_at
from tests.transmission.rest.rest_sample import kvarbo_document

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["$kind", "${kind}", "$", "$$", "${", "/", "/v1", "POST", "Host", "accepted"])
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def _pointers(value: Any, pointer: str = "") -> list[str]:
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    if isinstance(value, list):
        members = list(enumerate(value))
    return [pointer] + [p for key, inner in members for p in _pointers(inner, f"{pointer}/{key}")]


POINTERS = _pointers(kvarbo_document())[1:]


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.sampled_from(POINTERS), ANYTHING, st.booleans()), min_size=1, max_size=3)
)
def test_a_profile_changed_anywhere_is_read_or_refused_by_name(
    changes: list[tuple[str, Any, bool]],
) -> None:
    document = copy.deepcopy(kvarbo_document())
    for pointer, value, gone in changes:
        try:
            (drop_at(pointer) if gone else set_at(pointer, value))(document)
        except KeyError, IndexError, TypeError, ValueError:
            continue  # an earlier change took the place away
    try:
        profile = parse_profile(json.dumps(document))
    except ProfileError as err:
        named = err
    else:
        assert profile.forms.keys() == set(Kind)
        return
    assert named.problem in Problem
    assert re.fullmatch(r"(/.*)?", named.field)


@given(st.binary() | st.text())
def test_nothing_but_a_profile_error_gets_out(text: str | bytes) -> None:
    with pytest.raises(ProfileError):
        parse_profile(text)


@given(st.integers(0, len(built_in("kvarbo"))), st.integers(0, 40), st.binary(max_size=8))
def test_a_damaged_file_is_read_or_refused(begin: int, length: int, instead: bytes) -> None:
    whole = built_in("kvarbo")
    with suppress(ProfileError):
        profile = parse_profile(whole[:begin] + instead + whole[begin + length :])
        assert profile.forms.keys() == set(Kind)


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", {"a": [1, {"b/c": None}], "~": 2, "": 3}),
        ("/a/0", 1),
        ("/a/1/b~1c", None),
        ("/~0", 2),
        ("/", 3),
        ("/a/2", MISSING),
        ("/a/-", MISSING),
        ("/a/00", MISSING),
        ("/a/9999999", MISSING),
        ("/a/0/b", MISSING),
        ("/b", MISSING),
    ],
)
def test_pointers_lead_where_rfc_6901_says(pointer: str, found: Any) -> None:
    document = {"a": [1, {"b/c": None}], "~": 2, "": 3}
    assert parse_pointer(pointer).find(document) == found
    assert repr(MISSING) == "MISSING"


@given(st.text())
def test_pointers_are_read_or_refused(text: str) -> None:
    try:
        parse_pointer(text).find({"a": [1]})
    except PointerError:
        assert text
