"""Read a SCAIP profile and say what is wrong with it, by field and line."""

from collections.abc import Collection, Mapping
from enum import StrEnum
import re
from types import MappingProxyType
from typing import Final

from ...alarm.kinds import HIGHEST_PRIORITY, LOWEST_PRIORITY, AlarmKind, Location, Role
from ...alarm.reason import Language
from ..rest.cursor import Cursor
from ..rest.profile import Problem, typed
from ..rest.profile_reader import read_document
from .profile import SCHEMA, Overrides, ScaipProfile
from .sip.wire import Transport
from .values import Dialect

_KEYS: Final = frozenset(
    {"schema", "name", "dialect", "transport", "registers", "version", "language", "codes"}
)
_REQUIRED: Final = ("schema", "name", "dialect")
_CODES: Final = frozenset({"kinds", "roles", "locations", "priorities", "test_status"})
#: What of a kind may be another number, and how high it goes.
_OF_KIND: Final = {"device": 9999, "component": 999, "status": 9999, "cleared": 9999}
_LONGEST_NAME: Final = 64
_VERSION: Final = re.compile(r"[0-9]{2}\.[0-9]{2}")


def parse_profile(text: str | bytes) -> ScaipProfile:
    """Read and check a whole profile of at most 64 KiB.

    Takes milliseconds: not for the event loop.

    Raises:
        ProfileError: the first thing that is wrong with it.
    """
    root = read_document(text)
    members = root.members(_KEYS, required=_REQUIRED)
    if typed(members["schema"].value) != (int, SCHEMA):
        raise members["schema"].error(Problem.UNKNOWN_SCHEMA)
    return ScaipProfile(
        name=members["name"].text(_LONGEST_NAME),
        dialect=Dialect(members["dialect"].choice(tuple(Dialect))),
        transport=Transport(
            members["transport"].choice(tuple(Transport)) if "transport" in members else "tls"
        ),
        registers=_yes(members.get("registers")),
        version=_version(members.get("version")),
        language=(
            Language(members["language"].choice(tuple(Language))) if "language" in members else None
        ),
        overrides=_overrides(members.get("codes")),
    )


def _yes(place: Cursor | None) -> bool:
    if place is None:
        return True
    if not isinstance(place.value, bool):
        raise place.error(Problem.WRONG_TYPE)
    return place.value


def _version(place: Cursor | None) -> str | None:
    if place is None:
        return None
    text = place.text(5)
    if not _VERSION.fullmatch(text):
        raise place.error(Problem.WRONG_VALUE)
    return text


def _overrides(place: Cursor | None) -> Overrides:
    if place is None:
        return Overrides()
    members = place.members(_CODES)
    kinds: dict[AlarmKind, Mapping[str, int]] = {}
    if (table := members.get("kinds")) is not None:
        for key, member in table.members(frozenset(AlarmKind)).items():
            kinds[AlarmKind(key)] = MappingProxyType(
                {
                    name: at.integer(0, _OF_KIND[name])
                    for name, at in member.members(_OF_KIND).items()
                }
            )
    priorities = range(LOWEST_PRIORITY, HIGHEST_PRIORITY + 1)
    test = members.get("test_status")
    return Overrides(
        kinds=MappingProxyType(kinds),
        roles=MappingProxyType(_numbers(members.get("roles"), Role, 9999)),
        locations=MappingProxyType(_numbers(members.get("locations"), Location, 999)),
        priorities=MappingProxyType(
            {
                int(key): at.integer(LOWEST_PRIORITY, HIGHEST_PRIORITY)
                for key, at in _members(members.get("priorities"), {str(p) for p in priorities})
            }
        ),
        test_status=None if test is None else test.integer(0, 9999),
    )


def _numbers[E: StrEnum](place: Cursor | None, names: type[E], most: int) -> dict[E, int]:
    return {names(key): at.integer(0, most) for key, at in _members(place, {str(n) for n in names})}


def _members(place: Cursor | None, known: Collection[str]) -> list[tuple[str, Cursor]]:
    return [] if place is None else list(place.members(known).items())
