"""What is handed out is typed counts and nothing else: no text of the journal, no receiver's (R02, R07, R40)."""

import csv
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
import io
import json
from pathlib import Path
from typing import Any, override

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import Source
from custom_components.kvarbo.alarm.functions import WatcherKind
from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode, Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.figures.counting import COUNTED, count
from custom_components.kvarbo.figures.handing_out import SCHEMA, handed_out
from custom_components.kvarbo.figures.words import HEADINGS, figure_text, word_text
from custom_components.kvarbo.journal.changes import Audit, PutAlarm, PutDelivery, PutMessage
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.span import Span, span_of
from custom_components.kvarbo.journal.times import Times
from custom_components.kvarbo.transmission.aggregate import (
    SHAPES,
    SUBJECTS,
    Category,
    Count,
    Figure,
    MonthlyAggregate,
    Part,
    Stands,
    Step,
)
from custom_components.kvarbo.transmission.gate import Gate, GateError, Refusal
from tests.support.samples import sample_alarm, sample_delivery, sample_message

from .sample import BEGIN, END, at, november, spans

MARKER = "Zebra-Karin-Andersson-19370412-1234"
HOME = "0123456789abcdef"


def a_month(*counts: Count, **fields: Any) -> MonthlyAggregate:
    given = {
        "home": HOME,
        "period": "2026-11",
        "first": date(2026, 11, 1),
        "last": date(2026, 11, 30),
        "stands": Stands.OPEN,
        "counters": counts,
        **fields,
    }
    return MonthlyAggregate(**given)


def test_a_table_that_a_person_can_read() -> None:
    counts = (
        Count(Figure.ALARMS, 3),
        Count(Figure.ALARMS_BY_CATEGORY, 2, Category.PASSIVE, Part.NIGHT),
        Count(Figure.ALARMS_BY_KIND, 2, AlarmKind.ROAMING, Part.NIGHT),
        Count(Figure.RESPONSE_MEDIAN, None, Step.ACKNOWLEDGED),
        Count(Figure.RULES, 1, WatcherKind.ROAMING),
    )
    swedish = handed_out(a_month(*counts), Language.SV)["csv"]
    span = f"{HOME};2026-11;2026-11-01;2026-11-30;Avslutad, kan bedömas"
    assert swedish.splitlines() == [
        "Hem;Period;Första dag;Sista dag;Läge;Mått;Avser;Del av dygnet;Värde",
        f"{span};Larm;;;3",
        f"{span};Larm per kategori;Passivt larm;Natt;2",
        f"{span};Larm per larmtyp;Nattvandring;Natt;2",
        f"{span};Mediantid från larm, sekunder, till;mottaget av en larmoperatör;;",
        f"{span};Bevakningar i bruk;Nattvandring;;1",
    ]
    english = list(csv.reader(io.StringIO(handed_out(a_month(*counts), Language.EN)["csv"])))
    assert english[0][0] == "Home"
    assert {len(row) for row in english} == {len(HEADINGS[Language.EN])}
    assert english[2][5:] == ["Alarms by category", "Passive alarm", "Night", "2"]


def test_the_same_as_data() -> None:
    given = handed_out(a_month(Count(Figure.DEVICES, 4, Role.MOTION)), Language.EN)
    del given["csv"]
    assert given == {
        "schema": SCHEMA,
        "home": HOME,
        "period": "2026-11",
        "first": "2026-11-01",
        "last": "2026-11-30",
        "stands": "open",
        "figures": [{"figure": "devices", "of": "motion", "part": None, "value": 4}],
    }
    json.dumps(given)


@given(spans)
def test_whatever_is_counted_can_be_handed_out(span: Span) -> None:
    month = a_month(*count(span, november()))
    for language in Language:
        given = handed_out(month, language)
        rows = list(csv.reader(io.StringIO(given["csv"]), delimiter=",;"[language is Language.SV]))
        assert len(rows) == len(given["figures"]) + 1 == len(month.counters) + 1


class Name(StrEnum):
    KARIN = MARKER


class Kind(StrEnum):
    ROAMING = "roaming"


@dataclass(frozen=True, slots=True)
class RicherCount(Count):
    name: str = MARKER


class RicherInt(int):
    name = MARKER


class RicherDate(date):
    @override
    def isoformat(self) -> str:
        return MARKER

    @override
    def __str__(self) -> str:
        return MARKER


KIND = Count(Figure.ALARMS_BY_KIND, 1, AlarmKind.ROAMING, Part.DAY)


