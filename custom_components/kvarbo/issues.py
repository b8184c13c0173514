"""Repair issues: made when something needs a person, gone by themselves when it is well again."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigFlowContext
from homeassistant.core import callback
from homeassistant.data_entry_flow import UnknownFlow
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .alarm.kinds import AlarmKind
from .commissioning.items import State
from .const import CONF_REVIEW, CONF_SUBENTRY_ID, DOMAIN
from .devices.source import is_to_pair
from .faults import Fault
from .home import Home
from .outsiders import outsiders
from .quoting import quoted
from .rule_issues import rule_issues
from .way_out import Enforcement, is_way_unreadable, tunnel_of

_LOGGER = logging.getLogger(__name__)

#: An alarm that nobody has taken for this long needs a person to look.
UNDELIVERED_FOR: Final = timedelta(minutes=10)
LOOK_EVERY: Final = timedelta(minutes=1)

ISSUE_JOURNAL_RESTORED: Final = "journal_restored"
ISSUE_JOURNAL_SET_ASIDE: Final = "journal_set_aside"
ISSUE_FOLLOW_UP: Final = "follow_up"
#: Faults that are an issue of the same name.
_OF_FAULT: Final = {
    AlarmKind.RECEIVER_LOST: "receiver_lost",
    AlarmKind.PATH_LOST: "path_lost",
    AlarmKind.CREDENTIALS_REFUSED: "credentials_refused",
    AlarmKind.FORM_REFUSED: "form_refused",
    AlarmKind.TWO_HUBS: "two_hubs",
    AlarmKind.JOURNAL_FAULT: "journal_fault",
    AlarmKind.CLOCK_FAULT: "clock_fault",
    AlarmKind.MAINS_LOST: "mains_lost",
    AlarmKind.RADIO_LOST: "radio_lost",
    AlarmKind.DEVICE_SILENT: "device_silent",
    AlarmKind.DEVICE_BATTERY: "device_battery",
    AlarmKind.DEVICE_TAMPER: "device_tamper",
    AlarmKind.DEVICE_FAULT: "device_fault",
    AlarmKind.LOCK_FAULT: "lock_fault",
}


#: Issues about one device, whose fix looks at it again or replaces it.
OF_DEVICES: Final = frozenset(
    {
        "device_silent",
        "device_battery",
        "device_tamper",
        "device_fault",
        "source_missing",
        "not_paired",
        "link_fading",
    }
)


class Issues:
    """Keeps the home's repair issues true."""

    def __init__(self, home: Home) -> None:
        """Follow a home; `start` makes the first round."""
        self._home = home
        self._hass = home.hass
        self._stop: list[Callable[[], None]] = []
        self._known: dict[str, dict[str, str]] = {}
        #: The flow that asks for new credentials, by receiver; empty while it is being opened.
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
        unreadable = is_way_unreadable(home.entry.data)
        self._keep(
            "way_not_chosen",
            {}
            if tunnel_of(home.entry.data).enforcement is Enforcement.NONE and not unreadable
            else None,
        )
        self._keep("way_unreadable", {} if unreadable else None)
        review = str(home.entry.data.get(CONF_REVIEW) or "")
        self._keep(
            "review_due",
            {"date": review} if review and review < dt_util.now().date().isoformat() else None,
            severity=ir.IssueSeverity.WARNING,
        )
        others = [] if home.facts.demo else outsiders(self._hass)
        self._keep(
            "outsiders",
            {"integrations": ", ".join(others)} if others else None,
            severity=ir.IssueSeverity.WARNING,
        )
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
            for alarm in home.chain.transmitter.undelivered()
            if home.clock.now() - alarm.raised_at > UNDELIVERED_FOR
        ]
        minutes = int(UNDELIVERED_FOR.total_seconds() // 60)
        self._keep(
            "undelivered", {"count": str(len(old)), "minutes": str(minutes)} if old else None
        )
        self._keep(
            ISSUE_JOURNAL_SET_ASIDE,
            None if home.set_aside is None else {"path": str(home.set_aside)},
            is_fixable=True,
        )
        titles = {s.subentry_id: s.title for s in home.receivers()}
        self._keep_each(
            "receiver_settings",
            {
                key: {
                    "receiver": titles.get(key, ""),
                    "field": error.field,
                    "problem": str(error.problem),
                }
                for key, error in home.receiver_errors.items()
            },
        )
        devices = [
            d
            for key in (s.subentry_id for s in home.device_subentries())
            for d in home.devices.heard(key)
        ]
        to_pair = {d.subentry_id: str(d.number) for d in devices if is_to_pair(d.source)}
        missing = {
            d.subentry_id: str(d.number)
            for d in devices
            if d.is_missing and d.subentry_id not in to_pair
        }
        self._keep_each("not_paired", {key: {"number": n} for key, n in to_pair.items()})
        self._keep_each(
            "source_missing",
            {key: {"number": number} for key, number in (missing | home.devices.deaf).items()},
        )
        self._keep_each(
            "never_tried",
            {str(number): {"number": str(number)} for number in home.check.rounds.untried()},
        )
        self._keep_each(
            "link_fading",
            {str(number): {"number": str(number)} for number in home.check.rounds.fading()},
        )
        installation = home.installation
        installation.look()
        blocks = installation.blocks if installation.state is State.OPEN else ()
        self._keep(
            "commissioning_open",
            {"count": str(len(blocks))} if blocks else None,
            severity=ir.IssueSeverity.WARNING,
        )
        # A demo is no trial that anybody would follow up (R33).
        follow_up = None if home.facts.demo else home.figures.follow_up_due()
        self._keep(
            ISSUE_FOLLOW_UP,
            None if follow_up is None else {"days": follow_up.removeprefix("day_")},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
        )
        self._rules()

    @callback
    def _rules(self) -> None:
        """Keep one issue for each thing that is wrong with a rule."""
        wanted = {
            f"{key}_{about}": (key, placeholders)
            for key, about, placeholders in rule_issues(
                self._home.watching, self._hass.config.language
            )
        }
        for known in [k for k in self._known if k.startswith("rule_") and k not in wanted]:
            self._clear(known)
        for issue, (key, placeholders) in wanted.items():
            self._keep(issue, placeholders, translation_key=key)

    @callback
    def _keep_each(self, name: str, wanted: dict[str, dict[str, str]]) -> None:
        """Keep one issue for each subentry that has this trouble, and for no other."""
        wanted = {f"{name}_{key}": placeholders for key, placeholders in wanted.items()}
        for key in [k for k in self._known if k.startswith(f"{name}_") and k not in wanted]:
            self._clear(key)
        for key, placeholders in wanted.items():
            self._keep(key, placeholders, translation_key=name, is_fixable=name in OF_DEVICES)

    @callback
    def _fault(self, fault: Fault, is_open: bool) -> None:  # noqa: FBT001
        if (key := _OF_FAULT.get(fault.kind)) is None:
            return
        titles = {s.subentry_id: s.title for s in self._home.receivers()}
        placeholders = {"receiver": titles.get(fault.key, ""), "words": quoted(fault.words)}
        told = f"lock_{fault.reason}" if fault.kind is AlarmKind.LOCK_FAULT else key
        self._keep(
            f"{key}_{fault.key}",
            placeholders if is_open else None,
            translation_key=told,
            is_fixable=told in OF_DEVICES,
        )
        if fault.kind is AlarmKind.RECEIVER_LOST:
            # One line when it is lost, one when it is back. A receiver's title may be its host, or a
            # name: a log goes by its id.
            state = "does not answer" if is_open else "answers again"
            _LOGGER.warning("Receiver %s %s %s", fault.key, state, fault.words)
        if fault.kind is not AlarmKind.CREDENTIALS_REFUSED:
            return
        if is_open:
            self._hass.async_create_task(self._reauth(fault.key), "kvarbo reauth")
        else:
            self._end_reauth(fault.key)

    async def _reauth(self, subentry_id: str) -> None:
        """Ask for new credentials: one flow a receiver, however often it refuses."""
        entry = self._home.entry
        flows = self._hass.config_entries.flow
        if (standing := self._reauths.get(subentry_id)) is not None:
            under_way = {flow["flow_id"] for flow in flows.async_progress_by_handler(DOMAIN)}
            if not standing or standing in under_way:
                return
        self._reauths[subentry_id] = ""
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
        if subentry_id in self._reauths:
            self._reauths[subentry_id] = result["flow_id"]

    @callback
    def _end_reauth(self, subentry_id: str) -> None:
        """Nobody need be asked any more: the receiver takes what it has, or is gone."""
        flow_id = self._reauths.pop(subentry_id, "")
        with suppress(UnknownFlow):
            self._hass.config_entries.flow.async_abort(flow_id)

    @callback
    def _keep(
        self,
        key: str,
        placeholders: dict[str, str] | None,
        *,
        translation_key: str | None = None,
        is_fixable: bool = False,
        severity: ir.IssueSeverity = ir.IssueSeverity.ERROR,
    ) -> None:
        if placeholders is None:
            if key in self._known:
                self._clear(key)
        elif self._known.get(key) != placeholders:
            self._set(
                key,
                placeholders,
                translation_key=translation_key,
                is_fixable=is_fixable,
                severity=severity,
            )

    @callback
    def _set(
        self,
        key: str,
        placeholders: dict[str, str],
        *,
        translation_key: str | None = None,
        is_fixable: bool = False,
        severity: ir.IssueSeverity = ir.IssueSeverity.ERROR,
    ) -> None:
        self._known[key] = placeholders
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            key,
            is_fixable=is_fixable,
            severity=severity,
            translation_key=translation_key or key,
            translation_placeholders=placeholders,
            data=self._about(placeholders) if is_fixable else None,
        )

    def _about(self, placeholders: dict[str, str]) -> dict[str, str | int | float | None]:
        """Return what a fix needs to know: the home, and the device's number where it is about one."""
        number = placeholders.get("number") or placeholders.get("words", "")
        return {"entry_id": self._home.entry.entry_id, "number": number}

    @callback
    def _clear(self, key: str) -> None:
        self._known.pop(key, None)
        ir.async_delete_issue(self._hass, DOMAIN, key)
