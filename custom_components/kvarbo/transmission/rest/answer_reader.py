"""Read what a profile says of a receiver's answers."""

from collections.abc import Mapping
from typing import Final

from ..receiver import Answer, Fate
from .cursor import Cursor
from .fields import Scalar
from .pointer import Pointer
from .profile import Accept, Problem, Status, typed

_VERDICTS: Final = {answer.value: answer for answer in Answer if answer is not Answer.UNREACHABLE}
_FATES: Final = {fate.value: fate for fate in Fate if fate is not Fate.NOT_KNOWN}
_ACCEPT: Final = frozenset(
    {"statuses", "verdict", "receipt", "status_address", "retry_after", "words", "conflict", "life"}
)
_SUCCESS: Final = range(200, 300)
_SAME_WHATEVER: Final = frozenset({401, 403, *range(300, 400)})
_POINTER: Final = "pointer"
_VALUES: Final = "values"

_MOST_VALUES: Final = 32
_LONGEST_VALUE: Final = 200


def read_accept(place: Cursor) -> Accept:
    """Read what an answer to a message means."""
    members = place.members(_ACCEPT, required=("statuses",))
    verdict: Pointer | None = None
    verdicts: dict[tuple[type, Scalar], Answer] = {}
    if "verdict" in members:
        verdict, verdicts = _meanings(members["verdict"], _VERDICTS, required=Answer.ACCEPTED)
    life = members["life"].choice(("answer", "status")) if "life" in members else "answer"
    return Accept(
        statuses=frozenset(
            _http_status(place, is_read=verdict is not None)
            for place in members["statuses"].elements(_MOST_VALUES)
        ),
        verdict=verdict,
        verdicts=verdicts,
        receipt=_pointer(members, "receipt"),
        status_address=_pointer(members, "status_address"),
        retry_after=_pointer(members, "retry_after"),
        words=_pointer(members, "words"),
        conflict=_pointer(members, "conflict"),
        life_by_status=life == "status",
    )


def read_status(place: Cursor | None) -> Status | None:
    """Read what the answer at a status address means."""
    if place is None:
        return None
    members = place.members(("state", "person", "door"), required=("state",))
    state, fates = _meanings(members["state"], _FATES, required=Fate.CLOSED)
    door = _pointer(members, "door")
    if "person" not in members:
        return Status(state=state, fates=fates, door=door)
    person, persons = _meanings(members["person"], {_VALUES: True}, required=_VALUES)
    return Status(state=state, fates=fates, person=person, persons=frozenset(persons), door=door)


def _http_status(place: Cursor, *, is_read: bool) -> int:
    """Read a status whose answer is read by the pointers.

    A redirect and refused credentials mean the same whatever the body says. Where no verdict is
    read, only a success can be an acceptance.
    """
    status = place.integer(200, 599)
    if status not in _SUCCESS and (not is_read or status in _SAME_WHATEVER):
        raise place.error(Problem.WRONG_VALUE)
    return status


def _pointer(members: Mapping[str, Cursor], key: str) -> Pointer | None:
    return members[key].pointing() if key in members else None


def _meanings[Meaning](
    place: Cursor, known: Mapping[str, Meaning], *, required: str
) -> tuple[Pointer, dict[tuple[type, Scalar], Meaning]]:
    """Read a pointer and the values that stand there for each meaning, a value for one only."""
    members = place.members((_POINTER, *known), required=(_POINTER, required))
    meanings: dict[tuple[type, Scalar], Meaning] = {}
    for key, meaning in known.items():
        for element in members[key].elements(_MOST_VALUES) if key in members else ():
            value = typed(element.scalar(_LONGEST_VALUE))
            if value in meanings:
                raise element.error(Problem.VALUE_TWICE)
            meanings[value] = meaning
    return members[_POINTER].pointing(), meanings
