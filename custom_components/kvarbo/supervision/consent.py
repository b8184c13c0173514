"""Recorded consent: without it no rule about a person arms (S10, R04, R19).

No names: who has taken it is a role, whose it is a resident's number.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final, Self

from ..alarm.functions import EndReason
from .identity import WatcherKind
from .settings import Json

__all__ = ["BASES", "NOT_ESTABLISHED", "Consent", "ConsentBook", "EndReason", "TakenBy"]

#: What stands for "not known on what ground": it arms nothing.
NOT_ESTABLISHED: Final = "not_established"
#: Grounds on which consent can stand, where the municipality has no table of its own.
BASES: Final = frozenset({"own", "with_support", "legal_representative"})


class TakenBy(StrEnum):
    """In which role somebody has taken a consent; never a name (R04, R11)."""

    COORDINATOR = "coordinator"
    CASE_OFFICER = "case_officer"
    NURSE = "nurse"
    THERAPIST = "therapist"
    TECHNICIAN = "technician"


@dataclass(frozen=True, slots=True)
class Consent:
    """One resident's consent to one function.

    `basis` is a key of the table of grounds, `taken_by` a role. Times are home time, seconds;
    `until` None is until withdrawn.
    """

    basis: str
    taken_by: str
    given_at: float
    until: float | None = None

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Return a consent that was kept; raises ValueError for what is none."""
        if not isinstance(raw, Mapping):
            raise ValueError("a consent is a mapping")
        basis, taken_by = raw.get("basis"), raw.get("taken_by")
        given_at, until = raw.get("given_at"), raw.get("until")
        if not isinstance(basis, str) or not isinstance(taken_by, str):
            raise ValueError("basis")
        if not isinstance(given_at, int | float) or not isinstance(until, int | float | None):
            raise ValueError("given_at")
        return cls(basis, taken_by, float(given_at), None if until is None else float(until))


class ConsentBook:
    """All consents of a home, by function and resident, and how often functions were ended why."""

    def __init__(self, bases: frozenset[str] = BASES) -> None:
        """Start with none. `bases` are the grounds that arm."""
        self.bases = bases
        self._held: dict[tuple[WatcherKind, int], Consent] = {}
        self.ended: dict[str, int] = {}

    def give(self, function: WatcherKind, resident: int, consent: Consent) -> None:
        """Record a consent; an earlier one for the same is replaced."""
        self._held[function, resident] = consent

    def withdraw(self, function: WatcherKind, resident: int, reason: EndReason) -> bool:
        """End a consent and count the reason; False when there was none."""
        if self._held.pop((function, resident), None) is None:
            return False
        key = f"{function}/{reason}"
        self.ended[key] = self.ended.get(key, 0) + 1
        return True

    def drop(self, function: WatcherKind, resident: int) -> bool:
        """End a consent without a reason to count; False when there was none."""
        return self._held.pop((function, resident), None) is not None

    def of(self, function: WatcherKind, resident: int) -> Consent | None:
        """Return a resident's consent, also one that has run out."""
        return self._held.get((function, resident))

    def held(self) -> dict[tuple[WatcherKind, int], Consent]:
        """Return all recorded consents."""
        return dict(self._held)

    def allows(self, function: WatcherKind, resident: int, residents: int, at: float) -> bool:
        """Tell whether a function may watch a resident (0: the home) in a home of `residents`.

        Sensors see everybody, so a cohabitant's own consent is needed too, whoever is watched.
        """
        persons = set(range(1, residents + 1)) | ({resident} if resident else set())
        return all(self._arms(self._held.get((function, person)), at) for person in persons)

    def next_end(self, at: float) -> float | None:
        """Return when the next consent runs out, None when none does."""
        ends = [c.until for c in self._held.values() if c.until is not None and c.until > at]
        return min(ends, default=None)

    def _arms(self, consent: Consent | None, at: float) -> bool:
        if consent is None or consent.basis not in self.bases:
            return False
        return consent.until is None or at < consent.until

    def to_json(self) -> dict[str, Json]:
        """Return everything as it is kept."""
        held: dict[str, Json] = {
            f"{function}/{resident}": asdict(consent)
            for (function, resident), consent in sorted(self._held.items())
        }
        return {"held": held, "ended": dict(sorted(self.ended.items()))}

    def load(self, raw: object) -> int:
        """Take in what was kept; return how many entries could not be read: they arm nothing.

        What is held already and was given later stays.
        """
        if not isinstance(raw, Mapping):
            return 0
        held, ended = raw.get("held"), raw.get("ended")
        unread = 0
        for key, value in held.items() if isinstance(held, Mapping) else ():
            try:
                function, resident = str(key).split("/")
                whose, consent = (WatcherKind(function), int(resident)), Consent.from_json(value)
            except ValueError:
                unread += 1
                continue
            known = self._held.get(whose)
            if known is None or known.given_at <= consent.given_at:
                self._held[whose] = consent
        if isinstance(ended, Mapping):
            self.ended = {str(k): v for k, v in ended.items() if isinstance(v, int)}
        return unread
