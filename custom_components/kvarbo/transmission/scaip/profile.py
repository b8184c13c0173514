"""A receiver profile: how one make of SCAIP receivers wants to be spoken to, as data (docs/scaip.md).

It holds no secret and no address; both belong to the home's own settings. `profile_reader` makes one
from text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ...alarm.kinds import AlarmKind, Location, Role
from ...alarm.reason import Language
from .sip.wire import Transport
from .values import Dialect

#: The only version of the format so far.
SCHEMA: Final = 1
#: Profiles that come with Kvarbo.
BUILT_IN: Final = ("mrq", "scaip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Numbers of the receiver's own, in place of ours."""

    kinds: Mapping[AlarmKind, Mapping[str, int]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    roles: Mapping[Role, int] = field(default_factory=lambda: MappingProxyType({}))
    locations: Mapping[Location, int] = field(default_factory=lambda: MappingProxyType({}))
    #: Of each of ours, 0-9.
    priorities: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    test_status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaipProfile:
    """A checked profile. `language` None leaves the texts' language to the receiver's setting."""

    name: str
    dialect: Dialect
    transport: Transport = Transport.TLS
    registers: bool = True
    version: str | None = None
    language: Language | None = None
    overrides: Overrides = field(default_factory=Overrides)


def built_in(name: str) -> bytes:
    """Return the text of a profile that comes with Kvarbo. Reads a file: not for the event loop.

    Raises:
        FileNotFoundError: there is none of this name.
    """
    return (Path(__file__).parent / "profiles" / f"{name}.json").read_bytes()
