"""What a rule found is said in one short line that is understood at three in the night (S5, R60)."""

from datetime import UTC, datetime, timedelta
import string
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.alarm import Alarm, Source
from custom_components.kvarbo.alarm.kinds import (
    KINDS,
    AlarmClass,
    AlarmKind,
    Location,
    Owner,
    ReasonCode,
    Role,
)
from custom_components.kvarbo.alarm.reason import (
    Language,
    Weekday,
    location_text,
    owner_text,
    reason_text,
    where_text,
)
from tests.support.samples import sample_alarm

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
#: 02:10 in the home, a Tuesday.
CAUSE: Final = datetime(2027, 3, 2, 1, 10, tzinfo=UTC)
#: A SCAIP text holds so many characters.
LONGEST: Final = 128

PERSONAL: Final = [k for k, traits in KINDS.items() if traits.alarm_class is AlarmClass.PERSONAL]
TECHNICAL: Final = [k for k, traits in KINDS.items() if traits.alarm_class is AlarmClass.TECHNICAL]


def found(kind: AlarmKind = AlarmKind.NIGHT_ABSENCE, **fields: Any) -> Alarm:
    given: dict[str, Any] = {
        "kind": kind,
        "source": Source(0, Role.RULE),
        "location": None,
        "reason": ReasonCode.WATCHED,
        "sensed_at": CAUSE,
        "raised_at": CAUSE + timedelta(minutes=20),
        **fields,
    }
    return sample_alarm(**given)


SEEN: Final[dict[str, Any]] = {"seen_at": CAUSE + timedelta(minutes=4), "seen_in": Location.HALLWAY}


@pytest.mark.parametrize(
    ("alarm", "english", "swedish"),
    [
        (
            found(**SEEN),
            "up 02:10, not back, last in the hallway 02:14",
            "uppe 02:10, inte tillbaka, senast i hallen 02:14",
        ),
        (
            found(AlarmKind.INACTIVITY, **SEEN),
            "no movement since 02:14, last in the hallway",
            "ingen rörelse sedan 02:14, senast i hallen",
        ),
        (
            found(AlarmKind.INACTIVITY),
            "no movement since 02:10",
            "ingen rörelse sedan 02:10",
        ),
        (
            found(AlarmKind.ROAMING, repeats=3, seen_in=Location.STAIRS),
            "walking about since 02:10, last on the stairs (3 times)",
            "går omkring sedan 02:10, senast i trappan (3 gånger)",
        ),
        (
            found(AlarmKind.NOT_RETURNED, seen_at=CAUSE),
            "out since 02:10, not back, last seen 02:10",
            "ute sedan 02:10, inte tillbaka, senast sedd 02:10",
        ),
        (
            found(AlarmKind.DOOR_OPEN, location=Location.FRONT_DOOR),
            "front door open since 02:10",
            "ytterdörr öppen sedan 02:10",
        ),
        (
            found(AlarmKind.DOOR_OPEN, location=Location.HALLWAY),
            "outer door (hallway) open since 02:10",
            "ytterdörr (hall) öppen sedan 02:10",
        ),
        (
            found(AlarmKind.DOOR_OPEN),
            "outer door open since 02:10",
            "ytterdörr öppen sedan 02:10",
        ),
        (
            found(AlarmKind.FALL, location=Location.BATHROOM),
            "possible fall in the bathroom 02:10",
            "möjligt fall i badrummet 02:10",
        ),
        (
            found(AlarmKind.LEFT_ROOM, location=Location.BEDROOM),
            "left the room (bedroom) 02:10",
            "lämnade rummet (sovrum) 02:10",
        ),
        (
            found(AlarmKind.MEDICINE_MISSED),
            "medicine due 02:10 not taken",
            "läkemedel till 02:10 inte taget",
        ),
        (
            found(
                AlarmKind.HELP_CALL, reason=ReasonCode.PRESSED, source=Source(3, Role.HELP_BUTTON)
            ),
            "help button 3 pressed, home",
            "larmknapp 3 tryckt, bostaden",
        ),
    ],
)
def test_s5_a_rule_says_what_it_found_in_the_time_of_the_home(
    alarm: Alarm, english: str, swedish: str
) -> None:
    assert reason_text(alarm, Language.EN, STOCKHOLM) == english
    assert reason_text(alarm, Language.SV, STOCKHOLM) == swedish


def test_without_a_zone_times_are_utc() -> None:
    assert reason_text(found(), Language.EN) == "up 01:10, not back"


