"""Everything that ever came in on the alarm port, as it came.

Tests search it for what must never leave a home.

The value of the right token is the one thing left out. Wrong tokens, odd paths, unreadable
requests: all of it stays. Bounded by number and size; what had to go is counted, so that a search
of an incomplete record can be told from a clean one.
"""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
import json
import os
from pathlib import Path
from typing import Any, Final

from .fields import stamp

MAX_EXCHANGES: Final = 50_000
MAX_OCTETS: Final = 256 * 1024 * 1024
_TOKEN_PLACE: Final = "<the right token>"  # noqa: S105 - a mark in its place


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and what became of it.

    `answered`: the whole answer went to the network. `answer` is one word on it, such as `200
    accepted` or `401`; empty while open. `cut`: the body was longer than what is read.
    """

    order: int
    at: datetime
    method: str
    path: str
    headers: list[tuple[str, str]]
    body: str = ""
    cut: bool = False
    answer: str = ""
    answered: bool = False
    done_at: datetime | None = None

    @property
    def octets(self) -> int:
        """Roughly the memory it takes."""
        return 500 + len(self.body) + sum(len(name) + len(value) for name, value in self.headers)

    def shown(self) -> dict[str, Any]:
        """The exchange in JSON's types."""
        return {
            "order": self.order,
            "at": stamp(self.at),
            "method": self.method,
            "path": self.path,
            "headers": [list(pair) for pair in self.headers],
            "body": self.body,
            "cut": self.cut,
            "answer": self.answer,
            "answered": self.answered,
            "done_at": stamp(self.done_at),
        }


class RawRecord:
    """The record.

    With `keep` each exchange is also two JSON lines in that file: when it came in, and when it
    ended. `changed` is called after each.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        token: str | None,
        keep: Path | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._token = token
        self._keep = keep
        self._exchanges: deque[Exchange] = deque()
        self._octets = 0
        self._order = 0
        self.dropped = 0
        self.keep_trouble: str | None = None
        self._writer: ThreadPoolExecutor | None = None
        self._file: int | None = None

    def open(self) -> None:
        """Open the file; blocks.

        Raises:
            OSError: it cannot be opened for appending.
        """
        if self._keep is not None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._file = os.open(self._keep, flags, 0o600)
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="raw record")

    def shut(self) -> None:
        """Write what waits and close the file; blocks."""
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def received(self) -> int:
        """How many have come in all, those dropped since included."""
        return self._order

    def begin(self, method: str, path: str, headers: Iterable[tuple[str, str]]) -> Exchange:
        """A request has begun to come in."""
        self._order += 1
        exchange = Exchange(
            order=self._order,
            at=self._clock(),
            method=method,
            path=path,
            headers=[(name, self._without_token(name, value)) for name, value in headers],
        )
        self._exchanges.append(exchange)
        self._octets += exchange.octets
        return exchange

    def unreadable(self, octets: bytes) -> None:
        """Something came that is no whole HTTP request."""
        if self._token is not None:
            octets = octets.replace(self._token.encode(), _TOKEN_PLACE.encode())
        exchange = self.begin("", "", ())
        exchange.answer = "unreadable"
        self.read(exchange, octets, cut=False)
        self.end(exchange, answered=False)

    def read(self, exchange: Exchange, body: bytes, *, cut: bool) -> None:
        """Its body has been read, or as much of it as is taken."""
        self._octets -= exchange.octets
        exchange.body, exchange.cut = body.decode("utf-8", "backslashreplace"), cut
        self._octets += exchange.octets
        while len(self._exchanges) > MAX_EXCHANGES or self._octets > MAX_OCTETS:
            self._octets -= self._exchanges.popleft().octets
            self.dropped += 1
        self._write({"line": "received", **exchange.shown()})
        self._changed()

    def end(self, exchange: Exchange, *, answered: bool) -> None:
        """It is over."""
        exchange.answered, exchange.done_at = answered, self._clock()
        self._write(
            {
                "line": "ended",
                "order": exchange.order,
                "answer": exchange.answer,
                "answered": answered,
                "done_at": stamp(exchange.done_at),
            }
        )
        self._changed()

    def _without_token(self, name: str, value: str) -> str:
        if self._token is not None and name.lower() == "authorization":
            return value.replace(self._token, _TOKEN_PLACE)
        return value

    def _write(self, line: dict[str, Any]) -> None:
        if self._writer is not None:
            octets = json.dumps(line).encode() + b"\n"
            self._writer.submit(self._append, octets).add_done_callback(self._note_trouble)

    def _append(self, octets: bytes) -> None:
        if self._file is not None:
            while octets:
                octets = octets[os.write(self._file, octets) :]

    def _note_trouble(self, written: Future[None]) -> None:
        error = written.exception()
        if error is not None:
            self.keep_trouble = str(error)

    def shown(self, after: int = 0, last: int | None = None) -> dict[str, Any]:
        """Those with an order above `after`, of them the `last` so many, in JSON's types."""
        chosen = [exchange for exchange in self._exchanges if exchange.order > after]
        if last is not None:
            chosen = chosen[-last:] if last else []
        return {
            "exchanges": [exchange.shown() for exchange in chosen],
            "received": self._order,
            "dropped": self.dropped,
            "keep_trouble": self.keep_trouble,
        }
