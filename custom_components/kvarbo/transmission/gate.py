"""The one gate through which everything leaves that says something (R02, R07).

It takes three typed values and nothing else: an alarm's `Dispatch`, a `Heartbeat`, a `MonthlyAggregate`. It makes of
them fields of the catalogue, each judged by its rule, and seals the octets that a receiver makes of those. Transports
take sealed `Content` alone. What is refused is logged and counted without its value. One bad field costs an alarm that
field and no more, since a life must not hang on a bad text; everything else is refused whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
import logging
from typing import Final, override

from ..alarm.alarm import Alarm, Delivery, Message
from ..alarm.reason import Language
from .aggregate import Count, Figure, MonthlyAggregate
from .alarm_fields import FIELDS_OF_ALARM, NO_VOICE, AlarmSaid
from .catalogue import CATALOGUE, DataClass, Field, Sign, Value, ValueRefusedError, of_class
from .receiver import Dispatch, Health, Heartbeat, Takes

_LOGGER: Final = logging.getLogger(__name__)

#: Longest content, in octets; the standards' own limits are lower.
LONGEST: Final = 64 * 1024

_SEAL: Final = object()


class Refusal(StrEnum):
    """Why the gate lets something not through."""

    TYPE = "type"
    UNKNOWN_FIELD = "unknown_field"
    VALUE = "value"
    NOT_TO_THEM = "not_to_them"
    TOO_LONG = "too_long"
    NOT_SEALED = "not_sealed"


class GateError(Exception):
    """Nothing leaves. `what` is a field's name or a type's, never a value."""

    def __init__(self, refusal: Refusal, what: str = "") -> None:
        """Name refusal and field or type."""
        super().__init__(f"{refusal}: {what}" if what else refusal)
        self.refusal = refusal
        self.what = what


class Passed(Mapping[str, Value]):
    """What the gate let through: values by field; one that was refused is null. Made by the gate alone."""

    __slots__ = ("_values", "data_class", "language", "refused")

    def __init__(
        self,
        values: Mapping[Field, Value],
        data_class: DataClass,
        language: Language,
        *,
        refused: frozenset[Field] = frozenset(),
        seal: object = None,
    ) -> None:
        """Take what has been judged; `seal` is the gate's own."""
        if seal is not _SEAL:
            raise GateError(Refusal.NOT_SEALED)
        self._values = dict(values)
        self.data_class = data_class
        self.language = language
        self.refused = refused

    @override
    def __getitem__(self, name: str) -> Value:
        return self._values[Field(name)]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @override
    def __len__(self) -> int:
        return len(self._values)

    def narrowed(self, names: Iterable[str]) -> Passed:
        """Return the same with fewer fields."""
        values = {Field(name): self._values[Field(name)] for name in names}
        refused = self.refused & values.keys()
        return Passed(values, self.data_class, self.language, refused=refused, seal=_SEAL)

    def text(self, field: Field) -> str:
        """Return a text, empty for null."""
        return str(self._values[field] or "")

    def number(self, field: Field) -> int | None:
        """Return a number, None for null."""
        value = self._values[field]
        return value if type(value) is int else None

    def flag(self, field: Field) -> bool:
        """Return whether it is true; what was refused is not."""
        return self._values[field] is True

    def moment(self, field: Field) -> datetime | None:
        """Return a time (aware, UTC), None for null."""
        text = self.text(field)
        return datetime.fromisoformat(text) if text else None

    def code[E: StrEnum](self, field: Field, kind: type[E]) -> E | None:
        """Return a member of a closed set, None for null."""
        text = self.text(field)
        return kind(text) if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Octets that may leave, with what they say. Made by the gate alone; `replace` makes none.

    `around` is what path and headers say besides, without credentials.
    """

    octets: bytes
    data_class: DataClass
    fields: frozenset[Field]
    around: tuple[str, ...] = ()
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        """Refuse what the gate has not made."""
        if seal is not _SEAL:
            raise GateError(Refusal.NOT_SEALED)


#: Without these nobody could tell what it is or whose: then nothing can be said.
_NEEDED: Final = (Field.REFERENCE, Field.SESSION, Field.CONTROLLER, Field.MESSAGE, Field.KIND)


class Gate:
    """The gate. There is one, `GATE`; a test may have another."""

    def __init__(self) -> None:
        """Open for the three classes alone."""
        #: What was refused, and how often: by field or type and why.
        self.refused: Counter[tuple[str, Refusal]] = Counter()
        #: A test may read every content as it goes, byte for byte; nothing else sets it.
        self.on_pass: Callable[[Content], None] | None = None

    def alarm(
        self,
        dispatch: Dispatch,
        controller: str,
        language: Language,
        zone: tzinfo = UTC,
        *,
        speech: tuple[str, ...] = (NO_VOICE,),
    ) -> Passed:
        """Let an alarm's message through. `zone` is the home's: the reason tells wall time.

        A field that is refused is null and named in `refused`: the receiver then gets its minimal form.

        Raises:
            GateError: it is no alarm, not for this receiver, or nobody could tell what and whose it is.
        """
        self._typed(dispatch, Dispatch)
        self._typed(dispatch.alarm, Alarm)
        self._typed(dispatch.message, Message)
        self._typed(dispatch.delivery, Delivery)
        said = AlarmSaid(
            alarm=dispatch.alarm,
            message=dispatch.message,
            delivery=dispatch.delivery,
            dispatch=dispatch,
            language=language,
            zone=zone,
            controller=controller,
            speech=speech,
        )
        if dispatch.to is Takes.OPERATIONS and said.is_personal:
            raise self._refuse(Field.CLASS, Refusal.NOT_TO_THEM)
        values: dict[Field, Value] = {}
        refused: set[Field] = set()
        for field, make in FIELDS_OF_ALARM.items():
            try:
                values[field] = CATALOGUE[field].rule.let(make(said))
            except Exception as err:  # noqa: BLE001 - whatever a text table or a value does: the alarm goes
                self._note(field, Refusal.VALUE, type(err).__name__)
                values[field] = None
                refused.add(field)
        if lacking := refused.intersection(_NEEDED):
            raise GateError(Refusal.VALUE, min(lacking))
        return Passed(values, DataClass.ALARM, language, refused=frozenset(refused), seal=_SEAL)

    def status(
        self, beat: Heartbeat, sign: Sign, controller: str, language: Language, *, reference: str
    ) -> Passed:
        """Let a sign of life through, whole or not at all.

        Raises:
            GateError: it is none, or a value is not of its type and bounds, or not for this receiver.
        """
        self._typed(beat, Heartbeat)
        health = beat.health
        if health is not None:
            self._typed(health, Health)
            if beat.to is not Takes.OPERATIONS:
                raise self._refuse(Field.DEVICES, Refusal.NOT_TO_THEM)
        return self._whole(
            DataClass.STATUS,
            language,
            {
                Field.REFERENCE: reference,
                Field.SESSION: reference,
                **_home(controller, language),
                Field.MESSAGE: sign,
                Field.CREATED_AT: beat.sent_at,
                Field.SENT_AT: beat.sent_at,
                Field.HUB: beat.hub,
                Field.VERSION: beat.version,
                Field.INTERVAL: beat.interval,
                Field.UNDELIVERED: beat.undelivered,
                Field.AUDIT_HEAD: beat.audit_head,
                Field.DEVICES: health and health.devices,
                Field.DEVICES_MISSING: health and health.missing,
                Field.DEVICES_SILENT: health and health.silent,
                Field.LOW_BATTERIES: health and health.low_batteries,
                Field.WEAK_LINKS: health and health.weak_links,
                Field.OPEN_ITEMS: health and health.open_items,
            },
        )

    def question(self, controller: str, language: Language) -> Passed:
        """Let the question through what became of an alarm: it says which home asks.

        Raises:
            GateError: the home's number is none.
        """
        return self._whole(DataClass.STATUS, language, _home(controller, language))

    def aggregate(
        self, month: MonthlyAggregate, language: Language = Language.SV
    ) -> tuple[Passed, ...]:
        """Let a month's counters through to the coordinator's export, one by one; no receiver can be sent them.

        Raises:
            GateError: it is no such thing, a counter has not the shape of its figure, or a value is not of its type
                and bounds. Nothing passes then.
        """
        self._typed(month, MonthlyAggregate)
        for counter in month.counters:
            self._typed(counter, Count)
            self._typed(counter.figure, Figure)
            if not counter.fits():
                raise self._refuse(Field.OF, Refusal.VALUE)
        span: dict[Field, object] = {
            Field.HOME: month.home,
            Field.PERIOD: month.period,
            Field.FIRST: month.first,
            Field.LAST: month.last,
            Field.STANDS: month.stands,
        }
        return tuple(
            self._whole(
                DataClass.AGGREGATE,
                language,
                {
                    **span,
                    Field.FIGURE: counter.figure,
                    Field.OF: counter.subject,
                    Field.PART: counter.part,
                    Field.VALUE: counter.value,
                },
            )
            for counter in month.counters
        )

    def seal(
        self, passed: Passed, octets: bytes, fields: Iterable[str], around: tuple[str, ...] = ()
    ) -> Content:
        """Return content for a transport: octets made of what passed, and which fields are in them.

        Raises:
            GateError: a field did not pass, the class goes to no receiver, or it is too long.
        """
        self._typed(passed, Passed)
        self._typed(octets, bytes)
        if passed.data_class is DataClass.AGGREGATE:
            raise self._refuse(DataClass.AGGREGATE, Refusal.NOT_TO_THEM)
        if len(octets) > LONGEST:
            raise self._refuse(passed.data_class, Refusal.TOO_LONG)
        said: set[Field] = set()
        for name in fields:
            if (
                name not in Field
                or name not in passed
                or Field(name) not in of_class(passed.data_class)
            ):
                raise self._refuse("a field", Refusal.UNKNOWN_FIELD)
            said.add(Field(name))
        content = Content(
            octets=octets,
            data_class=passed.data_class,
            fields=frozenset(said),
            around=around,
            seal=_SEAL,
        )
        if self.on_pass is not None:
            self.on_pass(content)
        return content

    def check(self, content: Content) -> bytes:
        """Return the octets of a content, for a transport to send.

        Raises:
            GateError: it is no content of the gate's.
        """
        self._typed(content, Content)
        return content.octets

    def _whole(
        self, data_class: DataClass, language: Language, raw: Mapping[Field, object]
    ) -> Passed:
        values: dict[Field, Value] = {}
        for field, value in raw.items():
            try:
                values[field] = CATALOGUE[field].rule.let(value)
            except ValueRefusedError:
                raise self._refuse(field, Refusal.VALUE) from None
        return Passed(values, data_class, language, seal=_SEAL)

    def _typed(self, value: object, kind: type) -> None:
        # Not a subclass either: it could carry more than the type does.
        if type(value) is not kind:
            raise self._refuse(kind.__name__, Refusal.TYPE)

    def _refuse(self, what: str, refusal: Refusal) -> GateError:
        self._note(what, refusal)
        return GateError(refusal, what)

    def _note(self, what: str, refusal: Refusal, detail: str = "") -> None:
        self.refused[str(what), refusal] += 1
        # An alarm is tried for ever: once is enough to read.
        level = logging.ERROR if self.refused[str(what), refusal] == 1 else logging.DEBUG
        _LOGGER.log(level, "The gate refused %s: %s %s", what, refusal, detail)


def _home(controller: str, language: Language) -> dict[Field, object]:
    return {
        Field.CONTROLLER: controller,
        Field.SOURCE: f"urn:kvarbo:{controller}",
        Field.LANGUAGE: language,
    }


#: The home's gate.
GATE: Final = Gate()
