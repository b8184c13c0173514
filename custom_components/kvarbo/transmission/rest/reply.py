"""What an answer means: from HTTP status and body to a verdict, by the profile and the table in docs/rest.md.

Never raises for anything that a far end can send; what cannot be read is no receipt, and the message
may have been heard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import json
import logging
import math
import re
from typing import Any, Final

from yarl import URL

from ...alarm.reason import Language
from ..receiver import Answer, Fate, Followed, Verdict
from .fields import Scalar
from .pointer import MISSING, Pointer
from .profile import Accept, Status, typed
from .session import Incoming
from .words import HIDDEN, Said, hide, printable, say

_LOGGER: Final = logging.getLogger(__name__)

#: Most nested objects and arrays in an answer.
DEEPEST: Final = 24
#: Longest receipt and status address that are kept, in characters.
LONGEST_RECEIPT: Final = 512
LONGEST_ADDRESS: Final = 2048
#: Longest name of a request to unlock the entry.
LONGEST_REQUEST: Final = 64
#: Longest wait that a receiver can ask for, in seconds.
LONGEST_WAIT: Final = 3600.0

_CREDENTIALS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
#: The form is wrong or too long (A6).
_FORM: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.CONTENT_TOO_LARGE,
        HTTPStatus.URI_TOO_LONG,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_CONTENT,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
)
_MAY_WAIT: Final = frozenset({Answer.HOLD, Answer.BUSY})
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

# A string, also one that the end of the text cuts off: so every quote belongs to one match, and one pass is enough.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


class _UnreadableError(Exception):
    """Not the JSON that it should be."""


def parse_answer(body: bytes) -> Any:
    """Read JSON strictly: UTF-8, no name twice, no NaN, bounded depth; `MISSING` for all else."""
    try:
        if not _is_shallow(body):
            return MISSING
        return json.loads(
            body.decode(), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except _UnreadableError, ValueError, RecursionError:
        return MISSING


def _is_shallow(body: bytes) -> bool:
    """Tell whether brackets nest at most `DEEPEST` deep, at the speed of C: each round takes off the innermost."""
    brackets = _STRING.sub(b"", body).translate(None, _NOT_BRACKETS)
    for _ in range(DEEPEST):
        if not brackets:
            return True
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return not brackets


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _UnreadableError
    return found


def _refuse(_: str) -> float:
    raise _UnreadableError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _UnreadableError
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is needed to read the answers of one receiver.

    `secret` is our token, hidden wherever the far end repeats it.
    """

    accept: Accept
    language: Language
    secret: str | None = field(repr=False)

    def verdict(self, incoming: Incoming, url: str, now: datetime, *, is_life: bool) -> Verdict:
        """Return what an answer means; `is_life`: to a sign of life. `url` is what was asked, `now` home time."""
        status = incoming.status
        document = parse_answer(incoming.body)
        words = self._words(document)
        if status in _CREDENTIALS:
            return self._final(Answer.CREDENTIALS_REFUSED, incoming, words)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return self._lost(incoming, Said.REDIRECTED)
        if status in self.accept.statuses:
            verdict = self._by_body(incoming, document, url, now, is_life=is_life)
            is_conflict = _find(self.accept.conflict, document) is True
            return replace(verdict, words=verdict.words or words, conflict=is_conflict)
        # Any proxy on the way may have given such a status, so it ends nothing: what is not listed
        # here is tried again by the schedule.
        if status in _FORM:
            return self._final(Answer.FORM_REFUSED, incoming, words)
        if status in _BUSY:
            wait = self._wait(incoming, document, now)
            return replace(self._final(Answer.BUSY, incoming, words), retry_after=wait)
        return self._lost(incoming, Said.STATUS, words)

    def _by_body(
        self, incoming: Incoming, document: Any, url: str, now: datetime, *, is_life: bool
    ) -> Verdict:
        """Read an answer by the profile's pointers."""
        accept, answer, took = self.accept, Answer.ACCEPTED, incoming.took
        if is_life and accept.life_by_status:
            return Verdict(answer=answer, took=took)
        if accept.verdict is not None:
            if document is MISSING:
                return self._lost(incoming, Said.NOT_JSON)
            found = _meaning(accept.verdict.find(document), accept.verdicts)
            if found is None:
                return self._lost(incoming, Said.NO_VERDICT)
            answer = found
        if answer in _MAY_WAIT:
            wait = self._wait(incoming, document, now)
            return Verdict(answer=answer, retry_after=wait, took=took)
        if answer is not Answer.ACCEPTED:
            return Verdict(answer=answer, took=took)
        receipt = self._receipt(document)
        if receipt is None and accept.receipt is not None and not is_life:
            return self._lost(incoming, Said.NOT_JSON if document is MISSING else Said.NO_RECEIPT)
        address = self._status_address(document, url)
        return Verdict(answer=answer, receipt=receipt, status_address=address, took=took)

    def _final(self, answer: Answer, incoming: Incoming, words: str) -> Verdict:
        words = words or say(Said.STATUS, self.language, incoming.status)
        return Verdict(answer=answer, words=words, took=incoming.took)

    def _lost(self, incoming: Incoming, said: Said, words: str = "") -> Verdict:
        ours = say(said, self.language, incoming.status)
        return Verdict(
            answer=Answer.UNREACHABLE,
            words=printable(f"{ours}: {words}") if words else ours,
            maybe_heard=True,
            took=incoming.took,
        )

    def _words(self, document: Any) -> str:
        found = _find(self.accept.words, document)
        return printable(hide(found, self.secret)) if isinstance(found, str) else ""

    def _receipt(self, document: Any) -> str | None:
        """Return the receipt; one that cannot be shown as it is, is none."""
        found = _find(self.accept.receipt, document)
        if isinstance(found, int) and not isinstance(found, bool):
            found = str(found) if abs(found) < 10**18 else ""
        if not isinstance(found, str) or not found.strip() or not found.isprintable():
            return None
        return hide(found, self.secret) if len(found) <= LONGEST_RECEIPT else None

    def _status_address(self, document: Any, url: str) -> str | None:
        found = _find(self.accept.status_address, document)
        if found is MISSING or found is None:
            return None
        address = same_origin(found, url, self.secret)
        if address is None:
            _LOGGER.warning(
                "A receiver gave a status address that is not its own; its alarms are not followed"
            )
        return address

    def _wait(self, incoming: Incoming, document: Any, now: datetime) -> float | None:
        """Return seconds to wait, from the body or else the header `Retry-After` (RFC 9110 section 10.2.3)."""
        found = _find(self.accept.retry_after, document)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return float(min(max(found, 0), LONGEST_WAIT))
        return wait_of(incoming.retry_after, now)


