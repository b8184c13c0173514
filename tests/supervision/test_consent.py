"""Recorded consent (S10, R04, R19)."""

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.supervision.consent import (
    BASES,
    NOT_ESTABLISHED,
    Consent,
    ConsentBook,
    EndReason,
)
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.settings import Json

NIGHT = WatcherKind.NIGHT_ABSENCE
NOW = 1_768_903_200.0

consents = st.builds(
    Consent,
    st.sampled_from([*sorted(BASES), NOT_ESTABLISHED]),
    st.just("coordinator"),
    st.floats(min_value=0, max_value=1e10),
    st.none() | st.floats(min_value=0, max_value=1e10),
)


def book(*residents: int, until: float | None = None, basis: str = "own") -> ConsentBook:
    made = ConsentBook()
    for resident in residents:
        made.give(NIGHT, resident, Consent(basis, "coordinator", NOW, until))
    return made


def test_consent_is_to_one_function_of_one_resident() -> None:
    assert book(1).allows(NIGHT, 1, 1, NOW)
    assert not book(1).allows(WatcherKind.INACTIVITY, 1, 1, NOW)
    assert not book(2).allows(NIGHT, 1, 1, NOW)
    assert not book().allows(NIGHT, 0, 1, NOW)


@pytest.mark.parametrize("watched", [0, 1, 2])
def test_sensors_see_everybody_so_everybody_is_asked(watched: int) -> None:
    assert not book(1).allows(NIGHT, watched, 2, NOW)
    assert book(1, 2).allows(NIGHT, watched, 2, NOW)


@pytest.mark.parametrize("basis", [NOT_ESTABLISHED, "", "hearsay"])
def test_an_unknown_ground_arms_nothing(basis: str) -> None:
    assert not book(1, basis=basis).allows(NIGHT, 1, 1, NOW)


def test_a_municipality_may_have_grounds_of_its_own() -> None:
    made = ConsentBook(frozenset({"decision"}))
    made.give(NIGHT, 1, Consent("decision", "nurse", NOW))
    assert made.allows(NIGHT, 1, 1, NOW)
    made.give(NIGHT, 1, Consent("own", "nurse", NOW))
    assert not made.allows(NIGHT, 1, 1, NOW)


def test_consent_runs_out() -> None:
    made = book(1, until=NOW + 60)
    assert made.allows(NIGHT, 1, 1, NOW + 59)
    assert not made.allows(NIGHT, 1, 1, NOW + 60)
    assert made.next_end(NOW) == NOW + 60
    assert made.next_end(NOW + 60) is None
    assert made.of(NIGHT, 1) is not None


def test_withdrawals_are_counted_by_reason_and_name_nobody() -> None:
    made = book(1, 2)
    assert made.withdraw(NIGHT, 1, EndReason.IRRITATING)
    assert made.withdraw(NIGHT, 2, EndReason.IRRITATING)
    assert not made.withdraw(NIGHT, 2, EndReason.NO_NEED)
    assert made.ended == {"night_absence/irritating": 2}
    assert made.of(NIGHT, 1) is None


@given(
    st.dictionaries(st.tuples(st.sampled_from(WatcherKind), st.integers(1, 2)), consents),
    st.dictionaries(st.text(max_size=5), st.integers(0, 99)),
)
def test_what_was_kept_is_read_as_it_was(
    held: dict[tuple[WatcherKind, int], Consent], ended: dict[str, int]
) -> None:
    made = ConsentBook()
    for (kind, resident), consent in held.items():
        made.give(kind, resident, consent)
    made.ended = ended
    back = ConsentBook()
    assert back.load(made.to_json()) == 0
    assert back.held() == held
    assert back.ended == ended


@pytest.mark.parametrize(
    ("raw", "unread"),
    [
        (None, 0),
        ({}, 0),
        ({"held": {"night_absence/1": None}}, 1),
        ({"held": {"night_absence/1": {"basis": "own"}}}, 1),
        ({"held": {"night_absence/1": {"basis": "own", "taken_by": "x", "given_at": "now"}}}, 1),
        (
            {
                "held": {
                    "night_absence/1": {"basis": "own", "taken_by": "x", "given_at": 1, "until": ""}
                }
            },
            1,
        ),
        ({"held": {"telepathy/1": {}, "night_absence": {}, "night_absence/x": {}}}, 3),
        ({"ended": {"a": "many"}}, 0),
    ],
)
def test_what_cannot_be_read_arms_nothing_and_is_counted(raw: Json, unread: int) -> None:
    made = ConsentBook()
    assert made.load(raw) == unread
    assert made.held() == {}
    assert made.ended == {}
