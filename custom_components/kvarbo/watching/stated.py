"""What people say of the home: consents, pauses, absences, visitors, the end of a rule (S1, S6, S10).

Each is kept together with who said it (A10), and works at once.
"""

from dataclasses import asdict

from ..alarm.clock import HomeClock
from ..journal.changes import Audit, Json, PutWatcher
from ..supervision.consent import Consent, ConsentBook, EndReason
from ..supervision.house import House
from ..supervision.identity import Identity, WatcherKind
from ..supervision.keeping import CONSENTS, HOUSEHOLD, PRESENCE, RHYTHM, Row
from ..supervision.supervisor import Supervisor
from ..transmission.ledger import Ledger
from .keeping import LedgerKeeping
from .shadow import Shadow


class Stated:
    """The part of a watching home that takes people's word."""

    clock: HomeClock
    consents: ConsentBook
    house: House
    keeping: LedgerKeeping
    ledger: Ledger
    shadow: Shadow
    supervisor: Supervisor
    _forgotten: set[tuple[WatcherKind, int]]

    def now(self) -> float:
        """Return home time, seconds."""
        raise NotImplementedError

    def changed(self) -> None:
        """Tell the entities."""
        raise NotImplementedError

    def give_consent(
        self, function: WatcherKind, resident: int, consent: Consent, actor: str
    ) -> None:
        """Record a consent; what waits for it arms (S10)."""
        self.consents.give(function, resident, consent)
        detail: dict[str, Json] = {
            "function": str(function),
            "resident": resident,
            "basis": consent.basis,
            "taken_by": consent.taken_by,
            "until": consent.until,
        }
        self._note("consent_given", actor, detail)

    def withdraw_consent(
        self, function: WatcherKind, resident: int, reason: EndReason, actor: str
    ) -> bool:
        """End a consent: the function stops at once and what it learned is wiped (R04, R19)."""
        now = self.now()
        if not self.consents.withdraw(function, resident, reason):
            return False
        self._consent_gone(function, resident, str(reason), now, actor)
        return True

    def drop_consent(self, function: WatcherKind, resident: int, actor: str) -> bool:
        """End a consent that a home file has no more: at once and whole; why is not known there."""
        now = self.now()
        if not self.consents.drop(function, resident):
            return False
        self._consent_gone(function, resident, "home_file", now, actor)
        return True

    def _consent_gone(
        self, function: WatcherKind, resident: int, reason: str, now: float, actor: str
    ) -> None:
        self.supervisor.restand(now)
        self._wipe(function, resident, now)
        detail: dict[str, Json] = {
            "function": str(function),
            "resident": resident,
            "reason": reason,
        }
        self._note("consent_withdrawn", actor, detail)

    def forget_ended(self) -> None:
        """Wipe what functions have learned whose consent has run out, as its withdrawal does (R04)."""
        now = self.now()
        for (function, resident), consent in self.consents.held().items():
            if consent.until is None or consent.until > now:
                self._forgotten.discard((function, resident))
            elif (function, resident) not in self._forgotten:
                self._forgotten.add((function, resident))
                self._wipe(function, resident, now)

    def keep_learned(self) -> None:
        """Keep what has been learned and inferred: it may be an hour old after a power cut."""
        rows = [
            Row(f"{RHYTHM}/{resident}", None, rhythm.to_json())
            for resident, rhythm in self.house.rhythms.items()
        ]
        if self.watches_anybody():
            rows.append(Row(PRESENCE, None, self.house.presence.to_json()))
        self.keeping.keep(rows)

    def watches_anybody(self) -> bool:
        """Tell whether any rule about a person is armed by a consent."""
        return any(slot.watches_a_person for slot in self.supervisor.slots.values())

    def _wipe(self, function: WatcherKind, resident: int, now: float) -> None:
        self.supervisor.wipe(function, resident, now)
        self.shadow.forget(function, resident)
        if function is WatcherKind.INACTIVITY:
            for person in [resident, 0]:
                self.house.rhythms.pop(person, None)
                self.keeping.keep([Row(f"{RHYTHM}/{person}", None, None)])
        if not self.watches_anybody():
            # Where somebody was last seen is nobody's business any more.
            self.keeping.keep([Row(PRESENCE, None, None)])

    def end_rule(self, identity: Identity, actor: str) -> bool:
        """End a rule for good (S1)."""
        if not self.supervisor.end(identity, self.now()):
            return False
        self._note("rule_ended", actor, {"rule": str(identity)})
        return True

    def pause(self, resident: int, until: float, actor: str) -> None:
        """Watch a resident no more until an instant (S6): a pause always has an end."""
        state = self.house.resident(resident)
        state.paused_since, state.paused_until = self.now(), until
        self._note("paused", actor, {"resident": resident, "until": until})

    def go_on(self, resident: int, actor: str) -> None:
        """End a pause."""
        state = self.house.resident(resident)
        state.paused_since = state.paused_until = None
        self._note("resumed", actor, {"resident": resident})

    def set_away(self, resident: int, *, away: bool, actor: str) -> None:
        """State that a resident is away, or is home again."""
        now = self.now()
        self.house.resident(resident).away_since = now if away else None
        self.house.presence.set_away(now, away=away)
        self._note("away" if away else "home", actor, {"resident": resident})

    def set_visitor(self, resident: int, until: float | None, actor: str) -> None:
        """State that somebody visits until an instant, or has left (None)."""
        now = self.now()
        state = self.house.resident(resident)
        state.visitor_since, state.visitor_until = (None, None) if until is None else (now, until)
        self._note("visitor", actor, {"resident": resident, "until": until})

    def _note(self, what: str, actor: str, detail: dict[str, Json]) -> None:
        """Keep who said what, together with what it has led to (A10)."""
        household: dict[str, Json] = {
            str(number): {k: v for k, v in asdict(state).items() if v is not None}
            for number, state in self.house.residents.items()
        }
        self.ledger.post(
            PutWatcher(CONSENTS, None, self.consents.to_json()),
            PutWatcher(HOUSEHOLD, None, household),
            self.entry(what, actor, detail),
        )
        self.supervisor.restand(self.now())
        self.changed()

    def entry(self, what: str, actor: str, detail: dict[str, Json]) -> Audit:
        """Return an entry of the audit chain, stamped now."""
        return Audit(what, self.clock.now(), self.clock.monotonic(), actor, detail=detail)
