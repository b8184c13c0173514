"""What an alarm is in numbers and words, and that no name of the home can get in (R07, S5)."""

import contextlib
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, MessageKind, Note, Source
from custom_components.kvarbo.alarm.kinds import (
    KINDS,
    AlarmClass,
    AlarmKind,
    Location,
    ReasonCode,
    Role,
)
from custom_components.kvarbo.alarm.reason import Language, mark_text, reason_text
from custom_components.kvarbo.transmission.catalogue import Sign
from custom_components.kvarbo.transmission.gate import GATE
from custom_components.kvarbo.transmission.receiver import Health, Takes
from custom_components.kvarbo.transmission.rest.profile import Problem, ProfileError
from custom_components.kvarbo.transmission.scaip import words
from custom_components.kvarbo.transmission.scaip.codes import (
    KIND_CODES,
    LOCATION_CODES,
    ROLE_CODES,
    TEST,
)
from custom_components.kvarbo.transmission.scaip.content import (
    alarm_request,
    given_up,
    heartbeat_request,
    new_ref,
    ref_of,
)
from custom_components.kvarbo.transmission.scaip.elements import fit_whole
from custom_components.kvarbo.transmission.scaip.profile import BUILT_IN, ScaipProfile, built_in
from custom_components.kvarbo.transmission.scaip.profile_reader import parse_profile
from custom_components.kvarbo.transmission.scaip.sip.wire import Fault, Transport
from custom_components.kvarbo.transmission.scaip.values import (
    Dialect,
    MessageType,
    ScaipRequest,
    Snu,
)
from custom_components.kvarbo.transmission.scaip.words import Said, say
from custom_components.kvarbo.transmission.scaip.xml_writer import write_request
from tests.support.samples import NOON
from tests.transmission.rest.rest_sample import a_beat, a_dispatch, an_alarm

MRQ = ScaipProfile(name="mrq", dialect=Dialect.MRQ)
HOME = ZoneInfo("Europe/Stockholm")
SESSION = "01JD8ZQ3N4ABCDEFGHJKMNPQRS"


def said(
    kind: MessageKind = MessageKind.ALARM,
    *,
    profile: ScaipProfile = MRQ,
    language: Language = Language.SV,
    **changes: Any,
) -> ScaipRequest:
    dispatch = a_dispatch(kind, **{"session": SESSION, **changes})
    return alarm_request(
        GATE.alarm(dispatch, "4711", language, HOME),
        profile=profile,
        zone=HOME,
        minimal=dispatch.delivery.minimal,
        session_open=dispatch.session_open,
    )


def test_every_kind_role_and_place_has_its_numbers() -> None:
    assert set(KIND_CODES) == set(AlarmKind)
    assert set(ROLE_CODES) == set(Role)
    assert set(LOCATION_CODES) == set(Location)
    assert len(set(LOCATION_CODES.values())) == len(Location)


def test_kinds_that_could_be_mistaken_for_each_other_have_words_that_tell_them_apart() -> None:
    """The standard has no number of its own for many kinds: the status text tells."""
    for kind in AlarmKind:
        twins = [
            other
            for other in AlarmKind
            if other is not kind
            and (KIND_CODES[other].device, KIND_CODES[other].status)
            == (KIND_CODES[kind].device, KIND_CODES[kind].status)
        ]
        own = said(alarm=an_alarm(kind=kind)).stt
        assert own not in {said(alarm=an_alarm(kind=other)).stt for other in twins}


def test_a_press_is_exactly_this() -> None:
    assert said() == ScaipRequest(
        ref="ABCDEFGHJKMNPQRS",
        cid="4711",
        dty=4,
        hbo=True,
        did="3",
        dco=2,
        dte="Larmknapp, person 1",
        crd=("no-voice:",),
        stc=10,
        stt="Larmknapp",
        pri=9,
        lco=11,
        tim=an_alarm().sensed_at.replace(microsecond=123_000),
        lte="Badrum",
        ite=reason_text(an_alarm(), Language.SV, HOME),
    )


