"""A real browser, driven by the Chrome DevTools Protocol: enough of it to look, press and type."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import itertools
from pathlib import Path
import shutil
from typing import Any, Final

import aiohttp

from tests.simulator.municipality.events import until

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--lang=sv",
)


class Browser:
    """One tab. `complaints` is all that its console has said of errors and of breaches of policy."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []

    async def listen(self) -> None:
        async for message in self._socket:
            value = message.json()
            if (waiting := self._waiting.pop(value.get("id", 0), None)) is not None:
                waiting.set_result(value)
            elif value.get("method") == "Log.entryAdded":
                self.complaints.append(value["params"]["entry"]["text"])
            elif value.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(str(value["params"]["exceptionDetails"]))

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(20):
            answer = await self._waiting[number]
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, url: str) -> None:
        for domain in ("Page", "Runtime", "Log"):
            await self.ask(f"{domain}.enable")
        await self.ask("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression gives."""
        answer = await self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str, within: float = 10.0) -> None:
        """Wait until a JavaScript expression is true."""
        await until(lambda: self.value(f"Boolean({expression})"), within)

    async def press(self, key: str) -> None:
        """Press and release one key."""
        text = {"Enter": "\r", " ": " "}.get(key)
        code = {"Enter": 13, "Tab": 9, " ": 32}[key]
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        down = {"type": "keyDown", **common, **({} if text is None else {"text": text})}
        await self.ask("Input.dispatchKeyEvent", **down)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    async def look(self, width: int, height: int, *, dark: bool = False) -> bytes:
        """A picture, PNG."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.ask("Emulation.setEmulatedMedia", features=[scheme])
        picture = await self.ask("Page.captureScreenshot", format="png")
        return base64.b64decode(picture["data"])


@asynccontextmanager
async def browser(profile: Path) -> AsyncGenerator[Browser]:
    """Start a browser with a fresh profile in that folder and end it again."""
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tab = next(one for one in await answer.json() if one["type"] == "page")
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                opened = Browser(socket)
                listening = asyncio.create_task(opened.listen())
                try:
                    yield opened
                finally:
                    listening.cancel()
                    await asyncio.wait([listening])
    finally:
        process.kill()
        await process.wait()


async def _port(file: Path) -> int:
    def read() -> str:
        return file.read_text() if file.exists() else ""

    async def written() -> bool:
        return "\n" in await asyncio.to_thread(read)

    await until(written, 30)
    return int((await asyncio.to_thread(read)).split("\n", 1)[0])