@pytest.mark.parametrize(
    "month",
    [
        a_month(Count(Figure.ALARMS, MARKER)),  # type: ignore[arg-type]
        a_month(Count(Figure.ALARMS, True)),
        a_month(Count(Figure.ALARMS, 1.5)),  # type: ignore[arg-type]
        a_month(Count(Figure.ALARMS, -1)),
        a_month(Count(Figure.ALARMS, 2**31)),
        a_month(Count(Figure.ALARMS, RicherInt(3))),
        a_month(Count(MARKER, 1)),  # type: ignore[arg-type]
        a_month(Count("alarms", 1)),  # type: ignore[arg-type]
        a_month(Count(Figure.ALARMS, 1, AlarmKind.ROAMING)),
        a_month(Count(Figure.ALARMS, 1, None, Part.DAY)),
        a_month(replace(KIND, subject=MARKER)),  # type: ignore[arg-type]
        a_month(replace(KIND, subject="roaming")),  # type: ignore[arg-type]
        a_month(replace(KIND, subject=Name.KARIN)),
        a_month(replace(KIND, subject=Kind.ROAMING)),
        a_month(replace(KIND, subject=Role.MOTION)),
        a_month(replace(KIND, subject=None)),
        a_month(replace(KIND, part=None)),
        a_month(replace(KIND, part=MARKER)),  # type: ignore[arg-type]
        a_month(replace(KIND, part=Name.KARIN)),  # type: ignore[arg-type]
        a_month(RicherCount(Figure.ALARMS, 1)),
        a_month({"figure": "alarms", "value": 1}),  # type: ignore[arg-type]
        a_month(KIND, home=MARKER),
        a_month(KIND, home="4711"),
        a_month(KIND, period=MARKER),
        a_month(KIND, first=at(3)),
        a_month(KIND, first="2026-11-01"),
        a_month(KIND, stands=Name.KARIN),
        a_month(KIND, stands="open"),
    ],
)
def test_what_is_no_typed_count_does_not_pass(
    month: MonthlyAggregate, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(GateError) as caught:
        handed_out(month, Language.SV, Gate())
    assert MARKER not in caplog.text + str(caught.value)


def test_a_day_is_written_by_itself() -> None:
    given = handed_out(a_month(KIND, last=RicherDate(2026, 11, 30)), Language.EN)
    assert given["last"] == "2026-11-30"
    assert MARKER not in json.dumps(given)


def test_no_receiver_can_be_sent_a_count() -> None:
    gate = Gate()
    for passed in gate.aggregate(a_month(KIND, Count(Figure.ALARMS, 1))):
        with pytest.raises(GateError, match=Refusal.NOT_TO_THEM):
            gate.seal(passed, b"{}", passed)
        with pytest.raises(GateError, match=Refusal.NOT_TO_THEM):
            gate.seal(passed.narrowed(["value"]), b"{}", ["value"])


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(lambda t: MARKER + t)


@settings(max_examples=25)
@given(texts, st.booleans())
def test_no_text_of_the_journal_is_handed_out(
    tmp_path_factory: pytest.TempPathFactory, text: str, test: bool
) -> None:
    """Planted in every text that a row can hold, on a real disk."""
    folder: Path = tmp_path_factory.mktemp("journal")
    times = Times(lambda: at(9), lambda: 1.0)
    file, _ = JournalFile.open(folder, times=times)
    alarm = sample_alarm(
        text[:100],
        episode=text,
        raised_by=text,
        raised_at=at(9),
        sensed_at=at(9),
        test=test,
        source=Source(4711, Role.RULE),
        kind=AlarmKind.ROAMING,
    )
    off = sample_alarm(
        f"OFF{text}"[:100],
        episode=f"off{text}",
        raised_by=text,
        kind=AlarmKind.RULE_FAULT,
        reason=ReasonCode.HUB_WAS_OFF,
        sensed_at=at(9) - timedelta(hours=1),
        until=at(9),
        raised_at=at(9),
    )
    message = sample_message(f"M{text}", alarm.id)
    delivery = sample_delivery(
        f"D{text}",
        alarm.id,
        message_id=message.id,
        receiver=text,
        receipt=text,
        words=text,
        status_address=text,
        received_at=at(9) + timedelta(seconds=5),
    )
    said = dict.fromkeys(("outcome", "function", "reason", "rule", "after", "of", "taken_by"), text)
    entries = [
        Audit(what, at(9), 1.0, text, alarm.id, detail={text: text, **said}) for what in COUNTED
    ]
    file.write([PutAlarm(alarm), PutAlarm(off), PutMessage(message), PutDelivery(delivery)])
    rejected = file.write(entries)
    assert rejected == ()
    span = file.read(span_of(BEGIN, END, COUNTED))
    file.close()
    assert len(span.alarms) == 2
    assert len(span.noted) == len(COUNTED)
    for language in Language:
        given = handed_out(a_month(*count(span, november())), language)
        told = json.dumps(given, ensure_ascii=False)
        assert MARKER not in told
        assert "4711" not in told
        # Nor when anything happened: days of the span, and no clock.
        assert "2026-11-09" not in told
        assert "T" + f"{at(9):%H:%M}" not in told


@pytest.mark.parametrize("language", Language)
def test_every_word_is_there(language: Language) -> None:
    said = [figure_text(figure, language) for figure in Figure]
    assert len(set(said)) == len(said)
    kinds: tuple[type[StrEnum], ...] = (*SUBJECTS, Part, Stands)
    for kind in kinds:
        words = [word_text(word, language) for word in kind]
        assert all(words)
        assert len(set(words)) == len(words), kind
    assert set(SHAPES) == set(Figure)


def test_rules_are_never_called_digital_supervision() -> None:
    """R41: that is a camera, and is not ours to count."""
    for language in Language:
        words = [figure_text(figure, language) for figure in Figure]
        for kind in SUBJECTS:
            words += [word_text(word, language) for word in kind]
        told = " ".join(words).lower()
        assert "tillsyn" not in told
        assert "övervak" not in told
        assert "supervision" not in told
