"""Events as a home sends them, and a client that posts them; nothing of Kvarbo's own sender."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import json
import time
from typing import Any, Final

import aiohttp

from simulator.testing_municipality import TOKEN

HOME: Final = "urn:kvarbo:48151623"
TIME: Final = "2026-11-22T10:00:00.250Z"
CONTENT_TYPE: Final = "application/cloudevents+json"


def ulid(number: int) -> str:
    return f"01J9ZZZZZZZZZZZZZZZZZZZ{number:03d}"


def least(number: int = 1, **fields: Any) -> dict[str, Any]:
    """The minimal version of an alarm's data."""
    return {
        "schema": 1,
        "alarm": ulid(number),
        "kind": "help_call",
        "class": "personal",
        "priority": 9,
        "test": False,
        "demo": False,
        "raised_at": TIME,
        **fields,
    }


def full(number: int = 1, **fields: Any) -> dict[str, Any]:
    """All that the contract names of an alarm's data."""
    return {
        **least(number),
        "resident": 1,
        "device": 3,
        "role": "help_button",
        "location": "bathroom",
        "reason": "Larmknappen i badrummet trycktes",
        "owner": None,
        "language": "sv",
        "sensed_at": TIME,
        "seen_at": None,
        "seen_in": None,
        "until": None,
        "sent_at": TIME,
        "delayed": False,
        "attempt": 1,
        "clock_trouble": False,
        "durable": True,
        "presses": 1,
        "occurrences": 1,
        "cleared_at": None,
        "cancelled_at": None,
        "note": None,
        **fields,
    }


def event(identity: str, what: str, data: Any, **fields: Any) -> dict[str, Any]:
    """The envelope. `what` is the type without its prefix; an alarm's subject comes from `data`."""
    value = {
        "specversion": "1.0",
        "id": identity,
        "source": HOME,
        "type": f"org.kvarbo.{what}",
        "time": TIME,
        "datacontenttype": "application/json",
        "data": data,
    }
    if what.startswith("alarm."):
        value["subject"] = data["alarm"]
    return value | fields


def raised(identity: str, number: int = 1, **fields: Any) -> dict[str, Any]:
    return event(identity, "alarm.raised", full(number, **fields))


def beat(identity: str, hub: str = "A", interval: int = 300, **fields: Any) -> dict[str, Any]:
    data = {
        "schema": 1,
        "hub": f"01J9HUB{hub * 19}",
        "version": "0.1.0",
        "interval": interval,
        "undelivered": 0,
        "audit_head": None,
        "sent_at": TIME,
    }
    return event(identity, "heartbeat", data, **fields)


def probe(identity: str, hub: str = "A") -> dict[str, Any]:
    return event(identity, "probe", {"schema": 1, "hub": f"01J9HUB{hub * 19}", "sent_at": TIME})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


async def send(
    url: str,
    body: Any = None,
    *,
    method: str = "POST",
    token: str | None = TOKEN,
    content_type: str = CONTENT_TYPE,
    headers: Mapping[str, str] | None = None,
    within: float = 10.0,
    **options: Any,
) -> Answer:
    """One request by a client of its own, redirects not followed; `body` as JSON unless octets."""
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = {"Content-Type": content_type} | dict(headers or {})
    if token is not None:
        said["Authorization"] = f"Bearer {token}"
    timeout = aiohttp.ClientTimeout(total=within)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.request(
            method,
            url,
            data=None if body is None else octets,
            headers=said,
            allow_redirects=False,
            **options,
        ) as response,
    ):
        text = await response.text()
        return Answer(response.status, dict(response.headers), text)


async def until(check: Callable[[], Awaitable[object]], within: float = 10.0) -> None:
    """Ask again and again until the answer is true."""
    deadline = time.monotonic() + within
    while not await check():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:g} s in vain")
        await asyncio.sleep(0.02)


async def operate(url: str, body: Any = None, **options: Any) -> Answer:
    """One request to the operator's port."""
    return await send(url, body, token=None, content_type="application/json", **options)
