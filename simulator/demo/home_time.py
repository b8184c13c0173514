"""Home time in the demo: what Home Assistant has told of it, run on by the clock on the wall (S11)."""

from datetime import datetime
import os
from pathlib import Path
import time
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from simulator.hass import HomeAssistant

_LOCALTIME: Final = Path("/etc/localtime")
_ZONES: Final = "/zoneinfo/"


def local_zone() -> str:
    """Return the IANA name of this machine's time zone: the pages of a browser show the same times."""
    named = os.environ.get("TZ", "").removeprefix(":")
    linked = str(_LOCALTIME.resolve()).partition(_ZONES)[2]
    known = available_timezones()
    return next((name for name in (named, linked) if name in known), "UTC")


class HomeTime:
    """The clock of the demo's home, set by Kvarbo's own action."""

    def __init__(self, hass: HomeAssistant, zone: ZoneInfo) -> None:
        """Start with the clock on the wall, which is what home time is until it is set."""
        self.zone = zone
        self.speed = 1.0
        self._hass = hass
        self._told = time.time()
        self._told_mono = time.monotonic()

    def now(self) -> float:
        """Return home time, epoch seconds."""
        return self._told + (time.monotonic() - self._told_mono) * self.speed

    def wait_until(self, instant: float) -> float:
        """Return how many seconds on the wall it is until a home instant, at this speed."""
        return max(0.0, (instant - self.now()) / self.speed)

    def words(self, instant: float | None = None) -> str:
        """Return what the clock in the home shows then, or now."""
        shown = self.now() if instant is None else instant
        return f"{datetime.fromtimestamp(shown, self.zone):%H:%M:%S}"

    async def run(self, speed: float, skip_to: float | None = None) -> None:
        """Let home time run so many times as fast, after a leap to an instant (epoch seconds)."""
        wanted: dict[str, object] = {"speed": speed}
        if skip_to is not None:
            wanted["skip_to"] = datetime.fromtimestamp(skip_to, self.zone).isoformat()
        said = await self._hass.call(
            "POST", "/api/services/kvarbo/demo_time?return_response", wanted
        )
        answer = said["service_response"]
        self._told = datetime.fromisoformat(answer["now"]).timestamp()
        self._told_mono = time.monotonic()
        self.speed = float(answer["speed"])
