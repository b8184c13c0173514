"""Templates and fields: typed values, no way to break out, the receiver's own words."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.alarm.kinds import KINDS, AlarmClass, AlarmKind, Location, Owner
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.rest.fields import (
    ALARM_FIELDS,
    CODES,
    COMMON_FIELDS,
    FIELDS,
    LIFE_FIELDS,
    SENTENCES,
    Codes,
    Kind,
    alarm_values,
    in_their_words,
    life_values,
)
from custom_components.kvarbo.transmission.rest.template import (
    Field,
    Node,
    TemplateError,
    fields_of,
    parse_leaf,
    parse_text,
    render,
    to_octets,
)
from tests.transmission.rest.rest_sample import a_beat, a_dispatch, an_alarm

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$kind", 9),
        ("${kind}", "9"),
        ("a ${kind}${flag} b", "a 9true b"),
        ("${nothing}", ""),
        ("$nothing", None),
        ("$flag", True),
        ("$$kind", "$kind"),
        ("$$", "$"),
        ("$${kind}", "${kind}"),
        ("100 $$ ${kind}", "100 $ 9"),
        ("", ""),
        ("plain", "plain"),
        ("{kind}", "{kind}"),
    ],
)
def test_leaves(source: str, expected: Any) -> None:
    values = {"kind": 9, "flag": True, "nothing": None}
    result = render(parse_leaf(source), values)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    "source", ["$", "a $kind", "$kind ", "${kind", "${}", "${a b}", "$1", "${K}"]
)
def test_a_stray_dollar_is_refused(source: str) -> None:
    with pytest.raises(TemplateError):
        parse_leaf(source)


@given(SCALARS, st.text(st.characters(exclude_categories=["Cs"])))
def test_no_value_breaks_out_of_its_place(value: Any, literal: str) -> None:
    """Whatever a value holds, the JSON around it stays as the profile has it."""
    escaped = literal.replace("$", "$$")
    template: Node = {
        "whole": parse_leaf("$field"),
        "within": parse_leaf(f"{escaped}${{field}}{escaped}"),
        "list": [parse_leaf("$field"), 1, None],
    }
    assert list(fields_of(template)) == ["field"] * 3
    read = json.loads(to_octets(render(template, {"field": value})))
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    assert read == {
        "whole": value,
        "within": f"{literal}{text}{literal}",
        "list": [value, 1, None],
    }


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_value_in_a_path_stays_one_segment(value: str) -> None:
    path = parse_text("/alarms/${field}/raise").render_path({"field": value})
    assert path.isascii()
    assert path.count("/") == 3
    assert not set(path) & set("?#@:\\ \r\n")


def test_a_field_is_a_leaf_of_its_own() -> None:
    assert parse_leaf("$kind") == Field("kind")
    assert parse_leaf("plain") == "plain"


@pytest.mark.parametrize("kind", list(MessageKind))
def test_an_alarm_has_all_the_fields_of_an_alarm_and_no_more(kind: MessageKind) -> None:
    assert alarm_values(a_dispatch(kind), "4711", Language.SV).keys() == ALARM_FIELDS


@pytest.mark.parametrize("kind", [Kind.HEARTBEAT, Kind.PROBE])
def test_a_sign_of_life_has_nothing_of_an_alarm(kind: Kind) -> None:
    values = life_values(kind, a_beat(), "4711", Language.EN)
    assert values.keys() == LIFE_FIELDS
    assert values["message"] == kind
    assert values["source"] == "urn:kvarbo:4711"
    assert LIFE_FIELDS & ALARM_FIELDS == COMMON_FIELDS


def test_sentences_and_codes_are_fields() -> None:
    assert SENTENCES <= ALARM_FIELDS <= FIELDS
    assert CODES.keys() <= FIELDS


def test_words_for_people_are_in_the_receivers_language_and_the_mark_is_plain() -> None:
    dispatch = a_dispatch(alarm=an_alarm(test=True, presses=2), demo=True)
    values = alarm_values(dispatch, "4711", Language.SV)
    assert values["kind_text"] == "Larmknapp"
    assert values["role_text"] == "larmknapp"
    assert values["location_text"] == "badrum"
    assert values["reason"] == "larmknapp 3 tryckt 2 gånger, badrum"
    assert values["mark"] == "PROV DEMO"
    assert alarm_values(a_dispatch(), "4711", Language.SV)["mark"] == ""


def test_a_place_that_is_not_known_is_null() -> None:
    values = alarm_values(a_dispatch(alarm=an_alarm(location=None)), "4711", Language.SV)
    assert values["location"] is None
    assert values["location_text"] is None


def test_who_acts_and_the_last_sign_of_life_are_said_in_codes_and_in_words() -> None:
    seen = an_alarm().sensed_at
    given = {"owner": Owner.ALARM_CENTRE, "seen_at": seen, "seen_in": Location.KITCHEN}
    alarm = an_alarm(**given, until=seen, repeats=4)
    values = alarm_values(a_dispatch(alarm=alarm), "4711", Language.SV)
    told = {
        "owner": "alarm_centre",
        "owner_text": "trygghetscentral",
        "seen_at": "2026-11-22T02:48:00.123Z",
        "seen_in": "kitchen",
        "seen_in_text": "kök",
        "until": "2026-11-22T02:48:00.123Z",
        "occurrences": 4,
    }
    assert {name: values[name] for name in told} == told
    codes: Codes = {"owner": {"alarm_centre": "LC", "none": "?"}, "seen_in": {"kitchen": 7}}
    theirs = in_their_words(values, codes, {})
    assert (theirs["owner"], theirs["seen_in"]) == ("LC", 7)
    nobody = in_their_words(alarm_values(a_dispatch(), "4711", Language.SV), codes, {})
    assert (nobody["owner"], nobody["seen_in"], nobody["owner_text"]) == ("?", None, None)


@pytest.mark.parametrize(
    "kind", [k for k, traits in KINDS.items() if traits.alarm_class is AlarmClass.TECHNICAL]
)
def test_a_technical_alarm_takes_no_sign_of_life_out_of_the_home(kind: AlarmKind) -> None:
    alarm = an_alarm(kind=kind, seen_at=an_alarm().sensed_at, seen_in=Location.SAUNA)
    values = alarm_values(a_dispatch(alarm=alarm), "4711", Language.EN)
    assert [values[n] for n in ("seen_at", "seen_in", "seen_in_text")] == [None] * 3
    assert "sauna" not in json.dumps(dict(values))


def test_an_attempt_counts_from_one() -> None:
    dispatch = a_dispatch(delivery={"attempts": 0})
    assert alarm_values(dispatch, "4711", Language.EN)["attempt"] == 1


def test_our_words_become_theirs() -> None:
    codes: Codes = {
        "kind": {"help_call": "PERSONAL_ALARM"},
        "priority": {"9": 1, "*": 3},
        "location": {"none": 0, "bathroom": 12},
        "note": {"*": "-"},
        "role": {"hub": "x"},
    }
    values = alarm_values(a_dispatch(), "4711", Language.EN)
    theirs = in_their_words(values, codes, {})
    assert theirs["kind"] == "PERSONAL_ALARM"
    assert theirs["priority"] == 1
    assert theirs["location"] == 12
    assert theirs["note"] == "-"
    # What they have no word for goes in ours.
    assert theirs["role"] == "help_button"
    assert values["kind"] == "help_call"

    other = an_alarm(kind=AlarmKind.FLOOD, priority=6, location=None)
    theirs = in_their_words(alarm_values(a_dispatch(alarm=other), "1", Language.EN), codes, {})
    assert theirs["kind"] == "flood"
    assert theirs["priority"] == 3
    assert theirs["location"] == 0


def test_sentences_are_cut_where_the_receiver_wants_them_short() -> None:
    values = alarm_values(
        a_dispatch(alarm=an_alarm(location=Location.LIVING_ROOM)), "4711", Language.EN
    )
    assert values["reason"] == "help button 3 pressed, living room"
    theirs = in_their_words(values, {}, {"reason": 12, "location_text": 11, "kind_text": 1})
    assert theirs["reason"] == "help button…"
    assert theirs["location_text"] == "living room"
    assert theirs["kind_text"] == "…"
    assert in_their_words({"hub": "x"}, {"kind": {}}, {"reason": 1}) == {"hub": "x"}
