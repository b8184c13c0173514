"""A home as its pages are told of it, well in all that it says; tests change what they are about."""

from datetime import UTC, datetime
from typing import Any

from custom_components.kvarbo.alarm.kinds import Location, Owner, Role
from custom_components.kvarbo.pages.facts import (
    ChainFacts,
    DeviceFacts,
    HomeFacts,
    ReceiverFacts,
    RuleFacts,
)
from custom_components.kvarbo.supervision.slot import Standing

NOW = datetime(2026, 11, 27, 21, 15, tzinfo=UTC)
SINCE = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)


def device(number: int = 1, **about: Any) -> DeviceFacts:
    return DeviceFacts(
        **{"number": number, "role": Role.HELP_BUTTON, "room": Location.HALLWAY, **about}
    )


def rule(kind: str = "inactivity", resident: int = 1, **about: Any) -> RuleFacts:
    plain: dict[str, Any] = {
        "rule": kind,
        "resident": resident,
        "name": "",
        "standing": Standing.WATCHING,
        "standing_since": SINCE,
        "owner": Owner.NIGHT_PATROL,
        "technical": False,
    }
    return RuleFacts(**{**plain, **about})


def chain(**about: Any) -> ChainFacts:
    plain: dict[str, Any] = {
        "proven": True,
        "tested_at": SINCE,
        "last_receipt": SINCE,
        "undelivered": 0,
        "undelivered_since": None,
        "demo": False,
    }
    return ChainFacts(**{**plain, **about})


def receiver(place: int = 1, **about: Any) -> ReceiverFacts:
    return ReceiverFacts(
        **{"place": place, "protocol": "rest", "takes": "alarms", "reached": True, **about}
    )


def home(**about: Any) -> HomeFacts:
    plain: dict[str, Any] = {
        "now": NOW,
        "chain": chain(),
        "devices": (device(),),
        "rules": (rule(),),
        "receivers": (receiver(),),
    }
    return HomeFacts(**{**plain, **about})