def test_a_session_is_named_by_what_is_random_in_its_reference() -> None:
    assert ref_of(SESSION) == "ABCDEFGHJKMNPQRS"
    assert said(session="").ref == a_dispatch().delivery.reference[-16:]
    assert len({new_ref() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("kind", "note", "status", "words_of_it"),
    [
        (MessageKind.ALL_CLEAR, None, 117, "FARAN ÖVER"),
        (MessageKind.CANCEL, None, 19, "ÅTERKALLAT"),
        (MessageKind.UPDATE, Note.PRESSED_AGAIN, 104, "TRYCKT IGEN"),
        (MessageKind.UPDATE, Note.REPEATED, 104, "HÄNDE IGEN"),
        (MessageKind.UPDATE, Note.TAKEN_ELSEWHERE, 2, "TAGET AV ANNAN MOTTAGARE"),
        (MessageKind.UPDATE, None, 104, "NYTT"),
    ],
)
def test_news_goes_under_the_alarms_own_session(
    kind: MessageKind, note: Note | None, status: int, words_of_it: str
) -> None:
    alarm = an_alarm(kind=AlarmKind.NIGHT_ABSENCE, reason=ReasonCode.WATCHED)
    news = said(kind, note=note, alarm=alarm)
    assert (news.mty, news.ref, news.stc) == (MessageType.INFORMATION, "ABCDEFGHJKMNPQRS", status)
    assert news.ite is not None
    assert news.ite.startswith(f"{words_of_it}: ")
    assert not news.hbo


@pytest.mark.parametrize(
    ("kind", "note", "mty"),
    [
        (MessageKind.UPDATE, Note.TAKEN_ELSEWHERE, MessageType.RESET),
        (MessageKind.CANCEL, None, MessageType.RESET),
        (MessageKind.UPDATE, Note.PRESSED_AGAIN, MessageType.INFORMATION),
        (MessageKind.ALL_CLEAR, None, MessageType.INFORMATION),
        (MessageKind.ALARM, None, MessageType.MESSAGE),
    ],
)
def test_a_session_without_a_last_word_is_given_up_by_a_reset(
    kind: MessageKind, note: Note | None, mty: MessageType
) -> None:
    assert said(kind, note=note, session_open=True).mty is mty


def test_a_reset_is_the_alarm_given_up() -> None:
    request = given_up(replace(said(), crd=("sip:speech@home.example",)))
    assert request.crd == ("no-voice:",)
    assert (request.mty, request.ref, request.hbo) == (MessageType.RESET, "ABCDEFGHJKMNPQRS", False)


@pytest.mark.parametrize("minimal", [False, True])
@pytest.mark.parametrize("language", Language)
def test_a_test_can_be_mistaken_for_nothing_else(language: Language, *, minimal: bool) -> None:
    """A9: by number, by its first word, and by the lowest of priorities."""
    request = said(alarm=an_alarm(test=True), language=language, delivery={"minimal": minimal})
    assert (request.stc, request.pri) == (TEST, 0)
    mark = mark_text(language, test=True, demo=False)
    assert mark in ("TEST", "PROV")
    assert (request.stt or "").startswith(mark)
    assert minimal or (request.ite or "").startswith(mark)


def test_a_demo_home_says_so_in_words() -> None:
    request = said(demo=True)
    assert request.stc == 10
    assert (request.stt or "").startswith("DEMO")
    assert (request.ite or "").startswith("DEMO")


def test_the_minimal_form_is_what_any_receiver_must_take() -> None:
    assert said(delivery={"minimal": True}) == ScaipRequest(
        ref="ABCDEFGHJKMNPQRS", cid="4711", dty=4, did="3", stc=10, pri=9
    )


def test_what_has_changed_before_it_was_heard_is_said_with_it() -> None:
    cancelled = an_alarm(state=AlarmState.CANCELLED)
    assert (said(alarm=cancelled).ite or "").startswith("ÅTERKALLAT: ")
    cleared = an_alarm(cleared_at=NOON)
    assert (said(alarm=cleared).ite or "").startswith("FARAN ÖVER: ")
    late = said(delayed=True, alarm=an_alarm(sensed_at=NOON))
    assert (late.ite or "").startswith("FÖRSENAT, hände 2027-03-01 13:00: ")
    assert late.tim == NOON


def test_a_technical_alarm_is_nobodys() -> None:
    request = said(alarm=an_alarm(kind=AlarmKind.DEVICE_BATTERY, priority=3, resident=1))
    assert (request.dty, request.stc, request.dte) == (4, 16, "Larmknapp")
    hub = said(alarm=an_alarm(kind=AlarmKind.PATH_LOST, source=Source(0, Role.HUB), location=None))
    assert (hub.dty, hub.dco, hub.did, hub.lco, hub.lte) == (32, 2, None, None, None)
    lost = said(alarm=an_alarm(kind=AlarmKind.PATH_LOST, reason=ReasonCode.NO_ANSWER))
    assert lost.dco == 22


def test_a_heartbeat_tells_of_the_hub_alone() -> None:
    told = a_beat(undelivered=2, audit_head="a" * 64)
    beat = heartbeat_request(
        GATE.status(told, Sign.HEARTBEAT, "4711", Language.EN, reference="R" * 16), profile=MRQ
    )
    assert beat == ScaipRequest(
        ref="R" * 16,
        cid="4711",
        dty=2,
        mty=MessageType.PING,
        hbo=True,
        crd=("no-voice:",),
        stc=70,
        pri=0,
        ite=f"2 undelivered, audit {'a' * 64}",
    )
    assert len(beat.ite or "") <= 128


def test_operations_hear_what_ails_the_devices() -> None:
    health = Health(devices=12, missing=0, silent=1, low_batteries=2, weak_links=0)
    told = a_beat(to=Takes.OPERATIONS, health=health, audit_head="a" * 64)
    beat = heartbeat_request(
        GATE.status(told, Sign.HEARTBEAT, "4711", Language.SV, reference="R" * 16), profile=MRQ
    )
    assert beat.ite == f"12 enheter, 1 tysta, 2 svaga batterier, audit {'a' * 64}"


def test_the_receivers_own_numbers_go_before_ours() -> None:
    profile = parse_profile(
        json.dumps(
            {
                "schema": 1,
                "name": "ours",
                "dialect": "mrq",
                "version": "01.00",
                "language": "en",
                "codes": {
                    "kinds": {
                        "help_call": {"device": 3, "component": 900, "status": 910},
                        "night_absence": {"cleared": 911},
                    },
                    "roles": {"help_button": 7},
                    "locations": {"bathroom": 91},
                    "priorities": {"9": 5},
                    "test_status": 912,
                },
            }
        )
    )
    request = said(profile=profile)
    numbers = (request.dty, request.dco, request.stc, request.lco, request.pri, request.ver)
    assert numbers == (3, 900, 910, 91, 5, "01.00")
    assert said(profile=profile, alarm=an_alarm(test=True)).stc == 912
    clear = said(
        MessageKind.ALL_CLEAR, profile=profile, alarm=an_alarm(kind=AlarmKind.NIGHT_ABSENCE)
    )
    assert clear.stc == 911
    assert said(profile=profile, alarm=an_alarm(kind=AlarmKind.DEVICE_SILENT)).dty == 7
    assert said(MessageKind.CANCEL, profile=profile).stc == 19


@given(
    st.sampled_from(AlarmKind),
    st.sampled_from(Role),
    st.none() | st.sampled_from(Location),
    st.sampled_from(MessageKind),
    st.sampled_from(ReasonCode),
    st.sampled_from(Language),
    st.booleans(),
    st.sampled_from(Dialect),
)
def test_whatever_happens_it_can_be_said(
    kind: AlarmKind,
    role: Role,
    location: Location | None,
    message: MessageKind,
    reason: ReasonCode,
    language: Language,
    minimal: bool,
    dialect: Dialect,
) -> None:
    alarm = an_alarm(
        kind=kind,
        source=Source(7, role),
        location=location,
        reason=reason,
        seen_at=NOON,
        seen_in=Location.KITCHEN,
        until=NOON + timedelta(hours=5),
        # Where a name could hide: who raised it, and what it is called within the home.
        raised_by="automation.gretas_hemliga",
        episode="sensor.gretas_hemliga",
    )
    profile = replace(MRQ, dialect=dialect)
    request = said(
        message, alarm=alarm, profile=profile, language=language, delivery={"minimal": minimal}
    )
    octets = write_request(fit_whole(request, dialect), dialect)
    assert b"greta" not in octets
    assert b"sensor." not in octets
    if KINDS[kind].alarm_class is AlarmClass.TECHNICAL:
        assert b"person 1" not in octets


# -- profiles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_profiles_that_come_with_it_are_right(name: str) -> None:
    profile = parse_profile(built_in(name))
    assert (profile.name, profile.dialect) == (name, Dialect(name))
    assert (profile.transport, profile.registers) == (Transport.TLS, True)


def whole(**changes: Any) -> str:
    given = {"schema": 1, "name": "x", "dialect": "mrq", **changes}
    return json.dumps({k: v for k, v in given.items() if v is not None}, indent=1)


@pytest.mark.parametrize(
    ("text", "field", "problem", "line"),
    [
        ("{", "", Problem.NOT_JSON, 1),
        (whole(schema=2), "/schema", Problem.UNKNOWN_SCHEMA, 2),
        (whole(name=None), "/name", Problem.MISSING, None),
        (whole(dialect="b"), "/dialect", Problem.WRONG_VALUE, 4),
        (whole(transport="sctp"), "/transport", Problem.WRONG_VALUE, 5),
        (whole(registers=1), "/registers", Problem.WRONG_TYPE, 5),
        (whole(version="1"), "/version", Problem.WRONG_VALUE, 5),
        (whole(language="de"), "/language", Problem.WRONG_VALUE, 5),
        (whole(hold=1), "/hold", Problem.UNKNOWN_KEY, 5),
        (whole(codes={"kinds": {"fire": {}}}), "/codes/kinds/fire", Problem.UNKNOWN_KEY, 7),
        (
            whole(codes={"kinds": {"fall": {"device": 10_000}}}),
            "/codes/kinds/fall/device",
            Problem.WRONG_VALUE,
            8,
        ),
        (
            whole(codes={"locations": {"bathroom": "91"}}),
            "/codes/locations/bathroom",
            Problem.WRONG_TYPE,
            7,
        ),
        (whole(codes={"priorities": {"10": 1}}), "/codes/priorities/10", Problem.UNKNOWN_KEY, 7),
        (whole(codes={"roles": []}), "/codes/roles", Problem.WRONG_TYPE, 6),
        (whole(codes={"test_status": -1}), "/codes/test_status", Problem.WRONG_VALUE, 6),
    ],
)
def test_what_is_wrong_with_a_profile_is_named_with_its_line(
    text: str, field: str, problem: Problem, line: int | None
) -> None:
    with pytest.raises(ProfileError) as error:
        parse_profile(text)
    assert (error.value.field, error.value.problem, error.value.line) == (field, problem, line)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(
                st.sampled_from(["codes", "kinds", "fall", "device", "roles", "x"]), x, max_size=3
            )
        ),
    )
)
def test_no_profile_raises_anything_but_our_own(codes: object) -> None:
    with contextlib.suppress(ProfileError):
        parse_profile(whole(codes=codes))


