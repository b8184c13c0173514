"""A person at Home Assistant's pages, by the same HTTP and websocket calls that the pages make."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
import contextlib
import itertools
from typing import Any, Final, Self

import aiohttp

from .processes import DemoError

#: Seconds between looks at something that takes its time.
LOOK: Final = 0.1

type Json = dict[str, Any]
#: What is typed into a step, or what makes it of the step that is shown.
type Answer = Json | Callable[[Json], Json]


async def until[T](look: Callable[[], Any], limit: float, what: str) -> T:
    """Await `look()` until it returns something true; raise `DemoError` naming `what` after `limit` s."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit):
            while True:
                with contextlib.suppress(aiohttp.ClientError, KeyError):
                    if value := await look():
                        found: T = value
                        return found
                await asyncio.sleep(LOOK)
    raise DemoError(f"Waited {limit:.0f} s in vain: {what}.")


class HomeAssistant:
    """A running Home Assistant and somebody who uses it."""

    def __init__(self, url: str) -> None:
        """Know its address, without a slash at the end."""
        self.url = url
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._token = ""
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._events: dict[int, Callable[[Json], None]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Open a session."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    # -- by HTTP -------------------------------------------------------------------------------

    async def call(self, method: str, path: str, body: Json | None = None) -> Any:
        """Call the API; raise `DemoError` with its words when it refuses."""
        assert self._session is not None  # noqa: S101
        head = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._session.request(
            method, self.url + path, json=body, headers=head
        ) as answer:
            if answer.status >= 300:  # noqa: PLR2004
                words = (await answer.text())[:300]
                raise DemoError(f"Home Assistant refused {method} {path}: {answer.status} {words}")
            return await answer.json()

    async def is_up(self) -> bool:
        """Tell whether it answers, before its first user is made as after."""
        assert self._session is not None  # noqa: S101
        async with self._session.get(f"{self.url}/auth/providers") as answer:
            # 400: "onboarding not finished".
            return answer.status in (200, 400)

    async def onboard(self, name: str, user: str, password: str, language: str) -> None:
        """Go through the first steps as the technician would: the first user, and nothing shared."""
        assert self._session is not None  # noqa: S101
        client = f"{self.url}/"
        made = await self.call(
            "POST",
            "/api/onboarding/users",
            {
                "client_id": client,
                "name": name,
                "username": user,
                "password": password,
                "language": language,
            },
        )
        form = {
            "client_id": client,
            "grant_type": "authorization_code",
            "code": made["auth_code"],
        }
        async with self._session.post(f"{self.url}/auth/token", data=form) as answer:
            self._token = (await answer.json())["access_token"]
        for step in ("core_config", "analytics"):
            await self.call("POST", f"/api/onboarding/{step}", {})
        await self.call(
            "POST", "/api/onboarding/integration", {"client_id": client, "redirect_uri": client}
        )

    async def walk(self, path: str, start: Json | str, answers: Mapping[str, Answer]) -> Json:
        """Walk through a flow: `start` opens it (or is its id), `answers` are by step, or made of what it shows.

        Raises `DemoError` for an error on a form, an abort, or a step without an answer.
        """
        at = f"/api/config/config_entries/{path}"
        if isinstance(start, str):
            step: Json = await self.call("GET", f"{at}/{start}")
        else:
            step = await self.call("POST", at, start)
        while step["type"] not in ("create_entry", "abort"):
            here = f"{at}/{step['flow_id']}"
            if step["type"] == "progress":
                await asyncio.sleep(LOOK)
                step = await self.call("GET", here)
                continue
            if step.get("errors"):
                raise DemoError(f"A form was refused at {step['step_id']}: {step['errors']}")
            if step["step_id"] not in answers:
                raise DemoError(f"No answer for the step {step['step_id']} of {path}: {step}")
            answer = answers[step["step_id"]]
            step = await self.call("POST", here, answer(step) if callable(answer) else answer)
        if step["type"] == "abort":
            raise DemoError(f"The flow {path} was broken off: {step['reason']}")
        return step

    # -- by websocket --------------------------------------------------------------------------

    async def connect(self) -> None:
        """Open the websocket, as a page does."""
        assert self._session is not None  # noqa: S101
        self._socket = await self._session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self._token})
        if (await self._socket.receive_json())["type"] != "auth_ok":
            raise DemoError("Home Assistant did not take the token on its websocket.")
        self._reader = asyncio.create_task(self._read())

    async def keep_address(self) -> None:
        """Confirm the address that it listens on; unconfirmed it is taken back in five minutes."""
        await self.connect_if_needed()
        if (await self.ask("http/config")).get("pending") is not None:
            await self.ask("http/config/promote")

    async def connect_if_needed(self) -> None:
        """Open the websocket unless it is open."""
        if self._socket is None or self._socket.closed:
            await self.connect()

    async def ask(self, kind: str, **fields: Any) -> Any:
        """Send a websocket command; return its result."""
        number = next(self._ids)
        return await self._ask(number, {"id": number, "type": kind, **fields})

    async def subscribe(self, hearer: Callable[[Json], None], **fields: Any) -> None:
        """Hear events of the bus."""
        number = next(self._ids)
        self._events[number] = hearer
        await self._ask(number, {"id": number, "type": "subscribe_events", **fields})

    async def _ask(self, number: int, command: Json) -> Any:
        assert self._socket is not None  # noqa: S101
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        await self._socket.send_json(command)
        async with asyncio.timeout(30):
            said = await answer
        if not said["success"]:
            raise DemoError(f"Home Assistant refused {command['type']}: {said['error']}")
        return said["result"]

    async def _read(self) -> None:
        async for said in self._said():
            if said["type"] == "result" and said["id"] in self._answers:
                self._answers.pop(said["id"]).set_result(said)
            elif said["type"] == "event" and said["id"] in self._events:
                self._events[said["id"]](said["event"])

    async def _said(self) -> AsyncIterator[Json]:
        assert self._socket is not None  # noqa: S101
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                said = message.json()
                for one in said if isinstance(said, list) else [said]:
                    yield one
