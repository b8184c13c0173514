"""What was written is there after whatever ended the process (A1, A2, A5)."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
import sqlite3
import stat
import subprocess
import sys
from tempfile import mkdtemp

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState, MessageKind
from custom_components.kvarbo.journal import reading
from custom_components.kvarbo.journal.changes import (
    Change,
    PutAlarm,
    PutDelivery,
    PutMarker,
    PutMessage,
    PutWatcher,
)
from custom_components.kvarbo.journal.database import connect
from custom_components.kvarbo.journal.refusal import JournalInUseError, JournalRefusedError
from custom_components.kvarbo.journal.session import CHECKPOINT_EVERY
from custom_components.kvarbo.journal.trouble import TroubleKind
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
    deliveries,
    markers,
    messages,
    open_journal,
    reopen,
    watchers,
)


def test_a_new_journal_is_made_for_its_owner_alone(folder: Path, hands: Hands) -> None:
    deep = folder / "kvarbo" / "entry"
    file, recovered = open_journal(deep, hands)
    file.write(a_raise())
    assert len(recovered.incarnation) == 26
    assert recovered.alarms == ()
    assert recovered.markers == {}
    assert not recovered.restored
    assert recovered.set_aside is None
    assert recovered.audit_broken_at is None
    assert stat.S_IMODE(deep.stat().st_mode) == 0o700
    names = {path.name for path in deep.iterdir()}
    assert names == {"journal.db", "journal.db-wal", "journal.db-shm", "journal.lock"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in deep.iterdir()} == {0o600}
    file.close()
    assert {path.name for path in deep.iterdir()} == {"journal.db", "journal.lock"}


def test_what_is_written_is_recovered_with_its_identity(folder: Path, hands: Hands) -> None:
    file, first = open_journal(folder, hands)
    assert file.write(a_raise(1)) == ()
    file.write([PutMarker("cord", {"on": True}), PutWatcher("night/1", START, {"stage": "warn"})])
    crash(file)
    again = reopen(folder, hands)
    assert again.incarnation == first.incarnation
    assert again.alarms == (an_alarm(1),)
    assert again.messages == (a_message(1),)
    assert again.deliveries == (a_delivery(1),)
    assert again.markers == {"cord": {"on": True}}
    assert again.watchers == (PutWatcher("night/1", START, {"stage": "warn"}),)
    assert not again.restored


def test_writing_again_replaces_and_none_removes(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write([*a_raise(1), PutMarker("cord", 1), PutWatcher("night/1", None, 1)])
    pressed = an_alarm(1, presses=4)
    file.write([PutAlarm(pressed), PutMarker("cord", None), PutWatcher("night/1", None, None)])
    crash(file)
    again = reopen(folder, hands)
    assert again.alarms == (pressed,)
    assert again.markers == {}
    assert again.watchers == ()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(messages.map(PutMessage), deliveries.map(PutDelivery), watchers, markers),
        max_size=12,
    ),
    st.sets(st.integers(min_value=1, max_value=6), max_size=4),
)
def test_any_sequence_is_recovered(room: Path, changes: list[Change], numbers: set[int]) -> None:
    folder = Path(mkdtemp(dir=room))
    file, _ = open_journal(folder)
    for number in numbers:
        file.write(a_raise(number))
    for change in changes:
        file.write([change])
    crash(file)
    again = reopen(folder)
    assert set(alarm_ids(again)) == {an_alarm(number).id for number in numbers}
    expected = {m.key: m.value for m in changes if isinstance(m, PutMarker)}
    assert again.markers == expected
    watched = {w.identity: w for w in changes if isinstance(w, PutWatcher)}
    assert {w.identity: w for w in again.watchers} == watched
    assert again.audit_broken_at is None
    assert again.unreadable == 0


def test_what_is_ended_and_followed_is_left_to_the_journal(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(an_ended_raise(1))
    file.write(a_raise(2))
    # Ended, but a receiver has yet to hear of it.
    file.write([*an_ended_raise(3), PutDelivery(a_delivery(3))])
    # Ended and received, but still followed.
    received = a_delivery(4, state=DeliveryState.RECEIVED, received_at=START, followed=False)
    file.write([*an_ended_raise(4), PutDelivery(received)])
    # Lapsed and refused: nobody waits for anything.
    lapsed = PutAlarm(an_alarm(5, state=AlarmState.LAPSED, ended_at=START))
    refused = PutDelivery(a_delivery(5, state=DeliveryState.REFUSED))
    file.write([*a_raise(5), lapsed, refused])
    crash(file)
    again = reopen(folder, hands)
    assert alarm_ids(again) == [an_alarm(n).id for n in (2, 3, 4)]
    assert {d.alarm_id for d in again.deliveries} == set(alarm_ids(again))
    assert {m.alarm_id for m in again.messages} == set(alarm_ids(again))


def test_episodes_that_are_taken_are_told(
    folder: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same cause twice gives one alarm, across restarts too (A2)."""
    file, _ = open_journal(folder, hands)
    for number in range(1, 6):
        file.write(an_ended_raise(number))
    file.write(a_raise(6))
    crash(file)
    again = reopen(folder, hands)
    assert alarm_ids(again) == [an_alarm(6).id]
    assert [alarm.episode for alarm in again.ended] == [f"press-{n}" for n in range(1, 6)]
    monkeypatch.setattr(reading, "ENDED", 2)
    assert [alarm.episode for alarm in reopen(folder, hands).ended] == ["press-4", "press-5"]


