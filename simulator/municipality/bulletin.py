"""Word that something has changed, for whoever waits for it: the page's stream and tests alike."""

import asyncio


class Bulletin:
    """A counter that can be waited for."""

    def __init__(self) -> None:
        self.version = 0
        self._posted = asyncio.Event()

    def post(self) -> None:
        """Something has changed."""
        self.version += 1
        self._posted.set()
        self._posted = asyncio.Event()

    async def newer_than(self, version: int) -> int:
        """Wait until the counter stands above `version`; return it."""
        while self.version <= version:
            await self._posted.wait()
        return self.version
