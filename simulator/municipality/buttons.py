"""The buttons in the home: a narrow way through to a simulated Zigbee network's control API.

It lets the page speak to one origin alone. Nothing but the list and single operations passes, and
their answers are bounded.
"""

from http import HTTPStatus
import json
import re
from typing import Any, Final

import aiohttp
from yarl import URL

from .fields import FieldError

_IEEE = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){7}", re.ASCII)
_METHOD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_MAX_ANSWER: Final = 256 * 1024
_WITHIN: Final = aiohttp.ClientTimeout(total=5)


class NoHomeError(Exception):
    """The simulated home did not answer, or not readably; the words are for a person."""


class Buttons:
    """The simulated home at `address` (its control API's address without a path)."""

    def __init__(self, address: str) -> None:
        url = URL(address)
        if url.scheme not in {"http", "https"} or not url.host or url.path not in {"", "/"}:
            raise FieldError("buttons", "an address such as http://127.0.0.1:8099 was expected")
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def listed(self) -> Any:
        """The devices, as the simulated home lists them.

        Raises:
            NoHomeError: it gave no list.
        """
        return await self._ask("GET", self._url / "sim", None)

    async def operate(self, ieee: str, method: str, arguments: dict[str, Any]) -> Any:
        """Operate one device by hand.

        Raises:
            FieldError: the address or the method is not one.
            NoHomeError: the simulated home refused or did not answer.
        """
        if not _IEEE.fullmatch(ieee):
            raise FieldError("ieee", "eight octets such as 00:0d:6f:00:00:00:00:01 were expected")
        if not _METHOD.fullmatch(method):
            raise FieldError("method", "a word of a-z, 0-9 and _ was expected")
        return await self._ask("POST", self._url / "sim" / ieee / method, arguments)

    async def _ask(self, method: str, url: URL, body: dict[str, Any] | None) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_WITHIN)
        try:
            async with self._session.request(
                method, url, json=body, allow_redirects=False
            ) as response:
                octets = bytearray()
                async for chunk in response.content.iter_any():
                    octets += chunk
                    if len(octets) > _MAX_ANSWER:
                        raise NoHomeError("The simulated home's answer is too long")
                answer = json.loads(octets)
                if response.status != HTTPStatus.OK:
                    raise NoHomeError(_refusal(response.status, answer))
                return answer
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoHomeError("The simulated home does not answer") from error
        except (ValueError, RecursionError) as error:
            raise NoHomeError("The simulated home's answer cannot be read") from error


def _refusal(status: int, answer: Any) -> str:
    """The simulated home's own words on why not, as far as it gave any."""
    error = answer.get("error") if isinstance(answer, dict) else None
    words = error.get("message") if isinstance(error, dict) else None
    if isinstance(words, str):
        return f"The simulated home answered: {words[:200]}"
    return f"The simulated home answered HTTP {status}"
