"""A receiver is proved before it is trusted: one real heartbeat, and the far end's own answer."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant

from ..const import CONF_HEARTBEAT
from ..home import Home
from ..quoting import quoted
from ..receivers import async_build_receiver, host_of
from ..transmission.receiver import Answer, Heartbeat, Verdict


class Outcome(StrEnum):
    """How a proof went; also the name of the step that shows it."""

    PROVED = "proved"
    #: Proved, and the far end hears another hub under the same number (A12).
    TWO_HUBS = "two_hubs"
    PROOF_FAILED = "proof_failed"
    HOME_STOPPED = "home_stopped"


class Proof:
    """A heartbeat under way to a receiver with settings that are not in use yet.

    It is the home's own: the same hub and the same counts as every other one, so that the far end
    does not take the proof for a second hub (A12). `task` ends with the verdict, or with None when
    the home is not running and nobody could ask.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], settings: Mapping[str, Any]
    ) -> None:
        """Send it."""
        self._hass = hass
        self._entry = entry
        self._settings = dict(settings)
        self.task: asyncio.Task[Verdict | None] = hass.async_create_background_task(
            self._ask(), "kvarbo proof of a receiver"
        )

    async def _ask(self) -> Verdict | None:
        if self._entry.state is not ConfigEntryState.LOADED:
            return None
        home: Home = self._entry.runtime_data
        receiver = await async_build_receiver(
            self._hass,
            self._entry.data,
            self._settings,
            home.clock,
        )
        beat = Heartbeat(
            hub=home.facts.hub,
            version=home.facts.version,
            interval=self._settings[CONF_HEARTBEAT],
            undelivered=len(home.chain.transmitter.undelivered()),
            sent_at=home.clock.now(),
        )
        try:
            return await receiver.heartbeat(beat)
        finally:
            # Also when the person closes the dialog before the answer is there.
            await receiver.close()

    @property
    def is_over(self) -> bool:
        """Tell whether the answer is there, or known not to come."""
        return self.task.done()

    @property
    def verdict(self) -> Verdict | None:
        """Return the far end's answer; None before it is there, or when nobody could ask."""
        return self.task.result() if self.is_over else None

    @property
    def outcome(self) -> Outcome:
        """Return how it went, once it is over."""
        verdict = self.verdict
        if verdict is None:
            return Outcome.HOME_STOPPED
        if verdict.answer is not Answer.ACCEPTED:
            return Outcome.PROOF_FAILED
        return Outcome.TWO_HUBS if verdict.conflict else Outcome.PROVED

    def in_words(self) -> dict[str, str]:
        """Return placeholders: the host, the far end's own words, the round trip in ms."""
        verdict = self.verdict
        took = None if verdict is None else verdict.took
        return {
            "host": host_of(self._settings[CONF_URL]),
            "words": quoted("" if verdict is None else verdict.words),
            "took": "-" if took is None else str(max(1, round(took * 1000))),
        }