# -- words -------------------------------------------------------------------------------------


def test_everything_that_can_be_said_has_words_in_both_languages() -> None:
    folder = Path(words.__file__).parent / "texts"
    for language in Language:
        table = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
        assert list(table) == [str(name) for name in Said]
    for fault in Fault:
        assert say(Said(fault.value), Language.EN, "x")
    for snu in Snu:
        assert say(Said(f"snu_{snu.value}"), Language.SV)


@pytest.mark.parametrize("language", Language)
def test_what_a_technician_can_mend_is_told_apart(language: Language) -> None:
    told = [
        say(name, language, "x")
        for name in (
            Said.WRONG_PASSWORD,
            Said.UNKNOWN_UNIT,
            Said.WRONG_NAME,
            Said.CERTIFICATE,
            Said.NO_ROUTE,
            Said.NO_NAME,
            Said.REFUSED,
            Said.SILENT,
        )
    ]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.SV, "; även sänt till mottagare 1, 3"),
        (Language.EN, "; also sent to receiver 1, 3"),
    ],
)
def test_a4_whom_else_it_went_to_stands_behind_the_reason(language: Language, words: str) -> None:
    told = said(language=language, also_sent_to=(1, 3)).ite
    assert told == reason_text(an_alarm(), language, HOME) + words
