"""An MQTT profile: a REST profile's bodies and answers, with topics in place of path and headers (docs/mqtt.md)."""

from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Final

from ..rest.cursor import Cursor
from ..rest.profile import Problem, RestProfile
from ..rest.profile_reader import read_document, read_profile

#: The profiles that come with Kvarbo.
BUILT_IN: Final = ("kvarbo",)
#: Longest topic, in octets; the standard allows 65,535.
LONGEST_TOPIC: Final = 200
#: Stands for the home's number in a topic.
HOME: Final = "$controller"

#: What a level of a topic may hold: no wildcard, no blank, nothing that a broker keeps for itself.
_TOPIC: Final = re.compile(r"[0-9A-Za-z._~-]+(?:/[0-9A-Za-z._~-]+)*")
_OF_HTTP: Final = frozenset({"method", "path", "headers", "token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Where what is published. `of` gives them for one home.

    `states` is followed by a level with the alarm's reference.
    """

    alarms: str
    signs: str
    receipts: str
    states: str
    presence: str

    def of(self, controller: str) -> Topics:
        """Return the topics of one home."""
        return Topics(
            alarms=self.alarms.replace(HOME, controller),
            signs=self.signs.replace(HOME, controller),
            receipts=self.receipts.replace(HOME, controller),
            states=self.states.replace(HOME, controller),
            presence=self.presence.replace(HOME, controller),
        )


_NAMES: Final = ("alarms", "signs", "receipts", "states", "presence")


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttProfile:
    """A checked profile. Of `messages` path, method, headers and token are not used."""

    name: str
    topics: Topics
    messages: RestProfile


def parse_profile(text: str | bytes) -> MqttProfile:
    """Read and check a whole profile of at most 64 KiB. Takes milliseconds: not for the event loop.

    Raises:
        ProfileError: the first thing that is wrong with it.
    """
    root = read_document(text)
    members = dict(root.any_members())
    for key, member in members.items():
        if key in _OF_HTTP:
            raise member.error(Problem.UNKNOWN_KEY)
    if "topics" not in members:
        raise root.error(Problem.MISSING, "topics")
    topics = _topics(members["topics"])
    messages = read_profile(Cursor(_as_rest(root.value), "", root.lines))
    return MqttProfile(name=messages.name, topics=topics, messages=messages)


def built_in(name: str) -> bytes:
    """Return the text of a profile that comes with Kvarbo. Reads a file: not for the event loop.

    Raises:
        FileNotFoundError: there is none of this name.
    """
    return (Path(__file__).parent / "profiles" / f"{name}.json").read_bytes()


def _as_rest(value: dict[str, Any]) -> dict[str, Any]:
    document = {key: member for key, member in value.items() if key != "topics"}
    accept = document.get("accept")
    if isinstance(accept, dict):
        # An answer has no status of its own here: whatever comes is read by the pointers.
        document["accept"] = {"statuses": [200], **accept}
    return {**document, "path": "/"}


def _topics(place: Cursor) -> Topics:
    members = place.members(_NAMES, required=_NAMES)
    texts = {name: _topic(members[name]) for name in _NAMES}
    if len(set(texts.values())) < len(texts):
        raise place.error(Problem.VALUE_TWICE)
    return Topics(**texts)


def _topic(place: Cursor) -> str:
    text = place.text(LONGEST_TOPIC)
    if HOME not in text.split("/"):
        raise place.error(Problem.HOME_MISSING)
    if not _TOPIC.fullmatch(text.replace(HOME, "0")):
        raise place.error(Problem.WRONG_VALUE)
    return text
