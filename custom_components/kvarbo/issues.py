"""Repair issues: made when something needs a person, gone by themselves when it is well again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigFlowContext
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from .alarm.kinds import AlarmKind
from .const import CONF_SUBENTRY_ID, DOMAIN
from .faults import Fault
from .home import Home

#: An alarm that nobody has taken for this long needs a person to look.
UNDELIVERED_FOR: Final = timedelta(minutes=10)
LOOK_EVERY: Final = timedelta(minutes=1)

ISSUE_JOURNAL_RESTORED: Final = "journal_restored"
ISSUE_JOURNAL_SET_ASIDE: Final = "journal_set_aside"
#: Faults that are an issue of the same name.
_OF_FAULT: Final = {
    AlarmKind.RECEIVER_LOST: "receiver_lost",
    AlarmKind.CREDENTIALS_REFUSED: "credentials_refused",
    AlarmKind.FORM_REFUSED: "form_refused",
    AlarmKind.TWO_HUBS: "two_hubs",
    AlarmKind.JOURNAL_FAULT: "journal_fault",
}


class Issues:
    """Keeps the home's repair issues true."""

    def __init__(self, home: Home) -> None:
        """Follow a home; `start` makes the first round."""
        self._home = home
        self._hass = home.hass
        self._stop: list[Callable[[], None]] = []
        self._known: dict[str, dict[str, str]] = {}
        self._reauths: dict[str, str] = {}

    @callback
    def start(self) -> None:
        """Look now, whenever something changes, and each minute."""
        home = self._home
        self._stop = [
            home.watch(self._look),
            home.chain.faults.hear(self._fault),
            async_track_time_interval(
                self._hass, self._look_at, LOOK_EVERY, name="Kvarbo issues", cancel_on_shutdown=True
            ),
        ]
        if home.recovered is not None and home.recovered.set_aside is not None:
            self._set(ISSUE_JOURNAL_SET_ASIDE, {"path": home.recovered.set_aside}, is_fixable=True)
        for fault in home.chain.faults.open.values():
            self._fault(fault, is_open=True)
        self._look()

    @callback
    def stop(self) -> None:
        """Stop looking; what stands is taken down, since nobody would any more."""
        for stop in self._stop:
            stop()
        self._stop = []
        for key in list(self._known):
            self._clear(key)

    async def _look_at(self, _now: datetime) -> None:
        self._look()

    @callback
    def _look(self) -> None:
        home = self._home
        self._keep("no_receiver", {} if not home.receivers() else None)
        restored = home.restored_alarms()
        self._keep(
            ISSUE_JOURNAL_RESTORED,
            {"count": str(len(restored)), "alarms": ", ".join(restored[:20])}
            if restored or home.has_unread_restore()
            else None,
            is_fixable=True,
        )
        old = [
            alarm
            for alarm in home.ledger.undelivered()
            if home.clock.now() - alarm.raised_at > UNDELIVERED_FOR
        ]
        minutes = int(UNDELIVERED_FOR.total_seconds() // 60)
        self._keep(
            "undelivered", {"count": str(len(old)), "minutes": str(minutes)} if old else None
        )
        for subentry in home.receivers():
            error = home.receiver_errors.get(subentry.subentry_id)
            self._keep(
                f"receiver_settings_{subentry.subentry_id}",
                None
                if error is None
                else {
                    "receiver": subentry.title,
                    "field": error.field,
                    "problem": str(error.problem),
                },
                translation_key="receiver_settings",
            )
        for button in home.buttons.values():
            self._keep(
                f"source_missing_{button.subentry_id}",
                {"number": str(button.number)} if button.is_missing else None,
                translation_key="source_missing",
            )

    @callback
    def _fault(self, fault: Fault, is_open: bool) -> None:  # noqa: FBT001
        if (key := _OF_FAULT.get(fault.kind)) is None:
            return
        titles = {s.subentry_id: s.title for s in self._home.receivers()}
        placeholders = {"receiver": titles.get(fault.key, ""), "words": fault.words or "-"}
        self._keep(f"{key}_{fault.key}", placeholders if is_open else None, translation_key=key)
        if fault.kind is AlarmKind.CREDENTIALS_REFUSED and is_open:
            self._start_reauth(fault.key)

    @callback
    def _start_reauth(self, subentry_id: str) -> None:
        self._hass.async_create_task(self._reauth(subentry_id), "kvarbo reauth")

    async def _reauth(self, subentry_id: str) -> None:
        """Ask for new credentials: one flow a receiver, however often it refuses."""
        entry = self._home.entry
        flows = self._hass.config_entries.flow
        under_way = {flow["flow_id"] for flow in flows.async_progress_by_handler(DOMAIN)}
        if self._reauths.get(subentry_id) in under_way:
            return
        result = await flows.async_init(
            DOMAIN,
            context=ConfigFlowContext(
                source=SOURCE_REAUTH,
                entry_id=entry.entry_id,
                title_placeholders={"name": entry.title},
                unique_id=entry.unique_id,
            ),
            data={**entry.data, CONF_SUBENTRY_ID: subentry_id},
        )
        self._reauths[subentry_id] = result["flow_id"]

    @callback
    def _keep(
        self,
        key: str,
        placeholders: dict[str, str] | None,
        *,
        translation_key: str | None = None,
        is_fixable: bool = False,
    ) -> None:
        if placeholders is None:
            if key in self._known:
                self._clear(key)
        elif self._known.get(key) != placeholders:
            self._set(key, placeholders, translation_key=translation_key, is_fixable=is_fixable)

    @callback
    def _set(
        self,
        key: str,
        placeholders: dict[str, str],
        *,
        translation_key: str | None = None,
        is_fixable: bool = False,
    ) -> None:
        self._known[key] = placeholders
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            key,
            is_fixable=is_fixable,
            severity=ir.IssueSeverity.ERROR,
            translation_key=translation_key or key,
            translation_placeholders=placeholders,
            data={"entry_id": self._home.entry.entry_id} if is_fixable else None,
        )

    @callback
    def _clear(self, key: str) -> None:
        self._known.pop(key, None)
        ir.async_delete_issue(self._hass, DOMAIN, key)
