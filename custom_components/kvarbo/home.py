"""The running gateway of one home: journal, chain, receivers and devices, wired together.

There is one path at start-up and in normal running (idea 2): the journal is opened and recovered
first, then the receivers are started on what it held, then the home listens to its devices. No step
at shutdown is needed for safety.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.loader import async_get_integration

from .alarm.clock import HomeClock, SystemClock
from .alarm.kinds import AlarmKind, ReasonCode
from .alarm.press import TEST_WINDOW
from .answers import Answers
from .chain import RESTORED_MARKER, AlarmRequest, Chain, Happening, Raised, What
from .const import (
    CONF_CONTROLLER,
    CONF_DEMO,
    CONF_ORDER,
    DOMAIN,
    SUBENTRY_DEVICE,
    SUBENTRY_RECEIVER,
)
from .devices.help_button import HelpButton
from .faults import ACTOR
from .host import host_fingerprint
from .journal.changes import PutMarker, Recovered
from .journal.trouble import JournalTrouble
from .journal.writer import JournalWriter
from .receivers import ReceiverSettingsError, async_outlet
from .transmission.ledger import Ledger
from .transmission.outlet import Outlet, Reach, Takes
from .transmission.transmitter import HubFacts, Transmitter

_LOGGER = logging.getLogger(__name__)

type KvarboConfigEntry = ConfigEntry[Home]

#: How long ended alarms and the audit chain are kept (R08).
RETENTION: Final = timedelta(days=365)
#: Pruning, forgetting what is settled, and the audit chain's newest hash.
UPKEEP: Final = timedelta(hours=1)
#: The consistent copy of the journal that Home Assistant's backup takes along.
COPY: Final = "journal-copy.db"
#: The key of faults that concern the hub and not one receiver.
HUB_KEY: Final = "hub"


class Home:
    """One home's gateway; lives in `entry.runtime_data`."""

    def __init__(self, hass: HomeAssistant, entry: KvarboConfigEntry) -> None:
        """Make the parts; `start` brings them to life."""
        self.hass = hass
        self.entry = entry
        self.answers = Answers()
        self.buttons: dict[str, HelpButton] = {}
        self.recovered: Recovered | None = None
        self.receiver_errors: dict[str, ReceiverSettingsError] = {}
        self.last_happening: Happening | None = None
        self.clock = HomeClock(SystemClock())
        self.journal = JournalWriter(
            self.journal_folder(hass, entry.entry_id),
            now=self.clock.now,
            host=host_fingerprint,
            on_trouble=self._journal_trouble,
            on_opened=self._opened_late,
        )
        self.ledger = Ledger(self.journal)
        self.facts = HubFacts(hub="", version="", demo=bool(entry.data.get(CONF_DEMO)))
        self.chain = Chain(
            self.ledger,
            self.clock,
            lambda listener: Transmitter(self.ledger, self.clock, self.facts, listener),
        )
        self._version = ""
        self._watchers: list[Callable[[], None]] = []
        self._unsubscribe: list[Callable[[], None]] = []
        self._applied: dict[str, dict[str, object]] = {}

    @staticmethod
    def journal_folder(hass: HomeAssistant, entry_id: str) -> Path:
        """Return where a home's journal lives: an entry's own folder, so homes never mix."""
        return Path(hass.config.path(DOMAIN, entry_id))

    @property
    def controller(self) -> str:
        """The home's number at the municipality; the only name it has anywhere (R07)."""
        return str(self.entry.data[CONF_CONTROLLER])

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Recover, then send, then listen."""
        integration = await async_get_integration(self.hass, DOMAIN)
        recovered = await self.journal.open()
        self._version = str(integration.version)
        self._take_over(recovered)
        self._unsubscribe = [
            self.chain.hear(self._happened),
            self.answers.hear(lambda *_: self.changed()),
            self.chain.faults.hear(lambda *_: self.changed()),
            async_track_time_interval(
                self.hass, self._upkeep, UPKEEP, name="Kvarbo upkeep", cancel_on_shutdown=True
            ),
            self.hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, self._closing),
        ]
        await self._quarantine(recovered)
        for happening in self.chain.recall():
            self.answers.take(happening)
        await self._start_receivers()
        self._start_devices()
        if recovered.set_aside is not None:
            # An operator hears of it too: what the file held may be lost but for what was salvaged.
            request = AlarmRequest(
                kind=AlarmKind.JOURNAL_FAULT,
                reason=ReasonCode.DISK,
                episode=f"a{Path(recovered.set_aside).name}",
            )
            await self.chain.raise_alarm(request, ACTOR)
        await self._upkeep(self.clock.now())

    def _take_over(self, recovered: Recovered) -> None:
        self.recovered = recovered
        self.facts = replace(self.facts, hub=recovered.incarnation, version=self._version)
        self.chain.transmitter.facts = self.facts
        if recovered.newest is not None:
            self.clock.raise_floor(recovered.newest)
        self.ledger.load(recovered)

    async def _quarantine(self, recovered: Recovered) -> None:
        if recovered.restored:
            await self.chain.quarantine(ACTOR)
        if self.has_unread_restore():
            self.chain.faults.set(AlarmKind.JOURNAL_RESTORED, HUB_KEY, is_open=True)

    @callback
    def _opened_late(self, recovered: Recovered) -> None:
        """The disk has given up the journal after the home had begun without it."""
        self._take_over(recovered)
        self.hass.async_create_task(self._go_on(recovered), "kvarbo journal opened")

    async def _go_on(self, recovered: Recovered) -> None:
        await self._quarantine(recovered)
        await self._start_receivers()
        self.chain.transmitter.release_all()
        self.changed()

    async def stop(self) -> None:
        """Stop at once and let go of the journal."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        for button in self.buttons.values():
            button.stop()
        await self.chain.faults.stop()
        await self.chain.transmitter.stop()
        await self.journal.close()

    async def _closing(self, _event: Event) -> None:
        await self.stop()

    async def apply(self) -> None:
        """Take over changed subentries: receivers and devices that came, went or changed."""
        await self._start_receivers()
        self._start_devices()
        self.changed()

    async def _start_receivers(self) -> None:
        outlets: list[Outlet] = []
        self.receiver_errors = {}
        current = {line.outlet.key: line.outlet for line in self.chain.transmitter.lines}
        for subentry in self.receivers():
            settings = dict(subentry.data)
            unchanged = self._applied.get(subentry.subentry_id) == settings
            if unchanged and subentry.subentry_id in current:
                outlets.append(current[subentry.subentry_id])
                continue
            try:
                outlets.append(await async_outlet(self.hass, self.entry, subentry))
            except ReceiverSettingsError as err:
                # One receiver's bad settings must not silence the home: it is shown and reported.
                _LOGGER.error("Receiver %s cannot be used: %s", subentry.subentry_id, err)
                self.receiver_errors[subentry.subentry_id] = err
                continue
            self._applied[subentry.subentry_id] = settings
        await self.chain.transmitter.set_outlets(outlets)
        self.chain.faults.only_receivers([s.subentry_id for s in self.receivers()])

    def _start_devices(self) -> None:
        wanted = {s.subentry_id: s for s in self.entry.get_subentries_of_type(SUBENTRY_DEVICE)}
        for key, button in list(self.buttons.items()):
            if key not in wanted or not button.matches(wanted[key]):
                button.stop()
                del self.buttons[key]
        for key, subentry in wanted.items():
            if key not in self.buttons:
                self.buttons[key] = HelpButton(self.hass, self.chain, subentry)
                self.buttons[key].start()

    # -- what the shell asks -------------------------------------------------------------------

    def receivers(self) -> list[ConfigSubentry]:
        """Return the receivers' settings in the order in which they are tried."""
        subentries = self.entry.get_subentries_of_type(SUBENTRY_RECEIVER)
        return sorted(subentries, key=lambda s: (int(s.data.get(CONF_ORDER, 9)), s.subentry_id))

    def button_by_number(self, number: int) -> HelpButton | None:
        """Return the device with this short number."""
        return next((b for b in self.buttons.values() if b.number == number), None)

    async def test_hub(self, actor: str) -> Raised:
        """Send a test alarm of the hub itself through the whole chain, marked as a test (A9)."""
        request = AlarmRequest(kind=AlarmKind.HELP_CALL, reason=ReasonCode.TEST, test=True)
        return await self.chain.raise_alarm(request, actor)

    def announce_test(self, button: HelpButton, actor: str) -> datetime:
        """Let a button's next press within two minutes be a test; return until when (aware, UTC)."""
        self.chain.announce_test(button.number, actor)
        return self.clock.now() + timedelta(seconds=TEST_WINDOW)

    def buttons_of(self, subentry_id: str) -> list[HelpButton]:
        """Return the button of a subentry, if it runs."""
        button = self.buttons.get(subentry_id)
        return [] if button is None else [button]

    def reach(self, key: str) -> Reach | None:
        """Return whether a receiver answers; None when it is not in use."""
        return next(
            (line.watch.reach for line in self.chain.transmitter.lines if line.outlet.key == key),
            None,
        )

    def any_reached(self) -> bool | None:
        """Tell whether any receiver of alarms answers; None when none was tried yet."""
        known = [
            line.watch.reach.reached
            for line in self.chain.transmitter.lines
            if line.outlet.takes is Takes.ALARMS
        ]
        return None if known and all(r is None for r in known) else any(known)

    def journal_in_trouble(self) -> bool:
        """Tell whether alarms are in memory alone."""
        return (AlarmKind.JOURNAL_FAULT, HUB_KEY) in self.chain.faults.open

    def last_receipt(self) -> datetime | None:
        """Return when a receiver last receipted an alarm, as far as memory reaches."""
        times = [d.received_at for d in self.ledger.deliveries.values() if d.received_at]
        marked = self.ledger.markers.get("last_receipt")
        if isinstance(marked, str):
            times.append(datetime.fromisoformat(marked))
        return max(times, default=None)

    def restored_alarms(self) -> list[str]:
        """Return the ids that a restored journal held as undelivered and nobody has read yet."""
        listed = self.ledger.markers.get(RESTORED_MARKER)
        return [str(item) for item in listed] if isinstance(listed, list) else []

    def has_unread_restore(self) -> bool:
        """Tell whether the journal was restored or copied and nobody has confirmed it yet (A12)."""
        return RESTORED_MARKER in self.ledger.markers

    async def restored_read(self) -> None:
        """A person has read what the restored journal held back."""
        await self.ledger.commit(PutMarker(RESTORED_MARKER, None))
        self.chain.faults.set(AlarmKind.JOURNAL_RESTORED, HUB_KEY, is_open=False)

    async def lay_copy(self) -> None:
        """Lay a consistent copy of the journal beside it, for a backup to take along."""
        await self.journal.copy_to(self._copy)

    async def take_copy_away(self) -> None:
        """Remove the copy; the backup has it."""
        await self.hass.async_add_executor_job(lambda: self._copy.unlink(missing_ok=True))

    @property
    def _copy(self) -> Path:
        return self.journal_folder(self.hass, self.entry.entry_id) / COPY

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` whenever anything that an entity shows may have changed."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    @callback
    def changed(self) -> None:
        """Tell the entities."""
        for watcher in list(self._watchers):
            watcher()

    # -- what the parts report -----------------------------------------------------------------

    @callback
    def _happened(self, happening: Happening) -> None:
        self.last_happening = happening
        self.answers.take(happening)
        self.changed()
        if happening.what in (What.CLOSED, What.CANCELLED, What.LAPSED):
            self.ledger.forget_settled()

    @callback
    def _journal_trouble(self, trouble: JournalTrouble | None) -> None:
        if trouble is None:
            self.ledger.all_durable()
        self.chain.faults.set(
            AlarmKind.JOURNAL_FAULT,
            HUB_KEY,
            is_open=trouble is not None,
            words="" if trouble is None else f"{trouble.kind}: {trouble.words}",
        )

    async def _upkeep(self, now: datetime) -> None:
        self.ledger.forget_settled()
        await self.journal.prune(now - RETENTION)
        self.chain.transmitter.audit_head = await self.journal.audit_head()