@pytest.mark.parametrize(
    ("before", "english", "swedish"),
    [
        (timedelta(0), "02:30", "02:30"),
        (timedelta(hours=20), "06:30", "06:30"),
        (timedelta(hours=20, minutes=1), "Mon 06:29", "mån 06:29"),
        (timedelta(days=5), "Thu 02:30", "tor 02:30"),
        (timedelta(days=6), "Wed 02:30", "ons 02:30"),
        (timedelta(days=6, minutes=1), "2027-02-24 02:29", "2027-02-24 02:29"),
        (timedelta(days=400), "2026-01-26 02:30", "2026-01-26 02:30"),
    ],
)
def test_a_time_of_another_day_says_which(before: timedelta, english: str, swedish: str) -> None:
    raised_at = CAUSE + timedelta(minutes=20)
    alarm = found(AlarmKind.BED_EMPTY, sensed_at=raised_at - before, raised_at=raised_at)
    assert reason_text(alarm, Language.EN, STOCKHOLM) == f"bed empty since {english}"
    assert reason_text(alarm, Language.SV, STOCKHOLM) == f"sängen tom sedan {swedish}"


def test_the_week_is_in_its_order() -> None:
    monday = datetime(2027, 3, 1, tzinfo=UTC)
    assert [Weekday(f"{monday + timedelta(days=d):%A}".lower()) for d in range(7)] == list(Weekday)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", PERSONAL)
def test_every_kind_has_words_of_its_own_that_fit(kind: AlarmKind, language: Language) -> None:
    place = max(Location, key=lambda one: len(location_text(one, language)))
    where = max(Location, key=lambda one: len(where_text(one, language)))
    texts = set()
    for location in (None, place, where):
        for seen_in in (None, place, where):
            for seen_at in (None, CAUSE - timedelta(days=3), CAUSE - timedelta(days=9)):
                alarm = found(
                    kind,
                    location=location,
                    seen_in=seen_in,
                    seen_at=seen_at,
                    sensed_at=CAUSE - timedelta(days=8),
                    repeats=99,
                )
                text = reason_text(alarm, language, STOCKHOLM)
                assert len(text) <= LONGEST, text
                assert text[:1] == text[:1].lower()
                assert not set("{}") & set(text)
                assert "  " not in text
                assert "None" not in text
                texts.add(text)
    assert len(texts) >= 6
    others = {reason_text(found(k), language) for k in AlarmKind if k is not kind}
    assert reason_text(found(kind), language) not in others


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", ReasonCode)
def test_every_reason_of_every_source_fits(reason: ReasonCode, language: Language) -> None:
    place = max(Location, key=lambda one: len(where_text(one, language)))
    for role in Role:
        alarm = found(
            AlarmKind.DEVICE_FAULT,
            reason=reason,
            source=Source(199, role),
            location=place,
            repeats=99,
            sensed_at=CAUSE - timedelta(days=8),
            until=CAUSE,
        )
        text = reason_text(alarm, language, STOCKHOLM)
        assert len(text) <= LONGEST, text
        assert not set(text) & {"{", "}"}


@pytest.mark.parametrize(
    ("reason", "fields", "text"),
    [
        (ReasonCode.SILENT, {}, "a sensor not heard since 02:10"),
        (
            ReasonCode.SILENT,
            {"source": Source(5, Role.MOTION), "location": Location.KITCHEN},
            "motion sensor 5 in the kitchen not heard since 02:10",
        ),
        (
            ReasonCode.UNPLUGGED,
            {"source": Source(0, Role.PLUG)},
            "power plug without power since 02:10",
        ),
        (ReasonCode.HUB_WAS_OFF, {}, "the home was not watched from 02:10"),
        (
            ReasonCode.HUB_WAS_OFF,
            {"until": CAUSE + timedelta(hours=3)},
            "the home was not watched from 02:10 to 05:10",
        ),
        (ReasonCode.CEILING, {"repeats": 2}, "more alarms in one night than the limit (2 times)"),
    ],
)
def test_a_fault_of_a_rule_says_what_is_wrong(
    reason: ReasonCode, fields: dict[str, Any], text: str
) -> None:
    alarm = found(AlarmKind.RULE_FAULT, reason=reason, **fields)
    assert reason_text(alarm, Language.EN, STOCKHOLM) == text


@pytest.mark.parametrize("kind", TECHNICAL)
@pytest.mark.parametrize("reason", ReasonCode)
def test_a_technical_alarm_never_tells_where_somebody_was(
    kind: AlarmKind, reason: ReasonCode
) -> None:
    """It goes to operations, who must not learn what the resident does."""
    seen = {"seen_at": CAUSE - timedelta(hours=3), "seen_in": Location.SAUNA}
    for language in Language:
        told = reason_text(found(kind, reason=reason, **seen), language, STOCKHOLM)
        assert told == reason_text(found(kind, reason=reason), language, STOCKHOLM)


@pytest.mark.parametrize("language", Language)
def test_r27_who_acts_can_be_said(language: Language) -> None:
    owners = [owner_text(owner, language) for owner in Owner]
    assert len(set(owners)) == len(Owner)
    assert all(set(owner) <= {*string.ascii_lowercase, *"åäö "} for owner in owners)
