"""What a press means (A2) and when it is a test (A9)."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.alarm.press import PressMeaning, TestWindow, read_press
from tests.support.samples import NOON, sample_alarm

SECONDS = st.floats(0, 3600, allow_nan=False)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("pressed", "receipt", "meaning"),
    [
        (4.9, None, PressMeaning.SAME_CALL),
        (5.0, None, PressMeaning.SAME_CALL),
        (5.1, None, PressMeaning.AGAIN),
        (3600, None, PressMeaning.AGAIN),  # nobody has it yet: no use in a second one
        (4.9, 1, PressMeaning.SAME_CALL),
        (5.1, 1, PressMeaning.AGAIN),
        (60, 1, PressMeaning.AGAIN),
        (61, 1, PressMeaning.AGAIN),
        (61.1, 1, PressMeaning.NEW),
        (62, 1, PressMeaning.NEW),
    ],
)
def test_a2_a_press_is_the_same_call_or_news_about_it_or_a_new_one(
    pressed: float, receipt: float | None, meaning: PressMeaning
) -> None:
    alarm = sample_alarm(last_press_at=NOON)
    receipt_at = None if receipt is None else NOON + after(receipt)
    assert read_press(alarm, receipt_at, NOON + after(pressed)) is meaning


def test_a2_a_repeat_counts_from_the_last_press_that_was_told_of() -> None:
    alarm = sample_alarm(last_press_at=NOON + after(59))
    receipt_at = NOON
    assert read_press(alarm, receipt_at, NOON + after(61)) is PressMeaning.SAME_CALL
    assert read_press(alarm, receipt_at, NOON + after(65)) is PressMeaning.NEW


@given(st.sampled_from(AlarmState), st.booleans(), st.none() | SECONDS, SECONDS)
def test_a2_only_an_open_alarm_that_is_no_test_takes_presses_in(
    state: AlarmState, test: bool, receipt: float | None, pressed: float
) -> None:
    alarm = sample_alarm(state=state, test=test, last_press_at=NOON)
    receipt_at = None if receipt is None else NOON + after(receipt)
    meaning = read_press(alarm, receipt_at, NOON + after(pressed))
    if test or not alarm.is_open:
        assert meaning is PressMeaning.NEW
    elif pressed <= 5:
        assert meaning is PressMeaning.SAME_CALL
    elif receipt is not None and NOON + after(pressed) - (NOON + after(receipt)) > after(60):
        assert meaning is PressMeaning.NEW
    else:
        assert meaning is PressMeaning.AGAIN


def test_a2_the_first_press_of_all_is_a_new_alarm() -> None:
    assert read_press(None, None, NOON) is PressMeaning.NEW


def test_a2_an_alarm_that_was_not_pressed_counts_from_when_it_was_sensed() -> None:
    assert read_press(sample_alarm(), None, NOON + after(4)) is PressMeaning.SAME_CALL
    assert read_press(sample_alarm(), None, NOON + after(6)) is PressMeaning.AGAIN


@given(st.floats(0, 1e6), st.floats(0, 600, exclude_min=True))
def test_a9_an_announcement_is_for_one_press_of_one_device_within_two_minutes(
    announced: float, later: float
) -> None:
    window = TestWindow()
    window.announce(3, announced)
    pressed = announced + later
    in_time = pressed <= announced + 120
    assert not window.is_announced(4, pressed)
    assert not window.take(4, pressed)
    assert window.is_announced(3, pressed) == in_time
    assert window.take(3, pressed) == in_time
    assert not window.is_announced(3, pressed)
    assert not window.take(3, pressed)


def test_a9_what_follows_within_a_moment_is_the_same_movement() -> None:
    window = TestWindow()
    window.announce(3, 100.0)
    assert not window.is_echo(3, 100.0)
    assert window.take(3, 110.0)
    assert window.is_echo(3, 110.25)
    assert not window.is_echo(3, 110.35)
    assert not window.is_echo(4, 110.1)


def test_a9_an_announcement_can_be_withdrawn() -> None:
    window = TestWindow()
    window.withdraw(3)
    window.announce(3, 0.0)
    window.withdraw(3)
    assert not window.take(3, 1.0)
