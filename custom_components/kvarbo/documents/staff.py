"""What is recorded about staff: nothing (R11, R55), and what cannot be helped, said openly."""

from typing import Final

from ..alarm.kinds import Role
from .facts import HomeFacts
from .paper import Audience, Bullets, Document, DocumentName, Section
from .words import Words

_NOT: Final = ("not_names", "not_visits", "not_codes", "not_picture", "not_speed")
_SEEN: Final = ("seen_motion", "seen_history", "seen_press", "seen_visitor")


def staff_document(home: HomeFacts) -> Document:
    """Return the page for staff, unions and safety representatives."""
    words = Words(home.language, "pages")
    lock = ("seen_lock",) if home.of_role(Role.ENTRY_LOCK) else ()
    return Document(
        DocumentName.STAFF,
        Audience.STAFF,
        words.say("staff.title"),
        words.say("staff.lead", controller=home.controller),
        (
            _section(words, "not", *_NOT),
            _section(words, "seen", *_SEEN, *lock, "seen_far"),
            _section(words, "kept", "kept_text"),
            _section(words, "use", "use_text"),
        ),
    )


def _section(words: Words, key: str, *said: str) -> Section:
    bullets = Bullets(tuple(words.say(f"staff.{one}") for one in said))
    return Section(key, words.say(f"staff.{key}"), (bullets,))