def _find(pointer: Pointer | None, document: Any) -> Any:
    return MISSING if pointer is None else pointer.find(document)


def _meaning[Meaning](value: Any, table: Mapping[tuple[type, Scalar], Meaning]) -> Meaning | None:
    if isinstance(value, str | int | float | None):
        return table.get(typed(value))
    return None


def wait_of(header: str | None, now: datetime) -> float | None:
    """Return what a `Retry-After` header asks for in seconds, None when it cannot be read."""
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)


def same_origin(address: Any, url: str, secret: str | None) -> str | None:
    """Return a status address as a whole one, resolved against the request's (RFC 3986 section 5).

    None unless it is of the same scheme, host and port: our token goes there.
    """
    if not isinstance(address, str) or not 0 < len(address) <= LONGEST_ADDRESS:
        return None
    if not address.isprintable() or not address.isascii() or set(address) & set(' \\#"<>^`{|}'):
        return None
    if hide(address, secret) != address or HIDDEN in address:
        return None
    base = URL(url, encoded=True)
    try:
        whole = base.join(URL(address))
        if whole.user is not None or whole.password is not None:
            return None
        return str(whole) if whole.origin() == base.origin() else None
    except ValueError:
        return None


def read_fate(status: Status, incoming: Incoming) -> Followed:
    """Return what the answer at a status address tells."""
    if incoming.status != HTTPStatus.OK:
        return Followed(Fate.NOT_KNOWN)
    document = parse_answer(incoming.body)
    fate = _meaning(status.state.find(document), status.fates)
    if fate is None:
        return Followed(Fate.NOT_KNOWN)
    by = _find(status.person, document)
    by_person = isinstance(by, str | int | float | None) and typed(by) in status.persons
    asked = _find(status.door, document)
    return Followed(fate, by_person and fate is not Fate.RECEIVED, _request(asked))


def _request(asked: Any) -> str | None:
    """Return the name of a request to unlock the entry; None for what can be no name."""
    if isinstance(asked, bool) or not isinstance(asked, str | int):
        return None
    name = str(asked)
    return name if 0 < len(name) <= LONGEST_REQUEST and name.isprintable() else None