def test_the_newest_time_is_of_the_past_not_of_a_deadline(folder: Path, hands: Hands) -> None:
    file, empty = open_journal(folder, hands)
    assert empty.newest is not None  # its own making stands in the audit trail
    late = START + timedelta(hours=9)
    file.write([*a_raise(1), PutWatcher("night/1", START + timedelta(days=1), 1)])
    file.write([PutDelivery(a_delivery(1, held_since=late))])
    crash(file)
    assert reopen(folder, hands).newest == late


def test_a_second_alarm_of_an_episode_is_rejected_and_stops_nothing(
    folder: Path, hands: Hands
) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    twin = an_alarm(2, episode="press-1")
    rejected = file.write([PutMarker("before", 1), PutAlarm(twin), *a_raise(3)])
    assert [(r.index, r.key, r.why) for r in rejected] == [
        (1, twin.id, "UNIQUE constraint failed: alarm.episode")
    ]
    crash(file)
    again = reopen(folder, hands)
    assert alarm_ids(again) == [an_alarm(1).id, an_alarm(3).id]
    assert again.markers == {"before": 1}
    assert again.audit_broken_at is None
    assert audit_of(folder)[-1]["what"] == "change_rejected"


def test_an_unfit_change_is_rejected_and_stops_nothing(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    rejected = file.write(
        [PutMarker("nan", float("nan")), *a_raise(1), PutAlarm(an_alarm(1, episode="x" * 300))]
    )
    assert [(r.index, r.why) for r in rejected] == [
        (0, "marker.value: is not JSON"),
        (5, "alarm.episode: is longer than 200 characters"),
    ]
    crash(file)
    assert reopen(folder, hands).alarms == (an_alarm(1),)


def audit_of(folder: Path) -> list[dict[str, object]]:
    with closing(connect(folder / "journal.db")) as connection:
        rows = connection.execute("SELECT body FROM audit ORDER BY seq").fetchall()
    return [json.loads(row[0]) for row in rows]


def test_a_later_releases_rows_are_kept_and_counted(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    for number in (1, 2, 3):
        file.write(a_raise(number))
    file.write([PutMarker("x", 1)])
    later = {
        "UPDATE alarm SET kind = 'robot_uprising' WHERE episode = 'press-1'",
        "UPDATE delivery SET state = 'dreaming' WHERE alarm_id = '01ALARM0000000000000000002'",
        "UPDATE alarm SET raised_at = 9223372036854775807 WHERE episode = 'press-3'",
        "UPDATE marker SET value = 'not json'",
    }
    for statement in later:
        file._session.connection.execute(statement)
    crash(file)
    again = reopen(folder, hands)
    assert alarm_ids(again) == [an_alarm(2).id]
    assert again.messages == (a_message(2),)
    assert again.deliveries == ()
    assert again.unreadable == 4
    with closing(connect(folder / "journal.db")) as connection:
        assert connection.execute("SELECT count(*) FROM alarm").fetchone()[0] == 3


def test_text_that_is_no_text_stops_nothing(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    file._session.connection.execute("UPDATE delivery SET words = CAST(x'fffe41' AS TEXT)")
    crash(file)
    assert reopen(folder, hands).deliveries[0].words == "\ufffd\ufffdA"


def test_an_alarm_whose_message_was_lost_gets_one(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write([*a_raise(1), *a_raise(2)])
    file._session.connection.execute("DELETE FROM message WHERE alarm_id LIKE '%1'")
    crash(file)
    again = reopen(folder, hands)
    made = [m for m in again.messages if m.alarm_id == an_alarm(1).id]
    assert [m.kind for m in made] == [MessageKind.ALARM]
    assert made[0].created_at == an_alarm(1).raised_at
    assert reopen(folder, hands).messages == again.messages


def test_two_homes_cannot_have_one_journal(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    with pytest.raises(JournalInUseError) as caught:
        open_journal(folder, hands)
    assert caught.value.kind is TroubleKind.NOT_OPEN
    assert caught.value.retry
    file.close()
    reopen(folder, hands)


def test_a_file_that_is_removed_under_us_is_noticed(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    (folder / "journal.db").unlink()
    with pytest.raises(JournalRefusedError, match="removed or replaced") as caught:
        file.write(a_raise(2))
    assert caught.value.reopen
    crash(file)


def test_a_file_that_is_replaced_under_us_is_noticed_and_left_alone(
    folder: Path, hands: Hands
) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    other = folder / "other.db"
    other.write_bytes(b"another content")
    other.rename(folder / "journal.db")
    with pytest.raises(JournalRefusedError, match="removed or replaced"):
        file.write(a_raise(2))
    log = (folder / "journal.db-wal").read_bytes()
    file.close()
    assert (folder / "journal.db").read_bytes() == b"another content"
    assert (folder / "journal.db-wal").read_bytes() == log


def test_a_log_that_another_process_took_away_is_noticed(folder: Path, hands: Hands) -> None:
    """A backup that reads the file in this process drops sqlite's locks on it (how to corrupt, 2.2).

    A technician's shell that comes and goes then believes that it was the last, and tidies up. The
    newest sqlite looks at the lock on the index as well, older ones at the database's alone.
    """
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    (folder / "journal.db").read_bytes()
    (folder / "journal.db-shm").read_bytes()
    shell = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('SELECT count(*) FROM alarm').fetchall(); c.close()"
    )
    subprocess.run([sys.executable, "-c", shell, folder / "journal.db"], check=True)
    assert not (folder / "journal.db-wal").exists()
    with pytest.raises(JournalRefusedError, match="write-ahead log") as caught:
        file.write(a_raise(2))
    assert caught.value.reopen
    crash(file)
    again, recovered = open_journal(folder, hands)
    assert alarm_ids(recovered) == [an_alarm(1).id]
    again.write(a_raise(2))
    crash(again)
    assert alarm_ids(reopen(folder, hands)) == [an_alarm(1).id, an_alarm(2).id]


def test_the_log_is_merged_and_begins_anew(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    sizes = []
    for number in range(CHECKPOINT_EVERY * 4):
        file.write([PutMarker("counter", number), an_entry(number)])
        file.tidy()
        sizes.append((folder / "journal.db-wal").stat().st_size)
    assert max(sizes) == max(sizes[: CHECKPOINT_EVERY + 1]) < 2_000_000
    crash(file)
    assert reopen(folder, hands).markers == {"counter": CHECKPOINT_EVERY * 4 - 1}


def test_a_reader_does_not_hold_a_commit_up(folder: Path, hands: Hands) -> None:
    """A technician who looks at the living journal keeps it from being merged, nothing else."""
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    with closing(sqlite3.connect(folder / "journal.db", autocommit=True)) as shell:
        shell.execute("BEGIN")
        assert shell.execute("SELECT count(*) FROM alarm").fetchone() == (1,)
        for number in range(2, CHECKPOINT_EVERY + 10):
            file.write(a_raise(number))
            file.tidy()
        shell.execute("COMMIT")
    crash(file)
    assert len(reopen(folder, hands).alarms) == CHECKPOINT_EVERY + 9


def test_an_interrupted_transaction_leaves_nothing(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)

    def write_half() -> None:
        with file._session.transaction() as work:
            work.put_meta({"half": 1})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    file.write(a_raise(1))
    crash(file)
    again = reopen(folder, hands)
    assert again.alarms == (an_alarm(1),)
    assert again.audit_broken_at is None


def test_states_can_change_until_the_end(folder: Path, hands: Hands) -> None:
    file, _ = open_journal(folder, hands)
    file.write(a_raise(1))
    delivery = a_delivery(1)
    for state in DeliveryState:
        delivery = replace(delivery, state=state, attempts=delivery.attempts + 1)
        file.write([PutDelivery(delivery)])
    assert delivery.state is DeliveryState.WITHDRAWN
    crash(file)
    assert reopen(folder, hands).deliveries == (delivery,)
