"""A final answer as whoever asked sees it."""

from dataclasses import dataclass

from .message import Response
from .values import media_type


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A final answer. `took` and `retry_after` in seconds; `media_type` is the body's, in lower case."""

    status: int
    reason: str
    body: bytes
    media_type: str
    retry_after: float | None
    took: float


def reply_of(response: Response, took: float) -> Reply:
    """Return what a response says; `took` in seconds."""
    return Reply(
        status=response.status,
        reason=response.reason,
        body=response.body,
        media_type=media_type(response.headers.first("content-type")),
        retry_after=_retry_after(response.headers.first("retry-after")),
        took=took,
    )


def _retry_after(text: str | None) -> float | None:
    """Read seconds; a comment and parameters may follow (RFC 3261 section 20.33)."""
    number = (text or "").partition(";")[0].partition("(")[0].strip()
    return float(number) if number.isdecimal() and len(number) < 8 else None  # noqa: PLR2004
