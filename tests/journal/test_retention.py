"""What is older than it may be kept goes; what is not finished stays (R04, R08)."""

from contextlib import closing
from datetime import timedelta
import os
from pathlib import Path
import sqlite3
from tempfile import mkdtemp

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState
from custom_components.kvarbo.journal.changes import PutAlarm, PutDelivery, PutMarker
from custom_components.kvarbo.journal.retention import Pruned
from tests.journal.making import (
    START,
    Hands,
    a_delivery,
    a_message,
    a_raise,
    alarm_ids,
    an_alarm,
    an_ended_raise,
    an_entry,
    crash,
    open_journal,
    reopen,
)

YEAR = timedelta(days=365)


def counts(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("alarm", "message", "delivery", "audit")
        }


def test_old_alarms_go_with_all_that_belongs_to_them(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    for number in range(130):
        file.write(an_ended_raise(number))
    file.write([PutMarker("kept", 1)])
    hands.forward(days=400)
    file.write(a_raise(500))
    steps: list[int] = []
    # 131: the journal's own first entry is as old.
    assert file.prune(hands.at - YEAR, lambda: steps.append(1)) == Pruned(alarms=130, entries=132)
    assert len(steps) > 4
    assert file.verify_audit() is None
    crash(file)
    again = reopen(folder, hands)
    assert alarm_ids(again) == [an_alarm(500).id]
    assert again.markers == {"kept": 1}
    assert again.audit_broken_at is None
    assert counts(folder) == {"alarm": 1, "message": 1, "delivery": 1, "audit": 1}


STAYS = {
    "raised": a_raise(1),
    "acknowledged": (
        *an_ended_raise(1),
        PutAlarm(an_alarm(1, state=AlarmState.ACKNOWLEDGED, acknowledged_at=START)),
    ),
    "a delivery waits": (*an_ended_raise(1), PutDelivery(a_delivery(1))),
    "a delivery is held": (
        *an_ended_raise(1),
        PutDelivery(a_delivery(1, state=DeliveryState.HELD)),
    ),
    "ended yesterday": (
        *an_ended_raise(1),
        PutAlarm(
            an_alarm(1, state=AlarmState.LAPSED, ended_at=START + timedelta(days=399)),
        ),
    ),
}


@pytest.mark.parametrize("case", STAYS)
def test_what_is_not_finished_stays(folder: Path, hands: Hands, case: str) -> None:
    file, _ = open_journal(folder, hands)
    file.write(STAYS[case])
    hands.forward(days=400)
    assert file.prune(hands.at - YEAR).alarms == 0
    crash(file)
    assert counts(folder)["alarm"] == 1
    assert counts(folder)["message"] == 1
    assert counts(folder)["delivery"] == 1


GOES = {
    AlarmState.CLOSED: START,
    AlarmState.CANCELLED: START,
    AlarmState.LAPSED: START,
}


@pytest.mark.parametrize("state", AlarmState)
def test_every_ended_state_goes(folder: Path, hands: Hands, state: AlarmState) -> None:
    file, _ = open_journal(folder, hands)
    file.write([*an_ended_raise(1), PutAlarm(an_alarm(1, state=state, ended_at=None))])
    hands.forward(days=400)
    assert file.prune(hands.at - YEAR).alarms == (state in GOES)
    file.close()


def test_a_later_releases_states_are_kept(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write([*an_ended_raise(1), *an_ended_raise(2)])
    execute = file._session.connection.execute
    execute("UPDATE alarm SET state = 'dreaming' WHERE episode = 'press-1'")
    execute("UPDATE delivery SET state = 'dreaming' WHERE alarm_id LIKE '%2'")
    hands.forward(days=400)
    assert file.prune(hands.at - YEAR).alarms == 0
    file.close()


def test_what_belongs_to_no_alarm_goes_when_it_is_old(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write([*an_ended_raise(1), *a_raise(2)])
    file._session.connection.execute("DELETE FROM alarm")
    hands.forward(days=400)
    file.prune(hands.at - YEAR)
    file.close()
    # The one that waits is kept: nobody knows what became of it.
    assert counts(folder) == {"alarm": 0, "message": 1, "delivery": 1, "audit": 1}


def test_what_was_set_aside_is_kept_no_longer_than_the_journal(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    stays = {
        "journal.db", "journal.db-wal", "journal.db-shm", "journal.lock",
        "journal-corrupt-20261120T030405Z-2.db", "journal-foreign-20261201T000000Z.db-wal",
        "journal-copy.db", "journal-of-the-neighbour.db", "note.txt",
    }  # fmt: skip
    goes = {
        "journal-corrupt-20251119T235959Z.db", "journal-corrupt-20251119T235959Z.db-wal",
        "journal-replaced-20240101T000000Z-3.db", "journal-left-20240101T000000Z.db-shm",
    }  # fmt: skip
    for name in stays | goes:
        (folder / name).touch()
    assert file.prune(START - YEAR) == Pruned(files=4)
    assert {path.name for path in folder.iterdir()} == stays
    os.utime(folder / "journal-copy.db", (0, 0))
    assert file.prune(START - YEAR) == Pruned(files=1)
    assert not (folder / "journal-copy.db").exists()
    file.close()


def test_nothing_old_means_nothing_written(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(an_ended_raise(1))
    before = file.audit_head()
    assert file.prune(START - YEAR) == Pruned()
    assert file.audit_head() == before
    file.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.integers(min_value=0, max_value=40), min_size=1, max_size=20),
    st.lists(st.integers(min_value=0, max_value=60), max_size=3),
)
def test_the_chain_holds_however_it_is_pruned(room: Path, days: list[int], cuts: list[int]) -> None:
    """Also where a clock ran backwards: what is newer in the chain shields what is older in time."""
    folder = Path(mkdtemp(dir=room))
    hands = Hands()
    file, _ = open_journal(folder, hands)
    for number, day in enumerate(days):
        file.write([an_entry(number, at=START + timedelta(days=day))])
    for cut in cuts:
        file.prune(START + timedelta(days=cut))
        assert file.verify_audit() is None
    head = file.audit_head()
    crash(file)
    file, again = open_journal(folder, hands)
    assert again.audit_broken_at is None
    assert file.audit_head() == head
    file.close()


def test_what_is_gone_is_not_in_the_file_either(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    ended = [
        *an_ended_raise(1),
        PutDelivery(a_delivery(1, state=DeliveryState.RECEIVED, words="PLANTED-WORD")),
    ]
    file.write(ended)
    file.close()
    assert b"PLANTED-WORD" in (folder / "journal.db").read_bytes()
    hands.forward(days=400)
    file, _ = open_journal(folder, hands)
    file.prune(hands.at - YEAR)
    file.close()
    assert b"PLANTED-WORD" not in (folder / "journal.db").read_bytes()
    assert a_message(1).id.encode() not in (folder / "journal.db").read_bytes()
